//! The objects of a cluster, as far as manifests hold them: the answers to questions about Kubernetes.
//!
//! Source: `callback_handler/kubernetes` of Kubewarden's policy-evaluator.

mod mask;
mod selector;

use std::collections::BTreeSet;

use manifests::kinds;
use serde_json::{Map, Value, json};

use self::mask::Mask;
use self::selector::Selector;
use crate::failure::Failure;
use crate::question::Question;

/// The annotation that lists leave out.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Objects of a cluster.
#[derive(Debug, Default)]
pub struct Cluster(Vec<Known>);

/// An object.
#[derive(Debug)]
struct Known {
    api_version: String,
    kind: String,
    namespace: Option<String>,
    body: Map<String, Value>,
}

/// What a list is about.
struct Wanted<'q> {
    api_version: &'q str,
    kind: &'q str,
    namespace: Option<&'q str>,
    label_selector: Option<&'q String>,
    field_selector: Option<&'q String>,
    field_masks: Option<&'q BTreeSet<String>>,
}

impl Cluster {
    /// The objects of manifests; of one that is there twice, the first. `namespace` is that of objects that do not set one.
    pub fn new<'o>(objects: impl Iterator<Item = &'o manifests::Object>, namespace: &str) -> Self {
        let mut seen = BTreeSet::new();
        let known = objects.filter_map(|object| {
            let mut body = object.body.clone();
            let place = if is_namespaced(&object.api_version, &object.kind) {
                let metadata = body.entry("metadata").or_insert_with(|| json!({}));
                let own = metadata.get("namespace").and_then(Value::as_str).filter(|own| !own.is_empty());
                let place = own.unwrap_or(namespace).to_owned();
                if let Some(metadata) = metadata.as_object_mut() {
                    metadata.insert("namespace".to_owned(), place.as_str().into());
                }
                Some(place)
            } else {
                None
            };
            let (api_version, kind) = (object.api_version.clone(), object.kind.clone());
            let name = field(&body, "metadata.name").map(str::to_owned);
            let is_new = seen.insert((api_version.clone(), kind.clone(), place.clone(), name));
            is_new.then_some(Known { api_version, kind, namespace: place, body })
        });
        Self(known.collect())
    }

    /// The answer to a question about objects; `None` for another question.
    pub(crate) fn answer(&self, question: &Question) -> Option<Result<Vec<u8>, Failure>> {
        let answer = match question {
            Question::KubernetesGetResource { api_version, kind, name, namespace, field_masks, .. } => {
                self.get(api_version, kind, name, namespace.as_deref(), field_masks.as_ref())
            }
            Question::KubernetesListResourceNamespace {
                api_version,
                kind,
                namespace,
                label_selector,
                field_selector,
                field_masks,
            } => {
                let (label_selector, field_selector) = (label_selector.as_ref(), field_selector.as_ref());
                let (namespace, field_masks) = (Some(namespace.as_str()), field_masks.as_ref());
                self.list(&Wanted { api_version, kind, namespace, label_selector, field_selector, field_masks })
            }
            Question::KubernetesListResourceAll { api_version, kind, label_selector, field_selector, field_masks } => {
                let (label_selector, field_selector) = (label_selector.as_ref(), field_selector.as_ref());
                let field_masks = field_masks.as_ref();
                self.list(&Wanted { api_version, kind, namespace: None, label_selector, field_selector, field_masks })
            }
            _ => return None,
        };
        Some(answer.map(|answer| answer.to_string().into_bytes()).map_err(Failure::new))
    }

    /// One object.
    fn get(
        &self,
        api_version: &str,
        kind: &str,
        name: &str,
        namespace: Option<&str>,
        masks: Option<&BTreeSet<String>>,
    ) -> Result<Value, String> {
        self.require_kind(api_version, kind)?;
        let namespaced = is_namespaced(api_version, kind);
        if namespaced && namespace.is_none() {
            return Err(format!("Resource {api_version}/{kind} is namespaced, but no namespace was provided"));
        }
        let place = namespace.filter(|_| namespaced);
        let mut named = self.of_kind(api_version, kind).filter(|known| known.namespace.as_deref() == place);
        let found = named.find(|known| field(&known.body, "metadata.name") == Some(name)).ok_or_else(|| {
            format!("Cannot find {api_version}/{kind} named '{name}' inside of namespace '{namespace:?}'")
        })?;
        let mut object = found.body.clone();
        if let Some(masks) = masks {
            Mask::new(masks).prune_object(&mut object);
        }
        Ok(Value::Object(object))
    }

    /// The objects of a kind.
    fn list(&self, wanted: &Wanted<'_>) -> Result<Value, String> {
        let Wanted { api_version, kind, namespace, .. } = *wanted;
        self.require_kind(api_version, kind)?;
        if namespace.is_some() && !is_namespaced(api_version, kind) {
            return Err(format!(
                "resource {api_version}/{kind} is cluster wide. Cannot search for it inside of a namespace"
            ));
        }
        let labels = wanted.label_selector.map(|text| Selector::of_labels(text)).transpose()?;
        let fields = wanted.field_selector.map(|text| Selector::of_fields(text)).transpose()?;
        let mask = wanted.field_masks.map(Mask::new).unwrap_or_default();
        let chosen = self.of_kind(api_version, kind).filter(|known| {
            let label = |key: &str| known.body.get("metadata")?.get("labels")?.get(key)?.as_str();
            namespace.is_none_or(|namespace| known.namespace.as_deref() == Some(namespace))
                && labels.as_ref().is_none_or(|labels| labels.holds(label))
                && fields
                    .as_ref()
                    .is_none_or(|fields| fields.holds(|key| Some(field(&known.body, key).unwrap_or_default())))
        });
        let items = chosen.map(|known| {
            let mut object = known.body.clone();
            trim(&mut object);
            mask.prune_object(&mut object);
            object
        });
        let items: Vec<_> = items.collect();
        Ok(json!({"apiVersion": api_version, "kind": format!("{kind}List"), "metadata": {}, "items": items}))
    }

    fn of_kind(&self, api_version: &str, kind: &str) -> impl Iterator<Item = &Known> {
        self.0.iter().filter(move |known| (known.api_version.as_str(), known.kind.as_str()) == (api_version, kind))
    }

    /// Refuses a kind that the cluster does not seem to have: neither built in, nor defined, nor that of an object.
    fn require_kind(&self, api_version: &str, kind: &str) -> Result<(), String> {
        let group = group(api_version);
        let is_defined = || {
            let definitions = self.0.iter().filter(|known| known.kind == "CustomResourceDefinition");
            let mut definitions =
                definitions.map(|known| (field(&known.body, "spec.group"), field(&known.body, "spec.names.kind")));
            definitions.any(|definition| definition == (Some(group), Some(kind)))
        };
        if kinds::is_built_in(group, kind) || self.of_kind(api_version, kind).next().is_some() || is_defined() {
            return Ok(());
        }
        Err(format!("Cannot find resource {api_version}/{kind}"))
    }
}

/// The group of an `apiVersion`; that of the core is empty.
fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

fn is_namespaced(api_version: &str, kind: &str) -> bool {
    kinds::kind(group(api_version), kind).namespaced
}

/// The text at a path of fields.
fn field<'o>(object: &'o Map<String, Value>, path: &str) -> Option<&'o str> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let value = object.get(first)?;
    match rest {
        Some(rest) => field(value.as_object()?, rest),
        None => value.as_str(),
    }
}

/// Takes away what lists do not hold.
fn trim(object: &mut Map<String, Value>) {
    let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    metadata.remove("managedFields");
    if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
        annotations.remove(LAST_APPLIED);
    }
}

#[cfg(test)]
mod tests {
    use manifests::Item;

    use super::*;

    const MANIFESTS: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  labels: {app: web}
  annotations: {kubectl.kubernetes.io/last-applied-configuration: '{}', team: a}
  managedFields: [{manager: kubectl}]
spec: {nodeName: one, containers: [{name: a, image: x}]}
---
apiVersion: v1
kind: Pod
metadata: {name: api}
spec: {nodeName: two}
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: one}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.example.com}
spec: {group: example.com, names: {kind: Gadget}}
";

    fn ask(question: &Value) -> Result<Value, String> {
        let items: Vec<_> = manifests::items(MANIFESTS).into_iter().map(Result::unwrap).collect();
        let objects = items.iter().filter_map(|item| match item {
            Item::Object(object) => Some(object),
            Item::Request { .. } => None,
        });
        let cluster = Cluster::new(objects, "default");
        let question = serde_json::from_value(question.clone()).unwrap();
        let answer = cluster.answer(&question).unwrap();
        answer.map(|bytes| serde_json::from_slice(&bytes).unwrap()).map_err(|failure| failure.to_string())
    }

    fn get(api_version: &str, kind: &str, name: &str, namespace: Option<&str>) -> Result<Value, String> {
        ask(&json!({"KubernetesGetResource": {
            "api_version": api_version, "kind": kind, "name": name, "namespace": namespace, "disable_cache": true,
        }}))
    }

    /// The names of the objects in a list.
    fn names(api_version: &str, kind: &str, labels: Option<&str>, fields: Option<&str>) -> Result<Vec<String>, String> {
        let list = ask(&json!({"KubernetesListResourceAll": {
            "api_version": api_version, "kind": kind, "label_selector": labels, "field_selector": fields,
        }}))?;
        assert_eq!(list["kind"], format!("{kind}List"));
        let items = list["items"].as_array().unwrap().iter();
        Ok(items.map(|item| item["metadata"]["name"].as_str().unwrap().to_owned()).collect())
    }

    #[test]
    fn an_object_is_found_by_kind_name_and_namespace() {
        assert_eq!(get("v1", "Pod", "web", Some("shop")).unwrap()["spec"]["nodeName"], "one");
        assert_eq!(get("v1", "Pod", "api", Some("default")).unwrap()["metadata"]["namespace"], "default");
        assert_eq!(get("v1", "Namespace", "shop", None).unwrap()["metadata"], json!({"name": "shop"}));
        assert_eq!(get("example.com/v1", "Widget", "one", Some("default")).unwrap()["kind"], "Widget");
    }

    #[test]
    fn what_is_not_there_is_an_error_in_the_words_of_kubewarden() {
        for (answer, reason) in [
            (
                get("v1", "Pod", "web", Some("bank")),
                "Cannot find v1/Pod named 'web' inside of namespace 'Some(\"bank\")'",
            ),
            (get("v1", "Namespace", "bank", None), "Cannot find v1/Namespace named 'bank' inside of namespace 'None'"),
            (get("v1", "Pod", "web", None), "Resource v1/Pod is namespaced, but no namespace was provided"),
            (get("example.com/v1", "Gizmo", "a", Some("b")), "Cannot find resource example.com/v1/Gizmo"),
        ] {
            assert_eq!(answer.unwrap_err(), reason);
        }
        let of_cluster = ask(&json!({"KubernetesListResourceNamespace": {
            "api_version": "v1", "kind": "Namespace", "namespace": "shop",
        }}));
        let reason = "resource v1/Namespace is cluster wide. Cannot search for it inside of a namespace";
        assert_eq!(of_cluster.unwrap_err(), reason);
    }

    #[test]
    fn a_list_holds_the_objects_that_are_selected() {
        assert_eq!(names("v1", "Pod", None, None).unwrap(), ["web", "api"]);
        assert_eq!(names("v1", "Pod", Some("app=web"), None).unwrap(), ["web"]);
        assert_eq!(names("v1", "Pod", Some("app notin (web)"), Some("spec.nodeName=two")).unwrap(), ["api"]);
        assert_eq!(names("v1", "Pod", None, Some("metadata.namespace=shop")).unwrap(), ["web"]);
        assert_eq!(names("v1", "Secret", None, None).unwrap(), [""; 0]);
        assert_eq!(names("example.com/v1", "Gadget", None, None).unwrap(), [""; 0]);
        assert_eq!(names("v1", "Pod", Some("a b"), None).unwrap_err(), "unable to parse requirement: a b");
    }

    #[test]
    fn a_list_leaves_out_what_a_policy_server_leaves_out() {
        let list = ask(&json!({"KubernetesListResourceNamespace": {
            "api_version": "v1", "kind": "Pod", "namespace": "shop", "field_masks": ["spec.containers.image"],
        }}));
        let metadata = json!({
            "name": "web", "namespace": "shop", "labels": {"app": "web"}, "annotations": {"team": "a"},
        });
        let item = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [{"image": "x"}]},
        });
        let expected = json!({"apiVersion": "v1", "kind": "PodList", "metadata": {}, "items": [item]});
        assert_eq!(list.unwrap(), expected);
        assert!(get("v1", "Pod", "web", Some("shop")).unwrap()["metadata"]["managedFields"].is_array());
    }
}
