//! Lists of items as tills write them into one cell.

use loyalty::{Code, Item, Refusal};

use super::mapping::ItemsForm;

/// Reads a cell written the way `form` says.
pub(super) fn read(text: &str, form: ItemsForm) -> Result<Vec<Item>, Refusal> {
    let parts = match form {
        ItemsForm::List => return Item::parse_list(text),
        ItemsForm::CountFirst => split(text, |part| part.split_once(" x ").is_some_and(|(n, _)| is_count(n))),
        ItemsForm::CountLast => split_behind(text),
    };
    parts.into_iter().map(|part| item(&part, form, text)).collect()
}

/// How many, in thousandths, of a quantity such as `2`, `1.000` or `0.35`.
pub(crate) fn quantity_milli(text: &str) -> Option<i64> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let fraction = fraction.trim_end_matches('0');
    let fits = !whole.is_empty() && whole.len() <= 4 && fraction.len() <= 3;
    let digits = whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
    let milli = format!("{whole}{fraction:0<3}");
    (fits && digits)
        .then(|| milli.parse().ok())
        .flatten()
        .filter(|milli| *milli > 0)
}

/// Parts at commas; a comma that no count follows belongs to a name.
fn split(text: &str, starts: impl Fn(&str) -> bool) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for piece in text.split(", ") {
        match parts.last_mut() {
            Some(last) if !starts(piece) => {
                last.push_str(", ");
                last.push_str(piece);
            }
            _ => parts.push(piece.to_owned()),
        }
    }
    parts
}

/// Parts at the commas behind a count; any other comma belongs to a name.
fn split_behind(text: &str) -> Vec<String> {
    let ends = |part: &str| part.rsplit_once(" x ").is_some_and(|(_, n)| is_count(n));
    let mut parts: Vec<String> = Vec::new();
    for piece in text.split(", ") {
        match parts.last_mut() {
            Some(last) if !ends(last) => {
                last.push_str(", ");
                last.push_str(piece);
            }
            _ => parts.push(piece.to_owned()),
        }
    }
    parts
}

fn is_count(text: &str) -> bool {
    quantity_milli(text).is_some()
}

fn item(part: &str, form: ItemsForm, whole: &str) -> Result<Item, Refusal> {
    let counted = match form {
        ItemsForm::CountFirst => part.split_once(" x ").map(|(n, name)| (name, n)),
        _ => part.rsplit_once(" x "),
    };
    let (name, count) = counted.filter(|(_, n)| is_count(n)).unwrap_or((part, "1"));
    let name = checked_name(name).ok_or_else(|| Refusal::of(Code::BadItems, "items", whole))?;
    let mut item = Item::pieces(name, 1);
    item.quantity_milli = quantity_milli(count).unwrap_or(1000);
    Ok(item)
}

/// A name that can be shown: 1 to 200 characters.
pub(crate) fn checked_name(name: &str) -> Option<&str> {
    let name = name.trim();
    let fits = !name.is_empty() && name.chars().count() <= 200 && !name.chars().any(char::is_control);
    fits.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str, form: ItemsForm) -> String {
        let items = read(text, form).unwrap();
        let all: Vec<_> = items
            .iter()
            .map(|i| format!("{}*{}", i.name, i.quantity_milli))
            .collect();
        all.join("|")
    }

    #[test]
    fn as_tills_write_them() {
        let first = ItemsForm::CountFirst;
        assert_eq!(
            shown("1 x TEA, 2 x CREAM, WHIPPED", first),
            "TEA*1000|CREAM, WHIPPED*2000"
        );
        assert_eq!(shown("0.350 x Cheese", first), "Cheese*350");
        assert_eq!(shown("Custom Amount", first), "Custom Amount*1000");
        let last = ItemsForm::CountLast;
        assert_eq!(shown("Mug, blue x 1, Print x 12", last), "Mug, blue*1000|Print*12000");
        assert_eq!(shown("Acrylic Full Set", last), "Acrylic Full Set*1000");
        assert_eq!(shown("Coffee x2; Bagel", ItemsForm::List), "Coffee*2000|Bagel*1000");
        for (text, milli) in [
            ("2", Some(2000)),
            ("1.000", Some(1000)),
            ("0", None),
            ("-1", None),
            ("1.2345", None),
            ("", None),
        ] {
            assert_eq!(quantity_milli(text), milli, "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "[0-9x, .a;]{0,30}|\\PC{0,20}") {
            for form in [ItemsForm::List, ItemsForm::CountFirst, ItemsForm::CountLast] {
                let _ = read(&text, form);
            }
        }
    }
}
