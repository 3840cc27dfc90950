//! Facts about a policy that are known without running it: the source of everything that is published.

#[cfg(feature = "describe")]
use serde::Serialize;

/// What is known of a policy without running it.
#[derive(Debug)]
pub struct Metadata {
    /// Its version, the same for all policies of a release.
    pub version: &'static str,
    /// What it does, in one sentence.
    pub description: &'static str,
    /// SPDX licence expression.
    pub license: &'static str,
    /// Authors, separated by `:`.
    pub authors: &'static str,
    /// Where its source is.
    pub repository: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What it is about.
    pub category: Category,
    /// The section of the guide that it enforces.
    pub guide: Guide,
    /// What each rule finds, in the order of [`RULES`](crate::policy::Described::RULES): one sentence each.
    pub rules: &'static [&'static str],
}

/// How much a policy matters. Source: Kubewarden, policy metadata `io.kubewarden.policy.severity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "describe", derive(Serialize))]
#[cfg_attr(feature = "describe", serde(rename_all = "lowercase"))]
pub enum Severity {
    /// Turns a container compromise into a node compromise.
    Critical,
    /// Enables a common attack or outage.
    High,
    /// Operation or security suffers.
    Medium,
    /// Tidiness.
    Low,
}

/// What a policy is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "describe", derive(Serialize))]
pub enum Category {
    /// What images are run.
    Images,
    /// What processes run in a container.
    Processes,
    /// What a container may do.
    Security,
}

/// A section of Google Cloud's guides to building and operating containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guide {
    /// Building: "Package a single app per container".
    SingleApp,
    /// Building: "Properly handle PID 1, signal handling, and zombie processes".
    Pid1,
    /// Building: "Properly tag your images".
    TagImages,
    /// The guide to building as a whole.
    Building,
    /// Operating: "Ensure that your containers are stateless and immutable".
    Immutable,
    /// Operating: "Avoid running as root".
    AvoidRoot,
}

impl Guide {
    /// The title of the section.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Guide::SingleApp => "Package a single app per container",
            Guide::Pid1 => "Properly handle PID 1, signal handling, and zombie processes",
            Guide::TagImages => "Properly tag your images",
            Guide::Building => "Best practices for building containers",
            Guide::Immutable => "Ensure that your containers are stateless and immutable",
            Guide::AvoidRoot => "Avoid running as root",
        }
    }

    /// Where the section can be read.
    #[must_use]
    pub const fn url(self) -> &'static str {
        match self {
            Guide::SingleApp => {
                "https://cloud.google.com/architecture/best-practices-for-building-containers#package_a_single_app_per_container"
            }
            Guide::Pid1 => {
                "https://cloud.google.com/architecture/best-practices-for-building-containers#signal-handling"
            }
            Guide::TagImages => {
                "https://cloud.google.com/architecture/best-practices-for-building-containers#properly_tag_your_images"
            }
            Guide::Building => "https://cloud.google.com/architecture/best-practices-for-building-containers",
            Guide::Immutable => {
                "https://cloud.google.com/architecture/best-practices-for-operating-containers#ensure_that_your_containers_are_stateless_and_immutable"
            }
            Guide::AvoidRoot => {
                "https://cloud.google.com/architecture/best-practices-for-operating-containers#avoid_running_as_root"
            }
        }
    }
}
