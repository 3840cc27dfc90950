//! What every Seaworthy policy stands on: the way of a request, from the bytes that a Kubewarden host sends to the
//! bytes that it gets back.
//!
//! A policy uses the [`prelude`], declares itself with [`policy!`] and implements [`policy::Policy`]. It never sees a
//! request, a response or JSON.

pub mod combined;
pub mod findings;
pub mod glob;
pub mod image;
mod malformed;
pub mod message;
pub mod pod;
pub mod policy;
pub mod process;
mod request;
pub mod settings;
pub mod shell;
pub mod tag;
mod verdict;
pub mod wapc;
#[cfg(feature = "testing")]
pub mod workload;
#[cfg(not(feature = "testing"))]
#[expect(unreachable_pub, reason = "tests and publishing reach it, by the feature `testing`")]
mod workload;

pub use malformed::Malformed;

/// What a policy needs in scope.
pub mod prelude {
    pub use crate::findings::Findings;
    pub use crate::malformed::Malformed;
    pub use crate::message::{plain, quote};
    pub use crate::pod::{At, Class, Container, Pod, PodImage, SecurityContext};
    pub use crate::policy::Policy;
    pub use crate::settings::{ClassAction, ClassActions, Faults, NoSettings, Validate};
    pub use crate::{policy, settings};
}
