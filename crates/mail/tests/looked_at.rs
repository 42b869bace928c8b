//! The mails as the page tests look at them: kept beside those tests, and renewed by `RENEW=1 cargo test -p mail`.

use mail::month::Bar;
use mail::{Footer, Kind, Language, Look, Name, Values, Voice, render};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/tests/pages/relay");

fn bar(label: &str, now: i64, before: i64) -> Bar {
    Bar {
        label: label.to_owned(),
        now,
        before,
    }
}

fn html(kind: Kind, language: Language, look: &Look) -> String {
    let values = Values::new()
        .text(Name::Member, "Nadia Quill")
        .text(Name::Shop, "Harbour Coffee")
        .number(Name::Balance, 120)
        .number(Name::PointsToNext, 30)
        .text(Name::Reward, "Free coffee")
        .text(Name::Code, "7KQ-2M9-XRA")
        .link(Name::ReferralLink, "https://relay.example.com/ref/7kq2m9xra")
        .link(Name::SignInLink, "https://relay.example.com/me/shop/in?t=x")
        .link(Name::ConfirmLink, "https://relay.example.com/mail/confirm?t=x")
        .number(Name::Weeks, 6)
        .text(Name::Month, "October 2026")
        .number(Name::Joins, 14)
        .number(Name::Visits, 412)
        .number(Name::PointsGiven, 3_907)
        .number(Name::RewardsGiven, 31)
        .number(Name::Referrals, 5)
        .number(Name::WinBacks, 2)
        .text(Name::Document, "rules")
        .text(
            Name::Place,
            "https://docs.google.com/document/d/1aBcDeFgHiJkLmNoPqRsTuVwXyZ-0123456789_abc/edit",
        )
        .text(
            Name::Problem,
            "Line 3, column 18: Expected a day, such as Tuesday or 24 December. Did you mean `Tuesday`?",
        )
        .bars(vec![
            bar("Visits", 412, 380),
            bar("New members", 14, 9),
            bar("Came back", 2, 0),
        ])
        .text(
            Name::Story,
            "A good month: more visits than in September, and five friends came along.",
        );
    let footer = Footer {
        shop: "Harbour Coffee",
        postal: "1 Pier Road, San Diego CA 92101",
        stop: kind
            .can_be_stopped()
            .then_some("https://relay.example.com/mail/stop?t=abc"),
    };
    render(&Voice::default(), kind, language, &values, &footer, look).html
}

#[test]
fn pages_that_are_looked_at_are_those_that_are_sent() {
    let yellow = Look {
        accent: [0xff, 0xcc, 0],
        on_accent: [0; 3],
    };
    let pages = [
        ("mail-confirm", html(Kind::Confirm, Language::En, &Look::default())),
        ("mail-sign-in", html(Kind::SignIn, Language::En, &Look::default())),
        ("mail-welcome", html(Kind::Welcome, Language::Es, &yellow)),
        ("mail-reward", html(Kind::RewardEarned, Language::En, &Look::default())),
        ("mail-month", html(Kind::MonthlySummary, Language::En, &Look::default())),
        (
            "mail-document",
            html(Kind::DocumentProblem, Language::En, &Look::default()),
        ),
    ];
    for (name, html) in pages {
        let path = format!("{FOLDER}/{name}.html");
        if std::env::var_os("RENEW").is_some() {
            std::fs::write(&path, &html).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == html,
            "{name}.html is not what is sent: RENEW=1 cargo test -p mail"
        );
        assert!(
            !html.contains("<script") && !html.contains("<img") && !html.contains("url("),
            "{name}"
        );
    }
}
