//! The answers to the host calls of policies: what Kubewarden's callback handler gives them in a cluster.
//!
//! Questions about images are answered by registries (feature `registry`), by OCI layouts on disk, or by a session that was
//! recorded before; those about Kubernetes by the objects of manifests. Answers and errors have the form that Kubewarden
//! gives them.

mod cluster;
mod failure;
mod images;
mod memo;
mod question;
#[cfg(feature = "registry")]
mod registry;
mod session;
mod world;

pub use cluster::Cluster;
pub use failure::Failure;
pub use images::Layouts;
pub use question::Question;
#[cfg(feature = "registry")]
pub use registry::{Options, Registries};
pub use session::Session;
pub use world::{Source, World};
