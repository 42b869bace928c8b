//! The owner's month by mail: its figures, once, and in whose words. A model is asked at an endpoint of the tests' own,
//! which speaks each protocol, lies, hangs, breaks off and answers rubbish on command.

use loyalty::hlc::Hlc;
use loyalty::op::{Body, Kind, Private};
use loyalty::rules::Move;
use loyalty::{EntryId, MemberId, ShopId, UtcMs};
use relay::mail::jobs::{self, Job};
use relay::mail::narrative::{self, Told};
use relay::mail::seal::Key;
use relay::mail::{figures, summary};
use relay::store::Db;
use serde_json::Value;
use std::time::Duration;

use crate::endpoint::{Endpoint, Manner};
use crate::harness::{PATIENCE, Place};
use crate::mail_shop::{KEY, Shop, now, read};
use crate::on_both;
use crate::smtp::Mode;
use crate::till::{Till, id};

on_both! {
    the_owner_gets_the_month_once_with_its_figures,
    a_model_is_asked_with_totals_alone_and_believed_as_far_as_they_go
}

const RULES: &str = "Earn 1 point per $1\nReward 5 points: Free coffee, costs $1.20\n";

fn sells(till: &mut Till, sale: &str, member: MemberId, points: i64, at: i64) -> EntryId {
    let entry = EntryId(id());
    let body = Body::SaleRecorded {
        source: "pos".into(),
        sale_id: sale.into(),
        member: Some(member),
        entry: Some(entry),
        total_minor: 100 * points,
        tax_minor: 0,
        tip_minor: 0,
        items: Vec::new(),
        occurred_at: UtcMs(at),
        move_: Move::Add,
        points,
        rules_version: 1,
        reasons: Vec::new(),
        stamps: Vec::new(),
    };
    till.does(&body, &Private::default());
    entry
}

/// A shop with a past: two months of it, and the moment a week later at which the month is told.
pub struct Past<'a> {
    pub shop: Shop<'a>,
    pub id: ShopId,
    /// In the middle of the month before last, of the last one, and a week into this one.
    before: i64,
    last: i64,
    pub told_at: i64,
}

pub fn past(place: &Place) -> Past<'_> {
    let shop = Shop::new(place, Mode::Tls);
    let id = ShopId(shop.id.parse().unwrap());
    shop.within(async |db| {
        for job in [Job::Lapsing, Job::Summary] {
            jobs::set(db, id, job, None, UtcMs(0)).await.unwrap();
        }
    });
    let relay = shop.serve();
    let mut till = shop.till(&relay);
    // Nothing here is of today: months by their own names, whatever day it is. 15 April and 15 May 2024, 8 June.
    let (before, last, told_at) = (1_713_200_000_000, 1_715_800_000_000, 1_717_862_400_000);
    till.began = before;
    let text = RULES.to_owned();
    till.does(
        &Body::RulesPublished {
            version: 1,
            text,
            clock: Hlc::at(UtcMs(before)),
        },
        &Private::default(),
    );
    let ana = till.enrols("+16195550123");
    sells(&mut till, "a", ana, 10, before);
    till.began = last;
    let bea = shop.agrees(&mut till, "+16195550124", "bea@example.com");
    let joined = Body::ReferralJoined {
        member: bea,
        code: "x".into(),
        referrer: Some(ana),
        doubts: Vec::new(),
    };
    till.does(&joined, &Private::default());
    sells(&mut till, "b", ana, 7, last);
    sells(&mut till, "c", bea, 5, last);
    let undone = sells(&mut till, "d", bea, 100, last);
    let redeemed = EntryId(loyalty::EntryId(crate::till::id()).0);
    for entry in [redeemed, EntryId(crate::till::id())] {
        let body = Body::RewardRedeemed {
            entry,
            member: ana,
            reward: "Free coffee".into(),
            points: 5,
            lots: 1,
            reasons: Vec::new(),
            rules_version: 1,
            sale: None,
            approved_by: None,
        };
        till.does(&body, &Private::default());
    }
    for (reverses, of, points, sale) in [(undone, Kind::Earn, -100, Some("d")), (redeemed, Kind::Redeem, 5, None)] {
        let sale = sale.map(|sale_id| loyalty::op::SaleKey {
            source: "pos".into(),
            sale_id: sale_id.into(),
        });
        let member = if points < 0 { bea } else { ana };
        let body = Body::EntryReversed {
            entry: EntryId(crate::till::id()),
            reverses,
            of,
            member,
            points,
            sale,
            stamps: Vec::new(),
        };
        till.does(&body, &Private::default());
    }
    till.syncs(&relay).unwrap();
    assert!(relay.stop().0);
    Past {
        shop,
        id,
        before,
        last,
        told_at,
    }
}

fn the_owner_gets_the_month_once_with_its_figures(place: &Place) {
    let past = past(place);
    let (shop, id, at) = (&past.shop, past.id, past.told_at);
    assert!(past.before < past.last);
    let month = shop.within(async |db| figures::last_month(db, id, UtcMs(at)).await.unwrap().unwrap());
    assert_eq!((month.year, month.month), (2024, 5));
    let (now_, before) = (month.now, month.before);
    assert_eq!(
        (
            before.joins,
            before.visits,
            before.points_given,
            before.rewards_given,
            before.cost_minor
        ),
        (1, 1, 10, 0, Some(0))
    );
    assert_eq!(
        (
            now_.joins,
            now_.visits,
            now_.points_given,
            now_.points_spent,
            now_.rewards_given
        ),
        (1, 2, 12, 5, 1)
    );
    assert_eq!((now_.cost_minor, now_.referrals, now_.win_backs), (Some(120), 1, 0));
    // Three relays at the moment of one calendar.
    let ran = shop.within(async |_| {
        let one = async || {
            let db = Db::connect(&place.url, 2).await.unwrap();
            let ran = jobs::run(&db, None, id, Job::Summary, UtcMs(at), UtcMs(at + 1))
                .await
                .unwrap();
            db.close().await;
            usize::from(ran)
        };
        let (a, b, c) = tokio::join!(one(), one(), one());
        a + b + c
    });
    assert_eq!(ran, 1);
    // Another calendar's moment of the same month is the same mail.
    shop.within(async |db| {
        jobs::run(db, None, id, Job::Summary, UtcMs(at + 5), UtcMs(at + 6))
            .await
            .unwrap()
    });
    shop.works(&[at + 10, at + 20]);
    let mails = shop.smtp.to("owner@corner.example");
    assert_eq!(mails.len(), 1);
    let mail = read(&mails[0]);
    assert_eq!(mail.subject(), Some("Corner in May 2024"));
    assert!(mail.header_raw("List-Unsubscribe").is_none(), "it is the owner's own");
    let (text, html) = (
        mail.body_text(0).unwrap().into_owned(),
        mail.body_html(0).unwrap().into_owned(),
    );
    assert!(
        text.contains("May brought 2 visits, 100% more than April (1)."),
        "{text}"
    );
    assert!(text.contains("which cost $1.20 by your rules"), "{text}");
    assert!(
        text.contains("Visits") && text.contains("#################### 2"),
        "{text}"
    );
    assert!(
        html.contains("<th scope=\"row\"") && !html.contains("<img") && !html.contains("http"),
        "{html}"
    );
    for word in ["Nadia", "bea@example.com", "619555"] {
        assert!(!text.contains(word) && !html.contains(word), "{word}");
    }
    // By hand it goes out again; in Spanish where the shop speaks it.
    shop.write("voice", "Language: es\n\n[balance]\nSubject: x\n\nx\n");
    shop.mail(&["voice", "publish", &shop.id, &shop.file("voice")]).unwrap();
    let told = shop.within(async |db| summary::prepare(db, None, id, UtcMs(at)).await.unwrap().unwrap().1);
    assert!(
        told.story
            .starts_with("En mayo hubo 2 visitas, un 100 % más que en abril (1)."),
        "{}",
        told.story
    );
    shop.within(async |db| {
        jobs::run(db, None, id, Job::Summary, UtcMs(at + 30), UtcMs(at + 30))
            .await
            .unwrap()
    });
    shop.works(&[at + 40]);
    let mails = shop.smtp.to("owner@corner.example");
    assert_eq!(read(&mails[1]).subject(), Some("Corner en mayo de 2024"));
    // The first Monday, and two weeks late at the most.
    shop.mail(&["jobs", &shop.id, "--job", "summary", "--set", "0 9 * * MON#1"])
        .unwrap();
    let next = shop.within(async |db| jobs::list(db, id, UtcMs(now())).await.unwrap().0[0].next_at.unwrap().0);
    let round = |at: i64| shop.within(async |db| jobs::round(db, None, UtcMs(at)).await.unwrap());
    assert_eq!(
        (
            round(next - 1),
            round(next + 13 * UtcMs::DAY_MS),
            round(next + 13 * UtcMs::DAY_MS)
        ),
        (0, 1, 0)
    );
}

fn a_model_is_asked_with_totals_alone_and_believed_as_far_as_they_go(place: &Place) {
    let past = past(place);
    let (shop, id, at) = (&past.shop, past.id, UtcMs(past.told_at));
    let (endpoint, key) = (Endpoint::start(), Key::of(KEY));
    shop.write("secret", "very-secret\n");
    let tell_within = |patience: Duration| -> Told {
        shop.within(async |db| {
            let month = figures::last_month(db, id, at).await.unwrap().unwrap();
            let said = (&month, mail::Language::En);
            narrative::tell_within(db, Some(&key), id, said, at, patience)
                .await
                .unwrap()
        })
    };
    // Whatever the machine is busy with, an answer that comes is waited for.
    let tell = || tell_within(PATIENCE);
    let template = tell();
    assert_eq!((template.by_model, &template.problem), (false, &None));
    // Each protocol, with its own way to show the secret.
    let good = "May was a fine month: 2 visits against 1 in April, which is 100% more, and 12 points for 5 spent.";
    let secret = shop.file("secret");
    let set = |provider: &str, more: &[&str]| {
        let mut all = vec![
            "narrative",
            &shop.id,
            "--provider",
            provider,
            "--model",
            "some.model-v1:0",
            "--url",
            &endpoint.url,
        ];
        all.extend(["--secret-file", &secret]);
        all.extend(more);
        shop.mail(&all).unwrap()
    };
    for (provider, more, path, shown) in [
        ("anthropic", &[][..], "/v1/messages", "x-api-key: very-secret"),
        ("openai", &[], "/chat/completions", "authorization: Bearer very-secret"),
        (
            "bedrock",
            &["--region", "eu-central-1", "--key-id", "AKIDEXAMPLE"],
            "/model/some.model-v1%3A0/converse",
            "authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20240608/eu-central-1/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=",
        ),
    ] {
        let said = set(provider, more);
        assert!(
            said.contains("some.model-v1:0") && !said.contains("very-secret"),
            "{said}"
        );
        endpoint.behaves(Manner::Says(good.to_owned()));
        assert_eq!(
            tell(),
            Told {
                story: good.to_owned(),
                by_model: true,
                problem: None
            },
            "{provider}"
        );
        let asked = endpoint.asked();
        let [(asked_path, headers, body)] = asked.as_slice() else {
            panic!("{provider}: {asked:?}")
        };
        assert_eq!(asked_path, path);
        assert!(
            headers.iter().any(|line| line.starts_with(shown)),
            "{provider}: {headers:?}"
        );
        // Totals, and nothing that is anybody's or the shop's.
        let body = body.to_string();
        assert!(body.contains("visits"), "{body}");
        let ids = place.texts("SELECT code FROM referral_codes");
        let of_members = [
            "Nadia",
            "Quill",
            "bea@",
            "example.com",
            "619555",
            "Corner",
            "pos",
            "Free coffee",
            &shop.id,
        ];
        for word in of_members.into_iter().chain(ids.iter().map(String::as_str)) {
            assert!(!body.contains(word), "{word} in {body}");
        }
        for row in place.texts("SELECT DISTINCT body FROM ops WHERE body LIKE '%member_enrolled%'") {
            let member: Value = serde_json::from_str(&row).unwrap();
            assert!(!body.contains(member["member"].as_str().unwrap()));
        }
    }
    // It lies, says nothing, breaks off, answers rubbish, hangs: the template, and the owner sees why.
    for (manner, why, times) in [
        (
            Manner::Says("May was a fine month: 3 visits against 1 in April, a joy.".into()),
            "\"3\" is not borne out",
            1,
        ),
        (
            Manner::Says("Visits tripled in May against April, what a fine month.".into()),
            "tripled",
            1,
        ),
        (
            Manner::Says("2 visits in May. Read http://elsewhere.example now.".into()),
            "http",
            1,
        ),
        (
            Manner::Says("May was a fine month: 2 visits, 1 fewer than in April.".into()),
            "\"fewer\" is not borne out",
            1,
        ),
        (
            Manner::Says("Visits fell from 1 to 2 in May, and 12 points were given.".into()),
            "\"fell\"",
            1,
        ),
        (
            Manner::Says("En mayo hubo 2 visitas, 1 menos que en abril, y nada malo.".into()),
            "\"menos\"",
            1,
        ),
        (
            Manner::Says("More people than ever came in May, a fine month of 2 visits.".into()),
            "\"more\"",
            1,
        ),
        (Manner::Says(String::new()), "can't be read", 1),
        (Manner::Answers(200, "<html>".into()), "can't be read", 1),
        (Manner::Answers(200, "{\"output\": 7}".into()), "can't be read", 1),
        (Manner::Answers(500, String::new()), "answered 500", 2),
        (Manner::Answers(429, String::new()), "answered 429", 2),
        (Manner::Answers(403, String::new()), "answered 403", 1),
        (Manner::Answers(307, String::new()), "answered 307", 1),
        (Manner::Floods, "too long", 1),
        (Manner::HangsUp, "can't be reached", 2),
    ] {
        endpoint.behaves(manner.clone());
        let told = tell();
        assert_eq!((&told.story, told.by_model), (&template.story, false), "{manner:?}");
        assert!(
            told.problem.as_ref().is_some_and(|said| said.contains(why)),
            "{manner:?}: {told:?}"
        );
        assert_eq!(endpoint.asked().len(), times, "{manner:?}");
        assert!(shop.mail(&["narrative", &shop.id]).unwrap().contains(why));
    }
    endpoint.behaves(Manner::Hangs);
    let told = tell_within(Duration::from_millis(500));
    assert_eq!((&told.story, told.by_model), (&template.story, false));
    assert_eq!(told.problem.as_deref(), Some("The model took too long."));
    endpoint.asked();
    // Without the key the secret stays where it is; over an open line it is never set.
    let told = shop.within(async |db| {
        let month = figures::last_month(db, id, at).await.unwrap().unwrap();
        narrative::tell(db, None, id, &month, mail::Language::En, at)
            .await
            .unwrap()
    });
    assert!(told.problem.unwrap().contains("no key") && endpoint.asked().is_empty());
    let said = shop.mail(&[
        "narrative",
        &shop.id,
        "--provider",
        "openai",
        "--model",
        "m",
        "--url",
        "http://example.com/v1",
    ]);
    assert!(said.unwrap_err().contains("https"));
    assert!(!place.texts("SELECT model FROM narratives").is_empty());
    shop.mail(&["narrative", &shop.id, "--off"]).unwrap();
    assert_eq!(tell(), template);
}
