//! The date and the changes of a version: from `CHANGELOG.md`, which keeps the format of
//! <https://keepachangelog.com>.

use std::path::Path;
use std::{fs, io};

use super::names;
use shared::module::Module;

/// The date of a version that is not released yet. Generated files contain no timestamps.
const UNRELEASED: &str = "2026-01-01";

/// The kinds of changes, of the format and of Artifact Hub alike.
const KINDS: [&str; 6] = ["added", "changed", "deprecated", "removed", "fixed", "security"];

/// A release of a policy.
#[derive(Debug, PartialEq)]
pub(super) struct Release {
    /// The day, as `2026-11-22`.
    pub(super) date: String,
    /// The changes: the kind and one sentence or more.
    pub(super) changes: Vec<(&'static str, String)>,
}

/// The release of `M` in its version.
pub(super) fn release<M: Module>(root: &Path) -> Result<Release, String> {
    let text = match fs::read_to_string(root.join("CHANGELOG.md")) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(format!("CHANGELOG.md: {error}")),
    };
    // The command has the name of the project, and so has a module.
    let (_, project) = names::project(&M::PACKAGE);
    let mut release = parse(&text, M::PACKAGE.version);
    release.changes.retain(|(_, change)| concerns(change, M::NAME, M::NAME == project));
    if release.changes.is_empty() {
        release.changes.push(("changed", format!("Released as part of Seaworthy {}.", M::PACKAGE.version)));
    }
    Ok(release)
}

/// Returns `true` if a change concerns the policy `name`: it names it, or every policy. One `of_the_project` has a name
/// that means more than the policy, so that it must be called a module.
fn concerns(change: &str, name: &str, of_the_project: bool) -> bool {
    let is_named = if of_the_project {
        change.contains(&format!("module {name}"))
    } else {
        change.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-')).any(|word| word == name)
    };
    is_named || change.to_ascii_lowercase().contains("every policy")
}

/// The section of `version`, or else that of what is not released yet.
fn parse(text: &str, version: &str) -> Release {
    let section = |wanted: &str| {
        text.split("\n## ").skip(1).find(|section| {
            let heading = section.lines().next().unwrap_or_default();
            heading.trim_start_matches('[').strip_prefix(wanted).is_some_and(|rest| !rest.starts_with(['.', '-']))
        })
    };
    let section = section(version).or_else(|| section("Unreleased")).unwrap_or_default();
    let heading = section.lines().next().unwrap_or_default();
    let date = heading.rsplit(' ').next().filter(|date| is_date(date)).unwrap_or(UNRELEASED).to_owned();
    Release { date, changes: changes(section) }
}

/// The items of a section, each with the kind whose heading it stands under. An item may go on in indented lines.
fn changes(section: &str) -> Vec<(&'static str, String)> {
    let mut changes: Vec<(&'static str, String)> = Vec::new();
    let mut kind = None;
    for line in section.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            kind = KINDS.into_iter().find(|kind| kind.eq_ignore_ascii_case(heading.trim_ascii()));
        } else if let (Some(kind), Some(item)) = (kind, line.strip_prefix("- ").or_else(|| line.strip_prefix("* "))) {
            changes.push((kind, plain(item)));
        } else if let (true, Some((_, change))) = (line.starts_with("  ") && kind.is_some(), changes.last_mut()) {
            change.push(' ');
            change.push_str(&plain(line));
        }
    }
    changes
}

/// Text without the marks of code and of bold: Artifact Hub shows them as they are.
fn plain(text: &str) -> String {
    text.trim_ascii().replace("**", "").replace('`', "")
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# Changelog

## [Unreleased]

### Added

- Something new.

## [0.2.0] - 2026-12-01

### Fixed

- **non-root**: `runAsUser` of the pod
  counts.
* All messages name the path.

### Security

- A hole in no-latest.

## [0.2.0-rc.1] - 2026-11-30

### Added

- A candidate.
";

    #[test]
    fn a_version_has_its_date_and_its_changes() {
        let release = parse(TEXT, "0.2.0");
        assert_eq!(release.date, "2026-12-01");
        let changes = [
            ("fixed", "non-root: runAsUser of the pod counts."),
            ("fixed", "All messages name the path."),
            ("security", "A hole in no-latest."),
        ];
        assert_eq!(release.changes, changes.map(|(kind, text)| (kind, text.to_owned())));
    }

    #[test]
    fn a_version_without_a_section_has_what_is_not_released_yet_and_a_fixed_date() {
        let release = parse(TEXT, "0.3.0");
        assert_eq!(release, Release { date: UNRELEASED.into(), changes: vec![("added", "Something new.".into())] });
    }

    #[test]
    fn a_change_concerns_the_policy_that_it_names_or_every_one() {
        assert!(concerns("non-root: text", "non-root", false));
        assert!(!concerns("non-root: text", "root", false));
        assert!(!concerns("the command says more", "root", false));
        assert!(concerns("Every policy says more", "root", false));
        assert!(!concerns("seaworthy check says more", "seaworthy", true));
        assert!(concerns("The module seaworthy says more", "seaworthy", true));
    }
}
