//! The policies of the project, and what they say of themselves.

use std::path::Path;
use std::process::Command;

use crate::Fault;
use crate::cargo::{Cargo, Package};

/// The directory of the module that combines all others.
pub(crate) const COMBINED: &str = "policies/combined";

/// The packages under `policies/`, sorted by name.
///
/// # Errors
///
/// Fails when there is none.
pub(crate) fn all(cargo: &Cargo) -> Result<Vec<Package>, Fault> {
    let directory = cargo.workspace().join("policies");
    let mut policies: Vec<Package> =
        cargo.packages()?.into_iter().filter(|package| package.directory.parent() == Some(&directory)).collect();
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
pub(crate) fn ask(cargo: &Cargo, policies: &[Package], question: &str) -> Result<Vec<String>, Fault> {
    let mut arguments = vec!["--no-run", "--lib"];
    for policy in policies {
        arguments.extend(["--package", &policy.name]);
    }
    let artifacts = cargo.artifacts("test", &arguments, None)?;
    policies
        .iter()
        .map(|Package { name, directory }| {
            let program = artifacts
                .iter()
                .filter(|artifact| artifact.package == *directory)
                .find_map(|artifact| artifact.executable.as_deref())
                .ok_or_else(|| format!("policy {name} has no test program to ask"))?;
            answer(program, question).map_err(|fault| format!("policy {name}: {fault}").into())
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
    fn the_policies_are_the_packages_in_their_directory() {
        let policies = all(&Cargo::new()).unwrap();
        let names: Vec<&str> = policies.iter().map(|policy| policy.name.as_str()).collect();
        assert!(names.contains(&"non-root") && names.contains(&"seaworthy"), "{names:?}");
        assert!(names.is_sorted());
    }
}
