//! JSON, which is read much faster than the YAML that it is a subset of.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::documents::MAX_DEPTH;
use crate::scalar;

/// Reads a JSON text. `None` when it is not valid, gives a key twice or nests too deep: the reader of YAML reports the
/// fault, and where.
pub(crate) fn read(text: &str) -> Option<Value> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Strict { depth: MAX_DEPTH }.deserialize(&mut deserializer).ok()?;
    deserializer.end().ok().map(|()| value)
}

/// Reads a value in which no key is given twice.
struct Strict {
    /// The number of levels that it may have below it.
    depth: usize,
}

impl Strict {
    /// The reader of a value inside this one.
    fn below<E: Error>(&self) -> Result<Self, E> {
        self.depth.checked_sub(1).map(|depth| Self { depth }).ok_or_else(|| E::custom("it is nested too deeply"))
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(scalar::unsigned(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(scalar::number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.below()?)? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = fields.next_key::<String>()? {
            if map.insert(key, fields.next_value_seed(self.below()?)?).is_some() {
                return Err(A::Error::custom("a key is given twice"));
            }
        }
        Ok(map.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_read_as_it_stands() {
        let text = r#" {"a": [1, -2, 0.5, "\ud83d\ude00", null, true], "<<": {"yes": "no"}} "#;
        assert_eq!(read(text), serde_json::from_str(text).unwrap());
    }

    #[test]
    fn numbers_are_those_that_kubectl_sends() {
        let text = "[1e3, 1000.0, -2.50, 1e30, 9223372036854775807, 18446744073709551615]";
        let sent = json!([1000, 1000, -2.5, 1e30, i64::MAX, 18_446_744_073_709_551_615_f64]);
        assert_eq!(read(text), Some(sent));
    }

    #[test]
    fn what_is_no_json_or_ambiguous_is_left_to_the_reader_of_yaml() {
        for text in ["{a: 1}", r#"{"a": 1, "a": 1}"#, r#"[{"a": {"b": 1, "b": 2}}]"#, "{} {}", ""] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read("{}"), Some(json!({})));
    }
}
