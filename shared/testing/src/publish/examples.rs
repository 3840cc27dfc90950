//! Examples of a rule: a case that breaks it, and a similar one that breaks nothing. The cases own the examples.

use std::cmp::Reverse;
use std::path::Path;

use serde_json::{Value, json};

use crate::case::{Case, load};
use crate::host::Recorded;
use crate::native::native;
use crate::replay::{ask, request, wrap};
use shared::kinds::KINDS;
use shared::module::Module;
use shared::settings::{Setting, Tree};

/// A case as an example, with the message of the policy.
struct Sample {
    /// Settings and pod specification, as JSON.
    input: Value,
    /// The same as text.
    text: String,
    /// The rules that it breaks, whatever becomes of the findings.
    rules: Vec<String>,
    /// The message of the rejection, or the warnings.
    says: String,
}

/// The rules of `M`, each with its examples.
pub(super) fn rules<M: Module>(root: &Path) -> Result<Tree, String> {
    let samples = samples::<M>(&root.join("policies").join(M::NAME).join("cases"))?;
    let rules = M::RULES.iter().map(|rule| {
        let mut fields = vec![("id", rule.id.into()), ("about", rule.about.into()), ("default", rule.default.tree())];
        if !rule.covers.is_empty() {
            fields.push(("covers", Tree::list(rule.covers.iter().copied())));
        }
        if let Some(bad) = bad(&samples, rule.id) {
            fields.push(("bad", bad.tree()?));
            if let Some(good) = good(&samples, bad) {
                fields.push(("good", good.tree()?));
            }
        }
        Ok(Tree::object(fields))
    });
    Ok(Tree::List(rules.collect::<Result<_, String>>()?))
}

/// The shortest case that breaks this rule, if possible alone and without settings.
fn bad<'s>(samples: &'s [Sample], rule: &str) -> Option<&'s Sample> {
    let breaking = samples.iter().filter(|sample| sample.rules.iter().any(|broken| broken == rule));
    breaking.min_by_key(|sample| (sample.says.is_empty(), sample.rules.len(), sample.has_settings(), sample.text.len()))
}

/// Parts of an input that keep a policy from judging, so that it is not a good example.
const EVASIONS: [&str; 4] = ["\"hostPID\":", "\"os\":", "\"kubernetes.io/os\":", "[]"];

/// The case that differs least from another one and breaks nothing.
fn good<'s>(samples: &'s [Sample], bad: &Sample) -> Option<&'s Sample> {
    let evades = |sample: &Sample| EVASIONS.iter().any(|part| sample.text.contains(part) && !bad.text.contains(part));
    let accepted = samples.iter().filter(|sample| sample.rules.is_empty() && sample.says.is_empty() && !evades(sample));
    accepted.min_by_key(|sample| {
        let same_settings = sample.input.get("settings") == bad.input.get("settings");
        (Reverse(same_settings), distance(&sample.text, &bad.text))
    })
}

/// The number of bytes that differ, when one text is made from the other by a single change.
fn distance(one: &str, other: &str) -> usize {
    let alike = |pairs: &mut dyn Iterator<Item = (u8, u8)>| pairs.take_while(|(left, right)| left == right).count();
    let begin = alike(&mut one.bytes().zip(other.bytes()));
    let end = alike(&mut one.bytes().rev().zip(other.bytes().rev()));
    let shared = begin.saturating_add(end).min(one.len()).min(other.len());
    one.len().saturating_add(other.len()).saturating_sub(shared.saturating_mul(2))
}

/// The cases that are the creation of a pod, and those of tables of images.
fn samples<M: Module>(cases: &Path) -> Result<Vec<Sample>, String> {
    let mut samples = Vec::new();
    for case in load(cases)? {
        let plain = case.old.is_none() && case.request.is_none() && case.expect.settings_error.is_none();
        let rows = case.images.iter().filter(|row| row.times == 1);
        let tables = rows.map(|row| json!({ "containers": [{ "name": "web", "image": row.image }] }));
        for mut pod in case.pod.iter().filter(|_| plain).cloned().chain(tables) {
            remove_nulls(&mut pod);
            samples.extend(Sample::new::<M>(&case, &pod)?);
        }
    }
    Ok(samples)
}

/// Leaves out what is null, which means the same as absent.
fn remove_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(remove_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_nulls),
        _ => {}
    }
}

impl Sample {
    /// The example of a pod; `None` when it cannot be read, so that it is not an example of a rule.
    fn new<M: Module>(Case { settings, host, .. }: &Case, pod: &Value) -> Result<Option<Self>, String> {
        let [kind, ..] = KINDS;
        let payload = json!({ "request": request("CREATE", &wrap(&kind, pod)), "settings": settings }).to_string();
        let answer = ask(&native::<M>, payload.as_bytes(), &Recorded::new(host))?;
        if answer.code == Some(400) {
            return Ok(None);
        }
        let annotations = answer.audit_annotations.unwrap_or_default();
        let findings: Vec<Value> = match annotations.get("findings") {
            Some(findings) => serde_json::from_str(findings).map_err(|error| error.to_string())?,
            None => Vec::new(),
        };
        let mut rules: Vec<String> =
            findings.iter().filter_map(|finding| Some(finding.get("rule")?.as_str()?.to_owned())).collect();
        rules.sort();
        rules.dedup();
        let mut input = json!({ "pod": pod });
        if let (Some(input), true) = (input.as_object_mut(), settings.as_object().is_some_and(|keys| !keys.is_empty()))
        {
            input.insert("settings".to_owned(), settings.clone());
        }
        let says = answer.message.unwrap_or_else(|| answer.warnings.unwrap_or_default().join("\n"));
        Ok(Some(Self { text: input.to_string(), input, rules, says }))
    }

    fn has_settings(&self) -> bool {
        self.input.get("settings").is_some()
    }

    fn tree(&self) -> Result<Tree, String> {
        let input = serde_saphyr::to_string(&self.input).map_err(|error| error.to_string())?;
        Ok(Tree::object([("input", Tree::Text(input)), ("says", Tree::Text(self.says.clone()))]))
    }
}
