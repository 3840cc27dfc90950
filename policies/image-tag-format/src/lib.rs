//! Images whose tag names neither a release nor a commit. Reasons and settings: README.

mod accept;
mod nearest;
mod pattern;
mod semver;
mod settings;
mod words;

use accept::Accepted;
use settings::{Digest, Format, PublicImages, Settings};
use shared::image::tag;
use shared::prelude::*;
use words::Words;

policy! {
    /// The tag of every image names a release or a commit.
    pub struct ImageTagFormat: Facts {
        title: "Image tag format",
        category: Category::IMAGES,
        guide: Guide::building("Properly tag your images", "properly_tag_your_images"),
        // Regular expressions cost 50 KB, with what they use of the standard library.
        kilobytes: 223,
        ..Facts::DEFAULT
    }
    reads: [images],
    rules: {
        /// The tag of an image has none of the accepted formats.
        WRONG_FORMAT = "wrong-format": Deny,
        /// The tag of an image marks it as not released: `latest`, `*-latest`, `*-SNAPSHOT*`, `*-dirty`.
        UNRELEASED_TAG = "unreleased-tag": Deny,
        /// An image has neither tag nor digest.
        MISSING_TAG = "missing-tag": Deny,
        /// An image is not a valid reference, or a container has none.
        MALFORMED_IMAGE = "malformed-image": Deny covers ["trusted-images/malformed-image"],
    }
}

impl Policy for ImageTagFormat {
    type Settings = Settings;

    const MALFORMED_IMAGE: Option<&'static Rule> = Some(&MALFORMED_IMAGE);

    fn validate_fully(settings: &Settings, faults: &mut Faults) {
        settings.validate_fully(faults);
    }

    fn check_image(
        check: &Check<'_, Settings>,
        image: &PodImage<'_>,
        parsed: &ImageRef<'_>,
        findings: &mut Findings,
    ) -> Checked {
        findings.add(image, judge(check.settings, parsed));
        Ok(())
    }
}

/// The tag: missing, of no release, or of another format.
fn judge(settings: &Settings, image: &ImageRef<'_>) -> Option<Found> {
    let accepted = Accepted::of(settings, image);
    let is_pinned = image.digest().is_some() && (settings.digest == Digest::Satisfies || image.tag().is_none());
    if is_pinned || accepted.action == PublicImages::Ignore || accepted.formats.contains(&Format::Any) {
        return None;
    }
    let words = Words { accepted: &accepted, name: plain(image.name()) };
    let found = match image.tag() {
        None => MISSING_TAG.found(words.missing(), words.examples()),
        Some(tag) if tag::is_unreleased(tag) => UNRELEASED_TAG.found(words.unreleased(tag), words.examples()),
        Some(tag) if accepted.takes(tag) => return None,
        Some(tag) => {
            let (problem, fix) = words.wrong_format(tag);
            WRONG_FORMAT.found(problem, fix)
        }
    };
    Some(if accepted.action == PublicImages::Warn { found.only_warns() } else { found })
}
