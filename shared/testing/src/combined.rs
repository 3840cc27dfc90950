//! The cases of a policy, replayed through a module that combines it with others.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::host::Recorded;
use crate::replay::Subject;

/// A subject that answers for `policy` alone by asking one that combines all of `policies`: the others are left out, and
/// a message or warning in the name of the whole module becomes one in the name of the policy.
pub fn alone<'e>(
    policy: &'e str,
    module: &'e str,
    policies: &'e [&'e str],
    subject: Subject<'e>,
) -> impl Fn(&str, &[u8], &Arc<Recorded>) -> Result<Vec<u8>, String> + 'e {
    move |operation, payload, host| {
        let wrap = |settings: Option<&RawValue>| {
            let own: Value = settings.map_or(Value::Null, |own| serde_json::from_str(own.get()).unwrap_or_default());
            let others =
                policies.iter().filter(|other| **other != policy).map(|other| ((*other).to_owned(), json!(false)));
            let all: Map<String, Value> = others.chain([(policy.to_owned(), own)]).collect();
            json!({ "policies": all })
        };
        let payload = match operation {
            "validate_settings" => wrap(serde_json::from_slice(payload).ok()).to_string().into_bytes(),
            _ => match serde_json::from_slice::<BTreeMap<&str, &RawValue>>(payload) {
                Ok(mut fields) => {
                    let settings = serde_json::value::to_raw_value(&wrap(fields.get("settings").copied()));
                    let settings = settings.map_err(|error| error.to_string())?;
                    fields.insert("settings", &settings);
                    serde_json::to_vec(&fields).map_err(|error| error.to_string())?
                }
                // Settings cannot be added to a payload that is not a request.
                Err(_) => payload.to_vec(),
            },
        };
        let answer = subject(operation, &payload, host)?;
        let mut answer: Value = serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
        let renamed = |text: &mut Value| {
            let Value::String(text) = text else { return };
            let lines = text.lines().map(|line| {
                let (said_by, line) = match line.strip_prefix(&format!("{module}: ")) {
                    Some(line) => (format!("{policy}: "), line),
                    None => (String::new(), line),
                };
                let root = format!("policies.{policy}");
                let line = line
                    .strip_prefix(&root)
                    .map_or(line, |rest| rest.strip_prefix('.').or_else(|| rest.strip_prefix(": ")).unwrap_or(rest));
                format!("{said_by}{line}")
            });
            *text = lines.collect::<Vec<_>>().join("\n");
        };
        answer.get_mut("message").into_iter().for_each(renamed);
        answer.get_mut("warnings").and_then(Value::as_array_mut).into_iter().flatten().for_each(renamed);
        Ok(answer.to_string().into_bytes())
    }
}
