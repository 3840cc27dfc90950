//! Which tags are accepted.

use shared::image::tag::{self, Hash, Version};
use shared::prelude::*;

use crate::settings::{Format, GitHash, Override, Semver, Settings, compile};

/// What is accepted for one repository.
pub(crate) struct Accepted<'s> {
    pub(crate) formats: &'s [Format],
    pub(crate) semver: &'s Semver,
    pub(crate) git_hash: &'s GitHash,
}

impl<'s> Accepted<'s> {
    pub(crate) fn of(settings: &'s Settings, image: &ImageRef<'_>) -> Self {
        let Settings { formats, semver, git_hash, per_repository, .. } = settings;
        let has = |entry: &&Override| entry.images.iter().any(|pattern| pattern.matches(image.repository()));
        match per_repository.iter().find(has) {
            Some(entry) => Self {
                formats: &entry.formats,
                semver: entry.semver.as_ref().unwrap_or(semver),
                git_hash: entry.git_hash.as_ref().unwrap_or(git_hash),
            },
            None => Self { formats, semver, git_hash },
        }
    }

    /// Whether the tag is of one of the formats.
    pub(crate) fn takes(&self, tag: &str) -> bool {
        self.formats.iter().any(|format| match format {
            Format::Semver => self.takes_version(tag),
            Format::GitHash => self.hashes(tag).any(|(prefix, hash)| self.git_hash.accepts(&hash, prefix)),
            Format::GitDescribe => Version::read(tag).is_some_and(|version| version.is_git_describe()),
            Format::Calver => tag::is_calver(tag),
            Format::Any => true,
            // An expression that is not valid matches nothing.
            Format::Regex(pattern) => compile(pattern).is_ok_and(|regex| regex.is_match(tag)),
        })
    }

    pub(crate) fn takes_version(&self, tag: &str) -> bool {
        Version::read(tag).is_some_and(|version| self.semver.fault(tag, &version).is_none())
    }

    /// The tag as hexadecimal digits behind each prefix that it has.
    pub(crate) fn hashes<'t>(&self, tag: &'t str) -> impl Iterator<Item = (&'s str, Hash)> + use<'s, 't> {
        let prefixes = self.git_hash.prefixes.iter();
        prefixes.filter_map(move |prefix| Some((prefix.as_str(), Hash::read(tag.strip_prefix(prefix.as_str())?)?)))
    }
}

impl GitHash {
    /// Whether the digits are those of a hash behind `prefix`.
    pub(crate) fn accepts(&self, hash: &Hash, prefix: &str) -> bool {
        let [min, max] = [self.min, self.max].map(|digits| usize::try_from(digits).unwrap_or_default());
        hash.is_lower && hash.has_length(min, max) && !self.is_number(hash, prefix)
    }

    /// Whether the digits behind `prefix` are taken for those of a number.
    pub(crate) fn is_number(&self, hash: &Hash, prefix: &str) -> bool {
        self.require_letter && prefix.is_empty() && !hash.has_letter && hash.length > 7
    }
}
