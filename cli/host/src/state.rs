//! The state and the limits of an instance, however it is linked, and the wording of its failures.

use std::sync::Arc;
use std::time::{Duration, Instant};

use wapc::ModuleState;
use wasmtime_provider::wasmtime::{Caller, Memory, StoreLimits};

/// Entries of a table: far more than the functions that a module refers to.
pub(crate) const MAX_TABLE: usize = 100_000;

/// The end of the provider's text about a call, or a start, that ran into its deadline.
pub(crate) const INTERRUPTED: &str = "interrupted, execution deadline exceeded";

/// The beginning of wasmtime's text about a trap.
pub(crate) const TRAP: &str = "wasm trap: ";

/// The message about a guest that passes a wrong address to the host.
pub(crate) const OUTSIDE: &str = "it gave the host an address outside its memory";

/// The state of an instance for the host functions.
pub(crate) struct State {
    pub(crate) host: Arc<ModuleState>,
    pub(crate) limits: StoreLimits,
    /// The start of the monotonic clock.
    pub(crate) began: Instant,
    /// The time that the running call still had at the moment beside it.
    pub(crate) left: (Duration, Instant),
}

impl State {
    /// The state of an instance that begins now, without time to run yet.
    pub(crate) fn new(host: Arc<ModuleState>, limits: StoreLimits) -> Self {
        let began = Instant::now();
        Self { host, limits, began, left: (Duration::ZERO, began) }
    }
}

/// The memory of a module.
pub(crate) fn memory(caller: &mut Caller<'_, State>) -> Option<Memory> {
    caller.get_export("memory")?.into_memory()
}
