//! The answer of a policy, as findings.

use std::collections::BTreeMap;
use std::fmt;

use host::Response;
use manifests::Location;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The rule of a finding about a field that cannot be read: of every policy, since none can judge the object.
pub(crate) const MALFORMED: &str = "malformed-object";

/// The status of a rejection because of such a field.
const BAD_REQUEST: u16 = 400;

/// The outcome of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    /// The object is rejected for it.
    Deny,
    /// The user is told about it.
    Warn,
    /// It was there before the update; the user is told.
    Existing,
    /// A built-in controller created the object, and the settings trust it; the user is told.
    Trusted,
    /// An exemption covers it.
    Exempt,
}

/// An entry of the audit annotation of our modules.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Entry {
    /// A finding.
    Finding {
        action: Action,
        #[serde(flatten)]
        parts: Box<Parts>,
    },
    /// The number of findings that were left out, as the last entry.
    More { more: usize },
}

/// Something a policy has to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// Its outcome.
    pub(crate) action: Action,
    /// The whole sentence, as in the cluster, without the name of the policy.
    pub(crate) message: String,
    /// The parts of it; a policy of another project gives none.
    #[serde(flatten)]
    pub(crate) parts: Option<Parts>,
    /// Its position in the text; a finding without a path has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<Location>,
}

/// The parts of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Parts {
    /// The policy that found it, when the module holds several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<String>,
    /// The rule that is broken.
    pub(crate) rule: String,
    /// The name of the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) container: Option<String>,
    /// The name of the volume, when the finding is one of a volume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) volume: Option<String>,
    /// `main`, `init`, `sidecar` or `ephemeral`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) class: Option<String>,
    /// Its path in the object.
    pub(crate) path: String,
    /// The problem.
    pub(crate) found: String,
    /// The fix.
    pub(crate) fix: String,
    /// The one right value of the field, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) set: Option<Value>,
    /// The reason for the exemption.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

/// The answer of a policy.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// `true` if the object may pass.
    pub(crate) accepted: bool,
    /// The most severe first, in the order of the policy.
    pub(crate) findings: Vec<Finding>,
}

impl Answer {
    /// Takes the findings from the audit annotation, and what it does not tell from the message and the warnings.
    pub(crate) fn new(policy: &str, response: Response) -> Self {
        let annotation = response.audit_annotations.get("findings");
        let entries: Vec<Entry> = annotation.and_then(|entries| serde_json::from_str(entries).ok()).unwrap_or_default();
        let mut findings: Vec<Finding> =
            entries.into_iter().map(|entry| Finding::new(policy, entry, response.accepted)).collect();
        let tells = |actions: &[Action]| findings.iter().any(|finding| actions.contains(&finding.action));
        let (denials_told, warnings_told) =
            (tells(&[Action::Deny]), tells(&[Action::Warn, Action::Existing, Action::Trusted]));
        if !response.accepted && !denials_told {
            let message = response.message.filter(|message| !message.trim().is_empty());
            let message = message.unwrap_or_else(|| "rejected without a message".to_owned());
            for line in message.lines() {
                let malformed = Some(line).filter(|_| response.code == Some(BAD_REQUEST)).and_then(Finding::malformed);
                let finding = malformed.unwrap_or_else(|| Finding::plain(Action::Deny, policy, line));
                // Several policies in a module say the same of one field.
                if !findings.contains(&finding) {
                    findings.push(finding);
                }
            }
        }
        if !warnings_told {
            findings.extend(response.warnings.iter().map(|warning| Finding::plain(Action::Warn, policy, warning)));
        }
        findings.sort_by_key(|finding| finding.action);
        Self { accepted: response.accepted, findings }
    }

    /// Accepted without a word.
    pub(crate) fn accept() -> Self {
        Self { accepted: true, findings: Vec::new() }
    }

    /// The answers of the policies in a module of several that have something to say, by their names. `None` when the
    /// audit annotation does not tell everything: the object cannot be read, or has more findings than are listed.
    pub(crate) fn by_policy(response: &Response) -> Option<BTreeMap<String, Self>> {
        let entries: Vec<Entry> = match response.audit_annotations.get("findings") {
            Some(entries) => serde_json::from_str(entries).ok()?,
            None if response.warnings.is_empty() => Vec::new(),
            None => return None,
        };
        let mut answers: BTreeMap<String, Self> = BTreeMap::new();
        for entry in entries {
            let Entry::Finding { action, mut parts } = entry else { return None };
            let answer = answers.entry(parts.policy.take()?).or_insert_with(Self::accept);
            answer.accepted &= action != Action::Deny;
            answer.findings.push(Finding::told(action, *parts));
        }
        for answer in answers.values_mut() {
            answer.findings.sort_by_key(|finding| finding.action);
        }
        let accepted = answers.values().all(|answer| answer.accepted);
        (accepted == response.accepted).then_some(answers)
    }

    /// The answer of a policy that only watches: it accepts, and what it denies is told as a warning.
    pub(crate) fn only_warned(mut self) -> Self {
        for finding in &mut self.findings {
            if finding.action == Action::Deny {
                finding.action = Action::Warn;
            }
        }
        Self { accepted: true, ..self }
    }
}

impl Finding {
    /// The finding of an entry.
    fn new(module: &str, entry: Entry, accepted: bool) -> Self {
        match entry {
            Entry::Finding { action, mut parts } => {
                parts.policy.take_if(|policy| policy == module);
                Self::told(action, *parts)
            }
            Entry::More { more } => Self {
                action: if accepted { Action::Warn } else { Action::Deny },
                message: format!("… and {more} more"),
                parts: None,
                location: None,
            },
        }
    }

    /// A finding that is told by its parts.
    fn told(action: Action, parts: Parts) -> Self {
        Self { action, message: parts.to_string(), parts: Some(parts), location: None }
    }

    /// The finding of a line in which one of our modules names a field that it cannot read: `policy: found; fix (path)`,
    /// without the fix where it follows from what was found.
    fn malformed(line: &str) -> Option<Self> {
        let (_, told) = line.split_once(": ")?;
        let (told, path) = told.strip_suffix(')')?.rsplit_once(" (").filter(|(_, path)| !path.contains(' '))?;
        let expected = || told.split_once(" is not ").map(|(_, expected)| format!("it must be {expected}"));
        let (found, fix) = match told.split_once("; ") {
            Some((found, fix)) => (found, fix.to_owned()),
            None => (told, expected().unwrap_or_else(|| "correct it".to_owned())),
        };
        let parts = Parts {
            policy: None,
            rule: MALFORMED.to_owned(),
            container: None,
            volume: None,
            class: None,
            path: path.to_owned(),
            found: found.to_owned(),
            fix,
            reason: None,
            set: None,
        };
        Some(Self::told(Action::Deny, parts))
    }

    /// Returns `true` if it is about a field that cannot be read.
    pub(crate) fn is_malformed(&self) -> bool {
        self.parts.as_ref().is_some_and(|parts| parts.rule == MALFORMED)
    }

    /// A finding that is nothing but a text, which may begin with the name of the policy.
    pub(crate) fn plain(action: Action, policy: &str, text: &str) -> Self {
        let message = text.strip_prefix(policy).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(text);
        Self { action, message: message.trim().to_owned(), parts: None, location: None }
    }
}

impl Parts {
    /// Whose fault it is, such as `init container "web"`.
    pub(crate) fn owner(&self) -> String {
        let class = match self.class.as_deref() {
            None | Some("main") => "",
            Some(class) => &format!("{class} "),
        };
        match (&self.container, &self.volume, &self.class) {
            (Some(name), _, _) => format!("{class}container \"{name}\""),
            (None, Some(name), _) => format!("volume \"{name}\""),
            (None, None, Some(_)) => format!("unnamed {class}container"),
            (None, None, None) if self.rule == MALFORMED => "object".to_owned(),
            (None, None, None) => "pod".to_owned(),
        }
    }
}

impl fmt::Display for Parts {
    /// The sentence that the module writes for the same finding.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {} ({})", self.owner(), self.found, self.fix, self.path)?;
        match &self.reason {
            Some(reason) => write!(f, ", exempt: {reason}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINDINGS: &str = r#"[
        {"rule":"b","action":"exempt","path":"spec","found":"x","fix":"y","reason":"vendor image"},
        {"rule":"a","action":"warn","class":"main","path":"spec.q","found":"x","fix":"y"},
        {"rule":"a","action":"deny","class":"init","container":"web","path":"spec.p","found":"is root","fix":"set user"}
    ]"#;

    fn annotated(accepted: bool, findings: &str) -> Response {
        Response {
            accepted,
            message: Some("policy: one\n two".to_owned()),
            warnings: vec!["policy: told".to_owned()],
            audit_annotations: BTreeMap::from([("findings".to_owned(), findings.to_owned())]),
            ..Response::default()
        }
    }

    /// Action and text of every finding.
    fn findings(response: Response) -> Vec<(Action, String)> {
        let findings = Answer::new("policy", response).findings;
        findings.into_iter().map(|finding| (finding.action, finding.message)).collect()
    }

    #[test]
    fn the_annotation_gives_the_findings_the_most_severe_first() {
        assert_eq!(
            findings(annotated(false, FINDINGS)),
            [
                (Action::Deny, "init container \"web\": is root; set user (spec.p)".to_owned()),
                (Action::Warn, "unnamed container: x; y (spec.q)".to_owned()),
                (Action::Exempt, "pod: x; y (spec), exempt: vendor image".to_owned()),
            ]
        );
    }

    #[test]
    fn what_the_annotation_leaves_out_is_told() {
        let list = r#"[{"rule":"a","action":"deny","path":"p","found":"f","fix":"x"},{"more":7}]"#;
        let told = findings(Response { warnings: Vec::new(), ..annotated(false, list) });
        assert_eq!(told.last().unwrap(), &(Action::Deny, "… and 7 more".to_owned()));
        assert_eq!(told.len(), 2);
    }

    #[test]
    fn the_findings_of_a_module_of_several_are_those_of_its_policies() {
        let list = r#"[
            {"policy":"b","rule":"b","action":"warn","path":"p","found":"f","fix":"x"},
            {"policy":"a","rule":"a","action":"existing","path":"p","found":"f","fix":"x"},
            {"policy":"b","rule":"b","action":"deny","path":"q","found":"f","fix":"x"}
        ]"#;
        let answers = Answer::by_policy(&annotated(false, list)).unwrap();
        let told = |answer: &Answer| answer.findings.iter().map(|one| (one.action, one.message.clone())).collect();
        let told: Vec<(&str, bool, Vec<_>)> =
            answers.iter().map(|(name, answer)| (name.as_str(), answer.accepted, told(answer))).collect();
        assert_eq!(
            told,
            [
                ("a", true, vec![(Action::Existing, "pod: f; x (p)".to_owned())]),
                ("b", false, vec![(Action::Deny, "pod: f; x (q)".into()), (Action::Warn, "pod: f; x (p)".into())]),
            ]
        );
        assert!(
            answers.values().flat_map(|answer| &answer.findings).all(|one| one
                .parts
                .as_ref()
                .unwrap()
                .policy
                .is_none())
        );
    }

    #[test]
    fn a_module_of_several_that_does_not_tell_all_tells_nothing() {
        let entry = r#"{"policy":"a","rule":"a","action":"deny","path":"p","found":"f","fix":"x"}"#;
        let nameless = entry.replace(r#""policy":"a","#, "");
        let warning = entry.replace("deny", "warn");
        for list in
            [format!("[{entry},{{\"more\":1}}]"), format!("[{nameless}]"), format!("[{warning}]"), String::new()]
        {
            assert_eq!(Answer::by_policy(&annotated(false, &list)), None, "{list}");
        }
        assert_eq!(Answer::by_policy(&Response::default()), None);
        let warned = Response { accepted: true, warnings: vec!["told".to_owned()], ..Response::default() };
        assert_eq!(Answer::by_policy(&warned), None);
        let silent = Response { accepted: true, ..Response::default() };
        assert_eq!(Answer::by_policy(&silent), Some(BTreeMap::new()));
    }

    #[test]
    fn a_rejection_without_findings_is_told_by_the_lines_of_its_message() {
        for broken in ["[]", "not JSON", r#"[{"rule":"a"}]"#] {
            assert_eq!(
                findings(annotated(false, broken)),
                [(Action::Deny, "one".to_owned()), (Action::Deny, "two".to_owned()), (Action::Warn, "told".to_owned()),]
            );
        }
    }

    #[test]
    fn a_rejection_without_a_word_is_still_a_finding() {
        assert_eq!(findings(Response::default()), [(Action::Deny, "rejected without a message".to_owned())]);
    }

    #[test]
    fn a_field_that_cannot_be_read_is_a_finding_with_a_path() {
        let rejected = |code: u16, message: &str| {
            let response = Response { code: Some(code), message: Some(message.to_owned()), ..Response::default() };
            Answer::new("policy", response).findings
        };
        let message = "one: containers is an object; it must be a list (spec.containers)\n\
                       two: containers is an object; it must be a list (spec.containers)";
        let [finding] = &rejected(400, message)[..] else { panic!("one fault is one finding") };
        let parts = finding.parts.as_ref().unwrap();
        assert_eq!((parts.rule.as_str(), parts.path.as_str()), (MALFORMED, "spec.containers"));
        assert_eq!(finding.message, "object: containers is an object; it must be a list (spec.containers)");
        let number = rejected(400, "policy: runAsUser is not a whole number of at most 64 bits (spec.runAsUser)");
        assert_eq!(number[0].parts.as_ref().unwrap().fix, "it must be a whole number of at most 64 bits");
        for (code, message) in [
            (403, "policy: containers is an object; it must be a list (spec.containers)"),
            (400, "policy: the payload holds no request"),
            (400, "policy: refused (see the manual)"),
            (400, "refused (manual)"),
        ] {
            assert_eq!(rejected(code, message)[0].parts, None, "{message}");
        }
    }

    #[test]
    fn warnings_count_when_the_annotation_has_none() {
        assert_eq!(findings(annotated(true, "[]")), [(Action::Warn, "told".to_owned())]);
        let existing = r#"[{"rule":"a","action":"existing","path":"p","found":"f","fix":"x"}]"#;
        assert_eq!(findings(annotated(true, existing)), [(Action::Existing, "pod: f; x (p)".to_owned())]);
    }
}
