//! One mail of a voice as it was written: to begin with where somebody gives one mail other words. What it says is
//! `parse`'s.

use crate::kind::{Kind, Language};
use crate::parse::{head, place};

/// The lines under a mail's head in a language, as they are written in a document that was read without a problem; none
/// where it has no such mail.
#[must_use]
pub fn section(document: &str, kind: Kind, language: Language) -> Option<String> {
    let lines: Vec<&str> = document.lines().collect();
    let at = place(&lines, kind, language)?;
    let rest = &lines[at + 1..];
    let end = rest.iter().position(|line| head(line).is_some()).unwrap_or(rest.len());
    Some(rest[..end].join("\n").trim().to_owned() + "\n")
}

/// A document of this one mail. A line that would begin another mail is text.
#[must_use]
pub fn alone(words: &str, kind: Kind, language: Language) -> String {
    let mut document = format!("[{}, {}]", kind.title(), language.code());
    for line in words.lines() {
        document.push('\n');
        if head(line).is_some() {
            document.push('\\');
        }
        document.push_str(line);
    }
    document.push('\n');
    document
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Voice;
    use proptest::prelude::{any, prop_assert_eq, proptest};

    #[test]
    fn a_section_is_what_stands_under_its_head() {
        let voice = "Language: es\n\n[balance]\nSubject: A\n\nUno\n\n[partner outreach]\nSubject: B\n\n\nDos\n\n[Partner Outreach, en]\nSubject: C\n\nTwo";
        assert!(Voice::read(voice).is_ok());
        let of = |kind, language| section(voice, kind, language);
        assert_eq!(
            of(Kind::PartnerOutreach, Language::Es).unwrap(),
            "Subject: B\n\n\nDos\n"
        );
        assert_eq!(of(Kind::PartnerOutreach, Language::En).unwrap(), "Subject: C\n\nTwo\n");
        assert_eq!(of(Kind::Balance, Language::Es).unwrap(), "Subject: A\n\nUno\n");
        assert_eq!(of(Kind::Balance, Language::En), None);
        for language in Language::ALL {
            assert!(section(Voice::built_in(language), Kind::PartnerOutreach, language).is_some());
        }
    }

    #[test]
    fn other_words_stay_one_mail() {
        let words = "Subject: Hi\n\nHello\n[balance]\nSubject: x\n\n[what]\n";
        let voice = Voice::read(&alone(words, Kind::PartnerOutreach, Language::Es)).unwrap();
        let written: Vec<_> = voice.written().collect();
        assert_eq!(written, [(Kind::PartnerOutreach, Language::Es)]);
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_one_mail_or_none(words in any::<String>(), lines in "(Subject: a\n)?(\\[balance\\]\n|x\n|\\{\\{ partner \\}\\}\n|\\[\n)*") {
            for words in [words, lines] {
                if let Ok(voice) = Voice::read(&alone(&words, Kind::PartnerOutreach, Language::En)) {
                    prop_assert_eq!(voice.written().count(), 1);
                }
                let _ = section(&words, Kind::PartnerOutreach, Language::En);
            }
        }
    }
}
