//! The published files, made from the sources: `artifacthub/`, and the generated parts of the READMEs.
//!
//! The program `publish`, which is built from every policy, prints all of it; this module runs it and writes the files.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::cargo::Cargo;
use crate::generated::Generated;
use crate::outcome::Fault;
use crate::{lists, policies};

/// The published files of the project.
pub(crate) struct Project {
    /// Its modules, sorted by name.
    pub(crate) modules: Vec<Module>,
    /// The files.
    generated: Generated,
}

/// The published data of a module in addition to its files.
pub(crate) struct Module {
    /// Its name.
    pub(crate) name: String,
    /// The metadata that it carries.
    pub(crate) metadata: String,
    /// Its description for the command.
    pub(crate) entry: String,
}

/// Asks what is published. The lists of policies must be fresh.
///
/// # Errors
///
/// Fails when the program cannot be built, or names what it cannot publish.
pub(crate) fn project(cargo: &Cargo) -> Result<Project, Fault> {
    let program = cargo
        .artifacts("build", &["--package", "publish"], None)?
        .into_iter()
        .find_map(|artifact| artifact.executable)
        .ok_or("cargo built no publish executable")?;
    let output = Command::new(&program)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("{} cannot be run: {error}", program.display()))?;
    if !output.status.success() {
        return Err("the published files cannot be made; the reason is above".into());
    }
    read(&serde_json::from_slice(&output.stdout)?)
        .ok_or_else(|| "`publish` printed something other than its JSON".into())
}

/// Reads what the program prints.
fn read(project: &Value) -> Option<Project> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let module = |module: &Value| {
        let text = |key: &str| text(module.get(key)?);
        Some(Module { name: text("name")?, metadata: text("metadata")?, entry: text("entry")? })
    };
    let files = project.get("files")?.as_object()?.iter().map(|(path, content)| Some((path.clone(), text(content)?)));
    Some(Project {
        modules: project.get("modules")?.as_array()?.iter().map(module).collect::<Option<_>>()?,
        generated: Generated {
            files: files.collect::<Option<BTreeMap<_, _>>>()?,
            directories: project.get("directories")?.as_array()?.iter().map(text).collect::<Option<_>>()?,
        },
    })
}

/// Writes everything that is generated and is not there as it should be, and removes files that are obsolete. Names
/// each file.
///
/// # Errors
///
/// Fails when the published files of a policy cannot be made, or a file cannot be written.
pub(crate) fn generate(cargo: &Cargo) -> Result<Vec<String>, Fault> {
    let mut written = lists::write(cargo)?;
    written.extend(project(cargo)?.generated.write(cargo.workspace())?);
    Ok(written)
}

/// Names every generated file that is not as it should be.
///
/// # Errors
///
/// Fails when the published files of a policy cannot be made.
pub(crate) fn stale(cargo: &Cargo) -> Result<Vec<String>, Fault> {
    let mut stale = lists::generated(cargo, &policies::all(cargo)?)?.stale(cargo.workspace())?;
    // Policies that are not in the list cannot be built.
    if stale.is_empty() {
        stale = project(cargo)?.generated.stale(cargo.workspace())?;
    }
    Ok(stale)
}
