//! Kubernetes manifests: from a text to its objects, from an object to the AdmissionRequest that an API server sends for
//! it, and from a path in the object back to its place in the text.
//!
//! Nothing here reads a file or starts a thread, so that it runs in a browser too. Deep documents need more stack than
//! some systems give a thread; the command gives its own 16 MiB.
#![expect(clippy::arithmetic_side_effects, reason = "no module: it counts lines and columns of what is in memory")]

use std::borrow::Cow;

mod admission;
mod documents;
mod encoding;
mod json;
pub mod kinds;
mod objects;
mod places;
mod problem;
mod request;
mod scalar;
mod yaml;

pub use admission::{AdmissionRequest, Operation};
pub use encoding::decode;
pub use objects::{Item, Object};
pub use places::{Excerpt, Location, Origin};
pub use problem::Problem;
pub use request::{Context, Request, Subject};
pub use yaml::{claims_an_object, read_located, read_single};

/// The objects in a text, and what of it cannot be read; both in the order of the text.
#[must_use]
pub fn items(text: &str) -> Vec<Result<Item, Problem>> {
    let mut items = Vec::new();
    // kubectl ends the last line, which a block scalar keeps.
    let ended = if text.ends_with('\n') { Cow::Borrowed(text) } else { Cow::Owned(format!("{text}\n")) };
    for document in documents::split(&ended) {
        match yaml::read(&document) {
            Ok(Some(value)) => objects::items(&document, value, &mut items),
            Ok(None) => {}
            Err(problem) => items.push(Err(problem)),
        }
    }
    items
}
