//! The entry of a module: the three operations that a Kubewarden host calls.
//!
//! Source: Kubewarden, "Policy communication: specification" (waPC).

use kubewarden_policy_sdk::wapc_guest::register_function;

use crate::calls::Guest;
use crate::module::Module;

/// Registers the operations of the module `M` with the host.
pub fn register<M: Module>() {
    register_function("validate", |payload| Ok(Guest::of::<M>().validate(payload)));
    register_function("validate_settings", |payload| Ok(Guest::of::<M>().validate_settings(payload)));
    // The version as JSON. The function of the SDK for this brings the texts of every JSON error along.
    register_function("protocol_version", |_| Ok(b"\"v1\"".to_vec()));
}
