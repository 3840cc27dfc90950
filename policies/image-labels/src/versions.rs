//! The version and the commit that a tag names, compared with those of labels.

use shared::image::tag::{Content, Hash, Version, content, is_variant};

/// Returns `true` if a tag names another version than a label, as far as both are versions: the numbers that both have
/// differ, or the label is that of a pre-release and the tag is not.
pub(crate) fn is_other_version(tag: &str, label: &str) -> bool {
    let (Some(tag), Some(label)) = (version(tag), version(label)) else { return false };
    let numbers = |version: &Version<'_>| -> Vec<String> {
        version.numbers.split('.').map(|number| number.trim_start_matches('0').to_owned()).collect()
    };
    let pre_release = |version: &Version<'_>| version.split(&is_variant).0.map(str::to_owned);
    if numbers(&tag).iter().zip(&numbers(&label)).any(|(one, other)| one != other) {
        return true;
    }
    let has_all = numbers(&tag).len() >= 3;
    match (pre_release(&tag), pre_release(&label)) {
        (None, Some(_)) => has_all,
        (Some(one), Some(other)) => has_all && one != other && !one.starts_with(&other) && !other.starts_with(&one),
        _ => false,
    }
}

/// A text of at least two numbers with dots between them. One alone counts builds.
fn version(text: &str) -> Option<Version<'_>> {
    Version::read(text)
        .filter(|version| version.unparsed.is_empty() && version.numbers.contains('.') && !version.is_git_describe())
}

/// Returns `true` if a tag names another commit than a label.
pub(crate) fn is_other_commit(tag: &str, label: &str) -> bool {
    let Some(Content::Commit(commit)) = content(tag) else { return false };
    if Hash::read(label).is_none_or(|hash| !hash.has_length(7, 64)) {
        return false;
    }
    let (commit, label) = (commit.to_ascii_lowercase(), label.to_ascii_lowercase());
    !commit.starts_with(&label) && !label.starts_with(&commit)
}
