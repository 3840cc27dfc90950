//! Facts about a policy that are known without running it: the source of everything that is published.

use crate::common::{ClassAction, ClassActions};
use crate::kinds::{Kinds, Resource};

/// The declared facts of a policy. A fact that it does not give has its default:
/// `Facts { title: "…", ..Facts::DEFAULT }`.
#[derive(Debug)]
pub struct Facts {
    /// Its name for people.
    pub title: &'static str,
    /// Its severity.
    pub severity: Severity,
    /// Its category.
    pub category: Category,
    /// The section of the guide that it enforces.
    pub guide: Guide,
    /// The default action per class of containers.
    pub containers: ClassActions,
    /// The objects that it judges.
    pub kinds: Kinds,
    /// The host capabilities that it uses, as `namespace/operation` of a waPC call. Source: Kubewarden, "Host capabilities".
    pub capabilities: &'static [&'static str],
    /// The objects that it reads from the cluster.
    pub resources: &'static [Resource],
    /// Its answers can change the object.
    pub mends: bool,
    /// The maximum size of its module, in KB (1,000 bytes).
    pub kilobytes: u16,
}

impl Facts {
    /// The facts of most policies. The guide is that of the project as a whole, and the title is empty.
    pub const DEFAULT: Self = Self {
        title: "",
        severity: Severity::Medium,
        category: Category::SECURITY,
        guide: Guide::BUILDING,
        containers: ClassActions::enforce_all_but_ephemeral(ClassAction::Enforce),
        kinds: Kinds::WORKLOADS,
        capabilities: &[],
        resources: &[],
        mends: false,
        kilobytes: 130,
    };
}

/// The package of a policy, as described by its manifest.
#[derive(Debug)]
pub struct Package {
    /// Its version, the same for all policies of a release.
    pub version: &'static str,
    /// Its description, in one sentence.
    pub description: &'static str,
    /// SPDX licence expression.
    pub license: &'static str,
    /// Authors, separated by `:`.
    pub authors: &'static str,
    /// The address of its source.
    pub repository: &'static str,
}

/// The severity of a policy. Source: Kubewarden, policy metadata `io.kubewarden.policy.severity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Tidiness.
    Low,
    /// Operation or security suffers.
    Medium,
    /// Enables a common attack or outage.
    High,
    /// Turns a container compromise into a node compromise.
    Critical,
}

/// The category of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Category {
    /// One word.
    pub name: &'static str,
    /// The colour of logos, as in CSS.
    pub colour: &'static str,
}

impl Category {
    /// The images that are run.
    pub const IMAGES: Self = Self { name: "Images", colour: "#0b5394" };
    /// The processes in a container.
    pub const PROCESSES: Self = Self { name: "Processes", colour: "#6a3d9a" };
    /// The privileges of a container.
    pub const SECURITY: Self = Self { name: "Security", colour: "#8b1e3f" };
}

/// A section of Google Cloud's guides to building and operating containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guide {
    /// The title of the section.
    pub title: &'static str,
    /// The address of the guide.
    page: &'static str,
    /// The anchor of the section; empty for the guide as a whole.
    anchor: &'static str,
}

impl Guide {
    /// The guide to building as a whole.
    pub const BUILDING: Self = Self::building("Best practices for building containers", "");

    /// A section of "Best practices for building containers".
    #[must_use]
    pub const fn building(title: &'static str, anchor: &'static str) -> Self {
        let page = "https://cloud.google.com/architecture/best-practices-for-building-containers";
        Self { title, page, anchor }
    }

    /// A section of "Best practices for operating containers".
    #[must_use]
    pub const fn operating(title: &'static str, anchor: &'static str) -> Self {
        let page = "https://cloud.google.com/architecture/best-practices-for-operating-containers";
        Self { title, page, anchor }
    }

    /// The address of the section.
    #[must_use]
    pub fn url(self) -> String {
        let mark = if self.anchor.is_empty() { "" } else { "#" };
        [self.page, mark, self.anchor].concat()
    }
}
