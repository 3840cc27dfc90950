//! The tests of what is published.

use std::fs;
use std::path::Path;

use libtest_mimic::{Failed, Trial};

use super::checks;
use super::published::files;
use shared::module::Module;

/// The tests of what is published, for the policy `M` of the project in `root`.
pub(crate) fn trials<M: Module>(root: &Path) -> Vec<Trial> {
    let published = root.to_path_buf();
    let mut trials = vec![Trial::test("the published files are those that the sources give", move || {
        drift::<M>(&published).map_err(Failed::from)
    })];
    for (name, check) in checks::all::<M>() {
        trials.push(Trial::test(name, move || check().map_err(Failed::from)));
    }
    trials
}

/// Compares the files with those on disk.
fn drift<M: Module>(root: &Path) -> Result<(), String> {
    let is_fresh = |path: &str, content: &str| fs::read_to_string(root.join(path)).is_ok_and(|there| there == content);
    let stale: Vec<String> = files::<M>(root)?
        .into_iter()
        .filter(|(path, content)| !is_fresh(path, content))
        .map(|(path, _)| format!("{path} is stale; run `cargo xtask gen`"))
        .collect();
    if stale.is_empty() { Ok(()) } else { Err(stale.join("\n")) }
}
