//! Images that do not say what they are, and what they say. Reasons and settings: README.

mod formats;
mod labels;
mod settings;
mod spdx;
mod versions;

use labels::Labels;
use settings::Settings;
use shared::prelude::*;

policy! {
    /// An image says where it comes from, and under which licence.
    pub struct ImageLabels: Facts {
        title: "Image labels",
        severity: Severity::Low,
        category: Category::IMAGES,
        guide: Guide::building("Properly tag your images", "properly_tag_your_images"),
        // The grammar of references and of patterns, in addition to what inspects images.
        kilobytes: 208,
        ..Facts::DEFAULT
    }
    inspects: Configurations,
    reads: [],
    rules: {
        /// An image lacks a label that the settings require.
        MISSING_LABEL = "missing-label": Warn,
        /// A label has a value that is not of its format.
        LABEL_FORMAT = "label-format": Warn,
        /// The licence of an image is denied, or is not one of those that are allowed.
        DENIED_LICENSE = "denied-license": Deny,
        /// The base of an image is denied, or is not one of those that are allowed.
        BASE_IMAGE = "base-image": Warn,
        /// The tag of an image names another version or commit than its labels.
        VERSION_MISMATCH = "version-mismatch": Warn,
    }
}

impl Policy for ImageLabels {
    type Settings = Settings;

    fn validate(settings: &Settings, faults: &mut Faults) {
        settings.validate(faults);
    }

    fn platforms(settings: &Settings) -> &Platforms {
        &settings.platforms
    }

    fn check_inspected_image(
        check: &Check<'_, Settings>,
        image: &PodImage<'_>,
        inspected: &Inspected<'_>,
        findings: &mut Findings,
    ) -> Inspection {
        let config = inspected.configuration()?;
        let of_config = config.labels().map_err(|error| inspected.unreadable(error))?;
        let annotations = inspected.annotations();
        let labels = Labels::new(of_config, &annotations);
        let settings = check.settings;
        findings.add(image, labels.missing(&settings.required));
        findings.add(image, labels.malformed(settings));
        findings.add(image, labels.denied_license(&settings.licenses));
        findings.add(image, labels.base_image(&settings.base_images));
        let tag = image.reference().and_then(|reference| reference.tag());
        findings.add(image, tag.and_then(|tag| labels.mismatch(tag)));
        Ok(())
    }
}
