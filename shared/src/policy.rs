//! What a policy is: facts about it, its settings, and a rule.

use serde::Serialize;

#[cfg(not(target_family = "wasm"))]
use crate::combined::Member;
use crate::findings::{Findings, Rule};
use crate::malformed::Malformed;
use crate::pod::{Container, Pod};
#[cfg(not(target_family = "wasm"))]
use crate::settings::Field;
use crate::settings::{ClassActions, Faults, Fields, Settings, Validate};
use crate::verdict::Configured;
pub use crate::verdict::Judge;

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

/// What a module holds: a policy, or [several](crate::combined).
pub trait Module: Described {
    /// Reads the JSON text of the settings: the policies that judge, each with its own. Absent settings are the defaults.
    ///
    /// # Errors
    /// Every fault, with its path.
    fn configure(text: Option<&str>) -> Result<Vec<Box<dyn Judge>>, Faults>;

    /// Its settings beside those that every module has.
    #[cfg(not(target_family = "wasm"))]
    fn own_settings() -> Vec<Field>;

    /// The policies that it combines; none when it is a policy itself.
    #[cfg(not(target_family = "wasm"))]
    #[must_use]
    fn members() -> &'static [Member] {
        &[]
    }
}

impl<P: Policy> Module for P {
    fn configure(text: Option<&str>) -> Result<Vec<Box<dyn Judge>>, Faults> {
        let settings = Settings::read::<P>(text)?;
        Ok(vec![Box::new(Configured::<P> { settings, among_others: false })])
    }

    #[cfg(not(target_family = "wasm"))]
    fn own_settings() -> Vec<Field> {
        P::Settings::fields()
    }
}

/// A policy or a module of several that says what it is. Implemented by [`policy!`](crate::policy!) and
/// [`combined!`](crate::combined!).
pub trait Described: 'static {
    /// Its name: directory under `policies/`, crate, module, artifact and key in settings.
    const NAME: &'static str;

    /// How strictly each class of containers is judged by default.
    const CONTAINERS: ClassActions;

    /// What it finds; empty when only its policies say.
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

        $crate::module! {
            $name {
                title: $title,
                severity: $severity,
                category: $category,
                guide: $guide,
                containers: $containers,
                rules: [$(&$rule => concat!($($about),+).trim_ascii()),+],
            }
        }
    };
}

/// What [`policy!`] and [`combined!`](crate::combined!) share: the facts about a type, the entry of its module, and the
/// tests.
#[doc(hidden)]
#[macro_export]
macro_rules! module {
    (
        $name:ident {
            title: $title:literal,
            severity: $severity:ident,
            category: $category:ident,
            guide: $guide:ident,
            containers: $containers:expr,
            rules: [$( $rule:expr => $about:expr ),*],
        }
    ) => {
        impl $crate::policy::Described for $name {
            const NAME: &'static str = env!("CARGO_PKG_NAME");
            const CONTAINERS: $crate::settings::ClassActions = $containers;
            const RULES: &'static [&'static $crate::findings::Rule] = &[$($rule),*];
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
                rules: &[$($about),*],
            };
        }

        /// Called by the host once, before anything else.
        #[cfg(all(module, target_family = "wasm"))]
        #[allow(unsafe_code, reason = "waPC hosts look for an export of this name")]
        #[unsafe(no_mangle)]
        pub extern "C" fn wapc_init() {
            $crate::wapc::register::<$name>();
        }

        /// Replays the cases. Policies have the crate `testing` for their tests.
        #[cfg(test)]
        fn main() -> std::process::ExitCode {
            ::testing::main::<$name>(env!("CARGO_MANIFEST_DIR"))
        }
    };
}
