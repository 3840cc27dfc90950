//! The one way out of a module.

use std::fmt;

/// A host that answers questions.
pub trait HostCall: fmt::Debug + Sync {
    /// The answer to a question: the namespace and the operation of a capability, and its argument as JSON.
    ///
    /// # Errors
    /// The words of the host, for people.
    fn call(&self, namespace: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String>;
}

/// The host of a module that asks nothing.
#[derive(Clone, Copy, Debug)]
pub struct Refuse;

impl HostCall for Refuse {
    fn call(&self, _: &str, _: &str, _: &[u8]) -> Result<Vec<u8>, String> {
        Err("this module asks nothing of its host".to_owned())
    }
}
