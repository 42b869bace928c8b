//! Mail by the calendar: each moment once, whoever is first; what was missed by too much is skipped.

use loyalty::op::{Body, Private};
use loyalty::rules::Move;
use loyalty::{ShopId, UtcMs};
use relay::mail::jobs::{self, Job};
use relay::store::Db;

use crate::harness::Place;
use crate::mail_shop::{MINUTE, Shop, now};
use crate::on_both;
use crate::smtp::Mode;

on_both! { balances_are_told_in_the_evening_once, a_calendar_is_set_seen_and_ended }

/// A shop with two members who may be written to, one of whom was here today. No relay runs.
fn evening(place: &Place) -> (Shop<'_>, ShopId) {
    let shop = Shop::new(place, Mode::Tls);
    let relay = shop.serve();
    let mut till = shop.till(&relay);
    let nadia = shop.agrees(&mut till, "+16195550123", "nadia@example.com");
    let bea = shop.agrees(&mut till, "+16195550124", "bea@example.com");
    till.sells("a", Some(nadia), 12, Move::Add);
    till.sells("b", Some(bea), 5, Move::Add);
    till.syncs(&relay).unwrap();
    till.does(&Body::ConsentWithdrawn { member: bea }, &Private::default());
    till.syncs(&relay).unwrap();
    shop.arrives("nadia@example.com", 1);
    shop.has_confirmed(nadia, "nadia@example.com");
    shop.has_confirmed(bea, "bea@example.com");
    assert!(relay.stop().0);
    let id = ShopId(shop.id.parse().unwrap());
    // By its calendar it could come between, depending on the day.
    shop.within(async |db| {
        for job in [Job::Lapsing, Job::Summary] {
            jobs::set(db, id, job, None, UtcMs(0)).await.unwrap();
        }
    });
    (shop, id)
}

fn round(shop: &Shop<'_>, at: i64) -> usize {
    shop.within(async |db| jobs::round(db, None, UtcMs(at)).await.unwrap())
}

fn balances_are_told_in_the_evening_once(place: &Place) {
    let (shop, id) = evening(place);
    let began = now();
    shop.within(async |db| {
        jobs::set(db, id, Job::Balance, Some("0 19 * * *"), UtcMs(began))
            .await
            .unwrap()
    });
    let (all, _) = shop.within(async |db| jobs::list(db, id, UtcMs(began)).await.unwrap());
    let planned = all[0].next_at.unwrap().0;
    assert!(planned > began && planned - began <= UtcMs::DAY_MS + 60 * MINUTE);
    assert_eq!(round(&shop, planned - 1), 0);
    // Several relays see at once that it is time.
    let ran = shop.within(async |_| {
        let one = async || {
            let db = Db::connect(&place.url, 2).await.unwrap();
            let ran = jobs::round(&db, None, UtcMs(planned)).await.unwrap();
            db.close().await;
            ran
        };
        let (a, b, c) = tokio::join!(one(), one(), one());
        a + b + c
    });
    assert_eq!(ran, 1);
    assert_eq!(round(&shop, planned + MINUTE), 0);
    shop.works(&[planned + MINUTE]);
    let mails = shop.smtp.to("nadia@example.com");
    assert_eq!(mails.len(), 2);
    assert!(String::from_utf8_lossy(&mails[1]).contains("Subject: 12 points at Corner"));
    assert_eq!(
        place.texts("SELECT why FROM mails WHERE kind = 'balance' AND state = 'cancelled'"),
        ["no_consent"]
    );
    // Nobody was here since; and a moment that was missed by hours is skipped.
    let next = planned + UtcMs::DAY_MS + 5 * 60 * MINUTE;
    assert_eq!(round(&shop, next), 1);
    assert_eq!(round(&shop, next + MINUTE), 0);
    let (_, runs) = shop.within(async |db| jobs::list(db, id, UtcMs(next)).await.unwrap());
    let outcomes: Vec<_> = runs.iter().map(|run| (run.outcome.as_str(), run.made)).collect();
    assert_eq!(outcomes, [("skipped", 0), ("done", 2)]);
    assert_eq!(shop.smtp.to("nadia@example.com").len(), 2);
}

fn a_calendar_is_set_seen_and_ended(place: &Place) {
    let (shop, _) = evening(place);
    let said = shop.mail(&["jobs", &shop.id, "--set", "every day"]).unwrap_err();
    assert!(said.contains("is no calendar"), "{said}");
    shop.mail(&["jobs", &shop.id, "--set", "0 19 * * *"]).unwrap();
    let shown = place.command(&["mail", "jobs", &shop.id, "--json"]);
    assert_eq!(shown["jobs"][0]["calendar"], "0 19 * * *");
    assert!(shown["jobs"][0]["next_at"].is_number() || shown["jobs"][0]["next_at"].is_string());
    // Now, whatever the calendar says.
    let said = shop.mail(&["jobs", &shop.id, "--run"]).unwrap();
    assert!(said.contains("2 mails"), "{said}");
    let shown = place.command(&["mail", "jobs", &shop.id, "--off", "--json"]);
    assert_eq!(
        (
            shown["jobs"].as_array().unwrap().len(),
            shown["runs"].as_array().unwrap().len()
        ),
        (0, 1)
    );
}
