//! Manifests that load a policy into a cluster, ready to be applied.

use super::{metadata, names};
use shared::kinds::Resource;
use shared::module::Module;
use shared::settings::Tree;

/// Namespaces that a cluster cannot do without. A policy that is wrong about them stops the cluster.
const SYSTEM: [&str; 4] = ["kube-system", "kube-public", "kube-node-lease", "kubewarden"];

/// How long the API server waits for a policy that asks its host.
const TIMEOUT: (&str, Tree) = ("timeoutSeconds", Tree::Integer(15));
/// How long the policy server lets it judge, which includes waiting.
const EVALUATION: (&str, Tree) = ("timeoutEvalSeconds", Tree::Integer(10));

/// The service account of the policy server, and its namespace, as the charts of Kubewarden name them.
pub(super) const SERVER: (&str, &str) = ("policy-server", "kubewarden");

/// Every manifest of `M`, by the name of its file. A policy of a namespace may read nothing of the cluster.
pub(super) fn all<M: Module>() -> Vec<(&'static str, Tree)> {
    let mut all = vec![("monitor", cluster::<M>("monitor")), ("protect", cluster::<M>("protect"))];
    let is_reading = !M::FACTS.resources.is_empty();
    all.push(if is_reading { ("rbac", rbac::<M>()) } else { ("namespaced", namespaced::<M>()) });
    all.push(("group", group::<M>()));
    all
}

/// A `ClusterAdmissionPolicy`, for all namespaces but those of the system.
fn cluster<M: Module>(mode: &str) -> Tree {
    let mut spec = policy::<M>(mode);
    spec.push(("namespaceSelector", not_system()));
    spec.push(("settings", settings()));
    object("ClusterAdmissionPolicy", metadata_of::<M>(M::NAME, None), spec)
}

/// An `AdmissionPolicy`, for one namespace.
fn namespaced<M: Module>() -> Tree {
    let mut spec = policy::<M>("protect");
    spec.push(("settings", settings()));
    object("AdmissionPolicy", metadata_of::<M>(M::NAME, Some("default")), spec)
}

/// A `ClusterAdmissionPolicyGroup` of this policy alone, to which others can be added.
fn group<M: Module>() -> Tree {
    // A member is called like a function in CEL.
    let member = M::NAME.replace('-', "_");
    let mut member_of_group = vec![("module", reference::<M>().into()), ("settings", settings())];
    let mut spec = vec![
        ("policyServer", "default".into()),
        ("mode", "monitor".into()),
        ("rules", metadata::rules::<M>()),
        ("backgroundAudit", (!asks::<M>()).into()),
        ("failurePolicy", "Ignore".into()),
        ("namespaceSelector", not_system()),
        ("message", format!("{} is required.", M::FACTS.title).into()),
        ("expression", format!("{member}()").into()),
    ];
    if asks::<M>() {
        spec.push(TIMEOUT);
        member_of_group.push(EVALUATION);
    }
    member_of_group.extend(reads::<M>());
    spec.push(("policies", Tree::object([(member, Tree::object(member_of_group))])));
    object("ClusterAdmissionPolicyGroup", metadata_of::<M>(&format!("{}-group", M::NAME), None), spec)
}

/// The common part of a `ClusterAdmissionPolicy` and an `AdmissionPolicy`. While a policy only watches, nothing depends
/// on it.
fn policy<M: Module>(mode: &str) -> Vec<(&'static str, Tree)> {
    let mut spec = vec![
        ("module", reference::<M>().into()),
        ("policyServer", "default".into()),
        ("mode", mode.into()),
        ("mutating", false.into()),
        ("rules", metadata::rules::<M>()),
        ("backgroundAudit", (!asks::<M>()).into()),
        ("failurePolicy", if mode == "protect" { "Fail" } else { "Ignore" }.into()),
    ];
    if asks::<M>() {
        spec.extend([TIMEOUT, EVALUATION]);
    }
    spec.extend(reads::<M>());
    spec
}

/// The objects that the policy may read.
fn reads<M: Module>() -> Option<(&'static str, Tree)> {
    let resources = metadata::context_aware::<M>();
    (!M::FACTS.resources.is_empty()).then_some(("contextAwareResources", resources))
}

/// The role by which the policy server can read what the policy asks for, and its binding. Source: Kubernetes, "Using RBAC
/// Authorization".
fn rbac<M: Module>() -> Tree {
    const API: &str = "rbac.authorization.k8s.io";
    let name = format!("seaworthy-{}", M::NAME);
    let object = |kind: &str, rest: Vec<(&'static str, Tree)>| {
        let labels = Tree::object([("app.kubernetes.io/part-of", "seaworthy".into())]);
        let mut fields = vec![("apiVersion", format!("{API}/v1").into()), ("kind", kind.into())];
        fields.push(("metadata", Tree::object([("name", name.clone().into()), ("labels", labels)])));
        fields.extend(rest);
        Tree::object(fields)
    };
    let role = Tree::object([("apiGroup", API.into()), ("kind", "ClusterRole".into()), ("name", name.clone().into())]);
    let (account, namespace) = SERVER;
    let subject = [("kind", "ServiceAccount".into()), ("name", account.into()), ("namespace", namespace.into())];
    Tree::object([
        ("apiVersion", "v1".into()),
        ("kind", "List".into()),
        (
            "items",
            Tree::List(vec![
                object("ClusterRole", vec![("rules", role_rules::<M>())]),
                object(
                    "ClusterRoleBinding",
                    vec![("roleRef", role), ("subjects", Tree::list([Tree::object(subject)]))],
                ),
            ]),
        ),
    ])
}

/// What the role allows.
pub(super) fn role_rules<M: Module>() -> Tree {
    let rule = |resource: &Resource| {
        Tree::object([
            ("apiGroups", Tree::list([resource.group])),
            ("resources", Tree::list([resource.plural])),
            // The host watches what it lists.
            ("verbs", Tree::list(["get", "list", "watch"])),
        ])
    };
    Tree::list(M::FACTS.resources.iter().map(rule))
}

/// Returns `true` if the policy asks its host. Then it needs time, and the audit scanner would ask again for every object.
fn asks<M: Module>() -> bool {
    !M::FACTS.capabilities.is_empty()
}

/// The defaults. Whoever applies the manifest writes here what differs from them.
fn settings() -> Tree {
    Tree::Object(Vec::new())
}

fn reference<M: Module>() -> String {
    format!("registry://{}", names::image::<M>())
}

fn not_system() -> Tree {
    let expression = Tree::object([
        ("key", "kubernetes.io/metadata.name".into()),
        ("operator", "NotIn".into()),
        ("values", Tree::list(SYSTEM)),
    ]);
    Tree::object([("matchExpressions", Tree::list([expression]))])
}

fn metadata_of<M: Module>(name: &str, namespace: Option<&str>) -> Tree {
    let mut metadata = vec![("name", name.into())];
    metadata.extend(namespace.map(|namespace| ("namespace", namespace.into())));
    metadata.push(("labels", Tree::object([("app.kubernetes.io/part-of", "seaworthy".into())])));
    let annotations = [
        ("io.kubewarden.policy.category", M::FACTS.category.name.into()),
        ("io.kubewarden.policy.severity", names::severity(&M::FACTS).into()),
        ("io.kubewarden.policy.title", M::NAME.into()),
        ("io.kubewarden.policy.version", M::PACKAGE.version.into()),
    ];
    metadata.push(("annotations", Tree::object(annotations)));
    Tree::object(metadata)
}

fn object(kind: &str, metadata: Tree, spec: Vec<(&'static str, Tree)>) -> Tree {
    Tree::object([
        ("apiVersion", "policies.kubewarden.io/v1".into()),
        ("kind", kind.into()),
        ("metadata", metadata),
        ("spec", Tree::object(spec)),
    ])
}
