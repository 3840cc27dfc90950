//! Field masks: the fields of an object that a policy asks for.
//!
//! Source: `field_mask.rs` of Kubewarden's policy-evaluator.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// The fields that every object keeps.
const ALWAYS: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// The fields to keep below a field; all, if none is named.
#[derive(Debug, Default)]
pub(crate) struct Mask(BTreeMap<String, Self>);

impl Mask {
    /// The mask of paths such as `spec.containers.image`. Lists have no part in a path.
    pub(crate) fn new(paths: &BTreeSet<String>) -> Self {
        let mut mask = Self::default();
        for path in paths {
            path.split('.').fold(&mut mask, |mask, part| mask.0.entry(part.to_owned()).or_default());
        }
        mask
    }

    /// Removes the other fields of an object, except those that say which object it is.
    pub(crate) fn prune_object(&self, object: &mut Map<String, Value>) {
        if self.0.is_empty() {
            return;
        }
        object.retain(|key, value| match self.0.get(key) {
            _ if ALWAYS.contains(&key.as_str()) => true,
            Some(below) => {
                below.prune(value);
                true
            }
            None => false,
        });
    }

    fn prune(&self, value: &mut Value) {
        match value {
            _ if self.0.is_empty() => {}
            Value::Object(fields) => fields.retain(|key, value| match self.0.get(key) {
                Some(below) => {
                    below.prune(value);
                    true
                }
                None => false,
            }),
            Value::Array(items) => items.iter_mut().for_each(|item| self.prune(item)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_keeps_its_identity_and_what_is_asked_for() {
        let object = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "labels": {"a": "b"}},
            "spec": {"hostPID": true, "containers": [{"name": "a", "image": "x"}, {"name": "b", "image": "y"}]},
            "status": {"phase": "Running"},
        });
        for (paths, kept) in [
            (vec![], object.clone()),
            (vec!["status"], json!({"status": {"phase": "Running"}})),
            (vec!["spec.containers.image"], json!({"spec": {"containers": [{"image": "x"}, {"image": "y"}]}})),
            (vec!["metadata.name", "spec.hostPID"], json!({"spec": {"hostPID": true}})),
            (vec!["status.phase.deeper"], json!({"status": {"phase": "Running"}})),
            (vec!["none"], json!({})),
        ] {
            let mut pruned = object.as_object().unwrap().clone();
            Mask::new(&paths.iter().map(ToString::to_string).collect()).prune_object(&mut pruned);
            let mut expected = kept.as_object().unwrap().clone();
            for key in ALWAYS {
                expected.insert(key.to_owned(), object[key].clone());
            }
            assert_eq!(pruned, expected, "{paths:?}");
        }
    }
}
