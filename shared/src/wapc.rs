//! The entry of a module: the three operations that a Kubewarden host calls.
//!
//! Source: Kubewarden, "Policy communication: specification" (waPC).

use std::fmt;

use kubewarden_policy_sdk::wapc_guest::register_function;

use crate::policy::Module;
use crate::request::{PAYLOAD, Request, UNKNOWN_OBJECT, object};
use crate::settings::Faults;
use crate::verdict::{Judge, Verdict, judge};
use json::{self, Node, Shape};

/// Registers the operations of the module `M` with the host.
pub fn register<M: Module>() {
    register_function("validate", |payload| Ok(validate::<M>(payload)));
    register_function("validate_settings", |payload| Ok(validate_settings::<M>(payload)));
    // The version as JSON. The function of the SDK for this brings the texts of every JSON error along.
    register_function("protocol_version", |_| Ok(b"\"v1\"".to_vec()));
}

/// Answers `validate`: the payload is `{"request": AdmissionRequest, "settings": …}`, the answer a
/// `ValidationResponse` of the SDK. Whatever the payload holds, there is an answer.
#[must_use]
pub fn validate<M: Module>(payload: &[u8]) -> Vec<u8> {
    let verdict = decide::<M>(payload).unwrap_or_else(|refusal| refusal);
    answer(&verdict).into_bytes()
}

/// A verdict as `ValidationResponse` of the SDK. That type can also carry a mutated object, which costs a module 8 KB
/// although it has none.
fn answer(verdict: &Verdict) -> String {
    let warnings: Vec<String> = verdict.warnings.iter().map(|warning| json::string(warning)).collect();
    let some = |list: &str, json: String| Some(json).filter(|_| !list.is_empty());
    let annotations = json::object(&[("findings", Some(json::string(&verdict.findings)))]);
    let warnings = warnings.join(",");
    json::object(&[
        ("accepted", Some(verdict.accepted.to_string())),
        ("message", verdict.message.as_deref().map(json::string)),
        ("code", verdict.code.map(|code| code.to_string())),
        ("audit_annotations", some(&verdict.findings, annotations)),
        ("warnings", some(&warnings, format!("[{warnings}]"))),
    ])
}

/// The verdict, or why there is none, which is a rejection.
fn decide<M: Module>(payload: &[u8]) -> Result<Verdict, Verdict> {
    let text = str::from_utf8(payload)
        .map_err(|error| unreadable(M::NAME, &format_args!("it is not UTF-8 at byte {}", error.valid_up_to())))?;
    let payload = read(M::NAME, text, &PAYLOAD)?;
    let settings = match payload.get("settings") {
        Some(Node::Raw(text)) => Some(*text),
        _ => None,
    };
    let judges = M::configure(settings).map_err(|faults| {
        let problems = format!("the settings of this policy are not valid\n{faults}");
        Verdict::refuse(500, &problems.lines().map(|problem| (M::NAME, problem.to_owned())).collect::<Vec<_>>())
    })?;
    judge_payload(M::NAME, &judges, text, &payload)
}

/// Judges the request in the payload, which is also there as text.
fn judge_payload(
    module: &'static str,
    judges: &[Box<dyn Judge>],
    text: &str,
    payload: &Node<'_>,
) -> Result<Verdict, Verdict> {
    let unknown;
    let mut request =
        Request::read(payload).map_err(|malformed| Verdict::refuse(400, &[(module, malformed.to_string())]))?;
    if request.is_judged() && request.kind.known().is_none() {
        unknown = read(module, text, &UNKNOWN_OBJECT)?;
        request.object = object(&unknown);
    }
    Ok(judge(module, judges, &request))
}

/// Reads the payload as far as it is judged.
fn read<'a>(module: &str, text: &'a str, shape: &Shape) -> Result<Node<'a>, Verdict> {
    Node::read(text, shape).map_err(|error| unreadable(module, &error))
}

fn unreadable(module: &str, problem: &dyn fmt::Display) -> Verdict {
    Verdict::refuse(400, &[(module, format!("the request cannot be read: {problem}"))])
}

/// Answers `validate_settings`: the payload is the settings, the answer a `SettingsValidationResponse` of the SDK, with one
/// line a fault. Whatever the payload holds, there is an answer.
#[must_use]
pub fn validate_settings<M: Module>(payload: &[u8]) -> Vec<u8> {
    let faults = match str::from_utf8(payload) {
        Ok(text) => check::<M>(Some(text).filter(|text| !text.is_empty())).err().map(|faults| faults.to_string()),
        Err(error) => Some(format!("the settings are not UTF-8 at byte {}", error.valid_up_to())),
    };
    let answer = json::object(&[
        ("valid", Some(faults.is_none().to_string())),
        ("message", faults.as_deref().map(json::string)),
    ]);
    answer.into_bytes()
}

/// Reads and checks the settings of the module `M`, in full.
fn check<M: Module>(text: Option<&str>) -> Result<(), Faults> {
    let mut faults = Faults::default();
    for judge in M::configure(text)? {
        faults.append(judge.check_settings());
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}
