//! Sizes as Kubernetes writes them.

#[cfg(feature = "describe")]
use super::description::{Kind, Pattern, Tree};
use super::reader::{Given, Setting};

/// The suffixes, each with its number of bytes.
///
/// Source: Kubernetes, `resource.Quantity`. The larger and the smaller ones make no sense for a size.
const UNITS: [(&str, u64); 9] = [
    ("Ki", 1 << 10),
    ("Mi", 1 << 20),
    ("Gi", 1 << 30),
    ("Ti", 1 << 40),
    ("k", 1_000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
    ("", 1),
];

/// The most digits before and after the point, so that no size is out of range.
const MAX_DIGITS: (usize, usize) = (6, 3);

/// A size, such as `500Mi`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity {
    text: String,
    bytes: u64,
}

impl Quantity {
    /// So many mebibytes.
    #[must_use]
    pub fn mebibytes(count: u32) -> Self {
        Self { text: [&count.to_string(), "Mi"].concat(), bytes: u64::from(count) << 20 }
    }

    /// The size in bytes. A fraction of a byte is left out.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The size as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The form of a size, as a regular expression.
    #[cfg(feature = "describe")]
    const FORM: &'static [&'static str] = &["^[0-9]{1,6}([.][0-9]{1,3})?([KMGT]i|[kMGT])?$"];

    fn parse(text: &str) -> Option<Self> {
        let (number, unit) = UNITS.iter().find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?, unit)))?;
        let (whole, fraction) = number.split_once('.').map_or((number, None), |(whole, part)| (whole, Some(part)));
        let digits = |digits: &str, most| {
            let is_number = (1..=most).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
            if is_number { digits.parse::<u64>().ok() } else { None }
        };
        let mut bytes = digits(whole, MAX_DIGITS.0)?.checked_mul(*unit)?;
        if let Some(fraction) = fraction {
            let scale = 10_u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
            let part = digits(fraction, MAX_DIGITS.1)?.checked_mul(*unit)?.checked_div(scale)?;
            bytes = bytes.checked_add(part)?;
        }
        Some(Self { text: text.to_owned(), bytes })
    }
}

impl Setting for Quantity {
    fn read(given: Given<'_>) -> Option<Self> {
        Self::parse(given.text()?).or_else(|| given.fault("this is not a valid size; it is written as 500Mi or 1.5Gi"))
    }

    #[cfg(feature = "describe")]
    fn kind() -> Kind {
        Kind::Pattern(&Pattern { matches: Self::FORM, except: &[] })
    }

    #[cfg(feature = "describe")]
    fn tree(&self) -> Tree {
        Tree::from(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_number_and_a_unit() {
        for (text, bytes) in [
            ("0", 0),
            ("7", 7),
            ("500Mi", 524_288_000),
            ("1.5Gi", 1_610_612_736),
            ("0.001k", 1),
            ("0.0Ki", 0),
            ("999999.999Ti", 1_099_511_626_676_488_372),
            ("2G", 2_000_000_000),
        ] {
            assert_eq!(Quantity::parse(text).map(|size| size.bytes()), Some(bytes), "{text}");
        }
        assert_eq!(Quantity::mebibytes(500), Quantity::parse("500Mi").unwrap());
    }

    #[test]
    fn anything_else_is_not_a_size() {
        for text in [
            "", "Mi", "-1", "+1", "1 Mi", "1mi", "1K", "1KiB", "1.", ".5", "1.5.1", "1e9", "1m", "1234567", "1.1234",
            "٣",
        ] {
            assert_eq!(Quantity::parse(text), None, "{text}");
        }
    }
}
