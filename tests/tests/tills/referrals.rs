//! A referral from the click to the reward and back, over real processes: a browser's requests to a real relay, and a
//! real till that hears of it.

use ledger::{Clock, Options, Store};
use loyalty::UtcMs;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use crate::shop::{Relay, Till, agree, text};

const RULES: &str =
    "Earn 1 point per $1\nFriend first buys $10: friend gets 10 points and referrer gets 50 points, after 14 days\n";
const MARIA: &str = "+16195550101";
const NADIA: &str = "+16195550123";

/// The machine's clock, some days on.
struct Later(i64);

impl Clock for Later {
    fn now(&self) -> UtcMs {
        UtcMs(ledger::SystemClock.now().0 + self.0 * UtcMs::DAY_MS)
    }
}

/// What a phone's browser asks: the head and the body of the answer, and the cookies that it keeps.
pub struct Phone {
    pub port: u16,
    pub cookies: String,
    /// What its browser calls itself.
    pub agent: &'static str,
}

pub const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1";

impl Phone {
    pub fn asks(&mut self, what: &str, form: &str) -> (String, String) {
        let mut line = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let agent = self.agent;
        let cookies = &self.cookies;
        let kind = "application/x-www-form-urlencoded";
        let length = form.len();
        let asked = format!(
            "{what} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nUser-Agent: {agent}\r\nAccept: text/html\r\nCookie: {cookies}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{form}",
            self.port
        );
        line.write_all(asked.as_bytes()).unwrap();
        let mut said = Vec::new();
        line.read_to_end(&mut said).unwrap();
        let said = String::from_utf8_lossy(&said).into_owned();
        let (head, body) = said.split_once("\r\n\r\n").unwrap();
        if let Some(cookie) = header(head, "set-cookie") {
            self.cookies = cookie.split(';').next().unwrap_or_default().to_owned();
        }
        (head.to_owned(), body.to_owned())
    }

    /// Opens the page for joining, fills it in and sends it.
    pub fn joins(&mut self, path: &str, number: &str) {
        let (head, page) = self.asks(&format!("GET {path}"), "");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let mut form: Vec<String> = Vec::new();
        for input in page.split("<input type=\"hidden\" ").skip(1) {
            let mut parts = input.split('"');
            let (name, value) = (parts.nth(1).unwrap(), parts.nth(1).unwrap());
            form.push(format!("{name}={}", escaped(value)));
        }
        form.push(format!("phone={}", escaped(number)));
        let path = path.split('?').next().unwrap();
        let (head, _) = self.asks(&format!("POST {path}"), &form.join("&"));
        assert!(head.starts_with("HTTP/1.1 303"), "{head}");
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    lines
        .into_iter()
        .find(|(is, _)| is.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.to_owned())
}

fn escaped(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02x}")).collect()
}

/// Some days later, the till looks after what is due.
fn days_later(till: &Till, days: i64) -> usize {
    let options = Options {
        clock: Arc::new(Later(days)),
        ..Options::default()
    };
    let store = Store::open(&till.dir, options).unwrap();
    store.look_after_referrals().unwrap()
}

pub fn states(till: &Till, phone: &str) -> Vec<String> {
    let rewards = till.member(phone)["referral_rewards"].clone();
    let rewards: &Vec<Value> = rewards.as_array().unwrap();
    rewards.iter().map(|r| text(&r["state"])).collect()
}

#[test]
fn from_a_click_to_a_reward_and_back() {
    let mut relay = Relay::start();
    let shop = relay.shop_id();
    let (a, b) = (relay.till("Till 1"), relay.till("Till 2"));
    let rules = a.dir.join("friends.rules");
    std::fs::write(&rules, RULES).unwrap();
    a.ctl(&["rules", "publish", rules.to_str().unwrap()]);
    let maria = a.ctl(&["member", "add", "--phone", MARIA, "--name", "Maria Lopez"]);
    agree(&[&a, &b]);

    // Maria's link, on a friend's phone.
    let code = text(&maria["code"]).to_lowercase();
    let mut phone = Phone {
        port: relay.port(),
        cookies: String::new(),
        agent: IPHONE,
    };
    let (head, _) = phone.asks(&format!("GET /ref/{code}"), "");
    assert!(head.starts_with("HTTP/1.1 302"), "{head}");
    assert!(phone.cookies.contains(&code), "{}", phone.cookies);
    phone.joins(&format!("/join/{shop}"), "(619) 555-0123");

    // Both tills hear of it; the friend buys at the other one, and nothing is due yet.
    agree(&[&a, &b]);
    let nadia = b.member(NADIA);
    assert_eq!(nadia["brought_by"]["member_id"], maria["member_id"]);
    b.credit(NADIA, "S-1", "20");
    agree(&[&a, &b]);
    assert_eq!(
        (states(&a, MARIA), states(&b, NADIA)),
        (vec!["pending".to_owned()], vec!["pending".to_owned()])
    );
    assert_eq!(days_later(&b, 13), 0);
    assert_eq!((a.balance(MARIA), a.balance(NADIA)), (0, 20));

    // The hold is over: granted once, though both tills look after it.
    assert_eq!(days_later(&b, 15), 2);
    days_later(&a, 15);
    agree(&[&a, &b]);
    for till in [&a, &b] {
        assert_eq!((till.balance(MARIA), till.balance(NADIA)), (50, 30));
    }
    let funnel = a.ctl(&["referrals", "funnel"]);
    assert_eq!(
        (&funnel["total"]["clicks"], &funnel["total"]["visitors"]),
        (&1.into(), &1.into())
    );
    assert_eq!(
        (
            &funnel["total"]["joined"],
            &funnel["total"]["bought"],
            &funnel["total"]["rewarded"]
        ),
        (&1.into(), &1.into(), &1.into())
    );

    // The money goes back at the first till: so do both rewards.
    a.ctl(&["refund", "S-1", "--refund-id", "R-1"]);
    agree(&[&a, &b]);
    for till in [&a, &b] {
        assert_eq!((till.balance(MARIA), till.balance(NADIA)), (0, 0));
        assert_eq!(
            (states(till, MARIA), states(till, NADIA)),
            (vec!["reversed".to_owned()], vec!["reversed".to_owned()])
        );
    }
}

#[test]
fn a_friend_says_at_the_till_who_sent_them() {
    let mut relay = Relay::start();
    let (a, b) = (relay.till("Till 1"), relay.till("Till 2"));
    a.ctl(&["member", "add", "--phone", MARIA, "--name", "Maria Lopez"]);
    agree(&[&a, &b]);
    let nobody = ["member", "add", "--phone", NADIA, "--referred-by", "nobody at all"];
    assert_eq!(b.refused(&nobody), "unknown_referrer");
    let added = b.ctl(&["member", "add", "--phone", NADIA, "--referred-by", "Maria"]);
    assert_eq!((&added["created"], &added["brought"]), (&true.into(), &true.into()));
    let again = a.ctl(&["member", "add", "--phone", MARIA, "--referred-by", MARIA]);
    assert_eq!(
        (&again["brought"], &again["why_not"]),
        (&false.into(), &"member_already".into())
    );
    agree(&[&a, &b]);
    assert!(!a.member(NADIA)["brought_by"].is_null());
    assert!(a.member(MARIA)["brought_by"].is_null());
}
