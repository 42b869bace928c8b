//! Joining on the web: the page, the member that every till hears of, and through whom they came.

use loyalty::op::{Body, Private};
use reqwest::blocking::{Client, Response};

use crate::harness::{Place, Relay};
use crate::linking::{add, browser, shop};
use crate::on_both;
use crate::till::Till;

on_both! {
    somebody_joins, a_form_that_is_sent_twice_is_one_member, who_came_first_brought_them, members_are_told_kindly,
    nobody_brings_themselves, two_at_once_are_one_member, a_till_was_first, a_form_is_checked, programs_do_not_join,
    the_page_is_the_shops,
}

/// What a visitor does on the web.
struct Visit<'a> {
    http: Client,
    relay: &'a Relay,
    shop: &'a str,
}

impl<'a> Visit<'a> {
    fn new(relay: &'a Relay, shop: &'a str) -> Self {
        let http = browser();
        Self { http, relay, shop }
    }

    fn get(&self, path: &str) -> Response {
        self.http.get(format!("{}{path}", self.relay.url)).send().unwrap()
    }

    /// Opens the form; what its hidden fields hold.
    fn opens(&self, query: &str) -> Vec<(String, String)> {
        let answer = self.get(&format!("/join/{}{query}", self.shop));
        assert_eq!(answer.status(), 200);
        hidden(&answer.text().unwrap())
    }

    /// Fills it in and sends it.
    fn sends(&self, hidden: &[(String, String)], typed: &[(&str, &str)]) -> Response {
        let hidden = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let form: Vec<String> = hidden
            .chain(typed.iter().copied())
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        let request = self.http.post(format!("{}/join/{}", self.relay.url, self.shop));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.body(form.join("&")).send().unwrap()
    }

    /// Opens it, fills it in, sends it, and goes where that leads: the page after it.
    fn joins(&self, query: &str, typed: &[(&str, &str)]) -> String {
        self.goes_on(self.sends(&self.opens(query), typed))
    }

    fn goes_on(&self, answer: Response) -> String {
        match answer.status().as_u16() {
            303 => {
                let to = answer.headers()["location"].to_str().unwrap().to_owned();
                self.get(&to).text().unwrap()
            }
            _ => answer.text().unwrap(),
        }
    }
}

pub fn encoded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02x}")).collect()
}

pub fn hidden(page: &str) -> Vec<(String, String)> {
    let inputs = page.split("<input type=\"hidden\" ").skip(1);
    let pairs = inputs.map(|input| {
        let mut parts = input.split('"');
        (parts.nth(1).unwrap().to_owned(), parts.nth(1).unwrap().to_owned())
    });
    pairs.collect()
}

/// What a till gets of the members who joined.
fn heard(place: &Place, relay: &Relay, shop: &str) -> Vec<(Body, Private)> {
    let mut till = Till::pair(relay, &place.code(shop));
    till.syncs(relay).unwrap();
    till.got
        .into_iter()
        .map(|(_, _, body, private)| (body, private))
        .collect()
}

const DONE: &str = "You are in";

fn somebody_joins(place: &Place) {
    let shop = shop(place);
    add(place, &shop, "solare", &[]).unwrap();
    let relay = place.serve();
    let visit = Visit::new(&relay, &shop);
    let form = visit.get(&format!("/join/{shop}?ref=Solare"));
    let policy = form.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(
        policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    let page = form.text().unwrap();
    assert!(
        !page.contains("<script") && !page.contains("checked") && page.contains("lang=\"en\""),
        "{page}"
    );
    assert!(page.contains("Somebody told you about us"), "{page}");
    let typed = [
        ("phone", "(619) 555-0123"),
        ("name", " Nadia  Quill "),
        ("email", "nadia@example.com"),
        ("consent", "yes"),
    ];
    let done = visit.goes_on(visit.sends(&hidden(&page), &typed));
    assert!(
        done.contains(DONE) && done.contains("<svg") && !done.contains("<script"),
        "{done}"
    );
    let heard = heard(place, &relay, &shop);
    let [
        (Body::MemberEnrolled { member, code }, private),
        (Body::ConsentGiven { member: consents, .. }, _),
        (brought, _),
    ] = &heard[..]
    else {
        panic!("{heard:?}");
    };
    assert_eq!(
        (private.phone.as_deref(), private.name.as_deref()),
        (Some("+16195550123"), Some("Nadia Quill"))
    );
    assert_eq!(
        (private.email.as_deref(), consents),
        (Some("nadia@example.com"), member)
    );
    let expected = Body::ReferralJoined {
        member: *member,
        code: "solare".into(),
        referrer: None,
        doubts: Vec::new(),
    };
    assert_eq!(brought, &expected);
    // The code on the page is the one on the card, and it is a link of theirs, too: to where a friend joins.
    let shown = loyalty::MemberCode::read(code).unwrap();
    assert!(done.contains(&shown.to_string()), "{done}");
    let link = visit.get(&format!("/ref/{shown}"));
    assert_eq!(link.status(), 302);
    let to = format!("/join/{shop}?ref={}", code.to_ascii_lowercase());
    assert_eq!(link.headers()["location"].to_str().unwrap(), to);
    // Nothing of a person is in the log.
    let (_, log) = relay.stop();
    assert!(
        !log.contains("5550123") && !log.contains("adia") && log.contains("/join/{shop}"),
        "{log}"
    );
}

fn a_form_that_is_sent_twice_is_one_member(place: &Place) {
    let shop = shop(place);
    let relay = place.serve();
    let visit = Visit::new(&relay, &shop);
    let hidden = visit.opens("");
    let first = visit.goes_on(visit.sends(&hidden, &[("phone", "6195550123")]));
    let again = visit.goes_on(visit.sends(&hidden, &[("phone", "6195550123")]));
    assert!(first.contains(DONE), "{first}");
    assert_eq!(first, again);
    assert_eq!(heard(place, &relay, &shop).len(), 1);
    // Somebody else's number, or an old one, leads to the form.
    let other = visit.get(&format!("/join/{shop}/done?page=0193c5a0-0000-7000-8000-000000000000"));
    assert_eq!(
        (other.status().as_u16(), other.headers()["location"].to_str().unwrap()),
        (303, &*format!("/join/{shop}"))
    );
}

fn brought_by(heard: &[(Body, Private)]) -> Vec<String> {
    let codes = heard.iter().filter_map(|(body, _)| match body {
        Body::ReferralJoined { code, .. } => Some(code.clone()),
        _ => None,
    });
    codes.collect()
}

fn who_came_first_brought_them(place: &Place) {
    let shop = shop(place);
    for code in ["one", "two"] {
        add(place, &shop, code, &[]).unwrap();
    }
    let relay = place.serve();
    let visit = Visit::new(&relay, &shop);
    let clicked = visit.get("/ref/one").headers()["set-cookie"]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let with_cookie = || {
        let form = visit
            .http
            .get(format!("{}/join/{shop}?ref=two", relay.url))
            .header("cookie", &clicked);
        hidden(&form.send().unwrap().text().unwrap())
    };
    visit.goes_on(visit.sends(&with_cookie(), &[("phone", "6195550101")]));
    // Who refuses cookies comes through the link that they opened.
    visit.joins("?ref=two", &[("phone", "6195550102")]);
    place.run(&["shop", "set", "--shop", &shop, "--touch", "last"]).unwrap();
    visit.goes_on(visit.sends(&with_cookie(), &[("phone", "6195550103")]));
    // A code that nobody has, or none, brings nobody, and keeps nobody out.
    visit.joins("?ref=nobody", &[("phone", "6195550104")]);
    visit.joins("?ref=%0d%0a", &[("phone", "6195550105")]);
    let heard = heard(place, &relay, &shop);
    assert_eq!(brought_by(&heard), ["one", "two", "two"]);
    assert_eq!(heard.len(), 5 + 3);
}

fn members_are_told_kindly(place: &Place) {
    let shop = shop(place);
    add(place, &shop, "solare", &[]).unwrap();
    let relay = place.serve();
    let mut till = Till::pair(&relay, &place.code(&shop));
    till.enrols("+16195550123");
    till.syncs(&relay).unwrap();
    let page = Visit::new(&relay, &shop).joins("?ref=solare", &[("phone", "+1 619 555 0123")]);
    assert!(
        page.contains("one of our regulars already") && !page.contains("<svg"),
        "{page}"
    );
    assert!(brought_by(&heard(place, &relay, &shop)).is_empty());
    // Why not, and what came of it, can be asked.
    Visit::new(&relay, &shop).joins("?ref=solare", &[("phone", "6195550199")]);
    let used = &place.command(&["code", "list", "--shop", &shop, "--json"])["codes"];
    let solare = used
        .as_array()
        .unwrap()
        .iter()
        .find(|code| code["code"] == "solare")
        .unwrap();
    assert_eq!(
        (&solare["joined"], &solare["refused"]["member_already"]),
        (&1.into(), &1.into()),
        "{used}"
    );
}

fn nobody_brings_themselves(place: &Place) {
    let shop = shop(place);
    let relay = place.serve_with(&["--trusted-proxies", "127.0.0.0/8"]);
    let at = |address: &'static str| {
        let headers =
            reqwest::header::HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), address.parse().unwrap())]);
        let http = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .default_headers(headers)
            .build()
            .unwrap();
        Visit {
            http,
            ..Visit::new(&relay, &shop)
        }
    };
    at("192.0.2.1").joins("", &[("phone", "6195550101"), ("email", "Ana.Lopez@gmail.com")]);
    let (Body::MemberEnrolled { code, member }, _) = heard(place, &relay, &shop).remove(0) else {
        panic!("no member")
    };
    let theirs = format!("?ref={code}");
    assert!(
        at("192.0.2.1")
            .joins(&theirs, &[("phone", "6195550102")])
            .contains(DONE)
    );
    assert!(
        at("192.0.2.2")
            .joins(
                &theirs,
                &[("phone", "6195550103"), ("email", "analopez+x@googlemail.com")]
            )
            .contains(DONE)
    );
    assert!(brought_by(&heard(place, &relay, &shop)).is_empty());
    assert_eq!(
        place.texts("SELECT why FROM referral_refusals ORDER BY why"),
        ["own_browser", "own_email"]
    );
    at("192.0.2.3").joins(&theirs, &[("phone", "6195550104")]);
    let last = heard(place, &relay, &shop).pop().unwrap().0;
    let expected = Body::ReferralJoined {
        member: match &last {
            Body::ReferralJoined { member, .. } => *member,
            _ => panic!("{last:?}"),
        },
        code: code.to_ascii_lowercase(),
        referrer: Some(member),
        doubts: Vec::new(),
    };
    assert_eq!(last, expected);
}

fn two_at_once_are_one_member(place: &Place) {
    let shop = shop(place);
    for code in ["one", "two"] {
        add(place, &shop, code, &[]).unwrap();
    }
    let relays = [place.serve(), place.serve()];
    for round in 0..5 {
        let phone = format!("619555010{round}");
        let pages: Vec<String> = std::thread::scope(|scope| {
            let visits: Vec<_> = [("one", &relays[0]), ("two", &relays[1])]
                .into_iter()
                .map(|(code, relay)| {
                    let (shop, phone) = (&shop, &phone);
                    scope.spawn(move || Visit::new(relay, shop).joins(&format!("?ref={code}"), &[("phone", phone)]))
                })
                .collect();
            visits.into_iter().map(|visit| visit.join().unwrap()).collect()
        });
        assert_eq!(pages.iter().filter(|page| page.contains(DONE)).count(), 1, "{pages:?}");
        assert_eq!(
            pages.iter().filter(|page| page.contains("already")).count(),
            1,
            "{pages:?}"
        );
    }
    let heard = heard(place, &relays[0], &shop);
    assert_eq!((heard.len(), brought_by(&heard).len()), (10, 5));
    assert_eq!(place.number("SELECT count(*) FROM referrals"), 5);
}

fn a_till_was_first(place: &Place) {
    let shop = shop(place);
    add(place, &shop, "solare", &[]).unwrap();
    let relay = place.serve();
    let mut till = Till::pair(&relay, &place.code(&shop));
    till.syncs(&relay).unwrap();
    // The till is away and enrols somebody, who joins on the web meanwhile.
    let at_till = till.enrols("+16195550123");
    Visit::new(&relay, &shop).joins("?ref=solare", &[("phone", "6195550123")]);
    till.syncs(&relay).unwrap();
    till.syncs(&relay).unwrap();
    let merges: Vec<_> = till.relays_own();
    let [Body::MemberMerged { from, into, .. }] = &merges[..] else {
        panic!("{merges:?}")
    };
    assert!(*from == at_till || *into == at_till);
    assert_eq!(place.number("SELECT count(*) FROM referrals"), 1);
}

fn a_form_is_checked(place: &Place) {
    let shop = shop(place);
    let relay = place.serve();
    let visit = Visit::new(&relay, &shop);
    let hidden = visit.opens("");
    let says = |typed: &[(&str, &str)]| {
        let answer = visit.sends(&hidden, typed);
        assert_eq!(answer.status(), 422);
        answer.text().unwrap()
    };
    let page = says(&[
        ("phone", "12"),
        ("name", "<script>alert(1)</script>\""),
        ("consent", "yes"),
    ]);
    assert!(
        page.contains("This is not a phone number") && page.contains("role=\"alert\"") && page.contains("aria-invalid"),
        "{page}"
    );
    assert!(
        !page.contains("<script>") && page.contains("&#60;script&#62;"),
        "{page}"
    );
    assert!(
        page.contains("To get mail, write your email address") && page.contains("checked"),
        "{page}"
    );
    assert!(says(&[("phone", "6195550123"), ("email", "nobody")]).contains("This is not an email address"));
    assert!(says(&[("phone", "6195550123"), ("name", &"x".repeat(81))]).contains("This name is too long"));
    assert!(says(&[("phone", "6195550123"), ("name", &"x".repeat(20_000))]).contains("Phone number"));
    let request = visit
        .http
        .post(format!("{}/join/{shop}", relay.url))
        .header("sec-fetch-site", "cross-site");
    let body = format!("page={}&phone=6195550123", hidden[0].1);
    assert_eq!(request.body(body).send().unwrap().status(), 422);
    assert!(heard(place, &relay, &shop).is_empty());
    assert_eq!(visit.get("/join/nobody").status(), 404);
    assert_eq!(visit.get("/join/..%2f..%2fx").status(), 404);
}

fn programs_do_not_join(place: &Place) {
    let shop = shop(place);
    let relay = place.serve_with(&["--code-rate", "3"]);
    let visit = Visit::new(&relay, &shop);
    let page = visit.joins("", &[("phone", "6195550123"), ("website", "https://spam.example/")]);
    assert!(page.contains(DONE) && !page.contains("<svg"), "{page}");
    let hidden = visit.opens("");
    let answers: Vec<u16> = (0..4)
        .map(|_| visit.sends(&hidden, &[("phone", "12")]).status().as_u16())
        .collect();
    assert_eq!(answers.last(), Some(&429), "{answers:?}");
    assert_eq!(place.number("SELECT count(*) FROM ops"), 0);
}

fn the_page_is_the_shops(place: &Place) {
    let shop = shop(place);
    add(place, &shop, "solare", &[]).unwrap();
    let set = |what: &[&str]| place.run(&[&["shop", "set", "--shop", &shop], what].concat());
    set(&["--language", "es", "--colour", "#ffcc00"]).unwrap();
    assert!(set(&["--language", "fr"]).unwrap_err().contains("en or es"));
    assert!(set(&["--colour", "red"]).unwrap_err().contains("#1c4f43"));
    let relay = place.serve();
    // A code of the shop's names it as well, and says who told them.
    let page = Visit::new(&relay, "solare").get("/join/solare").text().unwrap();
    assert!(
        page.contains("lang=\"es\"") && page.contains("--accent:#ffcc00;--on-accent:#000"),
        "{page}"
    );
    assert!(
        page.contains("\u{da}nete a Corner") && page.contains("name=\"ref\" value=\"solare\""),
        "{page}"
    );
}
