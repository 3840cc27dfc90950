//! Examples of a rule: a case that breaks it, and the same put right. The cases own the examples, so that they are replayed.

use std::path::Path;

use serde_json::{Value, json};

use super::names;
use crate::case::{Case, Example, load};
use crate::host::Recorded;
use crate::native::native;
use crate::replay::{ask, request, wrap};
use shared::kinds::KINDS;
use shared::module::Module;
use shared::settings::{Setting, Tree};

/// The most places in which the two examples of a rule differ: a command that becomes two containers has two.
const MAX_CHANGES: usize = 2;

/// A case as an example, with the message of the policy.
struct Sample {
    about: String,
    mark: Example,
    /// Settings and pod specification, or another object, as JSON.
    input: Value,
    /// The rules that it breaks, whatever becomes of the findings.
    rules: Vec<String>,
    /// The message of the rejection, or the warnings.
    says: String,
}

/// The rules of `M`, each with its examples. A policy gives examples of all of its rules or of none.
pub(super) fn rules<M: Module>(root: &Path) -> Result<Tree, String> {
    let cases = load(&root.join("policies").join(M::NAME).join("cases"))?;
    let marked = cases.iter().filter_map(|case| Some((case, case.example?)));
    let samples = marked.map(|(case, mark)| Sample::new::<M>(case, mark)).collect::<Result<Vec<_>, _>>()?;
    let pairs = pairs(&samples)?;
    let rules = M::RULES.iter().map(|rule| {
        let mut fields = vec![("id", rule.id.into()), ("about", rule.about.into()), ("default", rule.default.tree())];
        if !rule.covers.is_empty() {
            fields.push(("covers", Tree::list(rule.covers.iter().copied())));
        }
        let mut of_rule = pairs.iter().filter(|(bad, _)| bad.rules == [rule.id]);
        match (of_rule.next(), of_rule.next()) {
            (Some((bad, good)), None) => {
                fields.extend([("bad", bad.tree()?), ("good", good.tree()?)]);
                fields.extend(names::playground::<M>(rule.id).map(|url| ("playground", url.into())));
            }
            (None, _) if pairs.is_empty() => {}
            (first, _) => {
                let number = if first.is_none() { "no" } else { "more than one" };
                return Err(format!("the rule {} has {number} pair of examples", rule.id));
            }
        }
        Ok(Tree::object(fields))
    });
    Ok(Tree::List(rules.collect::<Result<_, String>>()?))
}

/// Checks that `M` gives examples of its rules.
///
/// # Errors
/// Names the rule without a pair of examples, or says why two cases are not a pair.
pub fn check_examples<M: Module>(root: &Path) -> Result<(), String> {
    let cases = load(&root.join("policies").join(M::NAME).join("cases"))?;
    // What a policy finds that inspects images depends on what registries answer: its README has the examples.
    if M::RULES.is_empty() || !M::INSPECTS.is_nothing() || cases.iter().any(|case| case.example.is_some()) {
        // That they are right is seen when they are published.
        rules::<M>(root).map(drop)
    } else {
        Err("no case is an `example`; each rule has a bad one and a good one".to_owned())
    }
}

/// The bad and the good examples, two by two.
fn pairs(samples: &[Sample]) -> Result<Vec<(&Sample, &Sample)>, String> {
    let mut pairs = Vec::new();
    for pair in samples.chunks(2) {
        let [bad @ Sample { mark: Example::Bad, .. }, good @ Sample { mark: Example::Good, .. }] = pair else {
            let about = pair.first().map(|sample| sample.about.as_str()).unwrap_or_default();
            return Err(format!("{about}: a bad example and the good one of the same rule follow each other"));
        };
        let fault = |reason: &str| Err(format!("{}: {reason}", good.about));
        if bad.rules.len() != 1 {
            return Err(format!("{}: a bad example breaks one rule, not {:?}", bad.about, bad.rules));
        }
        if !good.rules.is_empty() {
            return fault("a good example breaks no rule");
        }
        if bad.input.get("settings") != good.input.get("settings") {
            return fault("the two examples of a rule have the same settings");
        }
        if !(1..=MAX_CHANGES).contains(&changes(&bad.input, &good.input)) {
            return fault("a good example is the bad one put right, in one or two places");
        }
        pairs.push((bad, good));
    }
    Ok(pairs)
}

/// The number of places in which two values differ. A list of texts, such as a command, is one place.
fn changes(one: &Value, other: &Value) -> usize {
    match (one, other) {
        _ if one == other => 0,
        (Value::Object(one), Value::Object(other)) => {
            let keys = one.keys().chain(other.keys().filter(|key| !one.contains_key(*key)));
            keys.map(|key| changes(one.get(key).unwrap_or(&Value::Null), other.get(key).unwrap_or(&Value::Null))).sum()
        }
        (Value::Array(one), Value::Array(other)) if one.iter().chain(other).all(Value::is_object) => {
            let items = (0..one.len().max(other.len())).map(|index| (one.get(index), other.get(index)));
            items.map(|(one, other)| changes(one.unwrap_or(&Value::Null), other.unwrap_or(&Value::Null))).sum()
        }
        _ => 1,
    }
}

impl Sample {
    /// The example that a case marks.
    fn new<M: Module>(case: &Case, mark: Example) -> Result<Self, String> {
        let [kind, ..] = KINDS;
        let (key, given, object) = match (&case.pod, &case.object) {
            (Some(pod), _) => ("pod", pod, wrap(&kind, pod)),
            (None, Some(object)) => ("object", object, object.clone()),
            (None, None) => return Err(format!("{}: an example has a `pod` or an `object`", case.name)),
        };
        let payload = json!({ "request": request("CREATE", &object), "settings": case.settings }).to_string();
        let answer = ask(&native::<M>, payload.as_bytes(), &Recorded::new(&case.host))?;
        let annotations = answer.audit_annotations.unwrap_or_default();
        let findings: Vec<Value> = match annotations.get("findings") {
            Some(findings) => serde_json::from_str(findings).map_err(|error| error.to_string())?,
            None => Vec::new(),
        };
        let mut rules: Vec<String> =
            findings.iter().filter_map(|finding| Some(finding.get("rule")?.as_str()?.to_owned())).collect();
        rules.dedup();
        let mut input = json!({ key: given });
        if let (Some(input), false) = (input.as_object_mut(), case.settings.is_null()) {
            input.insert("settings".to_owned(), case.settings.clone());
        }
        let says = answer.message.unwrap_or_else(|| answer.warnings.unwrap_or_default().join("\n"));
        Ok(Self { about: case.about.clone(), mark, input, rules, says })
    }

    fn tree(&self) -> Result<Tree, String> {
        let input = serde_saphyr::to_string(&self.input).map_err(|error| error.to_string())?;
        Ok(Tree::object([
            ("about", Tree::Text(self.about.clone())),
            ("input", Tree::Text(input)),
            ("says", Tree::Text(self.says.clone())),
        ]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(mark: Example, rules: &[&str], input: Value) -> Sample {
        let rules = rules.iter().map(ToString::to_string).collect();
        Sample { about: "Example.".to_owned(), mark, input, rules, says: String::new() }
    }

    /// The reason why two examples are not a pair.
    fn fault(bad: &[&str], good: &[&str], inputs: [Value; 2]) -> Option<String> {
        let [one, other] = inputs;
        pairs(&[sample(Example::Bad, bad, one), sample(Example::Good, good, other)]).err()
    }

    #[test]
    fn a_good_example_is_the_bad_one_put_right() {
        let pod = |command: &str| json!({"pod": {"containers": [{"name": "app", "command": [command, "x"]}]}});
        assert_eq!(fault(&["a"], &[], [pod("sh"), pod("app")]), None);
        assert!(fault(&["a", "b"], &[], [pod("sh"), pod("app")]).unwrap().contains("breaks one rule"));
        assert!(fault(&["a"], &["a"], [pod("sh"), pod("app")]).unwrap().contains("breaks no rule"));
        assert!(fault(&["a"], &[], [pod("sh"), pod("sh")]).unwrap().contains("put right"));
        let other = json!({"pod": {"containers": [{"name": "web", "image": "b", "args": []}], "os": {}}});
        assert!(fault(&["a"], &[], [pod("sh"), other]).unwrap().contains("put right"));
        let mut set = pod("app");
        set["settings"] = json!({"a": 1});
        assert!(fault(&["a"], &[], [pod("sh"), set]).unwrap().contains("same settings"));
    }

    #[test]
    fn examples_come_in_pairs() {
        let lone = [sample(Example::Good, &[], json!({}))];
        assert!(pairs(&lone).err().unwrap().contains("follow each other"));
        assert_eq!(pairs(&[]).unwrap().len(), 0);
    }

    #[test]
    fn a_second_container_is_one_change() {
        let one = json!([{"name": "a", "command": ["sh", "-c", "a & b"]}]);
        let two = json!([{"name": "a", "command": ["a"]}, {"name": "b", "command": ["b"]}]);
        assert_eq!(changes(&one, &two), 2);
        assert_eq!(changes(&json!({"a": {"b": 1}}), &json!({"a": {"b": 1, "c": {"d": 1}}})), 1);
    }
}
