//! The sentences about a tag that is not accepted.

use std::borrow::Cow;

use shared::image::tag::{content, variant};
use shared::prelude::*;

use crate::accept::Accepted;
use crate::nearest::Nearest;
use crate::pattern;
use crate::settings::{Format, GitHash, VPrefix};

/// The sentences about the tags of an image.
pub(crate) struct Words<'w> {
    pub(crate) accepted: &'w Accepted<'w>,
    pub(crate) name: Cow<'w, str>,
}

impl Words<'_> {
    /// There is no tag.
    pub(crate) fn missing(&self) -> String {
        format!("image {} has no tag, which means latest, where {} is expected", self.name, self.expected())
    }

    /// The tag names no release.
    pub(crate) fn unreleased(&self, tag: &str) -> String {
        format!("tag {tag} of {} names no release, where {} is expected", self.name, self.expected())
    }

    /// The tag has another format, and what to do: what to use instead, and the setting that would accept the tag.
    pub(crate) fn wrong_format(&self, tag: &str) -> (String, String) {
        let Nearest { is, otherwise, part, is_partial } = Nearest::of(self.accepted, tag);
        let problem = format!("tag {tag} of {} is not {}: ", self.name, self.expected());
        let fix = if is_partial {
            self.full_version(part, variant(tag))
        } else {
            // A variant stays the same; with a date or a commit after it, it is another name.
            self.examples_of(variant(tag).filter(|_| content(tag).is_none()))
        };
        let problem = about(problem, is, part);
        if !otherwise.is_empty() {
            return (problem, about(fix + ", or ", otherwise, part));
        }
        match pattern::of(tag) {
            // Nothing in it ends a text in single quotes.
            Some(pattern) => (problem, format!("{fix}, or list 'regex:{pattern}' in perRepository[].formats")),
            None => (problem, fix),
        }
    }

    /// A description of the accepted tags.
    fn expected(&self) -> String {
        let Accepted { semver, git_hash: GitHash { min, max, .. }, .. } = self.accepted;
        self.each_format(" or ", &|format| match format {
            Format::Semver if semver.v_prefix == VPrefix::Require => "a semantic version (v1.2.3)".into(),
            Format::Semver => "a semantic version (1.2.3)".into(),
            Format::GitHash => {
                format!("a git commit hash ({min} to {} hex digits)", if *max < 64 { *max } else { 40 })
            }
            Format::GitDescribe => "an output of git describe (v1.2.3-14-gabc1234)".into(),
            Format::Calver => "a calendar version (2024.01.15)".into(),
            Format::Regex(pattern) => format!("a match of {}", quote(pattern)),
            Format::Any => String::new(),
        })
    }

    /// The image with a tag of each accepted format, and a digest.
    pub(crate) fn examples(&self) -> String {
        self.examples_of(None)
    }

    fn examples_of(&self, variant: Option<&str>) -> String {
        let name = &self.name;
        let variant = variant.map(|variant| format!("-{variant}")).unwrap_or_default();
        let tags = self.each_format(", ", &|format| {
            let tag = match format {
                Format::Semver => return format!("{name}:<version>{variant}"),
                Format::GitHash => "<commit>",
                Format::GitDescribe => "<git describe>",
                Format::Calver => "<date>",
                Format::Any | Format::Regex(_) => "<matching tag>",
            };
            format!("{name}:{tag}")
        });
        format!("use {tags} or a digest")
    }

    /// The image with the version that a partial one stands for today, and a digest.
    fn full_version(&self, partial: &str, variant: Option<&str>) -> String {
        let name = &self.name;
        let variant = variant.map(|variant| format!("-{variant}")).unwrap_or_default();
        format!("use {name}:<version>{variant}, the full version that {partial} stands for, or a digest")
    }

    /// A text for each accepted format.
    fn each_format(&self, between: &str, said: &dyn Fn(&Format) -> String) -> String {
        let mut text = String::new();
        for format in self.accepted.formats {
            text.push_str(if text.is_empty() { "" } else { between });
            text.push_str(&said(format));
        }
        text
    }
}

/// Adds a text to a sentence, with the part of a tag for its `%`.
fn about(mut sentence: String, text: &str, part: &str) -> String {
    let (before, after) = text.split_once('%').map_or((text, None), |(before, after)| (before, Some(after)));
    sentence.push_str(before);
    if let Some(after) = after {
        sentence.push_str(part);
        sentence.push_str(after);
    }
    sentence
}
