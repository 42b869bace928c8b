//! No network at all: the same test again, in a network namespace that has nothing but loopback (where the driver is).

use std::process::Command;
use system_tests::desk::Desk;
use system_tests::programs::ctl;

use crate::shop::{CASHIER, at_the_counter, credit, demo, enrol};

/// Set in the run that has no network.
const INSIDE: &str = "REGULARS_TEST_OFFLINE";

#[test]
fn the_counter_works_without_a_network() {
    if std::env::var_os(INSIDE).is_some() {
        return day_without_network();
    }
    let may = Command::new("unshare")
        .args(["-n", "true"])
        .output()
        .is_ok_and(|o| o.status.success());
    if !may {
        println!("skipped: this user may not make a network namespace");
        return;
    }
    let me = std::env::current_exe().expect("a test has a path");
    let script = "ip link set lo up && exec \"$0\" --exact offline::the_counter_works_without_a_network --nocapture";
    let out = Command::new("unshare")
        .args(["-n", "sh", "-c", script])
        .arg(me)
        .env(INSIDE, "1")
        .output()
        .expect("unshare runs");
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(
        out.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&out.stderr)
    );
}

fn day_without_network() {
    let routes = std::fs::read_to_string("/proc/net/route").expect("routes can be read");
    assert!(routes.lines().count() <= 1, "there is a network: {routes}");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let desk = Desk::new();
        let dir = demo();
        let w = at_the_counter(&desk, dir.path(), CASHIER).await;
        enrol(&w, "6195559181", "Otto").await;
        credit(&w, "130").await;
        w.reads("balance", "130").await;
        w.press("redeem-1").await;
        w.press("redeem-confirm").await;
        w.reads("balance", "30").await;
        w.close().await;
        assert_eq!(
            ctl(dir.path(), &["member", "show", "--phone", "6195559181"])["balance"],
            30
        );
    });
}
