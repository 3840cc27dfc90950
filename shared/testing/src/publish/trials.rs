//! The tests of what is published.

use std::path::Path;
use std::{fs, io};

use libtest_mimic::{Failed, Trial};

use super::published::files;
use super::{checks, examples};
use shared::module::Module;

/// The tests of what is published, for the policy `M` of the project in `root`.
pub(crate) fn trials<M: Module>(root: &Path) -> Vec<Trial> {
    let published = root.to_path_buf();
    let mut trials = vec![Trial::test("the published files are those that the sources give", move || {
        drift::<M>(&published).map_err(Failed::from)
    })];
    let examples = root.to_path_buf();
    trials.push(Trial::test("every rule has a bad and a good example", move || {
        examples::check_examples::<M>(&examples).map_err(Failed::from)
    }));
    let published = root.to_path_buf();
    trials.push(Trial::test("the settings of every preset are valid", move || {
        checks::presets_are_valid::<M>(&published).map_err(Failed::from)
    }));
    for (name, check) in checks::all::<M>() {
        trials.push(Trial::test(name, move || check().map_err(Failed::from)));
    }
    trials
}

/// Compares the files with those on disk.
fn drift<M: Module>(root: &Path) -> Result<(), String> {
    let (mut stale, mut absent) = (Vec::new(), Vec::new());
    for (path, content) in files::<M>(root)? {
        match fs::read_to_string(root.join(&path)) {
            Ok(there) if there == content => {}
            Ok(_) => stale.push(path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => absent.push(path),
            Err(error) => return Err(format!("{path}: {error}")),
        }
    }
    let said = [("are stale", stale), ("do not exist yet", absent)].map(|(what, files)| match files.as_slice() {
        [] => String::new(),
        files => format!("these files {what}; `cargo xtask gen` writes them:\n  {}\n", files.join("\n  ")),
    });
    let said = said.concat();
    if said.is_empty() { Ok(()) } else { Err(said) }
}
