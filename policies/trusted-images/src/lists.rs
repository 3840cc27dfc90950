//! The lists of allowed and of denied images that hold in a namespace.

use shared::glob::ImagePattern;
use shared::image::{ImageRef, Repository};

use crate::settings::Settings;

/// The host from which Docker Hub's images are pulled: another name of docker.io.
const DOCKER_HUB: &str = "registry-1.docker.io";

/// The most patterns of a list that a message names.
const MAX_NAMED: usize = 3;

/// The lists that hold in a namespace: those of all namespaces, then those of the entries for it.
pub(crate) struct Lists<'s> {
    allow: Vec<&'s [ImagePattern]>,
    deny: Vec<&'s [ImagePattern]>,
}

impl<'s> Lists<'s> {
    pub(crate) fn of(settings: &'s Settings, namespace: &str) -> Self {
        let mut lists = Self { allow: vec![&settings.allow], deny: vec![&settings.deny] };
        let entries = settings.per_namespace.iter();
        for entry in entries.filter(|entry| entry.namespaces.iter().any(|glob| glob.matches(namespace))) {
            lists.allow.push(&entry.allow);
            lists.deny.push(&entry.deny);
        }
        lists
    }

    /// The pattern that denies the image.
    pub(crate) fn denies(&self, image: &ImageRef<'_>) -> Option<&'s str> {
        self.deny.iter().find_map(|list| has(list, image)).map(shown)
    }

    /// Returns `true` if images are limited to those of lists.
    pub(crate) fn has_allowed(&self) -> bool {
        self.allow.iter().any(|list| !list.is_empty())
    }

    /// Returns `true` if the image is in a list of allowed ones.
    pub(crate) fn allows(&self, image: &ImageRef<'_>) -> bool {
        self.allow.iter().any(|list| has(list, image).is_some())
    }

    /// The fix for an image that is not allowed.
    pub(crate) fn allowed(&self) -> String {
        let mut patterns = self.allow.iter().copied().flatten();
        let named: Vec<&str> = patterns.by_ref().take(MAX_NAMED).map(shown).collect();
        let more = if patterns.next().is_some() { " or another that is allowed" } else { "" };
        format!("use an image of {}{more}", named.join(" or "))
    }
}

/// The pattern as settings have it: a registry before `**`, and a part after `/**`, are added when it is read.
fn shown(pattern: &ImagePattern) -> &str {
    let text = pattern.as_str();
    let text = text.strip_suffix("/*").filter(|start| start.ends_with("/**")).unwrap_or(text);
    text.strip_prefix("*/").filter(|rest| rest.starts_with("**/")).unwrap_or(text)
}

/// The pattern of a list that the image matches.
pub(crate) fn has<'s>(list: &'s [ImagePattern], image: &ImageRef<'_>) -> Option<&'s ImagePattern> {
    let name = repository(image);
    let repository = Repository::of(&name);
    list.iter().find(|pattern| pattern.matches(repository))
}

/// The normalised repository of an image, under one name for each registry.
pub(crate) fn repository(image: &ImageRef<'_>) -> String {
    let repository = image.repository();
    let domain = repository.domain();
    let folded = domain.to_ascii_lowercase();
    let domain = match &*folded {
        DOCKER_HUB => "docker.io",
        // Without a dot or a port, only an upper-case letter makes it a registry.
        folded if folded.bytes().any(|byte| matches!(byte, b'.' | b':')) => folded,
        "" => return repository.to_string(),
        _ => domain,
    };
    format!("{domain}/{}", repository.path())
}
