//! `dist/<policy>.wasm` and `dist/<policy>.json` for every policy.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::cargo::Cargo;
use crate::outcome::Fault;
use crate::steps::Steps;
use crate::{annotate, lists, publish, target};

/// The number of steps that [`modules`] names.
pub(crate) const STEPS: usize = 3;

/// A module that was written.
pub(crate) struct Module {
    /// The name of its policy.
    pub(crate) policy: String,
    /// Bytes of the file.
    size: usize,
}

/// Builds every policy and writes the annotated modules and their descriptions for the command to `dist/`.
///
/// # Errors
///
/// Fails with the name of the policy when cargo fails, when a policy has no metadata or when a module imports what it
/// may not.
pub(crate) fn modules(cargo: &Cargo, steps: &mut Steps) -> Result<Vec<Module>, Fault> {
    steps.next("preparing the wasm target");
    target::install(cargo)?;

    steps.next("reading the metadata of the policies");
    lists::write(cargo)?;
    let project = publish::project(cargo)?;

    steps.next("building the modules");
    let flags = reproducible_flags(cargo)?;
    let dist = cargo.dist();
    std::fs::create_dir_all(&dist)?;
    let mut modules = Vec::new();
    for publish::Module { name: policy, metadata, entry } in project.modules {
        write_whole(&dist.join(format!("{policy}.json")), entry.as_bytes())?;
        let linked = std::fs::read(link(cargo, &policy, &flags)?)?;
        let module = annotate::annotate(&linked, &metadata).map_err(|fault| format!("policy {policy}: {fault}"))?;
        write_whole(&dist.join(format!("{policy}.wasm")), &module)?;
        modules.push(Module { policy, size: module.len() });
    }
    remove_strangers(&dist, &modules)?;
    Ok(modules)
}

/// The sizes of the modules, one line each.
pub(crate) fn table(modules: &[Module]) -> String {
    let width = modules.iter().map(|module| module.policy.len()).fold("policy".len(), usize::max);
    let mut table = format!("{:width$}  {:>9}  {:>8}  imports\n", "policy", "bytes", "KB");
    for Module { policy, size } in modules {
        // Tenths of a kilobyte (1,000 bytes), rounded up: a limit is never met by rounding.
        let tenths = size.div_ceil(100);
        let _ = writeln!(table, "{policy:width$}  {size:>9}  {:>6}.{}  waPC only", tenths / 10, tenths % 10);
    }
    table
}

/// Links a policy as a module, and returns its path.
fn link(cargo: &Cargo, policy: &str, flags: &OsStr) -> Result<PathBuf, Fault> {
    let mut arguments = vec!["--package", policy, "--lib", "--crate-type", "cdylib", "--release"];
    arguments.extend(["--features", "shared/wapc"]);
    // The linker pads relocations to five bytes unless it compresses them, which saves 7 %.
    arguments.extend(["--target", target::WASM, "--", "--cfg", "module", "-C", "link-arg=--compress-relocations"]);
    cargo
        .artifacts("rustc", &arguments, Some(flags))
        .map_err(|fault| format!("policy {policy}: {fault}"))?
        .into_iter()
        .flat_map(|artifact| artifact.files)
        .find(|file| file.extension().is_some_and(|extension| extension == "wasm"))
        .ok_or_else(|| format!("policy {policy}: cargo built no module").into())
}

/// Flags that keep the directories of this machine out of the modules.
///
/// Panic locations hold source paths: of the workspace, of the registry under cargo's home, and of the standard
/// library when its sources are installed (without them it is `/rustc/<commit>` already).
pub(crate) fn reproducible_flags(cargo: &Cargo) -> Result<OsString, Fault> {
    let sysroot = cargo.rustc(&["--print", "sysroot"])?;
    let version = cargo.rustc(&["--version", "--verbose"])?;
    let commit = version
        .lines()
        .find_map(|line| line.strip_prefix("commit-hash: "))
        .ok_or("`rustc --version --verbose` names no commit")?;
    let mut flags = OsString::new();
    for (from, to) in [
        (cargo.workspace().to_path_buf(), "/seaworthy".to_owned()),
        (cargo.home()?, "/cargo".to_owned()),
        (Path::new(sysroot.trim()).join("lib/rustlib/src/rust"), format!("/rustc/{commit}")),
    ] {
        if !flags.is_empty() {
            flags.push("\u{1f}");
        }
        flags.push("--remap-path-prefix=");
        flags.push(from);
        flags.push("=");
        flags.push(to);
    }
    Ok(flags)
}

/// Writes a file at once: a reader sees the old one or the new one, never a part.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let temporary = path.with_added_extension("tmp");
    std::fs::write(&temporary, bytes)?;
    std::fs::rename(&temporary, path)?;
    Ok(())
}

/// Removes the files of policies that no longer exist, so that nothing runs them.
fn remove_strangers(dist: &Path, modules: &[Module]) -> Result<(), Fault> {
    for entry in std::fs::read_dir(dist)? {
        let path = entry?.path();
        let is_module = path.extension().is_some_and(|extension| extension == "wasm" || extension == "json");
        let is_ours = modules.iter().any(|module| path.file_stem().is_some_and(|stem| stem == module.policy.as_str()));
        if is_module && !is_ours {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_every_module_with_its_size() {
        let modules = [
            Module { policy: "non-root".to_owned(), size: 87_301 },
            Module { policy: "readonly-rootfs".to_owned(), size: 120_000 },
        ];
        assert_eq!(
            table(&modules),
            "policy               bytes        KB  imports\n\
             non-root             87301      87.4  waPC only\n\
             readonly-rootfs     120000     120.0  waPC only\n"
        );
    }
}
