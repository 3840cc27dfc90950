//! The labels of an image, and the rules that they break.

use shared::glob::{Glob, ImagePattern};
use shared::image::{ImageRef, Repository, redacted};
use shared::prelude::*;
use shared::text::excerpt;

use crate::formats::Format;
use crate::settings::{BaseImages, Licenses, Requirement, Settings};
use crate::spdx::is_satisfied;
use crate::versions::{is_other_commit, is_other_version};
use crate::{BASE_IMAGE, DENIED_LICENSE, LABEL_FORMAT, MISSING_LABEL, VERSION_MISMATCH};

pub(crate) const SOURCE: &str = "org.opencontainers.image.source";
pub(crate) const LICENSES: &str = "org.opencontainers.image.licenses";
pub(crate) const REVISION: &str = "org.opencontainers.image.revision";
pub(crate) const VERSION: &str = "org.opencontainers.image.version";
/// The beginning of the names of the specification, without the dot after it.
const PREFIX: &str = "org.opencontainers.image";
const BASE: &str = "org.opencontainers.image.base.name";

/// The most labels or licences that a message names.
const MAX_NAMED: usize = 4;

/// The labels of an image, the nearest to it first.
pub(crate) struct Labels<'l>(Vec<(&'l str, &'l str)>);

impl<'l> Labels<'l> {
    /// Those of the configuration, and the annotations around it. An empty one is the same as none.
    pub(crate) fn new(of_config: Vec<(&'l str, &'l str)>, annotations: &'l [(String, String)]) -> Self {
        let mut labels: Vec<(&str, &str)> = Vec::new();
        let around = annotations.iter().map(|(name, value)| (&**name, &**value));
        for (name, value) in of_config.into_iter().chain(around) {
            if !value.is_empty() && !labels.iter().any(|(known, _)| *known == name) {
                labels.push((name, value));
            }
        }
        Self(labels)
    }

    fn get(&self, name: &str) -> Option<&'l str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// A finding about the labels that the image lacks.
    pub(crate) fn missing(&self, required: &[Requirement]) -> Option<Found> {
        let lacks = |entry: &&Requirement| !entry.any_of.iter().any(|name| self.get(name).is_some());
        let lacking: Vec<_> = required.iter().filter(lacks).map(|entry| entry.any_of.join(" or ")).collect();
        if lacking.is_empty() {
            return None;
        }
        let (plural, them) = if lacking.len() > 1 { ("s", "them") } else { ("", "it") };
        let names = listed(&lacking);
        // The prefix once is enough.
        let names = match names.split_once(PREFIX) {
            Some((before, after)) => [before, PREFIX, &after.replace(PREFIX, "")].concat(),
            None => names,
        };
        let problem = format!("its image lacks the label{plural} {names}");
        Some(MISSING_LABEL.found(problem, format!("set {them} by LABEL, --label or --annotation of the build")))
    }

    /// The findings about labels whose values are not of their formats.
    pub(crate) fn malformed(&self, settings: &Settings) -> Vec<Found> {
        let mut found = Vec::new();
        for (name, value) in &self.0 {
            let format = settings.formats.get(name).copied().unwrap_or_else(|| Format::standard(name));
            if !format.accepts(value) {
                let (what, fix) = format.words();
                let problem =
                    format!("the label {} of its image is {}, which is not {what}", plain(name), shown(value));
                found.push(LABEL_FORMAT.found(problem, fix));
            }
        }
        found
    }

    /// A finding about a licence that is denied, or not allowed. What is not an expression is left to the rule on formats.
    pub(crate) fn denied_license(&self, lists: &Licenses) -> Option<Found> {
        let license = self.get(LICENSES)?;
        let is_in = |list: &[Glob], name: &str| {
            let alone = name.split_once([' ', '\t']).map_or(name, |(license, _)| license);
            list.iter().any(|glob| glob.matches_ignoring_case(name) || glob.matches_ignoring_case(alone))
        };
        let mut refused: Vec<String> = Vec::new();
        let mut accepts = |name: &str| {
            let is_accepted = !is_in(&lists.deny, name) && (lists.allow.is_empty() || is_in(&lists.allow, name));
            if !is_accepted && !refused.iter().any(|known| known == name) {
                refused.push(name.to_owned());
            }
            is_accepted
        };
        if is_satisfied(license, &mut accepts)? {
            return None;
        }
        let problem =
            format!("the licence of its image, {}, needs what is not allowed: {}", shown(license), listed(&refused));
        Some(DENIED_LICENSE.found(problem, "use an image under another licence"))
    }

    /// A finding about a base image that is denied, or not allowed.
    pub(crate) fn base_image(&self, lists: &BaseImages) -> Option<Found> {
        let base = self.get(BASE)?;
        let image = ImageRef::read(base)?;
        let is_in = |list: &[ImagePattern]| list.iter().any(|pattern| pattern.matches(Repository::of(base)));
        let why = if is_in(&lists.deny) {
            "is denied"
        } else if !lists.allow.is_empty() && !is_in(&lists.allow) {
            "is not in the list of allowed ones"
        } else {
            return None;
        };
        let name = image.repository().to_string();
        Some(BASE_IMAGE.found(format!("the base of its image, {}, {why}", plain(&name)), "build it on another base"))
    }

    /// A finding about a tag that names another version or commit than the labels do.
    pub(crate) fn mismatch(&self, tag: &str) -> Option<Found> {
        let is_other =
            |name: &str, is_other: fn(&str, &str) -> bool| self.get(name).filter(|value| is_other(tag, value));
        let (name, value) = is_other(VERSION, is_other_version)
            .map(|value| (VERSION, value))
            .or_else(|| is_other(REVISION, is_other_commit).map(|value| (REVISION, value)))?;
        // A commit is no secret, and its beginning is enough.
        let value = if name == REVISION { quote(value.get(..12).unwrap_or(value)).to_string() } else { shown(value) };
        let problem = format!("its tag is {}, but its label {name} is {value}, perhaps that of its base", plain(tag));
        Some(VERSION_MISMATCH.found(problem, "set the label at each build, from the same source as the tag"))
    }
}

/// A value in a message, without what may be a secret.
fn shown(value: &str) -> String {
    quote(&excerpt(&redacted(value))).to_string()
}

/// The first of them.
fn listed(names: &[String]) -> String {
    let first: Vec<_> = names.iter().take(MAX_NAMED).map(|name| plain(name)).collect();
    first.join(", ") + if names.len() > MAX_NAMED { ", …" } else { "" }
}
