//! Reads settings: into structs with defaults, noting every fault with its path.
//!
//! `serde` could do this, but stops at the first fault, knows no paths, and costs a module about 1 KB a setting;
//! [`settings!`](crate::settings!) costs a tenth. The reader is also where the limits of settings stand.

use std::cell::RefCell;
use std::fmt;

use crate::glob::{Glob, ImagePattern};
use crate::message::{ellipsis, printable, quote};
#[cfg(not(target_family = "wasm"))]
use crate::settings::{Field, Kind, Tree};
use json::Node;

/// The setting of a module of several policies that holds the settings of each.
pub(crate) const POLICIES: &str = "policies";
/// How many entries a list or a map of the settings may have.
pub const MAX_ENTRIES: usize = 256;
/// How long a text in the settings may be, in bytes.
pub const MAX_TEXT: usize = 256;
/// How many faults are named; the rest is counted.
const MAX_FAULTS: usize = 32;
/// How long the line of a fault may be, in bytes: the path of an unknown key can be as long as the settings.
const MAX_FAULT: usize = 1024;

/// What is wrong with settings: one line a fault, each with its path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// The policy whose settings these are, when they stand among those of others; else empty.
    policy: &'static str,
    lines: Vec<String>,
    more: usize,
}

impl Faults {
    /// No faults yet, of the settings of this policy among those of others; of settings that stand alone when it is empty.
    pub(crate) fn of_policy(policy: &'static str) -> Self {
        Self { policy, ..Self::default() }
    }

    /// Adds a fault of the value at `path`, such as `formats[1]`. An empty path means the settings as a whole.
    pub fn add(&mut self, path: &str, problem: &str) {
        if self.lines.len() == MAX_FAULTS {
            self.more = self.more.saturating_add(1);
            return;
        }
        let root = if self.policy.is_empty() { String::new() } else { format!("{POLICIES}.{}", self.policy) };
        let dot = if root.is_empty() || path.is_empty() { "" } else { "." };
        let colon = if root.is_empty() && path.is_empty() { "" } else { ": " };
        let line = printable(&format!("{root}{dot}{path}{colon}{problem}"));
        self.lines.push(ellipsis(&line, MAX_FAULT).into_owned());
    }

    /// Adds the faults of a part of the settings.
    pub(crate) fn append(&mut self, other: Faults) {
        let room = MAX_FAULTS.saturating_sub(self.lines.len());
        let left_out = other.lines.len().saturating_sub(room);
        self.lines.extend(other.lines.into_iter().take(room));
        self.more = self.more.saturating_add(left_out).saturating_add(other.more);
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines.join("\n"))?;
        if self.more == 0 { Ok(()) } else { write!(f, "\n… and {} more", self.more) }
    }
}

impl std::error::Error for Faults {}

/// A type that a setting may have.
pub trait Setting: Sized {
    /// Reads a value that the settings give. Notes what is wrong with it and returns nothing, or what is sound of it.
    fn read(given: Given<'_>) -> Option<Self>;

    /// What values it may have, for what is published of it.
    #[cfg(not(target_family = "wasm"))]
    fn kind() -> Kind;

    /// The value as settings give it; [`Tree::Null`] when there is none.
    #[cfg(not(target_family = "wasm"))]
    fn tree(&self) -> Tree;
}

/// A struct of settings. Implemented by [`settings!`](crate::settings!).
pub trait Fields: Default {
    /// The names of its settings.
    const NAMES: &'static [&'static str];

    /// Reads the setting of this name, which is one of [`NAMES`](Self::NAMES), over its default.
    fn set(&mut self, name: &str, given: Given<'_>);

    /// What its settings are, in the order of [`NAMES`](Self::NAMES).
    #[cfg(not(target_family = "wasm"))]
    fn fields() -> Vec<Field>;
}

/// A value that the settings give, its path, and where faults are noted.
#[derive(Clone, Copy, Debug)]
pub struct Given<'g> {
    node: &'g Node<'g>,
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
    /// Notes a fault of this value, which therefore reads as nothing.
    #[expect(clippy::must_use_candidate, reason = "to note the fault is what it is for")]
    pub fn fault<T>(self, problem: &str) -> Option<T> {
        self.faults.borrow_mut().add(&self.path.to_string(), problem);
        None
    }

    fn unfit<T>(self, expected: &str) -> Option<T> {
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

    /// The index in `names` of the text that is given; a fault calls what they are names of `what`.
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
    fn items(self, read: &mut dyn FnMut(Given<'_>)) -> Option<()> {
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
    fn entries(self, read: &mut dyn FnMut(&str, Given<'_>)) -> Option<()> {
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

    /// Reads an object whose names must be among `names`; a fault calls what they are names of `what`.
    pub(crate) fn fields_of(self, what: &str, names: &[&[&str]], set: &mut dyn FnMut(&str, Given<'_>)) -> Option<()> {
        self.entries(&mut |name, given| {
            if names.iter().any(|names| names.contains(&name)) {
                set(name, given);
            } else {
                given.fault::<()>(&unknown(what, name, names));
            }
        })
    }

    /// Reads a struct of settings.
    #[must_use]
    pub fn read_fields<S: Fields>(self) -> Option<S> {
        let mut settings = S::default();
        self.fields(&[S::NAMES], &mut |name, given| settings.set(name, given))?;
        Some(settings)
    }

    /// The settings as a whole.
    pub(crate) fn root(node: &'g Node<'g>, faults: &'g RefCell<Faults>) -> Self {
        Self { node, path: Path::Root, faults }
    }
}

/// What is said of a name that is not among the `known`: the nearest that is, or all of them.
pub(super) fn unknown(what: &str, name: &str, known: &[&[&str]]) -> String {
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

/// How many letters have to be inserted, removed or replaced, whatever their case (Levenshtein).
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

/// What a setting that is written as a text says of itself.
macro_rules! described_as_text {
    () => {
        #[cfg(not(target_family = "wasm"))]
        fn kind() -> Kind {
            Kind::Text
        }

        #[cfg(not(target_family = "wasm"))]
        fn tree(&self) -> Tree {
            Tree::from(self.as_str())
        }
    };
}

impl Setting for bool {
    fn read(given: Given<'_>) -> Option<Self> {
        match given.node {
            Node::Bool(value) => Some(*value),
            _ => given.unfit("true or false"),
        }
    }

    #[cfg(not(target_family = "wasm"))]
    fn kind() -> Kind {
        Kind::Boolean
    }

    #[cfg(not(target_family = "wasm"))]
    fn tree(&self) -> Tree {
        Tree::from(*self)
    }
}

impl Setting for i64 {
    fn read(given: Given<'_>) -> Option<Self> {
        match given.node {
            Node::Integer(value) => Some(*value),
            Node::Number => given.fault("this is not a whole number of at most 64 bits"),
            _ => given.unfit("a whole number"),
        }
    }

    #[cfg(not(target_family = "wasm"))]
    fn kind() -> Kind {
        Kind::Integer
    }

    #[cfg(not(target_family = "wasm"))]
    fn tree(&self) -> Tree {
        Tree::from(*self)
    }
}

impl Setting for String {
    fn read(given: Given<'_>) -> Option<Self> {
        given.text().map(str::to_owned)
    }

    described_as_text!();
}

impl Setting for Glob {
    fn read(given: Given<'_>) -> Option<Self> {
        Glob::parse(given.text()?).map_or_else(|problem| given.fault(&problem), Some)
    }

    described_as_text!();
}

impl Setting for ImagePattern {
    fn read(given: Given<'_>) -> Option<Self> {
        ImagePattern::parse(given.text()?).map_or_else(|problem| given.fault(&problem), Some)
    }

    described_as_text!();
}

impl<T: Setting> Setting for Option<T> {
    fn read(given: Given<'_>) -> Option<Self> {
        T::read(given).map(Some)
    }

    #[cfg(not(target_family = "wasm"))]
    fn kind() -> Kind {
        T::kind()
    }

    #[cfg(not(target_family = "wasm"))]
    fn tree(&self) -> Tree {
        self.as_ref().map_or(Tree::Null, T::tree)
    }
}

impl<T: Setting> Setting for Vec<T> {
    fn read(given: Given<'_>) -> Option<Self> {
        let mut list = Vec::new();
        given.items(&mut |item| list.extend(T::read(item)))?;
        Some(list)
    }

    #[cfg(not(target_family = "wasm"))]
    fn kind() -> Kind {
        Kind::List(Box::new(T::kind()))
    }

    #[cfg(not(target_family = "wasm"))]
    fn tree(&self) -> Tree {
        Tree::List(self.iter().map(T::tree).collect())
    }
}

/// Values by name, in the order in which they are given. A map would cost a module 3 KB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named<T>(pub Vec<(String, T)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Named<T> {
    /// The value of this name; the last, if it is given twice.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&T> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

impl<T: Setting> Setting for Named<T> {
    fn read(given: Given<'_>) -> Option<Self> {
        let mut named = Vec::new();
        given.entries(&mut |name, value| named.extend(T::read(value).map(|value| (name.to_owned(), value))))?;
        Some(Self(named))
    }

    #[cfg(not(target_family = "wasm"))]
    fn kind() -> Kind {
        Kind::Map(Box::new(T::kind()))
    }

    #[cfg(not(target_family = "wasm"))]
    fn tree(&self) -> Tree {
        Tree::object(self.0.iter().map(|(name, value)| (name.as_str(), value.tree())))
    }
}

/// Declares settings: a struct whose fields have a default and a name, or a choice among names.
///
/// ```
/// use shared::prelude::*;
///
/// settings! {
///     /// Settings of a policy.
///     pub struct Settings {
///         /// The user IDs that are refused.
///         denied_users: Vec<i64> = vec![0] => "deniedUsers",
///         /// What a missing user means.
///         missing: Missing = Missing::Deny => "missing",
///     }
/// }
///
/// settings! {
///     /// What a missing value means.
///     pub enum Missing {
///         /// It is refused.
///         Deny => "deny",
///         /// It is accepted.
///         Allow => "allow",
///     }
/// }
/// ```
#[macro_export]
macro_rules! settings {
    (
        $(#[$attribute:meta])*
        pub struct $name:ident {
            $( $(#[doc = $about:literal])+ $field:ident: $type:ty = $default:expr => $key:literal, )*
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Debug)]
        pub struct $name { $( $(#[doc = $about])+ pub $field: $type, )* }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        impl $crate::settings::Fields for $name {
            const NAMES: &'static [&'static str] = &[$($key),*];

            fn set(&mut self, name: &str, given: $crate::settings::Given<'_>) {
                let _ = given;
                match name {
                    $($key => {
                        if let Some(value) = $crate::settings::Setting::read(given) {
                            self.$field = value;
                        }
                    })*
                    _ => {}
                }
            }

            #[cfg(not(target_family = "wasm"))]
            fn fields() -> Vec<$crate::settings::Field> {
                let Self { $($field),* } = Self::default();
                vec![$($crate::settings::Field {
                    name: $key,
                    about: concat!($($about),+).trim_ascii(),
                    kind: <$type as $crate::settings::Setting>::kind(),
                    default: $crate::settings::Setting::tree(&$field),
                }),*]
            }
        }

        impl $crate::settings::Setting for $name {
            fn read(given: $crate::settings::Given<'_>) -> Option<Self> {
                given.read_fields()
            }

            #[cfg(not(target_family = "wasm"))]
            fn kind() -> $crate::settings::Kind {
                $crate::settings::Kind::Object(<Self as $crate::settings::Fields>::fields())
            }

            #[cfg(not(target_family = "wasm"))]
            fn tree(&self) -> $crate::settings::Tree {
                $crate::settings::Tree::object::<&str>([
                    $(($key, $crate::settings::Setting::tree(&self.$field))),*
                ])
            }
        }
    };
    (
        $(#[$attribute:meta])*
        pub enum $name:ident { $( $(#[doc = $about:literal])+ $variant:ident => $key:literal, )+ }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $( $(#[doc = $about])+ $variant, )+ }

        impl $crate::settings::Setting for $name {
            fn read(given: $crate::settings::Given<'_>) -> Option<Self> {
                [$(Self::$variant),+].get(given.choice(&[$($key),+])?).copied()
            }

            #[cfg(not(target_family = "wasm"))]
            fn kind() -> $crate::settings::Kind {
                $crate::settings::Kind::Choice(vec![
                    $($crate::settings::Choice { name: $key, about: concat!($($about),+).trim_ascii() }),+
                ])
            }

            #[cfg(not(target_family = "wasm"))]
            fn tree(&self) -> $crate::settings::Tree {
                $crate::settings::Tree::from(match self { $(Self::$variant => $key),+ })
            }
        }
    };
}
