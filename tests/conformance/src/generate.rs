//! Arbitrary input for policies: pods, objects of every kind, requests and settings, sound and odd.
//!
//! The strategies are those of `proptest`. [`samples`] draws from one by a seed.

use manifests::{AdmissionRequest, Operation};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};
use testing::overlay;

use crate::PODS;

/// Makes a JSON value.
pub type Json = BoxedStrategy<Value>;

/// A kind of objects that hold a pod specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its API group; empty for the core group.
    pub group: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The path of the pod specification.
    pub path: &'static str,
}

/// The kinds of the Kubernetes API that hold a pod specification. Source: API reference, "Workload resources". A table of
/// its own beside that of the code, so that a kind which the code loses is missed.
pub const KINDS: [Kind; 9] = [
    Kind { group: "", name: "Pod", path: "spec" },
    Kind { group: "", name: "PodTemplate", path: "template.spec" },
    Kind { group: "", name: "ReplicationController", path: "spec.template.spec" },
    Kind { group: "apps", name: "DaemonSet", path: "spec.template.spec" },
    Kind { group: "apps", name: "Deployment", path: "spec.template.spec" },
    Kind { group: "apps", name: "ReplicaSet", path: "spec.template.spec" },
    Kind { group: "apps", name: "StatefulSet", path: "spec.template.spec" },
    Kind { group: "batch", name: "CronJob", path: "spec.jobTemplate.spec.template.spec" },
    Kind { group: "batch", name: "Job", path: "spec.template.spec" },
];

/// A custom resource that holds a pod template.
pub const ROLLOUT: Kind = Kind { group: "argoproj.io", name: "Rollout", path: "spec.template.spec" };

/// A pod.
pub const POD: Kind = KINDS[0];

impl Kind {
    /// The path of the pod specification as a JSON pointer.
    #[must_use]
    pub fn pointer(&self) -> String {
        format!("/{}", self.path.replace('.', "/"))
    }

    /// An object of this kind around a pod specification.
    #[must_use]
    pub fn object(&self, pod: &Value) -> Value {
        let mut object = self.path.rsplit('.').fold(pod.clone(), |inner, field| json!({ field: inner }));
        if let Value::Object(fields) = &mut object {
            fields.insert("apiVersion".to_owned(), self.api_version().into());
            fields.insert("kind".to_owned(), self.name.into());
            fields.insert("metadata".to_owned(), json!({ "name": "web", "namespace": "shop" }));
        }
        object
    }

    /// The request of the API server for an object of this kind.
    #[must_use]
    pub fn request(&self, operation: Operation, object: &Value, old: &Value) -> Value {
        let request = AdmissionRequest {
            operation,
            api_version: self.api_version(),
            kind: self.name.to_owned(),
            name: "web".to_owned(),
            namespace: "shop".to_owned(),
            user: json!({ "username": "alice", "groups": ["system:authenticated"] }),
            object: object.clone(),
            old_object: old.clone(),
            dry_run: false,
        };
        request.into_json()
    }

    fn api_version(&self) -> String {
        if self.group.is_empty() { "v1".to_owned() } else { format!("{}/v1", self.group) }
    }

    /// The request that creates this pod as an object of this kind.
    #[must_use]
    pub fn create(&self, pod: &Value) -> Value {
        self.request(Operation::Create, &self.object(pod), &Value::Null)
    }

    /// The request that changes the object of this kind from the old pod to the new one.
    #[must_use]
    pub fn update(&self, old: &Value, new: &Value) -> Value {
        self.request(Operation::Update, &self.object(new), &self.object(old))
    }
}

/// The types of the fields that are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    /// As in the Kubernetes API; a field may be absent or `null`.
    Well,
    /// Now and then something else.
    Ill,
}

/// A class of containers: its name in settings, the list in which it stands.
pub const CLASSES: [(&str, &str); 4] = [
    ("main", "containers"),
    ("init", "initContainers"),
    ("sidecar", "initContainers"),
    ("ephemeral", "ephemeralContainers"),
];

/// The lists of containers in a pod specification.
pub const LISTS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// A container in which no policy finds anything.
#[must_use]
pub fn good_container(name: &str) -> Value {
    PODS.good_container(name)
}

/// The same container in a class, one of [`CLASSES`].
#[must_use]
pub fn in_class(mut container: Value, class: &str) -> Value {
    if let Some(fields) = container.as_object_mut().filter(|_| class == "sidecar") {
        fields.insert("restartPolicy".to_owned(), "Always".into());
    }
    container
}

/// Adds an item to a list of an object, which begins where it is missing.
pub fn push(object: &mut Value, list: &str, item: Value) {
    let Some(fields) = object.as_object_mut() else { return };
    match fields.get_mut(list) {
        Some(Value::Array(items)) => items.push(item),
        _ => {
            fields.insert(list.to_owned(), Value::from(vec![item]));
        }
    }
}

/// Values that no field should have.
pub fn odd() -> Json {
    let texts = ["", "0", "true", "Always", "Pod", "windows", "\u{1b}[31m\n", "ｌatest", "é\u{202e}\u{0}", "\\\"'$("];
    let numbers = [json!(0), json!(-1), json!(i64::MAX), json!(u64::MAX), json!(0.0), json!(1e300), json!(0.5)];
    let others = [
        Value::Null,
        json!(true),
        json!(false),
        json!({}),
        json!([]),
        json!([null]),
        json!([[{ "a": [1] }]]),
        json!({ "containers": [{ "image": "a" }], "name": "windows" }),
        json!("a".repeat(900)),
    ];
    select(texts.map(Value::from).into_iter().chain(numbers).chain(others).collect::<Vec<_>>()).boxed()
}

/// One of these values.
fn one_of<T: Into<Value>>(values: impl IntoIterator<Item = T>) -> Json {
    select(values.into_iter().map(Into::into).collect::<Vec<_>>()).boxed()
}

/// The value, or now and then an odd one. A union of strategies would say the same and take ten times as long.
fn perhaps_odd(typed: Typed, value: Json) -> Json {
    match typed {
        Typed::Well => value,
        Typed::Ill => {
            (0..40_u8, value, odd()).prop_map(|(state, value, odd)| if state == 0 { odd } else { value }).boxed()
        }
    }
}

/// An object of these fields, each in one of its states: absent, `null`, well-typed and perhaps ill-typed.
fn object(typed: Typed, fields: Vec<(&'static str, Json)>) -> Json {
    let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    let state = |value| {
        (0..32_u8, perhaps_odd(typed, value)).prop_map(|(state, value)| match state {
            0..=9 => None,
            10..=11 => Some(Value::Null),
            _ => Some(value),
        })
    };
    let states: Vec<_> = values.into_iter().map(state).collect();
    states
        .prop_map(move |values| {
            let given = names.iter().zip(values).filter_map(|(name, value)| Some(((*name).to_owned(), value?)));
            Value::Object(given.collect())
        })
        .boxed()
}

/// A list of at most `most` such items.
fn list(typed: Typed, most: usize, item: Json) -> Json {
    prop::collection::vec(perhaps_odd(typed, item), 0..=most).prop_map(Value::from).boxed()
}

/// Images with and without tag and digest, and texts that are not images.
const IMAGES: [&str; 16] = [
    "nginx",
    "nginx:latest",
    "nginx:1.27.3",
    "nginx:stable",
    "nginx:1.27",
    "registry:5000/nginx",
    "registry.example/shop/web:1.2.3",
    "registry.example/shop/web:abc1234",
    "registry.example/shop/web:1.2.3-dirty",
    "nginx@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "nginx:latest@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "nginx@sha256:aaaa",
    "Nginx:1.0.0",
    "{{ .Values.image }}",
    " nginx:1.0.0",
    "",
];

/// Commands that the process policies tell apart.
fn commands() -> Vec<Value> {
    vec![
        json!([]),
        json!(["web"]),
        json!(["/usr/bin/tini", "--", "web", "--port", "80"]),
        json!(["env", "A=1", "web"]),
        json!(["sh", "-c", "exec web"]),
        json!(["sh", "-c", "web & log"]),
        json!(["bash", "-c", "web"]),
        json!(["sh", "-c", "cd /srv && web | log"]),
        json!(["sh", "-c", "trap 'exit 0' TERM\nweb &\nwait"]),
        json!(["sh", "-c", "$APP --verbose"]),
        json!(["$(APP)", "--verbose"]),
        json!(["sh", "-c"]),
        json!(["sh"]),
        json!([""]),
        json!(["npm", "start"]),
        json!(["supervisord", "-n"]),
        json!(["/usr/sbin/sshd", "-D"]),
        json!(["cron", "-f"]),
        json!(["sleep", "infinity"]),
    ]
}

/// The `securityContext` of a pod or a container.
fn security_context(typed: Typed) -> Json {
    let ids = || one_of([0_i64, 1, 1000, 2_147_483_647, 2_147_483_648, -1]);
    let windows = one_of(["ContainerAdministrator", "containeradministrator", "ContainerUser"]);
    object(
        typed,
        vec![
            ("fsGroup", ids()),
            ("privileged", one_of([true, false])),
            ("readOnlyRootFilesystem", one_of([true, true, false])),
            ("runAsGroup", ids()),
            ("runAsNonRoot", one_of([true, true, false])),
            ("runAsUser", ids()),
            ("supplementalGroups", list(typed, 2, ids())),
            ("windowsOptions", object(typed, vec![("runAsUserName", windows)])),
        ],
    )
}

/// A container, of whatever class the list is in which it stands.
pub fn container(typed: Typed) -> Json {
    let env = object(
        typed,
        vec![
            ("name", one_of(["APP", "PASSWORD", "HOME"])),
            ("value", one_of(["web", "sh -c web", "$(HOME)", ""])),
            ("valueFrom", one_of([json!({ "secretKeyRef": { "name": "web", "key": "password" } })])),
        ],
    );
    let port = object(typed, vec![("containerPort", one_of([80_i64, 22]))]);
    object(
        typed,
        vec![
            ("args", one_of([json!(["--verbose"]), json!(["-c", "web; log"]), json!([])])),
            ("command", one_of(commands())),
            ("env", list(typed, 2, env)),
            ("envFrom", one_of([json!([]), json!([{ "secretRef": { "name": "web" } }])])),
            ("image", one_of(IMAGES)),
            ("name", one_of(["web", "log", "proxy"])),
            ("ports", list(typed, 2, port)),
            ("restartPolicy", one_of(["Always", "OnFailure"])),
            ("securityContext", security_context(typed)),
        ],
    )
}

/// The fields of a pod specification beside its containers.
pub fn pod_fields(typed: Typed) -> Json {
    let image = object(typed, vec![("reference", one_of(IMAGES))]);
    let volume = object(typed, vec![("image", image), ("name", one_of(["model", "data"]))]);
    let os = || one_of(["linux", "linux", "linux", "windows", "Windows"]);
    object(
        typed,
        vec![
            ("hostPID", one_of([false, false, true])),
            ("hostUsers", one_of([true, true, true, false])),
            ("nodeSelector", object(typed, vec![("kubernetes.io/os", os()), ("pool", one_of(["a", "b"]))])),
            ("os", object(typed, vec![("name", os())])),
            ("restartPolicy", one_of(["Always", "Always", "OnFailure", "Never"])),
            ("securityContext", security_context(typed)),
            ("serviceAccountName", one_of(["web"])),
            ("shareProcessNamespace", one_of([false, false, true])),
            ("terminationGracePeriodSeconds", one_of([0_i64, 30])),
            ("volumes", list(typed, 2, volume)),
        ],
    )
}

/// A pod specification with its containers, some of them as policies like them or not. A well-typed one has at least one
/// container, so that it can be judged.
pub fn pod(typed: Typed) -> Json {
    let least = usize::from(typed == Typed::Well);
    let containers = |least, most| prop::collection::vec(perhaps_odd(typed, container(typed)), least..=most);
    let lists = (containers(least, 3), containers(0, 2), containers(0, 1));
    let samples = prop::collection::vec(any::<(u16, u16)>(), 0..=3);
    (pod_fields(typed), lists, samples)
        .prop_map(|(mut pod, (main, init, ephemeral), samples)| {
            for (list, items) in LISTS.into_iter().zip([main, init, ephemeral]) {
                for item in items {
                    push(&mut pod, list, item);
                }
            }
            for (choice, at) in samples {
                PODS.disturb(&mut pod, choice.into(), at.into());
            }
            pod
        })
        .boxed()
}

/// A pod specification with the fields that policies demand, and without others that change how a container is judged: a
/// container that is bad is bad in it.
#[must_use]
pub fn plain_pod(containers: &[Value]) -> Value {
    let mut pod = json!({ "containers": containers, "restartPolicy": "Always", "serviceAccountName": "web" });
    overlay(&mut pod, PODS.good_fields());
    pod
}

/// One of the nine kinds.
pub fn kind() -> impl Strategy<Value = Kind> {
    select(KINDS.to_vec())
}

/// A request: kinds × operations × subresources × objects, with odd values in some places.
pub fn request() -> Json {
    let kinds = select(KINDS.into_iter().chain([ROLLOUT]).collect::<Vec<_>>());
    let operations = select(vec!["CREATE", "UPDATE", "UPDATE", "UPDATE", "DELETE", "CONNECT", "PATCH", ""]);
    let none = [None; 6].into_iter();
    let some = ["ephemeralcontainers", "resize", "status", "scale", "future"].map(Some);
    let sub_resources = select(none.chain(some).collect::<Vec<_>>());
    // Of two arbitrary pods, the one would seldom have a finding of the other.
    let pods = || (any::<bool>(), pod(Typed::Ill), pod(Typed::Well));
    let pods = (pods(), any::<bool>(), pod(Typed::Well)).prop_map(|((ill, odd, sound), same, other)| {
        let new = if ill { odd } else { sound };
        (new.clone(), if same { new } else { other })
    });
    let change = prop::option::weighted(0.2, (any::<prop::sample::Index>(), odd()));
    (kinds, operations, sub_resources, pods, change)
        .prop_map(|(kind, operation, sub_resource, (new, old), change)| {
            let mut request = kind.request(Operation::Update, &kind.object(&new), &kind.object(&old));
            if let Some(fields) = request.as_object_mut() {
                fields.insert("operation".to_owned(), operation.into());
                fields.extend(sub_resource.map(|sub_resource| ("subResource".to_owned(), sub_resource.into())));
            }
            if let Some((place, value)) = change {
                put(&mut request, place, value);
            }
            request
        })
        .boxed()
}

/// Puts `value` at an arbitrary place of `target`, instead of what is there.
pub fn put(target: &mut Value, place: prop::sample::Index, value: Value) {
    let pointers = payloads::pointers(target);
    if let Some(old) = pointers.get(place.index(pointers.len())).and_then(|pointer| target.pointer_mut(pointer)) {
        *old = value;
    }
}

/// Adds a field of this name to every object in `value`.
pub fn add_everywhere(value: &mut Value, name: &str, added: &Value) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(|value| add_everywhere(value, name, added));
            fields.insert(name.to_owned(), added.clone());
        }
        Value::Array(items) => items.iter_mut().for_each(|item| add_everywhere(item, name, added)),
        _ => {}
    }
}

/// Settings that a schema allows, most of them sound, made of what the schema says: names, types, choices, defaults.
///
/// # Errors
/// The schema uses a keyword that is not known here.
pub fn settings(schema: &Value) -> Result<Json, String> {
    setting("", schema)
}

/// Texts that some setting takes: patterns, names, formats, rules.
const TEXTS: [&str; 22] = [
    "*",
    "**",
    "",
    "-",
    " web",
    "web",
    "shop",
    "shop/web",
    "team-*",
    "system:serviceaccount:*",
    "nginx",
    "latest",
    "v*",
    "docker.io/**",
    "registry.example/shop/*",
    "semver",
    "gitHash",
    "any",
    "regex:v[0-9]+",
    "regex:(a",
    "root-user",
    "missing-tag",
];

/// Values of the setting `name` that `schema` allows.
fn setting(name: &str, schema: &Value) -> Result<Json, String> {
    let get = |key: &str| schema.get(key);
    // Beside a type, `anyOf` only says more of it.
    if let Some(Value::Array(choices)) = get("oneOf").or(get("anyOf").filter(|_| get("type").is_none())) {
        let choices = choices.iter().map(|choice| setting(name, choice)).collect::<Result<Vec<_>, _>>()?;
        return Ok(select(choices).prop_flat_map(|choice| choice).boxed());
    }
    if let Some(value) = get("const") {
        return Ok(Just(value.clone()).boxed());
    }
    if let Some(Value::Array(values)) = get("enum") {
        return Ok(one_of(values.iter().cloned()));
    }
    let made = match get("type").and_then(Value::as_str) {
        Some("boolean") => any::<bool>().prop_map(Value::from).boxed(),
        Some("integer") => prop_oneof![4 => 0_i64..100, 1 => any::<i64>()].prop_map(Value::from).boxed(),
        Some("string") => {
            let known: &[&str] = match name {
                "reason" => &["Reviewed in issue 7."],
                "namespaces" | "containers" | "users" | "groups" => &["shop", "web", "team-*"],
                "serviceAccounts" => &["shop/web"],
                "images" | "requireFor" => &["docker.io/**", "registry.example/shop/*", "nginx"],
                "formats" => &["semver", "gitHash", "gitDescribe", "calver", "any", "regex:v[0-9]+", "regex:(a"],
                _ => &["web", "latest", "v*"],
            };
            let odd = prop_oneof![one_of(TEXTS), any::<String>().prop_map(Value::from)];
            prop_oneof![30 => one_of(known.iter().copied()), 1 => odd].boxed()
        }
        Some("array") => {
            let item = setting(name, get("items").ok_or("a list says nothing of its items")?)?;
            prop::collection::vec(item, 0..4).prop_map(Value::from).boxed()
        }
        Some("object") => properties(schema)?,
        other => return Err(format!("{name}: the type {other:?} is not known here")),
    };
    Ok(match get("default") {
        Some(default) => prop_oneof![3 => made, 1 => Just(default.clone())].boxed(),
        None => made,
    })
}

/// Objects with some of the properties of `schema`. Those of an exemption are mostly there, because it needs some.
fn properties(schema: &Value) -> Result<Json, String> {
    let mut named = Vec::new();
    for (name, schema) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let share = if name == "reason" { 0.95 } else { 0.3 };
        let value = setting(name, schema)?;
        named.push(prop::option::weighted(
            share,
            value.prop_map({
                let name = name.clone();
                move |value| (name.clone(), value)
            }),
        ));
    }
    let free = match schema.get("additionalProperties") {
        Some(value @ Value::Object(_)) => {
            prop::collection::vec((select(TEXTS.to_vec()), setting("", value)?), 0..3).boxed()
        }
        _ => Just(Vec::new()).boxed(),
    };
    let object = (named, free).prop_map(|(named, free)| {
        let free = free.into_iter().map(|(name, value)| (name.to_owned(), value));
        Value::Object(free.chain(named.into_iter().flatten()).collect::<Map<_, _>>())
    });
    Ok(object.boxed())
}

/// The values of `strategy`, without end: the same for the same seed.
pub fn samples<S: Strategy>(strategy: S, seed: u64) -> impl Iterator<Item = S::Value> {
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(seed.to_le_bytes()).for_each(|(byte, seed)| *byte = seed);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    std::iter::repeat_with(move || strategy.new_tree(&mut runner)).filter_map(|tree| Some(tree.ok()?.current()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_requests_each_time() {
        let made = |seed| samples(request(), seed).take(20).collect::<Vec<_>>();
        assert_eq!(made(1), made(1));
        assert_ne!(made(1), made(2));
    }
}
