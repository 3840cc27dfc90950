//! The modules to judge with, and their settings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use harness::{HostError, Module};
use serde_json::{Map, Value};

use crate::args::Check;
use crate::input;

/// A policy that is ready to judge.
#[derive(Debug)]
pub(crate) struct Policy {
    /// The name of its file, without `.wasm`.
    pub(crate) name: String,
    /// Its module.
    pub(crate) module: Module,
    /// Its settings, accepted by the module.
    pub(crate) settings: Value,
}

/// The policies of one run, sorted by name.
#[derive(Debug)]
pub(crate) struct Policies(Vec<Policy>);

/// Why nothing can be judged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The directory of the modules cannot be read.
    #[error(
        "{0} cannot be read: {1}; build the modules with `cargo xtask build`, or name their directory with --modules"
    )]
    Modules(String, String),
    /// The directory holds no module.
    #[error("{0} holds no module; build them with `cargo xtask build`, or name their directory with --modules")]
    NoModules(String),
    /// A policy was named that is not there.
    #[error("there is no policy `{name}`{hint}; there are: {known}")]
    Unknown {
        /// As it was given.
        name: String,
        /// The nearest name, as a question.
        hint: String,
        /// All names.
        known: String,
    },
    /// A module cannot be run.
    #[error("policy {0}: {1}")]
    Module(String, HostError),
    /// The settings file cannot be read.
    #[error("{0}: {1}")]
    SettingsFile(String, String),
    /// A policy refused its settings.
    #[error("settings of policy {0}: {1}")]
    Settings(String, String),
}

impl Policies {
    /// Loads what the command line asks for, and lets every module check its settings.
    pub(crate) fn load(check: &Check) -> Result<Self, Fault> {
        let files = modules_in(&check.modules)?;
        for name in &check.policies {
            require(name, &files)?;
        }
        let mut settings = match &check.settings {
            Some(path) => read_settings(path)?,
            None => Map::new(),
        };
        for name in settings.keys() {
            require(name, &files)?;
        }
        let wanted = |name: &String| check.policies.is_empty() || check.policies.contains(name);
        let policies = files.into_iter().filter(|(name, _)| wanted(name)).map(|(name, file)| {
            let settings = settings.remove(&name).unwrap_or(Value::Null);
            load_policy(name, &file, settings)
        });
        Ok(Self(policies.collect::<Result<_, _>>()?))
    }

    /// The policies in the order of their names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Policy> {
        self.0.iter()
    }
}

/// Compiles a module and lets it check its settings, as a policy server does when it starts.
fn load_policy(name: String, file: &Path, settings: Value) -> Result<Policy, Fault> {
    // The policy server gives a policy without settings an empty object.
    let settings = if settings.is_null() { Value::Object(Map::new()) } else { settings };
    let fault = |error| Fault::Module(name.clone(), error);
    let module = Module::from_file(file).map_err(fault)?;
    let verdict = module.validate_settings(settings.to_string().as_bytes()).map_err(fault)?;
    if verdict.valid {
        Ok(Policy { name, module, settings })
    } else {
        Err(Fault::Settings(name, verdict.message.unwrap_or_else(|| "refused".to_owned())))
    }
}

/// The modules in a directory, by policy name.
fn modules_in(directory: &Path) -> Result<BTreeMap<String, PathBuf>, Fault> {
    let shown = directory.display().to_string();
    let unreadable = |error: std::io::Error| Fault::Modules(shown.clone(), error.to_string());
    let mut modules = BTreeMap::new();
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|ending| ending == "wasm")
            && let Some(name) = path.file_stem().and_then(|stem| stem.to_str())
        {
            modules.insert(name.to_owned(), path);
        }
    }
    if modules.is_empty() {
        return Err(Fault::NoModules(shown));
    }
    Ok(modules)
}

/// Refuses a name that is no policy, with the nearest one that is.
fn require<T>(name: &str, known: &BTreeMap<String, T>) -> Result<(), Fault> {
    if known.contains_key(name) {
        return Ok(());
    }
    let nearest = known
        .keys()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|(one, _), (other, _)| one.total_cmp(other));
    Err(Fault::Unknown {
        name: name.to_owned(),
        hint: nearest.map(|(_, candidate)| format!(" (did you mean `{candidate}`?)")).unwrap_or_default(),
        known: known.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
    })
}

/// Reads the settings file: an object of settings by policy name.
fn read_settings(path: &Path) -> Result<Map<String, Value>, Fault> {
    let fault = |reason: String| Fault::SettingsFile(path.display().to_string(), reason);
    let text = std::fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
    match input::read_settings(&text) {
        Ok(None) => Ok(Map::new()),
        Ok(Some(Value::Object(settings))) => Ok(settings),
        Ok(Some(_)) => Err(fault("expected an object of settings by policy name".to_owned())),
        Err(problem) => Err(fault(format!(
            "line {}, column {}: {}",
            problem.line.unwrap_or(1),
            problem.column.unwrap_or(1),
            problem.message
        ))),
    }
}
