//! What the bytes and the cells of a sample tell: letters, decimal mark, order of day and month.

use super::Certainty;
use crate::file::dates::numbers_of_cell;
use crate::file::{Dates, Decimal, Encoding};

/// Regions whose people write the month before the day.
const MONTH_FIRST: [&str; 10] = ["US", "PH", "PR", "GU", "VI", "AS", "MP", "FM", "MH", "PW"];

/// The letters: a byte order mark, else what every other byte being zero says, else UTF-8 if it is that.
pub(super) fn encoding(sample: &[u8]) -> Encoding {
    if sample.starts_with(&[0xff, 0xfe]) {
        return Encoding::Utf16Le;
    }
    if sample.starts_with(&[0xfe, 0xff]) {
        return Encoding::Utf16Be;
    }
    let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let most = sample.len() / 4;
    if odd > most && even < odd / 4 {
        return Encoding::Utf16Le;
    }
    if even > most && odd < even / 4 {
        return Encoding::Utf16Be;
    }
    match std::str::from_utf8(sample) {
        Ok(_) => Encoding::Utf8,
        // The sample's end may cut through a letter.
        Err(e) if e.error_len().is_none() => Encoding::Utf8,
        Err(_) => Encoding::Windows1252,
    }
}

/// The decimal mark of the amounts.
pub(super) fn decimal(cells: &[&str], delimiter: char) -> (Decimal, Certainty) {
    let (mut points, mut commas, mut either) = (0, 0, 0);
    for cell in cells {
        match mark(cell) {
            Mark::Point => points += 1,
            Mark::Comma => commas += 1,
            Mark::Either => either += 1,
            Mark::None => {}
        }
    }
    // A file whose cells are parted by semicolons usually is so because commas are taken.
    let usual = if delimiter == ';' {
        Decimal::Comma
    } else {
        Decimal::Point
    };
    match (points, commas, either) {
        (0, 0, 0) => (usual, Certainty::Seen),
        (0, 0, _) => (usual, Certainty::Assumed),
        (_, 0, _) => (Decimal::Point, Certainty::Seen),
        (0, _, _) => (Decimal::Comma, Certainty::Seen),
        _ if commas > points => (Decimal::Comma, Certainty::Assumed),
        _ => (Decimal::Point, Certainty::Assumed),
    }
}

enum Mark {
    None,
    Point,
    Comma,
    /// `1.234`: a decimal mark or a group.
    Either,
}

/// What a cell shows of its decimal mark.
fn mark(cell: &str) -> Mark {
    let named = |is_comma: bool| if is_comma { Mark::Comma } else { Mark::Point };
    let (points, commas) = (cell.matches('.').count(), cell.matches(',').count());
    match (cell.rfind('.'), cell.rfind(',')) {
        (None, None) => Mark::None,
        (Some(point), Some(comma)) => named(comma > point),
        (Some(at), None) | (None, Some(at)) => {
            let is_comma = commas > 0;
            let behind = cell[at + 1..].chars().take_while(char::is_ascii_digit).count();
            match (points + commas, behind) {
                (1, 3) => Mark::Either,
                (1, _) => named(is_comma),
                // Several of one kind part groups, so the other kind is the mark.
                _ => named(!is_comma),
            }
        }
    }
}

/// The order of day and month.
pub(super) fn dates(cells: &[&str], region: &str) -> (Dates, Certainty) {
    let (mut day_first, mut month_first, mut either) = (0, 0, 0);
    for cell in cells {
        let Some((one, two, _)) = numbers_of_cell(cell).filter(|(one, ..)| one.len() < 4) else {
            continue;
        };
        let over_12 = |part: &str| part.parse::<u32>().is_ok_and(|n| n > 12);
        // Nobody writes month.day.year with points.
        if over_12(one) || cell.as_bytes().get(one.len()) == Some(&b'.') {
            day_first += 1;
        } else if over_12(two) {
            month_first += 1;
        } else if one != two {
            either += 1;
        }
    }
    let usual = if MONTH_FIRST.contains(&region) {
        Dates::MonthFirst
    } else {
        Dates::DayFirst
    };
    match (day_first, month_first, either) {
        (0, 0, 0)
            if cells
                .iter()
                .all(|cell| numbers_of_cell(cell).is_none_or(|(one, ..)| one.len() == 4)) =>
        {
            (Dates::YearFirst, Certainty::Seen)
        }
        // Only dates such as 3/3: it makes no difference in the sample, but it may behind it.
        (0, 0, _) => (usual, Certainty::Assumed),
        (_, 0, _) => (Dates::DayFirst, Certainty::Seen),
        (0, _, _) => (Dates::MonthFirst, Certainty::Seen),
        _ if day_first > month_first => (Dates::DayFirst, Certainty::Assumed),
        _ => (Dates::MonthFirst, Certainty::Assumed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Certainty::{Assumed, Seen};

    #[test]
    fn decimal_marks() {
        for (cells, delimiter, want) in [
            (&["12.50", "1,234"][..], ',', (Decimal::Point, Seen)),
            (&["12,50", "1.234"], ';', (Decimal::Comma, Seen)),
            (&["1.234,50"], ',', (Decimal::Comma, Seen)),
            (&["$1,234.50"], ',', (Decimal::Point, Seen)),
            (&["1,234,567"], ',', (Decimal::Point, Seen)),
            (&["1.234"], ',', (Decimal::Point, Assumed)),
            (&["1.234"], ';', (Decimal::Comma, Assumed)),
            (&["5", ""], ',', (Decimal::Point, Seen)),
            (&["5.50", "5,50"], ',', (Decimal::Point, Assumed)),
        ] {
            assert_eq!(decimal(cells, delimiter), want, "{cells:?}");
        }
    }

    #[test]
    fn day_and_month() {
        for (cells, region, want) in [
            (&["01/10/2026 23:50", "13/10/2026"][..], "US", (Dates::DayFirst, Seen)),
            (&["7/28/26 1:33 PM", "8/1/26"], "DE", (Dates::MonthFirst, Seen)),
            (&["01/10/2026"], "US", (Dates::MonthFirst, Assumed)),
            (&["01/10/2026"], "GB", (Dates::DayFirst, Assumed)),
            (&["3/3/2026"], "GB", (Dates::DayFirst, Assumed)),
            (&["01.10.2026"], "US", (Dates::DayFirst, Seen)),
            (
                &["2026-11-20T10:00:00Z", "2026/11/20", ""],
                "US",
                (Dates::YearFirst, Seen),
            ),
            (&["Oct 5, 2026"], "US", (Dates::YearFirst, Seen)),
            (&["13/1/2026", "1/13/2026"], "US", (Dates::MonthFirst, Assumed)),
        ] {
            assert_eq!(dates(cells, region), want, "{cells:?}");
        }
    }

    #[test]
    fn letters() {
        let utf_16: Vec<u8> = "sale_id;total\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let utf_16_be: Vec<u8> = "sale_id;total\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (bytes, want) in [
            (&b"plain"[..], Encoding::Utf8),
            ("\u{feff}Café".as_bytes(), Encoding::Utf8),
            (&"Café".as_bytes()[..4], Encoding::Utf8),
            (b"Caf\xe9 cr\xe8me", Encoding::Windows1252),
            (b"\xff\xfea\0", Encoding::Utf16Le),
            (b"\xfe\xff\0a", Encoding::Utf16Be),
            (&utf_16, Encoding::Utf16Le),
            (&utf_16_be, Encoding::Utf16Be),
            (b"", Encoding::Utf8),
        ] {
            assert_eq!(encoding(bytes), want, "{bytes:?}");
        }
    }
}
