//! Pods as policies see them: containers of every class, security contexts, volumes.
//!
//! A field is absent (or `null`, which is the same), well-typed, or ill-typed. The accessors return `Ok(None)`,
//! `Ok(Some(…))` and [`Malformed`]; a rule that uses `?` therefore fails closed. The types are those of the Kubernetes
//! API, core/v1.

use std::cell::Cell;
use std::fmt;

use crate::image::{ImageRef, ParseError};
use crate::malformed::Malformed;
use crate::message::quote;
use crate::process::{self, Env, Options, Process, has_part};
use json::{Node, Shape};

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
    ("hostPID", Scalar),
    ("hostUsers", Scalar),
    ("nodeSelector", Object(&[(OS_LABEL, Scalar)])),
    ("os", Object(&[("name", Scalar)])),
    ("restartPolicy", Scalar),
    ("shareProcessNamespace", Scalar),
    ("terminationGracePeriodSeconds", Scalar),
    ("volumes", List(&Object(&[("name", Scalar), ("image", Object(&[("reference", Scalar)]))]))),
];

/// The fields of a container that any policy judges.
const CONTAINER: Shape = Object(&[
    ("name", Scalar),
    ("image", Scalar),
    ("restartPolicy", Scalar),
    ("command", List(&Scalar)),
    ("args", List(&Scalar)),
    ("env", List(&Object(&[("name", Scalar), ("value", Scalar), ("valueFrom", Scalar)]))),
    ("envFrom", List(&Scalar)),
    ("ports", List(&Object(&[("containerPort", Scalar)]))),
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

/// How many variables are compared with the references of a command, in all; what is left is taken for unknown.
const MAX_ENV_STEPS: usize = 1_000_000;

/// The well-known node label that names the operating system.
const OS_LABEL: &str = "kubernetes.io/os";

/// The lists of containers in a pod specification, in the order in which they are judged.
const CONTAINER_LISTS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// How many containers one object may have. Real ones have a few; the limit bounds the time and memory for findings.
const MAX_CONTAINERS: usize = 2048;

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
    origin: Origin<'a>,
}

/// What a pod specification has from the object in which it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'a> {
    /// Its controller lets it run to completion unless its `restartPolicy` says otherwise.
    pub(crate) is_job: bool,
    /// What is left of [`process::MAX_STEPS`] to the policy that judges, for all commands in the object.
    pub(crate) steps: &'a Cell<usize>,
}

impl<'a> Pod<'a> {
    /// Reads the pod specification `node` that stands at `path`, and adds to the `count` of containers in the
    /// object.
    pub(crate) fn read(
        node: &'a Node<'a>,
        path: &'a str,
        origin: Origin<'a>,
        count: &mut usize,
    ) -> Result<Self, Malformed> {
        let scope = Scope { node, place: Place { pod: path, item: None } };
        let mut containers = Vec::new();
        for list in CONTAINER_LISTS {
            let items = scope.list(&[list])?;
            *count = count.saturating_add(items.len());
            if *count > MAX_CONTAINERS {
                let problem = format!("has too many items; an object may have {MAX_CONTAINERS} containers");
                return Err(scope.place.malformed(&[list], &problem));
            }
            for (index, node) in items {
                let scope = Scope { node, place: Place { pod: path, item: Some((list, *index)) } };
                containers.push(Container::read(scope, list, origin.steps)?);
            }
            if containers.is_empty() {
                return Err(scope.place.malformed(&[list], "is empty or missing; a pod has at least one container"));
            }
        }
        Ok(Self { scope, containers, origin })
    }

    /// What is left of [`process::MAX_STEPS`]; nothing, until it is set.
    pub(crate) fn steps(&self) -> &'a Cell<usize> {
        self.origin.steps
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
        for Container { scope, class, name, .. } in &self.containers {
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

    /// The pod's `securityContext`, as far as containers inherit from it.
    ///
    /// # Errors
    /// One of its fields is ill-typed.
    pub fn security_context(&self) -> Result<SecurityContext<'a>, Malformed> {
        SecurityContext::read(&self.scope)
    }

    /// The group that owns the pod's volumes.
    ///
    /// # Errors
    /// It is not a whole number.
    pub fn fs_group(&self) -> Result<Option<i64>, Malformed> {
        self.scope.integer(&["securityContext", "fsGroup"])
    }

    /// Further groups of every process.
    ///
    /// # Errors
    /// They are not a list of whole numbers.
    pub fn supplemental_groups(&self) -> Result<Vec<i64>, Malformed> {
        let fields = ["securityContext", "supplementalGroups"];
        let mut groups = Vec::new();
        for (index, group) in self.scope.list(&fields)? {
            let Node::Integer(id) = group else {
                return Err(self.scope.place.ill_typed_item(&fields, *index, group, "a whole number"));
            };
            groups.push(*id);
        }
        Ok(groups)
    }

    /// `hostUsers`: `false` gives the pod a user namespace of its own, in which root is an ordinary user of the node.
    ///
    /// # Errors
    /// It is not a boolean.
    pub fn host_users(&self) -> Result<Option<bool>, Malformed> {
        self.scope.boolean(&["hostUsers"])
    }

    /// Whether the containers are in the PID namespace of the node, where none of them is PID 1.
    ///
    /// # Errors
    /// `hostPID` is not a boolean.
    pub fn host_pid(&self) -> Result<bool, Malformed> {
        Ok(self.scope.boolean(&["hostPID"])?.unwrap_or_default())
    }

    /// Whether the containers share a PID namespace, in which the pause container is PID 1.
    ///
    /// # Errors
    /// `shareProcessNamespace` is not a boolean.
    pub fn share_process_namespace(&self) -> Result<bool, Malformed> {
        Ok(self.scope.boolean(&["shareProcessNamespace"])?.unwrap_or_default())
    }

    /// `terminationGracePeriodSeconds`: the time from SIGTERM to SIGKILL, in seconds.
    ///
    /// # Errors
    /// It is not a whole number.
    pub fn termination_grace_period_seconds(&self) -> Result<Option<i64>, Malformed> {
        self.scope.integer(&["terminationGracePeriodSeconds"])
    }

    /// Whether the pod runs to completion. The API server demands a `restartPolicy` other than `Always` of every Job, and
    /// refuses one in the kinds that keep pods running. Custom resources for jobs may leave it to their controller.
    ///
    /// # Errors
    /// `restartPolicy` is not a string.
    pub fn runs_to_completion(&self) -> Result<bool, Malformed> {
        let policy = self.scope.string(&["restartPolicy"])?;
        Ok(policy.map_or(self.origin.is_job, |policy| matches!(policy, "Never" | "OnFailure")))
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
    steps: &'a Cell<usize>,
}

impl<'a> Container<'a> {
    fn read(scope: Scope<'a>, list: &str, steps: &'a Cell<usize>) -> Result<Self, Malformed> {
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
        Ok(Self { name: scope.string(&["name"])?, scope, class, steps })
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

    /// Its `command`; absent and empty are the same.
    fn command(&self) -> Result<Vec<&'a str>, Malformed> {
        self.scope.strings("command")
    }

    /// Its `args`; absent and empty are the same.
    fn args(&self) -> Result<Vec<&'a str>, Malformed> {
        self.scope.strings("args")
    }

    /// What it runs, as far as `command`, `args` and `env` tell. All commands of an object share
    /// [`process::MAX_STEPS`]; what is left over is unknown. `evidence` and `fix` show the references to variables
    /// as they are written, because their values can be secrets.
    ///
    /// # Errors
    /// One of the fields is ill-typed; `env` matters only where the command refers to it.
    pub fn process(&self, options: &Options<'_>) -> Result<Process, Malformed> {
        let command = self.command()?;
        let args = self.args()?;
        let options = &Options { steps: Some(self.steps), ..*options };
        let classify = |env: &dyn Fn(&str) -> Env<'a>| {
            process::classify(&process::Argv::compose(Some(&command), Some(&args), env), options)
        };
        if !command.iter().chain(&args).any(|element| element.contains('$')) {
            return Ok(classify(&|_| Env::Absent));
        }
        let env = self.env()?;
        let has_sources = !self.scope.list(&["envFrom"])?.is_empty();
        let left = Cell::new(MAX_ENV_STEPS);
        let shows_values = Cell::new(false);
        let judged = classify(&|name| {
            left.set(left.get().saturating_sub(env.len()));
            if left.get() == 0 {
                return Env::Unknown;
            }
            // The last of several variables of a name wins.
            match env.iter().rev().find(|(known, _)| *known == name) {
                Some((_, value)) => {
                    shows_values.set(shows_values.get() || *value != Env::Unknown);
                    *value
                }
                // The kubelet adds variables for the services of the namespace.
                None if has_sources || has_part(name, "_SERVICE_") || has_part(name, "_PORT") => {
                    Env::from_sources(name)
                }
                None => Env::Absent,
            }
        });
        if !shows_values.get() {
            return Ok(judged);
        }
        let written = classify(&|name| Env::from_sources(name));
        // A value can hold what a shell takes for a command: a password with `&` in it.
        let is_shown =
            |name: &str| name.is_empty() || command.iter().chain(&args).any(|element| process::has_part(element, name));
        let mut parts = judged.parts.clone();
        for part in parts.iter_mut().filter(|part| part.kind == process::PartKind::Program && !is_shown(&part.name)) {
            let first = judged.parts.iter().position(|other| other.name == part.name).unwrap_or_default();
            part.name = format!("(variable {first})");
        }
        let is_known = matches!(judged.behaviour, process::Behaviour::LossyRunner | process::Behaviour::Manager { .. });
        let (evidence, fix) = if written.behaviour == judged.behaviour {
            (written.evidence, written.fix)
        } else if is_known || is_shown(&judged.program) {
            (judged.program.clone(), None)
        } else {
            ("(variable)".to_owned(), None)
        };
        Ok(Process { evidence, fix, parts, ..judged })
    }

    /// What it runs, as the place of a finding: `args` when only they are set, else `command`. Beside it all of the
    /// command, as the judged value.
    ///
    /// # Errors
    /// One of the two is not a list of strings.
    pub fn at_command(&self) -> Result<(At, String), Malformed> {
        let (command, args) = (self.command()?, self.args()?);
        let field = if command.is_empty() && !args.is_empty() { "args" } else { "command" };
        Ok((self.at(field), [command, args].concat().join("\0")))
    }

    /// The names and values of `env`.
    fn env(&self) -> Result<Vec<(&'a str, Env<'a>)>, Malformed> {
        let mut env = Vec::new();
        for item in self.scope.list(&["env"])? {
            let name = self.scope.item_string("env", item, "name")?.unwrap_or_default();
            let value = self.scope.item_string("env", item, "value")?.unwrap_or_default();
            // The kubelet replaces references in values, too.
            let is_known = item.1.get("valueFrom").is_none() && !value.contains('$');
            env.push((name, if is_known { Env::Literal(value) } else { Env::Unknown }));
        }
        Ok(env)
    }

    /// Whether one of its `ports` has this `containerPort`.
    ///
    /// # Errors
    /// `ports` is not a list of objects, or a `containerPort` is not a number.
    pub fn has_port(&self, number: i64) -> Result<bool, Malformed> {
        let mut found = false;
        for item in self.scope.list(&["ports"])? {
            match self.scope.item_field("ports", item, "containerPort")? {
                Some(Node::Integer(port)) => found |= *port == number,
                Some(other) => {
                    return Err(self.scope.place.ill_typed_field("ports", item.0, "containerPort", other, "a number"));
                }
                None => {}
            }
        }
        Ok(found)
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

    fn ill_typed_field(self, list: &str, index: u32, field: &str, found: &Node<'_>, expected: &str) -> Malformed {
        let path = format!("{}[{index}].{field}", self.field(list));
        Malformed::new(path, format!("{field} is {}; it must be {expected}", found.kind()))
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

    /// A list of strings; empty when it is absent.
    fn strings(&self, list: &'static str) -> Result<Vec<&'a str>, Malformed> {
        let text = |(index, item): &'a (u32, Node<'a>)| match item {
            Node::String(text) => Ok(text.as_ref()),
            other => Err(self.place.ill_typed_item(&[list], *index, other, "a string")),
        };
        self.list(&[list])?.iter().map(text).collect()
    }

    /// A field of an item of a list.
    fn item_field(
        &self,
        list: &'static str,
        (index, item): &'a (u32, Node<'a>),
        field: &str,
    ) -> Result<Option<&'a Node<'a>>, Malformed> {
        match item {
            Node::Object(_) => Ok(item.get(field)),
            other => Err(self.place.ill_typed_item(&[list], *index, other, "an object")),
        }
    }

    /// A field of an item of a list, which is a string.
    fn item_string(
        &self,
        list: &'static str,
        item: &'a (u32, Node<'a>),
        field: &str,
    ) -> Result<Option<&'a str>, Malformed> {
        match self.item_field(list, item, field)? {
            None => Ok(None),
            Some(Node::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.place.ill_typed_field(list, item.0, field, other, "a string")),
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
