//! The entry of a module: the three operations that a Kubewarden host calls.
//!
//! Source: Kubewarden, "Policy communication: specification" (waPC).

use kubewarden_policy_sdk::wapc_guest::{host_call, register_function};

use crate::calls::Guest;
use crate::host::{HostCall, Refuse};
use crate::module::Module;

/// The binding of every host call of Kubewarden.
const BINDING: &str = "kubewarden";
/// What the SDK puts before the words of the host.
const HOST_ERROR: &str = "Host error: ";

/// The policy server that runs the module.
#[derive(Debug)]
struct PolicyServer;

impl HostCall for PolicyServer {
    fn call(&self, namespace: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
        host_call(BINDING, namespace, operation, payload).map_err(|error| {
            let words = error.to_string();
            words.strip_prefix(HOST_ERROR).map_or_else(|| words.clone(), str::to_owned)
        })
    }
}

/// The host of the module `M`. One that names no capability does not even import what a host call takes.
const fn host<M: Module>() -> &'static dyn HostCall {
    if M::FACTS.capabilities.is_empty() { &Refuse } else { &PolicyServer }
}

/// Registers the operations of the module `M` with the host.
pub fn register<M: Module>() {
    register_function("validate", |payload| Ok(Guest::of::<M>().with_host(const { host::<M>() }).validate(payload)));
    register_function("validate_settings", |payload| Ok(Guest::of::<M>().validate_settings(payload)));
    // The version as JSON. The function of the SDK for this brings the texts of every JSON error along.
    register_function("protocol_version", |_| Ok(b"\"v1\"".to_vec()));
}
