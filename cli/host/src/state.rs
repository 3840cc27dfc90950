//! What an instance is made of and bounded by, however it is linked, and how its failures are told.

use std::sync::Arc;
use std::time::Instant;

use wapc::ModuleState;
use wasmtime_provider::wasmtime::{Caller, Memory, StoreLimits};

/// Entries of a table: far more than the functions that a module refers to.
pub(crate) const MAX_TABLE: usize = 100_000;

/// How the provider ends the text of a call, or of a start, that ran into its deadline.
pub(crate) const INTERRUPTED: &str = "interrupted, execution deadline exceeded";

/// How wasmtime begins the text of a trap.
pub(crate) const TRAP: &str = "wasm trap: ";

/// What is said of a guest that hands the host a wrong address.
pub(crate) const OUTSIDE: &str = "it gave the host an address outside its memory";

/// What the host functions know of an instance.
pub(crate) struct State {
    pub(crate) host: Arc<ModuleState>,
    pub(crate) limits: StoreLimits,
    /// When the monotonic clock began.
    pub(crate) began: Instant,
}

/// The memory of a module.
pub(crate) fn memory(caller: &mut Caller<'_, State>) -> Option<Memory> {
    caller.get_export("memory")?.into_memory()
}
