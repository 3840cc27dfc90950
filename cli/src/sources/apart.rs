//! What stands between manifests and is none: charts of Helm, and what belongs to Kustomize.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use manifests::Problem;
use serde_json::Value;

use super::left_out::LeftOut;

/// The file that makes a directory a chart of Helm.
const CHART: &str = "Chart.yaml";

/// The files that make a directory a kustomization.
const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Takes the files of charts out of those of a directory, and of kustomizations those that are no object as it reaches the
/// cluster: the kustomization itself and its patches. Returns the kustomizations that cannot be read.
pub(super) fn set_apart(
    directory: &Path,
    files: &mut Vec<PathBuf>,
    is_wanted: &dyn Fn(&Path) -> bool,
    left_out: &mut LeftOut,
) -> Vec<Problem> {
    let charts: BTreeSet<PathBuf> =
        files.iter().filter(|file| file.ends_with(CHART)).filter_map(|file| Some(file.parent()?.to_owned())).collect();
    files.retain(|file| {
        // A chart inside a chart is part of it.
        let inside: Vec<&Path> = file.ancestors().filter(|above| above.starts_with(directory)).collect();
        let chart = inside.into_iter().rev().find(|above| charts.contains(*above));
        let Some(chart) = chart else { return true };
        if is_wanted(file) {
            left_out.chart(chart);
        }
        false
    });
    let mut patches = BTreeSet::new();
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| KUSTOMIZATIONS.iter().any(|name| file.ends_with(name))) {
        let directory = file.parent().unwrap_or(Path::new(""));
        match patches_of(file) {
            Ok(found) => patches.extend(found.into_iter().map(|patch| normal(&directory.join(patch)))),
            Err(problem) => problems.push(problem.of(file.display().to_string())),
        }
        left_out.kustomization(directory);
    }
    files.retain(|file| {
        let is_patch = patches.contains(&normal(file));
        left_out.patches += usize::from(is_patch && is_wanted(file));
        !is_patch && !KUSTOMIZATIONS.iter().any(|name| file.ends_with(name))
    });
    problems
}

/// The files that a kustomization names as patches.
fn patches_of(file: &Path) -> Result<Vec<PathBuf>, Problem> {
    let bytes = std::fs::read(file).map_err(|error| Problem::new(error.to_string()))?;
    let content = manifests::read_single(&manifests::decode(bytes)?)?;
    let lists = ["patches", "patchesStrategicMerge", "patchesJson6902"];
    let entries = lists.iter().filter_map(|list| content.as_ref()?.get(list)?.as_array()).flatten();
    let path = |entry: &Value| entry.as_str().or_else(|| entry.get("path")?.as_str()).map(PathBuf::from);
    Ok(entries.filter_map(path).collect())
}

/// A path without `.` and, as far as it can be told without the file system, `..`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if normal.file_name().is_some() => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_compared_in_their_normal_form() {
        assert_eq!(normal(Path::new("./a/b/../../c/d.yaml")), Path::new("c/d.yaml"));
        assert_eq!(normal(Path::new("../a/./b")), Path::new("../a/b"));
        assert_eq!(normal(Path::new("/a/../b")), Path::new("/b"));
    }
}
