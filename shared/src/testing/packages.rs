//! The packages of the policies.

use std::path::{Path, PathBuf};

/// The name of each package in the `policies` directory of a workspace, with its directory; sorted by name.
///
/// # Errors
/// The directory or a manifest cannot be read, or there is none.
pub fn packages(workspace: &Path) -> Result<Vec<(String, PathBuf)>, String> {
    let directory = workspace.join("policies");
    let entries = std::fs::read_dir(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let mut packages = Vec::new();
    for directory in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let manifest = directory.join("Cargo.toml");
        let Ok(text) = std::fs::read_to_string(&manifest) else { continue };
        let name = text.lines().find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
        packages.push((name.ok_or_else(|| format!("{} has no name", manifest.display()))?.to_owned(), directory));
    }
    packages.sort();
    if packages.is_empty() { Err(format!("{} holds no policy", directory.display())) } else { Ok(packages) }
}
