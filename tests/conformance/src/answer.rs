//! The answer of a policy.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::Guest;

/// The answer to `validate`. Source: Kubewarden, "Policy communication: specification", `ValidationResponse`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The request is accepted.
    pub accepted: bool,
    /// Why not.
    pub message: Option<String>,
    /// The HTTP status of a rejection.
    pub code: Option<u16>,
    /// The entries for the audit log, by key.
    #[serde(default)]
    pub audit_annotations: BTreeMap<String, String>,
    /// The warnings for the user although the request is accepted.
    #[serde(default)]
    pub warnings: Vec<String>,
}

impl Answer {
    /// Asks a policy for its verdict on a request.
    ///
    /// # Errors
    /// The answer cannot be read.
    pub fn of(policy: &Guest<'_>, request: &Value, settings: &Value) -> Result<Self, String> {
        let payload = json!({ "request": request, "settings": settings }).to_string();
        let answer = policy.validate(payload.as_bytes());
        serde_json::from_slice(&answer)
            .map_err(|error| format!("the answer of {} cannot be read: {error}", policy.name))
    }

    /// The findings in the audit annotation; `None` when there are more than it holds.
    #[must_use]
    pub fn findings(&self) -> Option<Vec<Value>> {
        let Some(text) = self.audit_annotations.get("findings") else { return Some(Vec::new()) };
        let findings: Vec<Value> = serde_json::from_str(text).unwrap_or_default();
        findings.iter().all(|finding| finding.get("more").is_none()).then_some(findings)
    }
}
