//! Images: references, and the tags in them.

mod error;
mod mistaken;
mod reference;
pub mod tag;

pub use error::ParseError;
pub(crate) use reference::is_domain;
pub use reference::{Digest, ImageRef, Repository};
