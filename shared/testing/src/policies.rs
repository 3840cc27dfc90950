//! The policies of the project, and their cases.

use std::path::Path;

use crate::case::{Case, load};

/// The directory of the cases of the engine, with one directory per policy that judges some.
const ENGINE: &str = "shared/testing/cases";

/// The names of the policies of a workspace, sorted: directory, package and module have one name.
///
/// # Errors
/// The directory cannot be read, or holds no policy.
pub fn policies(workspace: &Path) -> Result<Vec<String>, String> {
    let directory = workspace.join("policies");
    let entries = std::fs::read_dir(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let packages = entries.filter_map(Result::ok).filter(|entry| entry.path().join("Cargo.toml").is_file());
    let mut policies: Vec<String> = packages.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    policies.sort();
    if policies.is_empty() { Err(format!("{} holds no policy", directory.display())) } else { Ok(policies) }
}

/// Every case that a policy of a workspace judges: its own, and those of the engine.
///
/// # Errors
/// Names the file that cannot be read or does not hold cases.
pub fn cases(workspace: &Path, policy: &str) -> Result<Vec<Case>, String> {
    let mut cases = load(&workspace.join("policies").join(policy).join("cases"))?;
    let engine = workspace.join(ENGINE).join(policy);
    if engine.is_dir() {
        cases.extend(load(&engine)?.into_iter().map(|case| Case { name: format!("engine: {}", case.name), ..case }));
    }
    Ok(cases)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cases_of_the_engine_are_judged_by_policies_that_there_are() {
        let workspace = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let policies = policies(workspace).unwrap();
        let mut judges = Vec::new();
        for entry in std::fs::read_dir(workspace.join(ENGINE)).unwrap() {
            judges.push(entry.unwrap().file_name().into_string().unwrap());
        }
        assert!(!judges.is_empty());
        for judge in judges {
            assert!(policies.contains(&judge), "there is no policy {judge}");
            let engine = |case: &Case| case.name.starts_with("engine: ");
            assert!(cases(workspace, &judge).unwrap().iter().any(engine), "{judge} judges no case");
        }
    }
}
