//! Samples of objects that are not workloads, such as Secrets, and the laws that they are judged by.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use kubewarden_policy_sdk::response::ValidationResponse;

use crate::native::native;
use crate::overlay::overlay;
use crate::replay::{ask, request};
use shared::module::Module;

/// Samples of one kind of objects.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Objects {
    /// An object in which the policy finds nothing.
    good: Value,
    /// Fields that are put over it, each time with another judged value, so that the policy denies it by default.
    bad: Vec<Map<String, Value>>,
}

impl Objects {
    /// The bad objects.
    pub(super) fn bad(&self) -> impl Iterator<Item = Value> {
        self.bad.iter().map(|fields| {
            let mut object = self.good.clone();
            overlay(&mut object, fields);
            object
        })
    }
}

/// The fields whose values are secret, or may be. Source: Kubernetes API, Secret and `ConfigMap`.
const SECRET_FIELDS: [&str; 3] = ["data", "stringData", "binaryData"];

/// Checks that every kind of objects that `M` judges has samples, and that the laws hold for them.
pub(super) fn check<M: Module>(samples: &[Objects]) -> Result<(), String> {
    let mut missing: Vec<&str> = M::FACTS.kinds.objects.iter().map(|kind| kind.kind).collect();
    for kind in samples.iter().map(|samples| text(&samples.good, "kind")) {
        match missing.iter().position(|known| *known == kind) {
            Some(index) => drop(missing.swap_remove(index)),
            None => return Err(format!("`objects` has samples of {kind:?} twice, or the policy does not judge it")),
        }
    }
    if !missing.is_empty() {
        return Err(format!("`objects` has no samples of {}", missing.join(", ")));
    }
    samples.iter().try_for_each(check_kind::<M>)
}

fn check_kind<M: Module>(samples: &Objects) -> Result<(), String> {
    let kind = text(&samples.good, "kind");
    let bad: Vec<Value> = samples.bad().collect();
    if bad.len() < 2 {
        return Err(format!("{kind}: an object must be bad in two ways at least"));
    }
    let good = judge::<M>(&samples.good, None, &json!({}))?;
    if !good.accepted || good.audit_annotations.is_some() {
        return Err(format!("`good` of {kind} is not good: {good:?}"));
    }
    for (way, object) in bad.iter().enumerate() {
        let mut labelled = object.clone();
        let label = json!({ "metadata": { "labels": { "app": "web" } } });
        overlay(&mut labelled, label.as_object().unwrap_or(&Map::new()));
        let others = bad.iter().enumerate().filter(|(other, _)| *other != way).map(|(_, other)| other);
        let laws = [
            ("is created", Expected::Denied, vec![None], json!({})),
            ("is created and its findings warn", Expected::Warned, vec![None], json!({ "action": "warn" })),
            ("is brought in by an UPDATE", Expected::Denied, vec![Some(&samples.good)], json!({})),
            ("takes the place of another bad one", Expected::Denied, others.map(Some).collect(), json!({})),
            ("was there before", Expected::Warned, vec![Some(object), Some(&labelled)], json!({})),
            ("was there before, judged in full", Expected::Denied, vec![Some(object)], json!({ "updates": "full" })),
        ];
        for (law, expected, olds, settings) in laws {
            for old in olds {
                let answer = judge::<M>(object, old, &settings)?;
                let found = match (answer.accepted, answer.code, answer.warnings.is_some()) {
                    (false, Some(403), _) => Some(Expected::Denied),
                    (true, _, true) => Some(Expected::Warned),
                    _ => None,
                };
                if found != Some(expected) {
                    return Err(format!("`bad[{way}]` of {kind}, which {law}, must be {expected:?}: {answer:?}"));
                }
                if let Some(field) = shown(object, &answer) {
                    return Err(format!("`bad[{way}]` of {kind}: the answer repeats the value of {field}: {answer:?}"));
                }
            }
        }
    }
    Ok(())
}

/// The outcome that a law expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Denied,
    Warned,
}

/// The answer to the creation of an object, or to an UPDATE.
pub(super) fn judge<M: Module>(
    object: &Value,
    old: Option<&Value>,
    settings: &Value,
) -> Result<ValidationResponse, String> {
    let mut request = request(if old.is_some() { "UPDATE" } else { "CREATE" }, object);
    if let (Some(fields), Some(old)) = (request.as_object_mut(), old) {
        fields.insert("oldObject".to_owned(), old.clone());
    }
    ask(&native::<M>, json!({ "request": request, "settings": settings }).to_string().as_bytes(), &Arc::default())
}

/// The path of a secret value that an answer repeats.
fn shown(object: &Value, answer: &ValidationResponse) -> Option<String> {
    let answer = format!("{answer:?}");
    SECRET_FIELDS.iter().find_map(|field| {
        let (key, _) = object.get(field)?.as_object()?.iter().find(|(_, value)| {
            let value = value.as_str().unwrap_or_default();
            !value.is_empty() && answer.contains(value)
        })?;
        Some(format!("{field}.{key}"))
    })
}

fn text<'v>(object: &'v Value, field: &str) -> &'v str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}
