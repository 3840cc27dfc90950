//! From paths to objects: which files, which documents in them, which objects in those.

mod documents;
mod json;
mod objects;
mod places;
mod sources;
mod yaml;

pub(crate) use objects::{Item, Object};
pub(crate) use places::{Location, Origin};
pub(crate) use sources::{Exclude, STDIN, Source, sources};
pub(crate) use yaml::read_all as read_settings;

use crate::problem::Problem;

/// The objects of a source, and what of it cannot be read; both in the order of the text.
pub(crate) fn items(source: &Source) -> Vec<Result<Item, Problem>> {
    let text = match source.read() {
        Ok(text) => text,
        Err(problem) => return vec![Err(problem)],
    };
    let mut items = Vec::new();
    for document in documents::split(&text) {
        match yaml::read(&document) {
            Ok(Some(value)) => objects::items(&document, value, &mut items),
            Ok(None) => {}
            Err(problem) => items.push(Err(problem)),
        }
    }
    items.into_iter().map(|item| item.map_err(|problem| problem.of(source.name()))).collect()
}
