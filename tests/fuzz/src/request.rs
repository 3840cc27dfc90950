//! Well-formed requests: kinds, subresources, operations and settings by tables, fields in every state.

use arbitrary::{Arbitrary, Result, Unstructured};
use serde_json::{Map, Value, json};

use crate::answer::{COMBINED, judge, judge_by_all};
use crate::{Call, law};

/// Group, kind and path of the pod specification: the nine of the core API, others, and what only looks like them.
const KINDS: [(&str, &str, &str); 14] = [
    ("", "Pod", "spec"),
    ("", "PodTemplate", "template.spec"),
    ("", "ReplicationController", "spec.template.spec"),
    ("apps", "DaemonSet", "spec.template.spec"),
    ("apps", "Deployment", "spec.template.spec"),
    ("apps", "ReplicaSet", "spec.template.spec"),
    ("apps", "StatefulSet", "spec.template.spec"),
    ("batch", "CronJob", "spec.jobTemplate.spec.template.spec"),
    ("batch", "Job", "spec.template.spec"),
    ("argoproj.io", "Rollout", "spec.template.spec"),
    ("jobset.x-k8s.io", "JobSet", "spec.template.spec.template.spec"),
    ("apps", "Pod", "spec"),
    ("example.com", "Deployment", "spec"),
    ("", "ConfigMap", "data"),
];

/// Operations. What is judged comes more often.
const OPERATIONS: [&str; 9] =
    ["CREATE", "CREATE", "CREATE", "UPDATE", "UPDATE", "UPDATE", "DELETE", "CONNECT", "PATCH"];

/// Subresources: none, those that carry no pod of a user, those that are judged.
const SUB_RESOURCES: [&str; 8] = ["", "", "", "", "ephemeralcontainers", "status", "exec", "resize"];

/// Settings that mean the same to a policy and to the combined module.
const SETTINGS: [&str; 6] = [
    "null",
    "{}",
    r#"{"action":"warn"}"#,
    r#"{"updates":"full"}"#,
    r#"{"containers":{"main":"warn","init":"enforce","ephemeral":"enforce"}}"#,
    r#"{"exemptions":[{"images":["docker.io/library/*"],"reason":"r"},{"namespaces":["kube-*"],"reason":"r"}]}"#,
];

/// Images: fixed, moving, by digest, invalid.
const IMAGES: [&str; 12] = [
    "nginx",
    "nginx:1.27.3",
    "nginx:latest",
    "redis:stable",
    "registry.example:5000/team/app:v1.2.3-rc.1",
    "nginx@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "nginx:latest@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "nginx@sha256:0",
    "EVIL/app:1",
    "Nginx",
    "a b",
    "",
];

/// Words of commands and scripts.
const WORDS: [&str; 32] = [
    "sh",
    "-c",
    "bash",
    "-ec",
    "exec",
    "app",
    "nginx",
    "cron",
    "tini",
    "--",
    "&&",
    "||",
    ";",
    "&",
    "|",
    "wait",
    "if",
    "then",
    "fi",
    "while",
    "do",
    "done",
    "(",
    ")",
    "$(APP)",
    "\"$@\"",
    "trap",
    "TERM",
    "\n",
    "/bin/app",
    "env",
    "supervisord",
];

/// Words of identities, names and systems.
const NAMES: [&str; 8] = ["web", "linux", "windows", "kube-system", "Always", "Never", "ContainerAdministrator", ""];

/// Numbers: root, users, out of range.
const NUMBERS: [i64; 8] = [0, 1, 1000, 65534, -1, 4_294_967_296, i64::MAX, i64::MIN];

/// A request of the API server, nearly.
#[derive(Debug)]
struct Request {
    operation: &'static str,
    sub_resource: &'static str,
    settings: &'static str,
    /// Its fields as JSON.
    fields: Value,
    /// The old object is the new one.
    is_unchanged: bool,
}

impl<'a> Arbitrary<'a> for Request {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        let kind = *input.choose(&KINDS)?;
        let operation = *input.choose(&OPERATIONS)?;
        let sub_resource = *input.choose(&SUB_RESOURCES)?;
        let settings = *input.choose(&SETTINGS)?;
        let new = object(input, kind)?;
        let is_unchanged = input.ratio(1, 3)?;
        let old = match input.int_in_range(0..=3)? {
            _ if is_unchanged => new.clone(),
            0 => Value::Null,
            1 => ill_typed(input)?,
            _ => object(input, kind)?,
        };
        let (group, kind, _) = kind;
        let fields = json!({
            "uid": "0",
            "kind": { "group": group, "version": "v1", "kind": kind },
            "operation": operation,
            "subResource": sub_resource,
            "namespace": input.choose(&NAMES)?,
            "userInfo": { "username": "alice", "groups": ["system:authenticated"] },
            "object": new,
            "oldObject": old,
        });
        Ok(Self { operation, sub_resource, settings, fields, is_unchanged })
    }
}

impl Request {
    /// As a payload of `validate`.
    fn payload(&self) -> String {
        format!(r#"{{"request":{},"settings":{}}}"#, self.fields, self.settings)
    }

    /// As another payload that means the same.
    fn respelled(&self) -> String {
        format!(r#"{{"settings":{},"request":{}}}"#, self.settings, respell(&self.fields))
    }
}

/// The combined module rejects what a policy rejects; order, duplicates and unknown fields change nothing; harmless
/// requests are accepted.
pub(crate) fn check(input: &[u8]) -> std::result::Result<(), String> {
    let Ok(request) = Request::arbitrary(&mut Unstructured::new(input)) else { return Ok(()) };
    let payload = request.payload();
    let answer = judge_by_all(payload.as_bytes())?;
    let respelled = judge(COMBINED, request.respelled().as_bytes())?;
    law(answer == respelled, || {
        format!(
            "order, duplicates and unknown fields change the answer:\n{}\n{}\n{payload}",
            answer.text, respelled.text
        )
    })?;
    let carries_no_pod = matches!(request.operation, "DELETE" | "CONNECT")
        || matches!(request.operation, "CREATE" | "UPDATE") && matches!(request.sub_resource, "status" | "exec");
    law(answer.accepted || !carries_no_pod, || format!("what carries no pod is rejected: {payload}"))?;
    let is_harmless = request.is_unchanged && request.operation == "UPDATE" && !request.settings.contains("full");
    law(answer.code != Some(403) || !is_harmless, || format!("an UPDATE that changes nothing is rejected: {payload}"))
}

/// The request, and the other payload that means the same.
pub(crate) fn calls(input: &[u8]) -> Vec<Call> {
    let Ok(request) = Request::arbitrary(&mut Unstructured::new(input)) else { return Vec::new() };
    let call = |payload: String| Call { operation: "validate", payload: payload.into_bytes() };
    vec![call(request.payload()), call(request.respelled())]
}

/// The creation of a pod with this container.
pub(crate) fn of_container(container: &Value) -> Call {
    let request = json!({
        "kind": { "group": "", "version": "v1", "kind": "Pod" },
        "operation": "CREATE",
        "object": { "apiVersion": "v1", "kind": "Pod", "spec": { "containers": [container] } },
    });
    Call { operation: "validate", payload: json!({ "request": request }).to_string().into_bytes() }
}

/// An object of the kind, with what it says of itself right or left out.
fn object(input: &mut Unstructured<'_>, (group, kind, path): (&str, &str, &str)) -> Result<Value> {
    let mut object = pod(input)?;
    for field in path.rsplit('.') {
        object = json!({ field: object });
    }
    if let Value::Object(fields) = &mut object
        && input.ratio(7, 8)?
    {
        let version = if group.is_empty() { "v1".to_owned() } else { format!("{group}/v1") };
        fields.insert("apiVersion".to_owned(), version.into());
        fields.insert("kind".to_owned(), kind.into());
    }
    Ok(object)
}

fn pod(input: &mut Unstructured<'_>) -> Result<Value> {
    let mut pod = Fields::new(input);
    pod.mostly("containers", containers)?;
    pod.maybe("initContainers", containers)?;
    pod.maybe("ephemeralContainers", containers)?;
    pod.maybe("securityContext", |input| {
        let mut context = security_context(input)?;
        context.maybe("fsGroup", number)?;
        context.maybe("supplementalGroups", |input| list(input, number))?;
        Ok(context.into())
    })?;
    for name in ["hostPID", "hostUsers", "shareProcessNamespace"] {
        pod.maybe(name, boolean)?;
    }
    pod.maybe("os", |input| Ok(json!({ "name": name(input)? })))?;
    pod.maybe("nodeSelector", |input| Ok(json!({ "kubernetes.io/os": name(input)? })))?;
    pod.maybe("restartPolicy", name)?;
    pod.maybe("terminationGracePeriodSeconds", number)?;
    pod.maybe("volumes", |input| {
        list(input, |input| {
            let mut volume = Fields::new(input);
            volume.maybe("name", name)?;
            volume.maybe("image", |input| Ok(json!({ "reference": image(input)? })))?;
            Ok(volume.into())
        })
    })?;
    Ok(pod.into())
}

fn containers(input: &mut Unstructured<'_>) -> Result<Value> {
    list(input, |input| {
        let mut container = Fields::new(input);
        container.mostly("name", name)?;
        container.mostly("image", image)?;
        container.maybe("restartPolicy", name)?;
        container.maybe("command", command)?;
        container.maybe("args", command)?;
        container.maybe("securityContext", |input| Ok(security_context(input)?.into()))?;
        container.maybe("env", |input| {
            list(input, |input| {
                let mut variable = Fields::new(input);
                variable.mostly("name", |_| Ok("APP".into()))?;
                variable.maybe("value", word)?;
                variable.maybe("valueFrom", |_| Ok(json!({ "fieldRef": {} })))?;
                Ok(variable.into())
            })
        })?;
        container.maybe("envFrom", |input| list(input, |_| Ok(json!({}))))?;
        container.maybe("ports", |input| list(input, |input| Ok(json!({ "containerPort": number(input)? }))))?;
        Ok(container.into())
    })
}

/// The fields of a security context that containers and pods share.
fn security_context<'i, 'a>(input: &'i mut Unstructured<'a>) -> Result<Fields<'i, 'a>> {
    let mut context = Fields::new(input);
    context.maybe("runAsUser", number)?;
    context.maybe("runAsGroup", number)?;
    context.maybe("runAsNonRoot", boolean)?;
    context.maybe("readOnlyRootFilesystem", boolean)?;
    context.maybe("windowsOptions", |input| Ok(json!({ "runAsUserName": name(input)? })))?;
    Ok(context)
}

/// An argument vector; half of them run a script.
fn command(input: &mut Unstructured<'_>) -> Result<Value> {
    let script = input.ratio(1, 2)?;
    let words = list(input, word)?;
    let Some(words) = words.as_array().filter(|_| script) else { return Ok(words) };
    let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
    Ok(json!(["sh", "-c", words.join(" ")]))
}

fn image(input: &mut Unstructured<'_>) -> Result<Value> {
    Ok(json!(input.choose(&IMAGES)?))
}

fn word(input: &mut Unstructured<'_>) -> Result<Value> {
    Ok(json!(input.choose(&WORDS)?))
}

fn name(input: &mut Unstructured<'_>) -> Result<Value> {
    Ok(json!(input.choose(&NAMES)?))
}

fn number(input: &mut Unstructured<'_>) -> Result<Value> {
    Ok(json!(input.choose(&NUMBERS)?))
}

fn boolean(input: &mut Unstructured<'_>) -> Result<Value> {
    Ok(json!(bool::arbitrary(input)?))
}

/// A value of any type, which is wrong for most fields.
fn ill_typed(input: &mut Unstructured<'_>) -> Result<Value> {
    let values = [json!(""), json!("true"), json!(1), json!(1.5), json!(true), json!([]), json!([null]), json!({})];
    input.choose(&values).cloned()
}

/// A list of one to four items, one of which may be of any type.
fn list<'a>(
    input: &mut Unstructured<'a>,
    mut item: impl FnMut(&mut Unstructured<'a>) -> Result<Value>,
) -> Result<Value> {
    let mut items = Vec::new();
    loop {
        items.push(if input.ratio(63, 64)? { item(input)? } else { ill_typed(input)? });
        if items.len() == 4 || input.ratio(1, 2)? {
            break;
        }
    }
    Ok(Value::Array(items))
}

/// An object whose fields are absent, null, well-typed or ill-typed. When the input ends, they are absent.
#[derive(Debug)]
struct Fields<'i, 'a> {
    input: &'i mut Unstructured<'a>,
    fields: Map<String, Value>,
}

impl<'i, 'a> Fields<'i, 'a> {
    fn new(input: &'i mut Unstructured<'a>) -> Self {
        Self { input, fields: Map::new() }
    }

    /// Sets a field that is well-typed most of the time.
    fn mostly(&mut self, name: &str, value: impl FnOnce(&mut Unstructured<'a>) -> Result<Value>) -> Result<()> {
        self.set(name, 16, value)
    }

    /// Sets a field that is absent as often as not.
    fn maybe(&mut self, name: &str, value: impl FnOnce(&mut Unstructured<'a>) -> Result<Value>) -> Result<()> {
        self.set(name, 128, value)
    }

    fn set(
        &mut self,
        name: &str,
        absent: u8,
        value: impl FnOnce(&mut Unstructured<'a>) -> Result<Value>,
    ) -> Result<()> {
        let value = match self.input.int_in_range(0..=u8::MAX)? {
            255 => ill_typed(self.input)?,
            254 => Value::Null,
            state if state >= absent => value(self.input)?,
            _ => return Ok(()),
        };
        self.fields.insert(name.to_owned(), value);
        Ok(())
    }
}

impl From<Fields<'_, '_>> for Value {
    fn from(fields: Fields<'_, '_>) -> Self {
        Value::Object(fields.fields)
    }
}

/// Writes a value with the fields of objects in reverse, each after a duplicate of another type, which does not count,
/// and after a field that nobody knows.
fn respell(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().rev().map(|(name, value)| {
                let (name, value) = (Value::from(name.as_str()), respell(value));
                format!(r#""x-unknown":[{{"image":"nginx"}}],{name}:1.5,{name}:{value}"#)
            });
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(respell).collect::<Vec<_>>().join(",")),
        scalar => scalar.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_respelled_value_is_the_same_value_with_one_more_field() {
        let value = json!({ "b": [1, { "c": "\"" }], "a": null });
        let text = respell(&value);
        let unknown = json!([{ "image": "nginx" }]);
        let expected = json!({
            "a": null,
            "b": [1, { "c": "\"", "x-unknown": unknown }],
            "x-unknown": unknown,
        });
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
        assert!(text.find("\"b\"") < text.find("\"a\""), "{text}");
    }
}
