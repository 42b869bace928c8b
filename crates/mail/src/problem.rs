//! What can be wrong with a voice, where, and what to do about it.

use crate::kind::{Kind, Name};
use std::fmt;

/// Something that is wrong with a voice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What.
    pub what: What,
}

/// What is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum What {
    /// A head names no mail.
    UnknownMail {
        /// As it was written.
        said: String,
        /// What may have been meant.
        like: Option<&'static str>,
    },
    /// A head names no language of ours.
    UnknownLanguage(String),
    /// The same mail twice in one language.
    Twice(Kind),
    /// Text before the first head.
    Homeless,
    /// A mail without a subject line.
    NoSubject(Kind),
    /// A mail that says nothing.
    NoText(Kind),
    /// A subject or a preview that is too long.
    TooLong(usize),
    /// Braces that don't close on their line.
    Unclosed,
    /// Nothing is called so.
    UnknownName {
        /// As it was written.
        said: String,
        /// What may have been meant.
        like: Option<&'static str>,
        /// In which mail.
        kind: Kind,
    },
    /// This mail does not know it.
    NotHere(Name, Kind),
    /// A subject can't hold a link.
    LinkInSubject(Name),
    /// A link's address is not one.
    BadLink(String),
    /// HTML.
    Html,
    /// A picture.
    Picture,
    /// A character that can't be shown.
    Character(char),
    /// A mail that asks for a yes must lead to where it can be said.
    NoConfirmLink,
    /// A mail that brings the way to a member's page must have it.
    NoSignInLink,
}

/// `a`, `b` and `c`.
fn listed(kind: Kind) -> String {
    let names: Vec<String> = kind.names().iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownMail { said, like: Some(like) } => {
                write!(f, "There is no mail called `{said}`. Did you mean [{like}]?")
            }
            Self::UnknownMail { said, like: None } => {
                let all: Vec<String> = Kind::ALL.iter().map(|kind| format!("[{}]", kind.title())).collect();
                write!(f, "There is no mail called `{said}`. There are {}.", all.join(", "))
            }
            Self::UnknownLanguage(said) => {
                write!(
                    f,
                    "The language `{said}` is not one that mails are written in. Use `en` or `es`."
                )
            }
            Self::Twice(kind) => write!(
                f,
                "[{}] is here twice in the same language. Keep one of them.",
                kind.title()
            ),
            Self::Homeless => write!(
                f,
                "This belongs to no mail. Write it under a head such as [reward earned]."
            ),
            Self::NoSubject(kind) => write!(
                f,
                "[{}] has no subject. Begin it with a line such as `Subject: Hello from us`.",
                kind.title()
            ),
            Self::NoText(kind) => write!(f, "[{}] says nothing. Write its text under the subject.", kind.title()),
            Self::TooLong(max) => write!(f, "This is too long. Use up to {max} characters."),
            Self::Unclosed => write!(f, "`{{{{` is not closed on this line. Write the name and then `}}}}`."),
            Self::UnknownName {
                said, like: Some(like), ..
            } => {
                write!(f, "Nothing is called `{said}`. Did you mean `{like}`?")
            }
            Self::UnknownName { said, like: None, kind } => {
                write!(
                    f,
                    "Nothing is called `{said}`. [{}] knows {}.",
                    kind.title(),
                    listed(*kind)
                )
            }
            Self::NotHere(name, kind) => write!(
                f,
                "`{name}` is not known in [{}], which knows {}.",
                kind.title(),
                listed(*kind)
            ),
            Self::LinkInSubject(name) => {
                write!(
                    f,
                    "`{name}` is a link, and a subject can't hold one. Move it into the text."
                )
            }
            Self::BadLink(said) => write!(
                f,
                "`{said}` leads nowhere. Write an address such as https://example.com, or one of the names of links."
            ),
            Self::Html => write!(
                f,
                "HTML is not understood here. Use **bold**, *italic* and [text](https://example.com)."
            ),
            Self::Picture => write!(f, "Mails carry no pictures. Say it in words, or link to it."),
            Self::Character(c) => write!(f, "The character U+{:04X} can't be shown. Take it out.", u32::from(*c)),
            Self::NoConfirmLink => write!(
                f,
                "[confirm] asks for a yes and must lead to where it can be said. Add a line `[Yes, send me mail]({{{{ confirm_link }}}})`."
            ),
            Self::NoSignInLink => write!(
                f,
                "[sign in] brings the way to a member's page. Add a line `[Show my points]({{{{ sign_in_link }}}})`."
            ),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line {}, column {}: {}", self.line, self.column, self.what)
    }
}

impl std::error::Error for Problem {}

/// The one of `all` that `said` is most like, if it is like any.
pub(crate) fn like(said: &str, all: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let said = said.to_lowercase();
    let best = all
        .map(|one| (strsim::normalized_damerau_levenshtein(&said, one), one))
        .max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= 0.6).then_some(best.1)
}
