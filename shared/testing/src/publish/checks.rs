//! Checks for the published files of every policy.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use kubewarden_policy_sdk::settings::SettingsValidationResponse;
use serde_json::{Value, json};

use super::metadata::metadata;
use super::presets::{Presets, presets};
use super::{manifests, questions};
use crate::native::native;
use shared::module::{Module, common_settings};
use shared::settings::{Field, Tree};

/// A check, or why it fails.
type Check = fn() -> Result<(), String>;

/// The checks for `M`, by the names of their tests.
pub(super) fn all<M: Module>() -> [(&'static str, Check); 4] {
    [
        ("the metadata asks for what the policy judges", metadata_is_sound::<M>),
        ("the form shows every setting by what Rancher can render", form_is_sound::<M>),
        ("the settings in every manifest are valid", manifests_are_valid::<M>),
        ("every setting accepts its published default", defaults_are_valid::<M>),
    ]
}

/// Rules and resources agree, ephemeral containers come by UPDATE alone, and the keys have the order of Kubewarden.
fn metadata_is_sound<M: Module>() -> Result<(), String> {
    let text = metadata::<M>();
    let metadata: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let mut judged = BTreeSet::new();
    for rule in entries(&metadata, "/rules") {
        let words = |key: &str| entries(rule, key).iter().filter_map(Value::as_str).collect::<Vec<_>>();
        let (resources, operations) = (words("/resources"), words("/operations"));
        if ["/apiGroups", "/apiVersions", "/resources", "/operations"].iter().any(|key| words(key).contains(&"*")) {
            return Err(format!("the rule {rule} asks for everything"));
        }
        let expected =
            if resources == ["pods/ephemeralcontainers"] { vec!["UPDATE"] } else { vec!["CREATE", "UPDATE"] };
        if operations != expected {
            return Err(format!("{resources:?} must come with {expected:?}, not {operations:?}"));
        }
        judged.extend(resources.into_iter().map(str::to_owned));
    }
    if judged.remove("pods/ephemeralcontainers") != M::FACTS.kinds.workloads {
        return Err("a rule asks for pods/ephemeralcontainers where workloads are judged, and only there".to_owned());
    }
    let kinds = metadata.pointer("/annotations/io.artifacthub.resources").and_then(Value::as_str).unwrap_or_default();
    let plural = |kind: &str| {
        let object = M::FACTS.kinds.objects.iter().find(|object| object.kind == kind);
        object.map_or_else(|| format!("{}s", kind.to_lowercase()), |object| object.plural.to_owned())
    };
    let listed: BTreeSet<String> = kinds.split(',').map(plural).collect();
    if judged != listed {
        return Err(format!("the rules ask for {judged:?}, but the listed resources are {listed:?}"));
    }
    let keys = [
        "protocolVersion",
        "rules",
        "annotations",
        "mutating",
        "backgroundAudit",
        "executionMode",
        "policyType",
        "contextAwareResources",
        "minimumKubewardenVersion",
    ];
    let places: Vec<_> = keys.iter().map(|key| text.find(&format!("\"{key}\":"))).collect();
    if places.contains(&None) || !places.is_sorted() {
        return Err(format!("the keys must be {}, in this order", keys.join(", ")));
    }
    match metadata.pointer("/annotations/io.kubewarden.policy.usage").and_then(Value::as_str) {
        Some(usage) if !["![", "<!--", "</"].iter().any(|mark| usage.contains(mark)) => Ok(()),
        _ => Err("the usage must be there, without badges and HTML".to_owned()),
    }
}

/// The form has no element that the Rancher UI does not render, a question for each setting, and its defaults are those
/// of the policy.
fn form_is_sound<M: Module>() -> Result<(), String> {
    let form = questions::form::<M>();
    let questions = form.get("questions").map_or(&[][..], Tree::items);
    for question in questions.iter().flat_map(|question| {
        [question].into_iter().chain(question.get("sequence_questions").map_or(&[][..], Tree::items))
    }) {
        lint(question)?;
    }
    let mut settings = Vec::new();
    for field in M::settings() {
        leaves(&mut settings, "", &field);
    }
    for (path, field) in &settings {
        let question = questions.iter().find(|question| text(question, "variable") == path);
        let question = question.ok_or_else(|| format!("no question sets {path}"))?;
        if question.get("default").is_some_and(|default| *default != field.default) {
            return Err(format!("the default of {path} is not that of the policy"));
        }
    }
    if questions.len() == settings.len() {
        Ok(())
    } else {
        Err("a question sets a key that is not a setting".to_owned())
    }
}

/// Refuses a question that the Rancher UI does not render as intended.
fn lint(question: &Tree) -> Result<(), String> {
    let variable = text(question, "variable");
    let fault = |fault: &str| Err(format!("the question {variable} {fault}"));
    let known = ["string", "boolean", "int", "enum", "array[", "map[", "sequence["].contains(&text(question, "type"));
    if !known {
        return fault("has a type that is drawn as a text box");
    }
    if question.get("tooltip").is_some() {
        return fault("has a tooltip, which is not drawn; use the description");
    }
    if text(question, "show_if").contains("!=") {
        return fault("has != in show_if, which is misread");
    }
    if question.get("required").is_some() && variable.contains('.') {
        return fault("is required, which the UI never sees satisfied for a dotted name");
    }
    if text(question, "label").is_empty() || text(question, "description").is_empty() {
        return fault("has no label or no description");
    }
    if text(question, "type") == "enum" && question.get("options").is_none_or(|options| options.items().is_empty()) {
        return fault("has no options");
    }
    Ok(())
}

/// The settings in `field` that are not objects, by their path.
fn leaves(into: &mut Vec<(String, Field)>, parent: &str, field: &Field) {
    let path = format!("{parent}{}", field.name);
    match field.kind.fields() {
        Some(fields) => {
            for field in fields {
                leaves(into, &format!("{path}."), field);
            }
        }
        None => into.push((path, field.clone())),
    }
}

/// The policy accepts the settings in each manifest.
fn manifests_are_valid<M: Module>() -> Result<(), String> {
    for (name, manifest) in manifests::all::<M>().into_iter().filter(|(name, _)| *name != "rbac") {
        let manifest = serde_json::to_value(&manifest).map_err(|error| error.to_string())?;
        let members = manifest.pointer("/spec/policies").and_then(Value::as_object);
        let owners = members.into_iter().flat_map(|members| members.values()).chain(manifest.get("spec"));
        let settings: Vec<&Value> = owners.filter_map(|owner| owner.get("settings")).collect();
        if settings.is_empty() {
            return Err(format!("{name}.yaml has no settings"));
        }
        for settings in settings {
            validate::<M>(settings).map_err(|problem| format!("{name}.yaml: {problem}"))?;
        }
    }
    Ok(())
}

/// The policy accepts the settings of each preset of the chart.
pub(super) fn presets_are_valid<M: Module>(root: &Path) -> Result<(), String> {
    let Presets { baseline, strict } = presets::<M>(root)?;
    for (name, settings) in [("baseline", baseline), ("strict", strict)] {
        validate::<M>(&Value::Object(settings)).map_err(|problem| format!("the preset {name}: {problem}"))?;
    }
    Ok(())
}

/// Each default of the schema, given as a setting, is accepted.
fn defaults_are_valid<M: Module>() -> Result<(), String> {
    let own = M::own_settings();
    let mut all = serde_json::Map::new();
    for field in own.iter().chain(&common_settings::<M>()).filter(|field| field.default != Tree::Null) {
        let default = serde_json::to_value(&field.default).map_err(|error| error.to_string())?;
        validate::<M>(&json!({ field.name: default }))?;
        all.insert(field.name.to_owned(), default);
    }
    validate::<M>(&Value::Object(all))
}

/// Asks the policy whether settings are valid.
fn validate<M: Module>(settings: &Value) -> Result<(), String> {
    let answer = native::<M>("validate_settings", settings.to_string().as_bytes(), &Arc::default())?;
    let answer: SettingsValidationResponse = serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
    match answer.message {
        Some(message) => Err(format!("{settings}: {message}")),
        None if answer.valid => Ok(()),
        None => Err(format!("{settings} is not valid")),
    }
}

fn entries<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'t>(tree: &'t Tree, key: &str) -> &'t str {
    tree.get(key).and_then(Tree::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A question that the UI renders, with these fields besides or instead.
    fn question(fields: &[(&str, Tree)]) -> Tree {
        let mut question = vec![
            ("variable", "a.b".into()),
            ("type", "string".into()),
            ("label", "A".into()),
            ("description", "What it means.".into()),
        ];
        question.retain(|(name, _)| !fields.iter().any(|(other, _)| other == name));
        question.extend(fields.iter().cloned());
        Tree::object(question)
    }

    #[test]
    fn a_question_that_rancher_renders_passes() {
        assert_eq!(lint(&question(&[])), Ok(()));
        assert_eq!(lint(&question(&[("show_if", "a=b".into())])), Ok(()));
        assert_eq!(lint(&question(&[("variable", "a".into()), ("required", true.into())])), Ok(()));
    }

    #[test]
    fn what_rancher_does_not_render_is_found() {
        for (fields, fault) in [
            (("tooltip", "Help.".into()), "tooltip"),
            (("show_if", "a!=b".into()), "!="),
            (("required", true.into()), "required"),
            (("type", "map".into()), "text box"),
            (("type", "enum".into()), "no options"),
            (("description", "".into()), "no description"),
        ] {
            let found = lint(&question(&[fields])).unwrap_err();
            assert!(found.contains(fault), "{found}");
        }
    }
}
