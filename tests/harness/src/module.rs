//! A compiled module and its instances.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::de::DeserializeOwned;
use wapc::WapcHost;
use wapc::errors::Error as WapcError;
use wasmparser::{Parser, Payload};
use wasmtime_provider::wasmtime;
use wasmtime_provider::{EpochDeadlines, ResourceLimits, WasmtimeEngineProviderBuilder, WasmtimeEngineProviderPre};

use crate::engine::{engine, ticks};
use crate::metadata::{self, Metadata};
use crate::{HostError, Response, SettingsResponse};

/// The namespace of the functions that a waPC host offers.
const WAPC: &str = "wapc";

/// The function of a waPC module that takes every call.
const GUEST_CALL: &str = "__guest_call";

/// How the provider reports a call that ran into its deadline.
const INTERRUPTED: &str = "execution deadline exceeded";

/// How wasmtime begins the text of a trap.
const TRAP: &str = "wasm trap: ";

/// How much more memory a trapped call is given to see whether the limit was to blame.
const AMPLE: usize = 4;

/// What one call may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Wall time of a call and of the start of an instance, each.
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

/// A policy module, compiled once.
#[derive(Clone)]
pub struct Module {
    compiled: wasmtime::Module,
    prepared: WasmtimeEngineProviderPre,
    metadata: Option<Metadata>,
    limits: Limits,
}

impl Module {
    /// Compiles a module.
    ///
    /// # Errors
    ///
    /// [`HostError::NotWasm`], [`HostError::NotWapc`] or [`HostError::Metadata`] when the module cannot be run.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, HostError> {
        // The engine also takes the text format; a policy server does not.
        if !Parser::is_core_wasm(bytes) {
            return Err(HostError::NotWasm("it does not begin as one".to_owned()));
        }
        let metadata = read_metadata(bytes)?;
        let compiled =
            wasmtime::Module::new(engine()?, bytes).map_err(|error| HostError::NotWasm(format!("{error:#}")))?;
        require_wapc(&compiled)?;
        let limits = Limits::default();
        let prepared = prepare(&compiled, limits.memory)?;
        Ok(Self { compiled, prepared, metadata, limits })
    }

    /// Compiles the module in a file.
    ///
    /// # Errors
    ///
    /// [`HostError::Unreadable`], else those of [`Module::from_bytes`].
    pub fn from_file(path: &Path) -> Result<Self, HostError> {
        let bytes = std::fs::read(path)
            .map_err(|error| HostError::Unreadable { path: path.to_path_buf(), reason: error.to_string() })?;
        Self::from_bytes(&bytes)
    }

    /// The same module with other limits.
    ///
    /// # Errors
    ///
    /// [`HostError::Memory`] when the module cannot even start with so little memory.
    pub fn with_limits(self, limits: Limits) -> Result<Self, HostError> {
        let prepared = prepare(&self.compiled, limits.memory)?;
        Ok(Self { prepared, limits, ..self })
    }

    /// What the module says about itself; `None` when it was not annotated.
    #[must_use]
    pub fn metadata(&self) -> Option<&Metadata> {
        self.metadata.as_ref()
    }

    /// What the module needs from its host, as `namespace.name`, sorted.
    #[must_use]
    pub fn imports(&self) -> BTreeSet<String> {
        self.compiled.imports().map(|import| format!("{}.{}", import.module(), import.name())).collect()
    }

    /// A fresh instance, in which nothing was called yet.
    ///
    /// # Errors
    ///
    /// [`HostError::Memory`], [`HostError::Deadline`] or [`HostError::Trap`] when the start of the module fails.
    pub fn instance(&self) -> Result<Instance, HostError> {
        Instance::start(&self.prepared, self.limits)
    }

    /// Calls one operation in a fresh instance.
    ///
    /// # Errors
    ///
    /// See [`Instance::call`].
    pub fn call(&self, operation: &str, payload: &[u8]) -> Result<Vec<u8>, HostError> {
        let answer = self.instance()?.call(operation, payload);
        if matches!(answer, Err(HostError::Trap(_))) && self.memory_was_short(operation, payload) {
            return Err(HostError::Memory(self.limits.memory));
        }
        answer
    }

    /// Judges a request: `{"request": …, "settings": …}`.
    ///
    /// # Errors
    ///
    /// See [`Instance::call`]; [`HostError::Answer`] when the answer is no verdict.
    pub fn validate(&self, payload: &[u8]) -> Result<Response, HostError> {
        answer(&self.call("validate", payload)?)
    }

    /// Judges settings, a JSON object.
    ///
    /// # Errors
    ///
    /// See [`Module::validate`].
    pub fn validate_settings(&self, settings: &[u8]) -> Result<SettingsResponse, HostError> {
        answer(&self.call("validate_settings", settings)?)
    }

    /// The protocol that the module speaks, such as `v1`.
    ///
    /// # Errors
    ///
    /// See [`Module::validate`].
    pub fn protocol_version(&self) -> Result<String, HostError> {
        answer(&self.call("protocol_version", b"")?)
    }

    /// Whether a call that trapped gets through with more memory.
    ///
    /// A refused `memory.grow` reaches the host only as the trap of a guest that cannot go on. A module is pure, so
    /// the same call traps again unless the limit was to blame.
    fn memory_was_short(&self, operation: &str, payload: &[u8]) -> bool {
        prepare(&self.compiled, self.limits.memory.saturating_mul(AMPLE))
            .and_then(|prepared| Instance::start(&prepared, self.limits))
            .is_ok_and(|instance| !matches!(instance.call(operation, payload), Err(HostError::Trap(_))))
    }
}

impl std::fmt::Debug for Module {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Module").field("metadata", &self.metadata).field("limits", &self.limits).finish_non_exhaustive()
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
    fn start(prepared: &WasmtimeEngineProviderPre, limits: Limits) -> Result<Self, HostError> {
        let deadline = ticks(limits.time);
        let provider = prepared
            .rehydrate(Some(EpochDeadlines { wapc_init: deadline, wapc_func: deadline }))
            .map_err(|error| HostError::Engine(error.to_string()))?;
        let refused = Arc::new(Mutex::new(None));
        let first_refused = Arc::clone(&refused);
        let refuse = move |_: u64, _: &str, namespace: &str, operation: &str, _: &[u8]| {
            let refusal = HostError::HostCall { namespace: namespace.to_owned(), operation: operation.to_owned() };
            let text = refusal.to_string();
            first_refused.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(refusal);
            Err(text.into())
        };
        let host = guarded(|| WapcHost::new(Box::new(provider), Some(Box::new(refuse))), limits)?;
        Ok(Self { host, refused, limits })
    }

    /// Calls one operation.
    ///
    /// # Errors
    ///
    /// [`HostError::HostCall`] when the module called a host capability, whatever it answered; else
    /// [`HostError::Trap`], [`HostError::Deadline`] or [`HostError::Guest`] when there was no answer.
    pub fn call(&self, operation: &str, payload: &[u8]) -> Result<Vec<u8>, HostError> {
        let answer = guarded(|| self.host.call(operation, payload), self.limits);
        match self.refused.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(refusal) => Err(refusal),
            None => answer,
        }
    }
}

/// Runs guest code and names what went wrong.
///
/// The provider reports traps and deadlines as text, and panics when a guest hands it addresses outside its memory.
fn guarded<T>(run: impl FnOnce() -> Result<T, WapcError>, limits: Limits) -> Result<T, HostError> {
    let outcome = catch_unwind(AssertUnwindSafe(run))
        .map_err(|_| HostError::Trap("it gave the host an address outside its memory".to_owned()))?;
    outcome.map_err(|error| {
        let reason = match error {
            WapcError::GuestCallFailure(reason) | WapcError::InitFailed(reason) => reason,
            other => other.to_string(),
        };
        if reason.ends_with(INTERRUPTED) {
            return HostError::Deadline(limits.time);
        }
        match reason.split_once(TRAP) {
            Some((_, trap)) => HostError::Trap(trap.to_owned()),
            None => HostError::Guest(reason),
        }
    })
}

/// Links a module with the host functions, under a memory limit in bytes.
fn prepare(module: &wasmtime::Module, memory: usize) -> Result<WasmtimeEngineProviderPre, HostError> {
    let initial = module
        .get_export("memory")
        .and_then(|export| export.memory().map(|memory| memory.minimum().saturating_mul(memory.page_size())));
    if initial.is_some_and(|initial| usize::try_from(initial).map_or(true, |initial| initial > memory)) {
        return Err(HostError::Memory(memory));
    }
    WasmtimeEngineProviderBuilder::new()
        .engine(engine()?.clone())
        .module(module.clone())
        .enable_resource_limits(ResourceLimits { max_memory_size: Some(memory), max_table_elements: Some(100_000) })
        .build_pre()
        .map_err(|error| HostError::NotWapc(error.to_string()))
}

/// Reads an answer of the protocol.
fn answer<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, HostError> {
    serde_json::from_slice(bytes).map_err(|error| HostError::Answer(error.to_string()))
}

/// A module can be run when it takes calls, shows its memory and wants nothing that this host does not have.
fn require_wapc(module: &wasmtime::Module) -> Result<(), HostError> {
    if module.get_export(GUEST_CALL).is_none_or(|export| export.func().is_none()) {
        return Err(HostError::NotWapc(format!("it exports no function {GUEST_CALL}")));
    }
    if module.get_export("memory").is_none_or(|export| export.memory().is_none()) {
        return Err(HostError::NotWapc("it exports no memory".to_owned()));
    }
    match module.imports().find(|import| import.module() != WAPC) {
        Some(import) => Err(HostError::NotWapc(format!(
            "it imports {}.{}; this host offers the functions of `{WAPC}` only",
            import.module(),
            import.name()
        ))),
        None => Ok(()),
    }
}

/// The first section of metadata, which is the one that Kubewarden reads.
fn read_metadata(bytes: &[u8]) -> Result<Option<Metadata>, HostError> {
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(|error| HostError::NotWasm(error.to_string()))?;
        if let Payload::CustomSection(section) = payload
            && section.name() == metadata::SECTION
        {
            return serde_json::from_slice(section.data())
                .map(Some)
                .map_err(|error| HostError::Metadata(error.to_string()));
        }
    }
    Ok(None)
}
