//! The metadata of a module, as the host reads it from the custom section `io.kubewarden.metadata`.
//!
//! Source: Kubewarden, "Policy metadata", and `Metadata` of the crate `policy-evaluator`: camelCase, in this order.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::policy::Described;
use crate::workload::KINDS;

/// What the host reads.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Section {
    protocol_version: &'static str,
    rules: Vec<Value>,
    annotations: Map<String, Value>,
    mutating: bool,
    background_audit: bool,
    execution_mode: &'static str,
    policy_type: &'static str,
    context_aware_resources: [Value; 0],
    minimum_kubewarden_version: &'static str,
}

/// The metadata of a policy as compact JSON.
#[must_use]
pub fn metadata<P: Described>() -> String {
    let (name, policy) = (P::NAME, &P::METADATA);
    let resources: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
    let annotations = [
        ("io.artifacthub.displayName", policy.title.to_owned()),
        ("io.artifacthub.keywords", format!("seaworthy,container,best-practices,{name}")),
        ("io.artifacthub.resources", resources.join(",")),
        ("io.kubewarden.policy.author", policy.authors.replace(':', ", ")),
        ("io.kubewarden.policy.category", format!("{:?}", policy.category)),
        ("io.kubewarden.policy.description", policy.description.to_owned()),
        ("io.kubewarden.policy.license", policy.license.to_owned()),
        ("io.kubewarden.policy.severity", format!("{:?}", policy.severity).to_lowercase()),
        ("io.kubewarden.policy.source", policy.repository.to_owned()),
        ("io.kubewarden.policy.title", name.to_owned()),
        ("io.kubewarden.policy.url", format!("{}/tree/main/policies/{}", policy.repository, name)),
        ("io.kubewarden.policy.version", policy.version.to_owned()),
    ];
    let section = Section {
        protocol_version: "v1",
        rules: rules(),
        annotations: annotations.into_iter().map(|(key, value)| (key.to_owned(), Value::String(value))).collect(),
        mutating: false,
        background_audit: true,
        execution_mode: "kubewarden-wapc",
        policy_type: "kubernetes",
        context_aware_resources: [],
        minimum_kubewarden_version: "1.36",
    };
    // A struct of texts and lists always serialises.
    serde_json::to_string(&section).unwrap_or_default()
}

/// What the policies judge: the nine kinds, and ephemeral containers by a rule of their own, because the audit scanner
/// asks for a resource by every rule with CREATE.
fn rules() -> Vec<Value> {
    let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
    for kind in KINDS {
        let resource = format!("{}s", kind.name.to_lowercase());
        match groups.iter_mut().find(|(group, _)| *group == kind.group) {
            Some((_, resources)) => resources.push(resource),
            None => groups.push((kind.group, vec![resource])),
        }
    }
    groups.push(("", vec!["pods/ephemeralcontainers".to_owned()]));
    groups
        .into_iter()
        .map(|(group, resources)| {
            let ephemeral = resources.iter().any(|resource| resource.contains('/'));
            let operations: &[&str] = if ephemeral { &["UPDATE"] } else { &["CREATE", "UPDATE"] };
            json!({ "apiGroups": [group], "apiVersions": ["v1"], "resources": resources, "operations": operations })
        })
        .collect()
}
