//! Images in OCI layouts: how they are found, and what is answered about them.
#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use capabilities::{Layouts, Source, World};
use host::Unanswered;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// A layout that is being written.
struct Writer {
    directory: PathBuf,
    entries: Vec<Value>,
}

impl Writer {
    fn new(directory: PathBuf) -> Self {
        fs::create_dir_all(directory.join("blobs/sha256")).unwrap();
        fs::write(directory.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
        let writer = Self { directory, entries: Vec::new() };
        writer.save();
        writer
    }

    fn save(&self) {
        let index = json!({"schemaVersion": 2, "manifests": self.entries});
        fs::write(self.directory.join("index.json"), index.to_string()).unwrap();
    }

    fn blob(&self, media_type: &str, content: &[u8]) -> Value {
        let digits = format!("{:x}", Sha256::digest(content));
        fs::write(self.directory.join("blobs/sha256").join(&digits), content).unwrap();
        json!({"mediaType": media_type, "digest": format!("sha256:{digits}"), "size": content.len()})
    }

    fn image(&self, user: &str) -> Value {
        let config = json!({"architecture": "amd64", "os": "linux", "config": {"User": user, "Healthcheck": {}}});
        let config = self.blob("application/vnd.oci.image.config.v1+json", config.to_string().as_bytes());
        let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [], "unknown": 1});
        self.blob(MANIFEST, manifest.to_string().as_bytes())
    }

    fn index(&self, manifests: &[(&str, &str, &Value)]) -> Value {
        let entry = |(os, architecture, manifest): &(&str, &str, &Value)| {
            let mut entry = (*manifest).clone();
            entry["platform"] = json!({"os": os, "architecture": architecture});
            entry
        };
        let manifests: Vec<_> = manifests.iter().map(entry).collect();
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests});
        self.blob(INDEX, index.to_string().as_bytes())
    }

    /// Names an image, by an annotation.
    fn name(&mut self, image: &Value, annotation: &str, name: &str) {
        let mut entry = image.clone();
        entry["annotations"] = json!({annotation: name});
        self.entries.push(entry);
        self.save();
    }
}

const REF_NAME: &str = "org.opencontainers.image.ref.name";

fn digest(image: &Value) -> String {
    image["digest"].as_str().unwrap().to_owned()
}

fn ask(directory: &Path, operation: &str, image: &str) -> Result<Value, String> {
    let source = Source::Layouts(Layouts::open(directory).unwrap());
    let host = Arc::new(World::new(source, false)).granted(BTreeSet::new());
    match host.call("oci", operation, json!(image).to_string().as_bytes()) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).unwrap()),
        Err(Unanswered::Failed(reason)) => Err(reason),
        Err(Unanswered::NotOffered(reason)) => panic!("not offered: {reason}"),
    }
}

/// The digest of an image, if there is one.
fn find(directory: &Path, image: &str) -> Option<String> {
    ask(directory, "v1/manifest_digest", image).ok().map(|answer| digest(&answer))
}

#[test]
fn an_image_is_found_by_its_whole_name_its_directory_and_its_digest() {
    let place = tempfile::tempdir().unwrap();
    let mut one = Writer::new(place.path().join("exported"));
    let (a, b, c) = (one.image("a"), one.image("b"), one.image("c"));
    one.name(&a, "io.containerd.image.name", "docker.io/library/nginx:1.27");
    one.name(&b, REF_NAME, "ghcr.io/team/app:v1");
    one.name(&c, REF_NAME, "v9");
    let mut two = Writer::new(place.path().join("deep/registry.example:5000/team/api"));
    let d = two.image("d");
    two.name(&d, REF_NAME, "latest");
    for (image, found) in [
        ("nginx:1.27", Some(&a)),
        ("docker.io/library/nginx:1.27", Some(&a)),
        ("nginx:1.28", None),
        ("ghcr.io/team/app:v1", Some(&b)),
        ("ghcr.io/team/app:v9", None),
        ("registry.example:5000/team/api", Some(&d)),
        ("registry.example:5000/team/api:latest", Some(&d)),
        ("registry.example:5000/team/api:v1", None),
        ("team/api:latest", None),
    ] {
        assert_eq!(find(place.path(), image), found.map(digest), "{image}");
    }
    for image in [&a, &b, &c, &d] {
        let digest = digest(image);
        assert_eq!(find(place.path(), &format!("quay.io/any/name:tag@{digest}")), Some(digest));
    }
    assert_eq!(
        find(&place.path().join("deep/registry.example:5000/team/api"), "registry.example:5000/team/api").unwrap(),
        digest(&d)
    );
}

#[test]
fn a_manifest_is_answered_without_unknown_fields_and_a_configuration_with_them() {
    let place = tempfile::tempdir().unwrap();
    let mut layout = Writer::new(place.path().to_path_buf());
    let image = layout.image("1000");
    layout.name(&image, REF_NAME, "example.com/app:1");
    let manifest = ask(place.path(), "v1/oci_manifest", "example.com/app:1").unwrap();
    assert_eq!(manifest["mediaType"], MANIFEST);
    assert_eq!(manifest.get("unknown"), None);
    let answer = ask(place.path(), "v1/oci_manifest_config", "example.com/app:1").unwrap();
    assert_eq!(answer["manifest"], manifest);
    assert_eq!(answer["digest"], image["digest"]);
    assert_eq!(answer["config"]["config"], json!({"User": "1000", "Healthcheck": {}}));
}

#[test]
fn of_an_index_the_configuration_is_that_of_the_platform_of_servers() {
    let place = tempfile::tempdir().unwrap();
    let mut layout = Writer::new(place.path().to_path_buf());
    let (arm, amd) = (layout.image("arm"), layout.image("amd"));
    let index = layout.index(&[("linux", "arm64", &arm), ("linux", "amd64", &amd), ("unknown", "unknown", &arm)]);
    layout.name(&index, REF_NAME, "example.com/app:1");
    let answer = ask(place.path(), "v1/oci_manifest", "example.com/app:1").unwrap();
    assert_eq!(answer["manifests"].as_array().unwrap().len(), 3);
    assert_eq!(answer["manifests"][0]["platform"], json!({"architecture": "arm64", "os": "linux"}));
    let answer = ask(place.path(), "v1/oci_manifest_config", "example.com/app:1").unwrap();
    assert_eq!((&answer["digest"], &answer["config"]["config"]["User"]), (&amd["digest"], &json!("amd")));
    let child = format!("example.com/app@{}", digest(&arm));
    let answer = ask(place.path(), "v1/oci_manifest_config", &child).unwrap();
    assert_eq!(answer["config"]["config"]["User"], "arm");
    assert_eq!(find(place.path(), "example.com/app:1"), Some(digest(&index)));
}

#[test]
fn faults_have_the_words_of_kubewarden() {
    let place = tempfile::tempdir().unwrap();
    let mut layout = Writer::new(place.path().to_path_buf());
    let image = layout.image("a");
    let only_arm = layout.index(&[("linux", "arm64", &image)]);
    let nested = layout.index(&[("linux", "amd64", &only_arm)]);
    let old = layout.blob(MANIFEST, br#"{"schemaVersion":1}"#);
    let other = layout.blob(MANIFEST, br#"{"schemaVersion":2,"mediaType":"text/plain"}"#);
    let garbage = layout.blob(MANIFEST, b"<html>");
    let artifact = layout.blob("application/vnd.example", b"not JSON");
    let artifact = json!({"schemaVersion": 2, "config": artifact, "layers": []}).to_string();
    let artifact = layout.blob(MANIFEST, artifact.as_bytes());
    let huge =
        json!({"schemaVersion": 2, "config": {"mediaType": "x", "digest": "sha256:00", "size": 5 << 20}, "layers": []});
    let huge = layout.blob(MANIFEST, huge.to_string().as_bytes());
    for (tag, image) in [
        ("arm", &only_arm),
        ("nested", &nested),
        ("old", &old),
        ("other", &other),
        ("garbage", &garbage),
        ("artifact", &artifact),
        ("huge", &huge),
    ] {
        layout.name(image, REF_NAME, &format!("example.com/app:{tag}"));
    }
    let registry = "Callback evaluation failure: Fail to interact with OCI registry: ";
    for (tag, reason) in [
        ("gone", "Image manifest not found: no OCI layout holds example.com/app:gone"),
        ("arm", "Image manifest not found: no entry found in image index manifest matching client's default platform"),
        ("nested", "Image manifest not found: received Image Index manifest instead"),
        ("old", "Unsupported schema version: 1"),
        ("other", "Unsupported media type: text/plain"),
        ("garbage", "Failed to parse manifest: expected value at line 1 column 1"),
        ("huge", "the configuration is larger than 4194304 bytes"),
    ] {
        let fault = ask(place.path(), "v1/oci_manifest_config", &format!("example.com/app:{tag}")).unwrap_err();
        assert_eq!(fault, format!("{registry}{reason}\n\nCaused by:\n    {reason}"));
    }
    let fault = ask(place.path(), "v1/oci_manifest_config", "example.com/app:artifact").unwrap_err();
    assert_eq!(fault, "Callback evaluation failure: expected ident at line 1 column 2");
    for image in ["", "docker.io/UPPER", "example.com/app@sha256:00"] {
        let fault = ask(place.path(), "v1/oci_manifest", image).unwrap_err();
        assert_eq!(fault, "Callback evaluation failure: invalid reference format", "{image}");
    }
}

#[test]
fn content_that_is_not_what_its_digest_names_is_not_answered() {
    let place = tempfile::tempdir().unwrap();
    let mut layout = Writer::new(place.path().to_path_buf());
    let image = layout.image("a");
    layout.name(&image, REF_NAME, "example.com/app:1");
    let path = place.path().join(format!("blobs/sha256/{}", digest(&image).trim_start_matches("sha256:")));
    let tampered = fs::read_to_string(&path).unwrap().replace("layers", "Layers");
    fs::write(&path, &tampered).unwrap();
    let fault = ask(place.path(), "v1/oci_manifest", "example.com/app:1").unwrap_err();
    let expected =
        format!("Digest error: Invalid digest. Expected {}, got sha256:{:x}", digest(&image), Sha256::digest(tampered));
    assert!(fault.contains(&expected), "{fault}");
}

#[test]
fn a_directory_without_a_layout_or_with_a_broken_one_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let fault = Layouts::open(place.path()).unwrap_err();
    assert!(fault.ends_with("holds no OCI layout, which is a directory with a file `oci-layout`"), "{fault}");
    let layout = Writer::new(place.path().join("a"));
    fs::write(layout.directory.join("index.json"), "{").unwrap();
    let fault = Layouts::open(place.path()).unwrap_err();
    assert!(fault.contains("a/index.json: EOF while parsing"), "{fault}");
    assert!(Layouts::open(&place.path().join("none")).is_err());
}
