//! The accepted tags.

use shared::glob::ImagePattern;
use shared::image::tag::{self, Hash, Version};
use shared::prelude::*;

use crate::settings::{Format, GitHash, Override, PublicImages, Semver, Settings, compile};

/// The accepted tags of one repository.
pub(crate) struct Accepted<'s> {
    pub(crate) formats: &'s [Format],
    pub(crate) semver: &'s Semver,
    pub(crate) git_hash: &'s GitHash,
    /// The outcome of a finding, which the settings can change for public images.
    pub(crate) action: PublicImages,
}

impl<'s> Accepted<'s> {
    pub(crate) fn of(settings: &'s Settings, image: &ImageRef<'_>) -> Self {
        let Settings { formats, semver, git_hash, per_repository, public_registries, .. } = settings;
        let is_in = |patterns: &[ImagePattern]| patterns.iter().any(|pattern| pattern.matches(image.repository()));
        let has = |entry: &&Override| is_in(&entry.images);
        match per_repository.iter().find(has) {
            Some(entry) => Self {
                formats: &entry.formats,
                semver: entry.semver.as_ref().unwrap_or(semver),
                git_hash: entry.git_hash.as_ref().unwrap_or(git_hash),
                action: PublicImages::Deny,
            },
            None if is_in(public_registries) => Self { formats, semver, git_hash, action: settings.public_images },
            None => Self { formats, semver, git_hash, action: PublicImages::Deny },
        }
    }

    /// Returns `true` if the tag is of one of the formats.
    pub(crate) fn takes(&self, tag: &str) -> bool {
        self.formats.iter().any(|format| match format {
            Format::Semver => self.takes_version(tag),
            Format::GitHash => self.takes_hash(tag),
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

    pub(crate) fn takes_hash(&self, tag: &str) -> bool {
        self.hashes(tag).any(|(prefix, hash)| self.git_hash.accepts(&hash, prefix))
    }

    /// The tag as hexadecimal digits after each prefix that it has.
    pub(crate) fn hashes<'t>(&self, tag: &'t str) -> impl Iterator<Item = (&'s str, Hash)> + use<'s, 't> {
        let prefixes = self.git_hash.prefixes.iter();
        prefixes.filter_map(move |prefix| Some((prefix.as_str(), Hash::read(tag.strip_prefix(prefix.as_str())?)?)))
    }
}

impl GitHash {
    /// Returns `true` if the digits are those of a hash after `prefix`.
    pub(crate) fn accepts(&self, hash: &Hash, prefix: &str) -> bool {
        hash.is_lower && hash.has_length(digits(self.min), digits(self.max)) && !self.is_number(hash, prefix)
    }

    /// Returns `true` if the digits after `prefix` are taken for those of a number.
    pub(crate) fn is_number(&self, hash: &Hash, prefix: &str) -> bool {
        self.require_letter && prefix.is_empty() && !hash.has_letter && hash.length > 7
    }

    pub(crate) fn is_too_short(&self, hash: &Hash) -> bool {
        hash.length < digits(self.min)
    }
}

fn digits(setting: i64) -> usize {
    usize::try_from(setting).unwrap_or_default()
}
