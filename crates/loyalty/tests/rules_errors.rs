//! The mistakes owners make, and what they are told: column, length, what was expected, what to write instead.

use loyalty::rules::{RuleError, Rules};

/// A document's line, the column and length of what is wrong, and the suggestion (empty: none).
#[rustfmt::skip]
const MISTAKES: &[(&str, usize, usize, &str, &str)] = &[
    ("Earn 1 point for $1", 14, 3, "`per`", "per"),
    ("Earn 1 point per 1", 18, 1, "an amount in USD above zero, such as $1", "$1"),
    ("Earn 1 point per €1", 18, 2, "an amount in USD above zero, such as $1", "$1"),
    ("Earn 1 point per $0", 18, 2, "an amount in USD above zero, such as $1", ""),
    ("Earn 1 point per $-1", 18, 3, "an amount in USD above zero, such as $1", ""),
    ("Earn 1 point per -$1", 18, 3, "an amount in USD above zero, such as $1", ""),
    ("Earn 1 point per $1.234", 18, 6, "an amount in USD with at most 2 decimals, such as $1", ""),
    ("Earn 1 point per", 17, 1, "`visit`, a name in quotes, such as \"Coffee\" or an amount in USD above zero, such as $1", ""),
    ("Earn one point per $1", 6, 3, "a number of points, a whole number from 1 to 1,000,000", "1"),
    ("Earn 0 points per $1", 6, 1, "a number of points, a whole number from 1 to 1,000,000", ""),
    ("Earn -1 points per $1", 6, 2, "a number of points, a whole number from 1 to 1,000,000", "1"),
    ("Earn 1.5 points per $1", 6, 3, "a number of points, a whole number from 1 to 1,000,000", ""),
    ("Earn 2000000 points per $1", 6, 7, "a number of points, a whole number from 1 to 1,000,000", "1000000"),
    ("Earn 1 pint per $1", 8, 4, "`point`", "point"),
    ("Earn point per $1", 6, 5, "a number of points, such as 10", ""),
    ("Ern 1 point per $1", 1, 3, "a rule, such as `Earn 1 point per …`, `Reward 100 points: …` or `Skip sales under …`", "Earn"),
    ("Hello world", 1, 5, "a rule, such as `Earn 1 point per …`, `Reward 100 points: …` or `Skip sales under …`", ""),
    ("Earn 1 point per $1 at most 50 points", 38, 1, "`a sale`", "a sale"),
    ("Earn 1 point per $1, at most 50 points", 39, 1, "`a sale`", "a sale"),
    ("Earn 1 point per $1 on sales above $5", 30, 5, "`over` or `of`", "over"),
    ("Earn 1 point per coffee", 18, 6, "`visit`, a name in quotes, such as \"Coffee\" or an amount in USD above zero, such as $1", "\"coffee\""),
    ("Bonus 10 points for Coffee", 21, 6, "an item in quotes, such as \"Coffee\", or a tier of the document", "\"Coffee\""),
    ("Bonus 10 points for \"Coffee", 21, 1, "`signing up`, a name in quotes, such as \"Coffee\" or a tier, such as Gold", ""),
    ("Bonus 10 points", 16, 1, "`for signing up`, `for`, `,`, a condition, such as on Tuesday or when, such as on Tuesday", ""),
    ("Double points on Tusday", 18, 6, "a day, such as Tuesday or 24 December", "Tuesday"),
    ("Double points on Tuesday 14-17", 26, 5, "hours with minutes, such as 14:00-17:00", "14:00-17:00"),
    ("Double points on Tuesday 14:00 17:00", 32, 5, "`-`", "- 17:00"),
    ("Double points on Tuesday 25:00-26:00", 26, 5, "a time from 00:00 to 24:00", ""),
    ("Double points on Tuesday 14:00-14:00", 26, 11, "hours from one time to another, such as 14:00-17:00", ""),
    ("Double points on 2026-02-30", 18, 10, "a day that exists", ""),
    ("Double points from 2026-12-24 to 2026-12-01", 15, 29, "two days in order, both with a year or both without one", ""),
    ("Double points on 31 February", 18, 11, "a day that exists", ""),
    ("Double points on 24 Decmber", 21, 7, "a month", "December"),
    ("Doubel points on Tuesday", 1, 6, "a rule, such as `Earn 1 point per …`, `Reward 100 points: …` or `Skip sales under …`", "Double"),
    ("x1 points on Tuesday", 1, 2, "a multiplier above 1 and up to 100, with at most 2 decimals", ""),
    ("x1000 points", 1, 5, "a multiplier above 1 and up to 100, with at most 2 decimals", ""),
    ("Double points on Tuesday on Wednesday", 26, 12, "each kind of condition once in a line; write a second line", ""),
    ("Double points for Gold", 19, 4, "a line such as Tier Gold at 1000 points a year", ""),
    ("Reward 100 points Free coffee", 19, 4, "`:`", ": Free"),
    ("Reward 100 points:", 19, 1, "the reward's name", ""),
    ("Reward 0 points: Free coffee", 8, 1, "a number of points, a whole number from 1 to 1,000,000", ""),
    ("Reward 1.000 points: Free coffee", 8, 5, "a number of points, a whole number from 1 to 1,000,000", "1000"),
    ("Reward 100: Free coffee", 11, 1, "`points`", "points:"),
    ("Reward 100 points: Coffee, costs 1.20", 34, 4, "an amount in USD above zero, such as $1", "$1.20"),
    ("Reward 100 points: 200% off", 20, 4, "a percentage from 1% to 100%", ""),
    ("Skip sales under 2", 18, 1, "an amount in USD above zero, such as $1", "$2"),
    ("Skip sale under $2", 6, 4, "`sales` or `a member's`", "sales"),
    ("Skip under $2", 6, 5, "`sales` or `a member's`", "sales under"),
    ("Skip sales below $2", 12, 5, "`under`, `over`, `older than`, `with an unknown item`, `with`, `,` …", "under"),
    ("Hold sales over 500", 17, 3, "an amount in USD above zero, such as $1", "$500"),
    ("Hold sales older than 7 dayz", 25, 4, "`minutes`, `hours`, `days` or `weeks`", "days"),
    ("Hold sales older than 7", 24, 1, "`minutes`, `hours`, `days` or `weeks`", ""),
    ("Hold a member's fourth sale within 1 hour", 17, 6, "a position, such as 4th", "4th"),
    ("Hold a member's 4th sale in 1 hour", 26, 2, "`within`", "within"),
    ("Hold members 4th sale within 1 hour", 6, 7, "`sales` or `a member's`", "a member's"),
    ("Hold sales with an unknown item", 1, 31, "a line such as Known items \"Coffee\", so that an item can be unknown", ""),
    ("Exclude Gift card", 9, 9, "a name in quotes, such as \"Coffee\"", "\"Gift card\""),
    ("Exclude \"Gift card\" category \"Tobacco\"", 21, 8, "the end of the line", ""),
    ("Buy 9 Coffee, get 1 free", 7, 6, "a name in quotes, such as \"Coffee\"", "\"Coffee\""),
    ("Buy 9 \"Coffee\", get one free", 21, 3, "a number of free items, a whole number from 1 to 100", "1"),
    ("Tier Gold at 1000 points: earn x1.5", 25, 1, "`a year`", "a year:"),
    ("Tier Gold at 1000 a year: earn x1.5", 19, 1, "`points`", "points a"),
    ("Tier Gold at 1000 points a year: earn 1.5", 39, 3, "a multiplier, such as x1.5", "x1.5"),
    ("Points expire after 12 months", 30, 1, "`without a visit`", "without a visit"),
    ("Points expire after 12 month without visit", 38, 5, "`a visit`", "a visit"),
    ("Points expire", 14, 1, "`after` or a number, such as 10", ""),
    ("Friend joins: friend gets 20", 29, 1, "`points`", "points"),
    ("Friend join: friend gets 20 points", 8, 4, "`of a friend`, `joins` or `first buys`", "joins"),
    ("Friend first buys 10: referrer gets 50 points", 19, 2, "an amount in USD above zero, such as $1", "$10"),
    ("Friend joins: freind gets 20 points", 15, 6, "`friend gets` or `referrer gets`", "friend"),
    ("Tax include", 5, 7, "`included` or `excluded`", "included"),
    ("Tips exclude", 6, 7, "`included` or `excluded`", "excluded"),
    ("Round dwon", 7, 4, "`down`, `nearest` or `up`", "down"),
    ("Time zone Berlin", 11, 6, "a time zone, such as Europe/Berlin", "Europe/Berlin"),
    ("Time zone Europe/Berln", 11, 12, "a time zone, such as Europe/Berlin", "Europe/Berlin"),
    ("Time zone Mars", 11, 4, "a time zone, such as Europe/Berlin", ""),
    ("Time zone", 10, 1, "a time zone, such as Europe/Berlin", ""),
    ("Multipliers stacks", 13, 6, "`stack`", "stack"),
    ("100 points = 5", 14, 1, "an amount in USD above zero, such as $1", "$5"),
    ("100 points = $5 off", 17, 3, "the end of the line", ""),
    ("Earn 1 point per $1; Skip sales under $2", 20, 1, "`on`, `,`, a condition, such as on Tuesday, `at most` or the end of the line", ""),
    ("Earn 1 point per $1.", 20, 1, "`on`, `,`, a condition, such as on Tuesday, `at most` or the end of the line", ""),
    ("Refer a friend", 1, 5, "a rule, such as `Earn 1 point per …`, `Reward 100 points: …` or `Skip sales under …`", ""),
    ("Earn 1 point per dollar", 18, 6, "an amount in USD above zero, such as $1", "$1"),
    ("Earn 1 point per $1 on Tuesday, Wendesday", 33, 9, "`weekdays`, `weekends`, a weekday, a condition, such as on Tuesday or `at most`", "Wednesday"),
    ("Double points on weekdays except Tuesday", 27, 6, "`,`, a condition, such as on Tuesday or the end of the line", ""),
];

fn errors(text: &str) -> Vec<RuleError> {
    Rules::parse(text, "USD".parse().unwrap()).err().unwrap_or_default()
}

#[test]
fn each_mistake_is_pointed_at() {
    let mut wrong = Vec::new();
    for (text, column, length, expected, suggestion) in MISTAKES {
        let found = errors(text);
        let is: Vec<_> = found
            .iter()
            .map(|e| {
                (
                    e.line,
                    e.column,
                    e.length,
                    e.expected.as_str(),
                    e.suggestion.as_deref().unwrap_or_default(),
                )
            })
            .collect();
        if is != [(1, *column, *length, *expected, *suggestion)] {
            wrong.push(format!("{text}\n  is {is:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Where a suggestion is made it is the text to put in place of what is marked, behind a blank where words would
/// touch. Most mend the line at once.
#[test]
fn most_suggestions_mend_the_line() {
    let mended = MISTAKES.iter().filter(|(.., suggestion)| !suggestion.is_empty()).map(
        |(text, column, length, _, suggestion)| {
            let chars: Vec<char> = text.chars().collect();
            let before: String = chars[..column - 1].iter().collect();
            let after: String = chars.iter().skip(column - 1 + length).collect();
            let touches = before.ends_with(char::is_alphanumeric) && suggestion.starts_with(char::is_alphanumeric);
            let gap = if touches { " " } else { "" };
            (format!("{before}{gap}{suggestion}{after}"), *column)
        },
    );
    let (better, all) = mended.fold((0, 0), |(better, all), (text, column)| {
        let further = errors(&text).first().is_none_or(|e| e.column > column);
        assert!(further, "no better: {text}: {:?}", errors(&text));
        (better + usize::from(errors(&text).is_empty()), all + 1)
    });
    assert!(better * 10 >= all * 8, "{better} of {all}");
}

#[test]
fn what_does_not_go_together_is_said_with_both_lines() {
    let text = "Earn 1 point per $1\n# twice\nEarn 1 points per $1.00\nRound up\nRound down\nReward 5 points: Cookie\n\
                Reward 6 points: cookie\nTier Gold at 5 points a year\nDouble points for Glod members\n";
    let found: Vec<_> = errors(text)
        .into_iter()
        .map(|e| (e.line, e.column, e.expected, e.suggestion))
        .collect();
    let says = |text: &str| text.to_owned();
    assert_eq!(
        found,
        [
            (3, 1, says("something new: line 1 says the same already"), None),
            (5, 1, says("nothing more here: line 4 says the rounding already"), None),
            (7, 18, says("another name: line 6 has a reward `cookie` already"), None),
            (9, 19, says("one of the document's tiers: Gold"), Some(says("Gold"))),
        ]
    );
}

#[test]
fn the_shops_own_currency_is_named() {
    for (letters, written, suggestion) in [
        ("EUR", "$5", "€5"),
        ("GBP", "5", "£5"),
        ("JPY", "$500", "¥500"),
        ("USD", "5 EUR", "$5"),
    ] {
        let found = Rules::parse(&format!("Skip sales under {written}"), letters.parse().unwrap()).unwrap_err();
        assert_eq!(found[0].suggestion.as_deref(), Some(suggestion), "{letters}: {found:?}");
        assert!(found[0].expected.contains(letters), "{found:?}");
    }
    for (letters, written) in [
        ("EUR", "12,50 €"),
        ("EUR", "€12.50"),
        ("GBP", "£1,250.00"),
        ("JPY", "1,200 JPY"),
        ("USD", "12.50 USD"),
        ("EUR", "EUR 1.250,00"),
    ] {
        Rules::parse(&format!("Skip sales under {written}"), letters.parse().unwrap())
            .unwrap_or_else(|e| panic!("{written}: {e:?}"));
    }
}
