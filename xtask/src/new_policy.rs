//! `cargo xtask new-policy NAME`: a policy that passes its tests, to be changed into another.

use std::fs;
use std::path::Path;

use crate::cargo::Cargo;
use crate::outcome::{Fault, exit_code};
use crate::{lists, publish};

/// The files of a policy by their path in its directory. They are those of a policy `new-policy`, which
/// `shared/testing/tests/new_policy.rs` compiles and tests.
const FILES: [(&str, &str); 7] = [
    ("Cargo.toml", include_str!("../new-policy/Cargo.toml.in")),
    ("README.md", include_str!("../new-policy/README.md")),
    ("samples.yaml", include_str!("../new-policy/samples.yaml")),
    ("cases/examples.yaml", include_str!("../new-policy/cases/examples.yaml")),
    ("cases/settings.yaml", include_str!("../new-policy/cases/settings.yaml")),
    ("cases/users.yaml", include_str!("../new-policy/cases/users.yaml")),
    ("src/lib.rs", include_str!("../new-policy/src/lib.rs")),
];

/// Names that mean something else where policies are named.
const RESERVED: [&str; 4] = ["others", "policies", "seaworthy", "shared"];

/// Writes the policy, its entry in the changelog and what is generated. Says what is next.
///
/// # Errors
///
/// Fails when the name is taken or is not one, or something cannot be written.
pub(crate) fn create(cargo: &Cargo, name: &str) -> Result<String, Fault> {
    check(name)?;
    if cargo.packages()?.iter().any(|package| package.name == name) {
        return Err(format!("there is a package {name} already").into());
    }
    let directory = cargo.workspace().join("policies").join(name);
    if directory.exists() {
        return Err(format!("{} exists already", directory.display()).into());
    }
    for (path, text) in FILES {
        write(&directory.join(path), &filled(text, name))?;
    }
    let changelog = cargo.workspace().join("CHANGELOG.md");
    fs::write(&changelog, with_entry(&fs::read_to_string(&changelog)?, name)?)?;
    publish::generate(cargo)?;
    let status = cargo.command("fmt").args(["--package", name]).status()?;
    if !status.success() {
        return Err(format!("`cargo fmt` failed: {:?}", exit_code(status)).into());
    }
    Ok(next(name))
}

/// Checks that the text is the name of a policy: words of lower case letters and digits, joined by hyphens.
fn check(name: &str) -> Result<(), Fault> {
    let is_word = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_lowercase())
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    if !name.split('-').all(is_word) {
        return Err(
            format!("`{name}` is not a name such as `no-latest`: words of lower case letters, with hyphens").into()
        );
    }
    if RESERVED.contains(&name) {
        return Err(format!("`{name}` is reserved; choose another name").into());
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), Fault> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// The text with the names of the policy.
fn filled(text: &str, name: &str) -> String {
    let words = name.replace('-', " ");
    let mut letters = words.chars();
    let title: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    text.replace("new-policy", name).replace("NewPolicy", &lists::type_name(name)).replace("New policy", &title)
}

/// The changelog with an entry for the policy, the first of what is added in the next version.
fn with_entry(changelog: &str, name: &str) -> Result<String, Fault> {
    const NEXT: &str = "## [Unreleased]\n";
    const ADDED: &str = "\n### Added\n\n";
    let (before, after) = changelog.split_once(NEXT).ok_or("CHANGELOG.md has no section `## [Unreleased]`")?;
    let entry = format!("- `{name}`: nothing runs as a denied user.\n");
    let (section, rest) = after.split_at(after.find("\n## ").unwrap_or(after.len()));
    let section = match section.split_once(ADDED) {
        Some((before, items)) => format!("{before}{ADDED}{entry}{items}"),
        None => format!("{ADDED}{entry}{section}"),
    };
    Ok(format!("{before}{NEXT}{section}{rest}"))
}

/// The next steps.
fn next(name: &str) -> String {
    format!(
        "\
policies/{name}/ holds a policy that denies users by their ID, and passes. Change it into yours; CONTRIBUTING.md,
\"Add a policy\", explains each step:

  1. Cargo.toml       the description, one sentence
  2. cases/*.yaml     a case that should be rejected; without `expect`, its test prints what to paste
  3. src/lib.rs       the facts, the rules, the fields that are read, and the settings
  4. samples.yaml     what the policy denies by default, for the tests of all policies
  5. cases/examples.yaml
                      for each rule a bad example, and the same put right, for `seaworthy explain`
  6. README.md        the reason, and an example before and after; the tables are generated
  7. CHANGELOG.md     the entry of the policy

After each step, `cargo test -p {name}`. At the end:

  cargo xtask gen     writes the published files
  cargo fmt
  cargo xtask test    runs every test, also through the modules
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_joined_by_hyphens() {
        for name in ["no-latest", "a", "pid1", "x-509"] {
            assert_eq!(check(name).is_ok(), name != "x-509", "{name}");
        }
        for name in ["", "-", "a-", "No-latest", "a_b", "a b", "../a", "seaworthy", "others"] {
            assert!(check(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_template_has_the_names_of_the_policy() {
        assert_eq!(
            filled("new-policy NewPolicy New policy", "host-namespaces"),
            "host-namespaces HostNamespaces Host namespaces"
        );
        for (path, text) in FILES {
            let filled = filled(text, "host-namespaces");
            assert!(!["new-policy", "NewPolicy", "New policy"].iter().any(|left| filled.contains(left)), "{path}");
        }
    }

    #[test]
    fn the_manifest_of_a_new_policy_is_that_of_the_others() {
        let manifest = Cargo::new().workspace().join("policies/readonly-rootfs/Cargo.toml");
        let manifest = fs::read_to_string(manifest).unwrap();
        let lines = |text: &str| {
            let own = |line: &&str| !line.starts_with("name = ") && !line.starts_with("description = ");
            text.lines().filter(own).map(str::to_owned).collect::<Vec<_>>()
        };
        let (_, new) = FILES.iter().find(|(path, _)| *path == "Cargo.toml").unwrap();
        assert_eq!(lines(new), lines(&manifest));
    }

    #[test]
    fn the_entry_is_the_first_of_what_is_added() {
        let entry = "- `a`: nothing runs as a denied user.\n";
        let with = |text: &str| with_entry(text, "a").unwrap();
        assert_eq!(
            with("# C\n\n## [Unreleased]\n\n### Added\n\n- b\n\n## [1.0.0]\n\n### Added\n\n- c\n"),
            format!("# C\n\n## [Unreleased]\n\n### Added\n\n{entry}- b\n\n## [1.0.0]\n\n### Added\n\n- c\n")
        );
        assert_eq!(
            with("## [Unreleased]\n\n### Fixed\n\n- b\n\n## [1.0.0]\n"),
            format!("## [Unreleased]\n\n### Added\n\n{entry}\n### Fixed\n\n- b\n\n## [1.0.0]\n")
        );
        assert!(with_entry("# C\n", "a").is_err());
    }
}
