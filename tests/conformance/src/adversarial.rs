//! The adversarial corpus: what people and programs may send to get past a policy or to break it, and the verdict of each
//! policy. The rows are in `tests/adversarial`, whose README explains them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use testing::{request, workloads};

use crate::workspace;

/// A text in the environment of every good container, which no answer may repeat.
pub const SECRET: &str = "canary-6d1f";

/// What stands for all policies, or all places, that a row does not name.
const OTHERS: &str = "others";

/// Marks a text of JSON that is written as it stands; no other text holds this character of private use.
const RAW: char = '\u{e000}';

/// Each of the nine kinds, by its index.
const EVERY_KIND: [usize; 9] = [0, 1, 2, 3, 4, 5, 6, 7, 8];

/// How much of an input the name of a test shows, in characters.
const SHOWN: usize = 60;

/// A file of rows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Parts of inputs that rows refer to by YAML anchors.
    #[serde(default, rename = "parts")]
    _parts: Value,
    rows: Vec<Row>,
}

/// A kind of attack or accident: inputs that have the same verdicts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Row {
    /// The group and number of the row, such as `I1`. Rows with the same id vary one theme.
    pub id: String,
    /// What the row shows, as a sentence.
    pub about: String,
    /// Why a verdict is not what a reader may expect.
    pub because: Option<String>,
    /// Why the row has no inputs: nothing in the project does what it is about.
    pub not_applicable: Option<String>,
    /// The settings of each policy; absent are the defaults.
    settings: BTreeMap<String, Value>,
    /// The kinds that the input is replayed in; empty means all nine.
    kinds: BTreeSet<String>,
    /// The places that an image or a container is put in; empty means all.
    places: Vec<Place>,
    images: Vec<Value>,
    containers: Vec<Value>,
    pods: Vec<Value>,
    objects: Vec<Value>,
    requests: Vec<Value>,
    payloads: Vec<Value>,
    /// Settings that are judged themselves: for each policy, as in `settings`.
    configurations: Vec<BTreeMap<String, Value>>,
    /// Fields of the pod around `images` and `containers`.
    pod: Map<String, Value>,
    /// The pod or object before an UPDATE.
    old: Option<Value>,
    /// Fields of the metadata of the object around a pod.
    metadata: Map<String, Value>,
    /// Fields of the request around an object.
    request: Map<String, Value>,
    /// The verdict of each policy.
    expect: BTreeMap<String, Expected>,
}

/// Where an image or a container is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// One of `containers`.
    Main,
    /// One of `initContainers`.
    Init,
    /// One of `initContainers` with `restartPolicy: Always`.
    Sidecar,
    /// One of `ephemeralContainers`.
    Ephemeral,
    /// The image of one of `volumes`.
    Volume,
}

impl Place {
    const ALL: [Place; 5] = [Place::Main, Place::Init, Place::Sidecar, Place::Ephemeral, Place::Volume];

    /// Its name in rows.
    const fn name(self) -> &'static str {
        match self {
            Place::Main => "main",
            Place::Init => "init",
            Place::Sidecar => "sidecar",
            Place::Ephemeral => "ephemeral",
            Place::Volume => "volume",
        }
    }
}

/// What a policy says of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Accepted without a word.
    Accept,
    /// Accepted with warnings.
    Warn,
    /// Rejected for a finding: code 403.
    Reject,
    /// Rejected because it cannot be read: code 400.
    Malformed,
    /// The settings are not valid. Whatever the code, nothing is accepted with them.
    Invalid,
}

/// A verdict, or one for each place.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Expected {
    Everywhere(Verdict),
    ByPlace(BTreeMap<String, Verdict>),
}

/// One input of a row, with what it expands to.
#[derive(Clone, Debug)]
pub struct Test {
    /// The id, what the row is about, and the input.
    pub name: String,
    /// The row.
    pub row: Arc<Row>,
    /// Which input of the row it is.
    index: usize,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    Image(Value),
    Container(Value),
    Pod(Value),
    Object(Value),
    Request(Value),
    Payload(Value),
    Configuration(BTreeMap<String, Value>),
}

/// What is sent.
#[derive(Clone, Debug)]
pub struct Input {
    /// Where in which object the input stands, as words.
    pub at: String,
    place: Option<Place>,
    body: Body,
}

#[derive(Clone, Debug)]
enum Body {
    /// The text of a request, to which the settings of a policy are added.
    Request(String),
    /// All of a payload.
    Payload(Vec<u8>),
}

impl Input {
    /// The payload of `validate` with the settings, a JSON text.
    #[must_use]
    pub fn payload(&self, settings: &str) -> Vec<u8> {
        match &self.body {
            Body::Request(request) => format!("{{\"request\":{request},\"settings\":{settings}}}").into_bytes(),
            Body::Payload(payload) => payload.clone(),
        }
    }
}

/// Reads every row and checks that it speaks of the policies of these names only.
///
/// # Errors
/// Names the file and the row that cannot be read.
pub fn load(policies: &[&str]) -> Result<Vec<Row>, String> {
    let directory = workspace("tests/adversarial");
    let entries = fs::read_dir(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    let mut rows = Vec::new();
    for file in files {
        let named = |problem: &dyn std::fmt::Display| format!("{}: {problem}", file.display());
        let text = fs::read_to_string(&file).map_err(|error| named(&error))?;
        let mut read: File = serde_saphyr::from_str(&text).map_err(|error| named(&error))?;
        for row in &read.rows {
            row.check(policies).map_err(|problem| named(&format!("{} {}: {problem}", row.id, row.about)))?;
        }
        rows.append(&mut read.rows);
    }
    Ok(rows)
}

impl Row {
    /// The tests of the row: one for each input.
    #[must_use]
    pub fn tests(&self) -> Vec<Test> {
        let row = Arc::new(self.clone());
        let inputs = self.images.iter().map(|value| (value, Source::Image as fn(Value) -> Source));
        let inputs = inputs
            .chain(self.containers.iter().map(|value| (value, Source::Container as _)))
            .chain(self.pods.iter().map(|value| (value, Source::Pod as _)))
            .chain(self.objects.iter().map(|value| (value, Source::Object as _)))
            .chain(self.requests.iter().map(|value| (value, Source::Request as _)))
            .chain(self.payloads.iter().map(|value| (value, Source::Payload as _)))
            .map(|(value, source)| (value.to_string(), source(value.clone())));
        let configurations = self.configurations.iter().map(|settings| {
            let shown: Vec<_> = settings.iter().map(|(policy, settings)| format!("{policy}: {settings}")).collect();
            (shown.join(", "), Source::Configuration(settings.clone()))
        });
        inputs
            .chain(configurations)
            .enumerate()
            .map(|(index, (shown, source))| {
                let mut shown: String = shown.chars().filter(|char| !char.is_control()).collect();
                if let Some((end, _)) = shown.char_indices().nth(SHOWN) {
                    shown.truncate(end);
                    shown.push('…');
                }
                let about = self.about.trim_end_matches('.');
                Test { name: format!("{}: {about}: {shown}", self.id), row: Arc::clone(&row), index, source }
            })
            .collect()
    }

    /// The verdict of a policy on an input in this place; `None` when the row does not state it.
    #[must_use]
    pub fn expected(&self, policy: &str, input: &Input) -> Option<Verdict> {
        match self.expect.get(policy).or_else(|| self.expect.get(OTHERS))? {
            Expected::Everywhere(verdict) => Some(*verdict),
            Expected::ByPlace(verdicts) => {
                let verdict = input.place.and_then(|place| verdicts.get(place.name()));
                verdict.or_else(|| verdicts.get(OTHERS)).copied()
            }
        }
    }

    /// Whether the parts of the row fit together.
    fn check(&self, policies: &[&str]) -> Result<(), String> {
        let inputs = [&self.images, &self.containers, &self.pods, &self.objects, &self.requests, &self.payloads];
        let sources = inputs.iter().filter(|list| !list.is_empty()).count();
        let sources = sources.saturating_add(usize::from(!self.configurations.is_empty()));
        if sources != usize::from(self.not_applicable.is_none()) {
            return Err("give one list of inputs, or say why there is none".to_owned());
        }
        let places: BTreeSet<_> = Place::ALL.iter().map(|place| place.name()).collect();
        let strange = |name: &&String| *name != OTHERS && !policies.contains(&name.as_str());
        let policies =
            self.expect.keys().chain(self.settings.keys()).chain(self.configurations.iter().flat_map(|s| s.keys()));
        if let Some(name) = policies.into_iter().find(strange) {
            return Err(format!("there is no policy {name}"));
        }
        let by_place = self.expect.values().filter_map(|expected| match expected {
            Expected::Everywhere(_) => None,
            Expected::ByPlace(verdicts) => Some(verdicts.keys()),
        });
        match by_place.flatten().find(|name| *name != OTHERS && !places.contains(name.as_str())) {
            Some(name) => Err(format!("there is no place {name}")),
            None => Ok(()),
        }
    }

    /// The inputs for a pod: one for each of `kinds`.
    fn in_kinds(&self, pod: &Value, place: Option<Place>, kinds: &[usize]) -> Result<Vec<Input>, String> {
        let old = self.old.as_ref().map(expand).transpose()?;
        let mut old: Vec<_> = old.iter().flat_map(workloads).map(|(_, old)| Some(old)).collect();
        let mut inputs = Vec::new();
        for (index, (kind, object)) in workloads(pod).into_iter().enumerate() {
            if kinds.contains(&index) && (self.kinds.is_empty() || self.kinds.contains(kind)) {
                let at = place.map_or(kind.to_owned(), |place| format!("{} of a {kind}", place.name()));
                inputs.push(self.input(at, place, object, old.get_mut(index).and_then(Option::take))?);
            }
        }
        Ok(inputs)
    }

    /// The input for one object.
    fn input(&self, at: String, place: Option<Place>, mut object: Value, old: Option<Value>) -> Result<Input, String> {
        if let Some(metadata) = object.get_mut("metadata") {
            *metadata = merged(metadata.take(), &self.metadata)?;
        }
        let mut request = request(if old.is_some() { "UPDATE" } else { "CREATE" }, &object);
        if let Some(fields) = request.as_object_mut() {
            fields.extend(old.map(|old| ("oldObject".to_owned(), old)));
            fields.extend(self.request.clone());
        }
        Ok(Input { at, place, body: Body::Request(text(&request)?) })
    }
}

impl Test {
    /// What the test sends. The first image or container of a row is put in every place of every kind, the others in every
    /// place of one kind each.
    ///
    /// # Errors
    /// The row does not make sense.
    pub fn inputs(&self) -> Result<Vec<Input>, String> {
        let row = &self.row;
        let one = |at: &str, body| vec![Input { at: at.to_owned(), place: None, body }];
        match &self.source {
            Source::Image(image) => {
                let image = expand(image)?;
                self.in_places(&|place| Some(pod_with_image(place, &image)))
            }
            Source::Container(fields) => {
                let fields = expand(fields)?;
                let container = merged(good(), fields.as_object().ok_or("a container is an object")?)?;
                self.in_places(&|place| (place != Place::Volume).then(|| pod_with(place, container.clone())))
            }
            Source::Pod(pod) => row.in_kinds(&expand(pod)?, None, &EVERY_KIND),
            Source::Object(object) => {
                let old = row.old.as_ref().map(expand).transpose()?;
                Ok(vec![row.input("the object".to_owned(), None, expand(object)?, old)?])
            }
            Source::Request(request) => Ok(one("the request", Body::Request(text(&expand(request)?)?))),
            Source::Payload(payload) => Ok(one("the payload", Body::Payload(bytes(payload)?))),
            Source::Configuration(_) => row.in_kinds(&pod_with(Place::Main, good()), None, &[0]),
        }
    }

    /// The inputs for a pod that differs by place.
    fn in_places(&self, pod: &dyn Fn(Place) -> Option<Value>) -> Result<Vec<Input>, String> {
        let row = &self.row;
        let mut inputs = Vec::new();
        for (at, place) in Place::ALL.into_iter().enumerate() {
            if !(row.places.is_empty() || row.places.contains(&place)) {
                continue;
            }
            let turn = EVERY_KIND.iter().cycle().skip(self.index.saturating_add(at)).take(1);
            let kinds: Vec<usize> =
                if self.index == 0 || !row.kinds.is_empty() { EVERY_KIND.to_vec() } else { turn.copied().collect() };
            if let Some(pod) = pod(place) {
                inputs.append(&mut row.in_kinds(&merged(pod, &row.pod)?, Some(place), &kinds)?);
            }
        }
        Ok(inputs)
    }

    /// The settings of a policy, as a JSON text.
    ///
    /// # Errors
    /// The row does not make sense.
    pub fn settings(&self, policy: &str) -> Result<String, String> {
        let settings = match &self.source {
            Source::Configuration(settings) => settings,
            _ => &self.row.settings,
        };
        settings.get(policy).or_else(|| settings.get(OTHERS)).map_or(Ok("{}".to_owned()), |value| text(&expand(value)?))
    }
}

/// A container that every policy accepts.
fn good() -> Value {
    json!({
        "name": "web",
        "image": "shop/web:1.0.0",
        "securityContext": { "readOnlyRootFilesystem": true, "runAsNonRoot": true },
        "env": [{ "name": "TOKEN", "value": SECRET }],
    })
}

/// A pod that every policy accepts but for `tested`, a container in the given place.
fn pod_with(place: Place, tested: Value) -> Value {
    match place {
        Place::Main | Place::Volume => json!({ "containers": [tested] }),
        Place::Init => json!({ "containers": [good()], "initContainers": [tested] }),
        Place::Sidecar => {
            let mut tested = tested;
            if let Some(fields) = tested.as_object_mut() {
                fields.insert("restartPolicy".to_owned(), json!("Always"));
            }
            json!({ "containers": [good()], "initContainers": [tested] })
        }
        Place::Ephemeral => json!({ "containers": [good()], "ephemeralContainers": [tested] }),
    }
}

/// A pod that every policy accepts but for the image in the given place.
fn pod_with_image(place: Place, image: &Value) -> Value {
    if place == Place::Volume {
        return json!({ "containers": [good()], "volumes": [{ "name": "model", "image": { "reference": image } }] });
    }
    let mut tested = good();
    if let Some(fields) = tested.as_object_mut() {
        fields.insert("image".to_owned(), image.clone());
    }
    pod_with(place, tested)
}

/// The object with these fields set.
fn merged(object: Value, fields: &Map<String, Value>) -> Result<Value, String> {
    let Value::Object(mut object) = object else { return Err(format!("{object} is no object")) };
    let Value::Object(fields) = expand(&Value::Object(fields.clone()))? else { return Err("no object".to_owned()) };
    object.extend(fields);
    Ok(Value::Object(object))
}

/// Writes out what rows only describe:
///
/// - `{ text: a, times: 3 }` is the text `aaa`;
/// - `{ join: [a, b] }` is the text `ab`;
/// - `{ item: x, times: 3 }` in a list stands for three items;
/// - `{ raw: "1e3" }` is JSON that is written as it stands, also what YAML cannot say.
fn expand(value: &Value) -> Result<Value, String> {
    match value {
        Value::Array(items) => {
            let mut expanded = Vec::new();
            for item in items {
                match forms(item) {
                    Some([("item", item), ("times", times)]) => {
                        expanded.extend(std::iter::repeat_n(expand(item)?, count(times)?));
                    }
                    _ => expanded.push(expand(item)?),
                }
            }
            Ok(Value::Array(expanded))
        }
        Value::Object(fields) => match forms(value) {
            Some([("text", _), ("times", _)]) => Ok(Value::String(string(value)?)),
            _ => match fields.iter().next() {
                Some((key, _)) if key == "join" && fields.len() == 1 => Ok(Value::String(string(value)?)),
                Some((key, raw)) if key == "raw" && fields.len() == 1 => {
                    Ok(Value::String(format!("{RAW}{}", string(raw)?)))
                }
                _ => {
                    let expanded = fields.iter().map(|(key, value)| Ok((key.clone(), expand(value)?)));
                    expanded.collect::<Result<Map<_, _>, String>>().map(Value::Object)
                }
            },
        },
        other => Ok(other.clone()),
    }
}

/// The two fields of an object that has two, sorted by name.
fn forms(value: &Value) -> Option<[(&str, &Value); 2]> {
    let fields: Vec<_> = value.as_object()?.iter().map(|(key, value)| (key.as_str(), value)).collect();
    fields.try_into().ok()
}

fn count(times: &Value) -> Result<usize, String> {
    times.as_u64().and_then(|times| usize::try_from(times).ok()).ok_or_else(|| format!("{times} is no number of times"))
}

/// The text that a value stands for.
fn string(value: &Value) -> Result<String, String> {
    if let Value::String(text) = value {
        return Ok(text.clone());
    }
    if let Some([("text", repeated), ("times", times)]) = forms(value) {
        return Ok(string(repeated)?.repeat(count(times)?));
    }
    match value.get("join") {
        Some(Value::Array(parts)) => parts.iter().map(string).collect(),
        _ => Err(format!("{value} is no text")),
    }
}

/// The bytes of a payload: a text, or `{ hex: fffe }`.
fn bytes(value: &Value) -> Result<Vec<u8>, String> {
    let Some(hex) = value.get("hex").and_then(Value::as_str) else { return string(value).map(String::into_bytes) };
    let digits: Option<Vec<_>> = hex.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.ok_or_else(|| format!("{hex} is not hexadecimal"))?;
    let byte = |pair: &[u32]| pair.iter().fold(0_u32, |byte, digit| byte.wrapping_mul(16).wrapping_add(*digit));
    Ok(digits.chunks(2).filter_map(|pair| u8::try_from(byte(pair)).ok()).collect())
}

/// The value as JSON, with what is raw written as it stands.
fn text(value: &Value) -> Result<String, String> {
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
