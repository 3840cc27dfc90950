//! A manifest, judged by the combined module: the report that `seaworthy check --format json` writes.

use std::collections::BTreeMap;

use manifests::{Context, Operation, Origin, Problem, Request};
use seaworthy::Seaworthy;
use serde_json::{Map, Value, json};
use shared::calls::Guest;
use shared::place::Owner;
use shared::policy::{Checks, Described as _};
use shared::verdict::{Outcome, Refusal, Ruling, Verdict};

/// The version of the form of the report, as `cli/schema/report.schema.json` has it.
const VERSION: u64 = 1;

/// The name that a report gives to the manifest.
const MANIFEST: &str = "manifest";

/// The name that a report gives to the manifest of the old objects.
const OLD: &str = "old manifest";

/// The namespace of objects that name none, as in the command.
const NAMESPACE: &str = "default";

/// The user who submits the objects, as in the command.
const USER: &str = "seaworthy";

/// Judges every object of a manifest, YAML or JSON, by all policies, and returns the report as JSON.
///
/// `settings` are those of the combined module, as JSON; empty settings are the defaults. With `old`, the manifest of the
/// objects as they are in the cluster, each object is an UPDATE, else a CREATE.
///
/// # Errors
/// The settings are not valid, with one line per fault.
pub fn check(manifest: &str, settings: &str, old: Option<&str>) -> Result<String, String> {
    let guest = Guest::of::<Seaworthy>();
    let settings = Some(settings.trim()).filter(|settings| !settings.is_empty()).unwrap_or("null");
    let judges = (guest.configure)(Some(settings), Checks::All).map_err(|faults| faults.to_string())?;
    let mut report = Report::default();
    let context = context(old, &mut report.errors);
    for item in manifests::items(manifest) {
        let request = item.and_then(|item| context.request(item));
        match request.map_err(|problem| problem.of(MANIFEST)) {
            Ok(request) => {
                // Joined as text, so that the settings are read as a host would read them.
                let payload = format!("{{\"request\":{},\"settings\":{settings}}}", request.body);
                let policies = judges.iter().map(|judge| (judge.name(), Vec::new())).collect();
                report.add(&request, policies, guest.decide(payload.as_bytes()));
            }
            Err(problem) => report.errors.push(problem),
        }
    }
    Ok(report.into_json().to_string())
}

/// The `AdmissionRequest`s of a manifest as a JSON list, without what cannot be read.
#[must_use]
pub fn requests(manifest: &str, old: Option<&str>) -> String {
    let context = context(old, &mut Vec::new());
    let requests = manifests::items(manifest).into_iter().filter_map(|item| context.request(item.ok()?).ok());
    Value::Array(requests.map(|request| request.body).collect()).to_string()
}

/// The context of the requests. An old manifest that cannot be read is an error of the report.
fn context(old: Option<&str>, errors: &mut Vec<Problem>) -> Context {
    let operation = if old.is_some() { Operation::Update } else { Operation::Create };
    let mut context = Context::new(operation, NAMESPACE, USER, &[]);
    for item in old.into_iter().flat_map(manifests::items) {
        if let Err(problem) = item.and_then(|item| context.add_old(item)) {
            errors.push(problem.of(OLD));
        }
    }
    context
}

/// The findings of each policy that judges, by its name; each with the index of its action in [`ACTIONS`].
type Findings = BTreeMap<&'static str, Vec<(usize, Value)>>;

/// The report while it is made. Its form: `cli/schema/report.schema.json`.
#[derive(Default)]
struct Report {
    objects: Vec<Value>,
    errors: Vec<Problem>,
    denied_objects: usize,
    denials: usize,
    warnings: usize,
}

impl Report {
    /// Adds an object with the findings of all policies.
    fn add(&mut self, request: &Request, mut findings: Findings, decision: Result<Verdict, Refusal>) {
        match decision {
            Ok(verdict) => {
                for ruling in &verdict.rulings {
                    findings.entry(ruling.policy).or_default().push(finding(ruling, &request.origin));
                }
            }
            Err(refusal) => {
                for (policy, problem) in refusal.problems {
                    let finding = (DENY, json!({"action": ACTIONS[DENY], "message": problem}));
                    findings.entry(policy.unwrap_or(Seaworthy::NAME)).or_default().push(finding);
                }
            }
        }
        let count =
            |actions: &[usize]| findings.values().flatten().filter(|(action, _)| actions.contains(action)).count();
        let denials = count(&[DENY]);
        self.denials = self.denials.saturating_add(denials);
        self.denied_objects = self.denied_objects.saturating_add(usize::from(denials > 0));
        self.warnings = self.warnings.saturating_add(count(&[WARN, EXISTING, TRUSTED]));
        self.objects.push(object(request, findings));
    }

    fn into_json(self) -> Value {
        json!({
            "version": VERSION,
            "summary": {
                "objects": self.objects.len(),
                "files": 1,
                "findings": self.denials,
                "deniedObjects": self.denied_objects,
                "warnings": self.warnings,
                "errors": self.errors.len(),
            },
            // There is one text, of which nothing is left out.
            "leftOut": {
                "withoutObjects": 0, "ignored": 0, "excluded": 0, "gitDirectories": 0, "charts": {}, "kustomizations": [],
                "patches": 0,
            },
            "files": [{"path": MANIFEST, "objects": self.objects}],
            "errors": self.errors,
        })
    }
}

/// An object of the report.
fn object(Request { subject, .. }: &Request, findings: Findings) -> Value {
    let policies = findings.into_iter().map(|(policy, mut findings)| {
        // The most severe first, as in the report of the command.
        findings.sort_by_key(|(action, _)| *action);
        let accepted = findings.iter().all(|(action, _)| *action != DENY);
        let findings: Vec<Value> = findings.into_iter().map(|(_, finding)| finding).collect();
        json!({"policy": policy, "accepted": accepted, "findings": findings})
    });
    let policies: Vec<Value> = policies.collect();
    let mut object = Map::from_iter([
        ("apiVersion".to_owned(), json!(subject.api_version)),
        ("kind".to_owned(), json!(subject.kind)),
        ("namespace".to_owned(), json!(subject.namespace)),
        ("name".to_owned(), json!(subject.name)),
        ("operation".to_owned(), json!(subject.operation)),
        ("line".to_owned(), json!(subject.line)),
        ("policies".to_owned(), json!(policies)),
    ]);
    object.extend(subject.template.as_ref().map(|template| ("template".to_owned(), json!(template))));
    Value::Object(object)
}

/// The outcomes of findings in the report, the most severe first.
const ACTIONS: [&str; 5] = ["deny", "warn", "existing", "trusted", "exempt"];
const DENY: usize = 0;
const WARN: usize = 1;
const EXISTING: usize = 2;
const TRUSTED: usize = 3;
const EXEMPT: usize = 4;

/// A finding of the report, with the index of its action.
fn finding(Ruling { policy, finding, outcome, .. }: &Ruling, origin: &Origin) -> (usize, Value) {
    let (action, reason) = match outcome {
        Outcome::Deny => (DENY, None),
        Outcome::Warn => (WARN, None),
        Outcome::Existing => (EXISTING, None),
        Outcome::Trusted => (TRUSTED, None),
        Outcome::Exempt(reason) => (EXEMPT, Some(reason)),
    };
    let line = finding.line(policy);
    // The policy is named beside the message.
    let mut message = line.strip_prefix(&format!("{policy}: ")).unwrap_or(&line).to_owned();
    if let Some(reason) = reason {
        message = format!("{message}, exempt: {reason}");
    }
    let location = origin.locate(&finding.at.path, &message);
    let mut json = Map::from_iter([
        ("action".to_owned(), json!(ACTIONS.get(action))),
        ("message".to_owned(), json!(message)),
        ("rule".to_owned(), json!(finding.rule.id)),
        ("path".to_owned(), json!(finding.at.path)),
        ("found".to_owned(), json!(finding.problem)),
        ("fix".to_owned(), json!(finding.fix)),
    ]);
    let mut add = |key: &str, value: Option<Value>| json.extend(value.map(|value| (key.to_owned(), value)));
    let owner = &finding.at.owner;
    let kind = if matches!(owner, Owner::Volume(_)) { "volume" } else { "container" };
    add(kind, owner.name().map(|name| json!(name)));
    add("class", owner.class().map(|class| json!(class.name())));
    add("set", finding.set.and_then(|value| serde_json::from_str(value).ok()));
    add("reason", reason.map(|reason| json!(reason)));
    add("location", location.map(|location| json!(location)));
    (action, Value::Object(json))
}
