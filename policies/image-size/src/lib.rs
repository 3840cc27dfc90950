//! Images that are large or have many layers. Reasons and settings: README.

mod layers;
mod settings;
mod words;

use layers::largest;
use settings::Settings;
use shared::prelude::*;

policy! {
    /// An image is as small as it can be.
    pub struct ImageSize: Facts {
        title: "Image size",
        severity: Severity::Low,
        category: Category::IMAGES,
        guide: Guide::building("Build the smallest image possible", "build_the_smallest_image_possible"),
        // Manifests, configurations and the history in them.
        kilobytes: 190,
        ..Facts::DEFAULT
    }
    inspects: Manifests,
    reads: [],
    rules: {
        /// An image is larger than the settings allow, as its registry stores it.
        TOO_LARGE = "too-large": Warn,
        /// A layer of an image is larger than the settings allow.
        LAYER_TOO_LARGE = "layer-too-large": Warn,
        /// An image has more layers than the settings allow.
        TOO_MANY_LAYERS = "too-many-layers": Warn,
    }
}

impl Policy for ImageSize {
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
        let (limits, name) = (check.settings.limits_of(image), inspected.name());
        let Manifest { layers, size } = &inspected.manifest;
        if *size > limits.size.bytes() {
            let problem = words::too_large(name, *size, limits.size, &largest(inspected, 0));
            findings.add(
                image,
                [TOO_LARGE.found(problem, "copy only what runs into a small base, by a multi-stage build")],
            );
        }
        if let Some(limit) = limits.layer_size
            && layers.iter().any(|layer| layer.size > limit.bytes())
        {
            let problem = words::layer_too_large(name, limit, &largest(inspected, limit.bytes()));
            findings.add(
                image,
                [LAYER_TOO_LARGE.found(problem, "remove in a step what it leaves behind, or leave it out")],
            );
        }
        if layers.len() > limits.layers {
            let problem = words::too_many_layers(name, layers.len(), limits.layers);
            findings.add(image, [TOO_MANY_LAYERS.found(problem, "join steps, or copy the result into a last stage")]);
        }
        Ok(())
    }
}
