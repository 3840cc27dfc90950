//! The volumes of a pod.

use super::fields::reads;
use super::scope::{Position, Scope, Subject};
use super::specification::{Pod, VOLUMES};
use crate::malformed::Malformed;
use crate::place::{At, Judged};
use json::Node;

/// A volume of a pod.
#[derive(Clone, Copy, Debug)]
pub struct Volume<'a> {
    scope: Scope<'a>,
}

/// A source of a volume, such as `hostPath`.
#[derive(Clone, Copy, Debug)]
pub struct VolumeSource<'a> {
    volume: Volume<'a>,
    /// Its name in the API.
    pub name: &'a str,
}

impl<'a> Volume<'a> {
    /// Its sources that are judged, of which the API server accepts one. A volume without a source is an `emptyDir`, as the
    /// API defaults it.
    ///
    /// # Errors
    /// It is not an object.
    pub fn sources(&self) -> Result<Vec<VolumeSource<'a>>, Malformed> {
        let Node::Object(fields) = self.scope.node else {
            return Err(self.scope.position.ill_typed(&[], self.scope.node, "an object"));
        };
        let mut sources = Vec::new();
        for (name, value) in fields {
            if name != "name" && !matches!(value, Node::Null) {
                sources.push(VolumeSource { volume: *self, name });
            }
        }
        Ok(sources)
    }

    /// The path on the node that it mounts.
    ///
    /// # Errors
    /// It is not a string.
    pub fn host_path(&self) -> Result<Option<&'a str>, Malformed> {
        self.scope.typed(&["hostPath", "path"])
    }
}

impl Judged for VolumeSource<'_> {
    fn at(&self) -> At {
        self.volume.scope.at(self.name)
    }

    fn value(&self) -> String {
        let path = self.volume.host_path().ok().flatten();
        path.filter(|_| self.name == "hostPath").unwrap_or(self.name).to_owned()
    }
}

impl<'a> Pod<'a> {
    /// Its volumes.
    ///
    /// # Errors
    /// They are not a list of objects, or a name is not a string.
    pub fn volumes(&self) -> Result<Vec<Volume<'a>>, Malformed> {
        self.scope.require(reads::volumes(), &[VOLUMES])?;
        Ok(self.volume_scopes()?.into_iter().map(|scope| Volume { scope }).collect())
    }

    /// The scope of each volume.
    pub(super) fn volume_scopes(&self) -> Result<Vec<Scope<'a>>, Malformed> {
        let mut volumes = Vec::new();
        for (index, node) in self.scope.list(&[VOLUMES])? {
            let position = Position { item: Some((VOLUMES, Some(*index))), ..self.scope.position };
            let scope = Scope { node, position, defaults: None, ..self.scope };
            volumes.push(Scope { subject: Subject::Volume(scope.typed(&["name"])?), ..scope });
        }
        Ok(volumes)
    }
}
