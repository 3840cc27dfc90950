//! Lists of policies that code needs, made from the directories of `policies/`: the dependencies and the members of each
//! module that combines policies, those of the program that publishes all modules, and those of the tests of all policies.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use crate::cargo::Cargo;
use crate::generated::Generated;
use crate::outcome::Fault;
use crate::policies;

const BEGIN: &str = "# Generated from the directories of policies/ by `cargo xtask gen`. Do not edit.\n";
const END: &str = "# End of what is generated.\n";

/// The modules that combine policies, each with the policies that it holds.
const COMBINED: [(&str, Membership); 2] =
    [("seaworthy", Membership::Manifests), ("seaworthy-images", Membership::Images)];

/// The policies with which a policy shares a module. It follows from its facts; `publish` refuses a list that does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Membership {
    /// Those that judge workloads by what the manifest shows.
    Manifests,
    /// Those that inspect the images of workloads.
    Images,
    /// None: it judges other objects, or reads from the cluster.
    None,
}

impl Membership {
    /// Reads the facts that a policy declares.
    fn of(source: &str) -> Self {
        let declares = |fact: &str| source.lines().any(|line| line.trim_start().starts_with(fact));
        if declares("inspects: ") {
            Self::Images
        } else if ["kinds: ", "capabilities: ", "resources: "].into_iter().any(declares) {
            Self::None
        } else {
            Self::Manifests
        }
    }
}

/// The program that publishes all modules.
const PUBLISHER: &str = "xtask/publish";

/// The policies as native code, for tests.
const NATIVE: &str = "tests/policies";

/// Writes the lists that are not as they should be, brings `Cargo.lock` up to date with them, and names each.
///
/// # Errors
///
/// Fails when there are none of the policies, or a file cannot be read or written.
pub(crate) fn write(cargo: &Cargo) -> Result<Vec<String>, Fault> {
    let written = generated(cargo, &policies::all(cargo)?)?.write(cargo.workspace())?;
    if !written.is_empty() {
        cargo.packages()?;
    }
    Ok(written)
}

/// The lists. A module that combines policies has a place for its dependencies in its manifest.
///
/// # Errors
///
/// Fails when a manifest cannot be read, or the place in it does not end.
pub(crate) fn generated(cargo: &Cargo, policies: &[String]) -> Result<Generated, Fault> {
    let read = |manifest: &str| {
        fs::read_to_string(cargo.workspace().join(manifest)).map_err(|error| format!("{manifest}: {error}"))
    };
    let all: Vec<&str> = policies.iter().map(String::as_str).collect();
    let mut single = Vec::new();
    for policy in all.iter().filter(|policy| COMBINED.iter().all(|(combined, _)| combined != *policy)) {
        single.push((Membership::of(&read(&format!("policies/{policy}/src/lib.rs"))?), *policy));
    }
    let mut files = BTreeMap::new();
    let mut depend = |manifest: String, place: &str, policies: &[&str]| {
        let fresh = dependencies(&read(&manifest)?, place, policies).map_err(|fault| format!("{manifest}: {fault}"))?;
        files.insert(manifest, fresh);
        Ok::<_, Fault>(())
    };
    let combined = COMBINED.map(|(combined, membership)| {
        let members = single.iter().filter(|(of, _)| *of == membership).map(|(_, policy)| *policy);
        (combined, members.collect::<Vec<_>>())
    });
    let single: Vec<&str> = single.iter().map(|(_, policy)| *policy).collect();
    for (program, policies) in [(PUBLISHER, &all), (NATIVE, &single)] {
        depend(format!("{program}/Cargo.toml"), "../../policies", policies)?;
    }
    for (combined, members) in &combined {
        depend(format!("policies/{combined}/Cargo.toml"), "..", members)?;
    }
    for (combined, members) in &combined {
        files.insert(
            format!("policies/{combined}/src/policies.rs"),
            members_list("The policies of the module", members),
        );
    }
    files.insert(format!("{PUBLISHER}/src/modules.rs"), modules_list(&all));
    files.insert(format!("{NATIVE}/src/lib.rs"), members_list("Every policy of the project", &single));
    Ok(Generated { files, ..Generated::default() })
}

/// The manifest with these policies between its markers, each in its directory under `place`.
fn dependencies(manifest: &str, place: &str, policies: &[&str]) -> Result<String, Fault> {
    let (before, rest) = manifest.split_once(BEGIN).ok_or_else(|| format!("there is no line {BEGIN}"))?;
    let (_, after) = rest.split_once(END).ok_or_else(|| format!("there is no line {END}"))?;
    let mut text = format!("{before}{BEGIN}");
    for policy in policies {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{policy} = {{ path = \"{place}/{policy}\" }}");
    }
    Ok(format!("{text}{END}{after}"))
}

/// A list of policies as members of a module.
fn members_list(about: &str, policies: &[&str]) -> String {
    list(
        &format!(
            "use shared::module::Member;\n\n/// {about}, sorted by name.\n#[rustfmt::skip]\npub const POLICIES: &[Member] = &["
        ),
        policies.iter().map(|policy| format!("Member::of::<{}>()", type_of(policy))),
    )
}

/// The list of the program that publishes all modules.
fn modules_list(policies: &[&str]) -> String {
    list(
        "\
use testing::{Publish, publish};

/// Every module of the project, sorted by name.
pub(crate) const MODULES: &[Publish] = &[",
        policies.iter().map(|policy| format!("publish::<{}>", type_of(policy))),
    )
}

/// A file of Rust with a list that is opened by `head`.
fn list(head: &str, items: impl Iterator<Item = String>) -> String {
    let mut text =
        format!("//! Generated from the directories of policies/ by `cargo xtask gen`. Do not edit.\n\n{head}\n");
    for item in items {
        let _ = writeln!(text, "    {item},");
    }
    text + "];\n"
}

/// The type of a policy, named as its crate: `no-latest` is `no_latest::NoLatest`.
fn type_of(policy: &str) -> String {
    format!("{}::{}", policy.replace('-', "_"), type_name(policy))
}

/// `no-latest` as `NoLatest`.
pub(crate) fn type_name(name: &str) -> String {
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
    fn the_lists_name_the_type_of_every_policy() {
        let list = modules_list(&POLICIES);
        assert!(
            list.ends_with("[\n    publish::<no_latest::NoLatest>,\n    publish::<non_root::NonRoot>,\n];\n"),
            "{list}"
        );
        let list = members_list("All", &POLICIES);
        assert!(
            list.ends_with("[\n    Member::of::<no_latest::NoLatest>(),\n    Member::of::<non_root::NonRoot>(),\n];\n"),
            "{list}"
        );
    }

    #[test]
    fn the_dependencies_stand_between_the_markers_and_the_rest_stays() {
        let manifest = format!("[dependencies]\nserde = \"1\"\n{BEGIN}old = \"1\"\n{END}\n[lints]\n");
        let fresh = dependencies(&manifest, "..", &POLICIES).unwrap();
        let between = "no-latest = { path = \"../no-latest\" }\nnon-root = { path = \"../non-root\" }\n";
        assert_eq!(fresh, format!("[dependencies]\nserde = \"1\"\n{BEGIN}{between}{END}\n[lints]\n"));
        assert_eq!(dependencies(&fresh, "..", &POLICIES).unwrap(), fresh);
    }

    #[test]
    fn a_policy_belongs_where_its_facts_say() {
        for (facts, membership) in [
            ("title: \"X\",\n}\nreads: [images],", Membership::Manifests),
            ("title: \"X\",\n    }\n    inspects: Configurations,\n    reads: [],", Membership::Images),
            ("    kinds: Kinds { workloads: false, objects: &[SECRET] },", Membership::None),
            ("            capabilities::check(&mut report, container)?;", Membership::Manifests),
            ("    capabilities: &[\"kubernetes/list_resources_all\"],", Membership::None),
        ] {
            assert_eq!(Membership::of(facts), membership, "{facts}");
        }
    }

    #[test]
    fn a_manifest_without_markers_is_refused() {
        assert!(dependencies("[dependencies]\n", "..", &POLICIES).unwrap_err().to_string().contains(BEGIN));
    }
}
