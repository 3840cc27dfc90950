//! `dist/web/`: the engine with its JavaScript bindings, and what else the playground and the npm package hold.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use serde_json::Value;

use crate::build::{self, Module};
use crate::cargo::Cargo;
use crate::outcome::Fault;
use crate::steps::Steps;
use crate::target;

/// The number of steps that [`bindings`] names.
pub(crate) const STEPS: usize = 2;

/// The number of steps that [`serve`] names.
pub(crate) const SERVE_STEPS: usize = 2;

/// How large the engine may be, in KB (1,000 bytes). A page loads it once.
const KILOBYTES: usize = 1100;

/// Builds the bindings, and writes them to `dist/web/` with the modules and the catalogue of all policies.
///
/// # Errors
///
/// Fails when cargo does, when the engine imports what only a waPC host has, or when it is larger than it may be.
pub(crate) fn bindings(cargo: &Cargo, modules: &[Module], steps: &mut Steps) -> Result<(), Fault> {
    let directory = cargo.dist().join("web");
    std::fs::create_dir_all(&directory)?;

    steps.next("building the engine for JavaScript");
    let engine = link(cargo)?;

    steps.next("making its bindings");
    let program = cargo
        .artifacts("build", &["--package", "bindgen"], None)?
        .into_iter()
        .find_map(|artifact| artifact.executable)
        .ok_or("cargo built no bindgen executable")?;
    let status = Command::new(&program).arg(&engine).arg(&directory).status()?;
    if !status.success() {
        return Err("the bindings cannot be made; the reason stands above".into());
    }
    check(&directory)?;
    write_modules(cargo, modules, &directory)
}

/// Serves the playground on this machine until it is interrupted.
///
/// # Errors
///
/// npm cannot be run, or cannot install what the page is made of.
pub(crate) fn serve(cargo: &Cargo, steps: &mut Steps) -> Result<ExitStatus, Fault> {
    let npm = |arguments: &[&str]| {
        let mut command = Command::new("npm");
        command.arg("--prefix").arg(cargo.workspace().join("playground")).args(arguments);
        command.status().map_err(|error| format!("npm cannot be run ({error}); install Node.js, https://nodejs.org"))
    };
    steps.next("installing what the playground is made of");
    if !npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund"])?.success() {
        return Err("npm cannot install it; the reason stands above".into());
    }
    steps.next("serving the playground");
    Ok(npm(&["run", "dev"])?)
}

/// Links the engine, alone: together with a module it would get the entry for a waPC host.
fn link(cargo: &Cargo) -> Result<PathBuf, Fault> {
    let arguments = ["--package", "seaworthy-web", "--lib", "--crate-type", "cdylib", "--profile", "web"];
    let linker = ["--target", target::WASM, "--", "-C", "link-arg=--compress-relocations"];
    cargo
        .artifacts("rustc", &[&arguments[..], &linker].concat(), Some(&build::reproducible_flags(cargo)?))?
        .into_iter()
        .flat_map(|artifact| artifact.files)
        .find(|file| file.extension().is_some_and(|extension| extension == "wasm"))
        .ok_or_else(|| "cargo built no engine".into())
}

/// Holds the engine to its budget, and to the imports of its own bindings.
fn check(directory: &Path) -> Result<(), Fault> {
    let bytes = std::fs::read(directory.join("engine_bg.wasm"))?;
    if let Some(import) = foreign_import(&bytes)? {
        return Err(format!("the engine imports {import}, which a browser does not have").into());
    }
    if bytes.len() > KILOBYTES.saturating_mul(1000) {
        return Err(format!("the engine has {} bytes; it may have {KILOBYTES} KB", bytes.len()).into());
    }
    println!("dist/web/engine_bg.wasm  {} bytes", bytes.len());
    Ok(())
}

/// The first import that is not one of the bindings.
fn foreign_import(engine: &[u8]) -> Result<Option<String>, Fault> {
    for payload in wasmparser::Parser::new(0).parse_all(engine) {
        if let wasmparser::Payload::ImportSection(imports) = payload? {
            for import in imports.into_imports() {
                let import = import?;
                if import.module != "./engine_bg.js" {
                    return Ok(Some(format!("{}.{}", import.module, import.name)));
                }
            }
        }
    }
    Ok(None)
}

/// Writes the published modules, and one catalogue of their descriptions.
fn write_modules(cargo: &Cargo, modules: &[Module], directory: &Path) -> Result<(), Fault> {
    let policies = directory.join("policies");
    if policies.exists() {
        std::fs::remove_dir_all(&policies)?;
    }
    std::fs::create_dir_all(&policies)?;
    let mut catalogue = Vec::new();
    for Module { policy, .. } in modules {
        std::fs::copy(cargo.dist().join(format!("{policy}.wasm")), policies.join(format!("{policy}.wasm")))?;
        let entry = std::fs::read(cargo.dist().join(format!("{policy}.json")))?;
        catalogue.push(serde_json::from_slice::<Value>(&entry)?);
    }
    std::fs::write(directory.join("catalogue.json"), serde_json::to_string(&catalogue)?)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_that_is_not_one_of_the_bindings_is_named() {
        // The header, then a type `func`, then an import of it.
        let engine = |module: &str| {
            let mut bytes = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02".to_vec();
            let length = |text: &str| u8::try_from(text.len()).unwrap();
            bytes.push(length(module) + 6);
            bytes.push(1);
            bytes.push(length(module));
            bytes.extend(module.bytes());
            bytes.extend(b"\x01f\0\0");
            bytes
        };
        assert_eq!(foreign_import(&engine("./engine_bg.js")).unwrap(), None);
        assert_eq!(foreign_import(&engine("wapc")).unwrap(), Some("wapc.f".to_owned()));
    }
}
