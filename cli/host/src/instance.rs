//! A module at work: fresh memory, a deadline, a memory limit, and host calls.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use wapc::errors::Error as WapcError;
use wapc::{WapcHost, WebAssemblyEngineProvider};
use wasmtime_provider::wasmtime;
use wasmtime_provider::{EpochDeadlines, ResourceLimits, WasmtimeEngineProviderBuilder, WasmtimeEngineProviderPre};

use crate::capabilities::{Capabilities, Unanswered};
use crate::engine::{engine, ticks};
use crate::error::HostError;
use crate::provider::Linked;
use crate::state::{INTERRUPTED, MAX_TABLE, OUTSIDE, TRAP};
use crate::wasi;

/// The waPC binding of every capability of Kubewarden.
const BINDING: &str = "kubewarden";

/// The beginning of the provider's text about a start that failed.
const INITIALIZATION: &str = "Initialization failed: ";

/// A module that is linked with what it imports.
#[derive(Clone)]
pub(crate) enum Prepared {
    /// By the provider of a policy server.
    Wapc(WasmtimeEngineProviderPre),
    /// By our own, which has WASI and does not count the time of host calls.
    Own(Linked),
}

/// The limits of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Wall time of a call and of the start of an instance, each; without the time that granted host calls take.
    pub time: Duration,
    /// Bytes of linear memory.
    pub memory: usize,
}

impl Default for Limits {
    /// Two seconds, as the policy server's default, and 64 MiB.
    fn default() -> Self {
        Self { time: Duration::from_secs(2), memory: 64 * 1024 * 1024 }
    }
}

/// A running module.
#[derive(Debug)]
pub struct Instance {
    host: WapcHost,
    refused: Arc<Mutex<Option<HostError>>>,
    limits: Limits,
}

impl Instance {
    /// Starts an instance of a module that was prepared.
    pub(crate) fn start(
        prepared: &Prepared,
        limits: Limits,
        capabilities: Arc<dyn Capabilities>,
    ) -> Result<Self, HostError> {
        let provider: Box<dyn WebAssemblyEngineProvider> = match prepared {
            Prepared::Wapc(prepared) => {
                let deadline = ticks(limits.time);
                let deadlines = EpochDeadlines { wapc_init: deadline, wapc_func: deadline };
                let provider = prepared.rehydrate(Some(deadlines));
                Box::new(provider.map_err(|error| HostError::Engine(error.to_string()))?)
            }
            Prepared::Own(linked) => Box::new(linked.provider(limits.time)),
        };
        let refused = Arc::new(Mutex::new(None));
        let first_refused = Arc::clone(&refused);
        let call = move |_: u64, binding: &str, namespace: &str, operation: &str, payload: &[u8]| {
            if binding != BINDING {
                return Err(format!("unknown binding: {binding}").into());
            }
            // The SDKs of Kubewarden log this way. Logs are for the operator of a policy server.
            if (namespace, operation) == ("tracing", "log") {
                return Ok(Vec::new());
            }
            capabilities.call(namespace, operation, payload).map_err(|unanswered| match unanswered {
                Unanswered::Failed(reason) => reason.into(),
                Unanswered::NotOffered(reason) => {
                    let (namespace, operation) = (namespace.to_owned(), operation.to_owned());
                    let refusal = HostError::HostCall { namespace, operation, reason };
                    let text = refusal.to_string();
                    first_refused.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(refusal);
                    text.into()
                }
            })
        };
        let host = guarded(|| WapcHost::new(provider, Some(Box::new(call))), limits)?;
        Ok(Self { host, refused, limits })
    }

    /// Calls one operation.
    ///
    /// # Errors
    ///
    /// [`HostError::HostCall`] when the module called a capability that is not offered, whatever it answered; else
    /// [`HostError::Trap`], [`HostError::Deadline`] or [`HostError::Guest`] when there was no answer.
    pub fn call(&self, operation: &str, payload: &[u8]) -> Result<Vec<u8>, HostError> {
        let answer = guarded(|| self.host.call(operation, payload), self.limits);
        match self.refused.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(refusal) => Err(refusal),
            None => answer,
        }
    }
}

/// Links a module with the functions that it imports, under a memory limit in bytes. `asks` says that its host calls are
/// answered, which takes time that is not its own.
pub(crate) fn prepare(module: &wasmtime::Module, memory: usize, asks: bool) -> Result<Prepared, HostError> {
    let initial = module
        .get_export("memory")
        .and_then(|export| export.memory().map(|memory| memory.minimum().saturating_mul(memory.page_size())));
    if initial.is_some_and(|initial| usize::try_from(initial).map_or(true, |initial| initial > memory)) {
        return Err(HostError::Memory(memory));
    }
    if asks || module.imports().any(|import| import.module() == wasi::NAMESPACE) {
        let linked = Linked::new(engine()?, module, memory);
        return linked.map(Prepared::Own).map_err(|error| HostError::NotWapc(error.to_string()));
    }
    WasmtimeEngineProviderBuilder::new()
        .engine(engine()?.clone())
        .module(module.clone())
        .enable_resource_limits(ResourceLimits { max_memory_size: Some(memory), max_table_elements: Some(MAX_TABLE) })
        .build_pre()
        .map(Prepared::Wapc)
        .map_err(|error| HostError::NotWapc(error.to_string()))
}

/// Runs guest code and names what went wrong.
///
/// The provider panics when a guest hands it addresses outside its memory.
fn guarded<T>(run: impl FnOnce() -> Result<T, WapcError>, limits: Limits) -> Result<T, HostError> {
    catch_unwind(AssertUnwindSafe(run))
        .map_err(|_| HostError::Trap(OUTSIDE.to_owned()))?
        .map_err(|error| classify(&error, limits))
}

/// Traps and deadlines reach the host as text only, in the place of an error of the guest.
fn classify(error: &WapcError, limits: Limits) -> HostError {
    let reason = match error {
        WapcError::GuestCallFailure(reason) => reason.clone(),
        WapcError::InitFailed(reason) => reason.strip_prefix(INITIALIZATION).unwrap_or(reason).to_owned(),
        other => other.to_string(),
    };
    if reason.ends_with(INTERRUPTED) {
        return HostError::Deadline(limits.time);
    }
    match reason.strip_prefix(TRAP) {
        Some(trap) => HostError::Trap(trap.to_owned()),
        None => HostError::Guest(reason),
    }
}
