//! Exact fractions of points, without floats. Nothing is rounded until somebody asks for a whole number.
//!
//! Fractions are left unreduced, as reducing is slow and a sale has few of them; where one grows too large it is
//! reduced, and only then given up.

use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedMul};

use super::Rounding;

/// A fraction of zero or more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exact(Ratio<i128>);

impl Exact {
    /// `numer / denom`; `denom` is above zero.
    pub fn new(numer: i128, denom: i128) -> Self {
        Self(Ratio::new_raw(numer, denom))
    }

    pub fn whole(n: i128) -> Self {
        Self::new(n, 1)
    }

    pub fn is_zero(self) -> bool {
        *self.0.numer() == 0
    }

    pub fn is_whole(self) -> bool {
        *self.0.denom() == 1 || self.0.numer() % self.0.denom() == 0
    }

    /// Whether it is more than `n`.
    pub fn exceeds(self, n: i128) -> bool {
        let floor = self.0.numer() / self.0.denom();
        floor > n || (floor == n && !self.is_whole())
    }

    /// The sum; nothing where no 128 bits hold it.
    pub fn plus(self, other: Self) -> Option<Self> {
        if self.0.denom() == other.0.denom() {
            let numer = CheckedAdd::checked_add(self.0.numer(), other.0.numer())?;
            return Some(Self::new(numer, *self.0.denom()));
        }
        self.0.checked_add(&other.0).map(Self)
    }

    /// The product with `hundredths / 100`; nothing where no 128 bits hold it.
    pub fn times_hundredths(self, hundredths: i64) -> Option<Self> {
        let by = i128::from(hundredths);
        match (
            CheckedMul::checked_mul(self.0.numer(), &by),
            CheckedMul::checked_mul(self.0.denom(), &100),
        ) {
            (Some(numer), Some(denom)) => Some(Self::new(numer, denom)),
            _ => self.0.reduced().checked_mul(&Ratio::new(by, 100)).map(Self),
        }
    }

    /// A whole number.
    pub fn rounded(self, rounding: Rounding) -> i128 {
        let (floor, rest) = (self.0.numer() / self.0.denom(), self.0.numer() % self.0.denom());
        let up = match rounding {
            Rounding::Down => false,
            // A half or more, without doubling, which could overflow.
            Rounding::Nearest => rest >= self.0.denom() - rest,
            Rounding::Up => rest > 0,
        };
        floor + i128::from(up)
    }

    /// As a decimal: `12.5`, and `4.16…` where it goes on.
    pub fn decimal(self) -> String {
        let (floor, rest) = (self.0.numer() / self.0.denom(), self.0.numer() % self.0.denom());
        if rest == 0 {
            return floor.to_string();
        }
        let Some(scaled) = rest.checked_mul(100) else {
            return format!("{floor}…");
        };
        let text = format!("{floor}.{:02}", scaled / self.0.denom());
        if scaled % self.0.denom() == 0 {
            text.trim_end_matches('0').to_owned()
        } else {
            format!("{text}…")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimals() {
        for (numer, denom, text) in [
            (25, 2, "12.5"),
            (25, 6, "4.16…"),
            (0, 7, "0"),
            (300, 100, "3"),
            (1, 1000, "0.00…"),
        ] {
            assert_eq!(Exact::new(numer, denom).decimal(), text);
        }
    }

    proptest! {
        /// The same as with fractions that are always reduced.
        #[test]
        fn as_reduced_fractions(a in 0_i128..1_000_000, b in 1_i128..10_000, c in 0_i128..1_000_000, d in 1_i128..10_000, by in 101_i64..10_000) {
            let exact = Exact::new(a, b).plus(Exact::new(c, d)).and_then(|sum| sum.times_hundredths(by)).unwrap();
            let ratio = (Ratio::new(a, b) + Ratio::new(c, d)) * Ratio::new(i128::from(by), 100);
            prop_assert_eq!(exact.0.reduced(), ratio);
            prop_assert_eq!(exact.rounded(Rounding::Down), ratio.floor().to_integer());
            prop_assert_eq!(exact.rounded(Rounding::Nearest), ratio.round().to_integer());
            prop_assert_eq!(exact.rounded(Rounding::Up), ratio.ceil().to_integer());
            prop_assert_eq!(exact.is_whole(), ratio.is_integer());
            prop_assert_eq!(exact.exceeds(1000), ratio > Ratio::from_integer(1000));
        }
    }
}
