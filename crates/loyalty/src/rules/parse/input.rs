//! The tokens being parsed, and a record of the furthest place where parsing stuck and of what would have fitted.
//!
//! That record is what errors and completions are made of, so every small parser here notes what it wanted.

use std::cell::{Cell, RefCell};

use winnow::error::{EmptyError, ErrMode};
use winnow::prelude::*;
use winnow::stream::{Stateful, Stream, TokenSlice};

use crate::money::Currency;
use crate::rules::lex::Token;

/// Something that would have fitted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::rules) enum Want {
    /// Exactly these words or signs, with blanks between them.
    Word(&'static str),
    /// Something of this kind.
    Kind {
        /// In words, with an example: `an amount in USD, such as $1`.
        what: String,
        /// The words it can be, where they are few.
        words: &'static [&'static str],
        /// How to mend what is there.
        mend: Mend,
    },
    /// Nothing more.
    End,
}

/// How to mend a place where something else was wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::rules) enum Mend {
    /// Nothing better is known.
    Nothing,
    /// Write this.
    Write(String),
    /// Put what is there between quotes: an item.
    Quote,
    /// Name one of the document's tiers.
    Tier,
}

impl Want {
    pub fn kind(what: impl Into<String>) -> Self {
        Self::Kind {
            what: what.into(),
            words: &[],
            mend: Mend::Nothing,
        }
    }

    pub fn one_of(what: impl Into<String>, words: &'static [&'static str]) -> Self {
        Self::Kind {
            what: what.into(),
            words,
            mend: Mend::Nothing,
        }
    }
}

/// What would have fitted, and what it is part of: the name of that is what an error says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::rules) struct Noted {
    pub want: Want,
    /// Empty for what an error needn't mention.
    pub part_of: Option<&'static str>,
}

/// A thing that is there but can't be right, such as zero points.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::rules) struct Fault {
    /// Index of the token it starts at.
    pub at: usize,
    /// How many tokens it is about.
    pub tokens: usize,
    pub expected: String,
    pub suggestion: Option<String>,
}

/// What parsing one line found out, besides its rule.
#[derive(Debug)]
pub(in crate::rules) struct Trace<'a> {
    pub currency: Currency,
    pub line: &'a str,
    pub count: usize,
    furthest: RefCell<(usize, Vec<Noted>)>,
    /// The part being parsed, and the token it starts at.
    part: Cell<Option<(usize, &'static str)>>,
    fault: RefCell<Option<Fault>>,
}

impl<'a> Trace<'a> {
    pub fn new(line: &'a str, count: usize, currency: Currency) -> Self {
        Self {
            currency,
            line,
            count,
            furthest: RefCell::default(),
            part: Cell::default(),
            fault: RefCell::default(),
        }
    }

    /// The furthest token reached, and what would have fitted there.
    pub fn furthest(&self) -> (usize, Vec<Noted>) {
        self.furthest.borrow().clone()
    }

    pub fn fault(&self) -> Option<Fault> {
        self.fault.borrow().clone()
    }

    fn note(&self, at: usize, want: Want) {
        let mut furthest = self.furthest.borrow_mut();
        if at > furthest.0 {
            *furthest = (at, Vec::new());
        }
        let part_of = self.part.get().filter(|(start, _)| *start == at).map(|(_, name)| name);
        let noted = Noted { want, part_of };
        if at == furthest.0 && !furthest.1.contains(&noted) {
            furthest.1.push(noted);
        }
    }
}

pub(in crate::rules) type Input<'a> = Stateful<TokenSlice<'a, Token<'a>>, &'a Trace<'a>>;
pub(super) type Fail = ErrMode<EmptyError>;
pub(super) type Parsed<T> = ModalResult<T, EmptyError>;

/// Index of the next token.
pub(super) fn at(i: &Input<'_>) -> usize {
    i.state.count - i.input.eof_offset()
}

/// The next token.
pub(super) fn peeked<'a>(i: &Input<'a>) -> Option<&'a Token<'a>> {
    i.input.peek_token()
}

/// Notes that `want` isn't here.
pub(super) fn miss<T>(i: &Input<'_>, want: Want) -> Parsed<T> {
    i.state.note(at(i), want);
    Err(ErrMode::Backtrack(EmptyError))
}

/// Notes that the `tokens` tokens from `start` can't be right, and gives the line up.
pub(super) fn fault<T>(
    i: &Input<'_>,
    start: usize,
    tokens: usize,
    expected: String,
    suggestion: Option<String>,
) -> Parsed<T> {
    i.state.fault.borrow_mut().get_or_insert(Fault {
        at: start,
        tokens: tokens.max(1),
        expected,
        suggestion,
    });
    Err(ErrMode::Cut(EmptyError))
}

/// `parser`, which an error calls `name` where it doesn't even begin.
pub(super) fn called<'a, T>(
    name: &'static str,
    mut parser: impl Parser<Input<'a>, T, Fail>,
) -> impl Parser<Input<'a>, T, Fail> {
    move |i: &mut Input<'a>| {
        let start = at(i);
        let outer = i.state.part.get();
        if outer.is_none_or(|(outer, _)| outer != start) {
            i.state.part.set(Some((start, name)));
        }
        let found = parser.parse_next(i);
        i.state.part.set(outer);
        found
    }
}
