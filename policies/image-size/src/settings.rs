//! The settings of `image-size`.

use shared::glob::ImagePattern;
use shared::image::Repository;
use shared::prelude::*;
use shared::settings::Quantity;

settings! {
    /// Settings of `image-size`.
    pub struct Settings {
        /// The largest size of an image: the sum of its layers as its registry stores them.
        max_compressed_size: Quantity = Quantity::mebibytes(500) => "maxCompressedSize",
        /// The largest size of one layer; none without this setting.
        max_layer_size: Option<Quantity> = None => "maxLayerSize",
        /// The most layers.
        max_layers: i64 = 60 => "maxLayers",
        /// Other limits for some images. The first entry that names an image counts.
        per_image: Vec<ImageLimits> = Vec::new() => "perImage",
        /// The platforms of an image that are judged, where it has several. A list has at most three, such as `linux/arm64`.
        platforms: Platforms = Platforms::Auto => "platforms",
    }
}

settings! {
    /// Limits for some images. What is not set is as for all others.
    pub struct ImageLimits {
        /// Repositories, normalised: `docker.io/library/nginx`, `registry.example/team/**`.
        images: Vec<ImagePattern> = Vec::new() => "images" unless empty("no image would match; name at least one repository"),
        /// The largest size of an image.
        max_compressed_size: Option<Quantity> = None => "maxCompressedSize",
        /// The largest size of one layer.
        max_layer_size: Option<Quantity> = None => "maxLayerSize",
        /// The most layers.
        max_layers: Option<i64> = None => "maxLayers",
    }
}

/// The limits of one image.
pub(crate) struct Limits<'s> {
    pub(crate) size: &'s Quantity,
    pub(crate) layer_size: Option<&'s Quantity>,
    pub(crate) layers: usize,
}

impl Settings {
    /// Adds a fault for each limit that no image can keep, and each entry that names no image.
    pub(crate) fn validate(&self, faults: &mut Faults) {
        let check = |path: &str, most: i64, faults: &mut Faults| {
            if most < 1 {
                faults.add(path, "an image has at least one layer");
            }
        };
        check("maxLayers", self.max_layers, faults);
        for (index, entry) in self.per_image.iter().enumerate() {
            check(&format!("perImage[{index}].maxLayers"), entry.max_layers.unwrap_or(1), faults);
            if entry.images.is_empty() {
                faults.add(&format!("perImage[{index}].images"), "this is missing; name at least one repository");
            }
        }
    }

    /// The limits of an image.
    pub(crate) fn limits_of(&self, image: &PodImage<'_>) -> Limits<'_> {
        let repository = Repository::of(image.text());
        let names = |entry: &&ImageLimits| entry.images.iter().any(|pattern| pattern.matches(repository));
        let own = self.per_image.iter().find(names);
        let layers = own.and_then(|own| own.max_layers).unwrap_or(self.max_layers);
        Limits {
            size: own.and_then(|own| own.max_compressed_size.as_ref()).unwrap_or(&self.max_compressed_size),
            layer_size: own.and_then(|own| own.max_layer_size.as_ref()).or(self.max_layer_size.as_ref()),
            layers: usize::try_from(layers).unwrap_or_default(),
        }
    }
}
