//! Images: references, and the tags in them.

mod reference;
pub mod tag;

pub(crate) use reference::is_domain;
pub use reference::{Digest, ImageRef, ParseError, Repository};
