//! The error for the part of a manifest that cannot be read.

use std::fmt;

use serde::Serialize;

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file or directory.
    pub path: String,
    /// From 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// From 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// The problem.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        for number in [self.line, self.column].into_iter().flatten() {
            write!(f, ":{number}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl Problem {
    /// A problem of a place that is yet to be named.
    pub fn new(message: impl Into<String>) -> Self {
        Self { path: String::new(), line: None, column: None, message: message.into() }
    }

    /// The problem at this place of its file.
    #[must_use]
    pub fn at(self, line: usize, column: usize) -> Self {
        Self { line: Some(line), column: Some(column), ..self }
    }

    /// The problem in this file.
    #[must_use]
    pub fn of(self, path: impl Into<String>) -> Self {
        Self { path: path.into(), ..self }
    }
}
