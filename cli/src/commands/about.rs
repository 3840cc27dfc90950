//! `list`, `explain` and `schema`: what the catalogue knows of the built-in policies.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::document::document;
use super::fault::Fault;
use super::markdown;
use crate::answer::MALFORMED;
use crate::args::Form;
use crate::policies::{Builtin, Entry, Example, Guide, Rule, require};

/// The settings whose parts are told elsewhere: the rules stand above, and the others are the same for every policy.
const COMMON: [&str; 6] = ["action", "containers", "controllers", "exemptions", "rules", "updates"];

/// One line a policy; for programs, all that is known of each.
pub(super) fn list(builtin: &Builtin, form: Form) -> Result<String, Fault> {
    if form == Form::Json {
        return document(&builtin.names().map(|name| named(builtin, name)).collect::<Result<Vec<_>, _>>()?);
    }
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
    Ok(text)
}

/// A policy, one rule of it, or all rules of that name. On a terminal, Markdown is rendered.
pub(super) fn explain(builtin: &Builtin, topic: &str, form: Form, is_terminal: bool) -> Result<String, Fault> {
    let text = match (Topic::find(builtin, topic)?, form) {
        (Topic::Policy(policy), Form::Json) => document(&policy)?,
        (Topic::Rules(rules), Form::Json) => document(&rules)?,
        (Topic::Policy(Named { name, entry }), Form::Text) => explain_policy(name, entry),
        (Topic::Rules(rules), Form::Text) => rules.iter().map(RuleOf::explain).collect::<Vec<_>>().join("\n\n"),
    };
    Ok(if is_terminal && form == Form::Text { markdown::render(&text) } else { text })
}

/// A policy with its name.
#[derive(Serialize)]
struct Named<'b> {
    name: &'b str,
    #[serde(flatten)]
    entry: &'b Entry,
}

/// A rule with its policy; the one that every policy has, without.
#[derive(Serialize)]
struct RuleOf<'b> {
    policy: Option<&'b str>,
    #[serde(flatten)]
    rule: Cow<'b, Rule>,
    guide: Option<&'b Guide>,
}

/// The subject of `explain`.
enum Topic<'b> {
    Policy(Named<'b>),
    Rules(Vec<RuleOf<'b>>),
}

impl<'b> Topic<'b> {
    fn find(builtin: &'b Builtin, topic: &str) -> Result<Self, Fault> {
        if topic == MALFORMED {
            return Ok(Self::Rules(vec![RuleOf::malformed()]));
        }
        if let Some((policy, id)) = topic.split_once('/') {
            let policy = named(builtin, policy)?;
            let rule = policy.rules().find(|rule| rule.rule.id == id).ok_or_else(|| Fault::Rule {
                policy: policy.name.to_owned(),
                rule: id.to_owned(),
                known: policy.entry.rules.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>().join(", "),
            })?;
            return Ok(Self::Rules(vec![rule]));
        }
        let known = builtin.names().filter_map(|name| named(builtin, name).ok());
        let single = known.filter(|policy| policy.entry.combines.is_empty());
        let rules: Vec<_> = single.flat_map(|policy| policy.rules()).filter(|rule| rule.rule.id == topic).collect();
        if rules.is_empty() || builtin.names().any(|name| name == topic) {
            return Ok(Self::Policy(named(builtin, topic)?));
        }
        Ok(Self::Rules(rules))
    }
}

impl<'b> Named<'b> {
    fn rules(&self) -> impl Iterator<Item = RuleOf<'b>> + use<'b> {
        let (policy, guide) = (Some(self.name), self.entry.guide.as_ref());
        self.entry.rules.iter().map(move |rule| RuleOf { policy, rule: Cow::Borrowed(rule), guide })
    }
}

impl RuleOf<'_> {
    /// The rule that every policy has.
    fn malformed() -> Self {
        let example = |about: &str, containers: &str| Example {
            about: about.to_owned(),
            input: format!("pod:\n  containers: {containers}"),
            says: String::new(),
        };
        let about = "A field cannot be read, because it is missing or its value has the wrong type. It is rejected, since its \
                     value would have to be guessed.";
        let rule = Rule {
            id: MALFORMED.to_owned(),
            about: about.to_owned(),
            default: "deny".to_owned(),
            covers: Vec::new(),
            bad: Some(example("A list is expected.", "{name: web, image: 'shop/web:1.0.0'}")),
            good: Some(example("A list.", "[{name: web, image: 'shop/web:1.0.0'}]")),
            playground: None,
        };
        Self { policy: None, rule: Cow::Owned(rule), guide: None }
    }

    /// The rule for people.
    fn explain(&self) -> String {
        let Rule { id, about, default, bad, good, playground, .. } = &*self.rule;
        let policy = self.policy.map(|policy| format!("{policy}/")).unwrap_or_default();
        let mut text = format!("{policy}{id} ({default})\n\n{about}\n");
        for (title, example) in [("Bad", bad), ("Good", good)] {
            if let Some(Example { about, input, says }) = example {
                let _ = writeln!(text, "\n{title}: {about}\n\n{}", indented(input));
                if !says.is_empty() {
                    let _ = writeln!(text, "\n{}", indented(says));
                }
            }
        }
        if let Some(url) = playground {
            let _ = writeln!(text, "\nTry it in the browser\n{url}");
        }
        if self.policy.is_none() {
            text.push_str("\nNo setting changes it.\n");
            return text;
        }
        let other = if default == "off" { "deny" } else { "\"off\"" };
        let _ = writeln!(text, "\nSettings to change it\n\n    rules:\n      {id}: {other}");
        text.push_str(&guide(self.guide));
        text
    }
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
    text.push_str(&guide(entry.guide.as_ref()));
    text
}

/// The section of the guide, if the policy has one.
fn guide(guide: Option<&Guide>) -> String {
    guide.map(|guide| format!("\n{}\n{}\n", guide.title, guide.url)).unwrap_or_default()
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
    document(&entry(builtin, policy)?.schema)
}

/// A policy, which has to be in the catalogue.
fn named<'b>(builtin: &'b Builtin, policy: &str) -> Result<Named<'b>, Fault> {
    let entry = entry(builtin, policy)?;
    // The name lives as long as the catalogue does.
    let name = builtin.names().find(|name| *name == policy).unwrap_or_default();
    Ok(Named { name, entry })
}

/// The entry of a policy in the catalogue.
pub(super) fn entry<'b>(builtin: &'b Builtin, policy: &str) -> Result<&'b Entry, Fault> {
    require(policy, builtin.names())?;
    builtin.entry(policy).ok_or_else(|| Fault::NotInCatalogue(policy.to_owned()))
}
