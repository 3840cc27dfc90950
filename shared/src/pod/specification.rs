//! Pod specifications.

use super::container::Container;
use super::model::Model;
use super::scope::{Field, Position, Scope, Subject};
use crate::malformed::Malformed;
use json::Node;

/// The well-known node label that names the operating system.
pub(super) const OS_LABEL: &str = "kubernetes.io/os";

/// The well-known node label that names the architecture.
pub(super) const ARCHITECTURE_LABEL: &str = "kubernetes.io/arch";

/// The fields that hold containers: the lists of a pod specification, and those in which custom resources have a container, or
/// a list of them, under another name: Argo Workflows and Tekton.
pub(super) const HOLDERS: [(&str, bool); 7] = [
    ("containers", true),
    ("initContainers", true),
    ("ephemeralContainers", true),
    ("container", false),
    ("script", false),
    ("steps", false),
    ("sidecars", false),
];

/// The field of a pod specification that holds the volumes.
pub(super) const VOLUMES: &str = "volumes";

/// The field in which Tekton keeps what its `steps` do not set.
const STEP_TEMPLATE: &str = "stepTemplate";

/// The fields to be searched for the fields of a container: those of custom resources.
pub(crate) const ITEMS: &[&str] = &["container", "script", "steps", "sidecars", STEP_TEMPLATE];

/// The most containers that one object may have. Real ones have a few; the limit bounds the time and memory for
/// findings.
const MAX_CONTAINERS: usize = 2048;

/// A pod specification in an object, before it is read.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    /// The specification.
    pub(crate) node: &'a Node<'a>,
    /// Its position.
    pub(crate) path: String,
    /// The source of the fields that it does not set.
    pub(crate) defaults: Option<&'a Node<'a>>,
    /// The metadata of the pod: beside its `spec`, or in a specification of another name.
    pub(crate) metadata: Option<&'a Node<'a>>,
    /// The meaning of a container without an image.
    pub(crate) imageless: Imageless,
    /// The kind of the object.
    pub(crate) kind: &'a str,
    /// Its controller lets it run to completion unless its `restartPolicy` is `Always`.
    pub(crate) is_job: bool,
}

/// The meaning of a container without an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Imageless {
    /// A fault: nothing can run.
    Fault,
    /// One whose image an operator fills in.
    Filled,
    /// A patch of one that an operator makes, of which the rest is not there to be judged.
    Patch,
}

/// A pod specification: that of a Pod, or the one in a pod template.
#[derive(Debug)]
pub struct Pod<'a> {
    pub(super) scope: Scope<'a>,
    pub(super) metadata: Option<Scope<'a>>,
    containers: Vec<Container<'a>>,
    /// A container without an image is a fault.
    pub(super) needs_images: bool,
    kind: &'a str,
    is_job: bool,
}

impl<'a> Pod<'a> {
    /// Reads a pod specification, and adds to the `count` of containers in the object.
    pub(crate) fn read(source: &'a Source<'a>, model: &'a Model, count: &mut usize) -> Result<Self, Malformed> {
        let Source { node, path, defaults, metadata, imageless, kind, is_job } = source;
        let position = Position { pod: path, item: None };
        let scope = Scope { node, position, subject: Subject::Pod, defaults: None, model };
        let needs_images = *imageless == Imageless::Fault;
        let mut containers = Vec::new();
        for (field, of_pod) in HOLDERS {
            if of_pod {
                scope.list(&[field])?;
            }
            let defaults = if field == "steps" { node.get(STEP_TEMPLATE) } else { None };
            for (index, item) in items(node, field) {
                let is_other = if of_pod { *imageless == Imageless::Patch && is_patch(item) } else { !has_image(item) };
                if is_other {
                    continue;
                }
                *count = count.saturating_add(1);
                if *count > MAX_CONTAINERS {
                    let problem = format!("has too many items; an object may have {MAX_CONTAINERS} containers");
                    return Err(position.malformed(&[field], &problem));
                }
                let position = Position { item: Some((field, index)), ..position };
                containers.push(Container::read(Scope { node: item, position, defaults, ..scope }, field)?);
            }
            // An object that is a specification itself has ephemeral containers alone.
            if needs_images && containers.is_empty() && !path.is_empty() {
                return Err(position.malformed(&[field], "is empty or missing; a pod has at least one container"));
            }
        }
        let template = match path.rsplit_once('.') {
            Some((template, "spec")) => template,
            None if path == "spec" => "",
            _ => path,
        };
        let position = Position { pod: template, item: Some(("metadata", None)) };
        let metadata = metadata.map(|node| Scope { node, position, ..scope });
        let scope = Scope { defaults: *defaults, ..scope };
        Ok(Self { scope, metadata, containers, needs_images, kind, is_job: *is_job })
    }

    /// Returns `true` if the object `node` of a custom resource is a pod specification: it has a container with an
    /// image. In a `template` of a pod, any container will do, since an operator may fill in the image.
    pub(crate) fn stands_in(node: &Node<'_>, is_template: bool) -> bool {
        HOLDERS.iter().any(|(field, of_pod)| {
            items(node, field).iter().any(|(index, item)| match (of_pod, index) {
                (true, None) => false,
                (true, _) if is_template => matches!(item, Node::Object(_)),
                _ => has_image(item),
            })
        })
    }

    /// Every container of every class: `containers`, `initContainers` and `ephemeralContainers`, then those that custom
    /// resources keep elsewhere.
    #[must_use]
    pub fn containers(&self) -> &[Container<'a>] {
        &self.containers
    }

    /// The place of its containers as a whole.
    #[must_use]
    pub fn containers_field(&self) -> Field<'_, &'static str> {
        self.scope.with(None, &["containers"])
    }

    /// The kind of the object that holds it, such as `Deployment`.
    #[must_use]
    pub fn kind(&self) -> &'a str {
        self.kind
    }

    /// `true` if the pod runs to completion. The API server demands a `restartPolicy` other than `Always` of every Job,
    /// and refuses one in the kinds that keep pods running. Custom resources for jobs may leave it to their controller.
    ///
    /// # Errors
    /// `restartPolicy` is not a string.
    pub fn runs_to_completion(&self) -> Result<bool, Malformed> {
        let policy = self.scope.typed::<&str>(&["restartPolicy"])?;
        Ok(policy.map_or(self.is_job, |policy| matches!(policy, "Never" | "OnFailure")))
    }

    /// `true` if the pod declares that it runs on Windows: `os.name`, or the node label `kubernetes.io/os` that it
    /// selects.
    ///
    /// # Errors
    /// One of the two is not a string.
    pub fn is_windows(&self) -> Result<bool, Malformed> {
        let os = self.scope.typed(&["os", "name"])?;
        let selected = self.scope.typed(&["nodeSelector", OS_LABEL])?;
        Ok(os.or(selected) == Some("windows"))
    }
}

/// The items of a field with their index, or its value.
fn items<'a>(node: &'a Node<'a>, field: &str) -> Vec<(Option<u32>, &'a Node<'a>)> {
    match node.get(field) {
        Some(Node::List(items)) => items.iter().map(|(index, item)| (Some(*index), item)).collect(),
        Some(item) => vec![(None, item)],
        None => Vec::new(),
    }
}

/// Returns `true` if a container names its image.
fn has_image(container: &Node<'_>) -> bool {
    container.get("image").is_some_and(|image| image.as_str().is_some())
}

/// Returns `true` if an item of a list of containers has no image.
fn is_patch(item: &Node<'_>) -> bool {
    matches!(item, Node::Object(_)) && item.get("image").is_none()
}
