//! What policies ask about images, and the images in OCI layouts.

mod answers;
mod digest;
mod layouts;
mod manifest;
mod store;

pub(crate) use self::answers::answer;
#[cfg(feature = "registry")]
pub(crate) use self::digest::{file_name, require};
pub use self::layouts::Layouts;
#[cfg(feature = "registry")]
pub(crate) use self::manifest::MEDIA_TYPES;
#[cfg(feature = "registry")]
pub(crate) use self::store::{MAX_BLOB, Store};
