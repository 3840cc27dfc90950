//! The form for code scanning: SARIF 2.1.0.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use manifests::{Location, Problem};
use serde_json::{Map, Value, json};

use super::contents::{About, Remark, Report, title};
use crate::answer::{Action, Finding};
use crate::sources::STDIN;

/// One run with all rules that are broken, all findings, and what could not be read or judged as notifications.
pub(super) fn render(report: &Report) -> io::Result<String> {
    let findings: Vec<_> =
        report.remarks().filter_map(|remark| remark.what.ok().map(|finding| (remark, finding))).collect();
    let rules: BTreeMap<String, &Remark<'_>> = findings.iter().map(|(remark, _)| (remark.id(), remark)).collect();
    // Objects of the same name, and containers without one, have findings that only their order tells apart.
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let results = findings.iter().map(|(remark, finding)| {
        let index = rules.keys().position(|id| *id == remark.id());
        let fingerprint = fingerprint(remark, finding);
        let number = known.entry(fingerprint.clone()).or_default();
        *number += 1;
        let fingerprint = if *number == 1 { fingerprint } else { format!("{fingerprint}|{number}") };
        result(remark, finding, index, &fingerprint)
    });
    let unread = report.problems().map(unread);
    let unjudged = report.remarks().filter(|remark| remark.what.is_err()).map(|remark| {
        let text = format!("{}: policy {}: {}", title(remark.subject), remark.policy, remark.message());
        notification(remark.path, Some(json!({"startLine": remark.line()})), &text)
    });
    let notifications: Vec<_> = unread.chain(unjudged).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "seaworthy",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules.iter().map(|(id, remark)| rule(id, report, remark)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": notifications.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
            "results": results.collect::<Vec<_>>(),
        }],
    });
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// A rule, with what is known of it and what its policy says about itself.
fn rule(id: &str, report: &Report, remark: &Remark<'_>) -> Value {
    let mut rule = Map::from_iter([("id".to_owned(), json!(id))]);
    let Some(About { title, description, url }) = report.about.get(remark.policy) else { return Value::Object(rule) };
    let own = report.rules.get(id);
    if let Some(title) = title {
        rule.insert("shortDescription".to_owned(), json!({"text": format!("{title} ({id})")}));
    }
    if let Some(description) = description {
        let more = url.as_ref().map(|url| format!(" Why, with examples and settings: {url}")).unwrap_or_default();
        let linked = url.as_ref().map(|url| format!(" [Why, with examples and settings]({url})")).unwrap_or_default();
        let (own, hint) = match own {
            Some(own) => (own, format!(" {description} Examples: `seaworthy explain {id}`.")),
            None => (description, String::new()),
        };
        rule.insert("fullDescription".to_owned(), json!({"text": own}));
        let help = json!({"text": format!("{own}{hint}{more}"), "markdown": format!("{own}{hint}{linked}")});
        rule.insert("help".to_owned(), help);
    }
    if let Some(url) = url {
        rule.insert("helpUri".to_owned(), json!(url));
    }
    Value::Object(rule)
}

fn result(remark: &Remark<'_>, finding: &Finding, rule: Option<usize>, fingerprint: &str) -> Value {
    let subject = remark.subject;
    let object = title(subject);
    let path = finding.parts.as_ref().map(|parts| format!("{object}: {}", parts.path));
    let logical = json!([{"name": subject.name, "fullyQualifiedName": path.unwrap_or_else(|| object.clone())}]);
    let region = finding.location.as_ref().map_or(json!({"startLine": subject.line}), region);
    let mut result = json!({
        "ruleId": remark.id(),
        "ruleIndex": rule,
        "level": match finding.action {
            Action::Deny => "error",
            Action::Warn | Action::Existing | Action::Trusted => "warning",
            Action::Exempt => "note",
        },
        "message": {"text": format!("{object}: {}", finding.message)},
        "locations": [{"physicalLocation": physical(remark.path, Some(region)), "logicalLocations": logical}],
        "partialFingerprints": {"finding/v1": fingerprint},
    });
    if let Value::Object(result) = &mut result {
        if let Some(fix) = fix(remark.path, finding) {
            result.insert("fixes".to_owned(), json!([fix]));
        }
        if finding.action == Action::Exempt {
            let reason = finding.parts.as_ref().and_then(|parts| parts.reason.as_deref()).unwrap_or_default();
            let suppression = json!({"kind": "external", "status": "accepted", "justification": reason});
            result.insert("suppressions".to_owned(), json!([suppression]));
        }
    }
    result
}

/// A fingerprint that does not change when lines move or containers change their order.
fn fingerprint(remark: &Remark<'_>, finding: &Finding) -> String {
    let subject = remark.subject;
    let group = subject.api_version.rsplit_once('/').map_or("", |(group, _)| group);
    let what = match &finding.parts {
        Some(parts) => match parts.container.as_ref().or(parts.volume.as_ref()) {
            Some(name) => format!("{} {name}", parts.class.as_deref().unwrap_or("volume")),
            None => parts.path.clone(),
        },
        None => finding.message.clone(),
    };
    let parts = [&remark.id(), group, &subject.kind, &subject.namespace, &subject.name, &what];
    parts.join("|")
}

/// The replacement of a value, when there is one right value.
fn fix(path: &str, finding: &Finding) -> Option<Value> {
    let (parts, location) = (finding.parts.as_ref()?, finding.location.as_ref()?);
    let (key, value) = (parts.path.rsplit('.').next()?, parts.set.as_ref()?);
    // Only a value that is there can be replaced.
    location.exact.then(|| {
        json!({
            "description": {"text": format!("Set {key} to {value}")},
            "artifactChanges": [{
                "artifactLocation": artifact(path),
                "replacements": [{"deletedRegion": region(location), "insertedContent": {"text": value.to_string()}}],
            }],
        })
    })
}

fn unread(problem: &Problem) -> Value {
    let region = problem.line.map(|line| match problem.column {
        Some(column) => json!({"startLine": line, "startColumn": column}),
        None => json!({"startLine": line}),
    });
    notification(&problem.path, region, &problem.message)
}

fn notification(path: &str, region: Option<Value>, text: &str) -> Value {
    json!({
        "level": "error",
        "message": {"text": text},
        "locations": [{"physicalLocation": physical(path, region)}],
    })
}

fn physical(path: &str, region: Option<Value>) -> Value {
    match region {
        Some(region) => json!({"artifactLocation": artifact(path), "region": region}),
        None => json!({"artifactLocation": artifact(path)}),
    }
}

fn region(location: &Location) -> Value {
    json!({
        "startLine": location.line,
        "startColumn": location.column,
        "endLine": location.end_line,
        "endColumn": location.end_column,
    })
}

/// A file as a URI: relative to the working directory when it was named so.
fn artifact(path: &str) -> Value {
    if path == STDIN {
        return json!({"uri": "stdin"});
    }
    let path = path.strip_prefix("./").unwrap_or(path).replace('\\', "/");
    let scheme = if path.starts_with('/') { "file://" } else { "" };
    json!({"uri": format!("{scheme}{}", encoded(&path))})
}

/// The path of a URI: what is neither unreserved nor a slash is written in hex.
fn encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            other => {
                let _ = write!(uri, "%{other:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_uris() {
        assert_eq!(artifact("./a b/ü.yaml"), json!({"uri": "a%20b/%C3%BC.yaml"}));
        assert_eq!(artifact("/srv/a.yaml"), json!({"uri": "file:///srv/a.yaml"}));
        assert_eq!(artifact(STDIN), json!({"uri": "stdin"}));
    }
}
