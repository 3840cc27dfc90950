//! The accepted format that a refused tag comes nearest to: one row per fault.

use shared::image::tag::{self, Content, Hash, Version};

use crate::accept::Accepted;
use crate::semver::Fault;
use crate::settings::Format;

/// The accepted format that a tag comes nearest to. In both texts, `%` stands for the part of the tag that they are about.
pub(crate) struct Nearest<'t> {
    /// A sentence that describes the tag.
    pub(crate) is: &'static str,
    /// An alternative to another tag: mostly, the setting that would accept it. Empty when only a regular
    /// expression would.
    pub(crate) otherwise: &'static str,
    /// The part of the tag.
    pub(crate) part: &'t str,
    /// The part is a version that stands for a longer one.
    pub(crate) is_partial: bool,
}

const NUMBER: Nearest<'_> = row("it is a number, which may be a date or a build", "", "");
const CALVER: Nearest<'_> = row("it is a calendar version", "list calver in formats", "");
const GIT_DESCRIBE: Nearest<'_> = row("it is an output of git describe", "list gitDescribe in formats", "");

const fn row<'t>(is: &'static str, otherwise: &'static str, part: &'t str) -> Nearest<'t> {
    Nearest { is, otherwise, part, is_partial: false }
}

impl<'t> Nearest<'t> {
    pub(crate) fn of(accepted: &Accepted<'_>, tag: &'t str) -> Self {
        let lists = |format: &Format| accepted.formats.contains(format);
        let version = Version::read(tag);
        if lists(&Format::Semver) {
            let of_version = |version| of_version(&accepted.semver.fault(tag, &version)?, &version, tag);
            if let Some(nearest) = version.and_then(of_version) {
                return nearest;
            }
            if let Some(prefix) = version_prefix(accepted, tag) {
                return row("it is a version after %", "", prefix);
            }
        }
        let of_hash = || lists(&Format::GitHash).then(|| of_hash(accepted, tag)).flatten();
        of_hash().unwrap_or_else(|| of_none(accepted, tag, version))
    }
}

/// The row for the fault of a version.
fn of_version<'t>(fault: &Fault<'t>, version: &Version<'_>, tag: &'t str) -> Option<Nearest<'t>> {
    Some(match fault {
        // Another format may be nearer.
        Fault::Rest => return None,
        Fault::GitDescribe => GIT_DESCRIBE,
        Fault::Calver => CALVER,
        Fault::Number if version.after_dash.is_none() => NUMBER,
        Fault::Number => row("it starts with a number, which may be a date or a build", "", ""),
        Fault::Holds(content) => of_content(*content),
        Fault::EmptyNumber => row("it has a dot without a number", "", ""),
        Fault::LeadingZero => row("it has a leading zero", "", ""),
        Fault::TooManyNumbers => row("it has more than three numbers", "", ""),
        Fault::Partial => {
            let is_number = !version.numbers.bytes().any(|byte| byte == b'.');
            let is = match (is_number, version.v_prefix) {
                (true, false) => "it is a partial version or the number of a build",
                _ => "it is a partial version",
            };
            let otherwise = if is_number { "set semver.partial to major" } else { "set semver.partial to minor" };
            let part = tag.get(..version.numbers.len().saturating_add(version.v_prefix.into())).unwrap_or(tag);
            Nearest { is, otherwise, part, is_partial: true }
        }
        Fault::WithoutV => row("it has no v before it", "set semver.vPrefix to allow", ""),
        Fault::WithV => row("it has a v before it", "set semver.vPrefix to allow", ""),
        Fault::Suffix(part) => {
            row("it has the suffix % of a distribution or variant", "list % in semver.suffixes", part)
        }
        Fault::PreRelease(part) => row("it has the pre-release %", "set semver.prerelease to allow", part),
        Fault::InvalidPreRelease(part) => row("its pre-release \"%\" is not valid", "", part),
        Fault::Build(part) => row("it has the build metadata %", "set semver.build to allow", part),
        Fault::InvalidBuild(part) => row("its build metadata \"%\" is not valid", "", part),
    })
}

/// The text before a version that would be accepted.
fn version_prefix<'t>(accepted: &Accepted<'_>, tag: &'t str) -> Option<&'t str> {
    let bare = tag.trim_start_matches(|c: char| !c.is_ascii_digit());
    tag.strip_suffix(bare).filter(|_| accepted.takes_version(bare))
}

/// A hash that the settings do not take for one of a commit, or one after a prefix that they do not list.
fn of_hash<'t>(accepted: &Accepted<'_>, tag: &'t str) -> Option<Nearest<'t>> {
    if let Some((prefix, hash)) = accepted.hashes(tag).find(|(_, hash)| hash.length > 3) {
        return Some(if !hash.is_lower {
            row("it is a hash in upper case", "", "")
        } else if accepted.git_hash.is_number(&hash, prefix) {
            NUMBER
        } else if accepted.git_hash.is_too_short(&hash) {
            row("it has fewer hex digits than a hash", "lower gitHash.min", "")
        } else {
            row("it has more hex digits than a hash", "", "")
        });
    }
    let (prefix, hash) = tag.rsplit_once('-')?;
    Hash::read(hash).filter(|hash| accepted.git_hash.accepts(hash, ""))?;
    // A prefix with a number is another one in the next build.
    let is_fixed = !prefix.bytes().any(|byte| byte.is_ascii_digit());
    Some(row("it is a hash after %-", if is_fixed { "list %- in gitHash.prefixes" } else { "" }, prefix))
}

/// A tag that is near to no accepted format.
fn of_none<'t>(accepted: &Accepted<'_>, tag: &'t str, version: Option<Version<'t>>) -> Nearest<'t> {
    // Of a version itself, more is said.
    let content = tag::content(tag).filter(|content| version.is_none() || !matches!(content, Content::Version(_)));
    match (content, version) {
        (_, Some(version)) if version.is_git_describe() => GIT_DESCRIBE,
        _ if tag::is_calver(tag) => CALVER,
        _ if tag.len() > 3 && tag::is_digits(tag) => NUMBER,
        _ if accepted.takes_hash(tag) => row("it is a hash", "list gitHash in formats", ""),
        _ if tag.len() > 3 && Hash::read(tag).is_some() => row("it is a hash", "", ""),
        _ if accepted.takes_version(tag) => row("it is a version", "list semver in formats", ""),
        (Some(content), _) => of_content(content),
        (_, Some(Version { unparsed: "", .. })) => row("it is a version", "", ""),
        (_, Some(Version { unparsed, .. })) => row("it starts as a version, but % follows", "", unparsed),
        _ if is_in_capitals(tag) => {
            row("it is in capitals, as a placeholder that was not replaced", "replace the placeholder", "")
        }
        _ => row("it names no full version, commit or date", "", ""),
    }
}

fn of_content(content: Content<'_>) -> Nearest<'_> {
    match content {
        Content::Commit(hash) => row("it holds the commit %", "", hash),
        Content::Date(date) => row("it holds the date %", "", date),
        Content::Version(version) => row("it holds the version %", "", version),
    }
}

fn is_in_capitals(tag: &str) -> bool {
    tag.len() > 2 && tag.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_' || byte == b'-')
}
