//! Objects that are judged as they are, such as Secrets.

use std::borrow::Cow;

use crate::malformed::Malformed;
use crate::place::{At, Judged, Owner};
use json::Node;

/// An object that is not a workload.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    node: &'a Node<'a>,
    kind: &'a str,
}

impl<'a> Object<'a> {
    /// The object `node` of this kind.
    pub(crate) fn new(node: &'a Node<'a>, kind: &'a str) -> Self {
        Self { node, kind }
    }

    /// Its kind, such as `Secret`.
    #[must_use]
    pub fn kind(&self) -> &'a str {
        self.kind
    }

    /// The text in one of its fields.
    ///
    /// # Errors
    /// It is not a string.
    pub fn text(&self, field: &'static str) -> Result<Option<Entry<'a>>, Malformed> {
        self.node.get(field).map(|value| self.entry(field.to_owned(), field, value)).transpose()
    }

    /// The entries of one of its fields, such as `data`, in the order of the text.
    ///
    /// # Errors
    /// It is not an object whose values are strings.
    pub fn entries(&self, field: &'static str) -> Result<Vec<Entry<'a>>, Malformed> {
        match self.node.get(field) {
            None => Ok(Vec::new()),
            Some(Node::Object(entries)) => entries
                .iter()
                .filter(|(_, value)| !matches!(value, Node::Null))
                .map(|(key, value)| self.entry(format!("{field}.{key}"), key, value))
                .collect(),
            Some(other) => Err(Malformed::new(field, format!("{field} is {}; it must be an object", other.kind()))),
        }
    }

    /// Its annotations, in the order of the text.
    ///
    /// # Errors
    /// They are not an object whose values are strings.
    pub fn annotations(&self) -> Result<Vec<Entry<'a>>, Malformed> {
        let Some(metadata) = self.node.get("metadata") else { return Ok(Vec::new()) };
        let of_metadata = Self { node: metadata, ..*self };
        let entries = of_metadata.entries("annotations");
        let entries =
            entries.map_err(|Malformed { path, problem }| Malformed::new(format!("metadata.{path}"), problem))?;
        let entry = |entry: Entry<'a>| Entry { object: *self, path: format!("metadata.{}", entry.path), ..entry };
        Ok(entries.into_iter().map(entry).collect())
    }

    fn entry(&self, path: String, key: &'a str, value: &'a Node<'a>) -> Result<Entry<'a>, Malformed> {
        match value {
            Node::String(text) => Ok(Entry { object: *self, path, key, text }),
            other => Err(Malformed::new(path, format!("this is {}; it must be a string", other.kind()))),
        }
    }
}

/// A text in an object, with its place.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    object: Object<'a>,
    path: String,
    /// Its key.
    pub key: &'a str,
    /// The text.
    pub text: &'a Cow<'a, str>,
}

impl Judged for Entry<'_> {
    fn at(&self) -> At {
        let name = self.object.node.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::as_str);
        let owner = Owner::Object(self.object.kind.to_owned(), name.map(str::to_owned));
        At { owner, image: None, path: self.path.clone() }
    }

    fn value(&self) -> String {
        self.text.clone().into_owned()
    }
}
