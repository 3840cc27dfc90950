//! Modules as native code.

use std::sync::Arc;

use crate::host::Recorded;
use shared::calls::Guest;
use shared::module::Module;

/// `M` itself, without a module around it.
pub(crate) fn native<M: Module>(operation: &str, payload: &[u8], host: &Arc<Recorded>) -> Result<Vec<u8>, String> {
    match operation {
        "validate" => Ok(Guest::of::<M>().with_host(&**host).validate(payload)),
        "validate_settings" => Ok(Guest::of::<M>().validate_settings(payload)),
        _ => Err(format!("there is no operation {operation}")),
    }
}
