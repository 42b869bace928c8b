//! Whoever gets a mail from another shop can stop them: from the mail itself, by a real button, and not by a scanner.

use std::collections::BTreeSet;
use sync::outreach::OutreachRequest;

use crate::harness::Place;
use crate::linking::browser;
use crate::mail_shop::{link, now, post, read};
use crate::on_both;
use crate::outreach_owner::{LATER, Owner, decide};

on_both! { a_partner_stops_them_from_the_mail_itself }

/// All addresses of this relay in a message: in its headers, its text and its HTML.
fn links(bytes: &[u8]) -> BTreeSet<String> {
    let message = read(bytes);
    let all = [
        String::from_utf8_lossy(bytes).into_owned(),
        message.body_text(0).unwrap().into_owned(),
        message.body_html(0).unwrap().into_owned(),
    ];
    let ends = |c: char| c.is_whitespace() || "<>\"()".contains(c);
    let found = all
        .iter()
        .flat_map(|text| text.split(ends))
        .filter(|word| word.starts_with("http"));
    found.map(str::to_owned).collect()
}

fn a_partner_stops_them_from_the_mail_itself(place: &Place) {
    let owner = Owner::new(place);
    owner.draft(&["solare"]);
    owner.state(&decide(&[&owner.of("solare")], true));
    owner.shop.works(&[now() + LATER]);
    let arrived = owner.shop.smtp.to("hello@solare.example").remove(0);
    let message = read(&arrived);
    // The link stands in both parts, where it can be seen, beside the headers for mail programs.
    let stop = link(&arrived, "/mail/stop?t=");
    let html = message.body_html(0).unwrap();
    assert!(
        html.contains(&format!("{stop}\"")) && html.contains("Stop these mails"),
        "{html}"
    );
    let text = message.body_text(0).unwrap();
    assert!(
        text.contains("wrote to you as one shop to another.") && !text.contains("you asked"),
        "{text}"
    );
    let raw = String::from_utf8_lossy(&arrived)
        .replace("\r\n ", "")
        .replace("\r\n\t", "");
    assert!(
        raw.contains("List-Unsubscribe: <") && raw.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"),
        "{raw}"
    );
    // A scanner opens every link of it, twice.
    let before = links(&arrived);
    assert!(
        before.iter().any(|link| link.contains("/ref/solare")) && before.iter().any(|link| link.contains("/mail/stop"))
    );
    for url in before
        .iter()
        .chain(&before)
        .filter(|url| url.starts_with("https://relay.example.com"))
    {
        let path = &url["https://relay.example.com".len()..];
        let answer = browser().get(format!("{}{path}", owner.relay.url)).send().unwrap();
        assert!(
            answer.status().is_success() || answer.status().is_redirection(),
            "{path}: {}",
            answer.status()
        );
    }
    assert_eq!(place.number("SELECT count(*) FROM mail_unwanted"), 0);
    let vendor = || {
        owner
            .state(&OutreachRequest::Look)
            .vendors
            .into_iter()
            .find(|one| one.code == "solare")
            .unwrap()
    };
    assert_eq!(vendor().closed, None);
    // One waits and one is on its way when the button is pressed.
    owner.draft(&["solare"]);
    owner.state(&decide(&[&owner.of("solare")], true));
    owner.draft(&["solare", "bakery"]);
    let (code, said) = post(&owner.relay, &stop);
    assert!(
        code == 200 && said.contains("You get no more mail like that from us."),
        "{code}: {said}"
    );
    owner.state(&decide(&[&owner.of("solare"), &owner.of("bakery")], true));
    owner.shop.works(&[now() + LATER, now() + LATER + 1]);
    assert_eq!(owner.shop.smtp.to("hello@solare.example").len(), 1, "no further one");
    assert_eq!(owner.shop.smtp.to("hello@bakery.example").len(), 1, "others get theirs");
    // The owner sees why, with each of them and where vendors are chosen; and none is drafted any more.
    let mails = owner.state(&OutreachRequest::Look).mails;
    let whys: Vec<_> = mails
        .iter()
        .filter(|one| one.code == "solare")
        .map(|one| (one.state.as_str(), one.why.as_deref()))
        .collect();
    assert_eq!(
        whys,
        [
            ("cancelled", Some("not_wanted")),
            ("cancelled", Some("not_wanted")),
            ("sent", None)
        ]
    );
    assert_eq!(vendor().closed.as_deref(), Some("not_wanted"));
    assert_eq!(owner.draft(&["solare"]).passed.unwrap()[0].why, "not_wanted");
    assert_eq!(owner.waiting(), 0);
}
