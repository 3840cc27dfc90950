//! What is said of a tag that is not accepted.

use std::borrow::Cow;

use shared::image::tag::{self, Hash, Version};
use shared::prelude::*;

use crate::accept::Accepted;
use crate::semver::Fault;
use crate::settings::{Format, GitHash, VPrefix};

/// What is said of a tag that is a number of four digits or more.
const NUMBER: &str = "it is a number, which may be a date or a build";

/// What is said of the tags of an image.
pub(crate) struct Words<'w> {
    pub(crate) accepted: &'w Accepted<'w>,
    pub(crate) name: Cow<'w, str>,
}

/// What a tag comes nearest to, and what to do when that is more than to choose another.
type Nearest = (Cow<'static, str>, Option<String>);

impl Words<'_> {
    /// There is no tag.
    pub(crate) fn missing(&self) -> String {
        format!("image {} has no tag, which means latest, where {} is expected", self.name, self.expected())
    }

    /// The tag names no release.
    pub(crate) fn unreleased(&self, tag: &str) -> String {
        format!("tag {tag} of {} names no release, where {} is expected", self.name, self.expected())
    }

    /// The tag has another format, and what to do.
    pub(crate) fn wrong_format(&self, tag: &str) -> (String, String) {
        let (nearest, fix) = self.nearest(tag);
        let problem = format!("tag {tag} of {} is not {}: {nearest}", self.name, self.expected());
        (problem, fix.unwrap_or_else(|| self.examples()))
    }

    /// What a tag of an accepted format is.
    fn expected(&self) -> String {
        let Accepted { formats, semver, git_hash: GitHash { min, max, .. } } = self.accepted;
        let expected = formats.iter().map(|format| match format {
            Format::Semver if semver.v_prefix == VPrefix::Require => "a semantic version (v1.2.3)".into(),
            Format::Semver => "a semantic version (1.2.3)".into(),
            Format::GitHash => {
                format!("a git commit hash ({min} to {} hex digits)", if *max < 64 { *max } else { 40 })
            }
            Format::GitDescribe => "an output of git describe (v1.2.3-14-gabc1234)".into(),
            Format::Calver => "a calendar version (2024.01.15)".into(),
            Format::Regex(pattern) => format!("a match of {}", quote(pattern)),
            Format::Any => String::new(),
        });
        expected.collect::<Vec<_>>().join(" or ")
    }

    /// The image with a tag of each accepted format.
    pub(crate) fn examples(&self) -> String {
        let examples = self.accepted.formats.iter().map(|format| {
            let tag = match format {
                Format::Semver => "<version>",
                Format::GitHash => "<commit>",
                Format::GitDescribe => "<git describe>",
                Format::Calver => "<date>",
                Format::Any | Format::Regex(_) => "<matching tag>",
            };
            format!("{}:{tag}", self.name)
        });
        format!("use {}", examples.collect::<Vec<_>>().join(" or "))
    }

    fn nearest(&self, tag: &str) -> Nearest {
        let Accepted { formats, semver, .. } = self.accepted;
        let version = Version::read(tag);
        let of_version = |version: &Version<'_>| self.of_version(&semver.fault(tag, version)?, version);
        let of_semver = || version.as_ref().and_then(of_version).or_else(|| self.of_prefixed_version(tag));
        let is_listed = |format: &Format| formats.contains(format);
        let of_semver = is_listed(&Format::Semver).then(of_semver).flatten();
        let of_hash = || is_listed(&Format::GitHash).then(|| self.of_hash(tag)).flatten();
        of_semver.or_else(of_hash).unwrap_or_else(|| (of_none(tag, version), None))
    }

    /// What keeps a version from being accepted as a semantic one, and what to do about it.
    fn of_version(&self, fault: &Fault<'_>, version: &Version<'_>) -> Option<Nearest> {
        let (name, numbers) = (&self.name, version.numbers);
        let v = if version.v_prefix { "v" } else { "" };
        let (nearest, fix) = match fault {
            Fault::Rest => return None,
            Fault::GitDescribe => (
                "it is an output of git describe".into(),
                format!("{}, or list gitDescribe in formats", self.examples()),
            ),
            Fault::Calver => {
                ("it is a calendar version".into(), format!("{}, or list calver in formats", self.examples()))
            }
            Fault::Number => return Some((NUMBER.into(), None)),
            Fault::EmptyNumber => return Some(("it has a dot without a number".into(), None)),
            Fault::LeadingZero => {
                ("it has a leading zero".into(), format!("write {name}:{v}{}", without_zeros(numbers)))
            }
            Fault::TooManyNumbers => return Some(("it has more than three numbers".into(), None)),
            Fault::Partial => {
                let rest = if numbers.split('.').count() == 1 { ".0.0" } else { ".0" };
                let fix = format!("write all three numbers, such as {name}:{v}{numbers}{rest}");
                ("it is a partial version".into(), fix)
            }
            Fault::WithoutV => ("it has no v in front".into(), format!("use {name}:v{numbers}")),
            Fault::WithV => ("it has a v in front".into(), format!("use {name}:{numbers}")),
            Fault::Suffix(suffix) => (
                format!("it has the suffix {suffix} of a distribution or variant").into(),
                format!("use {name}:{v}{numbers}, or list {suffix} in semver.suffixes"),
            ),
            Fault::PreRelease(text) => (
                format!("it has the pre-release {text}").into(),
                format!("use {name}:{v}{numbers} when it is released"),
            ),
            Fault::InvalidPreRelease(text) => {
                return Some((format!("its pre-release {} is not valid", quote(text)).into(), None));
            }
            Fault::Build(text) => (
                format!("it has the build metadata {text}").into(),
                format!("use {name}:{v}{numbers}, or set semver.build to allow"),
            ),
            Fault::InvalidBuild(text) => {
                return Some((format!("its build metadata {} is not valid", quote(text)).into(), None));
            }
        };
        Some((nearest, Some(fix)))
    }

    /// A version behind something that is no part of it.
    fn of_prefixed_version(&self, tag: &str) -> Option<Nearest> {
        let bare = tag.trim_start_matches(|c: char| !c.is_ascii_digit());
        let prefix = tag.strip_suffix(bare).filter(|_| self.accepted.takes_version(bare))?;
        Some((format!("it is a version behind {prefix}").into(), Some(format!("use {}:{bare}", self.name))))
    }

    /// A hash that the settings do not take for one of a commit, or one behind a prefix that they do not list.
    fn of_hash(&self, tag: &str) -> Option<Nearest> {
        let (name, settings) = (&self.name, self.accepted.git_hash);
        if let Some((prefix, hash)) = self.accepted.hashes(tag).find(|(_, hash)| hash.length > 3) {
            return Some(if !hash.is_lower {
                let fix = format!("write it in lower case: {name}:{}", tag.to_ascii_lowercase());
                ("it is a hash in upper case".into(), Some(fix))
            } else if settings.is_number(&hash, prefix) {
                (NUMBER.into(), None)
            } else {
                (format!("it is {} hex digits", hash.length).into(), None)
            });
        }
        let (prefix, hash) = tag.rsplit_once('-')?;
        Hash::read(hash).filter(|hash| settings.accepts(hash, ""))?;
        let fix = format!("use {name}:{hash}, or list {prefix}- in gitHash.prefixes");
        Some((format!("it is a hash behind {prefix}-").into(), Some(fix)))
    }
}

/// Numbers without the zeros that lead them.
fn without_zeros(numbers: &str) -> String {
    let numbers = numbers.split('.').map(|number| match number.trim_start_matches('0') {
        "" => "0",
        number => number,
    });
    numbers.collect::<Vec<_>>().join(".")
}

/// What a tag is that is near to no accepted format.
fn of_none(tag: &str, version: Option<Version<'_>>) -> Cow<'static, str> {
    match version {
        Some(version) if version.is_git_describe() => "it is an output of git describe".into(),
        _ if tag::is_calver(tag) => "it is a calendar version".into(),
        _ if tag.len() > 3 && tag::is_digits(tag) => NUMBER.into(),
        _ if Hash::read(tag).is_some_and(|hash| hash.length > 3) => "it is a hash".into(),
        Some(Version { rest: "", .. }) => "it is a version".into(),
        Some(Version { numbers, rest, .. }) => format!("it starts as a version, but {rest} follows {numbers}").into(),
        None => "nothing in it says a version, a commit or a date".into(),
    }
}
