//! Images whose tag does not say what runs. Reasons and settings: README.

use shared::glob::{Glob, ImagePattern};
use shared::image::ImageRef;
use shared::prelude::*;

policy! {
    /// Every image has a tag or a digest that says what runs.
    pub struct NoLatest {
        title: "No latest",
        severity: Medium,
        category: Images,
        guide: TagImages,
        containers: ClassActions::enforce_all_but_ephemeral(ClassAction::Enforce),
        rules: {
            /// An image has neither tag nor digest, which means `latest`.
            MISSING_TAG = "missing-tag": Deny,
            /// The tag of an image is `latest`, or another that the settings deny.
            LATEST_TAG = "latest-tag": Deny,
            /// The tag of an image moves to newer images, as `stable` does.
            MOVING_TAG = "moving-tag": Warn,
            /// The tag of an image would be denied, but a digest stands beside it and alone decides what is pulled.
            LATEST_WITH_DIGEST = "latest-with-digest": Warn,
            /// An image has no digest, and the settings require one.
            MISSING_DIGEST = "missing-digest": Deny,
            /// The digest of an image is of an algorithm that the settings do not accept.
            DIGEST_ALGORITHM = "digest-algorithm": Deny,
            /// An image is no valid reference, or a container has none.
            MALFORMED_IMAGE = "malformed-image": Deny,
        },
    }
}

settings! {
    /// Settings of `no-latest`.
    pub struct Settings {
        /// Tags that are denied, as globs.
        denied_tags: Vec<Glob> = globs(&["latest"]) => "deniedTags",
        /// Tags that move to newer images, as globs.
        moving_tags: Vec<Glob> = globs(&MOVING_TAGS) => "movingTags",
        /// Whether `deniedTags` and `movingTags` match whatever the case. Tags themselves are case-sensitive.
        case_insensitive: bool = false => "caseInsensitive",
        /// What a digest means.
        digest: DigestSettings = DigestSettings::default() => "digest",
    }
}

settings! {
    /// What a digest means.
    pub struct DigestSettings {
        /// Whether a digest makes any tag acceptable, because the tag has no effect then.
        satisfies: bool = true => "satisfies",
        /// Whether every image needs a digest.
        require: Require = Require::Never => "require",
        /// Repositories whose images need a digest even when `require` is `never`.
        require_for: Vec<ImagePattern> = Vec::new() => "requireFor",
        /// Algorithms that are accepted. Each digest must have as many digits as its algorithm has.
        algorithms: Vec<Algorithm> = vec![Algorithm::Sha256, Algorithm::Sha512] => "algorithms",
    }
}

settings! {
    /// Which images need a digest.
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

impl Algorithm {
    /// Its name in a digest.
    const fn name(self) -> &'static str {
        match self {
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha384 => "sha384",
            Algorithm::Sha512 => "sha512",
        }
    }
}

/// Tags that by custom name what was built or released last.
const MOVING_TAGS: [&str; 13] = [
    "stable",
    "edge",
    "main",
    "master",
    "dev",
    "nightly",
    "canary",
    "head",
    "lts",
    "current",
    "*-latest",
    "latest-*",
    "*-SNAPSHOT",
];

/// Globs of the defaults, all of which are valid.
fn globs(patterns: &[&str]) -> Vec<Glob> {
    patterns.iter().filter_map(|pattern| Glob::parse(pattern).ok()).collect()
}

impl Settings {
    fn validate(&self, faults: &mut Faults) {
        if self.digest.algorithms.is_empty() {
            faults.add("digest.algorithms", "no digest would be accepted; name at least one algorithm");
        }
    }

    /// Whether one of the globs matches the tag.
    fn any(&self, globs: &[Glob], tag: &str) -> bool {
        let matches = if self.case_insensitive { Glob::matches_ignoring_case } else { Glob::matches };
        globs.iter().any(|glob| matches(glob, tag))
    }

    fn requires_digest(&self, image: &ImageRef<'_>) -> bool {
        self.digest.require == Require::Always
            || self.digest.require_for.iter().any(|pattern| pattern.matches(image.repository()))
    }
}

impl Policy for NoLatest {
    type Settings = Settings;

    fn validate(settings: &Settings, faults: &mut Faults) {
        settings.validate(faults);
    }

    fn check_pod(check: &Check<'_, Settings>, findings: &mut Findings) -> Result<(), Malformed> {
        for image in check.pod.images()? {
            match image.parse() {
                Ok(parsed) => judge(check.settings, &image, &parsed, findings),
                Err((problem, fix)) => findings.add(&MALFORMED_IMAGE, image.at(), image.text(), problem, fix),
            }
        }
        Ok(())
    }
}

fn judge(settings: &Settings, at: &PodImage<'_>, image: &ImageRef<'_>, findings: &mut Findings) {
    let name = plain(image.name());
    let mut add = |rule, problem, fix| findings.add(rule, at.at(), at.text(), problem, fix);
    let digest = settings.digest.algorithms.first().map_or("sha256", |algorithm| algorithm.name());
    let pinned = || format!("use {name}:<version> or {name}@{digest}:<digest>");
    if let Some(found) = image.digest().map(|digest| digest.algorithm()) {
        if !settings.digest.algorithms.iter().any(|algorithm| algorithm.name() == found) {
            let problem = format!("the digest of image {name} is of {found}, which is not accepted");
            add(&DIGEST_ALGORITHM, problem, format!("use {name}@{digest}:<digest>"));
        }
        if settings.digest.satisfies {
            if let Some(tag) = image.tag().filter(|tag| settings.any(&settings.denied_tags, tag)) {
                let problem =
                    format!("image {name} has the tag {tag} beside a digest, which alone decides what is pulled");
                add(&LATEST_WITH_DIGEST, problem, format!("write {name}:<version> before the digest, or no tag"));
            }
            return;
        }
    } else if settings.requires_digest(image) {
        let tag = image.tag().unwrap_or("<version>");
        add(&MISSING_DIGEST, format!("image {name} has no digest"), format!("use {name}:{tag}@{digest}:<digest>"));
    }
    match image.tag() {
        None if image.digest().is_none() => {
            add(&MISSING_TAG, format!("image {name} has no tag, which means latest"), pinned());
        }
        Some(tag) if settings.any(&settings.denied_tags, tag) => {
            let because = if tag.eq_ignore_ascii_case("latest") {
                "which is whatever was pushed last"
            } else {
                "which the settings deny"
            };
            add(&LATEST_TAG, format!("image {name} has the tag {tag}, {because}"), pinned());
        }
        Some(tag) if settings.any(&settings.moving_tags, tag) => {
            let problem = format!("image {name} has the tag {tag}, which moves to newer images");
            add(&MOVING_TAG, problem, pinned());
        }
        _ => {}
    }
}
