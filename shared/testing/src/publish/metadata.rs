//! The metadata of a module, as the host reads it from the custom section `io.kubewarden.metadata`.
//!
//! Source: Kubewarden, "Policy metadata", and `Metadata` of the crate `policy-evaluator`: camelCase, in this order.

use super::{names, readme};
use shared::kinds::{KINDS, Kinds, Resource};
use shared::module::Module;
use shared::settings::Tree;

/// The version of the protocol between host and module.
const PROTOCOL: &str = "v1";

/// The oldest version of Kubewarden whose features a module uses. The warnings and the audit annotations of an answer arrive
/// since policy-server 1.0.0, which came with policy-evaluator 0.4.1; before, both were dropped. Older hosts skip the fields of
/// unknown metadata.
const MINIMUM_KUBEWARDEN: &str = "1.0.0";

/// The same for a module that calls its host: capabilities are granted by name since 1.36.0.
const MINIMUM_WITH_CAPABILITIES: &str = "1.36.0";

/// The metadata of a policy as compact JSON, with the manual that `kwctl inspect` prints.
pub(super) fn metadata<M: Module>() -> String {
    // A tree of texts and lists always serialises.
    serde_json::to_string(&tree::<M>(Some(readme::usage::<M>()))).unwrap_or_default()
}

/// The metadata of a policy.
pub(super) fn tree<M: Module>(usage: Option<String>) -> Tree {
    let mut annotations = vec![
        ("com.github.release.tag", names::tag(&M::PACKAGE)),
        ("io.artifacthub.displayName", M::FACTS.title.to_owned()),
        ("io.artifacthub.keywords", names::keywords::<M>().join(",")),
        ("io.artifacthub.resources", resources::<M>()),
        ("io.kubewarden.policy.author", M::PACKAGE.authors.replace(':', ", ")),
        ("io.kubewarden.policy.category", M::FACTS.category.name.to_owned()),
        ("io.kubewarden.policy.description", M::PACKAGE.description.to_owned()),
        ("io.kubewarden.policy.license", M::PACKAGE.license.to_owned()),
        ("io.kubewarden.policy.ociUrl", names::oci_url::<M>()),
        ("io.kubewarden.policy.severity", names::severity(&M::FACTS)),
        ("io.kubewarden.policy.source", M::PACKAGE.repository.to_owned()),
        ("io.kubewarden.policy.title", M::NAME.to_owned()),
        ("io.kubewarden.policy.url", names::home::<M>()),
    ];
    annotations.extend(usage.map(|usage| ("io.kubewarden.policy.usage", usage)));
    annotations.push(("io.kubewarden.policy.version", M::PACKAGE.version.to_owned()));
    let facts = const { &M::FACTS };
    let mut tree = vec![
        ("protocolVersion", PROTOCOL.into()),
        ("rules", rules::<M>()),
        ("annotations", Tree::object(annotations.into_iter().map(|(key, value)| (key, Tree::Text(value))))),
        ("mutating", facts.mends.into()),
        // The audit scanner would call the host again per object.
        ("backgroundAudit", facts.capabilities.is_empty().into()),
        ("executionMode", "kubewarden-wapc".into()),
        ("policyType", "kubernetes".into()),
        ("contextAwareResources", context_aware::<M>()),
    ];
    if !facts.capabilities.is_empty() {
        tree.push(("hostCapabilities", Tree::list(facts.capabilities.iter().copied())));
    }
    let minimum = if facts.capabilities.is_empty() { MINIMUM_KUBEWARDEN } else { MINIMUM_WITH_CAPABILITIES };
    tree.push(("minimumKubewardenVersion", minimum.into()));
    Tree::object(tree)
}

/// The resources that a module may request from the host.
pub(super) fn context_aware<M: Module>() -> Tree {
    let known = |Resource { group, version, kind, .. }: &Resource| {
        let api_version = if group.is_empty() { (*version).to_owned() } else { format!("{group}/{version}") };
        Tree::object([("apiVersion", api_version.into()), ("kind", (*kind).into())])
    };
    Tree::list(M::FACTS.resources.iter().map(known))
}

/// The kinds that the policies judge, separated by commas. The Rancher UI compares them exactly.
pub(super) fn resources<M: Module>() -> String {
    let Kinds { workloads, objects } = M::FACTS.kinds;
    let workloads = KINDS.iter().filter(|_| workloads).map(|kind| kind.name);
    workloads.chain(objects.iter().map(|object| object.kind)).collect::<Vec<_>>().join(",")
}

/// The requests that a policy judges. Of workloads these are the nine kinds, and ephemeral containers by a rule of
/// their own, because the audit scanner lists the resources of every rule with CREATE.
pub(super) fn rules<M: Module>() -> Tree {
    let Kinds { workloads, objects } = M::FACTS.kinds;
    let known = KINDS.iter().filter(|_| workloads);
    let known = known.map(|kind| ((kind.group, "v1"), format!("{}s", kind.name.to_lowercase())));
    let mut groups: Vec<((&str, &str), Vec<String>)> = Vec::new();
    for (group, resource) in
        known.chain(objects.iter().map(|object| ((object.group, object.version), object.plural.to_owned())))
    {
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, resources)) => resources.push(resource),
            None => groups.push((group, vec![resource])),
        }
    }
    let mut rules: Vec<Tree> =
        groups.into_iter().map(|(group, resources)| rule(group, resources, &["CREATE", "UPDATE"])).collect();
    if workloads {
        rules.push(rule(("", "v1"), vec!["pods/ephemeralcontainers".to_owned()], &["UPDATE"]));
    }
    Tree::List(rules)
}

fn rule((group, version): (&str, &str), resources: Vec<String>, operations: &[&str]) -> Tree {
    Tree::object([
        ("apiGroups", Tree::list([group])),
        ("apiVersions", Tree::list([version])),
        ("resources", Tree::list(resources)),
        ("operations", Tree::list(operations.iter().copied())),
    ])
}
