//! From a case to calls, and from answers to verdicts on the case.

use std::sync::Arc;

use kubewarden_policy_sdk::response::ValidationResponse;
use kubewarden_policy_sdk::settings::SettingsValidationResponse;
use manifests::{AdmissionRequest, Operation};
use serde_json::{Value, json};

use crate::answer::{Answer, FORBIDDEN, difference, missing};
use crate::case::{Case, Expect, Row};
use crate::host::Recorded;
use shared::kinds::{KINDS, Kind};
use shared::verdict::lines::{MAX_WARNING, SEE, existing, join_lines, warnings};

/// A policy that answers calls: natively, or as its module in a host.
pub type Subject<'e> = &'e dyn Fn(&str, &[u8], &Arc<Recorded>) -> Result<Vec<u8>, String>;

/// The path in the line that names the owner of an object.
const OWNERS: &str = "metadata.ownerReferences";

/// One call and the answer that the case expects.
struct Call {
    name: String,
    payload: Vec<u8>,
    /// Where the pod specification stands in the object.
    path: &'static str,
    expected: Answer,
    /// The code of the answer does not matter.
    any_code: bool,
    /// The number of questions matters.
    counts_questions: bool,
}

impl Call {
    /// The answer. The number of questions is left out where it does not matter.
    fn answer(&self, subject: Subject<'_>, host: &Arc<Recorded>) -> Result<Answer, String> {
        let before = host.count();
        let answer = ask(subject, &self.payload, host)?;
        let questions = host.count().saturating_sub(before);
        Ok(Answer {
            allowed: answer.accepted,
            code: if self.any_code { self.expected.code } else { answer.code },
            message: answer.message,
            warnings: in_full(answer.warnings.unwrap_or_default(), &self.expected.warnings),
            questions: Some(questions).filter(|_| self.counts_questions),
        })
    }
}

/// The calls whose answers are not the expected ones: those that differ in the same way are one.
#[derive(Default)]
struct Wrong(Vec<(Vec<String>, Answer, Answer)>);

impl Wrong {
    fn add(&mut self, call: &Call, found: &Answer) {
        let [expected, found] = [&call.expected, found].map(|answer| answer.in_pod(call.path));
        match self.0.iter_mut().find(|(_, other, known)| (other, known) == (&expected, &found)) {
            Some((names, ..)) => names.push(call.name.clone()),
            None => self.0.push((vec![call.name.clone()], expected, found)),
        }
    }
}

impl Case {
    /// Replays the case with `subject`, for the policy called `policy`.
    ///
    /// # Errors
    /// Every call whose answer is not the expected one, with both.
    pub fn replay(&self, policy: &str, subject: Subject<'_>) -> Result<(), String> {
        self.compare(subject, &|case| case.calls(policy))
    }

    /// Replays what the case itself says, and nothing that follows from it for the policies of this project. The code of
    /// a rejection counts when the case names one.
    ///
    /// # Errors
    /// Every call whose answer is not the expected one, with both.
    pub fn replay_as_written(&self, policy: &str, subject: Subject<'_>) -> Result<(), String> {
        // Each row of a table is a call for each kind; of everything else, the first call is the case.
        let (step, most) = if self.images.is_empty() { (1, 1) } else { (KINDS.len(), usize::MAX) };
        self.compare(subject, &|case| {
            let mut calls: Vec<Call> = case.calls(policy).into_iter().step_by(step).take(most).collect();
            for call in &mut calls {
                call.any_code = self.expect.code.is_none();
            }
            calls
        })
    }

    /// Makes the calls and compares the answers.
    fn compare(&self, subject: Subject<'_>, calls: &dyn Fn(&Case) -> Vec<Call>) -> Result<(), String> {
        let host = Recorded::new(&self.host);
        let settings = serde_json::to_vec(&self.settings).map_err(|error| error.to_string())?;
        let answer = subject("validate_settings", &settings, &host)?;
        if host.count() > 0 {
            return Err("checking the settings asks the host".to_owned());
        }
        let answer: SettingsValidationResponse = serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
        if self.lacks_answer() {
            return Err(self.missing(answer.message, calls(self).into_iter().next(), subject, &host)?);
        }
        if answer.message != self.expect.settings_error {
            let [expected, found] =
                [&self.expect.settings_error, &answer.message].map(|text| text.as_deref().unwrap_or("they are valid"));
            return Err(format!("the settings:\nexpected:\n{expected}\nfound:\n{found}"));
        }
        let mut wrong = Wrong::default();
        let mut rest = calls(self);
        if self.images.is_empty() && !rest.is_empty() {
            let first = rest.remove(0);
            let found = first.answer(subject, &host)?;
            if found != first.expected {
                wrong.add(&first, &found);
                // What follows from the case is compared with what was found, so that one mistake is shown once.
                let as_found = Case { expect: found.in_pod(first.path).expect(), ..self.clone() };
                rest = if found.is_cut() { Vec::new() } else { calls(&as_found).into_iter().skip(1).collect() };
            }
        }
        for call in rest {
            let found = call.answer(subject, &host)?;
            if found != call.expected {
                wrong.add(&call, &found);
            }
        }
        if wrong.0.is_empty() { host.check() } else { Err(self.shown(&wrong)) }
    }

    /// A text to paste for a case without `expect`.
    fn missing(
        &self,
        fault: Option<String>,
        first: Option<Call>,
        subject: Subject<'_>,
        host: &Arc<Recorded>,
    ) -> Result<String, String> {
        if fault.is_some() {
            return Ok(missing(&Expect { settings_error: fault, ..Expect::default() }));
        }
        match first.filter(|_| self.has_input()) {
            Some(call) => {
                let call = Call { counts_questions: true, ..call };
                let found = call.answer(subject, host)?;
                host.check()?;
                Ok(missing(&found.in_pod(call.path).expect()))
            }
            None => {
                Err("there is no `expect`, and the settings are valid; give a pod, or what is wrong with them".into())
            }
        }
    }

    /// The differences, each once.
    fn shown(&self, wrong: &Wrong) -> String {
        let shown = wrong.0.iter().map(|(names, expected, found)| {
            let (first, others) = names.split_first().map_or(("", &[][..]), |(first, others)| (first, others));
            let also = if others.is_empty() { String::new() } else { format!(" (and {})", others.join(", ")) };
            difference(&format!("{first}{also}"), self.is_row, expected, found)
        });
        shown.collect::<Vec<_>>().join("\n\n")
    }

    /// The payload of every call of `validate` that the case stands for.
    #[must_use]
    pub fn payloads(&self) -> Vec<Vec<u8>> {
        self.calls("").into_iter().map(|call| call.payload).collect()
    }

    /// The rules that the case breaks, whatever becomes of the findings.
    pub(super) fn rules(&self, subject: Subject<'_>) -> Result<Vec<String>, String> {
        let mut rules = Vec::new();
        let host = Recorded::new(&self.host);
        let calls = self.calls("");
        // All that follows from a case breaks the rules that its first call does; each row of a table, its own.
        let distinct = if self.images.is_empty() { 1 } else { calls.len() };
        for call in calls.into_iter().take(distinct) {
            let annotations = ask(subject, &call.payload, &host)?.audit_annotations.unwrap_or_default();
            let Some(findings) = annotations.get("findings") else { continue };
            let findings: Vec<Value> = serde_json::from_str(findings).map_err(|error| error.to_string())?;
            rules.extend(findings.iter().filter_map(|finding| Some(finding.get("rule")?.as_str()?.to_owned())));
        }
        Ok(rules)
    }

    /// Every call that the case stands for.
    fn calls(&self, policy: &str) -> Vec<Call> {
        if self.expect.settings_error.is_some() {
            return Vec::new();
        }
        if !self.images.is_empty() {
            return self.images.iter().flat_map(|row| self.row(policy, row)).collect();
        }
        if let Some(payload) = &self.payload {
            return vec![Call {
                name: "payload".into(),
                payload: payload.clone().into(),
                path: "spec",
                expected: self.expected("spec"),
                any_code: false,
                counts_questions: self.expect.questions.is_some(),
            }];
        }
        if let Some(object) = &self.object {
            return self.life(policy, "object", "spec", object, self.old.as_ref());
        }
        let Some(pod) = &self.pod else {
            let request = self.request.clone().unwrap_or_default();
            return vec![self.call("request".into(), "spec", &request, self.expected("spec"))];
        };
        let mut calls = Vec::new();
        for kind in KINDS {
            let path = kind.path;
            let wrap = |pod: &Value| wrap(&kind, pod);
            calls.extend(self.life(policy, kind.name, path, &wrap(pod), self.old.as_ref().map(wrap).as_ref()));
            if self.request.is_none() && self.old.is_none() && pod.is_object() {
                let broken = with(pod, [("containers", json!("web"))]);
                let problem = "containers is a string; it must be a list";
                calls.push(self.call(
                    format!("{} whose containers are a string", kind.name),
                    path,
                    &request("CREATE", &wrap(&broken)),
                    Answer {
                        allowed: false,
                        code: Some(400),
                        message: Some(format!("{policy}: {problem} ({path}.containers)")),
                        warnings: Vec::new(),
                        questions: Some(0),
                    },
                ));
            }
        }
        calls
    }

    /// The calls for a row of a table: one a kind, with the image in a container of every class and in a volume.
    fn row(&self, policy: &str, row: &Row) -> Vec<Call> {
        let image = row.whole();
        let pod = json!({
            "containers": [{ "name": "main", "image": image }],
            "ephemeralContainers": [{ "name": "ephemeral", "image": image }],
            "initContainers": [
                { "name": "init", "image": image },
                { "name": "sidecar", "image": image, "restartPolicy": "Always" },
            ],
            "volumes": [{ "name": "volume", "image": { "reference": image } }],
        });
        let places = [
            ("container \"main\"", "containers[0].image"),
            ("ephemeral container \"ephemeral\"", "ephemeralContainers[0].image"),
            ("init container \"init\"", "initContainers[0].image"),
            ("sidecar container \"sidecar\"", "initContainers[1].image"),
            ("volume \"volume\"", "volumes[0].image.reference"),
        ];
        let name = image.get(..64).unwrap_or(&image);
        let calls = KINDS.iter().map(|kind| {
            let lines = |text: &String| -> Vec<String> {
                let text = row.named(&self.says.replace("{}", text));
                places.iter().map(|(owner, path)| format!("{policy}: {owner}: {text} ({}.{path})", kind.path)).collect()
            };
            let expected = match (&row.deny, &row.warn) {
                (Some(text), _) => Answer {
                    allowed: false,
                    code: Some(403),
                    message: Some(join_lines(&lines(text), places.len(), 0)),
                    warnings: Vec::new(),
                    questions: None,
                },
                (None, Some(text)) => Answer { warnings: warnings(lines(text), places.len()), ..Answer::ACCEPTED },
                (None, None) => Answer::ACCEPTED,
            };
            let name = format!("{name} in a {}", kind.name);
            self.call(name, kind.path, &request("CREATE", &wrap(kind, &pod)), expected)
        });
        calls.collect()
    }

    /// The calls for one object: the case itself, and what follows from it for the rest of the object's life.
    fn life(&self, policy: &str, name: &str, path: &'static str, object: &Value, old: Option<&Value>) -> Vec<Call> {
        let expected = self.expected(path);
        let mut first = request(if old.is_some() { "UPDATE" } else { "CREATE" }, object);
        if let Some(old) = old {
            first = with(&first, [("oldObject", old.clone())]);
        }
        if let Some(Value::Object(fields)) = &self.request {
            first = with(&first, fields.clone());
        }
        let unchanged = with(&first, [("operation", json!("UPDATE")), ("oldObject", object.clone())]);
        let status = with(&unchanged, [("subResource", json!("status"))]);
        let delete = with(&unchanged, [("operation", json!("DELETE")), ("object", Value::Null)]);
        let after = self.after_unchanged_update(policy, &expected);
        let mut calls = vec![
            self.call(name.into(), path, &first, expected),
            self.call(format!("{name}, an UPDATE of its status"), path, &status, Answer::UNASKED),
            self.call(format!("{name}, a DELETE"), path, &delete, Answer::UNASKED),
        ];
        if let Some(after) = after {
            calls.push(self.call(format!("{name}, an UPDATE that changes nothing"), path, &unchanged, after));
        }
        calls
    }

    /// The answer to an UPDATE that changes nothing: one warning for all findings, unless the settings judge every UPDATE in
    /// full. An unreadable object stays rejected. `None` if the answer does not name every finding.
    fn after_unchanged_update(&self, policy: &str, expected: &Answer) -> Option<Answer> {
        let is_full = self.settings.get("updates") == Some(&json!("full"));
        if is_full || expected.code.is_some_and(|code| code != FORBIDDEN) {
            return Some(expected.clone());
        }
        let message = expected.message.as_deref().unwrap_or_default();
        let mut count: usize = 0;
        for line in message.lines().chain(expected.warnings.iter().map(String::as_str)) {
            count = count.saturating_add(match count_of_existing(line) {
                _ if line.starts_with("… and ") => return None,
                _ if path(line) == OWNERS => 0,
                // Nothing is asked about what stood before, so that nothing is found in an image.
                _ if !self.host.is_empty() && is_of_image(path(line)) => 0,
                before => before.unwrap_or(1),
            });
        }
        Some(Answer { warnings: existing(policy, count).into_iter().collect(), ..Answer::ACCEPTED })
    }

    /// The expected answer for a kind whose pod specification stands at `pod`.
    fn expected(&self, pod: &str) -> Answer {
        let moved = |text: &String| text.replace("(spec", &format!("({pod}"));
        let allowed = self.expect.allowed.unwrap_or_default();
        let lines = self.expect.warnings.iter().map(moved);
        let (mut last, lines): (Vec<String>, Vec<String>) = lines.partition(|line| count_of_existing(line).is_some());
        let all = lines.len();
        let mut warnings = warnings(lines, all);
        warnings.append(&mut last);
        Answer {
            allowed,
            code: self.expect.code.or((!allowed).then_some(403)),
            message: self.expect.message.as_ref().map(moved).map(|message| message.trim_end().to_owned()),
            warnings,
            questions: self.expect.questions,
        }
    }

    fn call(&self, name: String, path: &'static str, request: &Value, expected: Answer) -> Call {
        let payload = json!({ "request": request, "settings": self.settings }).to_string().into_bytes();
        let counts_questions = expected.questions.is_some();
        Call { name, payload, path, expected, any_code: false, counts_questions }
    }
}

/// The object with these fields set.
fn with<F: Into<String>>(object: &Value, fields: impl IntoIterator<Item = (F, Value)>) -> Value {
    let mut object = object.as_object().cloned().unwrap_or_default();
    object.extend(fields.into_iter().map(|(field, value)| (field.into(), value)));
    Value::Object(object)
}

/// Asks for a verdict.
pub(super) fn ask(subject: Subject<'_>, payload: &[u8], host: &Arc<Recorded>) -> Result<ValidationResponse, String> {
    serde_json::from_slice(&subject("validate", payload, host)?).map_err(|error| error.to_string())
}

/// The warnings of an answer, each that is the short form of an expected one in full.
fn in_full(mut found: Vec<String>, expected: &[String]) -> Vec<String> {
    for (found, whole) in found.iter_mut().zip(expected) {
        if whole.len() > MAX_WARNING && is_short_for(found, whole).unwrap_or_default() {
            whole.clone_into(found);
        }
    }
    found
}

/// Returns `true` if `found` is what becomes of the warning `whole`, which is too long: it has no path or, if that is still
/// too long, only the place and some rule. `None` if it is neither.
fn is_short_for(found: &str, whole: &str) -> Option<bool> {
    let (without_path, path) = whole.rsplit_once(" (")?;
    if without_path.len() <= MAX_WARNING {
        return Some(found == without_path);
    }
    let (policy, rest) = whole.split_once(": ")?;
    let (owner, _) = rest.split_once(": ")?;
    let (rule, rest) = found.strip_prefix(policy)?.strip_prefix('/')?.split_once(": ")?;
    let forms = [format!("{owner}: {SEE} ({path}"), format!("{owner}: {SEE}"), SEE.to_owned()];
    let fits = |form: &&String| format!("{policy}/{rule}: {form}").len() <= MAX_WARNING;
    forms.iter().find(fits).map(|form| form == rest)
}

/// The number of findings for which a warning stands that they were there before; `None` for any other line.
fn count_of_existing(line: &str) -> Option<usize> {
    let (policy, rest) = line.split_once(": ")?;
    let count = rest.split_once(' ')?.0.parse().ok()?;
    (existing(policy, count)? == line).then_some(count)
}

/// The path of a finding: what stands in parentheses at the end of its line; empty if it was left out.
fn path(line: &str) -> &str {
    let end = line.strip_suffix(')').and_then(|line| line.rsplit_once('('));
    end.map(|(_, path)| path).filter(|path| !path.contains(' ')).unwrap_or_default()
}

/// Returns `true` for the path of an image, and for a line without one, which was too long.
fn is_of_image(path: &str) -> bool {
    path.is_empty() || path.rsplit('.').next() == Some("image") || path.ends_with(".image.reference")
}

/// The object of each of the nine kinds around a pod specification, with the name of the kind.
#[must_use]
pub fn workloads(pod: &Value) -> Vec<(&'static str, Value)> {
    KINDS.iter().map(|kind| (kind.name, wrap(kind, pod))).collect()
}

/// An object of the given kind around a pod specification.
pub(super) fn wrap(kind: &Kind, pod: &Value) -> Value {
    let mut object = pod.clone();
    for field in kind.path.rsplit('.') {
        object = json!({ field: object });
    }
    let version = if kind.group.is_empty() { "v1".to_owned() } else { format!("{}/v1", kind.group) };
    let metadata = json!({ "name": "web", "namespace": "shop" });
    with(&object, [("apiVersion", json!(version)), ("kind", json!(kind.name)), ("metadata", metadata)])
}

/// The request that the API server makes for an object.
#[must_use]
pub fn request(operation: &str, object: &Value) -> Value {
    let text = |field: &str| object.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let request = AdmissionRequest {
        operation: operation.parse().unwrap_or(Operation::Create),
        api_version: text("apiVersion"),
        kind: text("kind"),
        name: "web".to_owned(),
        namespace: "shop".to_owned(),
        user: json!({ "username": "alice", "groups": ["system:authenticated"] }),
        object: object.clone(),
        old_object: Value::Null,
        dry_run: false,
    };
    request.into_json()
}
