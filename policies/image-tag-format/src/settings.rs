//! The settings of `image-tag-format`.

use regex_lite::{Regex, RegexBuilder};
use shared::glob::{Glob, ImagePattern};
use shared::prelude::*;

/// The maximum memory of a compiled expression, in bytes.
const MAX_REGEX: usize = 32_768;

settings! {
    /// Settings of `image-tag-format`.
    pub struct Settings {
        /// Formats, one of which a tag must have.
        formats: Vec<Format> = vec![Format::Semver, Format::GitHash] => "formats"
            unless empty("no tag would be accepted; name at least one format"),
        /// The form of semantic versions.
        semver: Semver = Semver::default() => "semver",
        /// The form of git commit hashes.
        git_hash: GitHash = GitHash::default() => "gitHash",
        /// The effect of a digest on the tag beside it.
        digest: Digest = Digest::Satisfies => "digest",
        /// Other formats for some repositories. The first entry that matches counts.
        per_repository: Vec<Override> = Vec::new() => "perRepository",
        /// The outcome of a finding in a public image, which others tag and which no entry of `perRepository` matches.
        public_images: PublicImages = PublicImages::Warn => "publicImages",
        /// The repositories of public images.
        public_registries: Vec<ImagePattern> = public_registries() => "publicRegistries",
    }
}

settings! {
    /// The outcome of a finding in a public image.
    pub enum PublicImages {
        /// The action of its rule.
        Deny => "deny",
        /// A warning where it would be denied.
        Warn => "warn",
        /// None: the image is not judged.
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
    /// The form of semantic versions.
    pub struct Semver {
        /// A `v` before the numbers.
        v_prefix: VPrefix = VPrefix::Allow => "vPrefix",
        /// The fewest numbers of a version.
        partial: Partial = Partial::Deny => "partial",
        /// A pre-release, as in `1.2.3-rc.1`.
        prerelease: Allowed = Allowed::Allow => "prerelease",
        /// A well-known suffix of a distribution or variant, as in `1.2.3-alpine3.19`.
        distro_suffix: Allowed = Allowed::Allow => "distroSuffix",
        /// Other suffixes that are accepted after a dash, as globs, and well-known ones one by one.
        suffixes: Vec<Glob> = Vec::new() => "suffixes",
        /// Build metadata, which tags write with `_`, as in `1.2.3_build.5`.
        build: Allowed = Allowed::Allow => "build",
    }
}

settings! {
    /// The treatment of an optional part of a version.
    pub enum Allowed {
        /// Accepted.
        Allow => "allow",
        /// Refused.
        Deny => "deny",
    }
}

settings! {
    /// The treatment of a `v` before a version.
    pub enum VPrefix {
        /// Accepted.
        Allow => "allow",
        /// Required.
        Require => "require",
        /// Refused.
        Deny => "deny",
    }
}

settings! {
    /// The fewest numbers of a version.
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
    /// The form of git commit hashes.
    pub struct GitHash {
        /// The minimum number of digits.
        min: i64 = 7 => "min",
        /// The maximum number of digits. A hash has at most 40, or 64 in a repository with SHA-256.
        max: i64 = 64 => "max",
        /// Accepted prefixes of the digits; `""` stands for no prefix.
        prefixes: Vec<String> = ["", "sha-", "git-", "g"].map(String::from).into() => "prefixes"
            unless empty("no hash would be accepted; \"\" stands for no prefix"),
        /// Require a letter in a hash of more than seven digits without a prefix: others are dates and build numbers.
        require_letter: bool = true => "requireLetter",
    }
    unless(range_fault)
}

settings! {
    /// The effect of a digest on the tag beside it.
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
        /// The form of semantic versions there, instead of `semver`.
        semver: Option<Semver> = None => "semver",
        /// The form of git commit hashes there, instead of `gitHash`.
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
        /// An output of `git describe`.
        GitDescribe => "gitDescribe",
        /// A calendar version.
        Calver => "calver",
        /// Anything, also no tag at all.
        Any => "any",
        or
        /// Tags that a regular expression matches as a whole.
        Regex(String) => "regex:" + "<pattern>",
    }
}

fn range_fault(GitHash { min, max, .. }: &GitHash) -> Option<String> {
    let is_sound = 4 <= *min && min <= max && *max <= 64;
    (!is_sound).then(|| format!("{min} to {max} is not a valid range within 4 to 64 digits"))
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
