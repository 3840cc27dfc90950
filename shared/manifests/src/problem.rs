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
    /// `true` if it is that the text, or a document of it, is not and does not claim to be a Kubernetes object: it lacks
    /// `apiVersion` or `kind`.
    #[serde(skip)]
    pub no_object: bool,
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
        Self { path: String::new(), line: None, column: None, message: message.into(), no_object: false }
    }

    /// The problem at this place of its file.
    #[must_use]
    pub fn at(self, line: usize, column: usize) -> Self {
        Self { line: Some(line), column: Some(column), ..self }
    }

    /// The problem of a text that does not claim to be an object.
    #[must_use]
    pub fn of_no_object(self) -> Self {
        Self { no_object: true, ..self }
    }

    /// The problem in this file.
    #[must_use]
    pub fn of(self, path: impl Into<String>) -> Self {
        Self { path: path.into(), ..self }
    }
}
