//! The requests that a policy judges, as the API server decides it.
//!
//! Source: `Matcher` of `k8s.io/apiserver/pkg/admission/plugin/webhook/predicates`. What is not known counts as a match,
//! so that nothing escapes a policy unseen.

use std::collections::BTreeMap;

use manifests::{Item, Problem, kinds};
use serde::Deserialize;
use serde_json::Value;

/// The label that every namespace has: its name.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// The labels of an object.
type Labels = BTreeMap<String, String>;

/// The requests that a policy judges; by default all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Scope {
    /// The resources and operations; `None` stands for all.
    pub(crate) rules: Option<Vec<Rule>>,
    /// The only namespace, for a policy that lives in one.
    pub(crate) namespace: Option<String>,
    /// Chooses namespaces by their labels.
    pub(crate) namespaces: Selector,
    /// Chooses objects by their labels, before or after the request.
    pub(crate) objects: Selector,
}

/// Resources and operations of a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Rule {
    /// Their names.
    #[serde(flatten)]
    pub(crate) what: host::Rule,
    /// `Namespaced`, `Cluster` or `*`.
    pub(crate) scope: Option<String>,
}

/// A selector of labels; empty, it selects everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Selector {
    match_labels: Labels,
    match_expressions: Vec<Requirement>,
}

/// The condition for a label.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Requirement {
    key: String,
    operator: Operator,
    #[serde(default)]
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

/// The value of a label, if known.
enum Label<'l> {
    Is(&'l str),
    Absent,
    Unknown,
}

/// The labels of the namespaces that the input holds.
#[derive(Debug, Default)]
pub(crate) struct Namespaces(BTreeMap<String, Labels>);

impl Namespaces {
    /// Collects the namespaces among what was read.
    pub(crate) fn of<'i>(items: impl Iterator<Item = &'i Result<Item, Problem>>) -> Self {
        let objects = items.filter_map(|item| match item {
            Ok(Item::Object(object)) if object.api_version == "v1" && object.kind == "Namespace" => Some(object),
            _ => None,
        });
        Self(
            objects
                .filter_map(|object| {
                    let name = object.body.get("metadata")?.get("name")?.as_str()?;
                    Some((name.to_owned(), labels(object.body.get("metadata"))))
                })
                .collect(),
        )
    }

    /// The value of a label of a namespace, if known.
    fn label<'l>(&'l self, namespace: &'l str, key: &str) -> Label<'l> {
        if key == NAME_LABEL {
            return Label::Is(namespace);
        }
        self.0.get(namespace).map_or(Label::Unknown, |labels| look_up(labels, key))
    }
}

impl Scope {
    /// Returns `true` if the policy judges a request.
    pub(crate) fn holds(&self, request: &Value, namespaces: &Namespaces) -> bool {
        let namespace = text(request, "/namespace").unwrap_or_default();
        self.rules.as_ref().is_none_or(|rules| rules.iter().any(|rule| rule.holds(request)))
            && self.namespace.as_ref().is_none_or(|only| only == namespace)
            && self.namespace_fits(request, namespaces) != Some(false)
            && self.object_fits(request)
    }

    /// Returns `true` if the policy depends on labels of a namespace that the input does not contain.
    pub(crate) fn wants_to_know(&self, namespace: &str, namespaces: &Namespaces) -> bool {
        !namespace.is_empty() && self.namespaces.selects(|key| namespaces.label(namespace, key)).is_none()
    }

    /// Returns `true` if the policy selects the namespace; `None` when unknown.
    ///
    /// A Namespace is chosen by its own labels, and other objects of the cluster are never left out.
    fn namespace_fits(&self, request: &Value, namespaces: &Namespaces) -> Option<bool> {
        if is_namespace(request) {
            let name = text(request, "/name").unwrap_or_default();
            let own = labels(request.pointer("/object/metadata"));
            let label = |key: &str| if key == NAME_LABEL { Label::Is(name) } else { look_up(&own, key) };
            return self.namespaces.selects(label);
        }
        match text(request, "/namespace") {
            None | Some("") => Some(true),
            Some(namespace) => self.namespaces.selects(|key| namespaces.label(namespace, key)),
        }
    }

    fn object_fits(&self, request: &Value) -> bool {
        self.objects == Selector::default()
            || ["/object", "/oldObject"].iter().filter_map(|place| request.pointer(place)).any(|object| {
                let labels = labels(object.get("metadata"));
                object.is_object() && self.objects.selects(|key| look_up(&labels, key)) != Some(false)
            })
    }
}

impl Rule {
    /// Returns `true` if the rule names the resource and the operation of a request.
    fn holds(&self, request: &Value) -> bool {
        let what = &self.what;
        let group = text(request, "/resource/group").or_else(|| text(request, "/kind/group"));
        let version = text(request, "/resource/version").or_else(|| text(request, "/kind/version"));
        lists(&what.api_groups, group)
            && lists(&what.api_versions, version)
            && lists(&what.operations, text(request, "/operation"))
            && self.names_resource(request, group)
            && self.has_scope(request)
    }

    fn names_resource(&self, request: &Value, group: Option<&str>) -> bool {
        let subresource = text(request, "/subResource").unwrap_or_default();
        let mut resources: Vec<String> = Vec::new();
        resources.extend(text(request, "/resource/resource").map(str::to_owned));
        if let Some(kind) = text(request, "/kind/kind") {
            resources.extend(kinds::plurals(group.unwrap_or_default(), kind));
        }
        resources.is_empty()
            || self.what.resources.iter().any(|pattern| {
                let (resource, sub) = pattern.split_once('/').unwrap_or((pattern, ""));
                (resource == "*" || resources.iter().any(|known| known == resource))
                    && (sub == "*" || sub == subresource)
            })
    }

    fn has_scope(&self, request: &Value) -> bool {
        let of_cluster = is_namespace(request) || text(request, "/namespace").unwrap_or_default().is_empty();
        match self.scope.as_deref() {
            Some("Namespaced") => !of_cluster,
            Some("Cluster") => of_cluster,
            _ => true,
        }
    }
}

impl Selector {
    /// Returns `true` if the labels match; `None` when that depends on an unknown label.
    fn selects<'l>(&self, label: impl Fn(&str) -> Label<'l>) -> Option<bool> {
        let by_value = self.match_labels.iter().map(|(key, value)| match label(key) {
            Label::Is(found) => Some(found == value),
            Label::Absent => Some(false),
            Label::Unknown => None,
        });
        let by_expression = self.match_expressions.iter().map(|requirement| {
            let listed = |found: &str| requirement.values.iter().any(|value| value == found);
            match (requirement.operator, label(&requirement.key)) {
                (_, Label::Unknown) => None,
                (Operator::In, Label::Is(found)) => Some(listed(found)),
                (Operator::NotIn, Label::Is(found)) => Some(!listed(found)),
                (Operator::Exists, Label::Is(_)) | (Operator::DoesNotExist | Operator::NotIn, Label::Absent) => {
                    Some(true)
                }
                (Operator::In | Operator::Exists, Label::Absent) | (Operator::DoesNotExist, Label::Is(_)) => {
                    Some(false)
                }
            }
        });
        let mut all = Some(true);
        for fits in by_value.chain(by_expression) {
            match fits {
                Some(false) => return Some(false),
                Some(true) => {}
                None => all = None,
            }
        }
        all
    }
}

/// Returns `true` if a list of a rule names a value; an unknown value could be any.
fn lists(patterns: &[String], value: Option<&str>) -> bool {
    value.is_none_or(|value| patterns.iter().any(|pattern| pattern == "*" || pattern == value))
}

fn is_namespace(request: &Value) -> bool {
    text(request, "/kind/kind") == Some("Namespace") && text(request, "/kind/group") == Some("")
}

fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.as_str()
}

fn look_up<'l>(labels: &'l Labels, key: &str) -> Label<'l> {
    labels.get(key).map_or(Label::Absent, |value| Label::Is(value))
}

/// The labels in metadata.
fn labels(metadata: Option<&Value>) -> Labels {
    let labels = metadata.and_then(|metadata| metadata.get("labels")).and_then(Value::as_object);
    let labels = labels.into_iter().flatten();
    labels.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use manifests::{Object, Origin};

    fn request(group: &str, kind: &str, namespace: &str) -> Value {
        let resource = kinds::kind(group, kind).resource;
        json!({
            "operation": "CREATE", "namespace": namespace, "name": "web",
            "kind": {"group": group, "version": "v1", "kind": kind},
            "resource": {"group": group, "version": "v1", "resource": resource},
            "object": {"metadata": {"labels": {"tier": "web"}}},
        })
    }

    fn scope(rule: Value) -> Scope {
        Scope { rules: Some(vec![serde_json::from_value(rule).unwrap()]), ..Scope::default() }
    }

    fn rule(groups: &[&str], resources: &[&str], operations: &[&str]) -> Scope {
        scope(json!({"apiGroups": groups, "apiVersions": ["v1"], "resources": resources, "operations": operations}))
    }

    fn selector(text: Value) -> Selector {
        serde_json::from_value(text).unwrap()
    }

    /// The input about the namespace `shop`.
    fn shop() -> Namespaces {
        let Value::Object(body) = json!({"metadata": {"name": "shop", "labels": {"env": "prod"}}}) else {
            panic!("an object")
        };
        let origin = Origin::default();
        let object = Object { api_version: "v1".to_owned(), kind: "Namespace".to_owned(), body, origin };
        Namespaces::of([Ok(Item::Object(object))].iter())
    }

    #[test]
    fn a_rule_names_group_version_resource_and_operation() {
        let pod = request("", "Pod", "shop");
        let none = Namespaces::default();
        assert!(rule(&[""], &["pods"], &["CREATE"]).holds(&pod, &none));
        assert!(rule(&["*"], &["*"], &["*"]).holds(&pod, &none));
        assert!(!rule(&["apps"], &["pods"], &["CREATE"]).holds(&pod, &none));
        assert!(!rule(&[""], &["services"], &["CREATE"]).holds(&pod, &none));
        assert!(!rule(&[""], &["pods"], &["UPDATE", "DELETE"]).holds(&pod, &none));
        let beta = scope(json!({
            "apiGroups": [""], "apiVersions": ["v1beta1"], "resources": ["pods"], "operations": ["*"],
        }));
        assert!(!beta.holds(&pod, &none));
    }

    #[test]
    fn subresources_are_named_as_in_kubernetes() {
        let none = Namespaces::default();
        let pod = request("", "Pod", "shop");
        let mut debug = pod.clone();
        debug["subResource"] = json!("ephemeralcontainers");
        for (pattern, itself, sub) in [
            ("pods", true, false),
            ("*", true, false),
            ("pods/*", true, true),
            ("*/*", true, true),
            ("pods/ephemeralcontainers", false, true),
            ("*/ephemeralcontainers", false, true),
            ("pods/log", false, false),
        ] {
            let scope = rule(&[""], &[pattern], &["*"]);
            assert_eq!((scope.holds(&pod, &none), scope.holds(&debug, &none)), (itself, sub), "{pattern}");
        }
    }

    #[test]
    fn the_plural_of_a_custom_resource_is_not_missed() {
        let gateway = request("gateway.networking.k8s.io", "Gateway", "shop");
        for plural in ["gateways", "gatewaies"] {
            assert!(rule(&["*"], &[plural], &["*"]).holds(&gateway, &Namespaces::default()), "{plural}");
        }
    }

    #[test]
    fn a_request_that_does_not_say_what_it_is_reaches_every_policy() {
        let scope = rule(&["apps"], &["deployments"], &["CREATE"]);
        assert!(scope.holds(&json!({}), &Namespaces::default()));
    }

    #[test]
    fn the_scope_of_a_rule_tells_objects_of_the_cluster_from_others() {
        let only = |scope: &str| {
            self::scope(json!({
                "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"], "operations": ["*"], "scope": scope,
            }))
        };
        let none = Namespaces::default();
        for (request, namespaced) in [
            (request("", "Pod", "shop"), true),
            (request("", "Node", ""), false),
            (request("", "Namespace", "shop"), false),
        ] {
            assert_eq!(only("Namespaced").holds(&request, &none), namespaced);
            assert_eq!(only("Cluster").holds(&request, &none), !namespaced);
            assert!(only("*").holds(&request, &none));
        }
    }

    #[test]
    fn a_policy_of_a_namespace_sees_nothing_else() {
        let scope = Scope { namespace: Some("shop".to_owned()), ..Scope::default() };
        assert!(scope.holds(&request("", "Pod", "shop"), &Namespaces::default()));
        assert!(!scope.holds(&request("", "Pod", "bank"), &Namespaces::default()));
        assert!(!scope.holds(&request("", "Node", ""), &Namespaces::default()));
    }

    #[test]
    fn namespaces_are_chosen_by_name_without_their_objects() {
        let not_system = selector(json!({"matchExpressions": [
            {"key": NAME_LABEL, "operator": "NotIn", "values": ["kube-system"]},
        ]}));
        let scope = Scope { namespaces: not_system, ..Scope::default() };
        assert!(scope.holds(&request("", "Pod", "shop"), &Namespaces::default()));
        assert!(!scope.holds(&request("", "Pod", "kube-system"), &Namespaces::default()));
        assert!(scope.holds(&request("", "Node", ""), &Namespaces::default()));
        assert!(!scope.wants_to_know("shop", &Namespaces::default()));
    }

    #[test]
    fn namespaces_are_chosen_by_the_labels_of_their_objects() {
        for (labels, chosen) in [(json!({"env": "prod"}), true), (json!({"env": "test"}), false)] {
            let scope = Scope { namespaces: selector(json!({"matchLabels": labels})), ..Scope::default() };
            assert_eq!(scope.holds(&request("", "Pod", "shop"), &shop()), chosen);
            assert!(!scope.wants_to_know("shop", &shop()));
        }
    }

    #[test]
    fn a_namespace_whose_labels_are_not_known_is_judged_and_named() {
        let scope = Scope { namespaces: selector(json!({"matchLabels": {"env": "prod"}})), ..Scope::default() };
        let pod = request("", "Pod", "bank");
        assert!(scope.holds(&pod, &shop()));
        assert!(scope.wants_to_know("bank", &shop()));
        assert!(!scope.wants_to_know("", &shop()));
        let named = selector(json!({"matchLabels": {"env": "prod", NAME_LABEL: "shop"}}));
        assert!(!Scope { namespaces: named, ..Scope::default() }.holds(&pod, &shop()));
    }

    #[test]
    fn a_namespace_is_chosen_by_its_own_labels() {
        let scope = Scope { namespaces: selector(json!({"matchLabels": {"tier": "web"}})), ..Scope::default() };
        assert!(scope.holds(&request("", "Namespace", "web"), &Namespaces::default()));
        let scope = Scope { namespaces: selector(json!({"matchLabels": {"tier": "db"}})), ..Scope::default() };
        assert!(!scope.holds(&request("", "Namespace", "web"), &Namespaces::default()));
    }

    #[test]
    fn objects_are_chosen_by_their_labels_before_or_after() {
        let pod = request("", "Pod", "shop");
        for (expression, chosen) in [
            (json!({"key": "tier", "operator": "In", "values": ["web", "db"]}), true),
            (json!({"key": "tier", "operator": "In", "values": ["db"]}), false),
            (json!({"key": "tier", "operator": "NotIn", "values": ["web"]}), false),
            (json!({"key": "team", "operator": "NotIn", "values": ["web"]}), true),
            (json!({"key": "tier", "operator": "Exists"}), true),
            (json!({"key": "team", "operator": "Exists"}), false),
            (json!({"key": "tier", "operator": "DoesNotExist"}), false),
            (json!({"key": "team", "operator": "DoesNotExist"}), true),
        ] {
            let objects = selector(json!({"matchExpressions": [expression]}));
            let scope = Scope { objects, ..Scope::default() };
            assert_eq!(scope.holds(&pod, &Namespaces::default()), chosen, "{scope:?}");
        }
        let scope = Scope { objects: selector(json!({"matchLabels": {"tier": "db"}})), ..Scope::default() };
        let mut update = pod.clone();
        update["oldObject"] = json!({"metadata": {"labels": {"tier": "db"}}});
        assert!(!scope.holds(&pod, &Namespaces::default()));
        assert!(scope.holds(&update, &Namespaces::default()));
    }
}
