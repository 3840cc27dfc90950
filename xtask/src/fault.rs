//! What can go wrong in a chore.

/// A text that names the step and what to do.
pub(crate) type Fault = Box<dyn std::error::Error>;
