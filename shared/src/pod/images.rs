//! The images that a pod uses.

use super::fields::reads;
use super::scope::Scope;
use super::specification::Pod;
use crate::image::{ImageRef, ParseError};
use crate::malformed::Malformed;
use crate::place::{At, Judged};

/// An image that a pod uses, and the field that names it.
#[derive(Clone, Copy, Debug)]
pub struct PodImage<'a> {
    scope: Scope<'a>,
    field: &'static str,
    text: &'a str,
}

impl<'a> PodImage<'a> {
    /// The image as written; empty when a container has none, as in the Kubernetes API.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
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
        At { image: Some(self.text.to_owned()), ..self.scope.at(self.field) }
    }

    fn value(&self) -> String {
        self.text.to_owned()
    }
}

impl<'a> Pod<'a> {
    /// Every image that the pod uses: that of each container, in the order of [`containers`](Self::containers), and
    /// then those of the image volumes. A container of a custom resource may leave its image to the operator. A volume whose image has no reference yet is left out: the API server accepts
    /// it in templates, and no node mounts it.
    ///
    /// # Errors
    /// An image is not a string, or what it stands in is ill-typed.
    pub fn images(&self) -> Result<Vec<PodImage<'a>>, Malformed> {
        self.scope.require(reads::images(), &["volumes"])?;
        let mut images = Vec::new();
        for container in self.containers() {
            let image = container.image()?;
            if image.is_some() || self.needs_images {
                images.push(PodImage { scope: container.scope, field: "image", text: image.unwrap_or_default() });
            }
        }
        for scope in self.volume_scopes()? {
            if let Some(text) = scope.typed(&["image", "reference"])? {
                images.push(PodImage { scope, field: "image.reference", text });
            }
        }
        Ok(images)
    }
}
