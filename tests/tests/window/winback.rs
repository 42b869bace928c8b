//! Regulars who stay away in the real window: who they are by the rules, a choice and its undo, one for everybody, and
//! that the till's own file says the same.

use std::path::Path;
use system_tests::browser::Window;
use system_tests::desk::Desk;
use system_tests::programs::ctl;

use crate::shop::{CASHIER, at_the_counter, demo, to_the_owner};

const RULES: &str =
    "Earn 1 point per $1\nLapsing after 30 days for members with 3 visits; nudge at most 2 times; then rest\n";

#[tokio::test]
async fn regulars_who_stay_away_are_listed_and_chosen_for() {
    let desk = Desk::new();
    let dir = demo();
    let rules = dir.path().join("lapsing.rules");
    std::fs::write(&rules, RULES).expect("the rules are written");
    ctl(
        dir.path(),
        &["rules", "publish", rules.to_str().expect("a path of text")],
    );
    let away = chosen(dir.path()).len();
    assert!(away > 2, "{away} stay away in the demo shop");

    let w = at_the_counter(&desk, dir.path(), CASHIER).await;
    to_the_owner(&w, "winback").await;
    // Without a relay nothing is mailed: the page says so, and the list is there.
    w.see("winback-alone").await;
    w.see("winback-row").await;
    w.picture("winback").await;
    choose(&w, "winback-choose", "rest").await;
    w.see("winback-undo").await;
    assert_eq!(resting(dir.path()), 1);
    w.press("winback-undo").await;
    w.reads("winback-says", "Taken back").await;
    assert_eq!(resting(dir.path()), 0);

    choose(&w, "winback-for-all", "rest").await;
    assert_eq!(resting(dir.path()), 0, "looking through the choices does nothing");
    w.press("winback-for-all-go").await;
    w.reads("winback-says", &format!("{away} members")).await;
    assert_eq!(resting(dir.path()), away);
    w.size(1024, 768).await;
    w.picture("winback-all").await;
    w.press("winback-undo").await;
    w.reads("winback-says", "Taken back").await;
    assert_eq!(resting(dir.path()), 0);
    w.close().await;
    assert_eq!(ctl(dir.path(), &["ledger", "verify"])["ok"], true);
}

/// Takes a choice from the first list of choices with this `data-testid`, as a press on it does.
async fn choose(w: &Window, id: &str, value: &str) {
    w.see(id)
        .await
        .select_by_value(value)
        .await
        .expect("there is such a choice");
}

/// What is chosen for each who stays away, as the file has it.
fn chosen(data: &Path) -> Vec<Option<String>> {
    let list = ctl(data, &["lapsing", "list"]);
    let away = list["members"].as_array().unwrap_or_else(|| panic!("no list: {list}"));
    away.iter()
        .map(|one| one["chosen"].as_str().map(str::to_owned))
        .collect()
}

fn resting(data: &Path) -> usize {
    chosen(data).iter().flatten().filter(|choice| *choice == "rest").count()
}
