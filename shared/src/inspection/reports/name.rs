//! The name of an image, as it is compared.

use crate::image::ImageRef;

/// Another name of the registry docker.io, from which its images are pulled.
const DOCKER_HUB: &str = "registry-1.docker.io";

/// The registry, repository and tag of an image.
pub(super) fn normalised(image: &ImageRef<'_>) -> String {
    let name = image.repository().to_string();
    let name = match name.strip_prefix(DOCKER_HUB) {
        Some(path) => ["docker.io", path].concat(),
        None => name,
    };
    [&name, ":", image.tag().unwrap_or("latest")].concat()
}
