//! The three questions about images, answered by whatever stores manifests and blobs.

use serde::Serialize;
use serde_json::Value;
use shared::image::ImageRef;

use super::manifest::{ImageIndex, ImageManifest, IndexEntry, Manifest};
use super::store::{MAX_BLOB, Store};
use crate::failure::Failure;
use crate::question::Question;

/// The platform that a policy server is assumed to run on: `oci/v1/oci_manifest_config` chooses it from an index.
const SERVER: (&str, &str) = ("linux", "amd64");

/// The answer of `oci/v1/manifest_digest`.
#[derive(Serialize)]
struct DigestAnswer {
    digest: String,
}

/// The answer of `oci/v1/oci_manifest_config`.
#[derive(Serialize)]
struct ConfigurationAnswer {
    manifest: Box<ImageManifest>,
    digest: String,
    config: Value,
}

/// The answer to a question about an image; `None` for another question.
pub(crate) fn answer(store: &impl Store, question: &Question) -> Option<Result<Vec<u8>, Failure>> {
    let image = match ImageRef::parse(question.image()?) {
        Ok(image) if !image.domain().is_empty() => image,
        _ => return Some(Err(Failure::new("invalid reference format"))),
    };
    Some(match question {
        Question::OciManifestDigest { .. } => store.digest(&image).and_then(|digest| json(&DigestAnswer { digest })),
        Question::OciManifest { .. } => manifest(store, &image).and_then(|(manifest, _)| json(&manifest)),
        _ => configuration(store, &image).and_then(|answer| json(&answer)),
    })
}

fn manifest(store: &impl Store, image: &ImageRef<'_>) -> Result<(Manifest, String), Failure> {
    let (bytes, digest) = store.manifest(image)?;
    Ok((Manifest::read(&bytes).map_err(Failure::of_registry)?, digest))
}

fn configuration(store: &impl Store, image: &ImageRef<'_>) -> Result<ConfigurationAnswer, Failure> {
    let (manifest, digest) = match manifest(store, image)? {
        (Manifest::Image(manifest), digest) => (manifest, digest),
        (Manifest::Index(index), _) => of_server(store, image, &index)?,
    };
    if u64::try_from(manifest.config.size).map_or(true, |size| size > MAX_BLOB) {
        return Err(Failure::of_registry(format!("the configuration is larger than {MAX_BLOB} bytes")));
    }
    let config = store.blob(image, &manifest.config.digest)?;
    let config = std::str::from_utf8(&config).map_err(|error| {
        Failure::of_registry(format!(
            "Generic error: {:?}",
            Some(format!("Cannot parse config as UTF-8 string: {error}"))
        ))
    })?;
    let config = serde_json::from_str(config).map_err(|error| Failure::new(error.to_string()))?;
    Ok(ConfigurationAnswer { manifest, digest, config })
}

/// The manifest of an index for the platform of the policy server.
fn of_server(
    store: &impl Store,
    image: &ImageRef<'_>,
    index: &ImageIndex,
) -> Result<(Box<ImageManifest>, String), Failure> {
    let is_ours = |(os, architecture): (&str, &str)| (os, architecture) == SERVER;
    let platform = |entry: &IndexEntry| {
        entry.platform.as_ref().is_some_and(|platform| is_ours((&platform.os, &platform.architecture)))
    };
    let not_found = |reason: &str| Failure::of_registry(format!("Image manifest not found: {reason}"));
    let entry = index.manifests.iter().find(|entry| platform(entry));
    let entry =
        entry.ok_or_else(|| not_found("no entry found in image index manifest matching client's default platform"))?;
    let child = format!("{}@{}", image.repository(), entry.digest);
    let child = ImageRef::parse(&child).map_err(|_| Failure::of_registry("Digest error: Missing digest algorithm"))?;
    match manifest(store, &child)? {
        (Manifest::Image(manifest), _) => Ok((manifest, entry.digest.clone())),
        (Manifest::Index(_), _) => Err(not_found("received Image Index manifest instead")),
    }
}

fn json(answer: &impl Serialize) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(answer).map_err(|error| Failure::new(format!("error serializing payload: {error:?}")))
}
