//! Medians and quartiles.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

/// The middle half of what was measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Spread {
    /// A quarter of the values is below.
    pub(crate) lower: f64,
    /// Half of the values are below.
    pub(crate) median: f64,
    /// A quarter of the values is above.
    pub(crate) upper: f64,
}

impl Spread {
    /// The spread of `values`; not a number when there are none.
    pub(crate) fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |quarter: usize| {
            let last = sorted.len().saturating_sub(1);
            let index = last.saturating_mul(quarter).saturating_add(2).div_euclid(4);
            sorted.get(index).copied().unwrap_or(f64::NAN)
        };
        Self { lower: at(1), median: at(2), upper: at(3) }
    }

    /// The spread of the quotients of two series, pair by pair.
    pub(crate) fn of_ratios(values: &[f64], references: &[f64]) -> Self {
        let ratios: Vec<_> = values.iter().zip(references).map(|(value, reference)| value / reference).collect();
        Self::of(&ratios)
    }
}

impl fmt::Display for Spread {
    /// The median and the quartiles, as in `0.21 [0.20–0.23]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(2);
        write!(f, "{:.digits$} [{:.digits$}–{:.digits$}]", self.median, self.lower, self.upper)
    }
}

/// Milliseconds.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_the_middle_half() {
        let spread = Spread::of(&[5.0, 1.0, 4.0, 2.0, 3.0]);
        assert_eq!(spread, Spread { lower: 2.0, median: 3.0, upper: 4.0 });
        assert_eq!(Spread::of(&[7.0]), Spread { lower: 7.0, median: 7.0, upper: 7.0 });
        assert!(Spread::of(&[]).median.is_nan());
    }

    #[test]
    fn ratios_are_those_of_each_round() {
        let spread = Spread::of_ratios(&[1.0, 20.0, 3.0], &[2.0, 40.0, 6.0]);
        assert_eq!(format!("{spread}"), "0.50 [0.50–0.50]");
    }
}
