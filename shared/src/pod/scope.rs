//! Typed reading: a field is absent, well-typed, or [`Malformed`] with its path.

use std::fmt;

use crate::malformed::Malformed;
use json::Node;

/// Where a pod specification, or one item of a list in it, stands in the object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position<'a> {
    pub(super) pod: &'a str,
    pub(super) item: Option<(&'static str, u32)>,
}

impl Position<'_> {
    /// The path of a field below this place; the place itself when `path` is empty.
    pub(super) fn field(self, path: &str) -> String {
        if path.is_empty() { self.to_string() } else { format!("{self}.{path}") }
    }

    pub(super) fn malformed(self, fields: &[&str], problem: &str) -> Malformed {
        let item = self.item.map_or("pod specification", |(list, _)| list);
        let name = fields.last().unwrap_or(&item);
        Malformed::new(self.field(&fields.join(".")), format!("{name} {problem}"))
    }

    pub(super) fn ill_typed(self, fields: &[&str], found: &Node<'_>, expected: &str) -> Malformed {
        let item = if fields.is_empty() && self.item.is_some() { "has an item that is" } else { "is" };
        self.malformed(fields, &format!("{item} {}; it must be {expected}", found.kind()))
    }

    pub(super) fn ill_typed_item(self, fields: &[&str], index: u32, found: &Node<'_>, expected: &str) -> Malformed {
        let Malformed { path, problem } =
            self.malformed(fields, &format!("has an item that is {}; it must be {expected}", found.kind()));
        Malformed::new(format!("{path}[{index}]"), problem)
    }

    pub(super) fn ill_typed_field(
        self,
        list: &str,
        index: u32,
        field: &str,
        found: &Node<'_>,
        expected: &str,
    ) -> Malformed {
        let path = format!("{}[{index}].{field}", self.field(list));
        Malformed::new(path, format!("{field} is {}; it must be {expected}", found.kind()))
    }
}

impl fmt::Display for Position<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.pod)?;
        match self.item {
            Some((list, index)) => write!(f, ".{list}[{index}]"),
            None => Ok(()),
        }
    }
}

/// An object and its place: what the typed accessors read from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    pub(super) node: &'a Node<'a>,
    pub(super) position: Position<'a>,
}

impl<'a> Scope<'a> {
    /// The value at the end of `fields`, each a field of the one before it.
    pub(super) fn value(&self, fields: &[&'static str]) -> Result<Option<&'a Node<'a>>, Malformed> {
        let mut node = self.node;
        for (depth, field) in fields.iter().enumerate() {
            if !matches!(node, Node::Object(_)) {
                return Err(self.position.ill_typed(fields.get(..depth).unwrap_or_default(), node, "an object"));
            }
            match node.get(field) {
                Some(value) => node = value,
                None => return Ok(None),
            }
        }
        Ok(Some(node))
    }

    /// Whether the field at `path` is set.
    pub(super) fn has(&self, path: &str) -> bool {
        path.split('.').try_fold(self.node, |node, field| node.get(field)).is_some()
    }

    pub(super) fn boolean(&self, fields: &[&'static str]) -> Result<Option<bool>, Malformed> {
        match self.value(fields)? {
            None => Ok(None),
            Some(Node::Bool(value)) => Ok(Some(*value)),
            Some(other) => Err(self.position.ill_typed(fields, other, "true or false")),
        }
    }

    pub(super) fn integer(&self, fields: &[&'static str]) -> Result<Option<i64>, Malformed> {
        match self.value(fields)? {
            None => Ok(None),
            Some(Node::Integer(value)) => Ok(Some(*value)),
            Some(Node::Number) => Err(self.position.malformed(fields, "is not a whole number of at most 64 bits")),
            Some(other) => Err(self.position.ill_typed(fields, other, "a whole number")),
        }
    }

    pub(super) fn string(&self, fields: &[&'static str]) -> Result<Option<&'a str>, Malformed> {
        match self.value(fields)? {
            None => Ok(None),
            Some(Node::String(value)) => Ok(Some(value)),
            Some(other) => Err(self.position.ill_typed(fields, other, "a string")),
        }
    }

    /// A list of strings; empty when it is absent.
    pub(super) fn strings(&self, fields: &[&'static str]) -> Result<Vec<&'a str>, Malformed> {
        let text = |(index, item): &'a (u32, Node<'a>)| match item {
            Node::String(text) => Ok(text.as_ref()),
            other => Err(self.position.ill_typed_item(fields, *index, other, "a string")),
        };
        self.list(fields)?.iter().map(text).collect()
    }

    /// A field of an item of a list.
    pub(super) fn item_field(
        &self,
        list: &'static str,
        (index, item): &'a (u32, Node<'a>),
        field: &str,
    ) -> Result<Option<&'a Node<'a>>, Malformed> {
        match item {
            Node::Object(_) => Ok(item.get(field)),
            other => Err(self.position.ill_typed_item(&[list], *index, other, "an object")),
        }
    }

    /// A field of an item of a list, which is a string.
    pub(super) fn item_string(
        &self,
        list: &'static str,
        item: &'a (u32, Node<'a>),
        field: &str,
    ) -> Result<Option<&'a str>, Malformed> {
        match self.item_field(list, item, field)? {
            None => Ok(None),
            Some(Node::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.position.ill_typed_field(list, item.0, field, other, "a string")),
        }
    }

    /// The items of a list with their index; none when it is absent.
    pub(super) fn list(&self, fields: &[&'static str]) -> Result<&'a [(u32, Node<'a>)], Malformed> {
        match self.value(fields)? {
            None => Ok(&[]),
            Some(Node::List(items)) => Ok(items),
            Some(other) => Err(self.position.ill_typed(fields, other, "a list")),
        }
    }
}
