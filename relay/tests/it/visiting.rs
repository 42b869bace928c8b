//! `/me`: the way in by mail, once and for a while; what a member sees; what nobody learns; stopping and leaving.

use loyalty::op::Body;
use loyalty::rules::Move;
use loyalty::{MemberId, ShopId, UtcMs};
use mail::Kind;
use relay::store::visits::{self, LINK_MS, VISIT_MS, What};
use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;

use crate::harness::{Place, Relay, until};
use crate::mail_shop::{Shop, heard, now, publishes, read};
use crate::on_both;
use crate::smtp::Mode;

on_both! {
    a_member_sees_their_page, nobody_learns_who_is_a_member, a_way_in_works_once_and_for_a_while,
    a_member_stops_the_mail_and_leaves, the_page_of_a_shop_without_mail,
}

const EMAIL: &str = "nadia@example.com";
const PHONE: &str = "+16195550123";

fn client() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

fn form(relay: &Relay, path: &str, cookie: &str, body: &str) -> Response {
    let request = client().post(format!("{}{path}", relay.url));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.header("cookie", cookie).body(body.to_owned()).send().unwrap()
}

fn page(relay: &Relay, path: &str, cookie: &str) -> (u16, String) {
    let answer = client()
        .get(format!("{}{path}", relay.url))
        .header("cookie", cookie)
        .send()
        .unwrap();
    (answer.status().as_u16(), answer.text().unwrap())
}

/// Asks for the way in.
fn asks(shop: &Shop<'_>, relay: &Relay, who: &str) -> String {
    let body = format!("who={}", who.replace('+', "%2b").replace('@', "%40"));
    let answer = form(relay, &format!("/me/{}", shop.id), "", &body);
    assert_eq!(answer.status(), 200);
    answer.text().unwrap()
}

/// The way in that a mail brought.
fn way_in(mail: &[u8]) -> String {
    let text = read(mail).body_text(0).unwrap().into_owned();
    let word = text.split_whitespace().find(|word| word.contains("/in?t=")).unwrap();
    word[word.find("/me/").unwrap()..].to_owned()
}

/// Goes in; the cookie.
fn goes_in(relay: &Relay, way: &str) -> String {
    let answer = form(relay, way, "", "");
    assert_eq!(answer.status(), 303);
    let set = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(set.contains("; Path=/me; HttpOnly; SameSite=Lax"), "{set}");
    set.split(';').next().unwrap().to_owned()
}

fn id(shop: &Shop<'_>) -> ShopId {
    ShopId(shop.id.parse().unwrap())
}

fn a_member_sees_their_page(place: &Place) {
    let shop = Shop::new(place, Mode::Starttls);
    let relay = shop.serve();
    let mut till = shop.till(&relay);
    publishes(&mut till);
    let member = shop.agrees(&mut till, PHONE, EMAIL);
    till.sells("one", Some(member), 120, Move::Add);
    till.syncs(&relay).unwrap();
    shop.has_confirmed(member, EMAIL);
    let code = place
        .texts("SELECT code FROM referral_codes WHERE kind = 'member'")
        .remove(0);
    // A friend comes by their link and waits for nothing.
    let joined = Body::ReferralJoined {
        member: till.enrols("+16195550124"),
        code: code.clone(),
        referrer: Some(member),
        doubts: Vec::new(),
    };
    till.does(&joined, &loyalty::op::Private::default());
    till.syncs(&relay).unwrap();
    asks(&shop, &relay, "619-555-0123");
    let of_page = || {
        let mails = shop.smtp.to(EMAIL).into_iter();
        mails
            .rev()
            .find(|mail| read(mail).subject() == Some("Your page at Corner"))
    };
    until("the way in arrives", || of_page().is_some());
    let mail = of_page().unwrap();
    let mail = &mail;
    assert!(read(mail).header("List-Unsubscribe").is_none());
    let way = way_in(mail);
    // Programs that open links use nothing up.
    for _ in 0..2 {
        let (status, text) = page(&relay, &way, "");
        assert!(
            status == 200 && text.contains("<form method=\"post\"") && !text.contains("<script"),
            "{text}"
        );
    }
    let cookie = goes_in(&relay, &way);
    let (_, text) = page(&relay, &format!("/me/{}", shop.id), &cookie);
    for part in [
        "120 points",
        "That is enough for Free coffee.",
        "380 more, and you can have Free lunch.",
        "1 friend has joined.",
        &format!("/ref/{code}\" readonly"),
        "<svg",
        "You get mail from the shop.",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains("<script") && !text.contains("6195550124"));
    // What was mailed and what the browser has are nowhere in the database.
    let kept = place.texts("SELECT said FROM mails");
    assert!(!kept.iter().any(|said| said.contains(&way[way.len() - 40..])));
    // Closed, the cookie opens nothing.
    assert_eq!(
        form(&relay, &format!("/me/{}/do", shop.id), &cookie, "what=out").status(),
        200
    );
    assert!(
        !page(&relay, &format!("/me/{}", shop.id), &cookie)
            .1
            .contains("120 points")
    );
}

fn nobody_learns_who_is_a_member(place: &Place) {
    let shop = Shop::new(place, Mode::Tls);
    let relay = shop.serve();
    let mut till = shop.till(&relay);
    shop.agrees(&mut till, PHONE, EMAIL);
    // A member whose address nobody has, and one who was erased.
    till.enrols("+16195550125");
    let erased = shop.agrees(&mut till, "+16195550126", "gone@example.com");
    till.does(&Body::MemberErased { member: erased }, &loyalty::op::Private::default());
    till.syncs(&relay).unwrap();
    let answers: Vec<String> = [
        EMAIL,
        "nobody@example.com",
        "6195550125",
        "6195550126",
        "6195550199",
        "gone@example.com",
    ]
    .iter()
    .map(|who| asks(&shop, &relay, who))
    .collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    until("the way in is queued", || {
        place.number("SELECT count(*) FROM mails WHERE kind = 'sign_in'") == 1
    });
    // Neither a number nor an address: said at once, and nothing is looked up.
    for wrong in ["", "hello", "x@", "1"] {
        let answer = form(&relay, &format!("/me/{}", shop.id), "", &format!("who={wrong}"));
        assert_eq!(answer.status(), 422, "{wrong}");
    }
    // From another site's form nothing is asked.
    let request = client()
        .post(format!("{}/me/{}", relay.url, shop.id))
        .header("sec-fetch-site", "cross-site");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(request.body(format!("who={EMAIL}")).send().unwrap().status(), 422);
    assert_eq!(page(&relay, "/me/nobody-has-this", "").0, 404);
    assert_eq!(page(&relay, "/me", "").0, 400);
    assert_eq!(place.number("SELECT count(*) FROM member_addresses"), 1);
}

fn a_way_in_works_once_and_for_a_while(place: &Place) {
    let shop = Shop::new(place, Mode::Tls);
    let other = Shop::new(place, Mode::Tls);
    let relay = shop.serve();
    let member = MemberId(crate::till::id());
    let now = now();
    let made = |shop: &Shop<'_>, what: What, at: i64| {
        shop.within(async |db| {
            let mut tx = db.begin().await.unwrap();
            let token = visits::begin(&mut tx, id(shop), member, what, UtcMs(at)).await.unwrap();
            tx.commit().await.unwrap();
            token
        })
    };
    let works = |shop: &Shop<'_>, token: &str| {
        form(&relay, &format!("/me/{}/in?t={token}", shop.id), "", "")
            .status()
            .as_u16()
            == 303
    };
    let (one, two) = (made(&shop, What::Link, now), made(&shop, What::Link, now));
    // Another shop's door, a visit in place of a link, a link in place of a visit.
    assert!(!works(&other, &one));
    assert!(!works(&shop, &made(&shop, What::Visit, now)));
    let whose = |what: What, token: &str, at: i64| {
        shop.within(async |db| visits::whose(db, id(&shop), token, what, UtcMs(at)).await.unwrap())
    };
    assert_eq!(whose(What::Visit, &one, now), None);
    // Of many at once one gets in, and other links of the same member's go with it.
    let opened: Vec<bool> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..4).map(|_| scope.spawn(|| works(&shop, &one))).collect();
        tries.into_iter().map(|tried| tried.join().unwrap()).collect()
    });
    assert_eq!(opened.iter().filter(|opened| **opened).count(), 1);
    assert!(!works(&shop, &one) && !works(&shop, &two));
    let old = made(&shop, What::Link, now - LINK_MS);
    assert!(!works(&shop, &old));
    let visit = made(&shop, What::Visit, now);
    assert_eq!(whose(What::Visit, &visit, now + VISIT_MS - 1), Some(member));
    assert_eq!(whose(What::Visit, &visit, now + VISIT_MS), None);
    for wrong in ["", "x", &"A".repeat(43), &"A".repeat(5000), "%00", "../.."] {
        assert!(!works(&shop, wrong), "{wrong}");
    }
    assert_eq!(
        place.number("SELECT count(*) FROM member_tokens WHERE length(token_hash) <> 32"),
        0
    );
    // A mail that waited for too long brings nothing.
    shop.queues(Kind::SignIn, member, "sign_in:1", now - LINK_MS - 1);
    until("it is given up", || shop.count("cancelled") == 1);
}

fn a_member_stops_the_mail_and_leaves(place: &Place) {
    let shop = Shop::new(place, Mode::Tls);
    let relay = shop.serve();
    let mut till = shop.till(&relay);
    let member = shop.agrees(&mut till, PHONE, EMAIL);
    till.syncs(&relay).unwrap();
    let visit = shop.within(async |db| {
        let mut tx = db.begin().await.unwrap();
        let token = visits::begin(&mut tx, id(&shop), member, What::Visit, UtcMs(now()))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        token
    });
    let cookie = format!("me_{}={visit}", &shop.id.replace('-', "")[20..]);
    let does = |body: &str| form(&relay, &format!("/me/{}/do", shop.id), &cookie, body);
    // Without the cookie, and from another site, nothing is done.
    assert_eq!(
        form(&relay, &format!("/me/{}/do", shop.id), "", "what=leave&sure=yes").status(),
        303
    );
    let request = client()
        .post(format!("{}/me/{}/do", relay.url, shop.id))
        .header("cookie", &cookie);
    let request = request
        .header("sec-fetch-site", "cross-site")
        .body("what=leave&sure=yes");
    assert_eq!(request.send().unwrap().status(), 303);
    assert_eq!(does("what=stop").status(), 303);
    assert_eq!(does("what=stop").status(), 303);
    assert!(
        page(&relay, &format!("/me/{}", shop.id), &cookie)
            .1
            .contains("You get no mail")
    );
    till.syncs(&relay).unwrap();
    assert_eq!(heard(&till), ["withdrawn"]);
    // Not ticked: not left.
    assert_eq!(does("what=leave").status(), 303);
    assert_eq!(
        place.number("SELECT count(*) FROM private WHERE member_id IS NOT NULL"),
        1
    );
    assert!(does("what=leave&sure=yes").text().unwrap().contains("You have left"));
    till.syncs(&relay).unwrap();
    let left = till
        .got
        .iter()
        .filter(|(_, _, body, _)| matches!(body, Body::MemberErased { member: who } if *who == member));
    assert_eq!(left.count(), 1);
    assert_eq!(
        place.number("SELECT count(*) FROM private WHERE member_id IS NOT NULL"),
        0
    );
    assert_eq!(place.number("SELECT count(*) FROM member_tokens"), 0);
    assert!(
        !page(&relay, &format!("/me/{}", shop.id), &cookie)
            .1
            .contains("points</p>")
    );
}

fn the_page_of_a_shop_without_mail(place: &Place) {
    let (shop, _) = place.shop();
    place
        .run(&[
            "shop",
            "set",
            "--shop",
            &shop,
            "--language",
            "es",
            "--host",
            "go.example.com",
        ])
        .unwrap();
    let relay = place.serve();
    assert!(
        page(&relay, &format!("/me/{shop}"), "")
            .1
            .contains("Esta tienda no env")
    );
    let answer = client()
        .get(format!("{}/me", relay.url))
        .header("host", "go.example.com")
        .send()
        .unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()),
        (303, &*format!("/me/{shop}"))
    );
}
