//! Modules as native code.

use shared::policy::Module;
use shared::wapc;

/// `M` itself, without a module around it.
pub(crate) fn native<M: Module>(operation: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
    match operation {
        "validate" => Ok(wapc::validate::<M>(payload)),
        "validate_settings" => Ok(wapc::validate_settings::<M>(payload)),
        _ => Err(format!("there is no operation {operation}")),
    }
}
