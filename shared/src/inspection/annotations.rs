//! The annotations in manifests and indices.
//!
//! Source: OCI image specification, "Annotations".

use json::{Node, Shape, Table};

/// Annotations: their names and values.
const ANNOTATIONS: (&str, Shape) = ("annotations", Shape::Everything(1));

const MANIFEST: Shape = Shape::Object(&[ANNOTATIONS]);

const INDEX: Shape = Shape::Object(&[
    ANNOTATIONS,
    ("manifests", Shape::List(&Shape::Object(&[ANNOTATIONS, ("digest", Shape::Scalar)]))),
]);

/// Adds the annotations of a manifest.
pub(super) fn of_manifest(text: &str, all: &mut Vec<(String, String)>) {
    if let Ok(manifest) = Node::read(text, MANIFEST, &Table::EMPTY) {
        add(&manifest, all);
    }
}

/// Adds the annotations of the entry with this digest, then those of the index.
pub(super) fn of_index(text: &str, digest: &str, all: &mut Vec<(String, String)>) {
    let Ok(index) = Node::read(text, INDEX, &Table::EMPTY) else { return };
    if let Some(Node::List(entries)) = index.get("manifests") {
        let is_named = |entry: &&(u32, Node<'_>)| entry.1.get("digest").and_then(Node::as_str) == Some(digest);
        if let Some((_, entry)) = entries.iter().find(is_named) {
            add(entry, all);
        }
    }
    add(&index, all);
}

fn add(node: &Node<'_>, all: &mut Vec<(String, String)>) {
    let Some(Node::Object(annotations)) = node.get("annotations") else { return };
    let texts = annotations.iter().filter_map(|(name, value)| Some((name.to_string(), value.as_str()?.to_owned())));
    all.extend(texts);
}
