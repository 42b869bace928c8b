//! The made-up shop: believable, whole, and the same for the same seed and day.

use crate::support::Shop;
use serde_json::{Value, json};

const TODAY: [&str; 5] = ["demo", "--members", "60", "--today", "2026-11-20"];

/// Every line without what the machine's own secret is in: ids and times and all.
fn lines(shop: &Shop) -> Vec<String> {
    let out = shop.plain(&["ledger", "export", "--format", "jsonl"]).out;
    out.lines().map(str::to_owned).collect()
}

#[test]
fn the_same_seed_makes_the_same_shop() {
    let shops = [Shop::none(), Shop::none(), Shop::none()];
    let made: Vec<Value> = ["7", "7", "8"]
        .iter()
        .zip(&shops)
        .map(|(seed, shop)| shop.ok(&[&TODAY[..], &["--seed", seed]].concat()))
        .collect();
    assert_eq!(made[0]["stats"], made[1]["stats"]);
    assert_ne!(made[0]["stats"], made[2]["stats"]);
    let first = lines(&shops[0]);
    assert!(first == lines(&shops[1]) && first != lines(&shops[2]));
    assert_eq!(
        made[0]["staff"][0],
        json!({"name": "Olive", "role": "owner", "pin": "2468"})
    );
    shops[0].refused(&TODAY, 3, "already_initialised");

    let parsed: Vec<Value> = first.iter().map(|l| serde_json::from_str(l).unwrap()).collect();
    let of = |kind: &str| parsed.iter().filter(|l| l["kind"] == kind).count();
    assert!(
        of("earn") > 1000 && of("redeem") > 50 && of("reverse") > 0 && of("adjust") > 0,
        "{:?}",
        made[0]
    );
    // Birthdays and stamp cards are there to be seen.
    assert!(of("bonus") > 3, "{:?}", made[0]);
    let free = parsed
        .iter()
        .filter(|l| l["reward"] == "1 Flat white or Cappuccino free");
    assert!(free.count() > 10);
    let times: Vec<&str> = parsed.iter().map(|l| l["at"].as_str().unwrap()).collect();
    assert!(times.is_sorted() && times[0] > "2025-11-20" && times[times.len() - 1] > "2026-11-20");
    let by: std::collections::HashSet<&str> = parsed.iter().map(|l| l["by"].as_str().unwrap()).collect();
    assert!(["Ana", "Ben", "Kim"].iter().all(|name| by.contains(name)), "{by:?}");

    let verified = shops[0].ok(&["ledger", "verify"]);
    assert_eq!((&verified["ok"], &verified["members"]), (&json!(true), &json!(60)));
}

#[test]
fn its_pins_open_the_till() {
    let shop = Shop::none();
    shop.ok(&["demo", "--members", "3"]);
    let secrets = secrets::Secrets::open_file("org.regulars.till", &shop.dir()).unwrap();
    let pepper = ledger::Pepper::new(secrets.get("pin-pepper").unwrap().unwrap().try_into().unwrap());
    let store = shop.store();
    for (name, pin) in [("Olive", "2468"), ("Ben", "1357"), ("Ana", "1234"), ("Kim", "4321")] {
        let staff = store.staff().unwrap().into_iter().find(|s| s.name == name).unwrap();
        assert_eq!(store.sign_in(staff.staff_id, pin, &pepper).unwrap(), staff.role);
    }
    assert!(store.stats().unwrap().members >= 3);
}
