//! The modules once more, from other directories: their bytes must be the same.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::build;
use crate::cargo::Cargo;
use crate::outcome::Fault;
use crate::steps::Steps;

/// The number of steps that [`check`] names.
pub(crate) const STEPS: usize = 1 + build::STEPS;

/// Builds the modules from a copy of the sources, and compares them with those in `dist/`.
///
/// The copy, its target directory and its home of cargo have paths of another length than the workspace has.
///
/// # Errors
///
/// Names every module that differs. Fails when the sources cannot be copied or built.
pub(crate) fn check(cargo: &Cargo, steps: &mut Steps) -> Result<(), Fault> {
    steps.next("copying the sources");
    let place = cargo.workspace().join("target/check");
    if place.exists() {
        std::fs::remove_dir_all(&place)?;
    }
    let copy = place.join("a-copy-of-the-sources");
    for file in sources(cargo)? {
        let to = copy.join(&file);
        std::fs::create_dir_all(to.parent().unwrap_or(&copy))?;
        std::fs::copy(cargo.workspace().join(&file), to)?;
    }
    let mut environment = vec![("CARGO_TARGET_DIR", place.join("built"))];
    environment.extend(other_home(cargo, &place)?.map(|home| ("CARGO_HOME", home)));
    let other = cargo.elsewhere(copy, environment);
    build::modules(&other, steps)?;

    let differing = differing(&cargo.dist(), &other.dist())?;
    if !differing.is_empty() {
        return Err(format!(
            "the bytes differ when built in another directory: {}; see {}",
            differing.join(", "),
            place.display()
        )
        .into());
    }
    std::fs::remove_dir_all(&place)?;
    Ok(())
}

/// The files of the workspace that git tracks, or would if they were added, except those that were deleted.
fn sources(cargo: &Cargo) -> Result<Vec<PathBuf>, Fault> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(cargo.workspace())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("git cannot be run: {error}"))?;
    if !output.status.success() {
        return Err("git does not list the sources; its output is above".into());
    }
    let files = String::from_utf8(output.stdout)?;
    let files = files.split_terminator('\0').map(PathBuf::from);
    Ok(files.filter(|file| cargo.workspace().join(file).is_file()).collect())
}

/// A home of cargo in `place` with the contents of the usual one, so that nothing is downloaded.
#[cfg(unix)]
fn other_home(cargo: &Cargo, place: &Path) -> Result<Option<PathBuf>, Fault> {
    let (usual, other) = (cargo.home()?, place.join("another-home"));
    std::fs::create_dir_all(&other)?;
    for name in ["config.toml", "git", "registry"] {
        if usual.join(name).exists() {
            std::os::unix::fs::symlink(usual.join(name), other.join(name))?;
        }
    }
    Ok(Some(other))
}

/// Links need privileges here, so the home stays what it is.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as elsewhere")]
fn other_home(_: &Cargo, _: &Path) -> Result<Option<PathBuf>, Fault> {
    Ok(None)
}

/// The modules that one of two directories lacks, or that differ.
fn differing(one: &Path, other: &Path) -> Result<Vec<String>, Fault> {
    let mut names = Vec::new();
    for directory in [one, other] {
        for entry in std::fs::read_dir(directory)? {
            names.push(entry?.file_name());
        }
    }
    names.sort();
    names.dedup();
    names.retain(|name| match (std::fs::read(one.join(name)), std::fs::read(other.join(name))) {
        (Ok(one), Ok(other)) => one != other,
        _ => true,
    });
    Ok(names.into_iter().map(|name| name.to_string_lossy().into_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_that_differ_or_are_missing_are_named() {
        let place = std::env::temp_dir().join(format!("reproduce-{}", std::process::id()));
        let [one, other] = ["one", "other"].map(|name| place.join(name));
        for directory in [&one, &other] {
            std::fs::create_dir_all(directory).unwrap();
            std::fs::write(directory.join("same.wasm"), "a").unwrap();
        }
        std::fs::write(one.join("changed.wasm"), "a").unwrap();
        std::fs::write(other.join("changed.wasm"), "b").unwrap();
        std::fs::write(other.join("more.wasm"), "a").unwrap();
        let differing = differing(&one, &other).unwrap();
        std::fs::remove_dir_all(&place).unwrap();
        assert_eq!(differing, ["changed.wasm", "more.wasm"]);
    }

    #[test]
    fn the_sources_are_those_that_git_knows() {
        let sources = sources(&Cargo::new()).unwrap();
        assert!(sources.iter().any(|file| file.ends_with("xtask/src/reproduce.rs")), "{sources:?}");
        assert!(!sources.iter().any(|file| file.starts_with("target")), "{sources:?}");
    }
}
