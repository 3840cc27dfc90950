//! The adversarial corpus: what people and programs may send to get past a policy or to break it, and the verdict of each
//! policy. The rows are in `tests/adversarial`, whose README explains them.

mod expand;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value};
use shared::common::ClassAction;
use shared::facts::Facts;
use shared::place::Class;
use testing::{overlay, request, workloads};

use self::expand::{bad_classes, bytes, expand, good, is_bad, merged, pod_with, pod_with_image, text, ways};
use crate::{PODS, workspace};

/// A text in the environment of every good container, which no answer may repeat.
pub const SECRET: &str = "canary-6d1f";

/// The key for all policies, or all places, that a row does not name.
const OTHERS: &str = "others";

/// The key for the policies whose samples are bad as a whole pod. Takes precedence over [`OTHERS`].
const WHOLE_PODS: &str = "wholePods";

/// Each of the nine kinds, by its index.
const EVERY_KIND: [usize; 9] = [0, 1, 2, 3, 4, 5, 6, 7, 8];

/// The length of an input in the name of a test, in characters.
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
    /// The subject of the row, as a sentence.
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

    /// The class of a container in this place.
    const fn class(self) -> Option<Class> {
        match self {
            Place::Main => Some(Class::Main),
            Place::Init => Some(Class::Init),
            Place::Sidecar => Some(Class::Sidecar),
            Place::Ephemeral => Some(Class::Ephemeral),
            Place::Volume => None,
        }
    }

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

/// The verdict of a policy on an input.
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
    /// The default effect of a finding in a container of the class that `bad` stands in.
    Found,
    /// The same, but it was there before, so that it warns at most.
    Existing,
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

/// An input of a policy.
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
    // A few anchors that stand for much are what makes rows short.
    let options = serde_saphyr::options! { budget: None };
    let mut rows = Vec::new();
    for file in files {
        let named = |problem: &dyn std::fmt::Display| format!("{}: {problem}", file.display());
        let text = fs::read_to_string(&file).map_err(|error| named(&error))?;
        let mut read: File =
            serde_saphyr::from_str_with_options(&text, options.clone()).map_err(|error| named(&error))?;
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

    /// Returns `true` if the inputs differ by policy: some container in them is what each policy calls bad.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        let inputs = [&self.images, &self.containers, &self.pods, &self.objects, &self.requests, &self.payloads];
        inputs.into_iter().flatten().chain(&self.old).any(is_bad)
    }

    /// Checks that the parts of the row fit together.
    fn check(&self, policies: &[&str]) -> Result<(), String> {
        let inputs = [&self.images, &self.containers, &self.pods, &self.objects, &self.requests, &self.payloads];
        let sources = inputs.iter().filter(|list| !list.is_empty()).count();
        let sources = sources.saturating_add(usize::from(!self.configurations.is_empty()));
        if sources != usize::from(self.not_applicable.is_none()) {
            return Err("give one list of inputs, or say why there is none".to_owned());
        }
        let places: BTreeSet<_> = Place::ALL.iter().map(|place| place.name()).collect();
        let strange = |name: &&String| *name != OTHERS && *name != WHOLE_PODS && !policies.contains(&name.as_str());
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
    fn in_kinds(&self, pod: &Value, place: Option<Place>, kinds: &[usize], whose: &str) -> Result<Vec<Input>, String> {
        let old = self.old.as_ref().map(|old| expand(old, whose)).transpose()?;
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
            *metadata = merged(metadata.take(), &self.metadata, "")?;
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
    /// The inputs of the test, with the bad samples of the policy `whose`. The first image or container of a row is put
    /// in every place of every kind, the others in every place of one kind each. Nothing is sent to a policy that cannot
    /// be bad in as many ways as the row asks for.
    ///
    /// # Errors
    /// The row does not make sense.
    pub fn inputs(&self, whose: &str) -> Result<Vec<Input>, String> {
        let row = &self.row;
        if row.is_bad() && self.ways() > PODS.ways(whose) {
            return Ok(Vec::new());
        }
        let one = |at: &str, body| vec![Input { at: at.to_owned(), place: None, body }];
        match &self.source {
            Source::Image(image) => {
                let image = expand(image, whose)?;
                self.in_places(whose, &|place| Some(pod_with_image(place, &image)))
            }
            Source::Container(fields) => {
                let is_bad = fields.get("bad").is_some();
                let fields = expand(fields, whose)?;
                let fields = fields.as_object().ok_or("a container is an object")?;
                let mut container = if is_bad { Value::Null } else { good() };
                overlay(&mut container, fields);
                self.in_places(whose, &|place| {
                    let mut pod = pod_with(place, container.clone());
                    if is_bad {
                        overlay(&mut pod, &PODS.bad_fields(whose, 0));
                    }
                    (place != Place::Volume).then_some(pod)
                })
            }
            Source::Pod(pod) => row.in_kinds(&expand(pod, whose)?, None, &EVERY_KIND, whose),
            Source::Object(object) => {
                let old = row.old.as_ref().map(|old| expand(old, whose)).transpose()?;
                Ok(vec![row.input("the object".to_owned(), None, expand(object, whose)?, old)?])
            }
            Source::Request(request) => Ok(one("the request", Body::Request(text(&expand(request, whose)?)?))),
            Source::Payload(payload) => Ok(one("the payload", Body::Payload(bytes(payload, whose)?))),
            Source::Configuration(_) => row.in_kinds(&pod_with(Place::Main, good()), None, &[0], whose),
        }
    }

    /// The verdict of a policy with these facts on an input; `None` when the row does not state it.
    #[must_use]
    pub fn expected(&self, policy: &str, facts: &Facts, input: &Input) -> Option<Verdict> {
        if let Source::Configuration(settings) = &self.source
            && settings.get(policy).or_else(|| settings.get(OTHERS)).is_none()
        {
            return None;
        }
        let expect = &self.row.expect;
        let whole = expect.get(WHOLE_PODS).filter(|_| PODS.are_bad_as_a_whole(policy));
        let verdict = match expect.get(policy).or(whole).or_else(|| expect.get(OTHERS))? {
            Expected::Everywhere(verdict) => *verdict,
            Expected::ByPlace(verdicts) => {
                let verdict = input.place.and_then(|place| verdicts.get(place.name()));
                *verdict.or_else(|| verdicts.get(OTHERS))?
            }
        };
        Some(match verdict {
            Verdict::Found => self.found(policy, facts, input),
            Verdict::Existing => match self.found(policy, facts, input) {
                Verdict::Reject => Verdict::Warn,
                other => other,
            },
            other => other,
        })
    }

    /// The default effect of a finding in the classes of the bad containers.
    fn found(&self, policy: &str, facts: &Facts, input: &Input) -> Verdict {
        if PODS.are_bad_as_a_whole(policy) {
            return Verdict::Reject;
        }
        let mut classes: Vec<Class> = input.place.and_then(Place::class).into_iter().collect();
        if classes.is_empty() {
            self.source.values().for_each(|value| bad_classes(value, &mut classes));
        }
        let actions: Vec<_> = classes.into_iter().filter_map(|class| facts.containers.of(class)).collect();
        if actions.contains(&ClassAction::Enforce) {
            Verdict::Reject
        } else if actions.contains(&ClassAction::Warn) {
            Verdict::Warn
        } else {
            Verdict::Accept
        }
    }

    /// In how many ways the test is bad.
    fn ways(&self) -> usize {
        self.source.values().chain(&self.row.old).map(ways).max().unwrap_or_default()
    }

    /// The inputs for a pod that differs by place.
    fn in_places(&self, whose: &str, pod: &dyn Fn(Place) -> Option<Value>) -> Result<Vec<Input>, String> {
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
                inputs.append(&mut row.in_kinds(&merged(pod, &row.pod, whose)?, Some(place), &kinds, whose)?);
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
        let settings = settings.get(policy).or_else(|| settings.get(OTHERS));
        settings.map_or(Ok("{}".to_owned()), |value| text(&expand(value, policy)?))
    }
}

impl Source {
    /// The inputs as written.
    fn values(&self) -> impl Iterator<Item = &Value> {
        let value = match self {
            Source::Image(value)
            | Source::Container(value)
            | Source::Pod(value)
            | Source::Object(value)
            | Source::Request(value)
            | Source::Payload(value) => Some(value),
            Source::Configuration(_) => None,
        };
        value.into_iter()
    }
}
