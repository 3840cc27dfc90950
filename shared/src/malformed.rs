//! The error for a field that cannot be read: it is rejected, never guessed.

use std::borrow::Cow;
use std::fmt;

/// A part of the object that cannot be read. A rule passes it on with `?`, and the request is rejected with code 400.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The path in the object, such as `spec.containers[0].image`. Empty when it is the object itself.
    pub path: String,
    /// The actual and the expected type.
    pub problem: Cow<'static, str>,
}

impl Malformed {
    /// Something wrong at `path`.
    pub(crate) fn new(path: impl Into<String>, problem: impl Into<Cow<'static, str>>) -> Self {
        Self { path: path.into(), problem: problem.into() }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)?;
        if self.path.is_empty() { Ok(()) } else { write!(f, " ({})", self.path) }
    }
}

impl std::error::Error for Malformed {}
