//! Rules about one sale: earning, bonuses, multipliers, what is left out, and what is skipped or held.

use winnow::combinator::{alt, delimited, not, opt, preceded, terminated};
use winnow::prelude::*;

use super::amounts::{money, period, times};
use super::input::{Input, Parsed, called};
use super::picks::picks;
use super::small::{count, ordinal, points, word_of, words};
use super::when::{some_when, when};
use crate::Points;
use crate::rules::ast::{Bonus, Earn, Multiply, Per, Rule, SaleTest};
use crate::rules::items::Pick;
use crate::rules::programme::Unit;

/// Most pieces a rule can ask for.
const PIECES_MAX: i64 = 1000;

/// `Earn 1 point per $1 on sales over $5, at most 50 points a sale`
pub(super) fn earn(i: &mut Input<'_>) -> Parsed<Rule> {
    words("Earn").parse_next(i)?;
    let points = points(i)?;
    word_of(&["per", "every", "each"]).parse_next(i)?;
    let per = alt((word_of(&["visit", "sale"]).value(Per::Visit), per_items, per_money)).parse_next(i)?;
    let when = when(i)?;
    let max = opt(preceded(opt(words(",")), at_most)).parse_next(i)?;
    Ok(Rule::Earn(Earn { points, per, when, max }))
}

fn per_money(i: &mut Input<'_>) -> Parsed<Per> {
    let minor = money(i)?;
    opt(called("", words("spent"))).parse_next(i)?;
    let on = opt(preceded(words("on"), picks)).parse_next(i)?.unwrap_or_default();
    Ok(Per::Money { minor, on })
}

fn per_items(i: &mut Input<'_>) -> Parsed<Per> {
    let (count, picks) = counted_picks(i)?;
    Ok(Per::Items { count, picks })
}

/// `3 "Flat white"`
fn counted_picks(i: &mut Input<'_>) -> Parsed<(i64, Vec<Pick>)> {
    let pieces = opt(|i: &mut Input<'_>| count(i, "a number of pieces", PIECES_MAX));
    let (pieces, picks) = called("a name in quotes, such as \"Coffee\"", (pieces, picks)).parse_next(i)?;
    Ok((pieces.unwrap_or(1), picks))
}

/// `at most 50 points a sale`
fn at_most(i: &mut Input<'_>) -> Parsed<Points> {
    delimited(words("at most"), points, word_of(&["a sale", "per sale"])).parse_next(i)
}

/// `At most 200 points a sale`
pub(super) fn cap(i: &mut Input<'_>) -> Parsed<Rule> {
    at_most.map(Rule::Cap).parse_next(i)
}

/// `Bonus 10 points for "Flat white"`, `Bonus 3 points on Tuesday`, `Bonus 20 points for signing up`
pub(super) fn bonus(i: &mut Input<'_>) -> Parsed<Rule> {
    words("Bonus").parse_next(i)?;
    let points = points(i)?;
    alt((
        words("for signing up").value(Rule::SignUp(points)),
        (
            delimited(words("for"), counted_picks, not(words("members"))),
            opt((opt(words(",")), words("once a sale"))),
            when,
        )
            .map(move |(items, once, when)| {
                Rule::Bonus(Bonus {
                    points,
                    items: Some(items),
                    when,
                    once: once.is_some(),
                })
            }),
        some_when.map(move |when| {
            Rule::Bonus(Bonus {
                points,
                items: None,
                when,
                once: false,
            })
        }),
    ))
    .parse_next(i)
}

/// `Double points on Tuesday`, `x1.5 points for Gold members`
pub(super) fn multiply(i: &mut Input<'_>) -> Parsed<Rule> {
    let hundredths = alt((words("Double").value(200), words("Triple").value(300), times)).parse_next(i)?;
    word_of(&["points", "point"]).parse_next(i)?;
    Ok(Rule::Multiply(Multiply {
        hundredths,
        when: when(i)?,
    }))
}

/// `Multipliers stack`, `Largest multiplier wins`
pub(super) fn stack(i: &mut Input<'_>) -> Parsed<Rule> {
    alt((
        words("Multipliers stack").value(Rule::Stack(true)),
        words("Largest multiplier wins").value(Rule::Stack(false)),
    ))
    .parse_next(i)
}

/// `Exclude "Gift card", category "Tobacco"`
pub(super) fn exclude(i: &mut Input<'_>) -> Parsed<Rule> {
    preceded(words("Exclude"), picks).map(Rule::Exclude).parse_next(i)
}

/// `Known items "Coffee", category "Cakes"`
pub(super) fn known(i: &mut Input<'_>) -> Parsed<Rule> {
    preceded(words("Known items"), picks).map(Rule::Known).parse_next(i)
}

/// `Skip sales under $2`
pub(super) fn skip(i: &mut Input<'_>) -> Parsed<Rule> {
    preceded(words("Skip"), alt((sales_test, frequent)))
        .map(Rule::Skip)
        .parse_next(i)
}

/// `Hold sales over $500`, `Hold a member's 4th sale within 1 hour`
pub(super) fn hold(i: &mut Input<'_>) -> Parsed<Rule> {
    preceded(words("Hold"), alt((sales_test, frequent)))
        .map(Rule::Hold)
        .parse_next(i)
}

fn sales_test(i: &mut Input<'_>) -> Parsed<SaleTest> {
    words("sales").parse_next(i)?;
    alt((
        preceded(words("under"), money).map(SaleTest::Under),
        preceded(words("over"), points).map(SaleTest::PointsOver),
        preceded(words("over"), money).map(SaleTest::Over),
        preceded(words("older than"), |i: &mut Input<'_>| {
            period(i, Unit::Minutes, Unit::Weeks)
        })
        .map(SaleTest::OlderThan),
        words("with an unknown item").value(SaleTest::UnknownItem),
        preceded(words("with"), picks).map(SaleTest::With),
        some_when.map(SaleTest::During),
    ))
    .parse_next(i)
}

fn frequent(i: &mut Input<'_>) -> Parsed<SaleTest> {
    words("a member's").parse_next(i)?;
    let nth = terminated(|i: &mut Input<'_>| ordinal(i, 1000), words("sale within")).parse_next(i)?;
    let within = period(i, Unit::Minutes, Unit::Weeks)?;
    Ok(SaleTest::Frequent { nth, within })
}
