//! The envelope of a call: an AdmissionRequest and the settings of the policy.
//!
//! Source: Kubernetes API, admission.k8s.io/v1 AdmissionRequest; Kubewarden, "Writing validating policies".

use std::cell::OnceCell;

use crate::kinds::{GroupKind, Kinds};
use crate::malformed::Malformed;
use crate::pod::Model;
use crate::workload::{self, KNOWN, UNKNOWN};
use json::{Node, Shape};

use Shape::{List, Object, Raw, Scalar};

/// The fields of the payload that are read, and what is kept of an object of a known kind.
const PAYLOAD: Shape = Object(&[
    (
        "request",
        Object(&[
            ("kind", Object(&[("group", Scalar), ("kind", Scalar)])),
            ("namespace", Scalar),
            ("object", KNOWN),
            ("oldObject", Raw),
            ("operation", Scalar),
            ("subResource", Scalar),
            ("userInfo", Object(&[("groups", List(&Scalar)), ("username", Scalar)])),
        ]),
    ),
    ("settings", Raw),
]);

/// The fields that a second pass keeps of an object of unknown kind.
const UNKNOWN_OBJECT: Shape = Object(&[("request", Object(&[("object", UNKNOWN)]))]);

/// The maximum nesting of an object that is judged as it is.
const MAX_DEPTH: u8 = 16;

/// The fields that a second pass keeps of an object that is judged as it is.
const WHOLE_OBJECT: Shape = Object(&[("request", Object(&[("object", Shape::Everything(MAX_DEPTH))]))]);

/// The payload of `validate`, read as far as it is judged.
#[derive(Debug)]
pub(crate) struct Payload<'a> {
    text: &'a str,
    node: Node<'a>,
    model: &'a Model,
    /// The fields that a second pass keeps of an object of unknown kind.
    again: OnceCell<Node<'a>>,
}

impl<'a> Payload<'a> {
    /// Reads the text of a payload.
    pub(crate) fn read(text: &'a str, model: &'a Model) -> Result<Self, Malformed> {
        Ok(Self { text, node: read(text, PAYLOAD, model)?, model, again: OnceCell::new() })
    }

    /// The JSON text of the settings.
    pub(crate) fn settings(&self) -> Option<&'a str> {
        raw(&self.node, "settings")
    }

    /// Reads the request to a module that judges objects of these kinds as they are.
    pub(crate) fn request(&self, kinds: &Kinds) -> Result<Request<'_>, Malformed> {
        let mut request = Request::read(&self.node, self.model)?;
        if request.is_judged() && request.kind.known().is_none() {
            request.is_whole = kinds.has(request.kind);
            let shape = if request.is_whole { WHOLE_OBJECT } else { UNKNOWN_OBJECT };
            let payload = read(self.text, shape, self.model)?;
            request.object = object(self.again.get_or_init(|| payload));
        }
        Ok(request)
    }
}

/// Reads the text of a payload as far as the shape keeps it.
fn read<'a>(text: &'a str, shape: Shape, model: &Model) -> Result<Node<'a>, Malformed> {
    Node::read(text, shape, &model.table)
        .map_err(|error| Malformed::new("", format!("the request cannot be read: {error}")))
}

/// The operation on the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Create,
    Update,
    Delete,
    Connect,
}

/// An AdmissionRequest as far as policies need it.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub(crate) operation: Operation,
    pub(crate) kind: GroupKind<'a>,
    pub(crate) sub_resource: &'a str,
    /// Empty for an object without a namespace.
    pub(crate) namespace: &'a str,
    pub(crate) user: &'a str,
    pub(crate) groups: Vec<&'a str>,
    /// The object, read by the shape of its kind; null when there is none to judge.
    pub(crate) object: &'a Node<'a>,
    /// The object is judged as it is.
    pub(crate) is_whole: bool,
    /// The fields of a pod that the module reads.
    pub(crate) model: &'a Model,
    /// The text of the object before the operation; present on UPDATE and DELETE.
    old_object: Option<&'a str>,
}

/// Subresources that carry no pod, or none that a user wrote. Any other is judged, so that one which a future version
/// of Kubernetes brings does not slip through.
///
/// Source: kubernetes/pod-security-admission, `ignoredPodSubresources`; here with those of the controllers.
const IGNORED_SUB_RESOURCES: [&str; 9] =
    ["attach", "binding", "eviction", "exec", "log", "portforward", "proxy", "scale", "status"];

impl<'a> Request<'a> {
    /// Reads the request out of the payload.
    fn read(payload: &'a Node<'a>, model: &'a Model) -> Result<Self, Malformed> {
        let request = payload.get("request").ok_or_else(|| Malformed::new("", "the payload holds no request"))?;
        let kind = request.get("kind").ok_or_else(|| missing("kind"))?;
        let user = request.get("userInfo").unwrap_or(&Node::Null);
        let operation = match text(request, "operation")? {
            "CREATE" => Operation::Create,
            "UPDATE" => Operation::Update,
            "DELETE" => Operation::Delete,
            "CONNECT" => Operation::Connect,
            _ => return Err(missing("operation")),
        };
        let kind = match text(kind, "kind")? {
            "" => return Err(missing("kind")),
            name => GroupKind { group: text(kind, "group")?, kind: name },
        };
        let request = Self {
            operation,
            kind,
            sub_resource: text(request, "subResource")?,
            namespace: text(request, "namespace")?,
            user: text(user, "username")?,
            groups: groups(user),
            object: object(payload),
            is_whole: false,
            model,
            old_object: raw(request, "oldObject"),
        };
        if request.is_judged() && matches!(request.object, Node::Null) {
            return Err(Malformed::new("", "the request has no object"));
        }
        Ok(request)
    }

    /// The owner that controls the object, as the object claims: its group and kind, and its name.
    pub(crate) fn owner(&self) -> Option<(GroupKind<'a>, &'a str)> {
        let Node::List(owners) = self.object.get("metadata")?.get("ownerReferences")? else { return None };
        let mut controlling = owners.iter().filter(|(_, owner)| owner.get("controller") == Some(&Node::Bool(true)));
        let (_, owner) = controlling.next()?;
        let text = |field| owner.get(field).and_then(Node::as_str);
        let group = text("apiVersion")?.rsplit_once('/').map_or("", |(group, _)| group);
        Some((GroupKind { group, kind: text("kind")? }, text("name").unwrap_or_default()))
    }

    /// The object before the operation, read by the shape of its kind; none when there was none or it cannot be read.
    pub(crate) fn old_object(&self) -> Option<Node<'a>> {
        let shape = if self.is_whole { Shape::Everything(MAX_DEPTH) } else { workload::shape(self.kind) };
        Node::read(self.old_object?, shape, &self.model.table).ok()
    }

    /// Returns `true` if the operation brings an object that policies judge.
    pub(crate) fn is_judged(&self) -> bool {
        matches!(self.operation, Operation::Create | Operation::Update)
            && !IGNORED_SUB_RESOURCES.contains(&self.sub_resource)
    }
}

/// The text in a field; empty when it is absent.
fn text<'a>(node: &'a Node<'a>, field: &'static str) -> Result<&'a str, Malformed> {
    match node.get(field) {
        None => Ok(""),
        Some(value) => value.as_str().ok_or_else(|| missing(field)),
    }
}

/// The object of the request in the payload.
fn object<'a>(payload: &'a Node<'a>) -> &'a Node<'a> {
    payload.get("request").and_then(|request| request.get("object")).unwrap_or(&Node::Null)
}

/// The text of the JSON in a field.
fn raw<'a>(node: &Node<'a>, field: &str) -> Option<&'a str> {
    match node.get(field) {
        Some(Node::Raw(text)) => Some(text),
        _ => None,
    }
}

fn missing(field: &str) -> Malformed {
    Malformed::new("", format!("the request has no valid {field}"))
}

/// The groups of the user. They only ever exempt, so one that cannot be read is none.
fn groups<'a>(user: &'a Node<'a>) -> Vec<&'a str> {
    match user.get("groups") {
        Some(Node::List(groups)) => groups.iter().filter_map(|(_, group)| group.as_str()).collect(),
        _ => Vec::new(),
    }
}
