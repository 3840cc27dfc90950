//! Images from places that are not trusted. Reasons and settings: README.

mod fix;
mod lists;
mod settings;

use fix::Fix;
use lists::Lists;
use settings::{PublicImages, Settings};
use shared::prelude::*;

policy! {
    /// Every image comes from where the settings allow.
    pub struct TrustedImages: Facts {
        title: "Trusted images",
        category: Category::IMAGES,
        severity: Severity::High,
        guide: Guide::building(
            "Carefully consider whether to use a public image",
            "carefully_consider_whether_to_use_a_public_image",
        ),
        // The grammar of references and of patterns costs 22 KB.
        kilobytes: 146,
        ..Facts::DEFAULT
    }
    reads: [images],
    rules: {
        /// An image is in a list of denied ones.
        DENIED = "denied": Deny,
        /// An image is in none of the lists of allowed ones.
        NOT_ALLOWED = "not-allowed": Deny,
        /// An image of a public registry lacks what the settings demand of it: by default, a digest.
        PUBLIC_IMAGE = "public-image": Deny,
        /// An image is not a valid reference, or a container has none.
        MALFORMED_IMAGE = "malformed-image": Deny,
    }
}

impl Policy for TrustedImages {
    type Settings = Settings;

    const MALFORMED_IMAGE: Option<&'static Rule> = Some(&MALFORMED_IMAGE);

    fn validate(settings: &Settings, faults: &mut Faults) {
        settings.validate(faults);
    }

    fn check_image(
        check: &Check<'_, Settings>,
        image: &PodImage<'_>,
        parsed: &ImageRef<'_>,
        findings: &mut Findings,
    ) -> Checked {
        findings.add(image, judge(check.settings, &Lists::of(check.settings, check.namespace), parsed));
        Ok(())
    }
}

/// The first of these: the image is denied, not allowed, or public without what is demanded of public images.
fn judge(settings: &Settings, lists: &Lists<'_>, image: &ImageRef<'_>) -> Option<Found> {
    let name = image.repository().to_string();
    let name = plain(&name);
    let fix = Fix { settings, lists, image };
    if let Some(pattern) = lists.denies(image) {
        let problem = format!("image {name} matches {pattern}, which is denied");
        return Some(DENIED.found(problem, fix.elsewhere("use an image that is not denied")));
    }
    let is_allowed = lists.allows(image);
    if !is_allowed && lists.has_allowed() {
        let problem = format!("image {name} is not in the list of allowed images");
        return Some(NOT_ALLOWED.found(problem, fix.elsewhere(&lists.allowed())));
    }
    let lacks = settings.lacks(image, is_allowed)?;
    let found = PUBLIC_IMAGE.found(format!("image {name} comes from a public registry{lacks}"), fix.public());
    Some(if settings.public_images == PublicImages::Deny { found } else { found.warns_by_default() })
}
