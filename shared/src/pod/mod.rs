//! Pods as policies see them: containers of every class, security contexts, volumes.
//!
//! A field is absent (or `null`, which is the same), well-typed, or ill-typed. The accessors return `Ok(None)`,
//! `Ok(Some(…))` and [`Malformed`]; a rule that uses `?` therefore fails closed. The types are those of the Kubernetes
//! API, core/v1.

mod container;
mod fields;
mod images;
mod scope;
mod security;

pub use container::{Container, EnvVar, Hook};
pub(crate) use fields::POD_SPEC;
pub use images::PodImage;
pub use security::SecurityContext;

use crate::malformed::Malformed;
use crate::place::{At, Owner};
use fields::OS_LABEL;
use json::Node;
use scope::{Position, Scope};

/// The lists of containers in a pod specification, in the order in which they are judged.
const CONTAINER_LISTS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// How many containers one object may have. Real ones have a few; the limit bounds the time and memory for findings.
const MAX_CONTAINERS: usize = 2048;

/// A pod specification: that of a Pod, or the one in a pod template.
#[derive(Debug)]
pub struct Pod<'a> {
    scope: Scope<'a>,
    containers: Vec<Container<'a>>,
    is_job: bool,
}

impl<'a> Pod<'a> {
    /// Reads the pod specification `node` that stands at `path`, and adds to the `count` of containers in the
    /// object. The controller of a job (`is_job`) lets it run to completion unless its `restartPolicy` is `Always`.
    pub(crate) fn read(node: &'a Node<'a>, path: &'a str, is_job: bool, count: &mut usize) -> Result<Self, Malformed> {
        let scope = Scope { node, position: Position { pod: path, item: None } };
        let mut containers = Vec::new();
        for list in CONTAINER_LISTS {
            let items = scope.list(&[list])?;
            *count = count.saturating_add(items.len());
            if *count > MAX_CONTAINERS {
                let problem = format!("has too many items; an object may have {MAX_CONTAINERS} containers");
                return Err(scope.position.malformed(&[list], &problem));
            }
            for (index, node) in items {
                let scope = Scope { node, position: Position { pod: path, item: Some((list, *index)) } };
                containers.push(Container::read(scope, list)?);
            }
            if containers.is_empty() {
                return Err(scope.position.malformed(&[list], "is empty or missing; a pod has at least one container"));
            }
        }
        Ok(Self { scope, containers, is_job })
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
            let scope = Scope { node, position: Position { item: Some(("volumes", *index)), ..self.scope.position } };
            if let Some(text) = scope.string(&["image", "reference"])? {
                images.push(PodImage { scope, class: None, name: scope.string(&["name"])?, text });
            }
        }
        Ok(images)
    }

    /// The field at `path` below the pod specification, as the place of a finding.
    #[must_use]
    pub fn at(&self, path: &str) -> At {
        At { owner: Owner::Pod, image: None, path: self.scope.position.field(path) }
    }

    /// A field that `container` inherits from the pod unless it sets it, as the place of a finding in the container:
    /// where it is set, or in the container when neither sets it.
    #[must_use]
    pub fn at_effective(&self, container: &Container<'a>, path: &str) -> At {
        let inherited = !container.scope.has(path) && self.scope.has(path);
        let setter = if inherited { self.scope } else { container.scope };
        At { path: setter.position.field(path), ..container.at("") }
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
                return Err(self.scope.position.ill_typed_item(&fields, *index, group, "a whole number"));
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
        Ok(policy.map_or(self.is_job, |policy| matches!(policy, "Never" | "OnFailure")))
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
