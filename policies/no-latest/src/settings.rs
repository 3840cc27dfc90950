//! The settings of `no-latest`.

use shared::glob::{Glob, ImagePattern, globs};
use shared::image::tag;
use shared::prelude::*;

settings! {
    /// Settings of `no-latest`.
    pub struct Settings {
        /// Tags that are denied, as globs.
        denied_tags: Vec<Glob> = globs(&["latest"]) => "deniedTags",
        /// Tags that move to newer images, as globs, also as a word between dashes where no other word is a full version, a
        /// date, a commit or a number: `stable-alpine`, but not `main-8f2d1c0`. Names of variants alone, as in `alpine`, move
        /// too.
        moving_tags: Vec<Glob> = globs(&MOVING_TAGS) => "movingTags",
        /// Ignore case in `deniedTags` and `movingTags`. Tags themselves are case-sensitive.
        case_insensitive: bool = false => "caseInsensitive",
        /// The effect of a digest.
        digest: DigestSettings = DigestSettings::default() => "digest",
    }
}

settings! {
    /// The effect of a digest.
    pub struct DigestSettings {
        /// Accept any tag beside a digest, because the tag has no effect then.
        satisfies: bool = true => "satisfies",
        /// Require a digest of images.
        require: Require = Require::Never => "require",
        /// Repositories whose images need a digest even when `require` is `never`.
        require_for: Vec<ImagePattern> = Vec::new() => "requireFor",
        /// Algorithms that are accepted. Each digest must have as many digits as its algorithm has.
        algorithms: Vec<Algorithm> = vec![Algorithm::Sha256, Algorithm::Sha512] => "algorithms"
            unless empty("no digest would be accepted; name at least one algorithm"),
    }
}

settings! {
    /// The images that need a digest.
    pub enum Require {
        /// None.
        Never => "never",
        /// All.
        Always => "always",
    }
}

settings! {
    /// The algorithm of a digest.
    pub enum Algorithm {
        /// SHA-256, which registries use.
        Sha256 => "sha256",
        /// SHA-384, which container runtimes know and the OCI specification does not.
        Sha384 => "sha384",
        /// SHA-512.
        Sha512 => "sha512",
    }
}

/// Tags that by custom name what was built or released last.
const MOVING_TAGS: [&str; 22] = [
    "stable",
    "unstable",
    "testing",
    "mainline",
    "rolling",
    "edge",
    "main",
    "master",
    "trunk",
    "develop",
    "devel",
    "dev",
    "nightly",
    "canary",
    "head",
    "next",
    "lts",
    "current",
    "*-head",
    "*-latest",
    "latest-*",
    "*-SNAPSHOT",
];

impl Settings {
    /// Returns `true` if the tag is denied.
    pub(crate) fn denies(&self, tag: &str) -> bool {
        self.any(&self.denied_tags, tag)
    }

    /// Why the tag moves to newer images, if it does.
    pub(crate) fn moves(&self, tag: &str) -> Option<&'static str> {
        let is_word = || tag::words(tag).any(|word| self.any(&self.moving_tags, word));
        if self.any(&self.moving_tags, tag) || !tag::words(tag).any(tag::is_build_word) && is_word() {
            return Some("which moves to newer images");
        }
        tag::is_only_variant(tag).then_some("which names a variant and no version, so it moves to newer images")
    }

    fn any(&self, globs: &[Glob], tag: &str) -> bool {
        let matches = if self.case_insensitive { Glob::matches_ignoring_case } else { Glob::matches };
        globs.iter().any(|glob| matches(glob, tag))
    }

    /// Returns `true` if the image needs a digest.
    pub(crate) fn requires_digest(&self, image: &ImageRef<'_>) -> bool {
        self.digest.require == Require::Always
            || self.digest.require_for.iter().any(|pattern| pattern.matches(image.repository()))
    }

    /// Returns `true` if digests of this algorithm are accepted.
    pub(crate) fn accepts(&self, algorithm: &str) -> bool {
        self.digest.algorithms.iter().any(|accepted| accepted.key() == algorithm)
    }

    /// The algorithm of digests in examples.
    pub(crate) fn algorithm(&self) -> &'static str {
        self.digest.algorithms.first().map_or("sha256", |algorithm| algorithm.key())
    }
}
