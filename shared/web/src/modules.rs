//! Modules by their name, called as a host calls them. Modules that ask their host about images are not among them: a page has
//! nobody to ask.

use seaworthy::{POLICIES, Seaworthy};
use shared::calls::Guest;
use shared::policy::Described as _;

/// The names of all modules: each policy, and the module that combines them.
pub fn names() -> impl Iterator<Item = &'static str> {
    POLICIES.iter().map(|policy| policy.name).chain([Seaworthy::NAME])
}

/// Answers an operation, `validate` or `validate_settings`, as the module of this name does. Payload and answer are those of
/// Kubewarden's protocol for waPC, as JSON.
///
/// # Errors
/// There is no such module or operation.
pub fn call(module: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
    let guest = guest(module)?;
    match operation {
        "validate" => Ok(guest.validate(payload)),
        "validate_settings" => Ok(guest.validate_settings(payload)),
        _ => Err(format!("`{operation}` is not an operation; use validate or validate_settings")),
    }
}

/// The module of this name.
fn guest(name: &str) -> Result<Guest<'static>, String> {
    if name == Seaworthy::NAME {
        return Ok(Guest::of::<Seaworthy>());
    }
    let policy = POLICIES.iter().find(|policy| policy.name == name);
    policy
        .map(Guest::from)
        .ok_or_else(|| format!("`{name}` is not a module; the modules are {}", names().collect::<Vec<_>>().join(", ")))
}
