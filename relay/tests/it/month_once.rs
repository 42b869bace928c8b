//! A model is asked about a month once, whichever of several relays does it, also where one dies while it asks.

use loyalty::UtcMs;
use relay::mail::jobs::{self, Job};
use relay::mail::narrative::asked;
use relay::mail::seal::Key;
use relay::store::Db;

use crate::endpoint::{Endpoint, Manner};
use crate::harness::Place;
use crate::mail_shop::{KEY, read};
use crate::month::{Past, past};
use crate::on_both;

on_both! { of_three_relays_one_asks, where_one_dies_the_next_asks }

const GOOD: &str = "May was a fine month: 2 visits against 1 in April, which is 100% more, and 12 points for 5 spent.";

fn with_a_model(past: &Past<'_>, endpoint: &Endpoint) {
    let shop = &past.shop;
    let said = [
        "narrative",
        &shop.id,
        "--provider",
        "openai",
        "--model",
        "m",
        "--url",
        &endpoint.url,
    ];
    shop.mail(&said).unwrap();
    endpoint.behaves(Manner::Says(GOOD.to_owned()));
}

/// A relay of its own at the moment `planned`, as it is `now`: whether it ran the job.
async fn runs(place: &Place, past: &Past<'_>, planned: i64, now: i64) -> bool {
    let db = Db::connect(&place.url, 2).await.unwrap();
    let key = Key::of(KEY);
    let ran = jobs::run(&db, Some(&key), past.id, Job::Summary, UtcMs(planned), UtcMs(now)).await;
    db.close().await;
    ran.unwrap()
}

fn of_three_relays_one_asks(place: &Place) {
    let (past, endpoint) = (past(place), Endpoint::start());
    with_a_model(&past, &endpoint);
    let at = past.told_at;
    let all = past.shop.within(async |_| {
        tokio::join!(
            runs(place, &past, at, at + 1),
            runs(place, &past, at, at + 2),
            runs(place, &past, at, at + 3)
        )
    });
    assert_eq!([all.0, all.1, all.2].into_iter().filter(|ran| *ran).count(), 1);
    assert_eq!(endpoint.asked().len(), 1);
    // Nor does one that looked before it was done and comes after it, however late.
    let late = at + 2 * asked::lease_ms();
    assert!(!past.shop.within(async |_| runs(place, &past, at, late).await));
    assert!(endpoint.asked().is_empty());
    past.shop.works(&[late, late + 1]);
    let mails = past.shop.smtp.to("owner@corner.example");
    assert_eq!(mails.len(), 1);
    assert!(read(&mails[0]).body_text(0).unwrap().contains("which is 100% more"));
}

fn where_one_dies_the_next_asks(place: &Place) {
    let (past, endpoint) = (past(place), Endpoint::start());
    with_a_model(&past, &endpoint);
    let at = past.told_at;
    // One took it on, and is not heard of again.
    let took = past
        .shop
        .within(async |db| asked::claim(db, past.id, UtcMs(at), UtcMs(at)).await.unwrap());
    assert!(took);
    let soon = at + asked::lease_ms() - 1;
    assert!(!past.shop.within(async |_| runs(place, &past, at, soon).await));
    assert!(endpoint.asked().is_empty());
    assert!(past.shop.within(async |_| runs(place, &past, at, soon + 1).await));
    assert_eq!(endpoint.asked().len(), 1);
    // By hand it is asked each time.
    let by_hand = soon + 60_000;
    assert!(past.shop.within(async |_| runs(place, &past, by_hand, by_hand).await));
    assert_eq!(endpoint.asked().len(), 1);
}
