//! Names that people give to shops and tills: what may be one.

/// Longest, in characters.
const MAX: usize = 80;

/// The name without blanks at its ends; none where it is empty, too long or has characters that can't be shown.
#[must_use]
pub fn checked(name: &str) -> Option<String> {
    let name = name.trim();
    let good = !name.is_empty() && name.chars().count() <= MAX && !name.chars().any(char::is_control);
    good.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::checked;

    #[test]
    fn names_are_short_and_can_be_shown() {
        assert_eq!(checked(" Bar "), Some("Bar".into()));
        assert_eq!(checked(&"ü".repeat(80)).map(|name| name.chars().count()), Some(80));
        for wrong in ["", "  ", "a\nb", &"x".repeat(81)] {
            assert_eq!(checked(wrong), None, "{wrong:?}");
        }
    }
}
