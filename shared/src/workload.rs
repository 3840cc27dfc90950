//! From an object to its pod specifications, by group and kind.

use crate::kinds::GroupKind;
use crate::malformed::Malformed;
use crate::object;
use crate::pod::{Model, Pod};
use json::{Node, Shape};

use Shape::{Object, Scalar, Search};

/// How deep the templates of an unknown kind may lie.
const SEARCH_DEPTH: u8 = 12;

/// How many pod templates one object may hold.
const MAX_TEMPLATES: usize = 64;

/// How kinds of custom resources end whose controllers start pods that run to completion: `JobSet`, `PyTorchJob`, the
/// templates of Argo Workflows, `ClusterTrainingRuntime`.
const JOB_ENDINGS: [&str; 6] = ["Job", "JobSet", "JobTemplate", "Workflow", "WorkflowTemplate", "TrainingRuntime"];

/// How fields of custom resources end that hold the template of a Job.
const JOB_FIELDS: [&str; 8] =
    ["Job", "Jobs", "JobTemplate", "JobTargetRef", "job", "jobs", "jobTemplate", "jobTargetRef"];

const TEMPLATE: Shape = Object(&[("spec", Shape::Table)]);
const JOB_TEMPLATE: Shape = Object(&[("spec", Object(&[("template", TEMPLATE)]))]);

/// What is kept of an object of one of the [`KINDS`](crate::kinds::KINDS). It fits them all, so that an object can be read
/// before the request has told its kind: a `spec` is a pod specification, or holds the template of one.
pub(crate) const KNOWN: Shape = Object(&[
    ("apiVersion", Scalar),
    ("kind", Scalar),
    ("spec", Shape::TableAnd(&[("template", TEMPLATE), ("jobTemplate", JOB_TEMPLATE)])),
    ("template", TEMPLATE),
]);

/// What is kept of any other object.
pub(crate) const UNKNOWN: Shape = Search { depth: SEARCH_DEPTH, found: is_pod_spec };

/// What is kept of an object of this kind.
#[must_use]
pub fn shape(kind: GroupKind<'_>) -> Shape {
    if kind.known().is_some() { KNOWN } else { UNKNOWN }
}

/// What policies judge.
#[derive(Debug)]
pub enum Subject<'s> {
    /// A pod, one of those that an object holds.
    Pod(&'s Pod<'s>),
    /// An object as it is.
    Object(object::Object<'s>),
}

impl Subject<'_> {
    /// The pod.
    #[must_use]
    pub fn pod(&self) -> Option<&Pod<'_>> {
        match self {
            Self::Pod(pod) => Some(pod),
            Self::Object(_) => None,
        }
    }
}

/// Calls `visit` with what there is to judge in an object of this kind, which was read by the [`shape`] of its kind: the
/// object itself where it is judged as it is, one pod for the nine kinds of the core API, any number for others.
///
/// # Errors
/// The object is of another kind than it is said to be, lacks its pod specification, or `visit` says so.
pub fn visit(
    object: &Node<'_>,
    kind: GroupKind<'_>,
    is_whole: bool,
    model: &Model,
    visit: &mut dyn FnMut(&Subject<'_>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    if is_whole {
        return visit(&Subject::Object(object::Object::new(object, kind.kind)));
    }
    let known = kind.known();
    let mut found = Vec::new();
    match known {
        None => search(object, String::new(), &mut found)?,
        Some(known) => {
            check_kind(object, kind)?;
            found.push((known.path.to_owned(), descend(object, known.path)?));
        }
    }
    let is_job = known.is_none() && JOB_ENDINGS.iter().any(|ending| kind.kind.ends_with(ending));
    let mut containers = 0;
    found.iter().try_for_each(|(path, spec)| {
        let is_job = is_job || known.is_none() && holds_job(path);
        visit(&Subject::Pod(&Pod::read(spec, path, model, is_job, &mut containers)?))
    })
}

/// Whether a field on the path to a pod specification holds the template of a Job.
fn holds_job(path: &str) -> bool {
    path.split('.').any(|field| {
        let field = field.split('[').next().unwrap_or(field);
        JOB_FIELDS.iter().any(|ending| field.ends_with(ending))
    })
}

/// What the object says of its kind must be what the request says, or the wrong fields would be read.
fn check_kind(object: &Node<'_>, kind: GroupKind<'_>) -> Result<(), Malformed> {
    let version = object.get("apiVersion").map(|version| version.as_str().unwrap_or_default());
    let group = version.map(|version| version.rsplit_once('/').map_or("", |(group, _)| group));
    let name = object.get("kind").map(|name| name.as_str().unwrap_or_default());
    if name.is_none_or(|name| name == kind.kind) && group.is_none_or(|group| group == kind.group) {
        return Ok(());
    }
    Err(Malformed::new("kind", format!("the object is not the {} that the request announces", kind.kind)))
}

/// The object at the end of `path`, each step of which must be there.
fn descend<'n, 'a>(object: &'n Node<'a>, path: &str) -> Result<&'n Node<'a>, Malformed> {
    if !matches!(object, Node::Object(_)) {
        return Err(Malformed::new("", format!("the object is {}; it must be an object", object.kind())));
    }
    let mut node = object;
    let mut depth = 0_usize;
    for field in path.split('.') {
        depth = depth.saturating_add(field.len());
        let found = node.get(field);
        let Some(object @ Node::Object(_)) = found else {
            let found = found.map_or("missing", Node::kind);
            let path = path.get(..depth).unwrap_or(path);
            return Err(Malformed::new(path, format!("{field} is {found}; it must be an object")));
        };
        node = object;
        depth = depth.saturating_add(1);
    }
    Ok(node)
}

/// Collects the pod specifications below `node`, which stands at `path`, with their paths.
fn search<'n, 'a>(node: &'n Node<'a>, path: String, found: &mut Vec<(String, &'n Node<'a>)>) -> Result<(), Malformed> {
    match node {
        Node::Object(_) if is_pod_spec(node) => {
            if found.len() == MAX_TEMPLATES {
                let problem = format!("the object holds more than {MAX_TEMPLATES} pod templates");
                return Err(Malformed::new(path, problem));
            }
            found.push((path, node));
            Ok(())
        }
        Node::Object(fields) if path.is_empty() => fields
            .iter()
            // What an object says of itself, and what its controller says of it, is not what will run.
            .filter(|(key, _)| !matches!(key.as_ref(), "metadata" | "status"))
            .try_for_each(|(key, value)| search(value, key.clone().into_owned(), found)),
        Node::Object(fields) => {
            fields.iter().try_for_each(|(key, value)| search(value, format!("{path}.{key}"), found))
        }
        Node::List(items) => items.iter().try_for_each(|(index, item)| search(item, format!("{path}[{index}]"), found)),
        _ => Ok(()),
    }
}

/// Whether an object of a custom resource is a pod specification: it lists containers, at least one with an image.
fn is_pod_spec(node: &Node<'_>) -> bool {
    let Some(Node::List(containers)) = node.get("containers") else { return false };
    containers.iter().any(|(_, container)| container.get("image").is_some_and(|image| image.as_str().is_some()))
}
