//! The decision as the answer to a host: short lines for people, and a JSON list of all findings for the audit log.

use std::fmt::Write as _;

use super::decision::{Outcome, Refusal, Ruling, Verdict};
use super::lines::{MAX_LINES, existing, join_lines, owner_to_fix, warning, warnings};
use super::several::Several;
use crate::findings::Finding;
use crate::place::{Class, Owner};
use crate::text::printable;

/// The maximum length of the machine form of the findings, in bytes; the rest is only counted.
const MAX_ANNOTATION: usize = 8192;

/// The answer of the module to a host: a `ValidationResponse` of the SDK. That type can also carry a mutated object, which
/// costs a module 8 KB although it has none.
#[must_use]
pub fn answer(module: &str, several: Option<&Several>, decision: &Result<Verdict, Refusal>) -> String {
    match decision {
        Ok(verdict) => answer_findings(module, several.filter(|_| verdict.is_combined), verdict),
        Err(refusal) => {
            // A path holds keys of custom resources, and a key may hold line breaks.
            let line = |(policy, problem): &(Option<&str>, String)| {
                format!("{}: {}", policy.unwrap_or(module), printable(problem))
            };
            let lines: Vec<_> = refusal.problems.iter().map(line).collect();
            response(Some((refusal.code, &join_lines(&lines, lines.len(), 0))), "", &[])
        }
    }
}

/// The answer that follows from the findings.
fn answer_findings(module: &str, several: Option<&Several>, verdict: &Verdict) -> String {
    let Verdict { rulings, created_for, .. } = verdict;
    let wanted = |outcome: fn(&Outcome) -> bool| -> Vec<&Ruling> {
        rulings.iter().filter(|ruling| outcome(&ruling.outcome)).collect()
    };
    let denied = wanted(|outcome| *outcome == Outcome::Deny);
    let warned = wanted(|outcome| matches!(outcome, Outcome::Warn | Outcome::Trusted));
    let owner = created_for.as_deref().and_then(|created_for| owner_to_fix(module, created_for));
    let mut message = owner.map_or_else(String::new, |line| line + "\n");
    message.push_str(&match several {
        Some(several) => (several.message)(&denied, message.len()),
        None => join_lines(&first(&denied, |policy, finding| finding.line(policy)), denied.len(), message.len()),
    });
    let rejection = (!denied.is_empty()).then_some((403, message.as_str()));
    let mut warnings = warnings(first(&warned, warning), warned.len());
    warnings.extend(existing(module, wanted(|outcome| *outcome == Outcome::Existing).len()));
    response(rejection, &annotation(rulings), &warnings)
}

/// The first findings as lines: of many, no more are written.
fn first(rulings: &[&Ruling], line: fn(&str, &Finding) -> String) -> Vec<String> {
    rulings.iter().take(MAX_LINES).map(|ruling| line(ruling.policy, &ruling.finding)).collect()
}

/// A `ValidationResponse`: the HTTP status and message of a rejection, the findings for the audit log, and warnings.
fn response(rejection: Option<(u16, &str)>, findings: &str, warnings: &[String]) -> String {
    let warnings: Vec<String> = warnings.iter().map(|warning| json::string(warning)).collect();
    let some = |list: &str, json: String| Some(json).filter(|_| !list.is_empty());
    let annotations = json::object(&[("findings", Some(json::string(findings)))]);
    let warnings = warnings.join(",");
    json::object(&[
        ("accepted", Some(rejection.is_none().to_string())),
        ("message", rejection.map(|(_, message)| json::string(message))),
        ("code", rejection.map(|(code, _)| code.to_string())),
        ("audit_annotations", some(findings, annotations)),
        ("warnings", some(&warnings, format!("[{warnings}]"))),
    ])
}

/// The findings as a JSON list. When it grows too long, its last entry counts the rest: `{"more": 7}`.
fn annotation(judged: &[Ruling]) -> String {
    let mut list = String::new();
    for (index, shown) in judged.iter().enumerate() {
        list.push(if index == 0 { '[' } else { ',' });
        let entry = entry(shown);
        if list.len().saturating_add(entry.len()) > MAX_ANNOTATION {
            // Writing to a string cannot fail.
            let _ = write!(list, "{{\"more\":{}}}", judged.len().saturating_sub(index));
            break;
        }
        list.push_str(&entry);
    }
    if !list.is_empty() {
        list.push(']');
    }
    list
}

/// A finding in the audit annotation.
fn entry(Ruling { policy, finding, outcome, .. }: &Ruling) -> String {
    let (action, reason) = match outcome {
        Outcome::Deny => ("deny", None),
        Outcome::Warn => ("warn", None),
        Outcome::Existing => ("existing", None),
        Outcome::Trusted => ("trusted", None),
        Outcome::Exempt(reason) => ("exempt", Some(reason.as_str())),
    };
    let owner = &finding.at.owner;
    let kind = match owner {
        Owner::Volume(_) => "volume",
        Owner::Object(..) => "object",
        Owner::Pod | Owner::Container(..) => "container",
    };
    let text = |text: &str| Some(json::string(&printable(text)));
    json::object(&[
        ("policy", text(policy)),
        ("rule", text(finding.rule.id)),
        ("action", text(action)),
        ("class", owner.class().map(Class::name).and_then(text)),
        (kind, owner.name().and_then(text)),
        ("path", text(&finding.at.path)),
        ("found", text(&finding.problem)),
        ("fix", text(&finding.fix)),
        ("set", finding.set.map(str::to_owned)),
        ("reason", reason.and_then(text)),
    ])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::facts::Severity;
    use crate::place::At;
    use crate::verdict::decision::tests::{RULES, judged};

    proptest! {
        #[test]
        fn the_annotation_is_a_short_list_that_counts_all(findings in prop::collection::vec(judged(), 1..120)) {
            let text = annotation(&findings);
            prop_assert!(text.len() <= MAX_ANNOTATION + 32);
            let list: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
            let (shown, more) = match list.last().unwrap().get("more") {
                Some(more) => (list.len().saturating_sub(1), more.as_u64().unwrap()),
                None => (list.len(), 0),
            };
            prop_assert_eq!(findings.len().checked_sub(shown), usize::try_from(more).ok());
        }
    }

    #[test]
    fn an_annotation_names_all_that_is_known_of_a_finding() {
        let at = At {
            owner: Owner::Container(Class::Sidecar, Some("proxy".to_owned())),
            image: Some("envoy".to_owned()),
            path: "spec.initContainers[0].image".to_owned(),
        };
        let finding = Finding {
            rule: &RULES[0],
            at,
            value: "secret".into(),
            problem: "bad\n".into(),
            fix: "mend it".into(),
            only_warns: false,
            warns_by_default: false,
            set: Some("true"),
        };
        let exempt = Ruling {
            policy: "sample",
            severity: Severity::Low,
            finding: finding.clone(),
            outcome: Outcome::Exempt("reviewed".to_owned()),
        };
        let denied = Ruling { policy: "sample", severity: Severity::Low, finding, outcome: Outcome::Deny };
        let entry = r#""class":"sidecar","container":"proxy","path":"spec.initContainers[0].image","found":"bad\\n","fix":"mend it","set":true"#;
        assert_eq!(
            annotation(&[exempt, denied]),
            format!(
                r#"[{{"policy":"sample","rule":"one","action":"exempt",{entry},"reason":"reviewed"}},{{"policy":"sample","rule":"one","action":"deny",{entry}}}]"#
            )
        );
    }

    #[test]
    fn nothing_found_is_no_annotation() {
        assert_eq!(annotation(&[]), "");
    }
}
