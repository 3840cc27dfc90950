//! Manifests and indexes as Kubewarden passes them on: what it does not know is dropped.
//!
//! Source: `OciManifest` of oci-client 0.18, by which Kubewarden reads and writes them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The media types that Kubewarden accepts.
pub(crate) const MEDIA_TYPES: [&str; 4] = [
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
];

/// The version of the schema that Kubewarden reads.
const SCHEMA: i32 = 2;

/// A manifest or an index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Manifest {
    /// Of one image.
    Image(Box<ImageManifest>),
    /// Of an image for several platforms.
    Index(ImageIndex),
}

/// The manifest of an image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImageManifest {
    schema_version: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
    pub(crate) config: Descriptor,
    layers: Vec<Descriptor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Descriptor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<BTreeMap<String, String>>,
}

/// The description of a blob.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor {
    pub(crate) media_type: String,
    pub(crate) digest: String,
    pub(crate) size: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    urls: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_type: Option<String>,
}

/// The index of an image for several platforms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImageIndex {
    schema_version: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
    pub(crate) manifests: Vec<IndexEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<BTreeMap<String, String>>,
}

/// The description of a manifest in an index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IndexEntry {
    media_type: String,
    pub(crate) digest: String,
    size: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) platform: Option<Platform>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_type: Option<String>,
}

/// The platform that an image is made for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Platform {
    pub(crate) architecture: String,
    pub(crate) os: String,
    #[serde(rename = "os.version", skip_serializing_if = "Option::is_none")]
    os_version: Option<String>,
    #[serde(rename = "os.features", skip_serializing_if = "Option::is_none")]
    os_features: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    features: Option<Vec<String>>,
}

/// The fields that decide if the rest can be read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Versioned {
    schema_version: i32,
    media_type: Option<String>,
}

impl Manifest {
    /// Reads a manifest or an index.
    ///
    /// # Errors
    ///
    /// The text of oci-client.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let versioned: Versioned =
            serde_json::from_slice(bytes).map_err(|error| format!("Failed to parse manifest: {error}"))?;
        if versioned.schema_version != SCHEMA {
            return Err(format!("Unsupported schema version: {}", versioned.schema_version));
        }
        if let Some(other) = versioned.media_type.filter(|media_type| !MEDIA_TYPES.contains(&media_type.as_str())) {
            return Err(format!("Unsupported media type: {other}"));
        }
        serde_json::from_slice(bytes).map_err(|error| format!("Failed to parse manifest as Versioned object: {error}"))
    }
}

#[cfg(all(test, feature = "registry"))]
mod tests {
    use oci_client::manifest::OciManifest;
    use serde_json::json;

    use super::*;

    #[test]
    fn manifests_are_passed_on_as_by_kubewarden() {
        let descriptor = json!({
            "mediaType": "a/b", "digest": "sha256:00", "size": 7, "urls": ["u"], "annotations": {"a": "b"},
            "artifactType": "c/d", "data": "e30=",
        });
        let platform = json!({
            "architecture": "arm64", "os": "linux", "variant": "v8", "os.version": "1", "os.features": ["x"], "features": ["y"],
        });
        let mut entry = descriptor.clone();
        entry["platform"] = platform;
        let strange =
            json!({"mediaType": "a/b", "digest": "x", "size": -1, "platform": {"architecture": "z80", "os": "cp-m"}});
        for manifest in [
            json!({"schemaVersion": 2, "config": descriptor, "layers": [], "unknown": 1}),
            json!({
                "schemaVersion": 2, "mediaType": MEDIA_TYPES[2], "config": descriptor, "layers": [descriptor, descriptor],
                "subject": descriptor, "artifactType": "c/d", "annotations": {"a": "b"},
            }),
            json!({"schemaVersion": 2, "manifests": [entry, descriptor, strange], "annotations": {"a": "b"}, "subject": descriptor}),
            json!({"schemaVersion": 2, "mediaType": MEDIA_TYPES[1], "manifests": [], "artifactType": "c/d"}),
        ] {
            let theirs: OciManifest = serde_json::from_value(manifest.clone()).unwrap();
            let ours = Manifest::read(manifest.to_string().as_bytes()).unwrap();
            assert_eq!(serde_json::to_value(ours).unwrap(), serde_json::to_value(theirs).unwrap());
        }
        let nameless = json!({"mediaType": "a/b", "digest": "x", "size": 1, "platform": {"os": "linux"}});
        for fault in [
            json!({"schemaVersion": 2, "layers": []}),
            json!({"schemaVersion": 2, "manifests": [nameless]}),
            json!({"schemaVersion": 2, "config": {"mediaType": "a/b", "digest": "x"}, "layers": []}),
        ] {
            assert!(serde_json::from_value::<OciManifest>(fault.clone()).is_err(), "{fault}");
            assert!(Manifest::read(fault.to_string().as_bytes()).is_err(), "{fault}");
        }
    }
}
