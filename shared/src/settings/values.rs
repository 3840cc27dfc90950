//! The types that a setting may have.

#[cfg(feature = "describe")]
use super::description::{Kind, Pattern, Tree};
use super::reader::{Given, Setting};
use crate::glob::{Glob, ImagePattern};
use json::Node;

/// The description of a setting that is written as a text.
macro_rules! described_as_text {
    ($kind:expr) => {
        #[cfg(feature = "describe")]
        fn kind() -> Kind {
            $kind
        }

        #[cfg(feature = "describe")]
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

    #[cfg(feature = "describe")]
    fn kind() -> Kind {
        Kind::Boolean
    }

    #[cfg(feature = "describe")]
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

    #[cfg(feature = "describe")]
    fn kind() -> Kind {
        Kind::Integer
    }

    #[cfg(feature = "describe")]
    fn tree(&self) -> Tree {
        Tree::from(*self)
    }
}

impl Setting for String {
    fn read(given: Given<'_>) -> Option<Self> {
        given.text().map(str::to_owned)
    }

    described_as_text!(Kind::Text);
}

impl Setting for Glob {
    fn read(given: Given<'_>) -> Option<Self> {
        Glob::parse(given.text()?).map_or_else(|problem| given.fault(&problem), Some)
    }

    described_as_text!(Kind::Pattern(&Pattern { matches: Glob::FORM, except: &[] }));
}

impl Setting for ImagePattern {
    fn read(given: Given<'_>) -> Option<Self> {
        ImagePattern::parse(given.text()?).map_or_else(|problem| given.fault(&problem), Some)
    }

    #[cfg(feature = "describe")]
    fn kind() -> Kind {
        Kind::Pattern(&Pattern { matches: ImagePattern::FORM, except: ImagePattern::NEVER })
    }

    #[cfg(feature = "describe")]
    fn tree(&self) -> Tree {
        // As it is written: the normalised form of `/**` at the end says that at least one part follows.
        let pattern = self.as_str();
        Tree::from(pattern.strip_suffix("/*").filter(|start| start.ends_with("/**")).unwrap_or(pattern))
    }
}

impl<T: Setting> Setting for Option<T> {
    fn read(given: Given<'_>) -> Option<Self> {
        T::read(given).map(Some)
    }

    #[cfg(feature = "describe")]
    fn kind() -> Kind {
        T::kind()
    }

    #[cfg(feature = "describe")]
    fn tree(&self) -> Tree {
        self.as_ref().map_or(Tree::Null, T::tree)
    }
}

impl<T: Setting> Setting for Vec<T> {
    fn read(given: Given<'_>) -> Option<Self> {
        let mut list = Vec::new();
        let mut faulty: usize = 0;
        given.items(&mut |item| match T::read(item) {
            Some(value) => list.push(value),
            None => faulty = faulty.saturating_add(1),
        })?;
        // Without an entry, the indexes of the others would be wrong in further faults.
        (faulty == 0).then_some(list)
    }

    #[cfg(feature = "describe")]
    fn kind() -> Kind {
        Kind::List(Box::new(T::kind()))
    }

    #[cfg(feature = "describe")]
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

    #[cfg(feature = "describe")]
    fn kind() -> Kind {
        Kind::Map(Box::new(T::kind()))
    }

    #[cfg(feature = "describe")]
    fn tree(&self) -> Tree {
        Tree::object(self.0.iter().map(|(name, value)| (name.as_str(), value.tree())))
    }
}
