//! Descriptions of settings: the source of the published schema, form, tables and defaults.
//! Nothing of this is in a module.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// A setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name in settings.
    pub name: &'static str,
    /// Its description: the doc comment on one line.
    pub about: &'static str,
    /// Its type.
    pub kind: Kind,
    /// The value that it has when the settings do not give it; `null` when there is none.
    pub default: Tree,
}

/// The type of a setting.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// True or false.
    Boolean,
    /// A whole number of 64 bits.
    Integer,
    /// A text.
    Text,
    /// A text of this form.
    Pattern(&'static Pattern),
    /// One of these texts.
    Choice(Vec<Choice>),
    /// A list.
    List(Box<Kind>),
    /// One of these texts, or a list of values of this kind: at least one, and at most so many.
    ChoiceOrList(Vec<Choice>, Box<Kind>, usize),
    /// Values by names that are free to choose.
    Map(Box<Kind>),
    /// An object with these fields.
    Object(Vec<Field>),
    /// A value of this kind, or `false`.
    Switch(Box<Kind>),
}

impl Kind {
    /// The fields of an object, also of one that `false` may stand for.
    #[must_use]
    pub fn fields(&self) -> Option<&[Field]> {
        match self {
            Kind::Object(fields) => Some(fields),
            Kind::Switch(kind) => kind.fields(),
            _ => None,
        }
    }
}

/// The form of a text. Its regular expressions are those that RE2 and ECMA-262 have in common.
#[derive(Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Regular expressions that all match somewhere in it.
    pub matches: &'static [&'static str],
    /// Texts that are excluded.
    pub except: &'static [&'static str],
}

/// One of the texts that a setting may have.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The text.
    pub name: &'static str,
    /// Its description: the doc comment on one line.
    pub about: &'static str,
}

/// A JSON value whose fields keep their order.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<Tree>),
    /// An object.
    Object(Vec<(String, Tree)>),
}

impl Tree {
    /// An object of these fields.
    pub fn object<K: Into<String>>(fields: impl IntoIterator<Item = (K, Tree)>) -> Self {
        Tree::Object(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    /// A list of these values.
    pub fn list<T: Into<Tree>>(items: impl IntoIterator<Item = T>) -> Self {
        Tree::List(items.into_iter().map(Into::into).collect())
    }

    /// The value of a field, if this is an object that has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Tree> {
        match self {
            Tree::Object(fields) => fields.iter().find(|(field, _)| field == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text, if this is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Tree::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The entries, if this is a list; else none.
    #[must_use]
    pub fn items(&self) -> &[Tree] {
        match self {
            Tree::List(items) => items,
            _ => &[],
        }
    }
}

impl From<bool> for Tree {
    fn from(value: bool) -> Self {
        Tree::Boolean(value)
    }
}

impl From<i64> for Tree {
    fn from(value: i64) -> Self {
        Tree::Integer(value)
    }
}

impl From<&str> for Tree {
    fn from(text: &str) -> Self {
        Tree::Text(text.to_owned())
    }
}

impl From<String> for Tree {
    fn from(text: String) -> Self {
        Tree::Text(text)
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Tree::Null => serializer.serialize_unit(),
            Tree::Boolean(value) => serializer.serialize_bool(*value),
            Tree::Integer(value) => serializer.serialize_i64(*value),
            Tree::Text(text) => serializer.serialize_str(text),
            Tree::List(items) => serializer.collect_seq(items),
            Tree::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}
