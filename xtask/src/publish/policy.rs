//! What is published of one policy.

use serde_json::Value;

use crate::Fault;

/// What a policy says of itself when it is asked for what is published.
pub(super) struct Policy(pub(super) Value);

impl Policy {
    pub(super) fn get(&self, key: &str) -> Result<&Value, Fault> {
        self.0.get(key).ok_or_else(|| format!("a policy does not say its {key}").into())
    }

    pub(super) fn text(&self, key: &str) -> Result<&str, Fault> {
        self.get(key)?.as_str().ok_or_else(|| format!("the {key} of a policy is no text").into())
    }

    /// Whether it is one policy, not several in a module.
    pub(super) fn is_single(&self) -> bool {
        self.0.get("combines").and_then(Value::as_array).is_none_or(Vec::is_empty)
    }

    pub(super) fn name(&self) -> Result<&str, Fault> {
        self.text("name")
    }
}
