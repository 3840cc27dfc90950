//! The modules under measurement.

use std::path::Path;
use std::time::{Duration, Instant};

use host::{HostError, Limits, Module};
use serde::Serialize;

use crate::spread::milliseconds;

/// Enough for the conventional module with the largest payload, so that the same limits hold for all.
const LIMITS: Limits = Limits { time: Duration::from_mins(1), memory: 1 << 30 };

/// A page of linear memory, in bytes.
const PAGE: usize = 1 << 16;

/// The role of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    /// It accepts everything unread.
    Null,
    /// It is written as the SDK of Kubewarden suggests.
    Conventional,
    /// One policy.
    Policy,
    /// Every policy in one module.
    Combined,
}

/// A module under measurement.
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) role: Role,
    /// The file.
    pub(crate) bytes: Vec<u8>,
    pub(crate) module: Module,
}

/// The times of the parts of a request, in milliseconds, and the answer of the fresh instance.
pub(crate) struct Timing {
    /// To make an instance.
    pub(crate) instantiate: f64,
    /// The first call of the instance, as every request gets.
    pub(crate) first: f64,
    /// Another call of the same instance.
    pub(crate) warm: f64,
    pub(crate) answer: Vec<u8>,
}

impl Subject {
    /// Loads the module in a file.
    pub(crate) fn load(file: &Path, role: Role) -> Result<Self, String> {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = std::fs::read(file).map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
        let module = Module::from_bytes(&bytes)
            .and_then(|module| module.with_limits(LIMITS))
            .map_err(|error| format!("{name}: {error}"))?;
        Ok(Self { name, role, bytes, module })
    }

    /// Returns `true` if it is ours, and no reference.
    pub(crate) fn is_ours(&self) -> bool {
        matches!(self.role, Role::Policy | Role::Combined)
    }

    /// The category in its metadata, such as `Processes`.
    pub(crate) fn category(&self) -> Option<String> {
        self.module.metadata()?.annotations.get("io.kubewarden.policy.category").cloned()
    }

    /// The time to compile the module, in milliseconds.
    pub(crate) fn compile(&self) -> Result<f64, String> {
        let begin = Instant::now();
        Module::from_bytes(&self.bytes).map_err(|error| self.fault(&error))?;
        Ok(milliseconds(begin.elapsed()))
    }

    /// Judges a payload in a fresh instance, and once more in the same.
    pub(crate) fn judge(&self, payload: &[u8]) -> Result<Timing, String> {
        let begin = Instant::now();
        let instance = self.module.instance().map_err(|error| self.fault(&error))?;
        let made = Instant::now();
        let answer = instance.call("validate", payload).map_err(|error| self.fault(&error))?;
        let answered = Instant::now();
        instance.call("validate", payload).map_err(|error| self.fault(&error))?;
        let warm = answered.elapsed();
        Ok(Timing {
            instantiate: milliseconds(made.duration_since(begin)),
            first: milliseconds(answered.duration_since(made)),
            warm: milliseconds(warm),
            answer,
        })
    }

    /// The linear memory that an instance needs to judge a payload, in bytes, and `least` at least.
    ///
    /// It is the smallest limit under which there is an answer: an allocator asks for no more than it needs.
    pub(crate) fn memory(&self, payload: &[u8], least: usize) -> usize {
        let answers = |pages: usize| {
            let limits = Limits { memory: pages.saturating_mul(PAGE), ..LIMITS };
            let module = self.module.clone().with_limits(limits);
            module.and_then(|module| module.instance()?.call("validate", payload)).is_ok()
        };
        let mut few = least.div_euclid(PAGE);
        if answers(few) {
            return least;
        }
        let mut enough = few.max(8);
        while !answers(enough) && enough.saturating_mul(PAGE) < LIMITS.memory {
            few = enough;
            enough = enough.saturating_mul(2);
        }
        while few.saturating_add(1) < enough {
            let middle = few.midpoint(enough);
            if answers(middle) {
                enough = middle;
            } else {
                few = middle;
            }
        }
        enough.saturating_mul(PAGE)
    }

    fn fault(&self, error: &HostError) -> String {
        format!("{}: {error}", self.name)
    }
}

/// Every module in a directory, sorted by name: a policy each, but for the one that combines them. Those that ask their host are
/// left out: a registry takes most of their time.
pub(crate) fn policies(directory: &Path) -> Result<Vec<Subject>, String> {
    let unreadable = |error: std::io::Error| format!("{} cannot be read: {error}", directory.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        files.push(entry.map_err(unreadable)?.path());
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == "wasm") && !asks(file));
    files.sort();
    let role = |file: &Path| {
        if file.file_stem().is_some_and(|name| name == "seaworthy") { Role::Combined } else { Role::Policy }
    };
    files.iter().map(|file| Subject::load(file, role(file))).collect()
}

/// Returns `true` if the facts of a module name a host capability.
fn asks(module: &Path) -> bool {
    let entry = std::fs::read(module.with_extension("json")).unwrap_or_default();
    let entry: serde_json::Value = serde_json::from_slice(&entry).unwrap_or_default();
    entry.get("capabilities").and_then(serde_json::Value::as_array).is_some_and(|capabilities| !capabilities.is_empty())
}
