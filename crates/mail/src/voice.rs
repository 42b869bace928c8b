//! A voice: all that the owner wrote, mail by mail and language by language, over the built-in one.

use crate::blocks::{Block, Inline};
use crate::kind::{Kind, Language};
use crate::parse;
use crate::problem::Problem;
use std::collections::BTreeMap;
use std::sync::LazyLock;

const ENGLISH: &str = include_str!("../voices/en.txt");
const SPANISH: &str = include_str!("../voices/es.txt");

/// One mail's words, in one language.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mail {
    pub(crate) subject: Vec<Inline>,
    pub(crate) preview: Vec<Inline>,
    pub(crate) blocks: Vec<Block>,
}

/// A voice that was read without a problem.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Voice {
    /// The language of heads that name none.
    pub language: Language,
    pub(crate) mails: BTreeMap<(Kind, Language), Mail>,
}

impl Voice {
    /// Reads a voice.
    ///
    /// # Errors
    /// All that is wrong with it, in the order of the lines.
    pub fn read(text: &str) -> Result<Self, Vec<Problem>> {
        parse::voice(text)
    }

    /// The built-in voice's document in a language: what an owner begins with.
    #[must_use]
    pub fn built_in(language: Language) -> &'static str {
        match language {
            Language::En => ENGLISH,
            Language::Es => SPANISH,
        }
    }

    /// A mail in a language: the owner's words, or the built-in ones.
    #[must_use]
    pub fn mail(&self, kind: Kind, language: Language) -> &Mail {
        self.mails
            .get(&(kind, language))
            .unwrap_or_else(|| &BUILT_IN[&(kind, language)])
    }

    /// Which mails the owner wrote.
    pub fn written(&self) -> impl Iterator<Item = (Kind, Language)> {
        self.mails.keys().copied()
    }
}

static BUILT_IN: LazyLock<BTreeMap<(Kind, Language), Mail>> = LazyLock::new(|| {
    let read = |language| Voice::read(Voice::built_in(language)).map(|voice| voice.mails);
    // A test reads both and finds every mail in each; without one there is nothing to send.
    Language::ALL
        .into_iter()
        .flat_map(|language| read(language).expect("the built-in voices are read by a test"))
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_voices_have_every_mail() {
        for language in Language::ALL {
            let voice = Voice::read(Voice::built_in(language)).unwrap_or_else(|problems| panic!("{problems:?}"));
            assert_eq!(voice.language, language);
            for kind in Kind::ALL {
                assert!(voice.mails.contains_key(&(kind, language)), "{kind:?} {language:?}");
                let _ = Voice::default().mail(kind, language);
            }
        }
    }
}
