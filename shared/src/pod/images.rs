//! The images that a pod uses.

use super::container::Container;
use super::fields::reads;
use super::scope::Scope;
use super::specification::{Pod, VOLUMES};
use crate::image::{ImageRef, ParseError};
use crate::malformed::Malformed;
use crate::place::{At, Class, Judged, nameable};

/// An image that a pod uses, and the field that names it.
#[derive(Clone, Copy, Debug)]
pub struct PodImage<'a> {
    pub(super) scope: Scope<'a>,
    container: Option<&'a Container<'a>>,
    field: &'static str,
    text: &'a str,
}

impl<'a> PodImage<'a> {
    /// The image as written; empty when a container has none, as in the Kubernetes API.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The container that runs it; none for a volume.
    #[must_use]
    pub fn container(&self) -> Option<&'a Container<'a>> {
        self.container
    }

    /// The class of that container.
    pub(crate) fn class(&self) -> Option<Class> {
        self.container.map(Container::class)
    }

    /// The name of that container.
    pub(crate) fn container_name(&self) -> Option<&'a str> {
        self.container.and_then(Container::name)
    }

    /// Reads the image; nothing if it is not a valid reference.
    #[must_use]
    pub fn reference(&self) -> Option<ImageRef<'a>> {
        ImageRef::read(self.text)
    }

    /// Reads the image.
    ///
    /// # Errors
    /// It is not a valid reference.
    pub fn parse(&self) -> Result<ImageRef<'a>, ParseError> {
        ImageRef::parse(self.text)
    }
}

impl Judged for PodImage<'_> {
    /// `image` of the container, or `image.reference` of the volume.
    fn at(&self) -> At {
        At { image: nameable(self.text), ..self.scope.at(self.field) }
    }

    fn value(&self) -> String {
        self.text.to_owned()
    }
}

impl Pod<'_> {
    /// Every image that the pod uses: that of each container, in the order of [`containers`](Self::containers), and
    /// then those of the image volumes. A container of a custom resource may leave its image to the operator. A volume whose
    /// image has no reference yet is left out: the API server accepts it in templates, and no node mounts it.
    ///
    /// # Errors
    /// An image is not a string, or what it stands in is ill-typed.
    pub fn images(&self) -> Result<Vec<PodImage<'_>>, Malformed> {
        self.scope.require(reads::images(), &[VOLUMES])?;
        let mut images = Vec::new();
        for container in self.containers() {
            let image = container.image()?;
            if image.is_some() || self.needs_images {
                images.push(PodImage {
                    scope: container.scope,
                    container: Some(container),
                    field: "image",
                    text: image.unwrap_or_default(),
                });
            }
        }
        for scope in self.volume_scopes()? {
            if let Some(text) = scope.typed(&["image", "reference"])? {
                images.push(PodImage { scope, container: None, field: "image.reference", text });
            }
        }
        Ok(images)
    }
}
