//! The place of a finding: a field, and the pod, container or volume that it belongs to.

/// The purpose of a container, which decides how long it runs and how strictly it is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// One of `containers`: the application.
    Main,
    /// One of `initContainers` that runs once, before the others.
    Init,
    /// One of `initContainers` with `restartPolicy: Always`, which runs beside the others.
    Sidecar,
    /// One of `ephemeralContainers`, which `kubectl debug` adds.
    Ephemeral,
}

impl Class {
    /// The name of the class in settings and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Class::Main => "main",
            Class::Init => "init",
            Class::Sidecar => "sidecar",
            Class::Ephemeral => "ephemeral",
        }
    }

    /// The name of a container of this class in messages.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Class::Main => "container",
            Class::Init => "init container",
            Class::Sidecar => "sidecar container",
            Class::Ephemeral => "ephemeral container",
        }
    }
}

/// The owner of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The pod as a whole.
    Pod,
    /// The container of this class and name.
    Container(Class, Option<String>),
    /// The volume of this name.
    Volume(Option<String>),
    /// The object as a whole, of this kind and name.
    Object(String, Option<String>),
}

impl Owner {
    /// Its kind in messages, without its name.
    #[must_use]
    pub fn noun(&self) -> &str {
        match self {
            Owner::Pod => "pod",
            Owner::Container(class, _) => class.noun(),
            Owner::Volume(_) => "volume",
            Owner::Object(kind, _) => kind,
        }
    }

    /// Its name, unless it is the pod.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Owner::Pod => None,
            Owner::Container(_, name) | Owner::Volume(name) | Owner::Object(_, name) => name.as_deref(),
        }
    }

    /// The class of the container.
    #[must_use]
    pub const fn class(&self) -> Option<Class> {
        match self {
            Owner::Container(class, _) => Some(*class),
            Owner::Pod | Owner::Volume(_) | Owner::Object(..) => None,
        }
    }
}

/// The longest image that exemptions can name, in bytes. No valid reference is longer, and each finding has a copy.
const MAX_IMAGE: usize = 1024;

/// The image, unless it is too long for one that exemptions can name.
pub(crate) fn nameable(image: &str) -> Option<String> {
    (image.len() <= MAX_IMAGE).then(|| image.to_owned())
}

/// The place of a finding: a field, and what it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    /// The owner of the field.
    pub owner: Owner,
    /// The image as written, when there is one that exemptions can name: [`nameable`].
    pub image: Option<String>,
    /// The path in the object.
    pub path: String,
}

/// The subject of a finding.
pub trait Judged {
    /// Its place.
    fn at(&self) -> At;

    /// The judged value, in full. It identifies the finding across an UPDATE: one with the same rule, owner and value in
    /// the old object is not new.
    fn value(&self) -> String;
}
