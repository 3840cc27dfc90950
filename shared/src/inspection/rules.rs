//! The rules of every policy that inspects images: what keeps an image from being judged.

use super::platform::Platform;
use crate::findings::{Finding, Found, Rule, RuleAction};
use crate::host::Unanswered;
use crate::image::ConfigError;
use crate::text::{plain, quote};

/// There is no answer about the image.
pub const NO_ANSWER: Rule =
    Rule::new("no-answer", RuleAction::Warn, "The host has no answer about an image, so that it is not judged.");

/// The host may not answer.
pub const NOT_GRANTED: Rule =
    Rule::new("not-granted", RuleAction::Deny, "The policy is not granted the host capability that it asks by.");

/// The image cannot be inspected.
pub const NOT_INSPECTED: Rule =
    Rule::new("not-inspected", RuleAction::Warn, "An image cannot be inspected, whatever is answered about it.");

/// The image lacks the platform.
pub const NO_PLATFORM: Rule =
    Rule::new("no-platform", RuleAction::Warn, "An image is not there for a platform that is to be judged.");

/// All of them.
pub(crate) const RULES: [&Rule; 4] = [&NO_ANSWER, &NOT_GRANTED, &NOT_INSPECTED, &NO_PLATFORM];

/// How many platforms of an image a message names.
const MAX_NAMED: usize = 5;

/// The problem where the request has asked all that it may. The same for every image, so that it is said once.
const TOO_MANY: &str = "this image and those after it are not inspected: one request can ask about ten images at most";

/// Returns `true` if the finding is about the request, not about an image.
pub(super) fn is_of_request(finding: &Finding) -> bool {
    finding.rule.id == NOT_GRANTED.id || finding.problem == TOO_MANY
}

/// Why an image cannot be inspected although there is an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The answer is not JSON, or not what it should be.
    Unreadable(&'static str),
    /// The configuration, or a field of it, is not what it should be.
    Configuration(ConfigError),
    /// A manifest of schema 1.
    Schema1,
    /// An index in an index.
    NestedIndex,
    /// An artifact whose configuration has this media type.
    Artifact(String),
    /// The size of a layer is missing, negative or too large.
    Sizes,
}

/// The finding of an image about which there is no answer that could be read.
pub(super) fn unanswered(image: &str, reason: &Unanswered) -> Found {
    let (image, host) = (plain(image), image.split('/').next().unwrap_or_default());
    match reason {
        Unanswered::NotGranted(capability) => NOT_GRANTED.found(
            format!("the policy is not granted the host capability {capability}"),
            "add it to namespacedPoliciesCapabilities of the policy server, or make this a ClusterAdmissionPolicy",
        ),
        Unanswered::Failed(words) => NO_ANSWER.found(
            format!("the manifest of image {image} cannot be fetched: {}", quote(words)),
            format!("let the policy server reach {}, with credentials if the image is private", plain(host)),
        ),
        Unanswered::NotText => not_inspected(&image, &Fault::Unreadable("the answer is not text")),
        Unanswered::TooLong(limit) => NOT_INSPECTED.found(
            format!("image {image} cannot be inspected: the answer is longer than {} MiB", limit >> 20),
            "build it with fewer layers",
        ),
        Unanswered::TooMany => NOT_INSPECTED.found(TOO_MANY, "check them before they are deployed"),
    }
}

/// The finding of an image that cannot be inspected.
pub(super) fn not_inspected(image: &str, fault: &Fault) -> Found {
    let (why, fix) = match fault {
        Fault::Unreadable(why) => ((*why).to_owned(), "check what the registry serves"),
        Fault::Configuration(error) => {
            (format!("its configuration cannot be read: {error}"), "push it again with a current tool")
        }
        Fault::Schema1 => ("its manifest has schema 1".to_owned(), "push it again with a current tool"),
        Fault::NestedIndex => ("its index holds another index".to_owned(), "push an index of images"),
        Fault::Artifact(kind) => (format!("it is an artifact, of type {}", quote(kind)), "name a container image"),
        Fault::Sizes => ("a layer has no valid size".to_owned(), "push it again with a current tool"),
    };
    NOT_INSPECTED.found(format!("image {image} cannot be inspected: {why}"), fix)
}

/// The finding of an image that lacks platforms; without one, any that the pod may run on.
pub(super) fn no_platform(image: &str, lacking: &[&Platform], there: &[&Platform]) -> Found {
    let image = plain(image);
    if there.is_empty() {
        return NO_PLATFORM.found(format!("the index of image {image} names no image"), "push an index of images");
    }
    let there = names(there);
    if lacking.is_empty() {
        return NO_PLATFORM.found(
            format!("image {image} has no platform that the pod may run on; it has {there}"),
            "build it for one, or let the pod select other nodes",
        );
    }
    NO_PLATFORM.found(
        format!("image {image} is not there for {}; it has {there}", names(lacking)),
        "build it for them, or change platforms",
    )
}

/// The first of the names of platforms.
pub(super) fn names(platforms: &[&Platform]) -> String {
    let mut names = String::new();
    for (index, platform) in platforms.iter().take(MAX_NAMED).enumerate() {
        names.push_str(if index == 0 { "" } else { ", " });
        names.push_str(&plain(&platform.to_string()));
    }
    if platforms.len() > MAX_NAMED {
        names.push_str(", …");
    }
    names
}
