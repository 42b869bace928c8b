//! What is wrong with a voice as a code and values, for programs that say it in other languages.

use super::problem::What;
use super::{Kind, Name};

impl What {
    /// Every code there is.
    pub const CODES: [&str; 19] = [
        "unknown_mail",
        "unknown_mail_like",
        "unknown_language",
        "twice",
        "homeless",
        "no_subject",
        "no_text",
        "too_long",
        "unclosed",
        "unknown_name",
        "unknown_name_like",
        "not_here",
        "link_in_subject",
        "bad_link",
        "html",
        "picture",
        "character",
        "no_confirm_link",
        "no_sign_in_link",
    ];

    /// Its code, and what its sentence names, in order: what was written, what may have been meant, a mail, a list.
    #[must_use]
    pub fn told(&self) -> (&'static str, Vec<String>) {
        let mail = |kind: &Kind| format!("[{}]", kind.title());
        let names = |kind: &Kind| kind.names().iter().map(Name::to_string).collect::<Vec<_>>().join(", ");
        match self {
            Self::UnknownMail { said, like: Some(like) } => {
                ("unknown_mail_like", vec![said.clone(), format!("[{like}]")])
            }
            Self::UnknownMail { said, like: None } => {
                let all: Vec<String> = Kind::ALL.iter().map(mail).collect();
                ("unknown_mail", vec![said.clone(), all.join(", ")])
            }
            Self::UnknownLanguage(said) => ("unknown_language", vec![said.clone()]),
            Self::Twice(kind) => ("twice", vec![mail(kind)]),
            Self::Homeless => ("homeless", Vec::new()),
            Self::NoSubject(kind) => ("no_subject", vec![mail(kind)]),
            Self::NoText(kind) => ("no_text", vec![mail(kind)]),
            Self::TooLong(max) => ("too_long", vec![max.to_string()]),
            Self::Unclosed => ("unclosed", Vec::new()),
            Self::UnknownName {
                said, like: Some(like), ..
            } => ("unknown_name_like", vec![said.clone(), (*like).to_owned()]),
            Self::UnknownName { said, like: None, kind } => {
                ("unknown_name", vec![said.clone(), mail(kind), names(kind)])
            }
            Self::NotHere(name, kind) => ("not_here", vec![name.to_string(), mail(kind), names(kind)]),
            Self::LinkInSubject(name) => ("link_in_subject", vec![name.to_string()]),
            Self::BadLink(said) => ("bad_link", vec![said.clone()]),
            Self::Html => ("html", Vec::new()),
            Self::Picture => ("picture", Vec::new()),
            Self::Character(c) => ("character", vec![format!("U+{:04X}", u32::from(*c))]),
            Self::NoConfirmLink => ("no_confirm_link", Vec::new()),
            Self::NoSignInLink => ("no_sign_in_link", Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Voice;
    use proptest::prelude::{prop_assert, proptest};

    #[test]
    fn what_is_wrong_has_a_code_and_what_it_names() {
        let told = |voice: &str| Voice::read(voice).unwrap_err()[0].what.told();
        assert_eq!(
            told("[balence]\nSubject: Hi\n\nx\n"),
            ("unknown_mail_like", vec!["balence".into(), "[balance]".into()])
        );
        let (code, values) = told("[balance]\nSubject: Hi\n\n{{ reward\n");
        assert_eq!((code, values.len()), ("unclosed", 0));
        let (code, values) = told("[balance]\nSubject: Hi\n\n{{ zzzzzz }}\n");
        assert_eq!(
            (code, values[0].as_str(), values[1].as_str()),
            ("unknown_name", "zzzzzz", "[balance]")
        );
        assert!(values[2].contains("points_to_next, "), "{values:?}");
    }

    proptest! {
        #[test]
        fn whatever_is_wrong_has_a_code_of_the_list(text in "(\\[(balance|confirm|x)\\]\n)?(Subject: [a-z{} ]{0,12}\n)?\n?([a-z<>!*{}\\[\\]() ]{0,40}\n?){0,4}") {
            for problem in Voice::read(&text).err().unwrap_or_default() {
                let (code, values) = problem.what.told();
                prop_assert!(What::CODES.contains(&code));
                // The sentence in English names what they name.
                let said = problem.what.to_string();
                prop_assert!(values.iter().take(1).all(|value| said.contains(value.as_str())), "{} {:?}", said, values);
            }
        }
    }
}
