//! A place of manifests and blobs.

use shared::image::ImageRef;

use crate::failure::Failure;

/// The largest manifest or configuration that is read, in bytes. The tenth part would be a lot.
pub(crate) const MAX_BLOB: u64 = 4 << 20;

/// Manifests and blobs, of registries or on disk.
pub(crate) trait Store {
    /// The digest of a manifest or index.
    fn digest(&self, image: &ImageRef<'_>) -> Result<String, Failure>;

    /// A manifest or index, and its digest.
    fn manifest(&self, image: &ImageRef<'_>) -> Result<(Vec<u8>, String), Failure>;

    /// A blob of an image, which is at most [`MAX_BLOB`] bytes.
    fn blob(&self, image: &ImageRef<'_>, digest: &str) -> Result<Vec<u8>, Failure>;
}
