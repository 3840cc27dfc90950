//! The engine behind every policy: turns a Kubewarden request into an answer.
//!
//! A policy uses the [`prelude`], declares itself with [`policy!`] and implements [`policy::Policy`]. It never sees a
//! request, a response or JSON.
#![cfg_attr(
    not(feature = "testing"),
    allow(unreachable_pub, reason = "the feature `testing` makes private modules public")
)]

pub mod calls;
pub mod common;
pub mod facts;
pub mod findings;
pub mod glob;
pub mod host;
pub mod image;
pub mod inspection;
pub mod kinds;
mod malformed;
pub mod module;
pub mod object;
pub mod place;
pub mod pod;
pub mod policy;
pub mod process;
mod request;
pub mod settings;
pub mod shell;
pub mod text;
pub mod time;
pub mod verdict;
#[cfg(feature = "wapc")]
pub mod wapc;
#[cfg(not(feature = "testing"))]
mod workload;
#[cfg(feature = "testing")]
pub mod workload;

pub use malformed::Malformed;

/// The names that a policy needs in scope.
pub mod prelude {
    pub use crate::common::{ClassAction, ClassActions};
    pub use crate::facts::{Category, Facts, Guide, Severity};
    pub use crate::findings::{Findings, Found, Rule};
    pub use crate::image::ImageRef;
    pub use crate::inspection::{Inspected, Inspection, Manifest, Platforms};
    pub use crate::kinds::Kinds;
    pub use crate::malformed::Malformed;
    pub use crate::pod::{Container, Field, Pod, PodImage};
    pub use crate::policy::{Check, Checked, NoSettings, Policy};
    pub use crate::settings::{Faults, Keyed as _};
    pub use crate::text::{plain, quote};
    pub use crate::{policy, settings};
}
