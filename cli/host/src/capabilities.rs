//! Host capabilities: what a module may ask its host while it judges.

/// The answers to the host calls of a module.
///
/// They come by the waPC binding `kubewarden`. Logs are not among them: every host takes those.
pub trait Capabilities: Send + Sync {
    /// Answers one call, such as `v1/oci_manifest` in the namespace `oci`.
    ///
    /// The module waits meanwhile, so the call has to end by itself; its time is not part of the module's limit.
    ///
    /// # Errors
    ///
    /// There is no answer.
    fn call(&self, namespace: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, Unanswered>;
}

impl<F: Fn(&str, &str, &[u8]) -> Result<Vec<u8>, String> + Send + Sync> Capabilities for F {
    /// Whatever the function answers; its error is one that the module is told.
    fn call(&self, namespace: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, Unanswered> {
        self(namespace, operation, payload).map_err(Unanswered::Failed)
    }
}

/// The reason why a host call has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unanswered {
    /// An error that the module is told, as by a policy server.
    Failed(String),
    /// The host does not offer the capability. Whatever the module makes of that, its answer does not count.
    NotOffered(String),
}

/// The host of a module that may ask nothing.
pub(crate) struct NoCapabilities;

impl Capabilities for NoCapabilities {
    fn call(&self, _: &str, _: &str, _: &[u8]) -> Result<Vec<u8>, Unanswered> {
        Err(Unanswered::NotOffered("which is refused".to_owned()))
    }
}
