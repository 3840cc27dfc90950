//! Images whose tag names neither a release nor a commit. Reasons and settings: README.

use std::borrow::Cow;

use regex_lite::{Regex, RegexBuilder};
use shared::glob::{Glob, ImagePattern};
use shared::image::tag::{self, Hash, Version};
use shared::prelude::*;
use shared::settings::{Given, Setting};

policy! {
    /// The tag of every image names a release or a commit.
    pub struct ImageTagFormat: Facts {
        title: "Image tag format",
        category: Category::IMAGES,
        guide: Guide::building("Properly tag your images", "properly_tag_your_images"),
        ..Facts::DEFAULT
    }
    reads: [images],
    rules: {
        /// The tag of an image has none of the accepted formats.
        WRONG_FORMAT = "wrong-format": Deny,
        /// The tag of an image says itself that it is no release: `latest`, `*-latest`, `*-SNAPSHOT`, `*-dirty`.
        UNRELEASED_TAG = "unreleased-tag": Deny,
        /// An image has neither tag nor digest.
        MISSING_TAG = "missing-tag": Deny,
        /// An image is no valid reference, or a container has none.
        MALFORMED_IMAGE = "malformed-image": Deny,
    }
}

settings! {
    /// Settings of `image-tag-format`.
    pub struct Settings {
        /// Formats, one of which a tag must have.
        formats: Vec<Format> = vec![Format::Semver, Format::GitHash] => "formats",
        /// What a semantic version may look like.
        semver: Semver = Semver::default() => "semver",
        /// What a git commit hash may look like.
        git_hash: GitHash = GitHash::default() => "gitHash",
        /// What a digest means for the tag beside it.
        digest: Digest = Digest::Satisfies => "digest",
        /// Other formats for some repositories. The first entry that matches counts.
        per_repository: Vec<Override> = Vec::new() => "perRepository",
    }
}

settings! {
    /// What a semantic version may look like.
    pub struct Semver {
        /// Whether a `v` stands in front.
        v_prefix: VPrefix = VPrefix::Allow => "vPrefix",
        /// How short a version may be.
        partial: Partial = Partial::Deny => "partial",
        /// Whether there may be a pre-release, as in `1.2.3-rc.1`.
        prerelease: Allowed = Allowed::Allow => "prerelease",
        /// Whether there may be a well-known suffix of a distribution or variant, as in `1.2.3-alpine3.19`.
        distro_suffix: Allowed = Allowed::Deny => "distroSuffix",
        /// Other suffixes that are accepted behind a dash, as globs, and well-known ones one by one.
        suffixes: Vec<Glob> = Vec::new() => "suffixes",
        /// Whether there may be build metadata, which tags write with `_`, as in `1.2.3_build.5`.
        build: Allowed = Allowed::Deny => "build",
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
    /// Whether a `v` stands in front of a version.
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
        /// What may stand in front; an empty text is nothing.
        prefixes: Vec<String> = ["", "sha-", "git-", "g"].map(String::from).into() => "prefixes",
        /// Whether a hash of more than seven digits without a prefix needs a letter: others are dates and build numbers.
        require_letter: bool = true => "requireLetter",
    }
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
        images: Vec<ImagePattern> = Vec::new() => "images",
        /// Their formats.
        formats: Vec<Format> = Vec::new() => "formats",
        /// What a semantic version may look like there, instead of `semver`.
        semver: Option<Semver> = None => "semver",
        /// What a git commit hash may look like there, instead of `gitHash`.
        git_hash: Option<GitHash> = None => "gitHash",
    }
}

/// A format of tags.
#[derive(Clone, Debug)]
pub enum Format {
    /// A semantic version.
    Semver,
    /// A git commit hash.
    GitHash,
    /// What `git describe` prints.
    GitDescribe,
    /// A calendar version.
    Calver,
    /// Anything, also no tag at all.
    Any,
    /// What matches the whole of a regular expression.
    Regex(String),
}

/// How much memory a compiled expression may take, in bytes.
const MAX_REGEX: usize = 32_768;

impl Setting for Format {
    fn read(given: Given<'_>) -> Option<Self> {
        if let Some(pattern) = given.text()?.strip_prefix("regex:") {
            return Some(Format::Regex(pattern.to_owned()));
        }
        let names = ["semver", "gitHash", "gitDescribe", "calver", "any", "regex:<pattern>"];
        let formats = [Format::Semver, Format::GitHash, Format::GitDescribe, Format::Calver, Format::Any];
        formats.into_iter().nth(given.choice_of("format", &names)?)
    }

    shared::described! {
        fn kind() -> shared::settings::Kind {
            shared::settings::Kind::Text
        }

        fn tree(&self) -> shared::settings::Tree {
            match self {
                Format::Semver => "semver".into(),
                Format::GitHash => "gitHash".into(),
                Format::GitDescribe => "gitDescribe".into(),
                Format::Calver => "calver".into(),
                Format::Any => "any".into(),
                Format::Regex(pattern) => format!("regex:{pattern}").into(),
            }
        }
    }
}

/// The expression that matches the whole of a tag.
fn compile(pattern: &str) -> Result<Regex, regex_lite::Error> {
    let build = |pattern: &str| RegexBuilder::new(pattern).size_limit(MAX_REGEX).build();
    // Alone first, or `a)|(b` would escape from the anchors.
    build(pattern).and_then(|_| build(&format!("^(?:{pattern})$")))
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

impl Settings {
    fn validate(&self, faults: &mut Faults) {
        self.git_hash.validate("gitHash", faults);
        if self.formats.is_empty() {
            faults.add("formats", "no tag would be accepted; name at least one format");
        }
        for (index, entry) in self.per_repository.iter().enumerate() {
            let path = format!("perRepository[{index}]");
            if entry.images.is_empty() {
                faults.add(&path, "an entry needs repositories; name them in `images`");
            }
            if entry.formats.is_empty() {
                faults.add(&path, "an entry needs at least one format; name it in `formats`");
            }
            if let Some(git_hash) = &entry.git_hash {
                git_hash.validate(&format!("{path}.gitHash"), faults);
            }
        }
    }

    // To compile costs more than to judge a pod.
    fn validate_fully(&self, faults: &mut Faults) {
        check_patterns(&self.formats, "formats", faults);
        for (index, entry) in self.per_repository.iter().enumerate() {
            check_patterns(&entry.formats, &format!("perRepository[{index}].formats"), faults);
        }
    }
}

impl GitHash {
    fn validate(&self, path: &str, faults: &mut Faults) {
        if !(4 <= self.min && self.min <= self.max && self.max <= 64) {
            faults.add(path, &format!("{} to {} is no range of digits; it goes from 4 to 64", self.min, self.max));
        }
        if self.prefixes.is_empty() {
            faults.add(&format!("{path}.prefixes"), "no hash would be accepted; \"\" stands for no prefix");
        }
    }

    /// Whether the digits are those of a hash behind `prefix`.
    fn accepts(&self, hash: &Hash, prefix: &str) -> bool {
        hash.is_lower && self.has_length(hash) && !self.is_number(hash, prefix)
    }

    fn has_length(&self, hash: &Hash) -> bool {
        let [min, max] = [self.min, self.max].map(|digits| usize::try_from(digits).unwrap_or_default());
        hash.has_length(min, max)
    }

    fn is_number(&self, hash: &Hash, prefix: &str) -> bool {
        self.require_letter && prefix.is_empty() && !hash.has_letter && hash.length > 7
    }
}

impl Policy for ImageTagFormat {
    type Settings = Settings;

    const MALFORMED_IMAGE: Option<&'static Rule> = Some(&MALFORMED_IMAGE);

    fn validate(settings: &Settings, faults: &mut Faults) {
        settings.validate(faults);
    }

    fn validate_fully(settings: &Settings, faults: &mut Faults) {
        settings.validate_fully(faults);
    }

    fn check_image(
        check: &Check<'_, Settings>,
        image: &PodImage<'_>,
        parsed: &ImageRef<'_>,
        findings: &mut Findings,
    ) -> Checked {
        findings.add(image, Accepted::of(check.settings, parsed).check(check.settings, parsed));
        Ok(())
    }
}

/// Appends the word between alternatives.
fn or(text: &mut String) {
    text.push_str(if text.is_empty() { "" } else { " or " });
}

/// What is said of a tag that is a number of four digits or more.
const NUMBER: &str = "it is a number, which may be a date or a build";

/// What is accepted for one repository.
struct Accepted<'s> {
    formats: &'s [Format],
    semver: &'s Semver,
    git_hash: &'s GitHash,
}

impl<'s> Accepted<'s> {
    fn of(settings: &'s Settings, image: &ImageRef<'_>) -> Self {
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

    fn check(&self, settings: &Settings, image: &ImageRef<'_>) -> Option<Found> {
        let name = plain(image.name());
        if self.formats.iter().any(|format| matches!(format, Format::Any))
            || image.digest().is_some() && (settings.digest == Digest::Satisfies || image.tag().is_none())
        {
            return None;
        }
        let Some(tag) = image.tag() else {
            let problem = format!("image {name} has no tag, which means latest, where {} is expected", self.expected());
            return Some(MISSING_TAG.found(problem, self.examples(&name)));
        };
        if tag::is_unreleased(tag) {
            let problem = format!("tag {tag} of {name} names no release, where {} is expected", self.expected());
            return Some(UNRELEASED_TAG.found(problem, self.examples(&name)));
        }
        if self.formats.iter().any(|format| self.accepts(format, tag)) {
            return None;
        }
        let (nearest, fix) = self.nearest(tag, &name);
        let problem = format!("tag {tag} of {name} is not {}: {nearest}", self.expected());
        Some(WRONG_FORMAT.found(problem, fix.unwrap_or_else(|| self.examples(&name))))
    }

    fn accepts(&self, format: &Format, tag: &str) -> bool {
        match format {
            Format::Semver => Version::read(tag).is_some_and(|version| self.version_fault(tag, &version, "").is_none()),
            Format::GitHash => self.hashes(tag).any(|(prefix, hash)| self.git_hash.accepts(&hash, prefix)),
            Format::GitDescribe => Version::read(tag).is_some_and(|version| version.is_git_describe()),
            Format::Calver => tag::is_calver(tag),
            Format::Any => true,
            // An expression that is not valid matches nothing.
            Format::Regex(pattern) => compile(pattern).is_ok_and(|regex| regex.is_match(tag)),
        }
    }

    /// The tag as hexadecimal digits behind each prefix that it has.
    fn hashes<'t>(&self, tag: &'t str) -> impl Iterator<Item = (&'s str, Hash)> + use<'s, 't> {
        let prefixes = self.git_hash.prefixes.iter();
        prefixes.filter_map(move |prefix| Some((prefix.as_str(), Hash::read(tag.strip_prefix(prefix.as_str())?)?)))
    }

    /// What a tag of an accepted format is.
    fn expected(&self) -> String {
        let mut expected = String::new();
        for format in self.formats {
            or(&mut expected);
            let format: Cow<'_, str> = match format {
                Format::Semver if self.semver.v_prefix == VPrefix::Require => "a semantic version (v1.2.3)".into(),
                Format::Semver => "a semantic version (1.2.3)".into(),
                Format::GitHash => {
                    let GitHash { min, max, .. } = self.git_hash;
                    format!("a git commit hash ({min} to {} hex digits)", if *max < 64 { *max } else { 40 }).into()
                }
                Format::GitDescribe => "an output of git describe (v1.2.3-14-gabc1234)".into(),
                Format::Calver => "a calendar version (2024.01.15)".into(),
                Format::Regex(pattern) => format!("a match of {}", quote(pattern)).into(),
                Format::Any => "".into(),
            };
            expected.push_str(&format);
        }
        expected
    }

    /// The image with a tag of each accepted format.
    fn examples(&self, name: &str) -> String {
        let mut examples = String::new();
        for format in self.formats {
            or(&mut examples);
            examples.push_str(name);
            examples.push_str(match format {
                Format::Semver => ":<version>",
                Format::GitHash => ":<commit>",
                Format::GitDescribe => ":<git describe>",
                Format::Calver => ":<date>",
                Format::Any | Format::Regex(_) => ":<matching tag>",
            });
        }
        format!("use {examples}")
    }

    /// What the tag comes nearest to, and what to do when that is more than to choose another.
    fn nearest(&self, tag: &str, name: &str) -> (String, Option<String>) {
        let takes = |wanted: fn(&Format) -> bool| self.formats.iter().any(wanted);
        let version = Version::read(tag);
        if takes(|format| matches!(format, Format::Semver)) {
            if let Some(fault) = version.and_then(|version| self.version_fault(tag, &version, name))
                && version.is_some_and(|version| version.rest.is_empty())
            {
                return fault;
            }
            let bare = tag.trim_start_matches(|c: char| !c.is_ascii_digit());
            if let Some(prefix) = tag.strip_suffix(bare).filter(|_| self.accepts(&Format::Semver, bare)) {
                return (format!("it is a version behind {prefix}"), Some(format!("use {name}:{bare}")));
            }
        }
        if takes(|format| matches!(format, Format::GitHash)) {
            if let Some((prefix, hash)) = self.hashes(tag).find(|(_, hash)| hash.length > 3) {
                return if !hash.is_lower {
                    let fix = format!("write it in lower case: {name}:{}", tag.to_ascii_lowercase());
                    ("it is a hash in upper case".into(), Some(fix))
                } else if self.git_hash.is_number(&hash, prefix) {
                    (NUMBER.into(), None)
                } else {
                    (format!("it is {} hex digits", hash.length), None)
                };
            }
            if let Some((prefix, hash)) = tag.rsplit_once('-')
                && Hash::read(hash).is_some_and(|hash| self.git_hash.accepts(&hash, ""))
            {
                let fix = format!("use {name}:{hash}, or list {prefix}- in gitHash.prefixes");
                return (format!("it is a hash behind {prefix}-"), Some(fix));
            }
        }
        let like = match version {
            Some(version) if version.is_git_describe() => "it is an output of git describe".into(),
            _ if tag::is_calver(tag) => "it is a calendar version".into(),
            _ if tag.len() > 3 && tag::is_digits(tag) => NUMBER.into(),
            _ if Hash::read(tag).is_some_and(|hash| hash.length > 3) => "it is a hash".into(),
            Some(Version { rest: "", .. }) => "it is a version".into(),
            Some(Version { numbers, rest, .. }) => format!("it starts as a version, but {rest} follows {numbers}"),
            None => "nothing in it says a version, a commit or a date".into(),
        };
        (like, None)
    }

    /// What keeps a version from being accepted as a semantic one, and what to do about it.
    fn version_fault(&self, tag: &str, version: &Version<'_>, name: &str) -> Option<(String, Option<String>)> {
        let semver = self.semver;
        let v = if version.v_prefix { "v" } else { "" };
        let numbers = version.numbers;
        let count = numbers.split('.').count();
        let least = match semver.partial {
            Partial::Deny => 3,
            Partial::Minor => 2,
            Partial::Major => 1,
        };
        let fault = |why: String, fix: String| Some((why, Some(fix)));
        if !version.rest.is_empty() {
            let why = format!("it starts as a version, but {} follows {numbers}", version.rest);
            return Some((why, None));
        }
        if version.is_git_describe() {
            let fix = format!("{}, or list gitDescribe in formats", self.examples(name));
            return fault("it is an output of git describe".into(), fix);
        }
        let leading_zero = numbers.split('.').any(|number| number.len() > 1 && number.starts_with('0'));
        if tag::is_calver(tag) && (count == 1 || leading_zero) {
            let fix = format!("{}, or list calver in formats", self.examples(name));
            return fault("it is a calendar version".into(), fix);
        }
        if count == 1 && numbers.len() > 3 {
            return Some((NUMBER.into(), None));
        }
        if numbers.split('.').any(str::is_empty) {
            return Some(("it has a dot without a number".into(), None));
        }
        if leading_zero {
            let mut sound = String::new();
            for number in numbers.split('.') {
                let trimmed = number.trim_start_matches('0');
                sound.push_str(if sound.is_empty() { "" } else { "." });
                sound.push_str(if trimmed.is_empty() { "0" } else { trimmed });
            }
            return fault("it has a leading zero".into(), format!("write {name}:{v}{sound}"));
        }
        if count > 3 {
            return Some(("it has more than three numbers".into(), None));
        }
        if count < least {
            let rest = if count == 1 { ".0.0" } else { ".0" };
            return fault(
                "it is a partial version".into(),
                format!("write all three numbers, such as {name}:{v}{numbers}{rest}"),
            );
        }
        match (semver.v_prefix, version.v_prefix) {
            (VPrefix::Require, false) => {
                return fault("it has no v in front".into(), format!("use {name}:v{numbers}"));
            }
            (VPrefix::Deny, true) => return fault("it has a v in front".into(), format!("use {name}:{numbers}")),
            _ => {}
        }
        let (pre_release, suffix) = match version.split(&|suffix| semver.suffixes.iter().any(|s| s.matches(suffix))) {
            (pre_release, Some(_)) => (pre_release, None),
            (_, None) => version.split(&tag::is_variant),
        };
        if let Some(suffix) = suffix.filter(|_| semver.distro_suffix == Allowed::Deny) {
            let fix = format!("use {name}:{v}{numbers}, or list {suffix} in semver.suffixes");
            return fault(format!("it has the suffix {suffix} of a distribution or variant"), fix);
        }
        match pre_release {
            Some(pre_release) if semver.prerelease == Allowed::Deny => {
                let fix = format!("use {name}:{v}{numbers} when it is released");
                return fault(format!("it has the pre-release {pre_release}"), fix);
            }
            Some(pre_release) if !tag::is_pre_release(pre_release) => {
                return Some((format!("its pre-release {} is not valid", quote(pre_release)), None));
            }
            _ => {}
        }
        match version.build {
            Some(build) if semver.build == Allowed::Deny => {
                let fix = format!("use {name}:{v}{numbers}, or set semver.build to allow");
                fault(format!("it has the build metadata {build}"), fix)
            }
            Some(build) if !tag::is_build(build) => {
                Some((format!("its build metadata {} is not valid", quote(build)), None))
            }
            _ => None,
        }
    }
}
