//! Any bytes as the payload of `validate`.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::answer::{COMBINED, judge, judge_by_all, modules};
use crate::{Call, law};

/// The fields of an object, in another reader than that of the policies. The last of several wins here as well.
type Fields<'a> = BTreeMap<String, &'a RawValue>;

/// There is always an answer, and always the same; a payload that is not a request is never accepted.
pub(crate) fn check(input: &[u8]) -> Result<(), String> {
    let accepted = if has_settings(input) {
        let mut accepted = false;
        for module in modules() {
            accepted |= judge(module, input)?.accepted;
        }
        accepted
    } else {
        judge_by_all(input)?.accepted
    };
    let same = COMBINED.validate(input) == COMBINED.validate(input);
    law(same, || "an answer is always the same".to_owned())?;
    law(!accepted || is_request(input), || "a payload that is not a request is accepted".to_owned())
}

/// The payload as it is.
pub(crate) fn calls(input: &[u8]) -> Vec<Call> {
    vec![Call { operation: "validate", payload: input.to_vec() }]
}

/// Reads the fields of an object.
fn fields(text: &str) -> Option<Fields<'_>> {
    serde_json::from_str(text).ok()
}

/// A field that is there and not `null`.
fn field<'a>(fields: &Fields<'a>, name: &str) -> Option<&'a str> {
    fields.get(name).map(|value| value.get()).filter(|value| *value != "null")
}

/// A field that is a string.
fn string(fields: &Fields<'_>, name: &str) -> Option<String> {
    serde_json::from_str(field(fields, name)?).ok()
}

/// Returns `true` if the payload sets something, which means different things to a policy and to the combined module.
fn has_settings(input: &[u8]) -> bool {
    let payload = str::from_utf8(input).ok().and_then(fields).unwrap_or_default();
    field(&payload, "settings").is_some()
}

/// A second opinion on what a request is: it says what it does, to what, and brings the object if one is judged.
fn is_request(input: &[u8]) -> bool {
    let read = || {
        let payload = fields(str::from_utf8(input).ok()?)?;
        let request = fields(field(&payload, "request")?)?;
        let kind = fields(field(&request, "kind")?)?;
        string(&kind, "kind").filter(|kind| !kind.is_empty())?;
        match string(&request, "operation")?.as_str() {
            "DELETE" | "CONNECT" => Some(()),
            "CREATE" | "UPDATE" => field(&request, "object").or(field(&request, "subResource")).map(|_| ()),
            _ => None,
        }
    };
    read().is_some()
}
