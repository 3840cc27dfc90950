//! What is published, made from the sources: `artifacthub/`, and the generated parts of the READMEs.
//!
//! Each policy makes its own files, in its test program. Here they are written, and what is made of all policies
//! together: the chart that loads them, and the table in the README.

mod chart;
mod combined;
mod policy;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use self::policy::Policy;
use crate::cargo::{Cargo, Package};
use crate::{Fault, policies};

/// What is published, and where nothing else may be.
struct Publication {
    /// The files, by their path from the root of the project, with slashes.
    files: BTreeMap<String, String>,
    /// The directories that hold generated files only.
    directories: Vec<String>,
}

/// Writes everything that is generated and is not there as it should be, and removes what is no more. Names each file.
///
/// # Errors
///
/// Fails when a policy cannot say what is published of it, or a file cannot be written.
pub(crate) fn generate(cargo: &Cargo) -> Result<Vec<String>, Fault> {
    let root = cargo.workspace();
    // What combines the policies comes first: the policies can only be asked when all of them compile.
    let combined = combined::files(cargo, &policies::all(cargo)?)?;
    let mut written = Publication { files: combined, directories: Vec::new() }.write(root)?;
    // Listed anew, because that brings `Cargo.lock` up to date with the manifest that was written.
    written.extend(collect(cargo, &policies::all(cargo)?)?.write(root)?);
    Ok(written)
}

/// Names every generated file that is not as it should be.
///
/// # Errors
///
/// Fails when a policy cannot say what is published of it.
pub(crate) fn stale(cargo: &Cargo) -> Result<Vec<String>, Fault> {
    let packages = policies::all(cargo)?;
    let mut publication = collect(cargo, &packages)?;
    publication.files.extend(combined::files(cargo, &packages)?);
    let mut stale = publication.stale(cargo.workspace());
    stale.extend(publication.strangers(cargo.workspace())?);
    Ok(stale)
}

fn collect(cargo: &Cargo, packages: &[Package]) -> Result<Publication, Fault> {
    let policies = policies::ask(cargo, packages, "--publish")?
        .iter()
        .map(|answer| Ok(Policy(serde_json::from_str(answer)?)))
        .collect::<Result<Vec<_>, Fault>>()?;

    let mut files = BTreeMap::new();
    let mut directories = vec!["artifacthub/charts".to_owned()];
    for policy in &policies {
        directories.push(format!("artifacthub/{}/{}", policy.name()?, policy.text("version")?));
        for (path, content) in policy.get("files")?.as_object().into_iter().flatten() {
            files.insert(path.clone(), content.as_str().unwrap_or_default().to_owned());
        }
    }
    // The chart loads single policies. What combines them says everything a second time.
    let single: Vec<&Policy> = policies.iter().filter(|policy| policy.is_single()).collect();
    files.extend(chart::files(&single, &table(&single, "../../..")?)?);
    let readme = fs::read_to_string(cargo.workspace().join("README.md"))?;
    files.insert("README.md".to_owned(), fill(&readme, &table(&policies.iter().collect::<Vec<_>>(), ".")?)?);
    Ok(Publication { files, directories })
}

/// The table of policies, each with a link to its README under the `root` of the project.
fn table(policies: &[&Policy], root: &str) -> Result<String, Fault> {
    let mut table = "| policy | severity | what it does |\n|---|---|---|\n".to_owned();
    for policy in policies {
        let (name, severity, description) = (policy.name()?, policy.text("severity")?, policy.text("description")?);
        // Writing to a string cannot fail.
        let link = format!("{root}/policies/{}/README.md", policy.text("directory")?);
        let _ = writeln!(table, "| [{name}]({}) | {severity} | {description} |", link.trim_start_matches("./"));
    }
    Ok(table)
}

/// The text with the table between the markers.
fn fill(text: &str, table: &str) -> Result<String, Fault> {
    let (begin, end) = ("<!-- generated: policies -->\n", "<!-- end -->");
    let (before, rest) = text.split_once(begin).ok_or("README.md has no <!-- generated: policies -->")?;
    let (_, after) = rest.split_once(end).ok_or("the table of policies in README.md has no <!-- end -->")?;
    Ok(format!("{before}{begin}{table}{end}{after}"))
}

impl Publication {
    /// Writes what is stale and removes what is no more. Names each file.
    fn write(&self, root: &Path) -> Result<Vec<String>, Fault> {
        let (stale, strangers) = (self.stale(root), self.strangers(root)?);
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

    /// The files that are absent or hold something else.
    fn stale(&self, root: &Path) -> Vec<String> {
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
    fn the_table_stands_between_the_markers_and_the_prose_stays() {
        let text = "before\n<!-- generated: policies -->\nold\n<!-- end -->\nafter\n";
        let filled = fill(text, "new\n").unwrap();
        assert_eq!(filled, "before\n<!-- generated: policies -->\nnew\n<!-- end -->\nafter\n");
        assert_eq!(fill(&filled, "new\n").unwrap(), filled);
    }

    #[test]
    fn a_readme_without_markers_is_refused() {
        assert!(fill("prose\n", "new\n").unwrap_err().to_string().contains("<!-- generated: policies -->"));
    }

    #[test]
    fn stale_and_foreign_files_are_named() {
        let root = std::env::temp_dir().join(format!("seaworthy-publication-{}", std::process::id()));
        fs::create_dir_all(root.join("generated/deep")).unwrap();
        fs::write(root.join("generated/fresh"), "fresh").unwrap();
        fs::write(root.join("generated/old"), "old").unwrap();
        fs::write(root.join("generated/deep/stranger"), "").unwrap();
        let files = [("fresh", "fresh"), ("old", "new"), ("absent", "new")];
        let publication = Publication {
            files: files.map(|(name, text)| (format!("generated/{name}"), text.to_owned())).into(),
            directories: vec!["generated".to_owned()],
        };
        let found = (publication.stale(&root), publication.strangers(&root).unwrap());
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(found.0, ["generated/absent", "generated/old"]);
        assert_eq!(found.1, ["generated/deep/stranger"]);
    }
}
