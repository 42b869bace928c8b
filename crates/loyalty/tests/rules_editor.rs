//! What the editor shows beside the text: the summary in plain words, and what can be written next.

use loyalty::Currency;
use loyalty::rules::{Rules, complete, default_document, summary};
use proptest::prelude::*;

fn usd() -> Currency {
    "USD".parse().unwrap()
}

/// Completions at the end of the text.
fn at_end(text: &str) -> Vec<String> {
    let line = text.lines().count().max(1);
    let column = text.lines().last().unwrap_or_default().chars().count() + 1;
    complete(text, line, column, usd())
}

#[test]
fn completes_words_names_and_amounts() {
    for (text, first) in [
        ("E", "Earn 1 point per $1"),
        ("Earn 1 ", "point"),
        ("Earn 10 po", "points"),
        ("Earn 1 point p", "per"),
        ("Earn 1 point per ", "visit"),
        ("Skip sales u", "under"),
        ("Skip sales under ", "$1"),
        ("Double points on Tu", "Tuesday"),
        ("Double points on 24 Dec", "December"),
        ("Points expire after 12 months w", "without a visit"),
        ("Points expire after 12 months without a ", "visit"),
        ("Tier Gold at 5 points a year\nDouble points for G", "Gold"),
        ("Bonus 5 points for \"Flat white\"\nExclude ", "category"),
        ("Bonus 5 points for \"Flat white\"\nExclude f", "\"Flat white\""),
        ("Reward 100 points ", ":"),
        ("Hold a", "a member's"),
    ] {
        let found = at_end(text);
        assert!(found.iter().any(|f| f == first), "{text}: {found:?}");
    }
    assert_eq!(at_end("Earn 1 point per $1 # my n"), Vec::<String>::new());
    assert_eq!(at_end("Earn zero p"), Vec::<String>::new());
    assert!(at_end("").len() > 20);
    assert!(complete("", 9, 9, usd()).len() > 20);
}

#[test]
fn says_the_rules_in_plain_words() {
    let rules = Rules::parse(&default_document(usd()), usd()).unwrap();
    assert_eq!(
        summary(&rules),
        [
            "Members earn 1 point for every $1 they spend.",
            "For 100 points a member gets: Free coffee.",
            "Points are earned on tax, but not on tips.",
            "Each sale's points are rounded down, once.",
            "Points never expire.",
        ]
    );
    let text = include_str!("data/everything.rules");
    let rules = Rules::parse(text, usd()).unwrap_or_else(|e| panic!("{e:#?}"));
    let said = summary(&rules).join("\n") + "\n";
    assert_eq!(said, include_str!("data/everything.summary.txt"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn completing_never_panics(text in "(\\PC|\\n){0,80}|[A-Za-z0-9 $:\"#.,\\n]{0,80}", line in 0_usize..5, column in 0_usize..90) {
        let _ = complete(&text, line, column, usd());
    }

    /// Each completion offered leads on: what is written then reads at least as far.
    #[test]
    fn completions_fit(cut in any::<prop::sample::Index>(), which in any::<prop::sample::Index>()) {
        let text = include_str!("data/everything.rules");
        let lines: Vec<&str> = text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).collect();
        let line = which.get(&lines);
        let words: Vec<&str> = line.split(' ').collect();
        let stem = words[..cut.index(words.len())].join(" ");
        for offer in at_end(&format!("{stem} ")) {
            let whole = format!("{stem} {offer}");
            let column = Rules::parse(&whole, usd()).err().map(|e| e[0].column);
            let behind = stem.chars().count() + 1;
            prop_assert!(column.is_none_or(|c| c > behind || needs_other_lines(&whole)), "{whole}: {column:?}");
        }
    }
}

/// Whether a line is only right beside others, which name its tiers or its items.
fn needs_other_lines(line: &str) -> bool {
    line.contains("members") || line.contains(" for Silver") || line.contains(" for Gold") || line.contains("unknown")
}
