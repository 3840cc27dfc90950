//! The answers of the modules, natively.

use kubewarden_policy_sdk::response::ValidationResponse;
use kubewarden_policy_sdk::settings::SettingsValidationResponse;
use policies::POLICIES;
use seaworthy::Seaworthy;
use shared::calls::Guest;

use crate::law;

/// The longest message, in bytes: that of several policies.
const MAX_MESSAGE: usize = 4096;
/// The longest warning, in bytes.
const MAX_WARNING: usize = 256;
/// The most warnings, with the one that counts what was left out and the one for what was there before.
const MAX_WARNINGS: usize = 12;

/// Every module as native code: each policy, and last the one that combines them.
pub fn modules() -> impl Iterator<Item = Guest<'static>> {
    POLICIES.iter().map(Guest::from).chain([COMBINED])
}

/// The module that combines policies on manifests.
pub(crate) const COMBINED: Guest<'static> = Guest::of::<Seaworthy>();

/// An answer to `validate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The request is accepted.
    pub(crate) accepted: bool,
    /// The status of a rejection.
    pub(crate) code: Option<u16>,
    /// All of it.
    pub(crate) text: String,
}

/// Answers `validate`, and checks what holds for every answer.
pub(crate) fn judge(module: Guest<'_>, payload: &[u8]) -> Result<Answer, String> {
    let text = String::from_utf8(module.validate(payload))
        .map_err(|error| format!("{}: an answer is UTF-8: {error}", module.name))?;
    let answer: ValidationResponse = serde_json::from_str(&text)
        .map_err(|error| format!("{}: the answer to `validate` cannot be read: {error}", module.name))?;
    let message = answer.message.as_deref().unwrap_or_default();
    law(answer.accepted == message.is_empty(), || {
        format!("{}: a rejection, and nothing else, has a message", module.name)
    })?;
    law(answer.accepted == answer.code.is_none(), || {
        format!("{}: a rejection, and nothing else, has a code", module.name)
    })?;
    law(message.len() <= MAX_MESSAGE && is_printable(message), || {
        format!("{}: a message is short and printable: {message:?}", module.name)
    })?;
    let warnings = answer.warnings.as_deref().unwrap_or_default();
    let short = |warning: &String| warning.len() <= MAX_WARNING && !warning.is_empty() && is_printable(warning);
    law(warnings.len() <= MAX_WARNINGS && warnings.iter().all(short), || {
        format!("{}: warnings are few, short and printable: {warnings:?}", module.name)
    })?;
    Ok(Answer { accepted: answer.accepted, code: answer.code, text })
}

/// Answers `validate_settings`: whether the settings are valid. Checks what holds for every answer.
pub(crate) fn accepts_settings(module: Guest<'_>, settings: &[u8]) -> Result<bool, String> {
    let answer = module.validate_settings(settings);
    let answer: SettingsValidationResponse = serde_json::from_slice(&answer)
        .map_err(|error| format!("{}: the answer to `validate_settings` cannot be read: {error}", module.name))?;
    let message = answer.message.as_deref().unwrap_or_default();
    law(answer.valid == message.is_empty(), || {
        format!("{}: settings that are refused, and no others, have a message", module.name)
    })?;
    Ok(answer.valid)
}

/// Returns `true` if a terminal acts on nothing in the text but on line ends.
fn is_printable(text: &str) -> bool {
    !text.chars().any(|character| character.is_control() && character != '\n')
}

/// Checks that the combined module rejects what one of its policies rejects, and with its code; and nothing else.
/// Returns its answer.
pub(crate) fn judge_by_all(payload: &[u8]) -> Result<Answer, String> {
    let mut codes = Vec::new();
    for module in modules().filter(|module| module.name != COMBINED.name) {
        let code = judge(module, payload)?.code;
        codes.extend(code.filter(|_| seaworthy::POLICIES.iter().any(|member| member.name == module.name)));
    }
    let combined = judge(COMBINED, payload)?;
    // What cannot be read comes before what is found.
    let expected = codes.iter().copied().find(|code| *code != 403).or(codes.first().copied());
    law(combined.code == expected, || {
        format!("the combined module says {:?} where the policies say {codes:?}", combined.code)
    })?;
    Ok(combined)
}
