//! Pods as policies see them: containers of every class, security contexts, volumes.
//!
//! A field is absent (or `null`, which is the same), well-typed, or ill-typed. The accessors return `Ok(None)`,
//! `Ok(Some(…))` and [`Malformed`]; a rule that uses `?` therefore fails closed. The types are those of the Kubernetes
//! API, core/v1.

use std::fmt;

use crate::image::{ImageRef, ParseError};
use crate::json::{Node, Shape};
use crate::malformed::Malformed;
use crate::message::quote;

use Shape::{List, Object, Scalar};

/// The fields of a pod specification that any policy judges.
pub(crate) const POD_SPEC: &[(&str, Shape)] = &[
    ("containers", List(&CONTAINER)),
    ("initContainers", List(&CONTAINER)),
    ("ephemeralContainers", List(&CONTAINER)),
    (
        "securityContext",
        Object(&[
            ("fsGroup", Scalar),
            ("readOnlyRootFilesystem", Scalar),
            ("runAsGroup", Scalar),
            ("runAsNonRoot", Scalar),
            ("runAsUser", Scalar),
            ("supplementalGroups", List(&Scalar)),
            ("windowsOptions", Object(&[("runAsUserName", Scalar)])),
        ]),
    ),
    ("hostUsers", Scalar),
    ("nodeSelector", Object(&[(OS_LABEL, Scalar)])),
    ("os", Object(&[("name", Scalar)])),
    ("volumes", List(&Object(&[("name", Scalar), ("image", Object(&[("reference", Scalar)]))]))),
];

/// The fields of a container that any policy judges.
const CONTAINER: Shape = Object(&[
    ("name", Scalar),
    ("image", Scalar),
    ("restartPolicy", Scalar),
    (
        "securityContext",
        Object(&[
            ("readOnlyRootFilesystem", Scalar),
            ("runAsGroup", Scalar),
            ("runAsNonRoot", Scalar),
            ("runAsUser", Scalar),
            ("windowsOptions", Object(&[("runAsUserName", Scalar)])),
        ]),
    ),
]);

/// The well-known node label that names the operating system.
const OS_LABEL: &str = "kubernetes.io/os";

/// The lists of containers in a pod specification, in the order in which they are judged.
const CONTAINER_LISTS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// What a container is for, which decides how long it runs and how strictly it is judged.
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

    /// What messages call a container of this class.
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

/// A pod specification: that of a Pod, or the one in a pod template.
#[derive(Debug)]
pub struct Pod<'a> {
    scope: Scope<'a>,
    containers: Vec<Container<'a>>,
}

impl<'a> Pod<'a> {
    /// Reads the pod specification `node` that stands at `path`.
    pub(crate) fn read(node: &'a Node<'a>, path: &'a str) -> Result<Self, Malformed> {
        let scope = Scope { node, place: Place { pod: path, item: None } };
        let mut containers = Vec::new();
        for list in CONTAINER_LISTS {
            for (index, node) in scope.list(&[list])? {
                let scope = Scope { node, place: Place { pod: path, item: Some((list, *index)) } };
                containers.push(Container::read(scope, list)?);
            }
            if containers.is_empty() {
                return Err(scope.place.malformed(&[list], "is empty or missing; a pod has at least one container"));
            }
        }
        Ok(Self { scope, containers })
    }

    /// Every container of every class: `containers`, then `initContainers`, then `ephemeralContainers`.
    #[must_use]
    pub fn containers(&self) -> &[Container<'a>] {
        &self.containers
    }

    /// Every image that the pod uses: that of each container, in the order of [`containers`](Self::containers), and
    /// then those of the image volumes. A volume whose image has no reference yet is left out: the API server accepts
    /// it in templates, and no node mounts it.
    ///
    /// # Errors
    /// An image is not a string, or what it stands in is ill-typed.
    pub fn images(&self) -> Result<Vec<PodImage<'a>>, Malformed> {
        let mut images = Vec::new();
        for Container { scope, class, name } in &self.containers {
            let text = scope.string(&["image"])?.unwrap_or_default();
            images.push(PodImage { scope: *scope, class: Some(*class), name: *name, text });
        }
        for (index, node) in self.scope.list(&["volumes"])? {
            let scope = Scope { node, place: Place { item: Some(("volumes", *index)), ..self.scope.place } };
            if let Some(text) = scope.string(&["image", "reference"])? {
                images.push(PodImage { scope, class: None, name: scope.string(&["name"])?, text });
            }
        }
        Ok(images)
    }

    /// The field at `path` below the pod specification, as the place of a finding.
    #[must_use]
    pub fn at(&self, path: &str) -> At {
        At { owner: Owner::Pod, image: None, path: self.scope.place.field(path) }
    }

    /// The pod's `securityContext`, which containers inherit from.
    ///
    /// # Errors
    /// One of its fields is ill-typed.
    pub fn security_context(&self) -> Result<PodSecurityContext<'a>, Malformed> {
        let groups = ["securityContext", "supplementalGroups"];
        let mut supplemental_groups = Vec::new();
        for (index, group) in self.scope.list(&groups)? {
            let Node::Integer(id) = group else {
                return Err(self.scope.place.ill_typed_item(&groups, *index, group, "a whole number"));
            };
            supplemental_groups.push(*id);
        }
        Ok(PodSecurityContext {
            inherited: SecurityContext::read(&self.scope)?,
            fs_group: self.scope.integer(&["securityContext", "fsGroup"])?,
            supplemental_groups,
        })
    }

    /// `hostUsers`: `false` gives the pod a user namespace of its own, in which root is an ordinary user of the node.
    ///
    /// # Errors
    /// It is not a boolean.
    pub fn host_users(&self) -> Result<Option<bool>, Malformed> {
        self.scope.boolean(&["hostUsers"])
    }

    /// Whether the pod declares to run on Windows: `os.name`, or the node label `kubernetes.io/os` that it selects.
    ///
    /// # Errors
    /// One of the two is not a string.
    pub fn is_windows(&self) -> Result<bool, Malformed> {
        let os = self.scope.string(&["os", "name"])?;
        let selected = self.scope.string(&["nodeSelector", OS_LABEL])?;
        Ok(os.or(selected) == Some("windows"))
    }
}

/// One container of a pod.
#[derive(Debug)]
pub struct Container<'a> {
    scope: Scope<'a>,
    class: Class,
    name: Option<&'a str>,
}

impl<'a> Container<'a> {
    fn read(scope: Scope<'a>, list: &str) -> Result<Self, Malformed> {
        if !matches!(scope.node, Node::Object(_)) {
            return Err(scope.place.ill_typed(&[], scope.node, "an object"));
        }
        let class = match list {
            "initContainers" => match scope.string(&["restartPolicy"])? {
                Some("Always") => Class::Sidecar,
                _ => Class::Init,
            },
            "ephemeralContainers" => Class::Ephemeral,
            _ => Class::Main,
        };
        Ok(Self { name: scope.string(&["name"])?, scope, class })
    }

    /// What the container is for.
    #[must_use]
    pub fn class(&self) -> Class {
        self.class
    }

    /// Its name. Absent only where the API server does not ask for one, as in some custom resources.
    #[must_use]
    pub fn name(&self) -> Option<&'a str> {
        self.name
    }

    /// Its image as written.
    ///
    /// # Errors
    /// It is not a string.
    pub fn image(&self) -> Result<Option<&'a str>, Malformed> {
        self.scope.string(&["image"])
    }

    /// Its own `securityContext`, without what it inherits from the pod.
    ///
    /// # Errors
    /// One of its fields is ill-typed.
    pub fn security_context(&self) -> Result<SecurityContext<'a>, Malformed> {
        SecurityContext::read(&self.scope)
    }

    /// A field that the container inherits from `pod` unless it sets it, as the place of a finding in the container:
    /// where it is set, or in the container when neither sets it.
    #[must_use]
    pub fn at_effective(&self, pod: &Pod<'a>, path: &str) -> At {
        let inherited = !self.scope.has(path) && pod.scope.has(path);
        At { path: if inherited { pod.at(path).path } else { self.scope.place.field(path) }, ..self.at("") }
    }

    /// The field at `path` below this container, as the place of a finding.
    #[must_use]
    pub fn at(&self, path: &str) -> At {
        At {
            owner: Owner::Container(self.class, self.name.map(str::to_owned)),
            image: self.image().ok().flatten().map(str::to_owned),
            path: self.scope.place.field(path),
        }
    }
}

/// An image that a pod uses, and the field that names it.
#[derive(Clone, Copy, Debug)]
pub struct PodImage<'a> {
    scope: Scope<'a>,
    /// The class of the container that runs the image; none when it is mounted as a volume.
    class: Option<Class>,
    /// The name of the container or the volume.
    name: Option<&'a str>,
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
        At { owner, image: Some(self.text.to_owned()), path: self.scope.place.field(field) }
    }
}

/// The security context of a container, or what a pod's has in common with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecurityContext<'a> {
    /// Whether the container's root filesystem is read-only. Pods have no such field.
    pub read_only_root_filesystem: Option<bool>,
    /// The numeric group of the first process.
    pub run_as_group: Option<i64>,
    /// Whether the kubelet refuses to start the container as root.
    pub run_as_non_root: Option<bool>,
    /// The numeric user of the first process.
    pub run_as_user: Option<i64>,
    /// The Windows user of the first process.
    pub windows_user: Option<&'a str>,
}

impl<'a> SecurityContext<'a> {
    fn read(scope: &Scope<'a>) -> Result<Self, Malformed> {
        Ok(Self {
            read_only_root_filesystem: scope.boolean(&["securityContext", "readOnlyRootFilesystem"])?,
            run_as_group: scope.integer(&["securityContext", "runAsGroup"])?,
            run_as_non_root: scope.boolean(&["securityContext", "runAsNonRoot"])?,
            run_as_user: scope.integer(&["securityContext", "runAsUser"])?,
            windows_user: scope.string(&["securityContext", "windowsOptions", "runAsUserName"])?,
        })
    }

    /// The effective context of a container: its own fields, and the pod's where it sets none.
    #[must_use]
    pub fn or(self, pod: SecurityContext<'a>) -> Self {
        Self {
            read_only_root_filesystem: self.read_only_root_filesystem,
            run_as_group: self.run_as_group.or(pod.run_as_group),
            run_as_non_root: self.run_as_non_root.or(pod.run_as_non_root),
            run_as_user: self.run_as_user.or(pod.run_as_user),
            windows_user: self.windows_user.or(pod.windows_user),
        }
    }
}

/// The security context of a pod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodSecurityContext<'a> {
    /// What containers inherit.
    pub inherited: SecurityContext<'a>,
    /// The group that owns the pod's volumes.
    pub fs_group: Option<i64>,
    /// Further groups of every process.
    pub supplemental_groups: Vec<i64>,
}

/// What a field belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The pod as a whole.
    Pod,
    /// The container of this class and name.
    Container(Class, Option<String>),
    /// The volume of this name.
    Volume(Option<String>),
}

impl Owner {
    /// What messages call it, without its name.
    pub(crate) const fn noun(&self) -> &'static str {
        match self {
            Owner::Pod => "pod",
            Owner::Container(class, _) => class.noun(),
            Owner::Volume(_) => "volume",
        }
    }

    /// Its name, unless it is the pod.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Owner::Pod => None,
            Owner::Container(_, name) | Owner::Volume(name) => name.as_deref(),
        }
    }

    /// The class of the container.
    pub(crate) const fn class(&self) -> Option<Class> {
        match self {
            Owner::Container(class, _) => Some(*class),
            Owner::Pod | Owner::Volume(_) => None,
        }
    }
}

/// The place of a finding: a field, and what it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    /// What the field belongs to.
    pub(crate) owner: Owner,
    /// The image as written, when there is one that exemptions can name.
    pub(crate) image: Option<String>,
    /// The path in the object.
    pub(crate) path: String,
}

/// Where a pod specification, or one item of a list in it, stands in the object.
#[derive(Clone, Copy, Debug)]
struct Place<'a> {
    pod: &'a str,
    item: Option<(&'static str, u32)>,
}

impl Place<'_> {
    /// The path of a field below this place; the place itself when `path` is empty.
    fn field(self, path: &str) -> String {
        if path.is_empty() { self.to_string() } else { format!("{self}.{path}") }
    }

    fn malformed(self, fields: &[&str], problem: &str) -> Malformed {
        let item = self.item.map_or("pod specification", |(list, _)| list);
        let name = fields.last().unwrap_or(&item);
        Malformed::new(self.field(&fields.join(".")), format!("{name} {problem}"))
    }

    fn ill_typed(self, fields: &[&str], found: &Node<'_>, expected: &str) -> Malformed {
        let item = if fields.is_empty() && self.item.is_some() { "has an item that is" } else { "is" };
        self.malformed(fields, &format!("{item} {}; it must be {expected}", found.kind()))
    }

    fn ill_typed_item(self, fields: &[&str], index: u32, found: &Node<'_>, expected: &str) -> Malformed {
        let Malformed { path, problem } =
            self.malformed(fields, &format!("has an item that is {}; it must be {expected}", found.kind()));
        Malformed::new(format!("{path}[{index}]"), problem)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.pod)?;
        match self.item {
            Some((list, index)) => write!(f, ".{list}[{index}]"),
            None => Ok(()),
        }
    }
}

/// An object and its place: what the typed accessors read from.
#[derive(Clone, Copy, Debug)]
struct Scope<'a> {
    node: &'a Node<'a>,
    place: Place<'a>,
}

impl<'a> Scope<'a> {
    /// The value at the end of `fields`, each a field of the one before it.
    fn value(&self, fields: &[&'static str]) -> Result<Option<&'a Node<'a>>, Malformed> {
        let mut node = self.node;
        for (depth, field) in fields.iter().enumerate() {
            if !matches!(node, Node::Object(_)) {
                return Err(self.place.ill_typed(fields.get(..depth).unwrap_or_default(), node, "an object"));
            }
            match node.get(field) {
                Some(value) => node = value,
                None => return Ok(None),
            }
        }
        Ok(Some(node))
    }

    /// Whether the field at `path` is set.
    fn has(&self, path: &str) -> bool {
        path.split('.').try_fold(self.node, |node, field| node.get(field)).is_some()
    }

    fn boolean(&self, fields: &[&'static str]) -> Result<Option<bool>, Malformed> {
        match self.value(fields)? {
            None => Ok(None),
            Some(Node::Bool(value)) => Ok(Some(*value)),
            Some(other) => Err(self.place.ill_typed(fields, other, "true or false")),
        }
    }

    fn integer(&self, fields: &[&'static str]) -> Result<Option<i64>, Malformed> {
        match self.value(fields)? {
            None => Ok(None),
            Some(Node::Integer(value)) => Ok(Some(*value)),
            Some(Node::Number) => Err(self.place.malformed(fields, "is not a whole number of at most 64 bits")),
            Some(other) => Err(self.place.ill_typed(fields, other, "a whole number")),
        }
    }

    fn string(&self, fields: &[&'static str]) -> Result<Option<&'a str>, Malformed> {
        match self.value(fields)? {
            None => Ok(None),
            Some(Node::String(value)) => Ok(Some(value)),
            Some(other) => Err(self.place.ill_typed(fields, other, "a string")),
        }
    }

    /// The items of a list with their index; none when it is absent.
    fn list(&self, fields: &[&'static str]) -> Result<&'a [(u32, Node<'a>)], Malformed> {
        match self.value(fields)? {
            None => Ok(&[]),
            Some(Node::List(items)) => Ok(items),
            Some(other) => Err(self.place.ill_typed(fields, other, "a list")),
        }
    }
}
