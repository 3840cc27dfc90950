//! Writes out what rows only describe, for the policy whose samples they are judged by.

use serde_json::{Map, Value, json};
use shared::place::Class;
use testing::overlay;

use super::{Place, SECRET};
use crate::PODS;
use crate::generate::LISTS;

/// Marks a text of JSON that is written as it stands; no other text holds this character of private use.
const RAW: char = '\u{e000}';

/// A container that every policy accepts.
pub(super) fn good() -> Value {
    with_secret(PODS.good_container("web"))
}

/// The container with a secret in its environment.
fn with_secret(mut container: Value) -> Value {
    if let Some(fields) = container.as_object_mut() {
        let env = fields.entry("env").or_insert_with(|| json!([]));
        env.as_array_mut().into_iter().for_each(|env| env.push(json!({ "name": "TOKEN", "value": SECRET })));
    }
    container
}

/// A pod that every policy accepts but for `tested`, a container in the given place.
pub(super) fn pod_with(place: Place, tested: Value) -> Value {
    let mut tested = tested;
    if let Some(fields) = tested.as_object_mut().filter(|_| place == Place::Sidecar) {
        fields.insert("restartPolicy".to_owned(), json!("Always"));
    }
    let mut pod = Value::Object(PODS.good_fields().clone());
    let lists = match place {
        Place::Main | Place::Volume => json!({ "containers": [tested] }),
        Place::Init | Place::Sidecar => json!({ "containers": [good()], "initContainers": [tested] }),
        Place::Ephemeral => json!({ "containers": [good()], "ephemeralContainers": [tested] }),
    };
    overlay(&mut pod, lists.as_object().unwrap_or(&Map::new()));
    pod
}

/// A pod that every policy accepts but for the image in the given place.
pub(super) fn pod_with_image(place: Place, image: &Value) -> Value {
    let mut tested = good();
    if place == Place::Volume {
        let mut pod = pod_with(place, tested);
        if let Some(fields) = pod.as_object_mut() {
            fields.insert("volumes".to_owned(), json!([{ "name": "model", "image": { "reference": image } }]));
        }
        return pod;
    }
    if let Some(fields) = tested.as_object_mut() {
        fields.insert("image".to_owned(), image.clone());
    }
    pod_with(place, tested)
}

/// Returns `true` if a value asks for a bad sample of each policy: a container `{ bad: NAME }`, or a text that holds `<bad`.
pub(super) fn is_bad(value: &Value) -> bool {
    ways(value) > 0
}

/// In how many ways a value is bad.
pub(super) fn ways(value: &Value) -> usize {
    match value {
        Value::String(text) => usize::from(text.contains("<bad")),
        Value::Array(items) => items.iter().map(ways).max().unwrap_or_default(),
        Value::Object(fields) => {
            let own = sample(fields, "bad").map_or(0, |_| way(value).saturating_add(1));
            fields.values().map(ways).max().unwrap_or_default().max(own)
        }
        _ => 0,
    }
}

/// The name of a container that is good or bad, a text as it is written in rows.
fn sample<'v>(fields: &'v Map<String, Value>, which: &str) -> Option<&'v Value> {
    fields.get(which).filter(|name| name.is_string() || name.get("text").is_some())
}

/// The way in which a container is bad.
fn way(container: &Value) -> usize {
    container.get("way").and_then(Value::as_u64).and_then(|way| usize::try_from(way).ok()).unwrap_or_default()
}

/// The classes of the bad containers in a value.
pub(super) fn bad_classes(value: &Value, classes: &mut Vec<Class>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| bad_classes(item, classes)),
        Value::Object(fields) => {
            for (name, value) in fields {
                for item in value.as_array().into_iter().flatten().filter(|item| is_bad(item)) {
                    match name.as_str() {
                        "containers" => classes.push(Class::Main),
                        "ephemeralContainers" => classes.push(Class::Ephemeral),
                        "initContainers" if item.get("restartPolicy").is_some_and(|policy| policy == "Always") => {
                            classes.push(Class::Sidecar);
                        }
                        "initContainers" => classes.push(Class::Init),
                        _ => {}
                    }
                }
                bad_classes(value, classes);
            }
        }
        _ => {}
    }
}

/// The object with these fields set.
pub(super) fn merged(object: Value, fields: &Map<String, Value>, whose: &str) -> Result<Value, String> {
    let Value::Object(mut object) = object else { return Err(format!("{object} is not an object")) };
    let Value::Object(fields) = expand(&Value::Object(fields.clone()), whose)? else {
        return Err("not an object".to_owned());
    };
    object.extend(fields);
    Ok(Value::Object(object))
}

/// Writes out what rows only describe:
///
/// - `{ good: web }` is a container that every policy accepts, called `web`, and `{ bad: web }` one that the policy `whose`
///   denies, `{ bad: web, way: 1 }` in another way; other fields are put over its own. The pod around it gets the fields
///   that the policies demand of it, or deny;
/// - `{ text: a, times: 3 }` is the text `aaa`;
/// - `{ join: [a, b] }` is the text `ab`;
/// - `{ item: x, times: 3 }` in a list stands for three items;
/// - `{ raw: "1e3" }` is JSON that is written as it stands, also what YAML cannot say. In it and in payloads, `<good>` and
///   `<bad>` are the fields of a container, `<goodPod>` and `<badPod>` those of a pod, each with a comma after it.
pub(super) fn expand(value: &Value, whose: &str) -> Result<Value, String> {
    match value {
        Value::Array(items) => {
            let mut expanded = Vec::new();
            for item in items {
                match forms(item) {
                    Some([("item", item), ("times", times)]) => {
                        expanded.extend(std::iter::repeat_n(expand(item, whose)?, count(times)?));
                    }
                    _ => expanded.push(expand(item, whose)?),
                }
            }
            Ok(Value::Array(expanded))
        }
        Value::Object(fields) => match forms(value) {
            Some([("text", _), ("times", _)]) => Ok(Value::String(string(value, whose)?)),
            _ => match fields.iter().next() {
                Some((key, _)) if key == "join" && fields.len() == 1 => Ok(Value::String(string(value, whose)?)),
                Some((key, raw)) if key == "raw" && fields.len() == 1 => {
                    Ok(Value::String(format!("{RAW}{}", string(raw, whose)?)))
                }
                _ => object(value, fields, whose),
            },
        },
        other => Ok(other.clone()),
    }
}

/// Writes out an object: a container, what holds containers, or another.
fn object(value: &Value, fields: &Map<String, Value>, whose: &str) -> Result<Value, String> {
    let expanded = |fields: &Map<String, Value>| {
        let expanded = fields.iter().map(|(key, value)| Ok((key.clone(), expand(value, whose)?)));
        expanded.collect::<Result<Map<_, _>, String>>()
    };
    let container = match [sample(fields, "good"), sample(fields, "bad")] {
        [Some(name), None] => Some(PODS.good_container(&string(name, whose)?)),
        [None, Some(name)] => Some(PODS.bad_container(whose, way(value), &string(name, whose)?)),
        _ => None,
    };
    if let Some(container) = container {
        let mut own = fields.clone();
        own.retain(|name, _| !["good", "bad", "way"].contains(&name.as_str()));
        let mut container = with_secret(container);
        overlay(&mut container, &expanded(&own)?);
        return Ok(container);
    }
    let mut containers: Vec<&Value> = Vec::new();
    for item in LISTS.iter().filter_map(|list| fields.get(*list)?.as_array()).flatten() {
        containers.push(match forms(item) {
            Some([("item", item), ("times", _)]) => item,
            _ => item,
        });
    }
    let own = expanded(fields)?;
    if !containers.iter().any(|container| is_bad(container) || container.get("good").is_some_and(Value::is_string)) {
        return Ok(Value::Object(own));
    }
    let mut pod = Value::Object(PODS.good_fields().clone());
    overlay(&mut pod, &own);
    for container in containers.into_iter().filter(|container| is_bad(container)) {
        overlay(&mut pod, &PODS.bad_fields(whose, way(container)));
    }
    Ok(pod)
}

/// The two fields of an object that has two, sorted by name.
fn forms(value: &Value) -> Option<[(&str, &Value); 2]> {
    let fields: Vec<_> = value.as_object()?.iter().map(|(key, value)| (key.as_str(), value)).collect();
    fields.try_into().ok()
}

fn count(times: &Value) -> Result<usize, String> {
    times
        .as_u64()
        .and_then(|times| usize::try_from(times).ok())
        .ok_or_else(|| format!("{times} is not a number of times"))
}

/// The text that a value stands for.
fn string(value: &Value, whose: &str) -> Result<String, String> {
    if let Value::String(text) = value {
        return Ok(samples_in(text, whose));
    }
    if let Some([("text", repeated), ("times", times)]) = forms(value) {
        return Ok(string(repeated, whose)?.repeat(count(times)?));
    }
    match value.get("join") {
        Some(Value::Array(parts)) => parts.iter().map(|part| string(part, whose)).collect(),
        _ => Err(format!("{value} is not a text")),
    }
}

/// The text with the fields of good and bad containers and pods.
fn samples_in(text: &str, whose: &str) -> String {
    let inner = |object: Value| {
        let text = object.to_string();
        text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or_default().to_owned()
    };
    let pod = |fields: &Map<String, Value>| {
        if fields.is_empty() { String::new() } else { inner(Value::Object(fields.clone())) + "," }
    };
    if !text.contains("<good") && !text.contains("<bad") {
        return text.to_owned();
    }
    text.replace("<good>", &inner(good()))
        .replace("<bad>", &inner(with_secret(PODS.bad_container(whose, 0, "web"))))
        .replace("<goodPod>", &pod(PODS.good_fields()))
        .replace("<badPod>", &pod(&PODS.bad_fields(whose, 0)))
}

/// The bytes of a payload: a text, or `{ hex: fffe }`.
pub(super) fn bytes(value: &Value, whose: &str) -> Result<Vec<u8>, String> {
    let Some(hex) = value.get("hex").and_then(Value::as_str) else {
        return string(value, whose).map(String::into_bytes);
    };
    let digits: Option<Vec<_>> = hex.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.ok_or_else(|| format!("{hex} is not hexadecimal"))?;
    let byte = |pair: &[u32]| pair.iter().fold(0_u32, |byte, digit| byte.wrapping_mul(16).wrapping_add(*digit));
    Ok(digits.chunks(2).filter_map(|pair| u8::try_from(byte(pair)).ok()).collect())
}

/// The value as JSON, with what is raw written as it stands.
pub(super) fn text(value: &Value) -> Result<String, String> {
    let json = value.to_string();
    let mark = format!("\"{RAW}");
    let mut written = String::with_capacity(json.len());
    let mut rest = json.as_str();
    while let Some(start) = rest.find(&mark) {
        let (before, marked) = rest.split_at(start);
        written.push_str(before);
        let mut texts = serde_json::Deserializer::from_str(marked).into_iter::<String>();
        let raw = texts.next().ok_or("a text ends early")?.map_err(|error| error.to_string())?;
        written.extend(raw.chars().skip(1));
        rest = marked.get(texts.byte_offset()..).unwrap_or_default();
    }
    written.push_str(rest);
    Ok(written)
}
