//! Images whose tag does not determine what runs. Reasons and settings: README.

mod settings;

use settings::Settings;
use shared::image::tag::variant;
use shared::prelude::*;

policy! {
    /// Every image has a tag or a digest that determines what runs.
    pub struct NoLatest: Facts {
        title: "No latest",
        category: Category::IMAGES,
        guide: Guide::building("Properly tag your images", "properly_tag_your_images"),
        kilobytes: 143,
        ..Facts::DEFAULT
    }
    reads: [images],
    rules: {
        /// An image has neither tag nor digest, which means `latest`.
        MISSING_TAG = "missing-tag": Deny covers ["image-tag-format/missing-tag"],
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
        /// An image is not a valid reference, or a container has none.
        MALFORMED_IMAGE = "malformed-image": Deny covers ["image-tag-format/malformed-image", "trusted-images/malformed-image"],
    }
}

impl Policy for NoLatest {
    type Settings = Settings;

    const MALFORMED_IMAGE: Option<&'static Rule> = Some(&MALFORMED_IMAGE);

    fn check_image(
        check: &Check<'_, Settings>,
        image: &PodImage<'_>,
        parsed: &ImageRef<'_>,
        findings: &mut Findings,
    ) -> Checked {
        let settings = check.settings;
        findings.add(image, digest(settings, parsed));
        findings.add(image, tag(settings, parsed));
        Ok(())
    }
}

/// The digest: of another algorithm, or required and missing.
fn digest(settings: &Settings, image: &ImageRef<'_>) -> Option<Found> {
    let (name, algorithm) = (plain(image.name()), settings.algorithm());
    match image.digest().map(|digest| digest.algorithm()) {
        Some(found) if !settings.accepts(found) => {
            let problem = format!("the digest of image {name} is of {found}, which is not accepted");
            Some(DIGEST_ALGORITHM.found(problem, format!("use {name}@{algorithm}:<digest>")))
        }
        None if settings.requires_digest(image) => {
            let fix = format!("use {name}:{}@{algorithm}:<digest>", image.tag().unwrap_or("<version>"));
            Some(MISSING_DIGEST.found(format!("image {name} has no digest"), fix))
        }
        _ => None,
    }
}

/// The tag: missing, denied, or moving.
fn tag(settings: &Settings, image: &ImageRef<'_>) -> Option<Found> {
    let (name, algorithm) = (plain(image.name()), settings.algorithm());
    let pinned = || format!("use {name}:<version> or {name}@{algorithm}:<digest>");
    let is_decided = image.digest().is_some() && settings.digest.satisfies;
    Some(match image.tag() {
        None if image.digest().is_some() => return None,
        None => MISSING_TAG.found(format!("image {name} has no tag, which means latest"), pinned()),
        Some(tag) if is_decided && settings.denies(tag) => LATEST_WITH_DIGEST.found(
            format!("image {name} has the tag {tag} beside a digest, which alone decides what is pulled"),
            format!("write {name}:<version> before the digest, or no tag"),
        ),
        Some(_) if is_decided => return None,
        Some(tag) if settings.denies(tag) => {
            let is_latest = tag.eq_ignore_ascii_case("latest");
            let because = if is_latest { "which is whatever was pushed last" } else { "which the settings deny" };
            LATEST_TAG.found(format!("image {name} has the tag {tag}, {because}"), pinned())
        }
        Some(tag) => {
            let because = settings.moves(tag)?;
            let variant = variant(tag).map(|variant| format!("-{variant}")).unwrap_or_default();
            let fix = format!("use {name}:<version>{variant} or {name}@{algorithm}:<digest>");
            MOVING_TAG.found(format!("image {name} has the tag {tag}, {because}"), fix)
        }
    })
}
