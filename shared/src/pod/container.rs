//! One container of a pod.

use super::scope::{Scope, Subject};
use crate::malformed::Malformed;
use crate::place::Class;
use json::Node;

/// One container of a pod.
#[derive(Debug)]
pub struct Container<'a> {
    pub(super) scope: Scope<'a>,
    class: Class,
    name: Option<&'a str>,
}

impl<'a> Container<'a> {
    pub(super) fn read(scope: Scope<'a>, list: &str) -> Result<Self, Malformed> {
        if !matches!(scope.node, Node::Object(_)) {
            return Err(scope.position.ill_typed(&[], scope.node, "an object"));
        }
        let class = match list {
            "initContainers" => match scope.typed(&["restartPolicy"])? {
                Some("Always") => Class::Sidecar,
                _ => Class::Init,
            },
            "sidecars" => Class::Sidecar,
            "ephemeralContainers" => Class::Ephemeral,
            _ => Class::Main,
        };
        let name = scope.typed(&["name"])?;
        Ok(Self { scope: Scope { subject: Subject::Container(class, name), ..scope }, class, name })
    }

    /// The class of the container.
    #[must_use]
    pub fn class(&self) -> Class {
        self.class
    }

    /// Its name. Absent only where the API server does not require one, as in some custom resources.
    #[must_use]
    pub fn name(&self) -> Option<&'a str> {
        self.name
    }

    /// Its image as written.
    ///
    /// # Errors
    /// It is not a string.
    pub fn image(&self) -> Result<Option<&'a str>, Malformed> {
        self.scope.typed(&["image"])
    }
}
