//! A compiled module: what it is, and what it answers.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use wasmparser::{Parser, Payload};
use wasmtime_provider::wasmtime;

use crate::capabilities::{Capabilities, NoCapabilities};
use crate::engine::engine;
use crate::error::HostError;
use crate::instance::{Instance, Limits, Prepared, prepare};
use crate::metadata::{self, Metadata};
use crate::response::{Response, SettingsResponse};
use crate::wasi;

/// The namespace of the functions that a waPC host offers.
const WAPC: &str = "wapc";

/// The function of a waPC module that takes every call.
const GUEST_CALL: &str = "__guest_call";

/// The additional memory of a trapped call that is repeated to test whether the limit was the cause.
const AMPLE: usize = 4;

/// The facts about a module that do not need compilation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Its metadata; `None` when it was not annotated.
    pub metadata: Option<Metadata>,
    /// Its imports, as `namespace.name`.
    pub imports: BTreeSet<String>,
}

impl Outline {
    /// Reads a module.
    ///
    /// # Errors
    ///
    /// [`HostError::NotWasm`] or [`HostError::Metadata`].
    pub fn of(bytes: &[u8]) -> Result<Self, HostError> {
        // The engine also takes the text format; a policy server does not.
        if !Parser::is_core_wasm(bytes) {
            return Err(HostError::NotWasm("it does not begin as one".to_owned()));
        }
        let fault = |error: wasmparser::BinaryReaderError| HostError::NotWasm(error.to_string());
        let mut outline = Self { metadata: None, imports: BTreeSet::new() };
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.map_err(fault)? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import.map_err(fault)?;
                        outline.imports.insert(format!("{}.{}", import.module, import.name));
                    }
                }
                // The first section is the one that Kubewarden reads.
                Payload::CustomSection(section)
                    if section.name() == metadata::SECTION && outline.metadata.is_none() =>
                {
                    let metadata = serde_json::from_slice(section.data());
                    outline.metadata = Some(metadata.map_err(|error| HostError::Metadata(error.to_string()))?);
                }
                _ => {}
            }
        }
        Ok(outline)
    }
}

/// A policy module, compiled once.
#[derive(Clone)]
pub struct Module {
    compiled: wasmtime::Module,
    prepared: Prepared,
    outline: Outline,
    limits: Limits,
    capabilities: Option<Arc<dyn Capabilities>>,
}

impl Module {
    /// Compiles a module.
    ///
    /// # Errors
    ///
    /// [`HostError::NotWasm`], [`HostError::NotWapc`] or [`HostError::Metadata`] when the module cannot be run.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, HostError> {
        let outline = Outline::of(bytes)?;
        let compiled =
            wasmtime::Module::new(engine()?, bytes).map_err(|error| HostError::NotWasm(format!("{error:#}")))?;
        require_wapc(&compiled)?;
        let limits = Limits::default();
        let prepared = prepare(&compiled, limits.memory, false)?;
        Ok(Self { compiled, prepared, outline, limits, capabilities: None })
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
        let prepared = prepare(&self.compiled, limits.memory, self.capabilities.is_some())?;
        Ok(Self { prepared, limits, ..self })
    }

    /// The same module with host calls that are answered.
    ///
    /// # Errors
    ///
    /// See [`Module::from_bytes`].
    pub fn with_capabilities(self, capabilities: Arc<dyn Capabilities>) -> Result<Self, HostError> {
        let prepared = prepare(&self.compiled, self.limits.memory, true)?;
        Ok(Self { prepared, capabilities: Some(capabilities), ..self })
    }

    /// The metadata of the module; `None` when it was not annotated.
    #[must_use]
    pub fn metadata(&self) -> Option<&Metadata> {
        self.outline.metadata.as_ref()
    }

    /// The imports of the module, as `namespace.name`, sorted.
    #[must_use]
    pub fn imports(&self) -> BTreeSet<String> {
        self.outline.imports.clone()
    }

    /// A fresh instance, in which nothing was called yet.
    ///
    /// # Errors
    ///
    /// [`HostError::Memory`], [`HostError::Deadline`] or [`HostError::Trap`] when the start of the module fails.
    pub fn instance(&self) -> Result<Instance, HostError> {
        self.start(&self.prepared)
    }

    fn start(&self, prepared: &Prepared) -> Result<Instance, HostError> {
        let capabilities = self.capabilities.clone().unwrap_or_else(|| Arc::new(NoCapabilities));
        Instance::start(prepared, self.limits, capabilities)
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
    /// See [`Instance::call`]; [`HostError::Answer`] when the answer is not a verdict.
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

    /// Returns `true` if a call that trapped gets through with more memory.
    ///
    /// A refused `memory.grow` reaches the host only as the trap of a guest that cannot go on. A module is pure, but
    /// for the clock, randomness and what its host answers, so the same call traps again unless the limit was to blame.
    fn memory_was_short(&self, operation: &str, payload: &[u8]) -> bool {
        prepare(&self.compiled, self.limits.memory.saturating_mul(AMPLE), self.capabilities.is_some())
            .and_then(|prepared| self.start(&prepared))
            .is_ok_and(|instance| !matches!(instance.call(operation, payload), Err(HostError::Trap(_))))
    }
}

impl std::fmt::Debug for Module {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Module").field("outline", &self.outline).field("limits", &self.limits).finish_non_exhaustive()
    }
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
    match module.imports().find(|import| ![WAPC, wasi::NAMESPACE].contains(&import.module())) {
        Some(import) => Err(HostError::NotWapc(format!(
            "it imports {}.{}; this host offers the functions of `{WAPC}` and `{}` only",
            import.module(),
            import.name(),
            wasi::NAMESPACE
        ))),
        None => Ok(()),
    }
}
