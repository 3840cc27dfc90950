//! The images that a pod uses.

use super::scope::Scope;
use crate::image::{ImageRef, ParseError};
use crate::place::{At, Class, Owner};
use crate::text::quote;

/// An image that a pod uses, and the field that names it.
#[derive(Clone, Copy, Debug)]
pub struct PodImage<'a> {
    pub(super) scope: Scope<'a>,
    /// The class of the container that runs the image; none when it is mounted as a volume.
    pub(super) class: Option<Class>,
    /// The name of the container or the volume.
    pub(super) name: Option<&'a str>,
    pub(super) text: &'a str,
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
    /// It is no valid reference. What is wrong, and how to put it right, are those of a finding.
    pub fn parse(&self) -> Result<ImageRef<'a>, (String, &'static str)> {
        ImageRef::parse(self.text).map_err(|error| match error {
            ParseError::Empty => ("it has no image".to_owned(), "name one, with a version tag or a digest"),
            ParseError::Template => {
                (format!("image {} {error}", quote(self.text)), "render the template before it is applied")
            }
            ParseError::Scheme => (format!("image {} {error}", quote(self.text)), "write it without the scheme"),
            _ => (format!("image {} {error}", quote(self.text)), "write it as [registry/]name[:tag][@digest]"),
        })
    }

    /// The field, as the place of a finding: `image` of the container, or `image.reference` of the volume.
    #[must_use]
    pub fn at(&self) -> At {
        let name = self.name.map(str::to_owned);
        let (owner, field) = match self.class {
            Some(class) => (Owner::Container(class, name), "image"),
            None => (Owner::Volume(name), "image.reference"),
        };
        At { owner, image: Some(self.text.to_owned()), path: self.scope.position.field(field) }
    }
}
