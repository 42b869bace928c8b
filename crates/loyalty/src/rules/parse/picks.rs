//! Choices of items: `"Coffee", category "Cakes" or sku "A-12"`.

use winnow::combinator::{alt, preceded, separated};
use winnow::prelude::*;
use winnow::stream::Stream;

use super::input::{Input, Mend, Parsed, Want, at, called, fault, miss, peeked};
use super::small::{NAME_CHARS_MAX, one_spaced, word_of, words};
use crate::rules::items::{Pattern, Pick};
use crate::rules::lex::Kind;

/// `"Coffee", category "Cakes" or sku "A-12"`
pub(super) fn picks(i: &mut Input<'_>) -> Parsed<Vec<Pick>> {
    let between = called("", alt((words(","), word_of(&["or", "and"]))));
    called("a name in quotes, such as \"Coffee\"", separated(1.., pick, between)).parse_next(i)
}

fn pick(i: &mut Input<'_>) -> Parsed<Pick> {
    alt((
        preceded(words("category"), quoted).map(Pick::Category),
        preceded(words("sku"), alt((quoted, bare))).map(Pick::Sku),
        quoted.map(Pick::Name),
    ))
    .parse_next(i)
}

fn quoted(i: &mut Input<'_>) -> Parsed<Pattern> {
    let start = at(i);
    let what = "a name in quotes, such as \"Coffee\"".to_owned();
    let Some(token) = peeked(i).filter(|t| t.kind == Kind::Quoted) else {
        return miss(
            i,
            Want::Kind {
                what,
                words: &[],
                mend: Mend::Quote,
            },
        );
    };
    let inside = one_spaced(token.unquoted());
    if inside.is_empty() || inside.chars().count() > NAME_CHARS_MAX || inside.chars().any(char::is_control) {
        return fault(i, start, 1, what, None);
    }
    i.next_token();
    Ok(Pattern::new(&inside))
}

fn bare(i: &mut Input<'_>) -> Parsed<Pattern> {
    match peeked(i).filter(|t| matches!(t.kind, Kind::Number | Kind::Word)) {
        Some(token) => {
            i.next_token();
            Ok(Pattern::new(token.text))
        }
        None => miss(i, Want::kind("an article number, such as \"A-12\"")),
    }
}
