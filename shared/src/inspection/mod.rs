//! The images of a pod, as their registries have them: which are asked about, for which platforms, and what there is to
//! judge.

mod annotations;
mod document;
mod inspected;
mod inspector;
mod platform;
pub mod reports;
mod rules;

pub use document::{Layer, Manifest};
pub use inspected::{Inspected, Inspection, Stopped};
pub use inspector::Inspector;
pub(crate) use inspector::{Asks, Judging};
pub use platform::{Platform, Platforms};
pub(crate) use rules::RULES;
pub use rules::{NO_ANSWER, NO_PLATFORM, NOT_GRANTED, NOT_INSPECTED};

use crate::host::{IMAGES, REPORTS};
use crate::pod::{Reads, reads};

/// What a policy needs of the images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inspects {
    /// Nothing: it judges what the object shows.
    Nothing,
    /// Their manifests. Configurations are asked for one by one.
    Manifests,
    /// Their manifests and configurations.
    Configurations,
    /// The reports of scanners in the cluster.
    Reports,
}

impl Inspects {
    /// What one of two needs.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        match (self, other) {
            // A policy that reads the cluster shares no module.
            (Self::Reports, _) | (_, Self::Reports) => Self::Reports,
            (Self::Configurations, _) | (_, Self::Configurations) => Self::Configurations,
            (Self::Manifests, _) | (_, Self::Manifests) => Self::Manifests,
            (Self::Nothing, Self::Nothing) => Self::Nothing,
        }
    }

    /// Returns `true` if nothing is asked of the host.
    #[must_use]
    pub const fn is_nothing(self) -> bool {
        matches!(self, Self::Nothing)
    }

    /// The fields of a pod that this takes.
    #[must_use]
    pub const fn reads(self) -> Reads {
        if self.is_nothing() { Reads::BASE } else { reads::images().and(reads::placement()) }
    }

    /// The host capabilities that this takes.
    #[must_use]
    pub const fn capabilities(self) -> &'static [&'static str] {
        match self {
            Self::Nothing => &[],
            Self::Manifests | Self::Configurations => IMAGES,
            Self::Reports => REPORTS,
        }
    }
}
