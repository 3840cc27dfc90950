//! Admission requests of any size: as an API server sends them, and strange ones. And where the values in one are.
//!
//! A payload is what a policy server hands to `validate`: `{"request": AdmissionRequest, "settings": {}}`. Nothing here
//! is random, so that figures of two runs speak of the same bytes.

mod server;
pub mod strange;

use serde_json::Value;

pub use server::{Practices, create, deployment, pod, update};

/// The JSON pointers of every value in `value`, the value itself first.
#[must_use]
pub fn pointers(value: &Value) -> Vec<String> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => {
            let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
            fields.iter().map(|(key, value)| (format!("/{}", escaped(key)), value)).collect()
        }
        Value::Array(items) => items.iter().enumerate().map(|(index, item)| (format!("/{index}"), item)).collect(),
        _ => Vec::new(),
    };
    let below = |(pointer, value)| pointers(value).into_iter().map(move |rest| format!("{pointer}{rest}"));
    std::iter::once(String::new()).chain(children.into_iter().flat_map(below)).collect()
}
