//! The metadata of a module, as the host reads it from the custom section `io.kubewarden.metadata`.
//!
//! Source: Kubewarden, "Policy metadata", and `Metadata` of the crate `policy-evaluator`: camelCase, in this order.

use super::{names, readme};
use shared::module::Module;
use shared::settings::Tree;
use shared::workload::KINDS;

/// The version of the protocol between host and module.
const PROTOCOL: &str = "v1";

/// The lowest version of Kubewarden that the modules were tried with.
const MINIMUM_KUBEWARDEN: &str = "1.36.0";

/// The metadata of a policy as compact JSON, with the manual that `kwctl inspect` prints.
pub(super) fn metadata<M: Module>() -> String {
    // A tree of texts and lists always serialises.
    serde_json::to_string(&tree::<M>(Some(readme::usage::<M>()))).unwrap_or_default()
}

/// The metadata of a policy.
pub(super) fn tree<M: Module>(usage: Option<String>) -> Tree {
    let policy = &M::METADATA;
    let mut annotations = vec![
        ("com.github.release.tag", names::tag(policy)),
        ("io.artifacthub.displayName", policy.title.to_owned()),
        ("io.artifacthub.keywords", names::keywords::<M>().join(",")),
        ("io.artifacthub.resources", resources()),
        ("io.kubewarden.policy.author", policy.authors.replace(':', ", ")),
        ("io.kubewarden.policy.category", names::category(policy)),
        ("io.kubewarden.policy.description", policy.description.to_owned()),
        ("io.kubewarden.policy.license", policy.license.to_owned()),
        ("io.kubewarden.policy.ociUrl", names::oci_url::<M>()),
        ("io.kubewarden.policy.severity", names::severity(policy)),
        ("io.kubewarden.policy.source", policy.repository.to_owned()),
        ("io.kubewarden.policy.title", M::NAME.to_owned()),
        ("io.kubewarden.policy.url", names::home::<M>()),
    ];
    annotations.extend(usage.map(|usage| ("io.kubewarden.policy.usage", usage)));
    annotations.push(("io.kubewarden.policy.version", policy.version.to_owned()));
    Tree::object([
        ("protocolVersion", PROTOCOL.into()),
        ("rules", rules()),
        ("annotations", Tree::object(annotations.into_iter().map(|(key, value)| (key, Tree::Text(value))))),
        ("mutating", false.into()),
        ("backgroundAudit", true.into()),
        ("executionMode", "kubewarden-wapc".into()),
        ("policyType", "kubernetes".into()),
        ("contextAwareResources", Tree::List(Vec::new())),
        ("minimumKubewardenVersion", MINIMUM_KUBEWARDEN.into()),
    ])
}

/// The kinds that the policies judge, separated by commas. The Rancher UI compares them exactly.
pub(super) fn resources() -> String {
    KINDS.map(|kind| kind.name).join(",")
}

/// What the policies judge: the nine kinds, and ephemeral containers by a rule of their own, because the audit scanner
/// asks for a resource by every rule with CREATE.
pub(super) fn rules() -> Tree {
    let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
    for kind in KINDS {
        let resource = format!("{}s", kind.name.to_lowercase());
        match groups.iter_mut().find(|(group, _)| *group == kind.group) {
            Some((_, resources)) => resources.push(resource),
            None => groups.push((kind.group, vec![resource])),
        }
    }
    let mut rules: Vec<Tree> =
        groups.into_iter().map(|(group, resources)| rule(group, resources, &["CREATE", "UPDATE"])).collect();
    rules.push(rule("", vec!["pods/ephemeralcontainers".to_owned()], &["UPDATE"]));
    Tree::List(rules)
}

fn rule(group: &str, resources: Vec<String>, operations: &[&str]) -> Tree {
    Tree::object([
        ("apiGroups", Tree::list([group])),
        ("apiVersions", Tree::list(["v1"])),
        ("resources", Tree::list(resources)),
        ("operations", Tree::list(operations.iter().copied())),
    ])
}
