//! The value of a scalar, as kubectl reads it.
//!
//! kubectl reads YAML with goyaml v2, which resolves the forms of YAML 1.1 as `resolve` of its resolve.go does, then
//! writes the result as JSON and reads that: a number in it is an integer if it is written like one, else a float.
//! `tests/kubectl.rs` compares this file with a real kubectl.

use granit_parser::{ScalarStyle, Tag};
use serde_json::Value;

/// The key that merges other mappings into its own.
const MERGE: &str = "<<";

/// The magnitude from which JSON writes a float with an exponent.
const EXPONENT: f64 = 1e21;

/// A scalar as it is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scalar<'a> {
    pub(crate) text: &'a str,
    pub(crate) style: ScalarStyle,
    pub(crate) tag: Option<&'a Tag>,
}

/// The meaning of a scalar for goyaml.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Meaning {
    Null,
    Bool(bool),
    Int(i64),
    /// An integer that only fits without a sign.
    Large(u64),
    Float(f64),
    Text,
}

impl Scalar<'_> {
    /// The value in the object that kubectl sends.
    ///
    /// # Errors
    ///
    /// Names the reason why kubectl refuses the scalar.
    pub(crate) fn value(self) -> Result<Value, String> {
        match self.meaning()? {
            Meaning::Null => Ok(Value::Null),
            Meaning::Bool(value) => Ok(value.into()),
            Meaning::Int(value) => Ok(value.into()),
            Meaning::Large(value) => Ok(unsigned(value)),
            Meaning::Float(value) if value.is_finite() => Ok(number(value)),
            Meaning::Float(_) => Err(format!("{} is not a number that JSON can express", self.text)),
            Meaning::Text => Ok(self.text.into()),
        }
    }

    /// The text of the scalar as a key.
    ///
    /// # Errors
    ///
    /// It is one of the scalars that kubectl does not take for a key.
    pub(crate) fn key(self) -> Result<String, String> {
        match self.meaning()? {
            Meaning::Bool(value) => Ok(value.to_string()),
            Meaning::Int(value) => Ok(value.to_string()),
            Meaning::Float(value) => Ok(key_of_float(value)),
            Meaning::Text => Ok(self.text.to_owned()),
            Meaning::Null => Err("null is not a valid key; quote it".to_owned()),
            Meaning::Large(value) => Err(format!("{value} is not a valid key; quote it")),
        }
    }

    /// Returns `true` for the key `<<`, whose value is merged into the mapping.
    pub(crate) fn is_merge(self) -> bool {
        let is_tagged = |tag: &Tag| name_of(tag).as_deref() == Some("merge");
        self.text == MERGE && self.tag.map_or(self.style == ScalarStyle::Plain, is_tagged)
    }

    fn meaning(self) -> Result<Meaning, String> {
        let Some(tag) = self.tag else {
            return Ok(if self.style == ScalarStyle::Plain { plain(self.text) } else { Meaning::Text });
        };
        // A tag of another kind makes a text of everything.
        let Some(name) = name_of(tag) else { return Ok(Meaning::Text) };
        match (name.as_str(), plain(self.text)) {
            ("null", Meaning::Null) => Ok(Meaning::Null),
            ("bool", meaning @ Meaning::Bool(_))
            | ("int", meaning @ (Meaning::Int(_) | Meaning::Large(_)))
            | ("float", meaning @ Meaning::Float(_)) => Ok(meaning),
            ("float", Meaning::Int(value)) => Ok(Meaning::Float(float_of(value))),
            ("binary", _) => Err("!!binary is not read; write the text as it is, without a tag".to_owned()),
            ("null" | "bool" | "int" | "float", _) => Err(format!("the value is not a valid !!{name}")),
            _ => Ok(Meaning::Text),
        }
    }
}

/// The name of a tag of YAML itself, such as `int` of `!!int`.
fn name_of(tag: &Tag) -> Option<String> {
    let whole = format!("{}{}", tag.handle(), tag.suffix());
    whole.strip_prefix("tag:yaml.org,2002:").map(str::to_owned)
}

/// A float of JSON as kubectl sends it: without a fraction, it becomes an integer.
pub(crate) fn number(value: f64) -> Value {
    // The shortest digits, with zeros in place of an exponent, are what is written and read again.
    let integer = (value.fract() == 0.0 && value.abs() < EXPONENT).then(|| value.to_string().parse::<i64>().ok());
    integer.flatten().map_or_else(|| value.into(), Value::from)
}

/// An integer of JSON as kubectl sends it: one that has no 64 bits with a sign becomes a float.
#[expect(clippy::cast_precision_loss, reason = "as kubectl loses it")]
pub(crate) fn unsigned(value: u64) -> Value {
    i64::try_from(value).map_or_else(|_| (value as f64).into(), Value::from)
}

#[expect(clippy::cast_precision_loss, reason = "as kubectl loses it")]
fn float_of(value: i64) -> f64 {
    value as f64
}

/// The meaning of a scalar without quotes.
fn plain(text: &str) -> Meaning {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Meaning::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Meaning::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Meaning::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Meaning::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Meaning::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Meaning::Float(f64::NEG_INFINITY),
        _ => match text.as_bytes().first() {
            Some(b'.') => float(text).map_or(Meaning::Text, Meaning::Float),
            Some(b'0'..=b'9' | b'+' | b'-') => numeric(&text.replace('_', "")),
            _ => Meaning::Text,
        },
    }
}

/// The meaning of a text that begins like a number, without its underscores.
fn numeric(text: &str) -> Meaning {
    let (sign, digits) = match text.split_at_checked(1) {
        Some((sign @ ("+" | "-"), digits)) => (sign, digits),
        _ => ("", text),
    };
    let (radix, digits) = prefix(digits);
    if digits.starts_with(|first: char| first.is_digit(radix)) {
        if let Ok(value) = i64::from_str_radix(&format!("{sign}{digits}"), radix) {
            return Meaning::Int(value);
        }
        if sign.is_empty()
            && let Ok(value) = u64::from_str_radix(digits, radix)
        {
            return Meaning::Large(value);
        }
    }
    if let Some(value) = float(text) {
        return Meaning::Float(value);
    }
    // `0b-101`, which only goyaml knows.
    let binary = text.strip_prefix("0b").and_then(|digits| i64::from_str_radix(digits, 2).ok());
    binary.map_or(Meaning::Text, Meaning::Int)
}

/// The radix of an integer, by its prefix, and its digits; as Go reads it with base 0.
fn prefix(digits: &str) -> (u32, &str) {
    let begins = |lower: &str, upper: &str| digits.strip_prefix(lower).or_else(|| digits.strip_prefix(upper));
    if let Some(digits) = begins("0x", "0X") {
        (16, digits)
    } else if let Some(digits) = begins("0o", "0O") {
        (8, digits)
    } else if let Some(digits) = begins("0b", "0B") {
        (2, digits)
    } else if digits.len() > 1 && digits.starts_with('0') {
        (8, digits)
    } else {
        (10, digits)
    }
}

/// A decimal float; one that is too large for 64 bits is a text.
fn float(text: &str) -> Option<f64> {
    let is_decimal = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    text.parse().ok().filter(|value: &f64| is_decimal && value.is_finite())
}

/// A float as a key: the shortest digits for 32 bits, with an exponent below 0.0001 and from a million on, as
/// `strconv.FormatFloat(value, 'g', -1, 32)` writes it.
#[expect(clippy::cast_possible_truncation, reason = "as kubectl writes it")]
fn key_of_float(value: f64) -> String {
    let value = value as f32;
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if value == 0.0 || (-4..6).contains(&exponent) {
        return value.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scalar(text: &str) -> Scalar<'_> {
        Scalar { text, style: ScalarStyle::Plain, tag: None }
    }

    fn value(text: &str) -> Value {
        scalar(text).value().unwrap()
    }

    #[test]
    fn booleans_have_three_spellings_each() {
        for text in ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"] {
            assert_eq!(value(text), json!(true), "{text}");
        }
        for text in ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"] {
            assert_eq!(value(text), json!(false), "{text}");
        }
        for text in ["tRUE", "yEs", "oN", "fALSE", "nO", "oFF", "t", "f"] {
            assert_eq!(value(text), json!(text));
        }
    }

    #[test]
    fn integers_have_four_radices_signs_and_underscores() {
        for (text, meant) in [
            ("0644", 420),
            ("-014", -12),
            ("0o14", 12),
            ("0O14", 12),
            ("0x1F", 31),
            ("+0X1f", 31),
            ("0b101", 5),
            ("-0b101", -5),
            ("0b-101", -5),
            ("10__00", 1000),
            ("1_", 1),
            ("+_1", 1),
            ("0_7", 7),
            ("00", 0),
            ("-0", 0),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(value(text), json!(meant), "{text}");
        }
        for text in ["0x", "0b12", "0o8", "--1", "+", "_1", "1a", "0xg", "12:30:45", "2001-01-01"] {
            assert_eq!(value(text), json!(text));
        }
    }

    #[test]
    fn floats_without_a_fraction_are_integers() {
        for (text, meant) in [
            ("1.2e+09", 1_200_000_000_i64),
            ("1000.0", 1000),
            ("1E3", 1000),
            ("5.", 5),
            ("1.e3", 1000),
            ("0889", 889),
            ("09", 9),
            ("-0.0", 0),
            ("1e-400", 0),
            ("9223372036854775295.0", 9_223_372_036_854_775_000),
        ] {
            assert_eq!(value(text), json!(meant), "{text}");
        }
        assert_eq!(value("1.5"), json!(1.5));
        assert_eq!(value("-.5"), json!(-0.5));
        assert_eq!(value("1__2.5"), json!(12.5));
    }

    #[test]
    fn numbers_beyond_64_bits_lose_precision_or_are_texts() {
        assert_eq!(value("12345678901234567890"), json!(12_345_678_901_234_567_890_f64));
        assert_eq!(value("-9223372036854775809"), json!(-9_223_372_036_854_775_809_f64));
        assert_eq!(value("1e20"), json!(1e20));
        for text in ["1e400", ".1e400", "0xFFFFFFFFFFFFFFFFFF", "0x1p3", "._5", "."] {
            assert_eq!(value(text), json!(text));
        }
    }

    #[test]
    fn what_json_cannot_express_is_refused() {
        for text in [".inf", "-.INF", "+.Inf", ".nan"] {
            assert!(scalar(text).value().is_err(), "{text}");
        }
    }

    #[test]
    fn quoted_scalars_are_texts() {
        for text in ["yes", "12", "", "~"] {
            let quoted = Scalar { style: ScalarStyle::DoubleQuoted, ..scalar(text) };
            assert_eq!(quoted.value(), Ok(json!(text)));
        }
        assert!(!Scalar { style: ScalarStyle::SingleQuoted, ..scalar("<<") }.is_merge());
        assert!(scalar("<<").is_merge());
    }

    #[test]
    fn tags_decide_the_type() {
        let tagged = |tag: &str, text: &str, style| {
            let (handle, suffix) = tag.split_once(' ').unwrap();
            let tag = Tag::new(handle, suffix);
            Scalar { text, style, tag: Some(&tag) }.value()
        };
        let core =
            |suffix: &str, text: &str| tagged(&format!("tag:yaml.org,2002: {suffix}"), text, ScalarStyle::SingleQuoted);
        assert_eq!(core("str", "12"), Ok(json!("12")));
        assert_eq!(core("int", "12"), Ok(json!(12)));
        assert_eq!(core("float", "1"), Ok(json!(1)));
        assert_eq!(core("bool", "yes"), Ok(json!(true)));
        assert_eq!(core("null", ""), Ok(json!(null)));
        assert_eq!(core("timestamp", "2001-01-01"), Ok(json!("2001-01-01")));
        assert!(core("int", "a").is_err());
        assert!(core("binary", "aGk=").is_err());
        assert_eq!(tagged("! foo", "12", ScalarStyle::Plain), Ok(json!("12")));
    }

    #[test]
    fn keys_are_the_texts_of_their_values() {
        for (text, key) in [
            ("n", "false"),
            ("On", "true"),
            ("0644", "420"),
            ("1.50", "1.5"),
            ("1e3", "1000"),
            ("999999.0", "999999"),
            ("1000000.0", "1e+06"),
            ("1e21", "1e+21"),
            ("0.0001", "0.0001"),
            ("0.00001", "1e-05"),
            ("a", "a"),
            ("1e400", "1e400"),
            (".inf", ".inf"),
        ] {
            assert_eq!(scalar(text).key().as_deref(), Ok(key), "{text}");
        }
        for text in ["", "null", "18446744073709551615"] {
            assert!(scalar(text).key().is_err(), "{text}");
        }
    }
}
