//! Typed reading: a field is absent, well-typed, or [`Malformed`] with its path.

use std::fmt::{self, Display};

use super::model::{Model, Reads};
use crate::malformed::Malformed;
use crate::place::{At, Class, Judged, Owner, nameable};
use crate::text::cut;
use json::Node;

/// The most bytes of a name that a finding holds. The API server accepts 63; the limit bounds the memory that many findings
/// of a hostile container take.
const MAX_NAME: usize = 1024;

/// The position of a pod specification, or of one item of a list in it, in the object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position<'a> {
    pub(super) pod: &'a str,
    /// The field, and the index in it where it is a list.
    pub(super) item: Option<(&'static str, Option<u32>)>,
}

impl Position<'_> {
    /// The path of a field below this place; the place itself when `path` is empty.
    pub(super) fn field(self, path: &str) -> String {
        let place = self.to_string();
        let dot = if place.is_empty() || path.is_empty() { "" } else { "." };
        [&place, dot, path].concat()
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
        // The object itself can be the specification.
        let dot = if self.pod.is_empty() { "" } else { "." };
        f.write_str(self.pod)?;
        match self.item {
            Some((list, Some(index))) => write!(f, "{dot}{list}[{index}]"),
            Some((field, None)) => write!(f, "{dot}{field}"),
            None => Ok(()),
        }
    }
}

/// The owner of a scope, by its name.
#[derive(Clone, Copy, Debug)]
pub(super) enum Subject<'a> {
    Pod,
    Container(Class, Option<&'a str>),
    Volume(Option<&'a str>),
}

/// A field as a rule judges it: the value in effect, and where it stands, or would.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a, T> {
    /// The value; none where the field is not set.
    pub value: Option<T>,
    location: Location<'a>,
}

/// The position of a field.
#[derive(Clone, Copy, Debug)]
struct Location<'a> {
    /// The owner of the field.
    of: &'a Scope<'a>,
    /// The place where it is set, which is elsewhere when it is inherited.
    set_in: &'a Scope<'a>,
    path: &'static [&'static str],
}

impl Location<'_> {
    fn at(&self) -> At {
        At { path: self.set_in.position.field(&self.path.join(".")), ..self.of.at("") }
    }
}

impl<'a, T> Field<'a, T> {
    /// The field with another form of its value.
    #[must_use]
    pub fn map<U>(self, form: impl FnOnce(T) -> U) -> Field<'a, U> {
        Field { value: self.value.map(form), location: self.location }
    }

    /// The field with this value, such as one that takes other fields into account.
    #[must_use]
    pub fn with<U>(&self, value: U) -> Field<'a, U> {
        Field { value: Some(value), location: self.location }
    }

    /// The field as one of what is in this scope.
    pub(super) fn of(self, owner: &'a Scope<'a>) -> Self {
        Self { location: Location { of: owner, ..self.location }, ..self }
    }

    /// The field in effect: this one, or the `inherited` one where this is not set.
    #[must_use]
    pub fn or(self, inherited: Self) -> Self {
        if self.value.is_some() || inherited.value.is_none() {
            return self;
        }
        Self { location: Location { of: self.location.of, ..inherited.location }, ..inherited }
    }
}

impl<T: Display> Judged for Field<'_, T> {
    fn at(&self) -> At {
        self.location.at()
    }

    fn value(&self) -> String {
        self.value.as_ref().map_or_else(|| "unset".to_owned(), T::to_string)
    }
}

/// The type of a field.
pub(super) trait Value<'a>: Sized {
    /// The expected type, for messages.
    const EXPECTED: &'static str;

    fn of(node: &'a Node<'a>) -> Option<Self>;
}

impl<'a> Value<'a> for bool {
    const EXPECTED: &'static str = "true or false";

    fn of(node: &'a Node<'a>) -> Option<Self> {
        if let Node::Bool(value) = node { Some(*value) } else { None }
    }
}

impl<'a> Value<'a> for i64 {
    const EXPECTED: &'static str = "a whole number";

    fn of(node: &'a Node<'a>) -> Option<Self> {
        if let Node::Integer(value) = node { Some(*value) } else { None }
    }
}

impl<'a> Value<'a> for &'a str {
    const EXPECTED: &'static str = "a string";

    fn of(node: &'a Node<'a>) -> Option<Self> {
        node.as_str()
    }
}

/// An object and its place: what the typed accessors read from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    pub(super) node: &'a Node<'a>,
    pub(super) position: Position<'a>,
    pub(super) subject: Subject<'a>,
    /// The object that a field is taken from which this one does not set.
    pub(super) defaults: Option<&'a Node<'a>>,
    /// The fields that the module reads.
    pub(super) model: &'a Model,
}

impl<'a> Scope<'a> {
    /// The value at the end of `fields`, each a field of the one before it.
    pub(super) fn value(&self, fields: &[&'static str]) -> Result<Option<&'a Node<'a>>, Malformed> {
        let is_set = fields.first().is_none_or(|first| self.node.get(first).is_some());
        let mut node = self.defaults.filter(|_| !is_set).unwrap_or(self.node);
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

    /// Refuses fields that the module does not declare. One that it does not read would look as if it were not set, so
    /// that this is an error.
    pub(super) fn require(&self, reads: Reads, path: &[&str]) -> Result<(), Malformed> {
        if self.model.reads.has(reads) {
            return Ok(());
        }
        Err(self.position.malformed(path, "is not among the fields that the policy declares to read"))
    }

    /// The typed value at the end of `path`.
    pub(super) fn typed<T: Value<'a>>(&self, path: &[&'static str]) -> Result<Option<T>, Malformed> {
        match self.value(path)? {
            None => Ok(None),
            Some(node) => T::of(node).map(Some).ok_or_else(|| self.unfit(path, node, T::EXPECTED)),
        }
    }

    /// A value that is not of the expected type.
    fn unfit(&self, path: &[&'static str], node: &Node<'_>, expected: &str) -> Malformed {
        if matches!(node, Node::Number) && expected == i64::EXPECTED {
            return self.position.malformed(path, "is not a whole number of at most 64 bits");
        }
        self.position.ill_typed(path, node, expected)
    }

    /// The field at the end of `path`.
    pub(super) fn field<'s, T: Value<'a>>(
        &'s self,
        reads: Reads,
        path: &'static [&'static str],
    ) -> Result<Field<'s, T>, Malformed>
    where
        'a: 's,
    {
        self.require(reads, path)?;
        Ok(self.with(self.typed(path)?, path))
    }

    /// A field with this value.
    pub(super) fn with<T>(&self, value: Option<T>, path: &'static [&'static str]) -> Field<'_, T> {
        Field { value, location: Location { of: self, set_in: self, path } }
    }

    /// The place of a finding in the field at `path`.
    pub(super) fn at(&self, path: &str) -> At {
        let name = |name: Option<&str>| name.map(|name| cut(name, MAX_NAME).to_owned());
        let (owner, image) = match self.subject {
            Subject::Pod => (Owner::Pod, None),
            Subject::Container(class, of) => (Owner::Container(class, name(of)), self.node.get("image")),
            Subject::Volume(of) => {
                (Owner::Volume(name(of)), self.node.get("image").and_then(|image| image.get("reference")))
            }
        };
        At { owner, image: image.and_then(Node::as_str).and_then(nameable), path: self.position.field(path) }
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
