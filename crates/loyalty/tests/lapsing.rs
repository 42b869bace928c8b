//! Members who stay away: the state that is folded from the past against one that is kept, and the cases by name.

use loyalty::lapsing::*;
use loyalty::rules::{Lapsing, Period, Unit};
use loyalty::time::ShopZone;
use loyalty::{OpId, UtcMs};
use proptest::prelude::*;
use uuid::Uuid;

const DAY: i64 = UtcMs::DAY_MS;

fn rule(nudges: i64) -> Lapsing {
    let after = Period {
        count: 60,
        unit: Unit::Days,
    };
    Lapsing {
        after,
        visits: 5,
        nudges,
    }
}

fn zone() -> ShopZone {
    "America/Los_Angeles".parse().unwrap()
}

fn op(n: u128) -> OpId {
    OpId(Uuid::from_u128(n))
}

/// A shop's owner, a member and the weekly look, from a list of what happens on which day: the obvious way, with a
/// state that is kept and changed in place of folded from the past.
#[derive(Default)]
struct Plain {
    visits: Vec<i64>,
    nudges: i64,
    had_bonus: bool,
    last_mail: Option<i64>,
    chosen: Option<(u128, Choice)>,
    /// The day, whether points came, and what it carried out.
    mails: Vec<(i64, bool, Option<u128>)>,
}

impl Plain {
    fn visit(&mut self, day: i64) {
        self.visits.push(day);
        (self.nudges, self.had_bonus, self.last_mail, self.chosen) = (0, false, None, None);
    }

    fn look(&mut self, day: i64, most: i64, usual: Usual) {
        let away = self.visits.last().map_or(0, |last| day - last);
        if self.visits.len() < 5 || away < 60 || self.nudges >= most {
            return;
        }
        let choice = self.chosen.map_or(usual.choice, |(_, choice)| choice);
        let fresh = self.last_mail.is_some_and(|last| day - last < 14) && self.chosen.is_none();
        if choice == Choice::Rest || fresh {
            return;
        }
        let bonus = choice == Choice::Bonus && !self.had_bonus && usual.bonus > 0;
        self.mails.push((day, bonus, self.chosen.take().map(|(n, _)| n)));
        self.nudges += 1;
        self.had_bonus |= bonus;
        self.last_mail = Some(day);
    }
}

#[derive(Clone, Debug)]
enum Event {
    Visit,
    Choose(Option<Choice>),
    Look,
}

fn events() -> impl Strategy<Value = Vec<(i64, Event)>> {
    let choice = prop_oneof![
        Just(None),
        Just(Some(Choice::Nudge)),
        Just(Some(Choice::Bonus)),
        Just(Some(Choice::Rest)),
    ];
    let event = prop_oneof![
        2 => Just(Event::Visit),
        3 => choice.prop_map(Event::Choose),
        6 => Just(Event::Look),
    ];
    // Mostly a few days, sometimes longer than the window.
    let pause = prop_oneof![4 => 1..9i64, 1 => 50..90i64];
    prop::collection::vec((pause, event), 0..80)
}

fn usual() -> impl Strategy<Value = Usual> {
    prop_oneof![
        Just(Usual {
            choice: Choice::Nudge,
            bonus: 0
        }),
        Just(Usual {
            choice: Choice::Nudge,
            bonus: 40
        }),
        Just(Usual {
            choice: Choice::Bonus,
            bonus: 40
        }),
        Just(Usual {
            choice: Choice::Rest,
            bonus: 40
        }),
    ]
}

proptest! {
    #[test]
    fn folding_the_past_comes_to_the_same_as_keeping_a_state(events in events(), usual in usual(), most in 0..4i64) {
        let (mut plain, rule, zone) = (Plain::default(), rule(most), zone());
        let (mut visits, mut acts, mut word): (Vec<UtcMs>, Vec<Act>, Option<Word>) = (Vec::new(), Vec::new(), None);
        // Three visits too few at first.
        for day in 0..2 { plain.visit(day); visits.push(UtcMs(day * DAY)); }
        let (mut day, mut n) = (10, 0);
        for (pause, event) in events {
            day += pause;
            n += 1;
            let now = UtcMs(day * DAY);
            match event {
                Event::Visit => { plain.visit(day); visits.push(now); }
                Event::Choose(choice) => {
                    plain.chosen = choice.map(|choice| (n, choice));
                    word = Some(Word { op: op(n), at: now, choice });
                }
                Event::Look => {
                    plain.look(day, most, usual);
                    let count = i64::try_from(visits.len()).unwrap();
                    let Some(lapse) = lapse(&rule, zone, count, visits.last().copied(), &acts, word, now) else { continue };
                    prop_assert!(lapse.nudges <= most);
                    if let Next::Mail(points) = next(&rule, usual, &lapse, now) {
                        acts.push(Act { at: now, bonus: points > 0, chosen: lapse.chosen.map(|(op, _)| op) });
                    }
                }
            }
        }
        let made: Vec<_> = acts.iter().map(|a| (a.at.0 / DAY, a.bonus, a.chosen.map(|op| op.0.as_u128()))).collect();
        prop_assert_eq!(&made, &plain.mails);
        // In no lapse are there more mails than allowed, nor two bonuses, nor mails while they came.
        for pair in visits.windows(2) {
            let within: Vec<_> = acts.iter().filter(|a| a.at > pair[0] && a.at <= pair[1]).collect();
            prop_assert!(i64::try_from(within.len()).unwrap() <= most);
            prop_assert!(within.iter().filter(|a| a.bonus).count() <= 1);
            prop_assert!(within.iter().all(|a| a.at.0 - pair[0].0 >= 60 * DAY));
        }
    }
}

#[test]
fn a_lapse_goes_from_the_first_mail_to_rest_and_a_visit_ends_it() {
    let (rule, usual) = (rule(2), Usual::default());
    let day = |n: i64| UtcMs(1_780_000_000_000 + n * DAY);
    let at = |acts: &[Act], last: i64, now: i64| {
        let lapse = lapse(&rule, zone(), 7, Some(day(last)), acts, None, day(now))?;
        Some((lapse.nudges, next(&rule, usual, &lapse, day(now))))
    };
    assert_eq!(at(&[], 0, 59), None);
    assert_eq!(at(&[], 0, 60), Some((0, Next::Mail(0))));
    let act = |n| Act {
        at: day(n),
        bonus: false,
        chosen: None,
    };
    assert_eq!(at(&[act(60)], 0, 67), Some((1, Next::Wait(day(74)))));
    assert_eq!(at(&[act(60)], 0, 74), Some((1, Next::Mail(0))));
    let both = [act(60), act(74)];
    assert_eq!(at(&both, 0, 200), Some((2, Next::Rest(Resting::Enough))));
    // Back on day 80, and away again: all begins anew.
    assert_eq!(at(&both, 80, 90), None);
    assert_eq!(at(&both, 80, 140), Some((0, Next::Mail(0))));
    assert!(won_back(&both, day(0), day(80)) && won_back(&both, day(0), day(104)));
    assert!(!won_back(&both, day(0), day(105)) && !won_back(&both, day(80), day(81)));
}

#[test]
fn what_the_owner_chose_goes_out_at_the_next_look_and_once() {
    let (rule, usual) = (
        rule(3),
        Usual {
            choice: Choice::Nudge,
            bonus: 40,
        },
    );
    let day = |n: i64| UtcMs(1_780_000_000_000 + n * DAY);
    let word = |n: u128, at, choice| {
        Some(Word {
            op: op(n),
            at: day(at),
            choice,
        })
    };
    let first = Act {
        at: day(61),
        bonus: false,
        chosen: None,
    };
    let at = |acts: &[Act], word, now| {
        let lapse = lapse(&rule, zone(), 5, Some(day(0)), acts, word, day(now)).unwrap();
        next(&rule, usual, &lapse, day(now))
    };
    // It does not wait for the pause, and a second bonus is a mail alone.
    assert_eq!(at(&[first], word(1, 62, Some(Choice::Bonus)), 63), Next::Mail(40));
    let second = Act {
        at: day(63),
        bonus: true,
        chosen: Some(op(1)),
    };
    assert_eq!(
        at(&[first, second], word(1, 62, Some(Choice::Bonus)), 64),
        Next::Wait(day(77))
    );
    assert_eq!(
        at(&[first, second], word(2, 64, Some(Choice::Bonus)), 65),
        Next::Mail(0)
    );
    // Taken back before it went out; and rest.
    assert_eq!(at(&[first], word(3, 62, None), 63), Next::Wait(day(75)));
    assert_eq!(
        at(&[], word(4, 62, Some(Choice::Rest)), 63),
        Next::Rest(Resting::Chosen)
    );
}

#[test]
fn sixty_days_are_the_shops_own_also_when_clocks_change() {
    // Months and years are of the calendar, days are of 24 hours: a change of clocks moves them by an hour.
    let parse = |text: &str| UtcMs(chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis());
    let months = Lapsing {
        after: Period {
            count: 2,
            unit: Unit::Months,
        },
        visits: 1,
        nudges: 1,
    };
    let is = |zone: &str, last: &str, now: &str| {
        lapse(
            &months,
            zone.parse().unwrap(),
            1,
            Some(parse(last)),
            &[],
            None,
            parse(now),
        )
        .is_some()
    };
    // 9:00 in Los Angeles on 9 September (summer) and on 9 November (winter).
    assert!(!is(
        "America/Los_Angeles",
        "2026-09-09T16:00:00Z",
        "2026-11-09T16:59:59Z"
    ));
    assert!(is(
        "America/Los_Angeles",
        "2026-09-09T16:00:00Z",
        "2026-11-09T17:00:00Z"
    ));
    // Berlin: 29 March. Lord Howe: 4 October, by half an hour.
    assert!(!is("Europe/Berlin", "2026-02-15T08:00:00Z", "2026-04-15T06:59:59Z"));
    assert!(is("Europe/Berlin", "2026-02-15T08:00:00Z", "2026-04-15T07:00:00Z"));
    assert!(!is(
        "Australia/Lord_Howe",
        "2026-08-14T22:30:00Z",
        "2026-10-14T21:59:59Z"
    ));
    assert!(is(
        "Australia/Lord_Howe",
        "2026-08-14T22:30:00Z",
        "2026-10-14T22:00:00Z"
    ));
}
