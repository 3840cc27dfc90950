//! Reads settings: into structs with defaults, noting every fault with its path.
//!
//! `serde` could do this, but stops at the first fault, reports no paths, and costs a module about 1 KB per setting;
//! [`settings!`](crate::settings!) costs a tenth. The reader is also where the limits of settings stand.

use std::cell::RefCell;
use std::fmt;

#[cfg(feature = "describe")]
use super::description::{Field, Kind, Tree};
use super::faults::Faults;
use crate::text::quote;
use json::{Node, Shape, Table};

/// The maximum length of the settings as JSON, in bytes. They travel in every request.
const MAX_SETTINGS: usize = 64 * 1024;
/// The maximum nesting of settings. The deepest setting of a policy is an exemption.
const MAX_DEPTH: u8 = 16;

/// The most entries of a list or a map in the settings.
pub const MAX_ENTRIES: usize = 256;
/// The maximum length of a text in the settings, in bytes.
pub const MAX_TEXT: usize = 256;
/// A type that a setting may have.
pub trait Setting: Sized {
    /// Reads a value of the settings. Records faults; returns the valid part, if any.
    fn read(given: Given<'_>) -> Option<Self>;

    /// Its type, for the published files.
    #[cfg(feature = "describe")]
    fn kind() -> Kind;

    /// The value as settings give it; [`Tree::Null`] when there is none.
    #[cfg(feature = "describe")]
    fn tree(&self) -> Tree;
}

/// A choice among names. Implemented by [`settings!`](crate::settings!).
pub trait Keyed {
    /// Its name in settings.
    fn key(self) -> &'static str;
}

/// A struct of settings. Implemented by [`settings!`](crate::settings!).
pub trait Fields: Default {
    /// The names of its settings.
    const NAMES: &'static [&'static str];

    /// Reads the setting of this name, which is one of [`NAMES`](Self::NAMES), over its default.
    fn set(&mut self, name: &str, given: Given<'_>);

    /// Descriptions of its settings, in the order of [`NAMES`](Self::NAMES).
    #[cfg(feature = "describe")]
    fn fields() -> Vec<Field>;
}

/// A value of the settings, its path, and the collector of faults.
#[derive(Clone, Copy, Debug)]
pub struct Given<'g> {
    pub(super) node: &'g Node<'g>,
    path: Path<'g>,
    faults: &'g RefCell<Faults>,
}

/// The path of a value in the settings.
#[derive(Clone, Copy, Debug)]
enum Path<'p> {
    Root,
    Field(&'p Path<'p>, &'p str),
    Item(&'p Path<'p>, u32),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Field(Path::Root, name) => f.write_str(name),
            Path::Field(parent, name) => write!(f, "{parent}.{name}"),
            Path::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

impl<'g> Given<'g> {
    /// Records a fault of this value, which then has no result.
    #[expect(clippy::must_use_candidate, reason = "to note the fault is what it is for")]
    pub fn fault<T>(self, problem: &str) -> Option<T> {
        self.faults.borrow_mut().add(&self.path.to_string(), problem);
        None
    }

    pub(super) fn unfit<T>(self, expected: &str) -> Option<T> {
        self.fault(&format!("this is {}; it must be {expected}", self.node.kind()))
    }

    /// A text of at most 256 bytes.
    #[must_use]
    pub fn text(self) -> Option<&'g str> {
        match self.node {
            Node::String(text) if text.len() <= MAX_TEXT => Some(text),
            Node::String(_) => self.fault(&format!("this is longer than {MAX_TEXT} bytes")),
            _ => self.unfit("a string"),
        }
    }

    /// The index in `names` of the text that is given.
    #[must_use]
    pub fn choice(self, names: &[&str]) -> Option<usize> {
        self.choice_of("value", names)
    }

    /// The index of the text in `names`; faults call an unknown name a `what`.
    #[must_use]
    pub fn choice_of(self, what: &str, names: &[&str]) -> Option<usize> {
        // YAML 1.1, which kubectl reads, takes an unquoted `off` for false.
        let text = match self.node {
            Node::Bool(false) if names.contains(&"off") => "off",
            _ => self.text()?,
        };
        let index = names.iter().position(|name| *name == text);
        index.or_else(|| self.fault(&unknown(what, text, &[names])))
    }

    /// Reads a list with at most 256 entries by calling `read` with each.
    pub(super) fn items(self, read: &mut dyn FnMut(Given<'_>)) -> Option<()> {
        match self.node {
            Node::List(items) if items.len() <= MAX_ENTRIES => {
                for (index, node) in items {
                    read(Given { node, path: Path::Item(&self.path, *index), faults: self.faults });
                }
                Some(())
            }
            Node::List(_) => self.fault(&format!("this has more than {MAX_ENTRIES} entries")),
            _ => self.unfit("a list"),
        }
    }

    /// Reads an object with at most 256 entries by calling `read` with each that is not `null`.
    pub(super) fn entries(self, read: &mut dyn FnMut(&str, Given<'_>)) -> Option<()> {
        match self.node {
            Node::Object(fields) if fields.len() <= MAX_ENTRIES => {
                for (name, node) in fields.iter().filter(|(_, node)| !matches!(node, Node::Null)) {
                    read(name, Given { node, path: Path::Field(&self.path, name), faults: self.faults });
                }
                Some(())
            }
            Node::Object(_) => self.fault(&format!("this has more than {MAX_ENTRIES} entries")),
            _ => self.unfit("an object"),
        }
    }

    /// Reads an object whose names must be among `names` by calling `set` with each.
    pub(crate) fn fields(self, names: &[&[&str]], set: &mut dyn FnMut(&str, Given<'_>)) -> Option<()> {
        self.fields_of("setting", names, set)
    }

    /// Reads an object whose names must be among `names`; faults call an unknown name a `what`. `None` when one of the
    /// known ones is not valid.
    pub(crate) fn fields_of(self, what: &str, names: &[&[&str]], set: &mut dyn FnMut(&str, Given<'_>)) -> Option<()> {
        let count = || self.faults.borrow().count();
        let before = count();
        let mut unknowns: usize = 0;
        self.entries(&mut |name, given| {
            if names.iter().any(|names| names.contains(&name)) {
                set(name, given);
            } else {
                given.fault::<()>(&unknown(what, name, names));
                unknowns = unknowns.saturating_add(1);
            }
        })?;
        (count() == before.saturating_add(unknowns)).then_some(())
    }

    /// Reads a struct of settings. `None` when one of them is not valid.
    #[must_use]
    pub fn read_fields<S: Fields>(self) -> Option<S> {
        let mut settings = S::default();
        self.fields(&[S::NAMES], &mut |name, given| settings.set(name, given))?;
        Some(settings)
    }

    /// Records a fault of this object as a whole if its field `name` holds nothing.
    pub fn require(self, name: &str, problem: &str) {
        if matches!(self.node, Node::Object(_)) && !holds(self.node, name) {
            self.fault::<()>(problem);
        }
    }

    /// Records a fault of this value as a whole, if there is one.
    pub fn note(self, problem: Option<String>) {
        if let Some(problem) = problem {
            self.fault::<()>(&problem);
        }
    }

    /// The value itself, unless it is an empty list, which is a fault.
    #[must_use]
    pub fn unless_empty(self, problem: &str) -> Option<Self> {
        match self.node {
            Node::List(items) if items.is_empty() => self.fault(problem),
            _ => Some(self),
        }
    }

    /// The number of entries, if the value is a list.
    #[must_use]
    pub fn list_length(self) -> Option<usize> {
        match self.node {
            Node::List(items) => Some(items.len()),
            _ => None,
        }
    }

    /// The settings as a whole.
    pub(crate) fn root(node: &'g Node<'g>, faults: &'g RefCell<Faults>) -> Self {
        Self { node, path: Path::Root, faults }
    }
}

/// Returns `true` if a field of an object of the settings holds something, be it valid or not.
pub(crate) fn holds(object: &Node<'_>, field: &str) -> bool {
    match object.get(field) {
        None => false,
        Some(Node::List(items)) => !items.is_empty(),
        Some(Node::String(text)) => !text.trim_ascii().is_empty(),
        Some(_) => true,
    }
}

/// The fault of a name that is not among the `known`, with the nearest known one, or with all of them.
pub(crate) fn unknown(what: &str, name: &str, known: &[&[&str]]) -> String {
    let mut nearest = None;
    let mut all = String::new();
    for known in known.iter().copied().flatten() {
        let distance = distance(known, name);
        if distance.saturating_mul(2) <= known.len() && nearest.is_none_or(|(least, _)| distance < least) {
            nearest = Some((distance, known));
        }
        all.push_str(if all.is_empty() { "known: " } else { ", " });
        all.push_str(known);
    }
    let hint = nearest.map_or(all, |(_, known)| format!("did you mean {}?", quote(known)));
    format!("unknown {what} {}; {hint}", quote(name))
}

/// The number of letters to insert, remove or replace; case does not matter (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, left) in left.bytes().enumerate() {
        let mut before = line.saturating_add(1);
        let mut diagonal = row.first_mut().map_or(line, |cell| std::mem::replace(cell, before));
        for (cell, right) in row.iter_mut().skip(1).zip(right.bytes()) {
            let replaced = diagonal.saturating_add(usize::from(!left.eq_ignore_ascii_case(&right)));
            diagonal = *cell;
            before = replaced.min(before.saturating_add(1)).min(cell.saturating_add(1));
            *cell = before;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Parses the JSON text of settings. Absent settings are `null`.
///
/// # Errors
/// The settings are too long, or not JSON.
pub(crate) fn parse(text: Option<&str>) -> Result<Node<'_>, Faults> {
    let text = text.unwrap_or("null");
    let parsed = if text.len() > MAX_SETTINGS {
        Err(format!("the settings are longer than {MAX_SETTINGS} bytes"))
    } else {
        Node::read(text, Shape::Everything(MAX_DEPTH), &Table::EMPTY)
            .map_err(|error| format!("the settings cannot be read: {error}"))
    };
    parsed.map_err(|problem| {
        let mut faults = Faults::default();
        faults.add("", &problem);
        faults
    })
}
