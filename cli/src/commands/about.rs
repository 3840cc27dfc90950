//! `list`, `explain`, `schema` and `manifest`: what the catalogue knows of the built-in policies.

use std::fmt::Write as _;

use clap::ValueEnum as _;
use serde_json::Value;

use super::fault::Fault;
use super::markdown;
use crate::answer::MALFORMED;
use crate::args::Purpose;
use crate::policies::{Builtin, Entry, Example, Rule, require};

/// The settings whose parts are told elsewhere: the rules stand above, and the others are the same for every policy.
const COMMON: [&str; 6] = ["action", "containers", "controllers", "exemptions", "rules", "updates"];

/// The rule that every policy has.
const MALFORMED_OBJECT: &str = "\
malformed-object (deny)

A field cannot be read, because it is missing or its value has the wrong type. It is rejected, since its value would have to be
guessed.

Bad: A list is expected.

    pod:
      containers: {name: web, image: 'shop/web:1.0.0'}

Good: A list.

    pod:
      containers: [{name: web, image: 'shop/web:1.0.0'}]

No setting changes it.
";

/// One line a policy.
pub(super) fn list(builtin: &Builtin) -> String {
    let width = builtin.names().map(str::len).max().unwrap_or_default();
    let mut text = String::new();
    for name in builtin.names() {
        let about = match builtin.entry(name) {
            Some(entry) if entry.combines.is_empty() => format!("{:8}  {}", entry.severity, entry.description),
            Some(entry) => format!("{:8}  {} Only with `--policy {name}`.", "", entry.description),
            None => "no description beside its module".to_owned(),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:width$}  {about}");
    }
    text
}

/// A policy, one rule of it, or all rules of that name. On a terminal, Markdown is rendered.
pub(super) fn explain(builtin: &Builtin, topic: &str, is_terminal: bool) -> Result<String, Fault> {
    let text = match topic.split_once('/') {
        Some((policy, id)) => {
            let entry = entry(builtin, policy)?;
            let rule = entry.rules.iter().find(|rule| rule.id == id).ok_or_else(|| Fault::Rule {
                policy: policy.to_owned(),
                rule: id.to_owned(),
                known: entry.rules.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>().join(", "),
            })?;
            explain_rule(policy, entry, rule)
        }
        None if topic == MALFORMED => MALFORMED_OBJECT.to_owned(),
        None => match explain_rules(builtin, topic) {
            Some(rules) if builtin.names().all(|name| name != topic) => rules,
            _ => explain_policy(topic, entry(builtin, topic)?),
        },
    };
    Ok(if is_terminal { markdown::render(&text) } else { text })
}

/// The rules of this name, of all policies.
fn explain_rules(builtin: &Builtin, id: &str) -> Option<String> {
    let entries = builtin.names().filter_map(|name| Some((name, builtin.entry(name)?)));
    let single = entries.filter(|(_, entry)| entry.combines.is_empty());
    let rules = single.flat_map(|(name, entry)| entry.rules.iter().map(move |rule| (name, entry, rule)));
    let texts: Vec<String> =
        rules.filter(|(.., rule)| rule.id == id).map(|(name, entry, rule)| explain_rule(name, entry, rule)).collect();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

fn explain_policy(name: &str, entry: &Entry) -> String {
    let Entry { title, severity, version, why, .. } = entry;
    let mut text = format!("{name} {version}: {title} ({severity})\n\n{why}\n");
    if !entry.combines.is_empty() {
        let _ = writeln!(text, "\nCombines {}.", entry.combines.join(", "));
    }
    if !entry.rules.is_empty() {
        let _ = writeln!(text, "\nRules (`seaworthy explain {name}/RULE` shows examples)");
        let width = entry.rules.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
        for Rule { id, about, default, .. } in &entry.rules {
            let _ = writeln!(text, "  {id:width$}  {default:4}  {about}");
        }
    }
    let settings = settings(&entry.schema);
    if !settings.is_empty() {
        let _ = writeln!(text, "\nSettings\n{settings}");
        let _ = writeln!(text, "  The settings of every policy: {}.", COMMON.join(", "));
    }
    text.push_str(&guide(entry));
    text
}

fn explain_rule(policy: &str, entry: &Entry, rule: &Rule) -> String {
    let Rule { id, about, default, bad, good, .. } = rule;
    let mut text = format!("{policy}/{id} ({default})\n\n{about}\n");
    for (title, example) in [("Bad", bad), ("Good", good)] {
        if let Some(Example { about, input, says }) = example {
            let _ = writeln!(text, "\n{title}: {about}\n\n{}", indented(input));
            if !says.is_empty() {
                let _ = writeln!(text, "\n{}", indented(says));
            }
        }
    }
    let other = if default == "off" { "deny" } else { "\"off\"" };
    let _ = writeln!(text, "\nSettings to change it\n\n    rules:\n      {id}: {other}");
    text.push_str(&guide(entry));
    text
}

/// The section of the guide, if the policy has one.
fn guide(entry: &Entry) -> String {
    entry.guide.as_ref().map(|guide| format!("\n{}\n{}\n", guide.title, guide.url)).unwrap_or_default()
}

fn indented(text: &str) -> String {
    text.trim_end().lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

/// A line for each setting of the policy's own, those in others by their path.
fn settings(schema: &Value) -> String {
    let mut text = String::new();
    for (key, value) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if !COMMON.contains(&key.as_str()) {
            add_setting(&mut text, key, value);
        }
    }
    text
}

fn add_setting(text: &mut String, path: &str, schema: &Value) {
    let about = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let default = schema.get("default").map(|default| format!(" [default: {default}]")).unwrap_or_default();
    let _ = writeln!(text, "  {path}: {about}{default}");
    for (key, value) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        add_setting(text, &format!("{path}.{key}"), value);
    }
}

/// The JSON Schema of the settings of a policy.
pub(super) fn schema(builtin: &Builtin, policy: &str) -> Result<String, Fault> {
    Ok(format!("{:#}\n", entry(builtin, policy)?.schema))
}

/// A manifest that loads a policy.
pub(super) fn manifest(builtin: &Builtin, policy: &str, purpose: Purpose) -> Result<String, Fault> {
    let purpose = purpose.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let manifests = &entry(builtin, policy)?.manifests;
    manifests
        .get(&purpose)
        .cloned()
        .ok_or_else(|| Fault::Missing { what: format!("manifest for {purpose}"), policy: policy.to_owned() })
}

/// The entry of a policy in the catalogue.
fn entry<'b>(builtin: &'b Builtin, policy: &str) -> Result<&'b Entry, Fault> {
    require(policy, builtin.names())?;
    builtin.entry(policy).ok_or_else(|| Fault::NotInCatalogue(policy.to_owned()))
}
