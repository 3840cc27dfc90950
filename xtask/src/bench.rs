//! The costs of the modules, in comparison with two references.

use std::path::PathBuf;
use std::process::{Command, ExitStatus};

use crate::cargo::Cargo;
use crate::outcome::Fault;
use crate::steps::Steps;
use crate::target;

/// The number of steps that [`run`] names.
pub(crate) const STEPS: usize = 3;

/// The first argument that the program does not accept, if any: to report it before minutes of building.
pub(crate) fn unexpected(arguments: &[String]) -> Option<&str> {
    let mut arguments = arguments.iter().map(String::as_str);
    while let Some(argument) = arguments.next() {
        match argument {
            "--quick" => {}
            "--json" | "--markdown" if arguments.next().is_some() => {}
            unexpected => return Some(unexpected),
        }
    }
    None
}

/// Builds the references and the program that measures, and runs it on the modules in `dist/`.
///
/// # Errors
///
/// Fails when something cannot be built or run.
pub(crate) fn run(cargo: &Cargo, arguments: &[String], steps: &mut Steps) -> Result<ExitStatus, Fault> {
    steps.next("building the references");
    let references = references(cargo)?;
    let reference = |name: &str| {
        let file = references.iter().find(|file| file.file_stem().is_some_and(|stem| stem == name));
        file.ok_or_else(|| format!("cargo built no {name}.wasm"))
    };
    steps.next("building the program that measures");
    let program = cargo
        .artifacts("build", &["--package", "bench", "--profile", "host"], None)?
        .into_iter()
        .find_map(|artifact| artifact.executable)
        .ok_or("cargo built no bench executable")?;
    steps.next("measuring");
    let mut command = Command::new(&program);
    command.arg("--null").arg(reference("null")?).arg("--conventional").arg(reference("conventional")?);
    let status = command.args(arguments).status();
    status.map_err(|error| format!("{} cannot be run: {error}", program.display()).into())
}

/// The modules of the workspace in `tests/bench/modules`, with cargo's defaults.
fn references(cargo: &Cargo) -> Result<Vec<PathBuf>, Fault> {
    let arguments = ["--release", "--target", target::WASM, "--target-dir", "target/bench"];
    let manifest = ["--manifest-path", "tests/bench/modules/Cargo.toml"];
    let artifacts = cargo.artifacts("build", &[&arguments[..], &manifest].concat(), None)?;
    let files = artifacts.into_iter().flat_map(|artifact| artifact.files);
    Ok(files.filter(|file| file.extension().is_some_and(|extension| extension == "wasm")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_checked_before_anything_is_built() {
        let unexpected = |arguments: &[&str]| {
            let arguments: Vec<_> = arguments.iter().map(ToString::to_string).collect();
            unexpected(&arguments).map(str::to_owned)
        };
        assert_eq!(unexpected(&[]), None);
        assert_eq!(unexpected(&["--json", "--quick", "--markdown", "b.md", "--quick"]), None);
        assert_eq!(unexpected(&["--quick", "--json"]), Some("--json".to_owned()));
        assert_eq!(unexpected(&["fast"]), Some("fast".to_owned()));
    }
}
