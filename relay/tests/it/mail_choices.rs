//! Choosing which mails one wants, on the page that a mail's link leads to; without signing in.

use loyalty::{MemberId, ShopId, UtcMs};
use mail::Kind;
use relay::mail::queue::{self, New};
use relay::mail::token::{Purpose, Token, hidden};
use serde_json::{Value, json};

use crate::harness::{Place, Relay, until};
use crate::linking::browser;
use crate::mail_shop::{Shop, heard, link, now, post};
use crate::on_both;
use crate::smtp::Mode;
use crate::till::Till;

on_both! {
    a_member_chooses_which_mails_they_want, whatever_is_no_choice_stops_all_mail, who_is_no_member_stops_what_others_get,
}

fn page(relay: &Relay, path: &str) -> String {
    browser()
        .get(format!("{}{path}", relay.url))
        .send()
        .unwrap()
        .text()
        .unwrap()
}

fn form(relay: &Relay, path: &str, body: String) -> String {
    let request = browser().post(format!("{}{path}", relay.url)).body(body);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = request.send().unwrap();
    assert_eq!(answer.status(), 200);
    answer.text().unwrap()
}

/// A member who gets mail, and the link in it.
fn reader<'a>(place: &'a Place) -> (Shop<'a>, Relay, Till, MemberId, String) {
    let shop = Shop::new(place, Mode::Tls);
    let relay = shop.serve();
    let mut till = shop.till(&relay);
    let member = shop.agrees(&mut till, "+16195550123", "nadia@example.com");
    till.syncs(&relay).unwrap();
    shop.arrives("nadia@example.com", 1);
    shop.has_confirmed(member, "nadia@example.com");
    assert!(shop.queues(Kind::Balance, member, "first", now()));
    let stop = link(&shop.arrives("nadia@example.com", 2), "/mail/stop?t=");
    (shop, relay, till, member, stop)
}

fn a_member_chooses_which_mails_they_want(place: &Place) {
    let (shop, relay, mut till, member, stop) = reader(place);
    let said = page(&relay, &stop);
    assert_eq!(
        (
            said.matches("type=\"checkbox\"").count(),
            said.matches(" checked").count()
        ),
        (4, 4),
        "{said}"
    );
    let said = form(
        &relay,
        &stop,
        "choose=yes&kind=reward_earned&kind=we_miss_you&kind=nonsense".into(),
    );
    assert!(said.contains("You get mail from us about what you chose"), "{said}");
    let said = page(&relay, &stop);
    assert_eq!(
        (
            said.matches("type=\"checkbox\"").count(),
            said.matches(" checked").count()
        ),
        (4, 2),
        "{said}"
    );
    assert!(shop.queues(Kind::Balance, member, "second", now()));
    until("it is cancelled", || shop.count("cancelled") == 1);
    assert_eq!(
        place.texts("SELECT why FROM mails WHERE state = 'cancelled'"),
        ["not_wanted"]
    );
    assert!(shop.queues(Kind::RewardEarned, member, "second", now()));
    shop.arrives("nadia@example.com", 3);
    // Whoever runs the relay sees it; the tills need not: it is no withdrawal.
    let who: Value = place.command(&["mail", "who", &shop.id, "--member", &member.to_string(), "--json"]);
    assert_eq!((&who["agreed"], &who["confirmed"]), (&json!(true), &json!(true)));
    assert_eq!(who["unwanted"], json!(["balance", "referral_joined"]));
    let said = shop.mail(&["who", &shop.id, "--address", "NADIA@example.com"]).unwrap();
    assert!(
        said.contains("takes mail") && said.contains("Not wanted: balance, referral_joined."),
        "{said}"
    );
    let queue = place.command(&["mail", "queue", &shop.id, "--json"]);
    assert_eq!(queue["unwanted"], json!({"balance": 1, "referral_joined": 1}));
    till.syncs(&relay).unwrap();
    assert!(heard(&till).is_empty());
    // And back again.
    form(&relay, &stop, "choose=yes&kind=balance".into());
    assert!(shop.queues(Kind::Balance, member, "third", now()));
    shop.arrives("nadia@example.com", 4);
    let said = form(&relay, &stop, "choose=yes".into());
    assert!(said.contains("You get none of these mails"), "{said}");
    assert_eq!(place.number("SELECT count(*) FROM mail_unwanted"), 4);
    // The button and a mail program's POST stop it all, whatever was chosen; then there is nothing to choose.
    assert!(post(&relay, &stop).1.contains("no more mail"));
    till.syncs(&relay).unwrap();
    assert_eq!(heard(&till), ["withdrawn"]);
    assert!(!page(&relay, &stop).contains("<fieldset>"));
}

fn whatever_is_no_choice_stops_all_mail(place: &Place) {
    let (_shop, relay, mut till, _, stop) = reader(place);
    // Scanners open it and change nothing.
    let before = place.number("SELECT (SELECT count(*) FROM ops) + (SELECT count(*) FROM mail_unwanted)");
    for _ in 0..3 {
        page(&relay, &stop);
    }
    let after = place.number("SELECT (SELECT count(*) FROM ops) + (SELECT count(*) FROM mail_unwanted)");
    assert_eq!(after, before);
    // A form that is longer than any of ours is none of ours.
    let said = form(&relay, &stop, format!("choose=yes&kind={}", "x".repeat(5000)));
    assert!(said.contains("no more mail"), "{said}");
    till.syncs(&relay).unwrap();
    assert_eq!(heard(&till), ["withdrawn"]);
    assert_eq!(place.number("SELECT count(*) FROM mail_unwanted"), 0);
}

fn who_is_no_member_stops_what_others_get(place: &Place) {
    let shop = Shop::new(place, Mode::Tls);
    let relay = shop.serve();
    shop.set(&["--pause"]).unwrap();
    let id = ShopId(shop.id.parse().unwrap());
    let token = shop.within(async |db| {
        let mut tx = db.begin().await.unwrap();
        let new = New {
            event: "drafted".into(),
            recipient: "solare".into(),
            kind: Kind::PartnerOutreach,
            member: None,
            said: queue::Said::default(),
            due: UtcMs(now()),
        };
        assert!(queue::add(&mut tx, id, &new, UtcMs(now())).await.unwrap());
        tx.commit().await.unwrap();
        let key = relay::mail::settings::get(db, id).await.unwrap().unwrap().link_key;
        let address = hidden(&key, "owner@solare.example");
        db.run("UPDATE mails SET state = 'sent', address = $1", &[(&address).into()])
            .await
            .unwrap();
        let row = db.first("SELECT mail_id FROM mails", &[]).await.unwrap().unwrap();
        Token::write(&key, id, row.id(0).unwrap(), Purpose::Stop)
    });
    let stop = format!("/mail/stop?t={token}");
    let said = page(&relay, &stop);
    assert!(
        said.contains("about working together") && !said.contains("<fieldset>"),
        "{said}"
    );
    let before = place.number("SELECT count(*) FROM ops");
    assert!(post(&relay, &stop).1.contains("no more mail like that"));
    assert_eq!(
        place.number("SELECT count(*) FROM mail_unwanted WHERE length(who) = 32"),
        1
    );
    assert_eq!(place.number("SELECT count(*) FROM ops"), before);
    let who = place.command(&["mail", "who", &shop.id, "--address", "owner@solare.example", "--json"]);
    assert_eq!(who["unwanted"], json!(["partner_outreach"]));
}
