//! From an object to its pod specifications, by group and kind.

use crate::kinds::GroupKind;
use crate::malformed::Malformed;
use crate::object;
use crate::pod::{ITEMS, Imageless, Model, Pod, Source};
use json::{Node, Shape};

use Shape::{List, Object, Scalar};

/// The maximum depth of the templates of an unknown kind.
const SEARCH_DEPTH: u8 = 12;

/// The most pod templates that one object may hold. A workflow has one per task.
const MAX_TEMPLATES: usize = 256;

/// Suffixes of the kinds of custom resources whose controllers start pods that run to completion: `JobSet`,
/// `PyTorchJob`, the templates of Argo Workflows, `ClusterTrainingRuntime`, the tasks of Tekton.
const JOB_ENDINGS: [&str; 10] = [
    "Job",
    "JobSet",
    "JobTemplate",
    "Workflow",
    "WorkflowTemplate",
    "TrainingRuntime",
    "Task",
    "TaskRun",
    "Pipeline",
    "PipelineRun",
];

/// Suffixes of the fields of custom resources that hold the template of a Job.
const JOB_FIELDS: [&str; 8] =
    ["Job", "Jobs", "JobTemplate", "JobTargetRef", "job", "jobs", "jobTemplate", "jobTargetRef"];

/// Suffixes of the fields of custom resources that hold a pod template, or the specification in it: `podTemplate`,
/// `podSpec`, the `worker` and the `workerSpec` of `KServe`.
const TEMPLATE_FIELDS: [&str; 4] = ["emplate", "odSpec", "orker", "orkerSpec"];

/// Prefixes and suffixes of the fields of custom resources that hold a strategic merge patch, which looks like its target.
const PATCH_FIELDS: [(&str, &str); 3] = [("patch", "Patch"), ("overlay", "Overlay"), ("override", "Override")];

/// The fields that are kept of the reference to an owner.
const OWNER: Shape = Object(&[("apiVersion", Scalar), ("controller", Scalar), ("kind", Scalar), ("name", Scalar)]);

const TEMPLATE: Shape = Object(&[("metadata", Shape::Metadata(&[])), ("spec", Shape::Table)]);
const JOB_TEMPLATE: Shape = Object(&[("spec", Object(&[("template", TEMPLATE)]))]);

/// The fields that are kept of an object of one of the [`KINDS`](crate::kinds::KINDS). It fits them all, so that an
/// object can be read before the kind is read from the request: a `spec` is a pod specification, or holds the template
/// of one, and the kind `EphemeralContainers` is one itself.
pub(crate) const KNOWN: Shape = Shape::TableAnd(&[
    ("apiVersion", Scalar),
    ("kind", Scalar),
    ("metadata", Shape::Metadata(&[("ownerReferences", List(&OWNER))])),
    ("spec", Shape::TableAnd(&[("template", TEMPLATE), ("jobTemplate", JOB_TEMPLATE)])),
    ("template", TEMPLATE),
]);

/// The fields that are kept of any other object.
pub(crate) const UNKNOWN: Shape = Shape::Search { depth: SEARCH_DEPTH, items: ITEMS, is_item: false };

/// The fields that are kept of an object of this kind.
#[must_use]
pub fn shape(kind: GroupKind<'_>) -> Shape {
    if kind.known().is_some() { KNOWN } else { UNKNOWN }
}

/// The objects that policies judge.
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
/// The object is of another kind than the request declares, lacks its pod specification, or `visit` returns an error.
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
    let found = match kind.known() {
        None => {
            let mut search = Search { kind, found: Vec::new() };
            search.visit(object, &Step::Object, Around::default())?;
            search.found
        }
        Some(known) => {
            check_kind(object, kind)?;
            let (template, node) = descend(object, known.path)?;
            let (path, metadata) = (known.path.to_owned(), template.get("metadata"));
            let (defaults, imageless) = (None, Imageless::Fault);
            vec![Source { node, path, defaults, metadata, imageless, kind: kind.kind, is_job: false }]
        }
    };
    let mut containers = 0;
    found.iter().try_for_each(|source| visit(&Subject::Pod(&Pod::read(source, model, &mut containers)?)))
}

/// The kind in the object must be that of the request, or the wrong fields would be read.
fn check_kind(object: &Node<'_>, kind: GroupKind<'_>) -> Result<(), Malformed> {
    let version = object.get("apiVersion").map(|version| version.as_str().unwrap_or_default());
    let group = version.map(|version| version.rsplit_once('/').map_or("", |(group, _)| group));
    let name = object.get("kind").map(|name| name.as_str().unwrap_or_default());
    if name.is_none_or(|name| name == kind.kind) && group.is_none_or(|group| group == kind.group) {
        return Ok(());
    }
    Err(Malformed::new("kind", format!("the object is not the {} that the request announces", kind.kind)))
}

/// The object at the end of `path`, each step of which must be there, and the one that it is a field of.
fn descend<'n, 'a>(object: &'n Node<'a>, path: &str) -> Result<(&'n Node<'a>, &'n Node<'a>), Malformed> {
    if !matches!(object, Node::Object(_)) {
        return Err(Malformed::new("", format!("the object is {}; it must be an object", object.kind())));
    }
    let (mut outer, mut node) = (object, object);
    let mut depth = 0_usize;
    for field in path.split('.').filter(|field| !field.is_empty()) {
        depth = depth.saturating_add(field.len());
        let found = node.get(field);
        let Some(object @ Node::Object(_)) = found else {
            let found = found.map_or("missing", Node::kind);
            let path = path.get(..depth).unwrap_or(path);
            return Err(Malformed::new(path, format!("{field} is {found}; it must be an object")));
        };
        (outer, node) = (node, object);
        depth = depth.saturating_add(1);
    }
    Ok((outer, node))
}

/// The way to a value.
enum Step<'s> {
    /// The object itself.
    Object,
    /// A field of what stands at the other end.
    Field(&'s Self, &'s str),
    /// An item of what stands there.
    Item(&'s Self, u32),
}

impl<'s> Step<'s> {
    fn path(&self) -> String {
        match self {
            Step::Object => String::new(),
            Step::Field(Step::Object, field) => (*field).to_owned(),
            Step::Field(before, field) => format!("{}.{field}", before.path()),
            Step::Item(before, index) => format!("{}[{index}]", before.path()),
        }
    }

    /// The last field, and the way to what it is a field of.
    fn field(&self) -> Option<(&Self, &'s str)> {
        match self {
            Step::Object => None,
            Step::Field(before, field) => Some((before, field)),
            Step::Item(before, _) => before.field(),
        }
    }

    /// Returns `true` if a field on the way satisfies `is`.
    fn any(&self, is: &dyn Fn(&str) -> bool) -> bool {
        self.field().is_some_and(|(before, field)| is(field) || before.any(is))
    }

    /// Returns `true` if there is a pod template, or the specification in it, here.
    fn is_template(&self) -> bool {
        let is = |field: &str| TEMPLATE_FIELDS.iter().any(|ending| field.ends_with(ending));
        let named = self.field().is_some_and(|(before, field)| {
            is(field) || field == "spec" && before.field().is_some_and(|(_, field)| is(field))
        });
        named
            && !self
                .any(&|field| PATCH_FIELDS.iter().any(|(begin, end)| field.starts_with(begin) || field.ends_with(end)))
    }
}

/// What counts for a pod specification and stands around it.
#[derive(Clone, Copy, Default)]
struct Around<'n> {
    /// The source of the fields that it does not set.
    defaults: Option<&'n Node<'n>>,
    /// The metadata beside it, if it is a `spec`.
    metadata: Option<&'n Node<'n>>,
}

/// The search for pod specifications in an object of unknown kind.
struct Search<'n> {
    kind: GroupKind<'n>,
    found: Vec<Source<'n>>,
}

impl<'n> Search<'n> {
    /// Collects the pod specifications in `node`.
    fn visit(&mut self, node: &'n Node<'n>, step: &Step<'_>, around: Around<'n>) -> Result<(), Malformed> {
        match node {
            Node::Object(fields) => {
                let (defaults, metadata) = (self.defaults(node).or(around.defaults), node.get("metadata"));
                let is_template = step.is_template();
                if Pod::stands_in(node, is_template) {
                    let is_spec = step.field().is_some_and(|(_, field)| field == "spec");
                    let around = Around { defaults, metadata: if is_spec { around.metadata } else { metadata } };
                    self.add(node, step, around, is_template)?;
                }
                fields.iter().try_for_each(|(key, value)| {
                    let around = Around { defaults, metadata: metadata.filter(|_| key == "spec") };
                    let is_searched = self.is_searched(step, key);
                    if is_searched { self.visit(value, &Step::Field(step, key), around) } else { Ok(()) }
                })
            }
            Node::List(items) => {
                let around = Around { metadata: None, ..around };
                items.iter().try_for_each(|(index, item)| self.visit(item, &Step::Item(step, *index), around))
            }
            _ => Ok(()),
        }
    }

    fn add(
        &mut self,
        node: &'n Node<'n>,
        step: &Step<'_>,
        Around { defaults, metadata }: Around<'n>,
        is_template: bool,
    ) -> Result<(), Malformed> {
        let path = step.path();
        if self.found.len() == MAX_TEMPLATES {
            let problem = format!("the object holds more than {MAX_TEMPLATES} pod templates");
            return Err(Malformed::new(path, problem));
        }
        let is_job = JOB_ENDINGS.iter().any(|ending| self.kind.kind.ends_with(ending))
            || step.any(&|field| JOB_FIELDS.iter().any(|ending| field.ends_with(ending)));
        let imageless = if is_template { Imageless::Filled } else { Imageless::Patch };
        self.found.push(Source { node, path, defaults, metadata, imageless, kind: self.kind.kind, is_job });
        Ok(())
    }

    /// The fields that the pod specifications inside of an object inherit from it: in Argo Workflows, `securityContext`
    /// and what stands beside it in a workflow; in Tekton, the `podTemplate` of a run.
    fn defaults(&self, node: &'n Node<'n>) -> Option<&'n Node<'n>> {
        match self.kind.group {
            "argoproj.io" => node.get("securityContext").map(|_| node),
            "tekton.dev" => node.get("podTemplate"),
            _ => None,
        }
    }

    /// Returns `true` if the content of a field will run.
    fn is_searched(&self, step: &Step<'_>, field: &str) -> bool {
        match self.kind.group {
            // The metadata of an object and its status.
            _ if matches!(step, Step::Object) && matches!(field, "metadata" | "status") => false,
            // What policies compare pods with. What they put into pods is searched.
            "kyverno.io" => !matches!(field, "pattern" | "anyPattern"),
            // Lists of what is allowed, and schemas.
            "apiextensions.k8s.io" | "auto.gke.io" | "constraints.gatekeeper.sh" | "templates.gatekeeper.sh" => false,
            _ => true,
        }
    }
}
