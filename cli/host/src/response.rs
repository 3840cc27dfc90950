//! The answer of a module.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The verdict of `validate`, as Kubewarden defines it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Response {
    /// `true` if the request may pass.
    pub accepted: bool,
    /// The reason why not.
    pub message: Option<String>,
    /// The HTTP status of a rejection.
    pub code: Option<u16>,
    /// The warnings about an accepted request; `kubectl` prints them.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub warnings: Vec<String>,
    /// The annotations for the audit log.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub audit_annotations: BTreeMap<String, String>,
    /// The changed object of a mutating policy.
    pub mutated_object: Option<Value>,
}

/// The verdict of `validate_settings`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SettingsResponse {
    /// `true` if the policy can run with these settings.
    pub valid: bool,
    /// The reason why not.
    pub message: Option<String>,
}

/// The policy SDK writes `null` for what is absent.
fn null_is_empty<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nulls_of_the_policy_sdk_are_read_as_absent() {
        let answer = r#"{"accepted":true,"message":null,"code":null,"mutated_object":null,
                         "audit_annotations":null,"warnings":null}"#;
        let expected = Response { accepted: true, ..Response::default() };
        assert_eq!(serde_json::from_str::<Response>(answer).unwrap(), expected);
    }

    #[test]
    fn an_answer_without_a_verdict_is_refused() {
        assert!(serde_json::from_str::<Response>(r#"{"message":"no"}"#).is_err());
    }
}
