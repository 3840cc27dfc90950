//! Files that are generated: written, or compared with those that are there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::outcome::Fault;

/// Generated files, and where nothing else may be.
#[derive(Default)]
pub(crate) struct Generated {
    /// The files, by their path from the root of the project, with slashes.
    pub(crate) files: BTreeMap<String, String>,
    /// The directories that hold generated files only.
    pub(crate) directories: Vec<String>,
}

impl Generated {
    /// Writes what is stale and removes files that are obsolete. Names each file.
    pub(crate) fn write(&self, root: &Path) -> Result<Vec<String>, Fault> {
        let (stale, strangers) = (self.differing(root), self.strangers(root)?);
        for path in &stale {
            let file = root.join(path);
            if let Some(directory) = file.parent() {
                fs::create_dir_all(directory)?;
            }
            fs::write(&file, self.files.get(path).map_or("", String::as_str))
                .map_err(|error| format!("{path}: {error}"))?;
        }
        for path in &strangers {
            fs::remove_file(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
        }
        Ok(stale.into_iter().chain(strangers).collect())
    }

    /// Names every file that is absent or holds something else, and every one that nothing generates.
    pub(crate) fn stale(&self, root: &Path) -> Result<Vec<String>, Fault> {
        let absent =
            |path: String| if root.join(&path).exists() { path } else { format!("{path} (does not exist yet)") };
        let stale = self.differing(root).into_iter().map(absent);
        Ok(stale.chain(self.strangers(root)?).collect())
    }

    /// The files that are absent or hold something else.
    fn differing(&self, root: &Path) -> Vec<String> {
        let is_fresh =
            |path: &str, content: &str| fs::read_to_string(root.join(path)).is_ok_and(|there| there == content);
        self.files.iter().filter(|(path, content)| !is_fresh(path, content)).map(|(path, _)| path.clone()).collect()
    }

    /// The files in generated directories that nothing generates.
    fn strangers(&self, root: &Path) -> Result<Vec<String>, Fault> {
        let mut strangers = Vec::new();
        for directory in &self.directories {
            for file in walk(&root.join(directory))? {
                let path: Vec<_> = file.strip_prefix(root)?.iter().map(|part| part.to_string_lossy()).collect();
                let path = path.join("/");
                if !self.files.contains_key(&path) {
                    strangers.push(path);
                }
            }
        }
        Ok(strangers)
    }
}

/// Every file under a directory, sorted; none if it does not exist.
fn walk(directory: &Path) -> Result<Vec<PathBuf>, Fault> {
    let mut files = Vec::new();
    if !directory.is_dir() {
        return Ok(files);
    }
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            files.append(&mut walk(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stale_and_foreign_files_are_named() {
        let root = std::env::temp_dir().join(format!("seaworthy-generated-{}", std::process::id()));
        fs::create_dir_all(root.join("generated/deep")).unwrap();
        fs::write(root.join("generated/fresh"), "fresh").unwrap();
        fs::write(root.join("generated/old"), "old").unwrap();
        fs::write(root.join("generated/deep/stranger"), "").unwrap();
        let files = [("fresh", "fresh"), ("old", "new"), ("absent", "new")];
        let generated = Generated {
            files: files.map(|(name, text)| (format!("generated/{name}"), text.to_owned())).into(),
            directories: vec!["generated".to_owned()],
        };
        let found = generated.stale(&root).unwrap();
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(found, ["generated/absent (does not exist yet)", "generated/old", "generated/deep/stranger"]);
    }
}
