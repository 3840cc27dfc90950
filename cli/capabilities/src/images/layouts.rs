//! Images in OCI layouts on disk, as `skopeo copy`, `docker buildx build --output type=oci` and `docker save` write them.
//!
//! Source: OCI image specification, "Image layout". The reference of an image is that of the annotation
//! `io.containerd.image.name`, else `org.opencontainers.image.ref.name` if it is more than a tag, else that tag in the
//! repository that the directory is named after.

use std::fs::File;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use shared::image::ImageRef;

use super::digest;
use super::store::{MAX_BLOB, Store};
use crate::failure::Failure;

/// The file that marks a layout.
const MARKER: &str = "oci-layout";

/// The annotation with a whole reference.
const IMAGE_NAME: &str = "io.containerd.image.name";

/// The annotation with a tag, or a whole reference.
const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// The tag of a reference without one.
const LATEST: &str = "latest";

/// The depth at which directories are not searched any more: more than the parts of a repository.
const MAX_DEPTH: usize = 16;

/// OCI layouts.
#[derive(Debug)]
pub struct Layouts(Vec<Layout>);

/// One layout.
#[derive(Debug)]
struct Layout {
    directory: PathBuf,
    /// The parts of the directory's path.
    parts: Vec<String>,
    images: Vec<Image>,
}

/// An image of a layout.
#[derive(Debug)]
struct Image {
    digest: String,
    name: Name,
}

/// The name of an image.
#[derive(Debug, PartialEq, Eq)]
enum Name {
    /// A repository and a tag.
    Whole(String, String),
    /// A tag in the repository that the layout is named after.
    Tag(String),
}

/// The file `index.json`.
#[derive(Deserialize)]
struct Index {
    manifests: Vec<Entry>,
}

/// An image in it.
#[derive(Deserialize)]
struct Entry {
    digest: String,
    #[serde(default)]
    annotations: Option<std::collections::BTreeMap<String, String>>,
}

impl Layouts {
    /// Finds the layouts in a directory, which may be one itself.
    ///
    /// # Errors
    ///
    /// There is none, or one cannot be read.
    pub fn open(directory: &Path) -> Result<Self, String> {
        let fault = |error: std::io::Error| format!("{}: {error}", directory.display());
        let mut layouts = Vec::new();
        find(&directory.canonicalize().map_err(fault)?, 0, &mut layouts)?;
        if layouts.is_empty() {
            return Err(format!(
                "{} holds no OCI layout, which is a directory with a file `{MARKER}`",
                directory.display()
            ));
        }
        Ok(Self(layouts))
    }

    /// The digest that a reference stands for.
    fn resolve(&self, image: &ImageRef<'_>) -> Result<String, Failure> {
        if let Some(digest) = image.digest() {
            return Ok(digest.to_string());
        }
        let repository = image.repository().to_string();
        let tag = image.tag().unwrap_or(LATEST);
        let found = self.0.iter().find_map(|layout| layout.find(&repository, tag));
        found.map(str::to_owned).ok_or_else(|| missing(&format!("{repository}:{tag}")))
    }

    /// The content of a blob, which has to be what the digest names.
    fn read(&self, digest: &str) -> Result<Vec<u8>, Failure> {
        let path = self.0.iter().find_map(|layout| layout.blob(digest)).ok_or_else(|| missing(digest))?;
        let mut content = Vec::new();
        File::open(&path)
            .and_then(|file| file.take(MAX_BLOB.saturating_add(1)).read_to_end(&mut content))
            .map_err(|error| Failure::of_registry(error.to_string()))?;
        if content.len() as u64 > MAX_BLOB {
            return Err(Failure::of_registry(format!("{digest} is larger than {MAX_BLOB} bytes")));
        }
        digest::require(digest, &content).map_err(Failure::of_registry)?;
        Ok(content)
    }
}

impl Store for Layouts {
    fn digest(&self, image: &ImageRef<'_>) -> Result<String, Failure> {
        self.manifest(image).map(|(_, digest)| digest)
    }

    fn manifest(&self, image: &ImageRef<'_>) -> Result<(Vec<u8>, String), Failure> {
        let digest = self.resolve(image)?;
        Ok((self.read(&digest)?, digest))
    }

    fn blob(&self, _: &ImageRef<'_>, digest: &str) -> Result<Vec<u8>, Failure> {
        self.read(digest)
    }
}

impl Layout {
    fn read(directory: &Path) -> Result<Self, String> {
        let path = directory.join("index.json");
        let fault = |reason: String| format!("{}: {reason}", path.display());
        let text = std::fs::read(&path).map_err(|error| fault(error.to_string()))?;
        let index: Index = serde_json::from_slice(&text).map_err(|error| fault(error.to_string()))?;
        let parts = directory.components().filter_map(|part| match part {
            Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
            _ => None,
        });
        let images = index.manifests.into_iter().filter_map(Image::of).collect();
        Ok(Self { directory: directory.to_path_buf(), parts: parts.collect(), images })
    }

    /// The digest of an image by its name.
    fn find(&self, repository: &str, tag: &str) -> Option<&str> {
        let is_wanted = |image: &&Image| match &image.name {
            Name::Whole(its_repository, its_tag) => (its_repository.as_str(), its_tag.as_str()) == (repository, tag),
            Name::Tag(its_tag) => its_tag == tag && self.is_named_after(repository),
        };
        self.images.iter().find(is_wanted).map(|image| image.digest.as_str())
    }

    /// Returns `true` if the path of the directory ends with a repository.
    fn is_named_after(&self, repository: &str) -> bool {
        let mut parts = self.parts.iter().rev();
        repository.split('/').rev().all(|part| parts.next().is_some_and(|its_part| its_part == part))
    }

    /// The file of a blob, if it is there.
    fn blob(&self, digest: &str) -> Option<PathBuf> {
        let (algorithm, digits) = digest::file_name(digest)?;
        Some(self.directory.join("blobs").join(algorithm).join(digits)).filter(|path| path.is_file())
    }
}

impl Image {
    /// The image of an entry; `None` if it has no name, and is known by its digest alone.
    fn of(entry: Entry) -> Option<Self> {
        let annotations = entry.annotations.unwrap_or_default();
        let name = |key: &str| annotations.get(key).and_then(|name| Name::of(name));
        Some(Self { name: name(IMAGE_NAME).or_else(|| name(REF_NAME))?, digest: entry.digest })
    }
}

impl Name {
    fn of(name: &str) -> Option<Self> {
        if !name.contains(['/', ':']) {
            return Some(Self::Tag(name.to_owned()));
        }
        let image = ImageRef::parse(name).ok()?;
        Some(Self::Whole(image.repository().to_string(), image.tag().unwrap_or(LATEST).to_owned()))
    }
}

/// Adds the layouts in a directory, in the order of names. What is in a layout is not searched.
fn find(directory: &Path, depth: usize, layouts: &mut Vec<Layout>) -> Result<(), String> {
    if directory.join(MARKER).is_file() {
        layouts.push(Layout::read(directory)?);
        return Ok(());
    }
    if depth == MAX_DEPTH {
        return Ok(());
    }
    let fault = |error: std::io::Error| format!("{}: {error}", directory.display());
    let entries = std::fs::read_dir(directory).map_err(fault)?;
    let mut directories = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>().map_err(fault)?;
    directories.retain(|path| path.is_dir() && !path.is_symlink());
    directories.sort();
    directories.iter().try_for_each(|path| find(path, depth.saturating_add(1), layouts))
}

/// The failure for what no layout holds, in the form of a registry's.
fn missing(what: &str) -> Failure {
    Failure::of_registry(format!("Image manifest not found: no OCI layout holds {what}"))
}
