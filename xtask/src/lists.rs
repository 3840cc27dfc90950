//! Lists of policies that code needs, made from the directories of `policies/`: the dependencies and the members of each
//! module that combines policies.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use crate::Fault;
use crate::cargo::Cargo;

const BEGIN: &str = "# Generated from the directories of policies/ by `cargo xtask gen`. Do not edit.\n";
const END: &str = "# End of what is generated.\n";

/// The files of the modules that combine policies, by their path. Such a module has a place for its dependencies in its
/// manifest, and holds all policies that have none.
///
/// # Errors
///
/// Fails when a manifest cannot be read, or the place in it does not end.
pub(crate) fn files(cargo: &Cargo, policies: &[String]) -> Result<BTreeMap<String, String>, Fault> {
    let mut members = Vec::new();
    let mut combining = Vec::new();
    for policy in policies {
        let manifest = format!("policies/{policy}/Cargo.toml");
        let text =
            fs::read_to_string(cargo.workspace().join(&manifest)).map_err(|error| format!("{manifest}: {error}"))?;
        if text.contains(BEGIN) { combining.push((policy, manifest, text)) } else { members.push(policy.as_str()) }
    }
    let mut files = BTreeMap::new();
    for (policy, manifest, text) in combining {
        files.insert(format!("policies/{policy}/src/policies.rs"), list(&members));
        let fresh = dependencies(&text, &members).map_err(|fault| format!("{manifest}: {fault}"))?;
        files.insert(manifest, fresh);
    }
    Ok(files)
}

/// The manifest with these policies between its markers.
fn dependencies(manifest: &str, policies: &[&str]) -> Result<String, Fault> {
    let (before, rest) = manifest.split_once(BEGIN).ok_or_else(|| format!("there is no line {BEGIN}"))?;
    let (_, after) = rest.split_once(END).ok_or_else(|| format!("there is no line {END}"))?;
    let mut text = format!("{before}{BEGIN}");
    for policy in policies {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{policy} = {{ path = \"../{policy}\" }}");
    }
    Ok(format!("{text}{END}{after}"))
}

/// The list, in which each policy is a type named as its crate: `no-latest` is `no_latest::NoLatest`.
fn list(policies: &[&str]) -> String {
    let mut text = "\
//! Generated from the directories of policies/ by `cargo xtask gen`. Do not edit.

use shared::combined::Member;

/// Every policy of the project, sorted by name.
pub const POLICIES: &[Member] = &[
"
    .to_owned();
    for policy in policies {
        let _ = writeln!(text, "    Member::of::<{}::{}>(),", policy.replace('-', "_"), type_name(policy));
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

    const POLICIES: [&str; 2] = ["no-latest", "non-root"];

    #[test]
    fn the_list_names_the_type_of_every_policy() {
        let list = list(&POLICIES);
        assert!(
            list.ends_with("[\n    Member::of::<no_latest::NoLatest>(),\n    Member::of::<non_root::NonRoot>(),\n];\n"),
            "{list}"
        );
    }

    #[test]
    fn the_dependencies_stand_between_the_markers_and_the_rest_stays() {
        let manifest = format!("[dependencies]\nserde = \"1\"\n{BEGIN}old = \"1\"\n{END}\n[lints]\n");
        let fresh = dependencies(&manifest, &POLICIES).unwrap();
        let between = "no-latest = { path = \"../no-latest\" }\nnon-root = { path = \"../non-root\" }\n";
        assert_eq!(fresh, format!("[dependencies]\nserde = \"1\"\n{BEGIN}{between}{END}\n[lints]\n"));
        assert_eq!(dependencies(&fresh, &POLICIES).unwrap(), fresh);
    }

    #[test]
    fn a_manifest_without_markers_is_refused() {
        assert!(dependencies("[dependencies]\n", &POLICIES).unwrap_err().to_string().contains(BEGIN));
    }
}
