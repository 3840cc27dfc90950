//! The settings of `image-labels`.

use shared::glob::{Glob, ImagePattern};
use shared::prelude::*;
use shared::settings::Named;

use crate::formats::Format;
use crate::labels::{LICENSES, REVISION, SOURCE, VERSION};

settings! {
    /// Settings of `image-labels`.
    pub struct Settings {
        /// The labels that each image must have: for each entry, at least one of its labels.
        required: Vec<Requirement> = vec![one_of(&[SOURCE]), one_of(&[LICENSES]), one_of(&[REVISION, VERSION])] => "required",
        /// Formats of labels, by their names, over those of the OCI image specification.
        formats: Named<Format> = Named::default() => "formats",
        /// Licences, by the label org.opencontainers.image.licenses.
        licenses: Licenses = Licenses::default() => "licenses",
        /// Base images, by the label org.opencontainers.image.base.name.
        base_images: BaseImages = BaseImages::default() => "baseImages",
        /// The platforms of an image that are judged, where it has several. A list has at most three, such as `linux/arm64`.
        platforms: Platforms = Platforms::Auto => "platforms",
    }
}

settings! {
    /// Labels of which an image must have one.
    pub struct Requirement {
        /// The names of the labels.
        any_of: Vec<String> = Vec::new() => "anyOf" required("an entry needs anyOf; name at least one label"),
    }
}

settings! {
    /// Lists of licences, by their SPDX identifiers, whatever their case: `MIT`, `GPL-*`.
    pub struct Licenses {
        /// Licences to which images are limited. Without an entry, all that are not denied are allowed.
        allow: Vec<Glob> = Vec::new() => "allow",
        /// Licences that are denied, also where `allow` has them.
        deny: Vec<Glob> = Vec::new() => "deny",
    }
}

settings! {
    /// Lists of base images, as repositories: `docker.io/library/debian`, `registry.example/base/**`.
    pub struct BaseImages {
        /// Base images to which images are limited, as far as they name theirs. Without an entry, all that are not denied are
        /// allowed.
        allow: Vec<ImagePattern> = Vec::new() => "allow",
        /// Base images that are denied, also where `allow` has them.
        deny: Vec<ImagePattern> = Vec::new() => "deny",
    }
}

/// The problem of a name that no label has.
const PROBLEM: &str = "this must be the name of a label, such as org.opencontainers.image.source";

fn one_of(names: &[&str]) -> Requirement {
    Requirement { any_of: names.iter().map(|name| (*name).to_owned()).collect() }
}

impl Settings {
    /// Adds a fault for each name that no label has.
    pub(crate) fn validate(&self, faults: &mut Faults) {
        let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| matches!(byte, b'!'..=b'~'));
        for (index, entry) in self.required.iter().enumerate() {
            for (at, _) in entry.any_of.iter().enumerate().filter(|(_, name)| !is_name(name)) {
                faults.add(&format!("required[{index}].anyOf[{at}]"), PROBLEM);
            }
        }
        for (name, _) in self.formats.0.iter().filter(|(name, _)| !is_name(name)) {
            faults.add(&format!("formats.{name}"), PROBLEM);
        }
    }
}
