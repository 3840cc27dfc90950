//! The settings of `no-extra-tools`.

use shared::glob::ImagePattern;
use shared::image::Repository;
use shared::prelude::*;

use crate::tools::{self, Kind};

settings! {
    /// Settings of `no-extra-tools`.
    pub struct Settings {
        /// Repositories, normalised, whose images hold nothing but an app: `registry.example/shop/**`.
        expect_minimal: Vec<ImagePattern> = Vec::new() => "expectMinimal",
        /// Changes of the tools of the rule extra-tool.
        extra_tools: Tools = Tools::default() => "extraTools",
        /// The platforms of an image that are judged, where it has several. A list has at most three, such as `linux/arm64`.
        platforms: Platforms = Platforms::Auto => "platforms",
        /// Changes of the tools of the rule remote-access-tool.
        remote_access_tools: Tools = Tools::default() => "remoteAccessTools",
    }
}

settings! {
    /// Changes of the well-known tools.
    pub struct Tools {
        /// Further ones, by the name of their program and package: `git`.
        add: Vec<String> = Vec::new() => "add",
        /// Well-known ones that are accepted: `curl`.
        remove: Vec<String> = Vec::new() => "remove",
    }
}

impl Settings {
    /// Adds a fault for each name that is no name of a program, and each tool to remove that is not known.
    pub(crate) fn validate(&self, faults: &mut Faults) {
        for (kind, setting) in [(Kind::RemoteAccess, "remoteAccessTools"), (Kind::Extra, "extraTools")] {
            let Tools { add, remove } = self.changes(kind);
            for (index, name) in add.iter().enumerate() {
                let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+');
                if name.is_empty() || !name.bytes().all(is_plain) {
                    faults.add(&format!("{setting}.add[{index}]"), "this must be the name of a program, such as git");
                }
            }
            for (index, name) in remove.iter().enumerate() {
                if !tools::names(kind).any(|known| known == name) {
                    let known: Vec<&str> = tools::names(kind).collect();
                    let problem = format!("this is none of the well-known tools: {}", known.join(", "));
                    faults.add(&format!("{setting}.remove[{index}]"), &problem);
                }
            }
        }
    }

    /// The changes of the tools of a rule.
    pub(crate) fn changes(&self, kind: Kind) -> &Tools {
        match kind {
            Kind::RemoteAccess => &self.remote_access_tools,
            Kind::Extra => &self.extra_tools,
        }
    }

    /// Returns `true` if an image is to hold nothing but an app.
    pub(crate) fn expects_minimal(&self, image: &PodImage<'_>) -> bool {
        let repository = Repository::of(image.text());
        self.expect_minimal.iter().any(|pattern| pattern.matches(repository))
    }
}
