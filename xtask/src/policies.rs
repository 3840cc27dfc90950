//! The policies of the project, and what they say of themselves.

use std::path::Path;
use std::process::Command;

use crate::Fault;
use crate::cargo::Cargo;

/// The policies: the directories that hold a `Cargo.toml`, sorted by name.
///
/// # Errors
///
/// Fails when there is none.
pub(crate) fn all(cargo: &Cargo) -> Result<Vec<String>, Fault> {
    let directory = cargo.workspace().join("policies");
    let mut policies = Vec::new();
    for entry in std::fs::read_dir(&directory)? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            let name = entry.file_name().into_string().map_err(|name| format!("{} is not UTF-8", name.display()))?;
            policies.push(name);
        }
    }
    policies.sort();
    if policies.is_empty() {
        return Err(format!("{} holds no policy", directory.display()).into());
    }
    Ok(policies)
}

/// What the test program of each policy prints when `question` is its only argument, in the same order.
///
/// # Errors
///
/// Fails with the name of the policy when it has no test program, or when that fails.
pub(crate) fn ask(cargo: &Cargo, policies: &[String], question: &str) -> Result<Vec<String>, Fault> {
    let mut arguments = vec!["--no-run", "--lib"];
    for policy in policies {
        arguments.extend(["--package", policy]);
    }
    let artifacts = cargo.artifacts("test", &arguments, None)?;
    policies
        .iter()
        .map(|policy| {
            let program = artifacts
                .iter()
                .filter(|artifact| artifact.package.ends_with(Path::new("policies").join(policy)))
                .find_map(|artifact| artifact.executable.as_deref())
                .ok_or_else(|| format!("policy {policy} has no test program to ask"))?;
            answer(program, question).map_err(|fault| format!("policy {policy}: {fault}").into())
        })
        .collect()
}

fn answer(program: &Path, question: &str) -> Result<String, Fault> {
    let output = Command::new(program).arg(question).output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!(
            "`{} {question}` failed; the policy must be declared by `policy!` and have `[lib] harness = false`\n{said}",
            program.display()
        )
        .into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policies_are_the_directories_with_a_manifest() {
        let policies = all(&Cargo::new()).unwrap();
        assert!(policies.iter().any(|policy| policy == "non-root"), "{policies:?}");
        assert!(policies.is_sorted());
    }
}
