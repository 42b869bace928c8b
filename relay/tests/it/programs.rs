//! `/v1/referrals…`: keys, lists in pages, what is refused. The worked example of docs/api.md is in `worked`.

use loyalty::op::{Body, Private, SaleKey};
use loyalty::referral::{Qualified, Reviewed, RewardKey, Rewarded, Side};
use loyalty::rules::Move;
use loyalty::{EntryId, Hlc, MemberId, OpId, UtcMs};
use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};

use crate::harness::{Place, Relay, until};
use crate::linking::{get, shop};
use crate::on_both;
use crate::settling::meet;
use crate::till::{Till, id};

on_both! {
    a_key_opens_its_shop_alone, lists_come_in_pages, rewards_are_as_the_log_says,
    clicks_are_listed_when_none_can_come_before, what_came_before_the_tables_is_in_them,
}

/// A key; its text and its id.
pub fn key(place: &Place, shop: &str, more: &[&str]) -> (String, String) {
    let args = [&["key", "add", "--shop", shop, "--name", "Statistics", "--json"], more].concat();
    let said = place.command(&args);
    let text = |name: &str| said[name].as_str().unwrap().to_owned();
    (text("key"), text("key_id"))
}

fn ask(relay: &Relay, key: &str, path: &str) -> Response {
    let url = format!("{}/v1/referrals/{path}", relay.url);
    Client::new().get(url).bearer_auth(key).send().unwrap()
}

fn list(relay: &Relay, key: &str, path: &str) -> Value {
    let answer = ask(relay, key, path);
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().unwrap()
}

fn refusal(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let said: Value = answer.json().unwrap();
    assert!(said["message"].as_str().is_some_and(|text| !text.is_empty()), "{said}");
    (status, said["code"].as_str().unwrap().to_owned())
}

fn add(relay: &Relay, key: &str, body: &Value) -> Response {
    let url = format!("{}/v1/referrals/codes", relay.url);
    Client::new().post(url).bearer_auth(key).json(body).send().unwrap()
}

/// A friend's way, as a till says it: each step is an operation.
pub struct Friend {
    pub member: MemberId,
    key: RewardKey,
}

impl Friend {
    pub fn joins(till: &mut Till, phone: &str, code: &str, referrer: Option<MemberId>) -> Self {
        let member = till.enrols(phone);
        let (code, doubts) = (code.to_owned(), Vec::new());
        let body = Body::ReferralJoined {
            member,
            code,
            referrer,
            doubts,
        };
        till.does(&body, &Private::default());
        let (side, step) = (Side::Friend, "buys".to_owned());
        let key = RewardKey {
            friend: member,
            side,
            step,
            round: 0,
        };
        Self { member, key }
    }

    pub fn qualifies(&self, till: &mut Till, sale: Option<&str>, least_minor: i64, doubts: &[&str]) -> OpId {
        let sale = sale.map(|sale_id| SaleKey {
            source: "pos".into(),
            sale_id: sale_id.into(),
        });
        let qualified = Qualified {
            key: self.key.clone(),
            member: self.member,
            points: 50,
            due_at: UtcMs(1_700_000_000_000),
            sale,
            least_minor,
            rules_version: 1,
            reasons: Vec::new(),
            doubts: doubts.iter().map(ToString::to_string).collect(),
        };
        till.does(&Body::ReferralQualified(qualified), &Private::default())
    }

    pub fn is_granted(&self, till: &mut Till) -> EntryId {
        let entry = EntryId(id());
        let rewarded = Rewarded {
            key: self.key.clone(),
            entry,
            member: self.member,
            points: 50,
            rules_version: 1,
            reasons: Vec::new(),
        };
        till.does(&Body::ReferralRewarded(rewarded), &Private::default());
        entry
    }
}

fn gives_back(till: &mut Till, sale_id: &str, amount_minor: i64, whole: bool) {
    let body = Body::SaleRefunded {
        source: "pos".into(),
        sale_id: sale_id.into(),
        refund_id: id().to_string(),
        member: None,
        entry: None,
        amount_minor,
        whole,
        points: 0,
        reasons: Vec::new(),
        stamps: Vec::new(),
    };
    till.does(&body, &Private::default());
}

fn a_key_opens_its_shop_alone(place: &Place) {
    let (shop, other) = (shop(place), place.shop().0);
    let relay = place.serve();
    let (writes, _) = key(place, &shop, &["--write"]);
    let (reads, reads_id) = key(place, &shop, &[]);
    let (others, _) = key(place, &other, &[]);
    assert!(writes.starts_with("rgk_") && writes.len() > 80, "{writes}");
    assert_eq!(add(&relay, &writes, &json!({"code": "Solare"})).status(), 201);
    assert_eq!(
        refusal(add(&relay, &reads, &json!({"code": "luna"}))),
        (403, "read_only".into())
    );
    let codes = |key: &str| list(&relay, key, "codes")["items"].as_array().unwrap().len();
    assert_eq!((codes(&writes), codes(&reads), codes(&others)), (1, 1, 0));
    assert_eq!(refusal(ask(&relay, &others, "codes/solare")), (404, "not_found".into()));
    // Another shop's name in front of this one's secret, a till's credential, and nothing at all.
    let mut forged = others.clone();
    forged.replace_range(48.., &reads[48..]);
    let till = Till::pair(&relay, &place.code(&shop));
    for wrong in [forged.as_str(), till.credential.as_str(), "rgk_", ""] {
        assert_eq!(
            refusal(ask(&relay, wrong, "codes")),
            (401, "unknown_key".into()),
            "{wrong}"
        );
    }
    let wrong = [
        (json!({"code": "x"}), (422, "bad_code")),
        (
            json!({"code": "luna", "landing": "https://evil.example/"}),
            (422, "bad_landing"),
        ),
        (
            json!({"code": "luna", "landing": "javascript:alert(1)"}),
            (422, "bad_landing"),
        ),
        (
            json!({"code": "luna", "campaign": "x".repeat(81)}),
            (422, "bad_campaign"),
        ),
        (json!({"code": "SOLARE"}), (409, "code_taken")),
        (json!({"name": "luna"}), (400, "bad_request")),
    ];
    for (body, (status, code)) in wrong {
        assert_eq!(
            refusal(add(&relay, &writes, &body)),
            (status, code.to_owned()),
            "{body}"
        );
    }
    // Nothing that opens anything is kept or listed, and it is known when each was used.
    let listed = place.run(&["key", "list", "--shop", &shop, "--json"]).unwrap();
    assert!(!listed.contains(&reads[10..]) && !listed.contains("rgk_"), "{listed}");
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let used: Vec<bool> = listed["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|k| k["last_used_at"].is_i64())
        .collect();
    assert_eq!(used, [true, true]);
    let revoke = |shop: &str| place.run(&["key", "revoke", "--shop", shop, "--key", &reads_id]);
    assert!(revoke(&other).is_err_and(|said| said.contains("no key")));
    revoke(&shop).unwrap();
    assert_eq!(refusal(ask(&relay, &reads, "codes")), (401, "unknown_key".into()));
    assert_eq!(codes(&writes), 1);
    place.run(&["shop", "suspend", &shop]).unwrap();
    assert_eq!(refusal(ask(&relay, &writes, "codes")).1, "suspended");
}

fn lists_come_in_pages(place: &Place) {
    let shop = shop(place);
    let relay = place.serve_with(&["--device-rate", "1000"]);
    let mut till = Till::pair(&relay, &place.code(&shop));
    let (key, _) = key(place, &shop, &["--write"]);
    for nth in 0..5 {
        assert_eq!(add(&relay, &key, &json!({"code": format!("code-{nth}")})).status(), 201);
        let phone = format!("+1415555010{nth}");
        Friend::joins(&mut till, &phone, &format!("code-{nth}"), None).qualifies(&mut till, None, 0, &[]);
    }
    till.syncs(&relay).unwrap();
    for (what, all, name) in [
        ("codes", 5, "code"),
        ("attributions", 5, "member_id"),
        ("events", 10, "friend_id"),
        ("rewards", 5, "reward_id"),
    ] {
        let mut found = Vec::new();
        let mut after = String::new();
        loop {
            let page = list(&relay, &key, &format!("{what}?limit=2{after}"));
            found.extend(
                page["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|item| item[name].as_str().unwrap().to_owned()),
            );
            after = format!("&after={}", page["next"].as_str().unwrap());
            if page["more"] == false {
                break;
            }
        }
        assert_eq!(found.len(), all, "{what}");
        if all == 5 {
            found.dedup();
            assert_eq!(found.len(), all, "{what}");
        }
        // What is new is behind the end, and the end stays where nothing is.
        assert_eq!(
            list(&relay, &key, &format!("{what}?limit=2{after}"))["items"],
            json!([])
        );
        let csv = ask(&relay, &key, &format!("{what}?format=csv"));
        assert_eq!(csv.headers()["content-type"], "text/csv; charset=utf-8");
        assert_eq!(csv.headers()["x-more"], "false");
        assert_eq!(csv.text().unwrap().lines().count(), all + 1, "{what}");
    }
    for wrong in [
        "events?after=x",
        "events?after=1",
        "rewards?after=9.z",
        "codes?limit=0",
        "codes?limit=1001",
        "codes?limit=many",
        "codes?format=pdf",
        "codes?kind=x",
        "rewards?state=x",
        "clicks?after=1.1",
    ] {
        assert_eq!(
            refusal(ask(&relay, &key, wrong)),
            (400, "bad_request".into()),
            "{wrong}"
        );
    }
}

fn rewards_are_as_the_log_says(place: &Place) {
    let shop = shop(place);
    let relay = place.serve();
    let mut one = Till::pair(&relay, &place.code(&shop));
    let mut two = Till::pair(&relay, &place.code(&shop));
    let (key, _) = key(place, &shop, &[]);
    let state = |reward: OpId| {
        let page = list(&relay, &key, "rewards");
        let found = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|r| r["reward_id"] == reward.0.to_string());
        found.map(|r| r["state"].as_str().unwrap().to_owned())
    };
    let kinds = || {
        let page = list(&relay, &key, "events");
        let kinds = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["kind"].as_str().unwrap().to_owned());
        kinds.collect::<Vec<_>>()
    };
    // Part of the money, and then so much that less than the rule's least is left.
    let friend = Friend::joins(&mut one, "+14155550100", "solare", None);
    one.sells("one", Some(friend.member), 20, Move::Add);
    let waits = friend.qualifies(&mut one, Some("one"), 1000, &[]);
    one.syncs(&relay).unwrap();
    assert_eq!(state(waits).as_deref(), Some("pending"));
    gives_back(&mut one, "one", 900, false);
    one.syncs(&relay).unwrap();
    assert_eq!(state(waits).as_deref(), Some("pending"));
    gives_back(&mut one, "one", 900, false);
    one.syncs(&relay).unwrap();
    assert_eq!(state(waits).as_deref(), Some("cancelled"));
    assert_eq!(kinds(), ["joined", "qualified", "cancelled"]);
    // Odd, looked at, granted, taken back.
    let odd = Friend::joins(&mut one, "+14155550101", "solare", None);
    let reward = odd.qualifies(&mut one, None, 0, &["same address"]);
    one.syncs(&relay).unwrap();
    assert_eq!(state(reward).as_deref(), Some("review"));
    let looked = |allowed, clock| {
        Body::ReferralReviewed(Reviewed {
            reward,
            allowed,
            clock: Hlc(clock),
        })
    };
    one.does(&looked(false, 5), &Private::default());
    one.syncs(&relay).unwrap();
    assert_eq!(state(reward).as_deref(), Some("rejected"));
    one.does(&looked(true, 6), &Private::default());
    let entry = odd.is_granted(&mut one);
    one.syncs(&relay).unwrap();
    assert_eq!(state(reward).as_deref(), Some("granted"));
    one.reverses(entry, odd.member, 50);
    one.syncs(&relay).unwrap();
    assert_eq!(state(reward).as_deref(), Some("reversed"));
    assert_eq!(
        kinds()[3..],
        ["joined", "qualified", "rejected", "allowed", "granted", "reversed"]
    );
    // Two tills that were apart: the first in shop order.
    let both = Friend::joins(&mut one, "+14155550102", "solare", None);
    one.syncs(&relay).unwrap();
    two.syncs(&relay).unwrap();
    let (first, second) = (
        both.qualifies(&mut one, None, 0, &[]),
        both.qualifies(&mut two, None, 0, &[]),
    );
    both.is_granted(&mut one);
    both.is_granted(&mut two);
    meet(&relay, &mut one, &mut two);
    assert_eq!((state(first).as_deref(), state(second)), (Some("granted"), None));
    // Erased: the attribution says so, and what waits is off.
    let gone = Friend::joins(&mut one, "+14155550103", "solare", None);
    let waits = gone.qualifies(&mut one, None, 0, &[]);
    one.does(&Body::MemberErased { member: gone.member }, &Private::default());
    one.syncs(&relay).unwrap();
    assert_eq!(state(waits).as_deref(), Some("cancelled"));
    let page = list(&relay, &key, "attributions");
    let last = page["items"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["member_id"], &last["why_not"]),
        (&json!(gone.member), &json!("erased"))
    );
}

fn clicks_are_listed_when_none_can_come_before(place: &Place) {
    let shop = shop(place);
    place
        .run(&["code", "add", "--shop", &shop, "--code", "solare"])
        .unwrap();
    let relay = place.serve();
    let (key, _) = key(place, &shop, &[]);
    for _ in 0..3 {
        assert_eq!(get(&relay, "/ref/solare", &[]).status(), 302);
    }
    let clicks = |after: (i64, uuid::Uuid), before: uuid::Uuid| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let db = relay::store::Db::connect(&place.url, 1).await.unwrap();
            let shop = loyalty::ShopId(shop.parse().unwrap());
            let found = relay::store::referred::clicks(&db, shop, after, before, 2)
                .await
                .unwrap();
            db.close().await;
            found
        })
    };
    let start = (0, uuid::Uuid::nil());
    let all = clicks(start, uuid::Uuid::max());
    assert_eq!(
        all.iter()
            .map(|c| (c.code.as_str(), c.device.as_str(), c.person))
            .collect::<Vec<_>>(),
        [("solare", "phone", true); 2]
    );
    assert!(clicks(start, all[0].click_id).is_empty());
    let day = relay::clock::now().0 / UtcMs::DAY_MS;
    let mut rest = (day - 1..=day + 1).map(|day| clicks((day, all[1].click_id), uuid::Uuid::max()).len());
    assert!(rest.any(|left| left == 1));
    let said = list(&relay, &key, "clicks");
    assert!(said["items"].as_array().unwrap().len() <= 3 && said["more"] == false);
}

fn what_came_before_the_tables_is_in_them(place: &Place) {
    let shop = shop(place);
    let relay = place.serve();
    let mut till = Till::pair(&relay, &place.code(&shop));
    // More than one transaction takes.
    let friend = Friend::joins(&mut till, "+14155550100", "solare", None);
    for _ in 0..250 {
        friend.qualifies(&mut till, None, 0, &[]);
    }
    till.syncs(&relay).unwrap();
    assert_eq!(place.number("SELECT count(*) FROM referral_events"), 0);
    let (key, _) = key(place, &shop, &[]);
    let (one, two) = std::thread::scope(|scope| {
        // Whoever waits for the other one for too long hears so, and asks again.
        let ask = || {
            until("both are answered", || ask(&relay, &key, "events").status() == 200);
            list(&relay, &key, "events?limit=1000")
        };
        let (one, two) = (scope.spawn(ask), scope.spawn(ask));
        (one.join().unwrap(), two.join().unwrap())
    });
    assert_eq!(one, two);
    assert_eq!(
        place.number("SELECT count(*) FROM referral_events WHERE kind = 'joined'"),
        1
    );
    assert_eq!(
        place.number("SELECT count(*) FROM referral_rewards WHERE settled = 0"),
        1
    );
}
