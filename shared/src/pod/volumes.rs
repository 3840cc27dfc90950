//! The volumes of a pod.

use super::container::Container;
use super::fields::reads;
use super::lists::Entry;
use super::scope::{Field, Position, Scope, Subject};
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

/// A mount of a volume in a container.
#[derive(Clone, Copy, Debug)]
pub struct Mount<'c> {
    /// Its path in the container, with its place.
    pub field: Entry<'c>,
    /// The name of the volume.
    pub volume: &'c str,
    /// Where the container sees it.
    pub path: &'c str,
    /// The container cannot write to it.
    pub is_read_only: bool,
}

impl<'a> Volume<'a> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> Option<&'a str> {
        match self.scope.subject {
            Subject::Volume(name) => name,
            Subject::Pod | Subject::Container(..) => None,
        }
    }

    /// Returns `true` if it is a directory that the pod keeps for itself, without a limit.
    ///
    /// # Errors
    /// The policy does not read it.
    pub fn is_unlimited_empty_dir(&self) -> Result<bool, Malformed> {
        self.scope.require(reads::empty_dirs(), &["emptyDir"])?;
        Ok(self.scope.value(&["emptyDir"])?.is_some() && self.scope.value(&["emptyDir", "sizeLimit"])?.is_none())
    }

    /// Returns `true` if it holds a Secret, alone or among other sources.
    ///
    /// # Errors
    /// The sources are not a list of objects.
    pub fn holds_secret(&self) -> Result<bool, Malformed> {
        self.scope.require(reads::secret_volumes(), &["secret"])?;
        let mut holds = self.scope.value(&["secret"])?.is_some();
        for (index, source) in self.scope.list(&["projected", "sources"])? {
            match source {
                Node::Object(_) => holds |= source.get("secret").is_some(),
                other => {
                    return Err(self.scope.position.ill_typed_item(
                        &["projected", "sources"],
                        *index,
                        other,
                        "an object",
                    ));
                }
            }
        }
        Ok(holds)
    }

    /// The place of a field of it.
    #[must_use]
    pub fn field(&self, path: &'static [&'static str]) -> Field<'_, &'static str> {
        self.scope.with(path.first().copied(), path)
    }

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

impl Container<'_> {
    /// The volumes that it mounts.
    ///
    /// # Errors
    /// They are not a list of objects, or a field of one is ill-typed.
    pub fn mounts(&self) -> Result<Vec<Mount<'_>>, Malformed> {
        const MOUNTS: &str = "volumeMounts";
        self.scope.require(reads::volume_mounts(), &[MOUNTS])?;
        let mut mounts = Vec::new();
        for item in self.scope.list(&[MOUNTS])? {
            let is_read_only = match self.scope.item_field(MOUNTS, item, "readOnly")? {
                None => false,
                Some(Node::Bool(is_read_only)) => *is_read_only,
                Some(other) => {
                    let position = self.scope.position;
                    return Err(position.ill_typed_field(MOUNTS, item.0, "readOnly", other, "true or false"));
                }
            };
            let volume = self.scope.item_string(MOUNTS, item, "name")?.unwrap_or_default();
            let path = self.scope.item_string(MOUNTS, item, "mountPath")?.unwrap_or_default();
            let field = Entry { scope: &self.scope, of: (MOUNTS, item.0), field: "mountPath", value: path };
            mounts.push(Mount { field, volume, path, is_read_only });
        }
        Ok(mounts)
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
