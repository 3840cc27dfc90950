//! OCI layouts that the tests write.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// An empty archive, compressed: 1,024 zeros by gzip. Several in a row are one as well.
const ARCHIVE: [u8; 29] =
    [31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 99, 96, 24, 5, 163, 96, 20, 140, 84, 0, 0, 46, 175, 181, 239, 0, 4, 0, 0];

/// A layout.
pub struct Layout(PathBuf);

impl Layout {
    pub fn new(directory: PathBuf) -> Self {
        fs::create_dir_all(directory.join("blobs/sha256")).unwrap();
        fs::write(directory.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
        Self(directory)
    }

    fn blob(&self, media_type: &str, content: &[u8]) -> Value {
        let digits = format!("{:x}", Sha256::digest(content));
        fs::write(self.0.join("blobs/sha256").join(&digits), content).unwrap();
        json!({"mediaType": media_type, "digest": format!("sha256:{digits}"), "size": content.len()})
    }

    /// An image with layers of so many archives.
    pub fn image(&self, architecture: &str, user: &str, layers: &[usize]) -> Value {
        let history: Vec<_> =
            layers.iter().map(|size| json!({"created_by": format!("COPY {size} / # buildkit")})).collect();
        let diff_ids: Vec<_> =
            layers.iter().map(|archives| format!("sha256:{:x}", Sha256::digest(vec![0; archives * 1024]))).collect();
        let config = json!({
            "architecture": architecture, "os": "linux", "history": history,
            "config": {"User": user, "Entrypoint": ["/app"]}, "rootfs": {"type": "layers", "diff_ids": diff_ids},
        });
        let config = self.blob(CONFIG, config.to_string().as_bytes());
        let layers: Vec<_> = layers.iter().map(|archives| self.blob(LAYER, &ARCHIVE.repeat(*archives))).collect();
        let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers});
        self.blob(MANIFEST, manifest.to_string().as_bytes())
    }

    /// An image of one layer for each step that makes one, with this configuration beside its history. A step that is a
    /// pair has the comment of its builder.
    pub fn built(&self, steps: &[(&str, &str)], config: &Value) -> Value {
        let is_empty = |step: &str| {
            let words = step.replace("/bin/sh -c #(nop)  ", "");
            ["CMD", "ENTRYPOINT", "ENV", "ARG", "LABEL", "USER"].iter().any(|word| words.starts_with(word))
        };
        let entry = |(step, comment): &(&str, &str)| json!({"created_by": step, "comment": comment, "empty_layer": is_empty(step)});
        let history: Vec<_> = steps.iter().map(entry).collect();
        let count = steps.iter().filter(|(step, _)| !is_empty(step)).count();
        let diff_ids: Vec<_> =
            (1..=count).map(|size| format!("sha256:{:x}", Sha256::digest(vec![0; size * 1024]))).collect();
        let document = json!({
            "architecture": "amd64", "os": "linux", "history": history, "config": config,
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        });
        let config = self.blob(CONFIG, document.to_string().as_bytes());
        let layers: Vec<_> = (1..=count).map(|size| self.blob(LAYER, &ARCHIVE.repeat(size))).collect();
        let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers});
        self.blob(MANIFEST, manifest.to_string().as_bytes())
    }

    /// The attestation of an image, as `BuildKit` writes it.
    pub fn attestation(&self, image: &Value) -> Value {
        let statement = json!({"_type": "https://in-toto.io/Statement/v0.1", "predicate": {}});
        let statement = self.blob("application/vnd.in-toto+json", statement.to_string().as_bytes());
        let config = json!({"architecture": "unknown", "os": "unknown", "config": {}});
        let config = self.blob(CONFIG, config.to_string().as_bytes());
        let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [statement]});
        let mut manifest = self.blob(MANIFEST, manifest.to_string().as_bytes());
        manifest["annotations"] = json!({
            "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": image["digest"],
        });
        manifest
    }

    /// An index of images for these platforms.
    pub fn index(&self, images: &[(&str, &str, &Value)]) -> Value {
        let entry = |(os, architecture, image): &(&str, &str, &Value)| {
            let mut entry = (*image).clone();
            entry["platform"] = json!({"os": os, "architecture": architecture});
            entry
        };
        let images: Vec<_> = images.iter().map(entry).collect();
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": images});
        self.blob(INDEX, index.to_string().as_bytes())
    }

    /// Names the images, each by a tag.
    pub fn tag(&self, images: &[(&str, &Value)]) {
        let entry = |(tag, image): &(&str, &Value)| {
            let mut entry = (*image).clone();
            entry["annotations"] = json!({"org.opencontainers.image.ref.name": tag});
            entry
        };
        let index = json!({"schemaVersion": 2, "manifests": images.iter().map(entry).collect::<Vec<_>>()});
        fs::write(self.0.join("index.json"), index.to_string()).unwrap();
    }
}
