//! The files that are not judged, so that nothing is skipped in silence.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use serde::Serialize;

/// The most charts, or kustomizations, that get a note each.
const FEW: usize = 2;

/// The most names in a note about many.
const NAMES: usize = 5;

/// The files that were found or named and are not judged.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LeftOut {
    /// Files without a Kubernetes object.
    pub(crate) without_objects: usize,
    /// Files that git ignores.
    pub(super) ignored: usize,
    /// Files that the user excludes.
    pub(super) excluded: usize,
    /// Directories in which git keeps a repository.
    pub(super) git_directories: usize,
    /// The number of files of each chart of Helm.
    charts: BTreeMap<String, usize>,
    /// The directories with a kustomization.
    kustomizations: BTreeSet<String>,
    /// Patches of kustomizations.
    pub(super) patches: usize,
    /// The reasons why git lists no files, by directory.
    #[serde(skip)]
    without_git: BTreeMap<String, String>,
}

impl LeftOut {
    /// Adds a file of a chart.
    pub(super) fn chart(&mut self, directory: &Path) {
        *self.charts.entry(shown(directory)).or_default() += 1;
    }

    /// Adds a kustomization.
    pub(super) fn kustomization(&mut self, directory: &Path) {
        self.kustomizations.insert(shown(directory));
    }

    /// Notes that all files of a directory are read, because git cannot list them.
    pub(super) fn without_git(&mut self, directory: &Path, reason: &str) {
        self.without_git.insert(shown(directory), reason.to_owned());
    }

    /// Returns `true` if git could not list the files of a directory; then it is not asked for those inside.
    pub(super) fn is_without_git(&self) -> bool {
        !self.without_git.is_empty()
    }

    /// The number of files.
    pub(super) fn files(&self) -> usize {
        let of_charts: usize = self.charts.values().sum();
        self.without_objects + self.ignored + self.excluded + of_charts + self.kustomizations.len() + self.patches
    }

    /// How to judge what was left out.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = self.without_git.iter().map(|(directory, reason)| {
            format!("{directory} is in a git repository, but {reason}; all of its files are read, also those that git ignores")
        }).collect();
        let charts: Vec<&str> = self.charts.keys().map(String::as_str).collect();
        notes.extend(each_or_all(
            &charts,
            |chart| format!("{chart} is a Helm chart and was left out; judge what it renders: helm template {chart} | seaworthy check -"),
            |all, first| format!("{} Helm charts were left out: {all}; judge what each renders: helm template {first} | seaworthy check -", charts.len()),
        ));
        let kustomizations: Vec<&str> = self.kustomizations.iter().map(String::as_str).collect();
        notes.extend(each_or_all(
            &kustomizations,
            |directory| format!("{directory} has a kustomization: its resources are judged as written, its patches are left out; judge the result: kubectl kustomize {directory} | seaworthy check -"),
            |all, first| format!("{} directories have a kustomization: {all}; resources are judged as written, patches are left out; judge each result: kubectl kustomize {first} | seaworthy check -", kustomizations.len()),
        ));
        notes
    }
}

/// A note about each of a few, or one about many.
fn each_or_all(names: &[&str], each: impl Fn(&str) -> String, all: impl Fn(String, &str) -> String) -> Vec<String> {
    match names {
        [] => Vec::new(),
        [first, ..] if names.len() > FEW => {
            let more = names.len().checked_sub(NAMES).filter(|more| *more > 0);
            let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
            let shown = names.get(..NAMES).unwrap_or(names).join(", ");
            vec![all(format!("{shown}{more}"), first)]
        }
        few => few.iter().map(|name| each(name)).collect(),
    }
}

impl fmt::Display for LeftOut {
    /// A list of numbers; nothing if nothing was left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_charts = self.charts.values().sum();
        let parts = [
            (self.without_objects, "file without Kubernetes objects", "files without Kubernetes objects"),
            (of_charts, "file of a Helm chart", "files of Helm charts"),
            (self.kustomizations.len(), "kustomization", "kustomizations"),
            (self.patches, "patch", "patches"),
            (self.ignored, "file that git ignores", "files that git ignores"),
            (self.excluded, "excluded file", "excluded files"),
            (self.git_directories, ".git directory", ".git directories"),
        ];
        let parts = parts.iter().filter(|(number, ..)| *number > 0);
        let parts = parts.map(|(number, one, many)| format!("{number} {}", if *number == 1 { one } else { many }));
        f.write_str(&parts.collect::<Vec<_>>().join(", "))
    }
}

/// A directory as the user would write it.
fn shown(directory: &Path) -> String {
    let shown = directory.strip_prefix(".").unwrap_or(directory).display().to_string();
    if shown.is_empty() { ".".to_owned() } else { shown }
}
