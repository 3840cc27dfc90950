//! What a policy is: facts about it, its settings, and a rule.

use serde::Serialize;

use crate::findings::{Findings, Rule};
use crate::malformed::Malformed;
use crate::pod::{Container, Pod};
use crate::settings::{ClassActions, Fields, Validate};

/// A rule over one pod. Implement one of the two methods.
///
/// A policy is a pure function of its settings and the pod: no clock, randomness, environment, file or network.
pub trait Policy: Described {
    /// The policy's own settings; [`NoSettings`](crate::settings::NoSettings) when it has none.
    type Settings: Fields + Validate;

    /// Judges the pod as a whole. By default, judges each of its containers.
    ///
    /// # Errors
    /// The pod cannot be read.
    fn check_pod(settings: &Self::Settings, pod: &Pod<'_>, findings: &mut Findings) -> Result<(), Malformed> {
        pod.containers().iter().try_for_each(|container| Self::check_container(settings, pod, container, findings))
    }

    /// Judges one container of any class.
    ///
    /// # Errors
    /// The container cannot be read.
    fn check_container(
        settings: &Self::Settings,
        pod: &Pod<'_>,
        container: &Container<'_>,
        findings: &mut Findings,
    ) -> Result<(), Malformed> {
        let _ = (settings, pod, container, findings);
        Ok(())
    }
}

/// A policy that says what it is. Implemented by [`policy!`](crate::policy!).
pub trait Described {
    /// Its name: crate, module, artifact and key in settings.
    const NAME: &'static str;

    /// How strictly each class of containers is judged by default.
    const CONTAINERS: ClassActions;

    /// What it finds.
    const RULES: &'static [&'static Rule];

    /// What else is known of it. Nothing of this is in a module's code.
    const METADATA: Metadata;
}

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
    /// What each rule finds, in the order of [`Described::RULES`]: one sentence each.
    pub rules: &'static [&'static str],
}

/// How much a policy matters. Source: Kubewarden, policy metadata `io.kubewarden.policy.severity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A compromise of a container becomes one of the node.
    Critical,
    /// A common attack or outage has a free hand.
    High,
    /// Operation or security suffers.
    Medium,
    /// Tidiness.
    Low,
}

/// What a policy is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
            Guide::Immutable => {
                "https://cloud.google.com/architecture/best-practices-for-operating-containers#ensure_that_your_containers_are_stateless_and_immutable"
            }
            Guide::AvoidRoot => {
                "https://cloud.google.com/architecture/best-practices-for-operating-containers#avoid_running_as_root"
            }
        }
    }
}

/// Declares a policy: its type, the facts about it and its rules.
///
/// ```
/// use shared::prelude::*;
///
/// policy! {
///     /// No container may be called `bob`.
///     pub struct NoBob {
///         title: "No Bob",
///         severity: Low,
///         category: Processes,
///         guide: SingleApp,
///         containers: ClassActions::enforce_all_but_ephemeral(ClassAction::Warn),
///         rules: {
///             /// A container is called `bob`.
///             CALLED_BOB = "called-bob": Deny,
///         },
///     }
/// }
///
/// impl Policy for NoBob {
///     type Settings = NoSettings;
///
///     fn check_container(
///         _: &NoSettings,
///         _: &Pod<'_>,
///         container: &Container<'_>,
///         findings: &mut Findings,
///     ) -> Result<(), Malformed> {
///         if container.name() == Some("bob") {
///             findings.add(&CALLED_BOB, container.at("name"), "bob", "it is called bob", "choose another name");
///         }
///         Ok(())
///     }
/// }
/// ```
#[macro_export]
macro_rules! policy {
    (
        $(#[$attribute:meta])*
        pub struct $name:ident {
            title: $title:literal,
            severity: $severity:ident,
            category: $category:ident,
            guide: $guide:ident,
            containers: $containers:expr,
            rules: { $( $(#[doc = $about:literal])+ $rule:ident = $id:literal: $default:ident, )+ },
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        $(
            $(#[doc = $about])+
            const $rule: $crate::findings::Rule = $crate::findings::Rule {
                id: $id,
                default: $crate::settings::RuleAction::$default,
            };
        )+

        impl $crate::policy::Described for $name {
            const NAME: &'static str = env!("CARGO_PKG_NAME");
            const CONTAINERS: $crate::settings::ClassActions = $containers;
            const RULES: &'static [&'static $crate::findings::Rule] = &[$(&$rule),+];
            const METADATA: $crate::policy::Metadata = $crate::policy::Metadata {
                version: env!("CARGO_PKG_VERSION"),
                description: env!("CARGO_PKG_DESCRIPTION"),
                license: env!("CARGO_PKG_LICENSE"),
                authors: env!("CARGO_PKG_AUTHORS"),
                repository: env!("CARGO_PKG_REPOSITORY"),
                title: $title,
                severity: $crate::policy::Severity::$severity,
                category: $crate::policy::Category::$category,
                guide: $crate::policy::Guide::$guide,
                rules: &[$(concat!($($about),+).trim_ascii()),+],
            };
        }

        /// Called by the host once, before anything else.
        #[cfg(all(module, target_family = "wasm"))]
        #[allow(unsafe_code, reason = "waPC hosts look for an export of this name")]
        #[unsafe(no_mangle)]
        pub extern "C" fn wapc_init() {
            $crate::wapc::register::<$name>();
        }

        /// Replays the cases of the policy, and prints its metadata for the build.
        #[cfg(test)]
        fn main() -> std::process::ExitCode {
            $crate::testing::main::<$name>(env!("CARGO_MANIFEST_DIR"))
        }
    };
}
