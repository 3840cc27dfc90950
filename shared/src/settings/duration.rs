//! Durations as Kubernetes writes them.

#[cfg(feature = "describe")]
use super::description::{Kind, Pattern, Tree};
use super::reader::{Given, Setting};

/// The units, in the order in which they may follow each other, each with its number of seconds.
///
/// Source: Kubernetes, `metav1.Duration`. Smaller ones make no sense for a setting.
const UNITS: [(char, i64); 3] = [('h', 3600), ('m', 60), ('s', 1)];

/// The most digits of a number, so that no duration is out of range.
const MAX_DIGITS: usize = 6;

/// A duration, such as `168h` or `1h30m`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duration {
    text: String,
    seconds: i64,
}

impl Duration {
    /// The form of a duration, as regular expressions.
    #[cfg(feature = "describe")]
    const FORM: &'static [&'static str] = &["^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$", "[hms]$"];

    /// So many hours.
    #[must_use]
    pub fn hours(count: u32) -> Self {
        Self { text: [&count.to_string(), "h"].concat(), seconds: i64::from(count).saturating_mul(3600) }
    }

    /// The duration in seconds.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        self.seconds
    }

    /// The duration as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn parse(text: &str) -> Option<Self> {
        let (mut seconds, mut rest) = (0_i64, text);
        for (unit, length) in UNITS {
            let Some((number, after)) = rest.split_once(unit) else { continue };
            let is_number =
                (1..=MAX_DIGITS).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
            let number: i64 = number.parse().ok().filter(|_| is_number)?;
            seconds = seconds.checked_add(number.checked_mul(length)?)?;
            rest = after;
        }
        (rest.is_empty() && !text.is_empty()).then(|| Self { text: text.to_owned(), seconds })
    }
}

impl Setting for Duration {
    fn read(given: Given<'_>) -> Option<Self> {
        Self::parse(given.text()?)
            .or_else(|| given.fault("this is not a valid duration; it is written as 168h or 1h30m"))
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
    fn a_duration_is_numbers_with_units() {
        for (text, seconds) in [
            ("168h", Some(604_800)),
            ("1h30m", Some(5400)),
            ("0s", Some(0)),
            ("90m15s", Some(5415)),
            ("999999h", Some(3_599_996_400)),
            ("", None),
            ("7d", None),
            ("1", None),
            ("h", None),
            ("1m1h", None),
            ("1h1h", None),
            ("1000000h", None),
            ("-1h", None),
            ("1.5h", None),
            ("1h ", None),
        ] {
            assert_eq!(Duration::parse(text).map(|duration| duration.seconds()), seconds, "{text}");
        }
        assert_eq!(Duration::hours(168), Duration::parse("168h").unwrap());
    }
}
