//! One pass over a JSON text that keeps only what is judged.
//!
//! A [`Shape`] names the fields to keep, and a [`Table`] those that depend on the module. Everything else is skipped
//! without being stored, however large or deeply nested it is. What is kept borrows from the text. The types of the kept
//! values are not checked here: whoever reads a field decides, and names its path.
//!
//! This is a crate of its own because it is compiled for speed: half of the time of a call is spent here. The rest of a
//! module is compiled for size.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The most values that one text may keep. An object of the API server holds at most 1.5 MiB and a real one a few
/// hundred values that are judged; the limit bounds the memory that a hostile one can claim.
const MAX_VALUES: usize = 131_072;

/// The parts of a JSON text to keep.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
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
    /// An object of which the fields of the [`Table`] are kept.
    Table,
    /// An object of which the fields of the [`Table`] are kept, and these.
    TableAnd(&'static [(&'static str, Shape)]),
    /// The metadata of an object, of which the fields of the [`Table`] for metadata are kept, and these.
    Metadata(&'static [(&'static str, Shape)]),
    /// An object of which these fields of a [`Table`] are kept.
    Fields(&'static [Field]),
    /// A list of objects of which these fields of a [`Table`] are kept.
    EachWith(&'static [Field]),
    /// An object of unknown kind, searched down to `depth` levels for the fields of the [`Table`]. Branches that hold none
    /// of them are dropped.
    Search {
        /// The number of further levels to descend.
        depth: u8,
        /// The fields whose value, or each item of it, is also searched for the fields of an item.
        items: &'static [&'static str],
        /// The searched part is the value of one of them.
        is_item: bool,
    },
}

/// Fields to keep of an object, and of the items of some of its lists. A tree written as a list, in which the fields of an
/// object follow it, so that it can be computed at compile time.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// The fields of the object.
    pub object: &'static [Field],
    /// The fields of each item of a list of the kind [`Kind::Items`].
    pub item: &'static [Field],
    /// The fields of the metadata of the object.
    pub metadata: &'static [Field],
}

/// A field of a [`Table`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name. One that ends in `*` stands for every scalar field whose name begins so and that has no field of its own.
    pub name: &'static str,
    /// The kept part of its value.
    pub kind: Kind,
    /// The number of following fields that are inside of it.
    pub size: u8,
}

/// The kept part of the value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A scalar.
    Scalar,
    /// A list of scalars.
    Scalars,
    /// An object.
    Object,
    /// A list of objects.
    Objects,
    /// A list of objects with the fields that the table has for items.
    Items,
}

impl Table {
    /// No fields.
    pub const EMPTY: Self = Self { object: &[], item: &[], metadata: &[] };

    /// The kept part of the first of the `fields` whose name is the one that is sought.
    fn shape(&self, fields: &'static [Field], is_sought: impl Fn(&str) -> bool) -> Option<Shape> {
        let mut rest = fields;
        while let Some((field, after)) = rest.split_first() {
            let (inside, next) = after.split_at_checked(usize::from(field.size))?;
            if is_sought(field.name) {
                return Some(match field.kind {
                    Kind::Scalar => Shape::Scalar,
                    Kind::Scalars => Shape::List(&Shape::Scalar),
                    Kind::Object => Shape::Fields(inside),
                    Kind::Objects => Shape::EachWith(inside),
                    Kind::Items => Shape::EachWith(self.item),
                });
            }
            rest = next;
        }
        None
    }
}

/// A JSON value as far as its [`Shape`] keeps it.
#[derive(Clone, Debug, PartialEq)]
pub enum Node<'a> {
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
    /// Reads `text`, keeping what `shape` and `table` name.
    ///
    /// # Errors
    /// Says where the text is not JSON, or that it holds more values than can be judged. Nothing of the text itself is
    /// repeated.
    pub fn read(text: &'a str, shape: Shape, table: &Table) -> Result<Self, Unreadable> {
        // One more than may be kept, so that none left means too many.
        let left = Cell::new(MAX_VALUES.saturating_add(1));
        let mut deserializer = serde_json::Deserializer::from_slice(text.as_bytes());
        let node = Keep { shape, table, left: &left }
            .deserialize(&mut deserializer)
            .and_then(|node| deserializer.end().map(|()| node))
            .map_err(|error| Unreadable::Syntax { line: error.line(), column: error.column() })?;
        if left.get() == 0 { Err(Unreadable::TooLarge) } else { Ok(node) }
    }

    /// The field `key` of an object. Absent and `null` are the same; the last of several wins, as in every JSON
    /// decoder of Kubernetes.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node<'a>> {
        let Node::Object(fields) = self else { return None };
        let (_, value) = fields.iter().rev().find(|(name, _)| name == key)?;
        Some(value).filter(|value| !matches!(value, Node::Null))
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Node::String(text) => Some(text),
            _ => None,
        }
    }

    /// The type of the value, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
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

/// The reason why a text cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
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
    shape: Shape,
    table: &'s Table,
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

    /// The kept part of the field `key` of an object; the fields that a search passes are not among them.
    fn field(self, key: &str) -> Option<Shape> {
        let among = |fields: &[(&str, Shape)]| fields.iter().find(|(name, _)| *name == key).map(|(_, shape)| *shape);
        let of_table = |fields| self.table.shape(fields, |name| name == key);
        match self.shape {
            Shape::Object(fields) => among(fields),
            Shape::TableAnd(fields) => among(fields).or_else(|| of_table(self.table.object)),
            Shape::Metadata(fields) => among(fields).or_else(|| of_table(self.table.metadata)),
            Shape::Search { depth: 1.., is_item, .. } => {
                let of_item = if is_item { of_table(self.table.item) } else { None };
                of_item.or_else(|| of_table(self.table.object)).or_else(|| {
                    let is_metadata = key == "metadata" && !self.table.metadata.is_empty();
                    is_metadata.then_some(Shape::Metadata(&[]))
                })
            }
            Shape::Table => of_table(self.table.object),
            Shape::Fields(fields) => of_table(fields),
            _ => None,
        }
    }

    /// The same for a value one level deeper whose name the shape does not hold: that of any field, or an item of a list.
    fn deeper(self, key: Option<&str>) -> Option<Shape> {
        match self.shape {
            Shape::Fields(fields) => {
                let key = key?;
                self.table.shape(fields, |name| name.strip_suffix('*').is_some_and(|begin| key.starts_with(begin)))
            }
            Shape::Everything(depth @ 1..) => Some(Shape::Everything(depth.saturating_sub(1))),
            Shape::Search { depth: depth @ 1.., items, is_item } => Some(Shape::Search {
                depth: depth.saturating_sub(1),
                items,
                is_item: key.map_or(is_item, |key| items.contains(&key)),
            }),
            _ => None,
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
        let searched = matches!(self.shape, Shape::Search { .. });
        let item = match self.shape {
            Shape::List(item) => Some(*item),
            Shape::EachWith(fields) => Some(Shape::Fields(fields)),
            _ => self.deeper(None),
        };
        let Some(shape) = item else {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(if searched { Node::Null } else { Node::List(Vec::new()) });
        };
        let mut kept = Vec::new();
        let mut index = 0;
        while let Some(node) = items.next_element_seed(Keep { shape, ..self })? {
            if self.left.get() == 0 {
                // Nothing of the text counts any more, but that it is JSON.
                while items.next_element::<IgnoredAny>()?.is_some() {}
                break;
            }
            if !(searched && matches!(node, Node::Null)) {
                self.keep(&mut kept, (index, node));
            }
            index = u32::saturating_add(index, 1);
        }
        Ok(if searched && kept.is_empty() { Node::Null } else { Node::List(kept) })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node<'de>, A::Error> {
        let searched = matches!(self.shape, Shape::Search { .. });
        let mut kept: Vec<(Cow<'de, str>, Node<'de>)> = Vec::new();
        while let Some(Key(key)) = entries.next_key()? {
            let known = self.field(&key);
            let Some(shape) = known.or_else(|| self.deeper(Some(&key))) else {
                entries.next_value::<IgnoredAny>()?;
                continue;
            };
            let value = entries.next_value_seed(Keep { shape, ..self })?;
            // Of a field that is given often only the last is kept, even if it is `null`. The keys of an object that is
            // searched are any number, so that no others are compared.
            let before = match known {
                Some(_) => kept.iter_mut().find(|(before, _)| *before == key),
                None => None,
            };
            if let Some((_, before)) = before {
                *before = value;
            } else if !(searched && matches!(value, Node::Null)) {
                self.keep(&mut kept, (key, value));
            }
        }
        Ok(if searched && kept.is_empty() { Node::Null } else { Node::Object(kept) })
    }
}

/// A text as JSON.
#[must_use]
pub fn string(text: &str) -> String {
    // A text always serialises; an answer without it would not be JSON, which the host takes for a rejection.
    serde_json::to_string(text).unwrap_or_default()
}

/// An object as JSON: names, and values that are JSON already. A field without a value is left out.
#[must_use]
pub fn object(fields: &[(&str, Option<String>)]) -> String {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    const PERSON: Shape = Shape::Object(&[
        ("name", Shape::Scalar),
        ("tags", Shape::List(&Shape::Scalar)),
        ("home", Shape::Object(&[("city", Shape::Scalar)])),
    ]);

    const SEARCH: Shape = Shape::Search { depth: 3, items: &["pet"], is_item: false };

    /// As [`PERSON`], but for the home.
    const TABLE: Table = Table {
        object: &[
            Field { name: "name", kind: Kind::Scalar, size: 0 },
            Field { name: "tags", kind: Kind::Scalars, size: 0 },
        ],
        item: &[Field { name: "age", kind: Kind::Scalar, size: 0 }],
        metadata: &[],
    };

    fn read<'a>(text: &'a str, shape: &Shape) -> Node<'a> {
        Node::read(text, *shape, &TABLE).unwrap()
    }

    fn text<'a>(node: &'a Node<'_>, field: &str) -> Option<&'a str> {
        node.get(field).and_then(Node::as_str)
    }

    #[test]
    fn only_the_fields_of_the_shape_are_kept() {
        let node = read(r#"{"age":7,"name":"Ann","home":{"city":"Ulm","street":[{"name":1}]}}"#, &PERSON);
        let home = Node::Object(vec![("city".into(), Node::String("Ulm".into()))]);
        let kept = vec![("name".into(), Node::String("Ann".into())), ("home".into(), home)];
        assert_eq!(node, Node::Object(kept));
    }

    #[test]
    fn a_table_names_fields_by_where_they_stand() {
        const PETS: Table = Table {
            object: &[
                Field { name: "home", kind: Kind::Object, size: 3 },
                Field { name: "city", kind: Kind::Scalar, size: 0 },
                Field { name: "rooms", kind: Kind::Objects, size: 1 },
                Field { name: "name", kind: Kind::Scalar, size: 0 },
                Field { name: "cats", kind: Kind::Items, size: 0 },
                Field { name: "dogs", kind: Kind::Items, size: 0 },
            ],
            item: &[Field { name: "name", kind: Kind::Scalar, size: 0 }],
            metadata: &[],
        };
        let text = r#"{"name":1,"city":2,"home":{"name":3,"city":4,"rooms":[{"name":5,"city":6},7]},
            "cats":[{"name":8,"home":9}],"dogs":[[{"name":10}]]}"#;
        let kept = r#"{"home":{"city":4,"rooms":[{"name":5},7]},"cats":[{"name":8}],"dogs":[[]]}"#;
        let read = |shape| Node::read(text, shape, &PETS).unwrap();
        assert_eq!(read(Shape::Table), self::read(kept, &Shape::Everything(9)));
    }

    #[test]
    fn a_star_stands_for_fields_whose_names_are_not_known_before() {
        const LABELLED: Table = Table {
            object: &[
                Field { name: "home", kind: Kind::Object, size: 3 },
                Field { name: "*", kind: Kind::Scalar, size: 0 },
                Field { name: "rooms", kind: Kind::Object, size: 1 },
                Field { name: "name", kind: Kind::Scalar, size: 0 },
            ],
            item: &[],
            metadata: &[
                Field { name: "labels", kind: Kind::Object, size: 2 },
                Field { name: "a/*", kind: Kind::Scalar, size: 0 },
                Field { name: "b", kind: Kind::Scalar, size: 0 },
            ],
        };
        let text = r#"{"home":{"rooms":{"name":1,"age":2},"city":3,"garden":{"age":4}},
            "metadata":{"name":5,"labels":{"a/x":6,"a":7,"b":8,"b/y":9,"a/":10}},"x":11}"#;
        let kept = r#"{"home":{"rooms":{"name":1},"city":3,"garden":{}}}"#;
        let read = |shape| Node::read(text, shape, &LABELLED).unwrap();
        assert_eq!(read(Shape::Table), self::read(kept, &Shape::Everything(9)));
        let kept = r#"{"metadata":{"name":5,"labels":{"a/x":6,"b":8,"a/":10}}}"#;
        let metadata = Shape::Object(&[("metadata", Shape::Metadata(&[("name", Shape::Scalar)]))]);
        assert_eq!(read(metadata), self::read(kept, &Shape::Everything(9)));
        let kept =
            r#"{"home":{"rooms":{"name":1},"city":3,"garden":{}},"metadata":{"labels":{"a/x":6,"b":8,"a/":10}}}"#;
        assert_eq!(read(SEARCH), self::read(kept, &Shape::Everything(9)));
    }

    #[test]
    fn of_a_repeated_field_the_last_counts_and_is_kept_once() {
        let node = read(r#"{"name":"a","name":"b","n\u0061me":"c"}"#, &PERSON);
        assert_eq!(node, Node::Object(vec![("name".into(), Node::String("c".into()))]));
        assert_eq!(text(&read(r#"{"x":"a","x":"b"}"#, &Shape::Everything(9)), "x"), Some("b"));
    }

    #[test]
    fn null_is_absent() {
        let node = read(r#"{"name":"a","name":null,"home":null}"#, &PERSON);
        assert_eq!(node.get("name"), None);
        assert_eq!(node.get("home"), None);
        assert_eq!(Node::Null.get("name"), None);
    }

    #[test]
    fn escapes_are_read() {
        let node = read("{\"n\\u0061me\":\"\\\"\\n\\u00e9\\ud83d\\ude00/\"}", &PERSON);
        assert_eq!(text(&node, "name"), Some("\"\né😀/"));
    }

    #[test]
    fn texts_without_escapes_are_borrowed() {
        let node = read(r#"{"name":"Ann"}"#, &PERSON);
        assert!(matches!(node.get("name"), Some(Node::String(Cow::Borrowed("Ann")))));
    }

    #[test]
    fn a_value_of_another_type_than_the_shape_keeps_its_type() {
        for (value, kind) in [("{}", "an object"), ("[1]", "a list"), ("1e3", "a number"), ("true", "a boolean")] {
            let text = format!(r#"{{"name":{value},"tags":{value},"home":{value}}}"#);
            let node = read(&text, &PERSON);
            for field in ["name", "tags", "home"] {
                assert_eq!(node.get(field).unwrap().kind(), kind, "{field}: {value}");
            }
        }
    }

    #[test]
    fn a_value_that_was_not_read_has_the_type_it_is_written_in() {
        for (value, kind) in [
            ("{}", "an object"),
            ("[1]", "a list"),
            ("\"1\"", "a string"),
            ("true", "a boolean"),
            ("false", "a boolean"),
            ("null", "null"),
            ("-1", "a number"),
        ] {
            assert_eq!(read(value, &Shape::Raw).kind(), kind, "{value}");
        }
    }

    #[test]
    fn numbers_are_whole_only_when_they_are_written_so() {
        let read = |number| read(number, &Shape::Scalar);
        assert_eq!(read("9223372036854775807"), Node::Integer(i64::MAX));
        assert_eq!(read("-9223372036854775808"), Node::Integer(i64::MIN));
        for number in ["9223372036854775808", "-9223372036854775809", "1.0", "1e0", "-0"] {
            assert_eq!(read(number), Node::Number, "{number}");
        }
    }

    #[test]
    fn what_is_not_judged_may_nest_without_end() {
        let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
        let deeper = format!("{}1{}", "{\"x\":".repeat(10_000), "}".repeat(10_000));
        for deep in [deep, deeper] {
            let text = format!(r#"{{"name":"a","x":{deep}}}"#);
            for shape in [&PERSON, &SEARCH, &Shape::Everything(16)] {
                assert!(self::text(&read(&text, shape), "name") == Some("a"));
            }
            assert!(matches!(read(&text, &Shape::Raw), Node::Raw(raw) if raw == text));
        }
    }

    #[test]
    fn more_values_than_can_be_judged_are_too_large() {
        let list = |values: usize| format!(r#"{{"tags":[{}]}}"#, vec!["1"; values].join(","));
        let most = list(MAX_VALUES - 1);
        assert!(Node::read(&most, PERSON, &TABLE).is_ok());
        assert_eq!(Node::read(&list(MAX_VALUES), PERSON, &TABLE), Err(Unreadable::TooLarge));
    }

    #[test]
    fn what_is_not_kept_does_not_count_as_a_value() {
        let text = format!(r#"{{"x":[{}],"name":"a"}}"#, vec!["1"; MAX_VALUES + 1].join(","));
        assert_eq!(self::text(&read(&text, &PERSON), "name"), Some("a"));
    }

    #[test]
    fn a_search_drops_branches_without_the_fields_and_keeps_indexes() {
        let node = read(r#"{"a":[{"x":1},{"name":"n","x":{"age":1}}],"b":{"x":[1]},"c":"name"}"#, &SEARCH);
        let found = Node::Object(vec![("name".into(), Node::String("n".into()))]);
        assert_eq!(node, Node::Object(vec![("a".into(), Node::List(vec![(1, found)]))]));
    }

    #[test]
    fn a_search_finds_one_in_another() {
        let text = r#"{"name":"n","x":{"name":"m"}}"#;
        assert_eq!(read(text, &SEARCH), read(text, &Shape::Everything(9)));
    }

    #[test]
    fn a_search_keeps_the_fields_of_an_item_where_one_stands() {
        let kept = r#"{"pet":{"age":1}}"#;
        assert_eq!(read(r#"{"age":0,"pet":{"age":1,"x":{"age":2}}}"#, &SEARCH), read(kept, &Shape::Everything(9)));
        let kept = r#"{"pet":[{"age":1},[{"age":2}]]}"#;
        assert_eq!(
            read(
                r#"{"pet":[{"age":1,"y":3},[{"age":2}]]}"#,
                &Shape::Search { depth: 4, items: &["pet"], is_item: false }
            ),
            read(kept, &Shape::Everything(9))
        );
        assert_eq!(read(r#"{"pet":"age"}"#, &SEARCH), Node::Null);
    }

    #[test]
    fn a_search_ends_at_its_depth() {
        assert!(read(r#"{"a":{"b":{"name":"n"}}}"#, &SEARCH).get("a").is_some());
        assert_eq!(read(r#"{"a":{"b":{"c":{"name":"n"}}}}"#, &SEARCH), Node::Null);
    }

    #[test]
    fn what_is_no_json_is_named_by_its_place_alone() {
        for (text, place) in [
            ("", "line 1, column 0"),
            ("{\"secret\"", "line 1, column 9"),
            ("{\n  secret}", "line 2, column 3"),
            ("{} {}", "line 1, column 4"),
            ("{\"name\":\"\\ud800\"}", "line 1, column 16"),
        ] {
            let error = Node::read(text, PERSON, &TABLE).unwrap_err().to_string();
            assert_eq!(error, format!("it is not valid JSON at {place}"), "{text}");
        }
    }

    /// Any JSON, objects with fields that shapes name among others.
    fn json() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f32>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        scalar.prop_recursive(5, 48, 6, |inner| {
            let key = prop_oneof!["name|tags|home|city", any::<String>()];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(key, inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    /// The node of a value when everything is kept.
    fn expected(value: &Value) -> Node<'_> {
        match value {
            Value::Null => Node::Null,
            Value::Bool(value) => Node::Bool(*value),
            Value::Number(number) => number.as_i64().map_or(Node::Number, Node::Integer),
            Value::String(text) => Node::String(text.into()),
            Value::Array(items) => Node::List((0..).zip(items.iter().map(expected)).collect()),
            Value::Object(fields) => {
                Node::Object(fields.iter().map(|(key, value)| (key.into(), expected(value))).collect())
            }
        }
    }

    proptest! {
        #[test]
        fn everything_of_any_json_is_read(value in json()) {
            let text = value.to_string();
            prop_assert_eq!(read(&text, &Shape::Everything(16)), expected(&value));
        }

        #[test]
        fn any_text_is_read_or_refused(text in any::<String>(), cut in 0_usize..99, value in json()) {
            let value = value.to_string();
            let cut = value.floor_char_boundary(cut);
            for text in [text.as_str(), value.get(..cut).unwrap_or_default(), &value] {
                for shape in [&PERSON, &SEARCH, &Shape::Scalar, &Shape::Raw, &Shape::Everything(2)] {
                    let _ = Node::read(text, *shape, &TABLE);
                }
            }
        }

        #[test]
        fn neither_order_nor_unknown_fields_change_what_is_read(
            values in prop::collection::vec(json(), 3),
            unknown in prop::collection::vec(("[a-z]{5}", json()), 0..4),
            order in any::<prop::sample::Index>(),
        ) {
            let fields = ["name", "tags", "home"];
            let known = fields.iter().zip(&values).map(|(field, value)| format!("\"{field}\":{value}"));
            let known: Vec<_> = known.collect();
            let mut all = known.clone();
            all.extend(unknown.iter().map(|(field, value)| format!("\"x{field}\":{value}")));
            let middle = order.index(all.len());
            all.rotate_left(middle);
            let (plain, mixed) = (format!("{{{}}}", known.join(",")), format!("{{{}}}", all.join(",")));
            let (plain, mixed) = (read(&plain, &PERSON), read(&mixed, &PERSON));
            for field in fields {
                prop_assert_eq!(plain.get(field), mixed.get(field));
            }
        }

        #[test]
        fn a_text_survives_as_json(text in any::<String>()) {
            prop_assert_eq!(serde_json::from_str::<String>(&string(&text)).unwrap(), text);
        }
    }
}
