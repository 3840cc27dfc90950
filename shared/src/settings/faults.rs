//! The faults of settings.

use std::fmt;

use crate::text::{ellipsis, printable};

/// The most faults that are named; the rest is counted.
const MAX_FAULTS: usize = 32;
/// The maximum length of the line of a fault, in bytes: the path of an unknown key can be as long as the settings.
const MAX_FAULT: usize = 1024;

/// The faults of settings: one line per fault, each with its path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// The path of the settings in those of a module of several policies; empty for a single policy.
    root: String,
    lines: Vec<String>,
    more: usize,
}

impl Faults {
    /// No faults yet. The path of the settings in those of a module of several policies is a prefix of their paths,
    /// such as `policies.non-root`.
    pub(crate) fn below(root: &str) -> Self {
        Self { root: root.to_owned(), ..Self::default() }
    }

    /// Adds a fault of the value at `path`, such as `formats[1]`. An empty path means the settings as a whole.
    pub fn add(&mut self, path: &str, problem: &str) {
        if self.lines.len() == MAX_FAULTS {
            self.more = self.more.saturating_add(1);
            return;
        }
        let root = &self.root;
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

    /// One line per fault, each with the name of the module.
    pub(crate) fn named(&self, module: &str) -> String {
        let name = [module, ": "].concat();
        let lines = self.lines.join(&["\n", &name].concat());
        let more = self.more.to_string();
        let rest: &[&str] = if self.more == 0 { &[] } else { &["\n", &name, "… and ", &more, " more"] };
        [name.as_str(), &lines, &rest.concat()].concat()
    }

    /// Their number.
    pub(super) fn count(&self) -> usize {
        self.lines.len().saturating_add(self.more)
    }

    /// Returns `true` if there is none.
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
