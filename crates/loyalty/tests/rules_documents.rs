//! Documents as owners write them: all of the grammar, its canonical form, and what survives any text at all.

use loyalty::rules::{Rules, default_document, format};
use loyalty::{Currency, Money};
use proptest::prelude::*;

fn currency(letters: &str) -> Currency {
    letters.parse().unwrap()
}

/// What is written, and its canonical form.
const WRITTEN: &[(&str, &str)] = &[
    ("earn 1 points per 1 USD", "Earn 1 point per $1"),
    (
        "Earn 2 points per $1.00 on sales over $5, at most 50 points a sale",
        "Earn 2 points per $1 on sales over $5, at most 50 points a sale",
    ),
    (
        "Earn 1 point per $1 on sales of USD 5 or more",
        "Earn 1 point per $1 on sales of $5 or more",
    ),
    ("Earn 5 points per visit", "Earn 5 points per visit"),
    (
        "Earn 5 points per visit, on the 1st visit",
        "Earn 5 points per visit on the 1st visit",
    ),
    ("Earn 2 points per “Flat  white”", "Earn 2 points per \"Flat white\""),
    (
        "Earn 2 points per 3 \"Bagel\", category \"Bread\" and sku A12",
        "Earn 2 points per 3 \"Bagel\", category \"Bread\" or sku \"A12\"",
    ),
    (
        "Earn 2 points per $1 on category \"Books\" on Tue",
        "Earn 2 points per $1 on category \"Books\" on Tuesday",
    ),
    (
        "Bonus 10 points for \"Flat white\"",
        "Bonus 10 points for \"Flat white\"",
    ),
    (
        "Bonus 10 points for 3 \"Flat*\", once a sale, on weekends",
        "Bonus 10 points for 3 \"Flat*\", once a sale on weekends",
    ),
    ("Bonus 3 points on Tuesdays", "Bonus 3 points on Tuesday"),
    (
        "Bonus 50 points on every 10th visit for Gold",
        "Bonus 50 points on every 10th visit for Gold members",
    ),
    (
        "Bonus 5 points for \"Black card\" members",
        "Bonus 5 points for \"Black card\" members",
    ),
    ("Bonus 20 points for signing up", "Sign-up bonus 20 points"),
    (
        "Exclude \"Gift card\", category \"Tobacco\"",
        "Exclude \"Gift card\" or category \"Tobacco\"",
    ),
    (
        "Double points on Tuesday 14:00-17:00",
        "Double points on Tuesday 14:00-17:00",
    ),
    (
        "x2 points on tuesday from 2pm to 5 pm",
        "Double points on Tuesday 14:00-17:00",
    ),
    (
        "1.5x points for Gold and Silver members",
        "x1.5 points for Gold and Silver members",
    ),
    (
        "Triple points between 22:00 and 02:00 on Friday",
        "Triple points on Friday 22:00-02:00",
    ),
    (
        "Double points on Monday-Wednesday and Saturday",
        "Double points on Monday, Tuesday, Wednesday and Saturday",
    ),
    ("Double points on Sat-Sun", "Double points on weekends"),
    (
        "Double points on 2026-12-24, 2026-12-31",
        "Double points on 2026-12-24 and 2026-12-31",
    ),
    ("Double points on December 24", "Double points on 24 December"),
    ("Double points on 24th Dec 2026", "Double points on 2026-12-24"),
    (
        "Double points from 2026-12-01 to 2026-12-24",
        "Double points from 2026-12-01 to 2026-12-24",
    ),
    (
        "Double points from 28 December to 2 January",
        "Double points from 28 December to 2 January",
    ),
    ("Double points from 2026-12-01", "Double points from 2026-12-01"),
    (
        "Double points until 2026-12-01 9:00-11:00 and 13:00-14:00",
        "Double points until 2026-12-01 09:00-11:00 and 13:00-14:00",
    ),
    ("Double points on the member's birthday", "Double points on birthdays"),
    ("Multipliers stack", "Multipliers stack"),
    ("largest multiplier wins", "Largest multiplier wins"),
    ("At most 200 points per sale", "At most 200 points a sale"),
    (
        "Known items \"Coffee\", \"Bagel\"",
        "Known items \"Coffee\" or \"Bagel\"",
    ),
    ("Skip sales under $2", "Skip sales under $2"),
    ("Skip sales older than 1 days", "Skip sales older than 1 day"),
    ("Skip sales with \"Gift card\"", "Skip sales with \"Gift card\""),
    ("Skip sales on 2026-12-25", "Skip sales on 2026-12-25"),
    ("Hold sales over $500", "Hold sales over $500"),
    ("Hold sales over 1,000 points", "Hold sales over 1000 points"),
    (
        "Hold a member's 4th sale within 1 hour",
        "Hold a member's 4th sale within 1 hour",
    ),
    ("Hold sales with an unknown item", "Hold sales with an unknown item"),
    ("Reward 100 points: Free coffee", "Reward 100 points: Free coffee"),
    (
        "Reward 100 points: Free coffee, costs $1.20",
        "Reward 100 points: Free coffee, costs $1.20",
    ),
    ("Reward 100 points: \"#1 mug\"", "Reward 100 points: \"#1 mug\""),
    (
        "Reward 100 points: Coffee, cake and more",
        "Reward 100 points: Coffee, cake and more",
    ),
    ("Reward 250 points: $5 off", "Reward 250 points: $5 off"),
    ("Reward 300 points: 10% off", "Reward 300 points: 10% off"),
    ("100 points = $5.00", "100 points = $5"),
    ("Buy 9 \"Coffee\" get 1 free", "Buy 9 \"Coffee\", get 1 free"),
    (
        "Buy 9 \"Coffee\", get 1 free, cost $0.8",
        "Buy 9 \"Coffee\", get 1 free, costs $0.80",
    ),
    (
        "Tier Gold at 1000 points a year: earn x1.5",
        "Tier Gold at 1000 points a year: earn x1.5",
    ),
    ("Tier Silver at $500 a year", "Tier Silver at $500 a year"),
    (
        "Tier \"Black card\" at $900 per year: earn x2, grace 3 months",
        "Tier Black card at $900 a year: earn x2, grace 3 months",
    ),
    (
        "Points expire after 12 months without a visit",
        "Points expire after 12 months without a visit",
    ),
    (
        "Points expire 1 years after earning, warn 30 days before",
        "Points expire 1 year after earning, warn 30 days before",
    ),
    ("Points never expire", "Points never expire"),
    (
        "Lapsing after 60 days for members with 5 visits; nudge at most 2 times; then rest",
        "Lapsing after 60 days for members with 5 visits; nudge at most 2 times; then rest",
    ),
    (
        "Lapsing after 60 days",
        "Lapsing after 60 days for members with 1 visit",
    ),
    (
        "Friend joins: friend gets 20 points",
        "Friend joins: friend gets 20 points",
    ),
    (
        "Friend first buys $10: referrer gets 50 points",
        "Friend first buys $10: referrer gets 50 points",
    ),
    (
        "Friend first buys $10 within 30 days: referrer gets 50 points, friend gets 1 point, at most 10 friends a month",
        "Friend first buys $10 within 30 days: friend gets 1 point and referrer gets 50 points, at most 10 friends a month",
    ),
    (
        "friend first buys $10: referrer gets 50 points, 100 points from the 5th friend on after 2 weeks at most 10 friends a month",
        "Friend first buys $10: referrer gets 50 points, 100 points from the 5th friend on, after 2 weeks, at most 10 friends a month",
    ),
    (
        "Friend of a friend joins: referrer gets 5 points, after 14 days",
        "Friend of a friend joins: referrer gets 5 points, after 14 days",
    ),
    ("Sign-up bonus 20 points", "Sign-up bonus 20 points"),
    ("Birthday bonus 50 points", "Birthday bonus 50 points"),
    (
        "birthday bonus 50 points within 14 days",
        "Birthday bonus 50 points within 14 days",
    ),
    ("Birthday bonus 50 points within 200 days", ""),
    ("Tax excluded", "Tax excluded"),
    ("Tips included", "Tips included"),
    ("Rounding nearest", "Round nearest"),
    ("Time zone America/Los_Angeles", "Time zone America/Los_Angeles"),
    ("  # a note  ", "# a note"),
    ("Round up#not a note", ""),
    ("Round up # a  note", "Round up # a  note"),
    ("", ""),
];

#[test]
fn every_rule_has_one_canonical_form() {
    let context = "Tier Gold at 7 points a year\nTier Silver at 6 points a year\nTier Black card at 8 points a year\nKnown items \"X\"\n";
    let names = |line: &str| line.contains("Tier") || line.contains("members");
    for (written, canonical) in WRITTEN {
        if canonical.is_empty() && !written.is_empty() {
            assert!(format(written, currency("USD")).is_err(), "{written}");
            continue;
        }
        let context = if names(written) && written.starts_with("Tier") {
            ""
        } else {
            context
        };
        let text = format!("{context}{written}\n");
        let once = format(&text, currency("USD")).unwrap_or_else(|e| panic!("{written}: {e:#?}"));
        assert_eq!(once, format!("{context}{canonical}\n"), "{written}");
        assert_eq!(format(&once, currency("USD")).unwrap(), once, "{written}");
        assert_eq!(
            Rules::parse(&once, currency("USD")),
            Rules::parse(&text, currency("USD")),
            "{written}"
        );
    }
}

/// In every currency there is, what the formatter writes is read back as the same amounts.
#[test]
fn every_currency_is_written_and_read() {
    let letters = || 'A'..='Z';
    let codes = letters().flat_map(|a| letters().flat_map(move |b| letters().map(move |c| format!("{a}{b}{c}"))));
    let mut tried = 0;
    for currency in codes.filter_map(|code| code.parse::<Currency>().ok()) {
        let unit = Money::new(currency.unit() * 12 + currency.unit() / 2, currency);
        let plain = unit.plain();
        let code = currency.letters();
        let text = format!(
            "Earn 1 point per {plain} {code}\nReward 5 points: {plain} {code} off, costs {code} {plain}\nSkip sales under {unit}\n\
             {}",
            default_document(currency).lines().next().unwrap()
        );
        let once = format(&text, currency).unwrap_or_else(|e| panic!("{text}\n{e:#?}"));
        assert_eq!(format(&once, currency).unwrap(), once);
        assert_eq!(
            Rules::parse(&once, currency),
            Rules::parse(&text, currency),
            "{text}\n{once}"
        );
        tried += 1;
    }
    assert!(tried > 150, "{tried} currencies");
}

/// Texts of every kind: noise, the grammar's words in any order, and lines as written with one part changed.
fn any_text() -> impl Strategy<Value = String> {
    let vocabulary = WRITTEN
        .iter()
        .flat_map(|(w, _)| w.split(' '))
        .map(str::to_owned)
        .collect::<Vec<_>>();
    let word = prop::sample::select(vocabulary);
    let soup = prop::collection::vec(word.clone(), 0..12).prop_map(|words| words.join(" "));
    let written = prop::sample::select(WRITTEN.iter().map(|(w, _)| (*w).to_owned()).collect::<Vec<_>>());
    let changed = (written.clone(), any::<prop::sample::Index>(), word).prop_map(|(line, at, new)| {
        let mut words: Vec<&str> = line.split(' ').collect();
        let at = at.index(words.len());
        words[at] = &new;
        words.join(" ")
    });
    let named = prop_oneof![
        "Reward 5 points: [ #\"“”,:=$€5a%-]{0,12}(off|, costs \\$1)?",
        "Tier [ #\"a,at]{0,8} at 5 points a year"
    ];
    let line = prop_oneof![2 => "\\PC{0,40}", 2 => named, 2 => soup, 3 => changed, 6 => written];
    prop_oneof![
        1 => any::<String>(),
        6 => prop::collection::vec(line, 0..6).prop_map(|lines| lines.join("\n")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(3000), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in any_text(), letters in prop::sample::select(vec!["USD", "EUR", "GBP", "JPY", "KWD", "CHF", "AED", "BGN"])) {
        let currency = currency(letters);
        match Rules::parse(&text, currency) {
            Ok(rules) => {
                let once = format(&text, currency).unwrap();
                prop_assert_eq!(&format(&once, currency).unwrap(), &once);
                prop_assert_eq!(Rules::parse(&once, currency).unwrap(), rules);
                prop_assert_eq!(once.lines().count(), text.trim_start_matches('\u{feff}').lines().count());
            }
            Err(errors) => {
                prop_assert!(!errors.is_empty());
                let lines: Vec<&str> = text.strip_prefix('\u{feff}').unwrap_or(&text).lines().collect();
                for e in errors {
                    let chars = lines[e.line - 1].chars().count();
                    prop_assert!(e.column >= 1 && e.column <= chars + 1 && e.length >= 1, "{e:?}");
                    prop_assert!(e.column + e.length <= chars + 2 && !e.expected.is_empty(), "{e:?}");
                }
            }
        }
    }

    #[test]
    fn each_written_line_keeps_its_comment(comment in "[^\\r\\n]{0,30}") {
        let text = format!("Round up #{comment}");
        let once = format(&text, currency("USD")).unwrap();
        prop_assert_eq!(once.trim_end(), text.trim_end());
    }
}
