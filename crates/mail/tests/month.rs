//! The month in words, and whether a text about it says only what the figures say.

use mail::month::{Figures, Month, check, story};
use mail::{Language, Values};
use proptest::prelude::*;

fn october() -> Month {
    Month {
        year: 2026,
        month: 10,
        currency: "USD".into(),
        digits: 2,
        country: "US".to_owned(),
        now: Figures {
            joins: 14,
            visits: 412,
            points_given: 3907,
            points_spent: 3100,
            rewards_given: 31,
            cost_minor: Some(3720),
            referrals: 5,
            win_backs: 2,
        },
        before: Figures {
            joins: 9,
            visits: 380,
            points_given: 3500,
            points_spent: 2800,
            rewards_given: 28,
            cost_minor: Some(3360),
            referrals: 0,
            win_backs: 1,
        },
    }
}

#[test]
fn the_template_says_the_month() {
    assert_eq!(
        story(&october(), Language::En),
        "October brought 412 visits, 8% more than September (380). 14 people joined; in September it was 9. \
         You gave 3,907 points and 31 rewards, which cost $37.20 by your rules. 5 members came through a friend or a partner. \
         2 regulars came back after you wrote to them."
    );
    assert!(
        story(&october(), Language::Es).starts_with("En octubre hubo 412 visitas, un 8 % más que en septiembre (380).")
    );
    let quiet = Month {
        now: Figures::default(),
        before: Figures::default(),
        ..october()
    };
    assert_eq!(story(&quiet, Language::En), "No member's visit was counted in October.");
}

#[test]
fn what_the_figures_bear_out_goes_through_and_nothing_else() {
    let month = october();
    for good in [
        "A good October: 412 visits against 380, which is 32 more, or 8%. Well done.",
        "You gave 3,907 points for $37.20, and five friends came along in 2026.",
        "Visits rose by 8.4% and joins by 55.6 percent. One of the best months.",
        "En octubre diste 3.907 puntos y catorce personas se unieron: un 56 % más.",
        "Rewards rose 10.7%, from 28 to 31; the cost went from 33.60 to 37.20.",
    ] {
        assert_eq!(check(good, &month), Ok(()), "{good}");
    }
    for bad in [
        "A good October: 413 visits against 380 in September.",
        "Visits rose by 9% against September, a fine result.",
        "Visits rose by 8.9% against September, a fine result.",
        "You gave 39,07 points and had a fine month all in all.",
        "Visits doubled against September, a fine result for all.",
        "Nearly half of the visitors came through a friend of theirs.",
        "Twenty people joined in October, a fine result for all.",
        "Thirty-one hundred points were spent on rewards in October.",
        "Forty percent more people joined in October than before.",
        "See http://example.com for the 412 visits of October.",
        "Write to owner@example.com about the 412 visits of October.",
        "There were ４１３ visits in October, a fine result for all.",
        "There were 412k visits in October, a fine result for all.",
        "<b>412</b> visits came in October, a fine result for all.",
        "412",
        "",
    ] {
        assert!(check(bad, &month).is_err(), "{bad}");
    }
    assert!(check(&"412 visits. ".repeat(200), &month).is_err());
}

#[test]
fn more_is_more_and_fewer_is_fewer() {
    let mut month = october();
    // Joins rose from 9 to 14, visits fell from 380 to 312, points spent stayed.
    (month.now.visits, month.before.points_spent) = (312, 3100);
    for good in [
        "Visits fell to 312 in October, which is 18% fewer than before.",
        "14 people joined, 5 more than in September. Visits were down by 68.",
        "Visits fell from 380 to 312, and 14 people joined, up from 9.",
        "Hubo 312 visitas, 68 menos que en septiembre; se unieron 14, un 56 % más.",
        "Las visitas bajaron a 312 y los canjes subieron a 31.",
        "The cost rose to 37.20 from 33.60 in 2026. It was a fine month.",
    ] {
        assert_eq!(check(good, &month), Ok(()), "{good}");
    }
    for (bad, word) in [
        ("Visits rose to 312 in October. It was a fine month for all.", "rose"),
        ("There were 312 visits, 18% more than there were in September.", "more"),
        ("14 people joined, 5 fewer than in September, all in all.", "fewer"),
        ("Joins dropped from 9 to 14 over the whole of the month.", "dropped"),
        ("The cost fell to 37.20 over the whole of the month.", "fell"),
        ("Hubo 312 visitas, 68 más que en septiembre, y nada que decir.", "más"),
        ("Se unieron 14 personas, 5 menos que en septiembre, y ya está.", "menos"),
        (
            "Las visitas subieron a 312, y no hay nada que decir de ello.",
            "subieron",
        ),
        // What stayed neither grew nor fell.
        ("Points spent rose to 3100 over the whole of the month.", "rose"),
        // Of no figure, of two that moved apart, both ways at once, turned around.
        ("More people came than in September, with 312 visits in all.", "more"),
        ("We saw 14 new people with 312 visits in all, more than before.", "more"),
        ("It went up or down from 380 to 312 over the whole month.", "up"),
        ("Visits did not grow to 312 over the whole of the month.", "grow"),
        ("The year 2026 has been growing on us over the whole month.", "growing"),
    ] {
        assert_eq!(check(bad, &month).map_err(|no| no.0), Err(word.to_owned()), "{bad}");
    }
}

fn figures() -> impl Strategy<Value = Figures> {
    let n = || prop_oneof![Just(0_i64), 0..50_i64, 0..5_000_000_i64];
    (n(), n(), n(), n(), n(), prop::option::of(n()), n(), n()).prop_map(
        |(joins, visits, points_given, points_spent, rewards_given, cost_minor, referrals, win_backs)| Figures {
            joins,
            visits,
            points_given,
            points_spent,
            rewards_given,
            cost_minor,
            referrals,
            win_backs,
        },
    )
}

proptest! {
    #[test]
    fn what_the_template_says_always_goes_through(now in figures(), before in figures(), month in 1..13_u32, digits in 0..3_u32, country in "US|ES") {
        let month = Month { year: 2026, month, currency: "EUR".into(), digits, country, now, before };
        for language in Language::ALL {
            let said = story(&month, language);
            prop_assert_eq!(check(&said, &month), Ok(()), "{}", said);
            prop_assert!(!said.is_empty());
        }
        for bar in month.bars(Language::En) {
            let (now, before) = bar.lengths(20);
            prop_assert!((0..=20).contains(&now) && (0..=20).contains(&before) && now.max(before) == 20);
        }
        // What is shown of it is the same after it went through a value.
        let values = Values::new().text(mail::Name::Story, &story(&month, Language::En));
        prop_assert!(values.get(mail::Name::Story).is_some_and(|said| check(said, &month).is_ok()));
    }

    #[test]
    fn a_direction_is_found_out_whatever_the_figures(now in 1..5_000_000_i64, before in 1..5_000_000_i64) {
        // One figure alone, so that nothing else can bear it out.
        let figures = |visits| Figures { visits, ..Figures::default() };
        let month = Month { now: figures(now), before: figures(before), ..october() };
        for (word, grew) in [("rose", true), ("fell", false), ("subieron", true), ("bajaron", false)] {
            let said = format!("Visits {word} from {before} to {now} in October.");
            let true_ = if grew { now > before } else { now < before };
            prop_assert_eq!(check(&said, &month).is_ok(), true_, "{}", said);
        }
    }

    #[test]
    fn a_number_that_is_none_of_the_figures_is_found(n in 0..1_000_000_i64, text in "[a-z ]{0,20}") {
        let month = october();
        let known: Vec<i64> = month.counted().iter().flat_map(|(a, b)| [*a, *b, (a - b).abs()]).chain([2026]).collect();
        let said = format!("In October we saw {n} of it, which is fine. {text}");
        if !known.contains(&n) {
            prop_assert!(check(&said, &month).is_err());
        }
    }

    #[test]
    fn nothing_makes_it_panic(text in "\\PC{0,80}") {
        let _ = check(&text, &october());
    }
}
