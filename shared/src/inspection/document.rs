//! Answers about images, read as far as they are judged: every field may be missing, and unknown ones are skipped.
//!
//! Source: OCI image specification, "Image Manifest" and "Image Index"; Docker, "Image Manifest Version 2, Schema 2".

use super::platform::Platform;
use super::rules::Fault;
use json::{Node, Shape, Table};

use Shape::{List, Object, Raw, Scalar};

/// The media types of the configuration of a container image.
const CONFIGURATIONS: [&str; 2] =
    ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

/// How the media types of an index end.
const INDEXES: [&str; 2] = ["image.index.v1+json", "manifest.list.v2+json"];

/// The annotation by which `BuildKit` marks what is not an image but tells about one.
const REFERENCE_TYPE: &str = "vnd.docker.reference.type";

/// What stands for the operating system of what is not an image.
const UNKNOWN: &str = "unknown";

/// The fields that are kept of a manifest or an index.
const DOCUMENT: Shape = Object(&[
    ("config", Object(&[("mediaType", Scalar)])),
    ("fsLayers", Scalar),
    ("layers", List(&Object(&[("digest", Scalar), ("mediaType", Scalar), ("size", Scalar)]))),
    (
        "manifests",
        List(&Object(&[
            ("annotations", Object(&[(REFERENCE_TYPE, Scalar)])),
            ("artifactType", Scalar),
            ("digest", Scalar),
            ("mediaType", Scalar),
            ("platform", Object(&[("architecture", Scalar), ("os", Scalar), ("variant", Scalar)])),
        ])),
    ),
    ("schemaVersion", Scalar),
]);

/// The fields of an answer that holds a configuration as well.
const PARTS: Shape = Object(&[("config", Raw), ("manifest", Raw)]);

/// The manifest of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The layers, from the base up.
    pub layers: Vec<Layer>,
    /// The sum of their sizes, in bytes.
    pub size: u64,
}

/// A layer as its manifest describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Its size in the registry, in bytes: compressed, unless it is stored as it is.
    pub size: u64,
    /// Its media type; empty when it is not given.
    pub media_type: String,
}

/// An entry of an index.
#[derive(Debug)]
pub(super) struct Entry {
    /// The platform; its parts are empty where it is not given.
    pub(super) platform: Platform,
    pub(super) digest: String,
    pub(super) is_index: bool,
}

/// An answer about an image.
#[derive(Debug)]
pub(super) enum Document {
    Image(Manifest),
    Index(Vec<Entry>),
}

impl Document {
    /// Reads a manifest or an index.
    pub(super) fn read(text: &str) -> Result<Self, Fault> {
        let node =
            Node::read(text, DOCUMENT, &Table::EMPTY).map_err(|_| Fault::Unreadable("the answer is not valid JSON"))?;
        if let Some(Node::List(entries)) = node.get("manifests") {
            return Ok(Self::Index(entries.iter().filter_map(|(_, entry)| Entry::read(entry)).collect()));
        }
        if node.get("fsLayers").is_some() || node.get("schemaVersion") == Some(&Node::Integer(1)) {
            return Err(Fault::Schema1);
        }
        let kind = node.get("config").and_then(|config| text_of(config, "mediaType"));
        if let Some(kind) = kind.filter(|kind| !CONFIGURATIONS.contains(kind)) {
            return Err(Fault::Artifact(kind.to_owned()));
        }
        match node.get("layers") {
            Some(Node::List(layers)) => Manifest::read(layers).map(Self::Image),
            _ => Err(Fault::Unreadable("the answer is not a manifest")),
        }
    }
}

impl Manifest {
    fn read(nodes: &[(u32, Node<'_>)]) -> Result<Self, Fault> {
        let mut manifest = Self { layers: Vec::new(), size: 0 };
        for (_, node) in nodes {
            let Some(Node::Integer(size)) = node.get("size") else { return Err(Fault::Sizes) };
            let size = u64::try_from(*size).map_err(|_| Fault::Sizes)?;
            manifest.size = manifest.size.checked_add(size).ok_or(Fault::Sizes)?;
            let media_type = text_of(node, "mediaType").unwrap_or_default().to_owned();
            manifest.layers.push(Layer { size, media_type });
        }
        Ok(manifest)
    }
}

impl Entry {
    /// Reads an entry, unless it is something else than an image.
    fn read(node: &Node<'_>) -> Option<Self> {
        let is_other = node.get("artifactType").is_some()
            || node.get("annotations").is_some_and(|annotations| annotations.get(REFERENCE_TYPE).is_some());
        let platform = node.get("platform").unwrap_or(&Node::Null);
        let part = |name| text_of(platform, name).unwrap_or_default().to_owned();
        let platform = Platform { os: part("os"), architecture: part("architecture"), variant: part("variant") };
        let media_type = text_of(node, "mediaType").unwrap_or_default();
        let entry = Self {
            digest: text_of(node, "digest").unwrap_or_default().to_owned(),
            is_index: INDEXES.iter().any(|index| media_type.ends_with(index)),
            platform,
        };
        (!is_other && entry.platform.os != UNKNOWN).then_some(entry)
    }
}

fn text_of<'n>(node: &'n Node<'_>, field: &str) -> Option<&'n str> {
    node.get(field).and_then(Node::as_str)
}

/// The manifest and the configuration in an answer that holds both.
pub(super) fn parts(text: &str) -> Option<(&str, &str)> {
    let node = Node::read(text, PARTS, &Table::EMPTY).ok()?;
    let part = |name| match node.get(name) {
        Some(Node::Raw(part)) => Some(*part),
        _ => None,
    };
    Some((part("manifest")?, part("config")?))
}
