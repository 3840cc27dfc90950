//! The request for an item, and its name in the report.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::admission::{AdmissionRequest, Operation};
use crate::kinds;
use crate::objects::{Item, Object};
use crate::places::Origin;
use crate::problem::Problem;

/// The group of every authenticated user.
const AUTHENTICATED: &str = "system:authenticated";

/// A request for a module to judge, with its name for the report.
#[derive(Debug)]
pub struct Request {
    /// The AdmissionRequest.
    pub body: Value,
    /// The object, for the report.
    pub subject: Subject,
    /// The origin of the object.
    pub origin: Origin,
}

/// The judged object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// `apiVersion`, such as `apps/v1`.
    pub api_version: String,
    /// `kind`, such as `Deployment`.
    pub kind: String,
    /// Its namespace; empty when it has none.
    pub namespace: String,
    /// Its name; ends with `*` when the API server is to generate it, empty when it has none at all.
    pub name: String,
    /// `CREATE`, `UPDATE`, …
    pub operation: String,
    /// The line that it begins on.
    pub line: usize,
    /// The template that it was rendered from, according to Helm.
    pub template: Option<String>,
}

/// The way of the objects to the cluster.
#[derive(Debug)]
pub struct Context {
    operation: Operation,
    namespace: String,
    user: Value,
    /// The objects as they are in the cluster.
    old: BTreeMap<Identity, Map<String, Value>>,
}

/// The identity of an object in two manifests: group, kind, namespace and name.
type Identity = (String, String, String, String);

impl Context {
    /// A context without old objects, in which objects that name no namespace belong to this one.
    #[must_use]
    pub fn new(operation: Operation, namespace: &str, user: &str, groups: &[String]) -> Self {
        let mut groups = groups.to_vec();
        if !groups.iter().any(|group| group == AUTHENTICATED) {
            groups.push(AUTHENTICATED.to_owned());
        }
        let user = json!({"username": user, "groups": groups});
        Self { operation, namespace: namespace.to_owned(), user, old: BTreeMap::new() }
    }

    /// Adds an object as it is in the cluster, for an UPDATE.
    ///
    /// # Errors
    ///
    /// It is an admission request.
    pub fn add_old(&mut self, item: Item) -> Result<(), Problem> {
        match item {
            Item::Object(mut object) => {
                let identity = self.place(&mut object);
                self.old.insert(identity, object.body);
                Ok(())
            }
            Item::Request { origin, .. } => {
                Err(Problem::new("an admission request is not an old object; name a manifest").at(origin.line, 1))
            }
        }
    }

    /// The request for an item: the item itself, or what is done with its object.
    ///
    /// # Errors
    ///
    /// The object is to be updated, and the old one is not known.
    pub fn request(&self, item: Item) -> Result<Request, Problem> {
        match item {
            Item::Object(object) => self.submit(object),
            Item::Request { request, origin } => {
                Ok(Request { subject: subject_of(&request, &origin), body: Value::Object(request), origin })
            }
        }
    }

    /// `kubectl create --dry-run=server`, or its like for another operation.
    fn submit(&self, mut object: Object) -> Result<Request, Problem> {
        let identity = self.place(&mut object);
        let (_, kind, namespace, name) = &identity;
        let Object { api_version, body, origin, .. } = object;
        let subject = Subject {
            api_version: api_version.clone(),
            kind: kind.clone(),
            namespace: namespace.clone(),
            name: shown_name(&body),
            operation: self.operation.name().to_owned(),
            line: origin.line,
            template: origin.template.clone(),
        };
        let (object, old_object) = match self.operation {
            Operation::Create => (Value::Object(body), Value::Null),
            Operation::Delete => (Value::Null, Value::Object(body)),
            Operation::Update => {
                let old = self.old.get(&identity).ok_or_else(|| {
                    let slash = if namespace.is_empty() { "" } else { "/" };
                    let problem = format!(
                        "{kind} {namespace}{slash}{name} is not in the file of --old; add it as it is in the cluster, \
                         or judge what is new without --old"
                    );
                    Problem::new(problem).at(origin.line, 1)
                })?;
                (Value::Object(body), Value::Object(old.clone()))
            }
        };
        let (_, kind, namespace, name) = identity;
        let request = AdmissionRequest {
            operation: self.operation,
            api_version,
            kind,
            name,
            namespace,
            user: self.user.clone(),
            object,
            old_object,
            dry_run: true,
        };
        Ok(Request { body: request.into_json(), subject, origin })
    }

    /// The identity of an object for the API server; writes the namespace into it as the server does.
    fn place(&self, Object { api_version, kind, body, .. }: &mut Object) -> Identity {
        let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
        let known = kinds::kind(group, kind);
        let name = metadata(body, "name").to_owned();
        let namespace = match metadata(body, "namespace") {
            // The request for a Namespace is in the namespace it makes.
            _ if group.is_empty() && kind == "Namespace" => name.clone(),
            _ if !known.namespaced => String::new(),
            "" => self.namespace.clone(),
            given => given.to_owned(),
        };
        if known.namespaced
            && let Some(Value::Object(metadata)) = body.get_mut("metadata")
        {
            metadata.entry("namespace").or_insert_with(|| Value::String(namespace.clone()));
        }
        (group.to_owned(), kind.clone(), namespace, name)
    }
}

/// The name of the object of a request that was given whole.
fn subject_of(request: &Map<String, Value>, origin: &Origin) -> Subject {
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
        line: origin.line,
        template: origin.template.clone(),
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

    fn context(operation: Operation) -> Context {
        Context {
            operation,
            namespace: "default".to_owned(),
            user: json!({"username": "seaworthy", "groups": [AUTHENTICATED]}),
            old: BTreeMap::new(),
        }
    }

    fn object(value: Value) -> Object {
        let text = |key: &str| value[key].as_str().unwrap().to_owned();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        let Value::Object(body) = value else { panic!("an object") };
        Object { api_version, kind, body, origin: Origin::default() }
    }

    fn request(value: Value) -> Request {
        context(Operation::Create).request(Item::Object(object(value))).unwrap()
    }

    #[test]
    fn a_manifest_becomes_the_request_of_its_creation() {
        let object =
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "cart", "namespace": "shop"}});
        let Request { body, subject, .. } = request(object.clone());
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
        let Request { body, subject, .. } =
            request(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "job-"}}));
        assert_eq!(body["name"], "");
        assert_eq!(subject.name, "job-*");
    }

    #[test]
    fn metadata_that_is_no_object_is_left_to_the_policies() {
        let Request { body, subject, .. } = request(json!({"apiVersion": "v1", "kind": "Pod", "metadata": 7}));
        assert_eq!((&body["object"]["metadata"], subject.name.as_str()), (&json!(7), ""));
    }

    #[test]
    fn a_whole_request_is_passed_on_unchanged() {
        let given = json!({"kind": {"group": "apps", "version": "v1", "kind": "Deployment"}, "operation": "UPDATE",
                           "namespace": "shop", "object": {"metadata": {"name": "cart"}}, "custom": 1});
        let Value::Object(map) = given.clone() else { panic!("an object") };
        let mut origin = Origin::default();
        origin.line = 9;
        let item = Item::Request { request: map, origin };
        let Request { body, subject, .. } = context(Operation::Create).request(item).unwrap();
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
                template: None,
            }
        );
    }

    #[test]
    fn an_update_carries_the_old_object_of_the_same_group_kind_namespace_and_name() {
        let mut context = context(Operation::Update);
        let version = |version: &str, replicas: u64| {
            json!({"apiVersion": format!("apps/{version}"), "kind": "Deployment",
                   "metadata": {"name": "cart"}, "replicas": replicas})
        };
        let old = object(version("v1beta1", 1));
        context.add_old(Item::Object(old)).unwrap();
        let Request { body, subject, .. } = context.request(Item::Object(object(version("v1", 2)))).unwrap();
        assert_eq!((&body["object"]["replicas"], &body["oldObject"]["replicas"]), (&json!(2), &json!(1)));
        assert_eq!((&body["operation"], &body["options"]["kind"]), (&json!("UPDATE"), &json!("UpdateOptions")));
        assert_eq!(subject.operation, "UPDATE");
        let other =
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "cart", "namespace": "b"}});
        let problem = context.request(Item::Object(object(other))).unwrap_err();
        assert!(problem.message.starts_with("Deployment b/cart is not in the file of --old; add it"), "{problem:?}");
    }

    #[test]
    fn a_deletion_has_only_an_old_object() {
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "b"}});
        let Request { body, .. } = context(Operation::Delete).request(Item::Object(object(pod.clone()))).unwrap();
        assert_eq!((&body["object"], &body["oldObject"]), (&Value::Null, &pod));
        assert_eq!((&body["operation"], &body["options"]["kind"]), (&json!("DELETE"), &json!("DeleteOptions")));
    }

    #[test]
    fn the_namespace_is_that_of_objects_that_name_none() {
        let context = Context { namespace: "shop".to_owned(), ..context(Operation::Create) };
        let pod = |metadata: Value| object(json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata}));
        let namespace = |object| context.request(Item::Object(object)).unwrap().body["namespace"].clone();
        assert_eq!(namespace(pod(json!({"name": "a"}))), "shop");
        assert_eq!(namespace(pod(json!({"name": "a", "namespace": "b"}))), "b");
    }

    #[test]
    fn the_user_is_in_the_group_of_everybody_once() {
        let groups = |groups: &[&str]| {
            let groups: Vec<String> = groups.iter().map(ToString::to_string).collect();
            let context = Context::new(Operation::Create, "shop", "ann", &groups);
            let pod = object(json!({"apiVersion": "v1", "kind": "Pod"}));
            context.request(Item::Object(pod)).unwrap().body["userInfo"].clone()
        };
        assert_eq!(groups(&["dev"]), json!({"username": "ann", "groups": ["dev", AUTHENTICATED]}));
        assert_eq!(groups(&[AUTHENTICATED]), json!({"username": "ann", "groups": [AUTHENTICATED]}));
    }
}
