//! What of clicks is kept: who is believed about a visitor, how long each click stays, what stays after it, and how
//! codes are found among many.

use relay::store::{Db, links};
use serde_json::json;

use crate::harness::{Place, Relay};
use crate::linking::{add, clicks, get, leads, shop, unknown};
use crate::on_both;

on_both! {
    only_trusted_proxies_tell_of_visitors, totals_outlive_clicks_and_keys, a_million_codes_are_found_by_an_index,
}

fn only_trusted_proxies_tell_of_visitors(place: &Place) {
    let shop = shop(place);
    add(place, &shop, "solare", &[]).unwrap();
    let visit = |relay: &Relay, from: &str, country: &str| {
        let said = [("x-forwarded-for", from), ("cf-ipcountry", country)];
        assert_eq!(get(relay, "/ref/solare", &said).status(), 302);
    };
    let told = ["--country-header", "CF-IPCountry"];
    let relay = place.serve_with(&told);
    visit(&relay, "192.0.2.1", "US");
    visit(&relay, "192.0.2.2", "US");
    assert_eq!(
        clicks(place, &shop, "solare"),
        json!({"clicks": 2, "unique": 1, "bots": 0})
    );
    drop(relay);
    let relay = place.serve_with(&[&told[..], &["--trusted-proxies", "127.0.0.0/8"]].concat());
    visit(&relay, "192.0.2.1", "US");
    visit(&relay, "192.0.2.2", "nonsense");
    visit(&relay, "192.0.2.2", "MX");
    assert_eq!(
        clicks(place, &shop, "solare"),
        json!({"clicks": 5, "unique": 3, "bots": 0})
    );
    assert_eq!(
        place.texts("SELECT country FROM clicks ORDER BY click_id"),
        ["", "", "US", "", "MX"]
    );
    // An address is nowhere in the database, nor what it would hash to without the day's key.
    let visitors = place.texts("SELECT DISTINCT CAST(length(visitor) AS TEXT) FROM clicks");
    assert_eq!(visitors, ["16"]);
    let relay = place.serve_with(&["--click-rate", "3"]);
    let answers: Vec<u16> = (0..5)
        .map(|_| get(&relay, "/ref/solare", &[]).status().as_u16())
        .collect();
    assert_eq!(answers[..3], [302, 302, 302]);
    assert_eq!(answers[4], 429);
}

/// Does something with the database of a relay that is not running.
fn with<T>(place: &Place, work: impl AsyncFnOnce(Db) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let db = Db::connect(&place.url, 2).await.unwrap();
        let done = work(db.clone()).await;
        db.close().await;
        done
    })
}

fn totals_outlive_clicks_and_keys(place: &Place) {
    let shop = shop(place);
    add(place, &shop, "solare", &[]).unwrap();
    let relay = place.serve();
    for _ in 0..3 {
        get(&relay, "/ref/solare", &[]);
    }
    get(&relay, "/ref/nobody", &[("host", "example.com")]);
    drop(relay);
    let day = 24 * 60 * 60 * 1000;
    let at = |days: i64| loyalty::UtcMs(relay::clock::now().0 + days * day);
    let counted = json!({"clicks": 3, "unique": 1, "bots": 0});
    let state = || {
        let number = |sql: &str| place.number(sql);
        (
            number("SELECT count(*) FROM clicks"),
            number("SELECT count(*) FROM click_days"),
            number("SELECT count(*) FROM visitor_keys"),
        )
    };
    // Today is not over: nothing is added up.
    with(place, async |db| relay::web::house::tidy(&db, at(0)).await.unwrap());
    assert_eq!((state(), clicks(place, &shop, "solare")), ((4, 0, 1), counted.clone()));
    // Twice, as two relays would.
    for _ in 0..2 {
        with(place, async |db| relay::web::house::tidy(&db, at(2)).await.unwrap());
        assert_eq!((state(), clicks(place, &shop, "solare")), ((4, 2, 0), counted.clone()));
    }
    with(place, async |db| relay::web::house::tidy(&db, at(95)).await.unwrap());
    assert_eq!((state(), clicks(place, &shop, "solare")), ((0, 2, 0), counted));
    assert_eq!(unknown(place, &shop), 1);
}

fn a_million_codes_are_found_by_an_index(place: &Place) {
    let shop = shop(place);
    add(place, &shop, "last-one", &[]).unwrap();
    let numbers = if place.url.starts_with("sqlite") {
        "WITH RECURSIVE n(i) AS (SELECT $1 + 1 UNION ALL SELECT i + 1 FROM n WHERE i < $2)"
    } else {
        "WITH n AS (SELECT i FROM generate_series($1 + 1, $2) AS i)"
    };
    let (plan, explain) = with(place, async |db| {
        for insert in [
            "INSERT INTO code_owners (code, shop_id) {n} SELECT 'code-' || i, shop_id FROM n, shops",
            "INSERT INTO referral_codes (shop_id, code, kind, campaign, created_at) {n} SELECT shop_id, 'code-' || i, 'vendor', '', 0 FROM n, shops",
        ] {
            // In pieces: the relay lets no statement run for long.
            for from in (0..1_000_000_i64).step_by(50_000) {
                let (sql, to) = (insert.replace("{n}", numbers), from + 50_000);
                db.run(&sql, relay::args![from, to]).await.unwrap();
            }
        }
        db.run("ANALYZE", &[]).await.unwrap();
        let (explain, column) = if place.url.starts_with("sqlite") {
            ("EXPLAIN QUERY PLAN", 3)
        } else {
            ("EXPLAIN", 0)
        };
        let rows = db
            .all(&format!("{explain} {}", links::FIND), relay::args!["code-999999"])
            .await
            .unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.text(column).unwrap()).collect();
        (plan.join("\n"), explain)
    });
    for table in ["code_owners", "referral_codes"] {
        assert!(!plan.contains(&format!("Seq Scan on {table}")), "{explain}:\n{plan}");
    }
    assert!(!plan.contains("SCAN "), "{plan}");
    let relay = place.serve();
    assert!(leads(&relay, "/ref/code-999999", &[]).contains("utm_source=code-999999"));
    assert!(leads(&relay, "/ref/last-one", &[]).contains("utm_source=last-one"));
    assert_eq!(leads(&relay, "/ref/code-1000001", &[]), "404");
}
