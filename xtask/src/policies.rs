//! The policies of the project.

use crate::cargo::{Cargo, Package};
use crate::outcome::Fault;

/// The names of the packages under `policies/`, sorted. Brings `Cargo.lock` up to date with their manifests.
///
/// # Errors
///
/// Fails when there is none, or when one has another name than its directory.
pub(crate) fn all(cargo: &Cargo) -> Result<Vec<String>, Fault> {
    let directory = cargo.workspace().join("policies");
    let mut policies = Vec::new();
    for Package { name, directory: own } in cargo.packages()? {
        if own.parent() != Some(&directory) {
            continue;
        }
        if !own.ends_with(&name) {
            return Err(format!("{} holds the package {name}; a policy has one name for both", own.display()).into());
        }
        policies.push(name);
    }
    policies.sort();
    if policies.is_empty() {
        return Err(format!("{} holds no policy", directory.display()).into());
    }
    Ok(policies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policies_are_the_packages_in_their_directory() {
        let policies = all(&Cargo::new()).unwrap();
        assert!(
            ["non-root", "seaworthy"].iter().all(|name| policies.iter().any(|policy| policy == name)),
            "{policies:?}"
        );
        assert!(policies.is_sorted());
    }
}
