//! Objects that are put over each other.

use serde_json::{Map, Value};

/// Puts fields over those of an object; objects in both are put over each other, everything else is replaced.
pub fn overlay(object: &mut Value, fields: &Map<String, Value>) {
    match object {
        Value::Object(object) => overlay_fields(object, fields),
        other if !fields.is_empty() => *other = Value::Object(fields.clone()),
        _ => {}
    }
}

/// The same for the fields of an object.
pub(super) fn overlay_fields(object: &mut Map<String, Value>, fields: &Map<String, Value>) {
    for (name, value) in fields {
        match (object.get_mut(name), value) {
            (Some(old @ Value::Object(_)), Value::Object(fields)) => overlay(old, fields),
            _ => {
                object.insert(name.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_put_over_each_other_and_everything_else_is_replaced() {
        let mut object = json!({ "a": { "b": 1, "c": [1] }, "d": 1 });
        let fields = json!({ "a": { "c": [2], "e": null }, "d": { "f": 1 } });
        overlay(&mut object, fields.as_object().unwrap());
        assert_eq!(object, json!({ "a": { "b": 1, "c": [2], "e": null }, "d": { "f": 1 } }));
    }
}
