//! The AdmissionRequest that the API server would send for an object.

use serde_json::{Map, Value, json};

use crate::input::{Item, Object};
use crate::kinds;

/// What a module is asked to judge, and how to name it.
#[derive(Debug)]
pub(crate) struct Request {
    /// The AdmissionRequest.
    pub(crate) body: Value,
    /// The object, for the report.
    pub(crate) subject: Subject,
}

/// Which object was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    /// `apiVersion`, such as `apps/v1`.
    pub(crate) api_version: String,
    /// `kind`, such as `Deployment`.
    pub(crate) kind: String,
    /// Its namespace; empty when it has none.
    pub(crate) namespace: String,
    /// Its name; ends with `*` when the API server is to generate it, empty when it has none at all.
    pub(crate) name: String,
    /// `CREATE`, `UPDATE`, …
    pub(crate) operation: String,
    /// The line of its document.
    pub(crate) line: usize,
}

impl Request {
    /// The request for an item: the item itself, or the creation of its object.
    pub(crate) fn new(item: Item) -> Self {
        match item {
            Item::Object(object) => creation(object),
            Item::Request { request, line } => {
                Self { subject: subject_of(&request, line), body: Value::Object(request) }
            }
        }
    }
}

/// `kubectl create --dry-run=server` by a plain user.
fn creation(object: Object) -> Request {
    let Object { api_version, kind, mut body, line } = object;
    let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
    let known = kinds::kind(group, &kind);
    let name = metadata(&body, "name").to_owned();
    let namespace = match metadata(&body, "namespace") {
        // The request for a Namespace is in the namespace it makes.
        _ if group.is_empty() && kind == "Namespace" => name.clone(),
        _ if !known.namespaced => String::new(),
        "" => "default".to_owned(),
        given => given.to_owned(),
    };
    if known.namespaced
        && let Some(Value::Object(metadata)) = body.get_mut("metadata")
    {
        metadata.entry("namespace").or_insert_with(|| Value::String(namespace.clone()));
    }
    let subject = Subject {
        api_version: api_version.clone(),
        kind: kind.clone(),
        namespace: namespace.clone(),
        name: shown_name(&body),
        operation: "CREATE".to_owned(),
        line,
    };
    let gvk = json!({"group": group, "version": version, "kind": kind});
    let gvr = json!({"group": group, "version": version, "resource": known.resource});
    let body = json!({
        "uid": "00000000-0000-0000-0000-000000000000",
        "kind": gvk,
        "resource": gvr,
        "requestKind": gvk,
        "requestResource": gvr,
        "name": name,
        "namespace": namespace,
        "operation": "CREATE",
        "userInfo": {"username": "seaworthy", "groups": ["system:authenticated"]},
        "object": body,
        "oldObject": null,
        "dryRun": true,
        "options": {"apiVersion": "meta.k8s.io/v1", "kind": "CreateOptions"},
    });
    Request { body, subject }
}

/// How to name the object of a request that was given whole.
fn subject_of(request: &Map<String, Value>, line: usize) -> Subject {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let part = |part: &str| text(request.get("kind").and_then(|kind| kind.get(part)));
    let (group, version) = (part("group"), part("version"));
    let name = text(request.get("name"));
    Subject {
        api_version: if group.is_empty() { version } else { format!("{group}/{version}") },
        kind: part("kind"),
        namespace: text(request.get("namespace")),
        name: if name.is_empty() {
            request.get("object").and_then(Value::as_object).map(shown_name).unwrap_or_default()
        } else {
            name
        },
        operation: text(request.get("operation")),
        line,
    }
}

/// The name of an object, or `generateName` and a star.
fn shown_name(body: &Map<String, Value>) -> String {
    match (metadata(body, "name"), metadata(body, "generateName")) {
        ("", "") => String::new(),
        ("", prefix) => format!("{prefix}*"),
        (name, _) => name.to_owned(),
    }
}

/// A text of the metadata, empty when it is not there.
fn metadata<'a>(body: &'a Map<String, Value>, key: &str) -> &'a str {
    body.get("metadata").and_then(|metadata| metadata.get(key)).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(value: Value) -> Request {
        let Value::Object(body) = value else { panic!("an object") };
        let text = |key: &str| body.get(key).unwrap().as_str().unwrap().to_owned();
        Request::new(Item::Object(Object { api_version: text("apiVersion"), kind: text("kind"), body, line: 1 }))
    }

    #[test]
    fn a_manifest_becomes_the_request_of_its_creation() {
        let object =
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "cart", "namespace": "shop"}});
        let Request { body, subject } = request(object.clone());
        assert_eq!(
            body,
            json!({
                "uid": "00000000-0000-0000-0000-000000000000",
                "kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
                "resource": {"group": "apps", "version": "v1", "resource": "deployments"},
                "requestKind": {"group": "apps", "version": "v1", "kind": "Deployment"},
                "requestResource": {"group": "apps", "version": "v1", "resource": "deployments"},
                "name": "cart",
                "namespace": "shop",
                "operation": "CREATE",
                "userInfo": {"username": "seaworthy", "groups": ["system:authenticated"]},
                "object": object,
                "oldObject": null,
                "dryRun": true,
                "options": {"apiVersion": "meta.k8s.io/v1", "kind": "CreateOptions"},
            })
        );
        assert_eq!((subject.namespace.as_str(), subject.name.as_str()), ("shop", "cart"));
    }

    #[test]
    fn an_object_without_a_namespace_is_created_in_default() {
        let Request { body, .. } = request(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}));
        assert_eq!(body["namespace"], "default");
        assert_eq!(body["object"]["metadata"]["namespace"], "default");
    }

    #[test]
    fn an_object_of_the_cluster_has_no_namespace() {
        let role =
            json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "a"}});
        let Request { body, .. } = request(role.clone());
        assert_eq!((&body["namespace"], &body["object"]), (&json!(""), &role));
    }

    #[test]
    fn a_namespace_is_created_in_itself() {
        let Request { body, .. } =
            request(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}));
        assert_eq!((&body["namespace"], &body["name"]), (&json!("shop"), &json!("shop")));
    }

    #[test]
    fn a_generated_name_is_empty_in_the_request_and_starred_in_the_report() {
        let Request { body, subject } =
            request(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "job-"}}));
        assert_eq!(body["name"], "");
        assert_eq!(subject.name, "job-*");
    }

    #[test]
    fn metadata_that_is_no_object_is_left_to_the_policies() {
        let Request { body, subject } = request(json!({"apiVersion": "v1", "kind": "Pod", "metadata": 7}));
        assert_eq!((&body["object"]["metadata"], subject.name.as_str()), (&json!(7), ""));
    }

    #[test]
    fn a_whole_request_is_passed_on_unchanged() {
        let given = json!({"kind": {"group": "apps", "version": "v1", "kind": "Deployment"}, "operation": "UPDATE",
                           "namespace": "shop", "object": {"metadata": {"name": "cart"}}, "custom": 1});
        let Value::Object(map) = given.clone() else { panic!("an object") };
        let Request { body, subject } = Request::new(Item::Request { request: map, line: 9 });
        assert_eq!(body, given);
        assert_eq!(
            subject,
            Subject {
                api_version: "apps/v1".to_owned(),
                kind: "Deployment".to_owned(),
                namespace: "shop".to_owned(),
                name: "cart".to_owned(),
                operation: "UPDATE".to_owned(),
                line: 9,
            }
        );
    }
}
