//! Modules by their name, called as a host calls them.

use seaworthy::{POLICIES, Seaworthy};
use shared::calls::Guest;
use shared::policy::Described as _;

/// The names of all modules: each policy, and the module that combines them.
pub fn names() -> impl Iterator<Item = &'static str> {
    POLICIES.iter().map(|policy| policy.name).chain([Seaworthy::NAME])
}

/// Answers `validate` as the module of this name does: a `ValidationResponse` of Kubewarden, as JSON.
///
/// `settings` and `request`, an AdmissionRequest, are JSON; empty settings are the defaults.
///
/// # Errors
/// There is no module of this name.
pub fn validate(module: &str, settings: &str, request: &str) -> Result<String, String> {
    let settings = if settings.trim().is_empty() { "null" } else { settings };
    // Joined as text: what is not JSON has to reach the policy as it is.
    let payload = format!("{{\"request\":{request},\"settings\":{settings}}}");
    text(guest(module)?.validate(payload.as_bytes()))
}

/// Answers `validate_settings` as the module of this name does: a `SettingsValidationResponse` of Kubewarden, as JSON.
///
/// # Errors
/// There is no module of this name.
pub fn validate_settings(module: &str, settings: &str) -> Result<String, String> {
    text(guest(module)?.validate_settings(settings.as_bytes()))
}

/// The module of this name.
fn guest(name: &str) -> Result<Guest, String> {
    if name == Seaworthy::NAME {
        return Ok(Guest::of::<Seaworthy>());
    }
    let policy = POLICIES.iter().find(|policy| policy.name == name);
    policy
        .map(Guest::from)
        .ok_or_else(|| format!("`{name}` is not a module; the modules are {}", names().collect::<Vec<_>>().join(", ")))
}

/// An answer, which is JSON.
fn text(answer: Vec<u8>) -> Result<String, String> {
    String::from_utf8(answer).map_err(|error| format!("the answer is not UTF-8: {error}"))
}
