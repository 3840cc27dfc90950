//! The settings of `trusted-images`.

use shared::glob::{Glob, ImagePattern};
use shared::prelude::*;
use shared::settings::Named;

use crate::fix::mirror_fault;
use crate::lists::has;

settings! {
    /// Settings of `trusted-images`.
    pub struct Settings {
        /// Repositories, normalised, to which images are limited: `registry.example/team/**`, `docker.io/library/nginx`. Without
        /// an entry, all that are not denied are allowed.
        allow: Vec<ImagePattern> = Vec::new() => "allow",
        /// Repositories that are denied, also where `allow` has them.
        deny: Vec<ImagePattern> = Vec::new() => "deny",
        /// Further lists for some namespaces. The lists of all entries with the namespace of an object are added to those above.
        per_namespace: Vec<NamespaceLists> = Vec::new() => "perNamespace",
        /// What is demanded of images in public registries.
        public_images: PublicImages = PublicImages::RequireDigest => "publicImages",
        /// The repositories of public registries.
        public_registries: Vec<ImagePattern> = public_registries() => "publicRegistries",
        /// Mirrors by the registry or path that they mirror, which messages name: `docker.io: registry.example/hub`.
        mirrors: Named<String> = Named::default() => "mirrors",
    }
}

settings! {
    /// Lists for some namespaces.
    pub struct NamespaceLists {
        /// The namespaces.
        namespaces: Vec<Glob> = Vec::new() => "namespaces" required("an entry needs namespaces; name at least one"),
        /// Repositories that are allowed there.
        allow: Vec<ImagePattern> = Vec::new() => "allow",
        /// Repositories that are denied there.
        deny: Vec<ImagePattern> = Vec::new() => "deny",
    }
}

settings! {
    /// What is demanded of images in public registries.
    pub enum PublicImages {
        /// Nothing.
        Allow => "allow",
        /// That there are none: each is a warning, also one that is allowed.
        Warn => "warn",
        /// A digest, also of images that are allowed.
        RequireDigest => "requireDigest",
        /// That a list allows them.
        RequireAllowList => "requireAllowList",
        /// That there are none: each is denied, also one that is allowed.
        Deny => "deny",
    }
}

/// Registries where anyone can publish, or from which anyone can pull.
fn public_registries() -> Vec<ImagePattern> {
    let patterns = [
        "docker.io/**",
        "ghcr.io/**",
        "quay.io/**",
        "gcr.io/**",
        "registry.k8s.io/**",
        "k8s.gcr.io/**",
        "public.ecr.aws/**",
        "mcr.microsoft.com/**",
        "registry.gitlab.com/**",
        "lscr.io/**",
        "nvcr.io/**",
    ];
    patterns.iter().filter_map(|pattern| ImagePattern::parse(pattern).ok()).collect()
}

impl Settings {
    /// Adds a fault for each mirror that no image could be pulled from, and each entry without a list.
    pub(crate) fn validate(&self, faults: &mut Faults) {
        for (index, entry) in self.per_namespace.iter().enumerate() {
            if entry.allow.is_empty() && entry.deny.is_empty() {
                faults.add(&format!("perNamespace[{index}]"), "there is no list; give allow, deny or both");
            }
        }
        for (of, mirror) in &self.mirrors.0 {
            if let Some(fault) = mirror_fault(of, mirror) {
                faults.add(&format!("mirrors.{of}"), fault);
            }
        }
    }

    /// What an image lacks of that which is demanded of public images, as the end of a sentence. `None` if it lacks nothing.
    pub(crate) fn lacks(&self, image: &ImageRef<'_>, is_allowed: bool) -> Option<&'static str> {
        let lacks = match self.public_images {
            PublicImages::Warn | PublicImages::Deny => "",
            PublicImages::RequireDigest if image.digest().is_none() => " and has no digest",
            PublicImages::RequireAllowList if !is_allowed => " and is not in a list of allowed images",
            _ => return None,
        };
        has(&self.public_registries, image).map(|_| lacks)
    }
}
