//! What a document says without what nobody sees in it: two texts that look the same are the same afterwards. What is
//! seen stays, quotes and dashes too: rules and voices read them as they are.

use sha2::{Digest, Sha256};

/// A document's text in its normal form. Lines keep their numbers, but for those without text at the end.
///
/// - ends of lines of every kind (CR LF, CR, vertical tab, form feed, NEL, line and paragraph separators) become LF;
/// - blanks of every width, also those that don't break, and tabs become an ordinary blank;
/// - byte order marks, zero-width blanks, word joiners, soft hyphens, marks of direction and other control characters go;
/// - blanks at the ends of lines go, and lines without text at the end; what is left ends with one LF.
#[must_use]
pub fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    let mut before = '\0';
    for c in text.chars() {
        let end = matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}');
        if end {
            // CR LF is one end.
            if !(c == '\n' && before == '\r') {
                trim_end(&mut out);
                out.push('\n');
            }
        } else if is_blank(c) {
            out.push(' ');
        } else if !is_unseen(c) {
            out.push(c);
        }
        before = c;
    }
    out.truncate(out.trim_end_matches([' ', '\n']).len());
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

fn trim_end(out: &mut String) {
    out.truncate(out.trim_end_matches(' ').len());
}

fn is_blank(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// Joiners within words (U+200C, U+200D) are not among them: scripts and emoji are made with them.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        )
}

/// The hash by which a document is known again.
#[must_use]
pub fn hash(normal: &str) -> [u8; 32] {
    Sha256::digest(normal.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_google_adds_goes_and_what_is_seen_stays() {
        let exported = "\u{feff}Earn 1 point per\u{a0}$1\r\nBonus 10 points for “Flat white”  \r\n\u{b}\u{200b}Skip sales under $2\r\n\r\n\r\n";
        assert_eq!(
            normal(exported),
            "Earn 1 point per $1\nBonus 10 points for “Flat white”\n\nSkip sales under $2\n"
        );
        assert_eq!(normal("a\r\rb\n\nc"), "a\n\nb\n\nc\n");
        assert_eq!(normal("  a\tb\u{2028}c\u{ad}d"), "  a b\ncd\n");
        assert_eq!(normal("👨\u{200d}👩\u{200d}👧"), "👨\u{200d}👩\u{200d}👧\n");
        for nothing in ["", "\u{feff}", " \r\n\t\u{a0}\n", "\u{200b}"] {
            assert_eq!(normal(nothing), "", "{nothing:?}");
        }
    }

    /// Characters among which those that matter here are as likely as all others together.
    fn texts() -> impl Strategy<Value = String> {
        let special = "\u{feff}\r\n\u{b}\u{c}\u{85}\u{2028}\u{2029}\t \u{a0}\u{202f}\u{200b}\u{ad}\u{200e}\u{0}ab“–”";
        let special: Vec<char> = special.chars().collect();
        prop::collection::vec(prop_oneof![prop::sample::select(special), any::<char>()], 0..200)
            .prop_map(|chars| chars.into_iter().collect())
    }

    proptest! {
        #[test]
        fn a_normal_form_is_its_own_and_loses_nothing_that_is_seen(text in texts()) {
            let once = normal(&text);
            prop_assert_eq!(&normal(&once), &once);
            let seen = |text: &str| text.chars().filter(|c| !c.is_whitespace() && !is_unseen(*c)).collect::<String>();
            prop_assert_eq!(seen(&once), seen(&text));
            prop_assert!(once.chars().all(|c| c == '\n' || !(c.is_control() || is_blank(c) && c != ' ')));
            prop_assert!(once.lines().all(|line| !line.ends_with(' ')));
            prop_assert!(once.is_empty() || (once.ends_with('\n') && !once.ends_with("\n\n")));
            prop_assert!(once.len() <= text.len() + 1);
        }

        #[test]
        fn how_lines_end_and_what_is_unseen_makes_no_other_document(lines in prop::collection::vec("[a-z“]{0,9}", 0..9)) {
            let plain = lines.join("\n");
            let other = format!("\u{feff}{}\r\n", lines.join("\u{200b}\t\r\n"));
            prop_assert_eq!(hash(&normal(&plain)), hash(&normal(&other)));
        }

        #[test]
        fn lines_keep_their_numbers(lines in prop::collection::vec("[a-z]{1,9}|", 1..9)) {
            let text = normal(&lines.join("\r\n"));
            for (at, line) in lines.iter().enumerate().filter(|(_, line)| !line.is_empty()) {
                prop_assert_eq!(text.lines().nth(at), Some(line.as_str()));
            }
        }
    }
}
