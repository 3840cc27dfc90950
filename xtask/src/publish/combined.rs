//! What names every policy in `policies/combined`: its dependencies and its list.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use crate::Fault;
use crate::cargo::{Cargo, Package};
use crate::policies::COMBINED;

const BEGIN: &str = "# Generated from the directories of policies/ by `cargo xtask gen`. Do not edit.\n";
const END: &str = "# End of what is generated.\n";

/// The files of the module that combines all policies, by their path.
///
/// # Errors
///
/// Fails when its manifest has no place for the dependencies.
pub(super) fn files(cargo: &Cargo, packages: &[Package]) -> Result<BTreeMap<String, String>, Fault> {
    let combined = cargo.workspace().join(COMBINED);
    let policies: Vec<Package> = packages.iter().filter(|policy| policy.directory != combined).cloned().collect();
    let manifest = format!("{COMBINED}/Cargo.toml");
    let text = fs::read_to_string(cargo.workspace().join(&manifest)).map_err(|error| format!("{manifest}: {error}"))?;
    Ok(BTreeMap::from([
        (format!("{COMBINED}/src/policies.rs"), list(&policies)),
        (manifest, dependencies(&text, &policies)?),
    ]))
}

/// The manifest with these policies between its markers.
fn dependencies(manifest: &str, policies: &[Package]) -> Result<String, Fault> {
    let (before, rest) =
        manifest.split_once(BEGIN).ok_or_else(|| format!("{COMBINED}/Cargo.toml has no line {BEGIN}"))?;
    let (_, after) = rest.split_once(END).ok_or_else(|| format!("{COMBINED}/Cargo.toml has no line {END}"))?;
    let mut text = format!("{before}{BEGIN}");
    for Package { name, directory } in policies {
        let directory = directory.file_name().unwrap_or_default().to_string_lossy();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name} = {{ path = \"../{directory}\" }}");
    }
    Ok(format!("{text}{END}{after}"))
}

/// The list, in which each policy is a type named as its crate: `no-latest` is `no_latest::NoLatest`.
fn list(policies: &[Package]) -> String {
    let mut text = "\
//! Generated from the directories of policies/ by `cargo xtask gen`. Do not edit.

use shared::combined::Member;

/// Every policy of the project, sorted by name.
pub const POLICIES: &[Member] = &[
"
    .to_owned();
    for Package { name, .. } in policies {
        let _ = writeln!(text, "    Member::of::<{}::{}>(),", name.replace('-', "_"), type_name(name));
    }
    text + "];\n"
}

/// `no-latest` as `NoLatest`.
fn type_name(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policies() -> [Package; 2] {
        ["no-latest", "non-root"].map(|name| Package { name: name.to_owned(), directory: format!("/p/{name}").into() })
    }

    #[test]
    fn the_list_names_the_type_of_every_policy() {
        let list = list(&policies());
        assert!(
            list.ends_with("[\n    Member::of::<no_latest::NoLatest>(),\n    Member::of::<non_root::NonRoot>(),\n];\n"),
            "{list}"
        );
    }

    #[test]
    fn the_dependencies_stand_between_the_markers_and_the_rest_stays() {
        let manifest = format!("[dependencies]\nserde = \"1\"\n{BEGIN}old = \"1\"\n{END}\n[lints]\n");
        let fresh = dependencies(&manifest, &policies()).unwrap();
        let between = "no-latest = { path = \"../no-latest\" }\nnon-root = { path = \"../non-root\" }\n";
        assert_eq!(fresh, format!("[dependencies]\nserde = \"1\"\n{BEGIN}{between}{END}\n[lints]\n"));
        assert_eq!(dependencies(&fresh, &policies()).unwrap(), fresh);
    }

    #[test]
    fn a_manifest_without_markers_is_refused() {
        assert!(dependencies("[dependencies]\n", &policies()).unwrap_err().to_string().contains(BEGIN));
    }
}
