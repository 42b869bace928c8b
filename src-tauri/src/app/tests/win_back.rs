//! Members who stay away, in the owner's window: the list, a choice and its undo, what is usual. What the relay does is
//! in the tests of the ledger and the relay.

use super::*;
use crate::views::{WinBackChoice, WinBackNext, WinBackUsual};

const RULES: &str =
    "Earn 1 point per $1\nLapsing after 60 days for members with 1 visit; nudge at most 2 times; then rest\n";
const DAY_S: i64 = 86_400;

fn usual(choice: WinBackChoice, bonus: i32) -> WinBackUsual {
    WinBackUsual { choice, bonus }
}

#[test]
fn who_stays_away_is_listed_and_chosen_for() {
    let rig = Rig::shop();
    assert_eq!(code(rig.app.win_back()), "locked");
    let (maria, _) = rig.maria();
    rig.app.open_owner(OWNER_PIN).unwrap();
    let seen = rig.app.win_back().unwrap();
    assert!(seen.rule.is_none() && seen.away.is_empty() && !seen.relay);
    rig.app.rules_publish(&op(), RULES).unwrap();
    let seen = rig.app.win_back().unwrap();
    let rule = seen.rule.unwrap();
    assert_eq!((rule.line.as_str(), rule.nudges), (RULES.lines().nth(1).unwrap(), 2));
    assert!(seen.away.is_empty(), "she was here today");

    rig.clock.pass_s(71 * DAY_S);
    assert_eq!(code(rig.app.win_back()), "locked");
    rig.app.unlock_owner(OWNER_PIN).unwrap();
    let seen = rig.app.win_back().unwrap();
    let away = &seen.away[0];
    assert_eq!(
        (away.member_id.as_str(), away.name.as_str(), away.last4.as_str()),
        (maria.as_str(), "Maria Lopez", "0123")
    );
    assert_eq!((away.weeks, away.nudges, away.visits, away.points), (10, 0, 1, 120));
    assert_eq!(
        (away.next, away.chosen, away.gets_mail),
        (WinBackNext::Nudge, None, false)
    );

    let who = [maria];
    let no_bonus = rig.app.win_back_choose(&who, Some(WinBackChoice::Bonus));
    assert_eq!(code(no_bonus), "bad_points");
    let rested = rig.app.win_back_choose(&who, Some(WinBackChoice::Rest)).unwrap();
    assert_eq!(
        (rested.away[0].next, rested.away[0].chosen_by.as_str()),
        (WinBackNext::RestChosen, "Olga")
    );
    let undone = rig.app.win_back_choose(&who, None).unwrap();
    assert_eq!((undone.away[0].next, undone.away[0].chosen), (WinBackNext::Nudge, None));

    for wrong in [usual(WinBackChoice::Bonus, 0), usual(WinBackChoice::Nudge, -1)] {
        assert_eq!(code(rig.app.win_back_usual(&op(), &wrong)), "bad_points");
    }
    let again = op();
    for _ in 0..2 {
        // The answer was lost and the window asks again.
        let seen = rig
            .app
            .win_back_usual(&again, &usual(WinBackChoice::Bonus, 25))
            .unwrap();
        assert_eq!((seen.away[0].next, seen.away[0].next_points), (WinBackNext::Bonus, 25));
    }
    assert_eq!(code(rig.app.win_back_choose(&["nobody".to_owned()], None)), "missing");
}
