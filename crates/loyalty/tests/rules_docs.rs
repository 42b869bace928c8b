//! The owner's page about the rules: every example in it is read by the parser, and what it says of reasons is so.

use loyalty::rules::{Rules, format};

const PAGE: &str = include_str!("../../../docs/rules.md");

/// The blocks between fences.
fn examples() -> Vec<&'static str> {
    PAGE.split("\n```")
        .skip(1)
        .step_by(2)
        .map(|block| block.split_once('\n').unwrap().1)
        .collect()
}

#[test]
fn every_example_is_read() {
    let found = examples();
    assert!(found.len() >= 15, "{} examples", found.len());
    let currency = "USD".parse().unwrap();
    for example in &found {
        Rules::parse(example, currency).unwrap_or_else(|e| panic!("{example}\n{e:#?}"));
        assert!(format(example, currency).is_ok(), "{example}");
    }
}

/// The conditions, items and settings in the tables fit where the page says they do.
#[test]
fn every_phrase_in_the_tables_is_read() {
    let tiers = "Tier Gold at 5 points a year\nTier Silver at 4 points a year\n";
    let mut tried = 0;
    for (heading, put) in [
        ("### When", "Double points "),
        ("### Which items", "Exclude "),
        ("## Settings", ""),
    ] {
        let section = PAGE.split_once(&format!("\n{heading}\n")).unwrap().1;
        let table = section.split("\n#").next().unwrap();
        for row in table.lines().filter(|l| l.starts_with("| ") && l.contains('`')) {
            let first = row.split(" | ").next().unwrap();
            for phrase in first.split('`').skip(1).step_by(2) {
                let text = format!("{tiers}{put}{phrase}");
                Rules::parse(&text, "USD".parse().unwrap()).unwrap_or_else(|e| panic!("{phrase}: {e:#?}"));
                tried += 1;
            }
        }
    }
    assert!(tried >= 30, "{tried} phrases");
}
