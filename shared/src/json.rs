//! One pass over a JSON text that keeps only what is judged.
//!
//! A [`Shape`] names the fields to keep. Everything else is skipped without being stored, however large or deeply
//! nested it is. What is kept borrows from the text. The types of the kept values are not checked here: whoever reads
//! a field decides, and names its path ([`crate::pod`]).

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// How many values one text may keep. An object of the API server holds at most 1.5 MiB and a real one a few hundred
/// values that are judged; the limit bounds the memory that a hostile one can claim.
const MAX_VALUES: usize = 131_072;

/// Which parts of a JSON text to keep.
#[derive(Debug)]
pub(crate) enum Shape {
    /// A scalar. Of an object or a list, only its type is kept.
    Scalar,
    /// The text as it stands, to be read later or never.
    Raw,
    /// An object of which these fields are kept.
    Object(&'static [(&'static str, Shape)]),
    /// A list whose items have this shape.
    List(&'static Shape),
    /// Everything, down to this many levels; what lies deeper is kept as its type alone.
    Everything(u8),
    /// An object of unknown kind, searched down to `depth` levels for `fields`. Branches that hold none of them are
    /// dropped, and so is what stands beside the fields in an object that is `found`.
    Search {
        /// How many more levels to descend.
        depth: u8,
        /// The fields to keep wherever they occur.
        fields: &'static [(&'static str, Shape)],
        /// Whether an object is what is searched for.
        found: fn(&Node<'_>) -> bool,
    },
}

/// A JSON value as far as its [`Shape`] keeps it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node<'a> {
    /// `null`, which means the same as an absent field.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number that fits in 64 bits with sign.
    Integer(i64),
    /// Any other number: a fraction, one with an exponent, or a larger one.
    Number,
    /// A text, borrowed unless it holds escapes.
    String(Cow<'a, str>),
    /// Items with their index, so that items left out do not shift the others.
    List(Vec<(u32, Node<'a>)>),
    /// Fields in the order of the text.
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
    /// The text of a value that was not read.
    Raw(&'a str),
}

impl<'a> Node<'a> {
    /// Reads `text`, keeping what `shape` names.
    ///
    /// # Errors
    /// Says where the text is not JSON, or that it holds more values than can be judged. Nothing of the text itself is
    /// repeated.
    pub(crate) fn read(text: &'a str, shape: &Shape) -> Result<Self, Unreadable> {
        // One more than may be kept, so that none left means too many.
        let left = Cell::new(MAX_VALUES.saturating_add(1));
        let mut deserializer = serde_json::Deserializer::from_slice(text.as_bytes());
        let node = Keep { shape, left: &left }
            .deserialize(&mut deserializer)
            .and_then(|node| deserializer.end().map(|()| node))
            .map_err(|error| Unreadable::Syntax { line: error.line(), column: error.column() })?;
        if left.get() == 0 { Err(Unreadable::TooLarge) } else { Ok(node) }
    }

    /// The field `key` of an object. Absent and `null` are the same; the last of several wins, as in every JSON
    /// decoder of Kubernetes.
    pub(crate) fn get(&self, key: &str) -> Option<&Node<'a>> {
        let Node::Object(fields) = self else { return None };
        let (_, value) = fields.iter().rev().find(|(name, _)| name == key)?;
        Some(value).filter(|value| !matches!(value, Node::Null))
    }

    /// The text of a string.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Node::String(text) => Some(text),
            _ => None,
        }
    }

    /// The type of the value, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Node::Null => "null",
            Node::Bool(_) => "a boolean",
            Node::Integer(_) | Node::Number => "a number",
            Node::String(_) => "a string",
            Node::List(_) => "a list",
            Node::Object(_) => "an object",
            Node::Raw(text) => match text.as_bytes().first() {
                Some(b'{') => "an object",
                Some(b'[') => "a list",
                Some(b'"') => "a string",
                Some(b't' | b'f') => "a boolean",
                Some(b'n') => "null",
                _ => "a number",
            },
        }
    }
}

/// Why a text could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// Not JSON from this place on; lines and columns count from 1.
    Syntax {
        /// The line.
        line: usize,
        /// The column, in bytes.
        column: usize,
    },
    /// More values to judge than [`MAX_VALUES`].
    TooLarge,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unreadable::Syntax { line, column } => write!(f, "it is not valid JSON at line {line}, column {column}"),
            Unreadable::TooLarge => write!(f, "it holds more than {MAX_VALUES} values to judge"),
        }
    }
}

/// Builds a [`Node`] while the text is read.
#[derive(Clone, Copy)]
struct Keep<'s> {
    shape: &'s Shape,
    left: &'s Cell<usize>,
}

impl Keep<'_> {
    /// Keeps one more value, unless there are too many: then the rest of the text is read and forgotten.
    fn keep<T>(self, kept: &mut Vec<T>, value: T) {
        let left = self.left.get().saturating_sub(1);
        self.left.set(left);
        if left > 0 {
            kept.push(value);
        }
    }

    /// Keeps a scalar, unless the search is for fields alone.
    fn scalar(self, node: Node<'_>) -> Node<'_> {
        if matches!(self.shape, Shape::Search { .. }) { Node::Null } else { node }
    }
}

impl<'de> DeserializeSeed<'de> for Keep<'_> {
    type Value = Node<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node<'de>, D::Error> {
        if matches!(self.shape, Shape::Raw) {
            return <&RawValue>::deserialize(deserializer).map(|raw| match raw.get() {
                "null" => Node::Null,
                text => Node::Raw(text),
            });
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Keep<'_> {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(self.scalar(Node::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node<'de>, E> {
        Ok(self.scalar(Node::Integer(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node<'de>, E> {
        Ok(self.scalar(i64::try_from(value).map_or(Node::Number, Node::Integer)))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node<'de>, E> {
        Ok(self.scalar(Node::Number))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Node<'de>, E> {
        Ok(self.scalar(Node::String(Cow::Borrowed(value))))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node<'de>, E> {
        Ok(self.scalar(Node::String(Cow::Owned(value.to_owned()))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node<'de>, A::Error> {
        let deeper;
        let item = match self.shape {
            Shape::List(item) => *item,
            Shape::Everything(depth @ 1..) => {
                deeper = Shape::Everything(depth.saturating_sub(1));
                &deeper
            }
            Shape::Search { depth: depth @ 1.., fields, found } => {
                deeper = Shape::Search { depth: depth.saturating_sub(1), fields, found: *found };
                &deeper
            }
            _ => {
                while items.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(if matches!(self.shape, Shape::Search { .. }) {
                    Node::Null
                } else {
                    Node::List(Vec::new())
                });
            }
        };
        let sparse = matches!(item, Shape::Search { .. });
        let mut kept = Vec::new();
        let mut index = 0;
        while let Some(node) = items.next_element_seed(Keep { shape: item, left: self.left })? {
            if !(sparse && matches!(node, Node::Null)) {
                self.keep(&mut kept, (index, node));
            }
            index = u32::saturating_add(index, 1);
        }
        Ok(if sparse && kept.is_empty() { Node::Null } else { Node::List(kept) })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node<'de>, A::Error> {
        let searched = matches!(self.shape, Shape::Search { .. });
        let known = matches!(self.shape, Shape::Object(_));
        let mut kept: Vec<(Cow<'de, str>, Node<'de>)> = Vec::new();
        while let Some(Key(key)) = entries.next_key()? {
            let deeper;
            let shape = match self.shape {
                Shape::Object(fields) => field(fields, &key),
                Shape::Everything(depth @ 1..) => {
                    deeper = Shape::Everything(depth.saturating_sub(1));
                    Some(&deeper)
                }
                Shape::Search { depth: depth @ 1.., fields, found } => field(fields, &key).or({
                    deeper = Shape::Search { depth: depth.saturating_sub(1), fields, found: *found };
                    Some(&deeper)
                }),
                _ => None,
            };
            let Some(shape) = shape else {
                entries.next_value::<IgnoredAny>()?;
                continue;
            };
            let value = entries.next_value_seed(Keep { shape, left: self.left })?;
            // Of a field that is given often only the last is kept, or each look at the object would take longer.
            let before = kept.iter_mut().find(|(before, _)| known && *before == key);
            if let Some((_, before)) = before {
                *before = value;
            } else if !(searched && matches!(value, Node::Null)) {
                self.keep(&mut kept, (key, value));
            }
        }
        let Shape::Search { fields, found, .. } = self.shape else { return Ok(Node::Object(kept)) };
        if kept.is_empty() {
            return Ok(Node::Null);
        }
        let mut object = Node::Object(kept);
        if found(&object)
            && let Node::Object(kept) = &mut object
        {
            kept.retain(|(key, _)| field(fields, key).is_some());
        }
        Ok(object)
    }
}

/// A text as JSON.
pub(crate) fn string(text: &str) -> String {
    // A text always serialises; an answer without it would be no JSON, which the host takes for a rejection.
    serde_json::to_string(text).unwrap_or_default()
}

/// An object as JSON: names, and values that are JSON already. A field without a value is left out.
pub(crate) fn object(fields: &[(&str, Option<String>)]) -> String {
    let mut object = String::new();
    for (name, value) in fields {
        if let Some(value) = value {
            object.push_str(if object.is_empty() { "{\"" } else { ",\"" });
            object.push_str(name);
            object.push_str("\":");
            object.push_str(value);
        }
    }
    object.push('}');
    object
}

/// The shape of the field `key`.
fn field(fields: &'static [(&'static str, Shape)], key: &str) -> Option<&'static Shape> {
    fields.iter().find(|(name, _)| *name == key).map(|(_, shape)| shape)
}

/// A key of an object, borrowed when it holds no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(value)))
            }

            fn visit_str<E>(self, value: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(value.to_owned())))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}
