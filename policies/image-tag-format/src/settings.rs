//! The settings of `image-tag-format`.

use regex_lite::{Regex, RegexBuilder};
use shared::glob::{Glob, ImagePattern};
use shared::prelude::*;

/// How much memory a compiled expression may take, in bytes.
const MAX_REGEX: usize = 32_768;

settings! {
    /// Settings of `image-tag-format`.
    pub struct Settings {
        /// Formats, one of which a tag must have.
        formats: Vec<Format> = vec![Format::Semver, Format::GitHash] => "formats"
            unless empty("no tag would be accepted; name at least one format"),
        /// What a semantic version may look like.
        semver: Semver = Semver::default() => "semver",
        /// What a git commit hash may look like.
        git_hash: GitHash = GitHash::default() => "gitHash",
        /// What a digest means for the tag beside it.
        digest: Digest = Digest::Satisfies => "digest",
        /// Other formats for some repositories. The first entry that matches counts.
        per_repository: Vec<Override> = Vec::new() => "perRepository",
        /// What a finding does in a public image, which others tag and which no entry of `perRepository` matches.
        public_images: PublicImages = PublicImages::Warn => "publicImages",
        /// The repositories of public images.
        public_registries: Vec<ImagePattern> = public_registries() => "publicRegistries",
    }
}

settings! {
    /// What a finding does in a public image.
    pub enum PublicImages {
        /// What its rule does.
        Deny => "deny",
        /// It warns where it would deny.
        Warn => "warn",
        /// Nothing.
        Ignore => "ignore",
    }
}

/// Repositories whose images no team builds for itself. Not whole registries where teams push their own.
fn public_registries() -> Vec<ImagePattern> {
    let patterns = [
        "docker.io/library/**",
        "registry.k8s.io/**",
        "mcr.microsoft.com/**",
        "gcr.io/distroless/**",
        "public.ecr.aws/docker/library/**",
    ];
    patterns.iter().filter_map(|pattern| ImagePattern::parse(pattern).ok()).collect()
}

settings! {
    /// What a semantic version may look like.
    pub struct Semver {
        /// Whether a `v` stands before the numbers.
        v_prefix: VPrefix = VPrefix::Allow => "vPrefix",
        /// How short a version may be.
        partial: Partial = Partial::Deny => "partial",
        /// Whether there may be a pre-release, as in `1.2.3-rc.1`.
        prerelease: Allowed = Allowed::Allow => "prerelease",
        /// Whether there may be a well-known suffix of a distribution or variant, as in `1.2.3-alpine3.19`.
        distro_suffix: Allowed = Allowed::Allow => "distroSuffix",
        /// Other suffixes that are accepted after a dash, as globs, and well-known ones one by one.
        suffixes: Vec<Glob> = Vec::new() => "suffixes",
        /// Whether there may be build metadata, which tags write with `_`, as in `1.2.3_build.5`.
        build: Allowed = Allowed::Allow => "build",
    }
}

settings! {
    /// Whether something is accepted.
    pub enum Allowed {
        /// It is.
        Allow => "allow",
        /// It is not.
        Deny => "deny",
    }
}

settings! {
    /// Whether a `v` stands before a version.
    pub enum VPrefix {
        /// It may.
        Allow => "allow",
        /// It must.
        Require => "require",
        /// It must not.
        Deny => "deny",
    }
}

settings! {
    /// How short a version may be.
    pub enum Partial {
        /// Three numbers.
        Deny => "deny",
        /// At least two, as in `1.27`.
        Minor => "minor",
        /// At least one, as in `1`.
        Major => "major",
    }
}

settings! {
    /// What a git commit hash may look like.
    pub struct GitHash {
        /// The least digits.
        min: i64 = 7 => "min",
        /// The most digits. A hash has at most 40, or 64 in a repository with SHA-256.
        max: i64 = 64 => "max",
        /// What may stand before the digits; an empty text is nothing.
        prefixes: Vec<String> = ["", "sha-", "git-", "g"].map(String::from).into() => "prefixes"
            unless empty("no hash would be accepted; \"\" stands for no prefix"),
        /// Whether a hash of more than seven digits without a prefix needs a letter: others are dates and build numbers.
        require_letter: bool = true => "requireLetter",
    }
    unless(range_fault)
}

settings! {
    /// What a digest means for the tag beside it.
    pub enum Digest {
        /// The tag is not judged, because it has no effect.
        Satisfies => "satisfies",
        /// The tag is judged all the same.
        TagStillChecked => "tagStillChecked",
    }
}

settings! {
    /// Other formats for some repositories.
    pub struct Override {
        /// The repositories.
        images: Vec<ImagePattern> = Vec::new() => "images"
            required("an entry needs repositories; name them in `images`"),
        /// Their formats.
        formats: Vec<Format> = Vec::new() => "formats"
            required("an entry needs at least one format; name it in `formats`"),
        /// What a semantic version may look like there, instead of `semver`.
        semver: Option<Semver> = None => "semver",
        /// What a git commit hash may look like there, instead of `gitHash`.
        git_hash: Option<GitHash> = None => "gitHash",
    }
}

settings! {
    /// A format of tags.
    pub enum Format as "format" {
        /// A semantic version.
        Semver => "semver",
        /// A git commit hash.
        GitHash => "gitHash",
        /// What `git describe` prints.
        GitDescribe => "gitDescribe",
        /// A calendar version.
        Calver => "calver",
        /// Anything, also no tag at all.
        Any => "any",
        or
        /// What matches the whole of a regular expression.
        Regex(String) => "regex:" + "<pattern>",
    }
}

fn range_fault(GitHash { min, max, .. }: &GitHash) -> Option<String> {
    let is_sound = 4 <= *min && min <= max && *max <= 64;
    (!is_sound).then(|| format!("{min} to {max} is not a valid range of digits; it goes from 4 to 64"))
}

/// The expression that matches the whole of a tag.
pub(crate) fn compile(pattern: &str) -> Result<Regex, regex_lite::Error> {
    let build = |pattern: &str| RegexBuilder::new(pattern).size_limit(MAX_REGEX).build();
    // Alone first, or `a)|(b` would escape from the anchors.
    build(pattern).and_then(|_| build(&format!("^(?:{pattern})$")))
}

impl Settings {
    /// Adds a fault for each expression that cannot be compiled. To compile costs more than to judge a pod.
    pub(crate) fn validate_fully(&self, faults: &mut Faults) {
        check_patterns(&self.formats, "formats", faults);
        for (index, entry) in self.per_repository.iter().enumerate() {
            check_patterns(&entry.formats, &format!("perRepository[{index}].formats"), faults);
        }
    }
}

/// Adds a fault for each expression in the list `path` that cannot be compiled.
fn check_patterns(formats: &[Format], path: &str, faults: &mut Faults) {
    for (index, format) in formats.iter().enumerate() {
        if let Format::Regex(pattern) = format
            && let Err(error) = compile(pattern)
        {
            faults.add(&format!("{path}[{index}]"), &format!("the regular expression is not valid: {error}"));
        }
    }
}
