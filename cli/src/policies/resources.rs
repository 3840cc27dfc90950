//! Policies as the custom resources of Kubewarden define them.
//!
//! Source: `policies.kubewarden.io/v1`: `ClusterAdmissionPolicy`, `AdmissionPolicy` and their groups.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use host::Resource;
use manifests::{Item, Object};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::builtin::Builtin;
use super::expression::Expression;
use super::fault::Fault;
use super::policy::{Body, Group, Mode, ModuleSource, Planned, Policy};
use super::scope::{Rule, Scope, Selector};
use super::settings::{Form, Place};
use crate::sources::{Choice, Source, Sources};

/// The API group of the resources.
const GROUP: &str = "policies.kubewarden.io/";

/// What the API server knows of rules, selectors and conditions. Its strict validation, which `kubectl apply` uses, refuses
/// other fields.
const RULES: Form = Form::List(&Form::Fields(&[
    ("apiGroups", Form::Any),
    ("apiVersions", Form::Any),
    ("operations", Form::List(&Form::OneOf(&["CREATE", "UPDATE", "DELETE", "CONNECT", "*"]))),
    ("resources", Form::Any),
    ("scope", Form::OneOf(&["Namespaced", "Cluster", "*"])),
]));
const SELECTOR: Form = Form::Fields(&[
    (
        "matchExpressions",
        Form::List(&Form::Fields(&[
            ("key", Form::Any),
            ("operator", Form::OneOf(&["In", "NotIn", "Exists", "DoesNotExist"])),
            ("values", Form::Any),
        ])),
    ),
    ("matchLabels", Form::Any),
]);
const CONDITIONS: Form = Form::List(&Form::Fields(&[("expression", Form::Any), ("name", Form::Any)]));
const CONTEXT: Form = Form::List(&Form::Fields(&[("apiVersion", Form::Any), ("kind", Form::Any)]));

/// The fields that every kind has.
macro_rules! fields {
    ($($more:expr),* $(,)?) => {
        &[
            ("backgroundAudit", Form::Any),
            ("failurePolicy", Form::OneOf(&["Fail", "Ignore"])),
            ("matchConditions", CONDITIONS),
            ("matchPolicy", Form::OneOf(&["Exact", "Equivalent"])),
            ("message", Form::Any),
            ("mode", Form::OneOf(&["protect", "monitor"])),
            ("objectSelector", SELECTOR),
            ("policyServer", Form::Any),
            ("rules", RULES),
            ("sideEffects", Form::OneOf(&["None", "NoneOnDryRun"])),
            ("timeoutSeconds", Form::Any),
            $($more),*
        ]
    };
}

/// The fields of a policy of one module, and of a group.
macro_rules! module {
    ($($more:expr),* $(,)?) => {
        fields![
            ("contextAwareResources", CONTEXT),
            ("module", Form::Any),
            ("mutating", Form::Any),
            ("settings", Form::Any),
            ("timeoutEvalSeconds", Form::Any),
            $($more),*
        ]
    };
}
macro_rules! group {
    ($($more:expr),* $(,)?) => {
        fields![
            ("expression", Form::Any),
            ("policies", Form::Map(&Form::Fields(&[
                ("contextAwareResources", CONTEXT),
                ("module", Form::Any),
                ("settings", Form::Any),
                ("timeoutEvalSeconds", Form::Any),
            ]))),
            $($more),*
        ]
    };
}

/// The form of the specification of each kind. Source: the definitions in the chart
/// `kubewarden-crds`.
const KINDS: [(&str, Form); 4] = [
    ("AdmissionPolicy", Form::Fields(module![])),
    ("AdmissionPolicyGroup", Form::Fields(group![])),
    (
        "ClusterAdmissionPolicy",
        Form::Fields(module![("allowInsideAdmissionControllerNamespace", Form::Any), ("namespaceSelector", SELECTOR)]),
    ),
    (
        "ClusterAdmissionPolicyGroup",
        Form::Fields(group![("allowInsideAdmissionControllerNamespace", Form::Any), ("namespaceSelector", SELECTOR)]),
    ),
];

/// The fields of every policy.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    rules: Vec<Rule>,
    #[serde(default)]
    mode: Mode,
    #[serde(default)]
    namespace_selector: Selector,
    #[serde(default)]
    object_selector: Selector,
    #[serde(default)]
    match_conditions: Vec<Value>,
}

/// The fields of a policy of one module.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Single {
    module: String,
    #[serde(default)]
    settings: Value,
    mutating: bool,
    #[serde(default)]
    context_aware_resources: Vec<Resource>,
}

/// The fields of a group.
#[derive(Deserialize)]
struct Grouped {
    policies: BTreeMap<String, Member>,
    expression: String,
    message: String,
}

/// A policy of a group.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    module: String,
    #[serde(default)]
    settings: Value,
    #[serde(default)]
    context_aware_resources: Vec<Resource>,
}

/// Reads the policies that files and directories define, and what of them this command does not honour.
/// Adds the faults of policies that cannot be read, and of paths that define none.
pub(super) fn read(
    paths: &[PathBuf],
    builtin: &Builtin,
    notes: &mut BTreeSet<String>,
    faults: &mut Vec<Fault>,
) -> Vec<Policy<Planned>> {
    let mut policies = Vec::new();
    let mut known = BTreeSet::new();
    for path in paths {
        let before = (known.len(), faults.len());
        let sources = Sources::of(std::slice::from_ref(path), &Choice::default());
        faults.extend(sources.problems.iter().map(|problem| Fault::Resource(problem.to_string())));
        for source in &sources.files {
            for item in source.items().unwrap_or_default() {
                let object = match item {
                    Ok(Item::Object(object)) => object,
                    Ok(Item::Request { .. }) => continue,
                    Err(problem) => {
                        faults.push(Fault::Resource(problem.to_string()));
                        continue;
                    }
                };
                if !object.api_version.starts_with(GROUP) || !object.kind.contains("AdmissionPolicy") {
                    continue;
                }
                let title = title(&object);
                let place = Place::new(&source.name(), &object.origin, "");
                let fault =
                    |path: &str, reason: &str| Fault::Resource(format!("{}: {title}: {reason}", place.of(path)));
                let unknown = unknown(&object);
                if !known.insert(title.clone()) {
                    faults.push(fault("metadata.name", "it is defined twice"));
                } else if unknown.is_empty() {
                    match define(&object, &title, &place, directory(source), builtin, notes) {
                        Ok(policy) => policies.push(policy),
                        Err(reason) => faults.push(fault("spec", &reason)),
                    }
                }
                faults.extend(unknown.iter().map(|(path, reason)| fault(path, &format!("{path}: {reason}"))));
            }
        }
        if (known.len(), faults.len()) == before {
            faults.push(Fault::NoResources(path.display().to_string()));
        }
    }
    policies
}

/// The fields of a policy that its kind does not have, and values that they cannot have, by their paths.
fn unknown(object: &Object) -> BTreeMap<String, String> {
    let mut faults = BTreeMap::new();
    let form = KINDS.iter().find(|(kind, _)| *kind == object.kind);
    if let (Some((_, form)), Some(spec)) = (form, object.body.get("spec")) {
        form.faults(spec, "spec", &mut faults);
    }
    faults
}

/// The policy that an object defines.
fn define(
    object: &Object,
    title: &str,
    place: &Place,
    directory: &Path,
    builtin: &Builtin,
    notes: &mut BTreeSet<String>,
) -> Result<Policy<Planned>, String> {
    let value = object.body.get("spec").ok_or("`spec` is missing")?;
    let spec: Spec = part(value)?;
    if !spec.match_conditions.is_empty() {
        notes.insert(format!("{title}: matchConditions are not evaluated; the policy judges as if they all held"));
    }
    let namespace = match object.kind.as_str() {
        "ClusterAdmissionPolicy" | "ClusterAdmissionPolicyGroup" => None,
        "AdmissionPolicy" | "AdmissionPolicyGroup" => {
            Some(metadata(object, "namespace").unwrap_or("default").to_owned())
        }
        other => return Err(format!("{other} is not a kind of policy that this command supports")),
    };
    // A policy of a namespace is granted nothing of the cluster.
    let granted = |resources: Vec<Resource>| {
        let resources = resources.into_iter().filter(|_| namespace.is_none());
        resources.map(|Resource { api_version, kind }| (api_version, kind)).collect::<BTreeSet<_>>()
    };
    let body = if object.kind.ends_with("Group") {
        let Grouped { policies, expression, message } = part(value)?;
        let expression = Expression::parse(&expression).map_err(|reason| format!("expression: {reason}"))?;
        if let Some(stranger) = expression.members().into_iter().find(|member| !policies.contains_key(*member)) {
            return Err(format!("expression: the group has no policy {stranger}"));
        }
        let members = policies.into_iter().map(|(name, Member { module, settings, context_aware_resources })| {
            let source = resolve(&module, directory, builtin).map_err(|reason| format!("{name}: {reason}"))?;
            let place = Some(place.below(&format!("spec.policies.{name}.settings")));
            let granted = Some(granted(context_aware_resources));
            Ok((name, Planned { source, settings, place, mutating: Some(false), granted }))
        });
        Body::Group(Group { members: members.collect::<Result<_, String>>()?, expression, message })
    } else {
        let Single { module, settings, mutating, context_aware_resources } = part(value)?;
        let (source, granted) = (resolve(&module, directory, builtin)?, Some(granted(context_aware_resources)));
        let place = Some(place.below("spec.settings"));
        Body::Single(Planned { source, settings, place, mutating: Some(mutating), granted })
    };
    let name = metadata(object, "name").ok_or("`metadata.name` is missing")?;
    Ok(Policy {
        name: namespace.as_ref().map_or_else(|| name.to_owned(), |namespace| format!("{namespace}/{name}")),
        scope: Scope {
            rules: Some(spec.rules),
            namespace,
            namespaces: spec.namespace_selector,
            objects: spec.object_selector,
        },
        mode: spec.mode,
        body,
    })
}

/// The location of the module of a policy: a file, or built in when a registry's reference names it with its version.
fn resolve(reference: &str, directory: &Path, builtin: &Builtin) -> Result<ModuleSource, String> {
    let image = match reference.split_once("://") {
        Some(("file", path)) => return Ok(ModuleSource::File(directory.join(path))),
        None if Path::new(reference).extension().is_some_and(|ending| ending == "wasm") => {
            return Ok(ModuleSource::File(directory.join(reference)));
        }
        Some(("registry", image)) => image,
        None => reference,
        Some(_) => "",
    };
    let image = image.split_once('@').map_or(image, |(image, _)| image);
    let (name, tag) = image.rsplit('/').next().and_then(|last| last.split_once(':')).unwrap_or_default();
    match builtin.entry(name) {
        Some(entry) if tag.strip_prefix('v').unwrap_or(tag) == entry.version => {
            Ok(ModuleSource::Builtin(name.to_owned()))
        }
        Some(entry) => Err(format!(
            "module {reference} cannot be loaded: the built-in {name} has the version {}, and this command downloads \
             no module; pull the module with kwctl, and name its file",
            entry.version
        )),
        None => Err(format!(
            "module {reference} cannot be loaded: it is not built in, and this command downloads no module; pull it with \
             kwctl, and name its file"
        )),
    }
}

/// A part of a specification.
fn part<T: DeserializeOwned>(spec: &Value) -> Result<T, String> {
    T::deserialize(spec).map_err(|error| format!("spec: {error}"))
}

/// The name of an object: `AdmissionPolicy shop/no-latest`.
fn title(object: &Object) -> String {
    let name = metadata(object, "name").unwrap_or("without a name");
    match metadata(object, "namespace") {
        Some(namespace) => format!("{} {namespace}/{name}", object.kind),
        None => format!("{} {name}", object.kind),
    }
}

fn metadata<'o>(object: &'o Object, key: &str) -> Option<&'o str> {
    object.body.get("metadata")?.get(key)?.as_str()
}

/// The directory that paths in a file are relative to.
fn directory(source: &Source) -> &Path {
    match source {
        Source::Named(path) | Source::Found(path) => path.parent().unwrap_or(Path::new("")),
        Source::Stdin => Path::new(""),
    }
}
