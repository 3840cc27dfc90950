//! Pods as policies see them: containers of every class, and their fields.
//!
//! A field is absent (or `null`, which is the same), well-typed, or ill-typed. The accessors return a [`Field`] with or
//! without a value, or [`Malformed`](crate::Malformed); a rule that uses `?` therefore fails closed. The types are those of
//! the Kubernetes API, core/v1.

mod annotations;
mod container;
mod fields;
mod images;
mod lists;
mod model;
mod placement;
mod probes;
mod scope;
mod security;
mod specification;
mod standing;
mod volumes;

pub use annotations::Annotation;
pub use container::Container;
pub use fields::{ROWS, reads};
pub use images::PodImage;
pub use lists::{CommandLine, Entry, EnvVar, Hook};
pub use model::{Model, Of, Reads, Row, count, table};
pub use placement::Placement;
pub use probes::{ContainerPort, Number, Port, Probe};
pub use scope::Field;
pub use security::Capabilities;
pub use specification::Pod;
pub(crate) use specification::{ITEMS, Imageless, Source};
pub(crate) use standing::Standing;
pub use volumes::{Mount, Volume, VolumeSource};

pub use json::Table;
