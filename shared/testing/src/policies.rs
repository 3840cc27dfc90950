//! The policies of the project.

use std::path::Path;

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
