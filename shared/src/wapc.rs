//! The entry of a module: the three operations that a Kubewarden host calls.
//!
//! Source: Kubewarden, "Policy communication: specification" (waPC).

use kubewarden_policy_sdk::wapc_guest::{CallResult, register_function};

use crate::json::{Node, push_field, string};
use crate::policy::Policy;
use crate::request::{PAYLOAD, Request};
use crate::settings::Settings;
use crate::verdict::{Configured, Verdict, judge};

/// Registers the operations of the policy `P` with the host.
pub fn register<P: Policy>() {
    register_function("validate", |payload| validate::<P>(payload));
    register_function("validate_settings", |payload| validate_settings::<P>(payload));
    // The version as JSON. The function of the SDK for this brings the texts of every JSON error along.
    register_function("protocol_version", |_| Ok(b"\"v1\"".to_vec()));
}

/// Answers `validate`: the payload is `{"request": AdmissionRequest, "settings": …}`, the answer a
/// `ValidationResponse` of the SDK.
///
/// # Errors
/// None: whatever the payload holds, there is an answer.
pub fn validate<P: Policy>(payload: &[u8]) -> CallResult {
    let policy = P::NAME;
    let verdict = match read(policy, payload) {
        Err(verdict) => verdict,
        Ok(payload) => decide::<P>(&payload),
    };
    Ok(answer(&verdict).into_bytes())
}

/// A verdict as `ValidationResponse` of the SDK. That type can also carry a mutated object, which costs a module 8 KB
/// although it has none.
fn answer(verdict: &Verdict) -> String {
    let mut answer = String::from("{");
    push_field(&mut answer, "accepted", if verdict.accepted { "true" } else { "false" });
    if let Some(message) = &verdict.message {
        answer.push(',');
        push_field(&mut answer, "message", &string(message));
    }
    if let Some(code) = verdict.code {
        answer.push(',');
        push_field(&mut answer, "code", &code.to_string());
    }
    if !verdict.findings.is_empty() {
        answer.push(',');
        push_field(&mut answer, "audit_annotations", "{");
        push_field(&mut answer, "findings", &string(&verdict.findings));
        answer.push('}');
    }
    for (index, warning) in verdict.warnings.iter().enumerate() {
        answer.push(',');
        if index == 0 {
            push_field(&mut answer, "warnings", "[");
        }
        answer.push_str(&string(warning));
    }
    answer.push_str(if verdict.warnings.is_empty() { "}" } else { "]}" });
    answer
}

/// Reads the payload as far as it is judged.
fn read<'a>(policy: &str, payload: &'a [u8]) -> Result<Node<'a>, Verdict> {
    let refuse = |problem: String| Verdict::refuse(policy, 400, &problem);
    let text = str::from_utf8(payload).map_err(|error| {
        refuse(format!("the request cannot be read: it is not UTF-8 at byte {}", error.valid_up_to()))
    })?;
    Node::read(text, &PAYLOAD).map_err(|error| refuse(format!("the request cannot be read: {error}")))
}

fn decide<P: Policy>(payload: &Node<'_>) -> Verdict {
    let policy = P::NAME;
    let settings = match payload.get("settings") {
        Some(Node::Raw(text)) => Some(*text),
        _ => None,
    };
    let settings = match Settings::read::<P>(settings) {
        Ok(settings) => settings,
        Err(faults) => {
            return Verdict::refuse(policy, 500, &format!("the settings of this policy are not valid\n{faults}"));
        }
    };
    match Request::read(payload) {
        Ok(request) => judge(&Configured::<P>(settings), &request),
        Err(malformed) => Verdict::refuse(policy, 400, &malformed.to_string()),
    }
}

/// Answers `validate_settings`: the payload is the settings, the answer a `SettingsValidationResponse` of the SDK, with one
/// line a fault.
///
/// # Errors
/// None: whatever the payload holds, there is an answer.
pub fn validate_settings<P: Policy>(payload: &[u8]) -> CallResult {
    let faults = match str::from_utf8(payload) {
        Ok(text) => {
            Settings::check::<P>(Some(text).filter(|text| !text.is_empty())).err().map(|faults| faults.to_string())
        }
        Err(error) => Some(format!("the settings are not UTF-8 at byte {}", error.valid_up_to())),
    };
    Ok(match faults {
        None => b"{\"valid\":true}".to_vec(),
        Some(faults) => format!("{{\"valid\":false,\"message\":{}}}", string(&faults)).into_bytes(),
    })
}
