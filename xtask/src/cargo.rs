//! Cargo and rustc as this workspace calls them.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::outcome::Fault;

/// The cargo that runs this program, and the workspace it works on.
pub(crate) struct Cargo {
    program: OsString,
    workspace: PathBuf,
    /// Variables that every command gets.
    environment: Vec<(&'static str, PathBuf)>,
}

/// A package of the workspace.
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// Its directory.
    pub(crate) directory: PathBuf,
}

/// One thing that cargo built.
pub(crate) struct Artifact {
    /// The files of the target, such as `non_root.wasm`.
    pub(crate) files: Vec<PathBuf>,
    /// The program, when the target is one.
    pub(crate) executable: Option<PathBuf>,
}

impl Cargo {
    /// The cargo that started this program, else the one on the path.
    pub(crate) fn new() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self {
            program: std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()),
            workspace: here.parent().unwrap_or(here).to_path_buf(),
            environment: Vec::new(),
        }
    }

    /// The same cargo on another workspace, with variables for every command.
    pub(crate) fn elsewhere(&self, workspace: PathBuf, environment: Vec<(&'static str, PathBuf)>) -> Self {
        Self { program: self.program.clone(), workspace, environment }
    }

    /// The root of the workspace.
    pub(crate) fn workspace(&self) -> &Path {
        &self.workspace
    }

    /// The directory that the modules are written to.
    pub(crate) fn dist(&self) -> PathBuf {
        self.workspace.join("dist")
    }

    /// The directory of cargo's registry and settings.
    ///
    /// # Errors
    ///
    /// Fails when there is neither `CARGO_HOME` nor a home directory.
    pub(crate) fn home(&self) -> Result<PathBuf, Fault> {
        let given = self.environment.iter().find(|(name, _)| *name == "CARGO_HOME").map(|(_, home)| home.clone());
        given
            .or_else(|| std::env::var_os("CARGO_HOME").map(PathBuf::from))
            .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
            .ok_or_else(|| "neither CARGO_HOME nor a home directory is known".into())
    }

    /// `cargo SUBCOMMAND` in the workspace.
    pub(crate) fn command(&self, subcommand: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(subcommand).current_dir(&self.workspace);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// The packages of the workspace. Brings `Cargo.lock` up to date with their manifests.
    pub(crate) fn packages(&self) -> Result<Vec<Package>, Fault> {
        let output = self
            .command("metadata")
            .args(["--format-version", "1"])
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| format!("cargo cannot be run: {error}"))?;
        if !output.status.success() {
            return Err("`cargo metadata` failed; its output is above".into());
        }
        let metadata: Value = serde_json::from_slice(&output.stdout)?;
        let members = metadata.get("workspace_members").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let packages = metadata.get("packages").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let ours = packages.iter().filter(|package| package.get("id").is_some_and(|id| members.contains(id)));
        Ok(ours.filter_map(package).collect())
    }

    /// The output of rustc for these arguments.
    pub(crate) fn rustc(&self, arguments: &[&str]) -> Result<String, Fault> {
        let output = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
            .args(arguments)
            .current_dir(&self.workspace)
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| format!("rustc cannot be run: {error}"))?;
        if !output.status.success() {
            return Err(format!("`rustc {}` failed", arguments.join(" ")).into());
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Runs `cargo SUBCOMMAND ARGUMENTS` with these flags for rustc, and returns the artifacts.
    ///
    /// Progress and errors go to standard error as usual.
    ///
    /// # Errors
    ///
    /// Fails when cargo does; cargo has printed the reason by then.
    pub(crate) fn artifacts(
        &self,
        subcommand: &str,
        arguments: &[&str],
        flags: Option<&OsStr>,
    ) -> Result<Vec<Artifact>, Fault> {
        let mut command = self.command(subcommand);
        command.args(["--locked", "--message-format=json-render-diagnostics"]).args(arguments);
        if let Some(flags) = flags {
            command.env("CARGO_ENCODED_RUSTFLAGS", flags);
        }
        let output = command.stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            return Err("cargo failed; its output is above".into());
        }
        output
            .stdout
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .filter_map(|line| match serde_json::from_slice(line) {
                Ok(message) => artifact(&message).map(Ok),
                Err(error) => Some(Err(format!("cargo printed something other than JSON: {error}").into())),
            })
            .collect()
    }
}

/// The package of an entry of `cargo metadata`.
fn package(entry: &Value) -> Option<Package> {
    Some(Package {
        name: entry.get("name")?.as_str()?.to_owned(),
        directory: Path::new(entry.get("manifest_path")?.as_str()?).parent()?.to_path_buf(),
    })
}

/// The artifact in a message of cargo, if there is one.
fn artifact(message: &Value) -> Option<Artifact> {
    if message.get("reason")? != "compiler-artifact" {
        return None;
    }
    Some(Artifact {
        files: message.get("filenames")?.as_array()?.iter().filter_map(Value::as_str).map(PathBuf::from).collect(),
        executable: message.get("executable").and_then(Value::as_str).map(PathBuf::from),
    })
}
