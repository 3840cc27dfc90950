//! The costs of the project itself: the lines of a policy, and the time of the tests.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// The code that was written by hand for a policy, in lines that are neither empty nor comments.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Handwritten {
    pub(crate) policy: String,
    /// Those of `src/lib.rs`: the facts, the rules and how they are checked.
    pub(crate) rule: usize,
    /// Those of its longest file.
    pub(crate) longest: usize,
}

/// The root of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The code that was written by hand for each policy, the longest rule last. A module that combines policies has no rule.
pub(crate) fn handwritten() -> Result<Vec<Handwritten>, String> {
    let mut all = Vec::new();
    for directory in entries(&root().join("policies"))? {
        let policy = directory.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let rule = std::fs::read_to_string(directory.join("src/lib.rs")).unwrap_or_default();
        if !rule.lines().any(|line| line == "policy! {") {
            continue;
        }
        let mut longest = 0;
        for file in entries(&directory.join("src"))? {
            let text = std::fs::read_to_string(&file).map_err(|error| unreadable(&file, &error))?;
            longest = longest.max(count(&text));
        }
        all.push(Handwritten { policy, rule: count(&rule), longest });
    }
    all.sort_by_key(|policy| policy.rule);
    Ok(all)
}

/// The lines of a text that are code.
fn count(text: &str) -> usize {
    text.lines().filter(|line| is_code(line)).count()
}

fn is_code(line: &str) -> bool {
    let line = line.trim_start();
    !line.is_empty() && !line.starts_with("//")
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(directory).map_err(|error| unreadable(directory, &error))?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(|error| unreadable(directory, &error))).collect()
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    format!("{} cannot be read: {error}", path.display())
}

/// The time of `cargo test` of `shared` and the policies when nothing has to be built.
pub(crate) fn native_tests() -> Result<Duration, String> {
    let packages = packages()?;
    let test = |arguments: &[&str]| {
        let mut command = cargo("test");
        command.args(["--locked", "--quiet"]).args(arguments).stdout(Stdio::null());
        for package in &packages {
            command.args(["--package", package]);
        }
        let status = command.status().map_err(|error| format!("cargo cannot be run: {error}"))?;
        if status.success() { Ok(()) } else { Err("`cargo test` failed; what it said stands above".to_owned()) }
    };
    test(&["--no-run"])?;
    let begin = Instant::now();
    test(&[])?;
    Ok(begin.elapsed())
}

/// The packages in `shared` and under `policies`.
fn packages() -> Result<Vec<String>, String> {
    let output = cargo("metadata").args(["--locked", "--no-deps", "--format-version", "1"]).output();
    let output = output.map_err(|error| format!("cargo cannot be run: {error}"))?;
    let metadata: Metadata =
        serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
    let is_native = |package: &Package| {
        package.manifest_path.ends_with("shared/Cargo.toml")
            || package.manifest_path.parent().and_then(Path::parent).is_some_and(|parent| parent.ends_with("policies"))
    };
    Ok(metadata.packages.into_iter().filter(is_native).map(|package| package.name).collect())
}

/// The output of `cargo metadata`, as far as it is read here.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
}

/// The cargo that started this program, else the one on the path.
fn cargo(subcommand: &str) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.arg(subcommand).current_dir(root());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_empty_lines_are_no_code() {
        let lines = ["", "  ", "//! Docs.", "    /// A field.", "    // Why.", "let a = 1; // Why.", "}"];
        assert_eq!(lines.into_iter().filter(|line| is_code(line)).count(), 2);
    }

    #[test]
    fn a_rule_fits_on_a_page_and_no_file_of_a_policy_is_long() {
        let policies = handwritten().unwrap();
        assert!(policies.len() > 5, "{policies:?}");
        for policy in policies {
            assert!(policy.rule > 0 && policy.rule <= 80, "{policy:?}");
            assert!(policy.longest <= 150, "{policy:?}");
        }
    }
}
