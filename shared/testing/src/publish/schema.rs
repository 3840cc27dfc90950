//! `settings.schema.json`: what settings may be, as JSON Schema, draft 7.
//!
//! Most of it follows from the types of the settings. The rest is in a `schema.yaml`, for the settings of a policy
//! beside its sources and for those of every policy beside this file: keywords of JSON Schema by the path of a setting. What
//! the schema accepts, the policy accepts; `tests/conformance/tests/settings.rs` holds that, and names the faults that no
//! schema can refuse.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::names;
use super::text::GENERATED;
use shared::module::Module;
use shared::settings::{Field, Kind, MAX_ENTRIES, MAX_TEXT, Pattern, Tree};

/// The version of JSON Schema. Helm before 3.18 supports no later one.
pub(super) const DRAFT: &str = "http://json-schema.org/draft-07/schema#";

/// The further conditions for the settings of every policy.
const COMMON: &str = include_str!("schema.yaml");

/// The largest number that every reader of JSON keeps as it is.
const MAX_INTEGER: i64 = 9_007_199_254_740_991;

/// The schema as a file of its own.
pub(super) fn document<M: Module>(settings: Tree) -> Tree {
    let id = format!(
        "{}/raw/{}/artifacthub/{}/{}/settings.schema.json",
        M::PACKAGE.repository,
        names::tag(&M::PACKAGE),
        M::NAME,
        M::PACKAGE.version
    );
    let mut document = vec![
        ("$schema".to_owned(), DRAFT.into()),
        ("$id".to_owned(), id.into()),
        ("$comment".to_owned(), GENERATED.into()),
        ("title".to_owned(), format!("Settings of {}", M::NAME).into()),
    ];
    if let Tree::Object(fields) = settings {
        document.extend(fields);
    }
    Tree::Object(document)
}

/// The schema of the settings of the module `M` of the project in `root`.
///
/// # Errors
/// A `schema.yaml` cannot be read, or names a setting that is none.
pub(super) fn settings<M: Module>(root: &Path) -> Result<Tree, String> {
    let fields = M::settings();
    let mut schema = object(&fields);
    refine_all(&mut schema, "", COMMON)?;
    let rules = rules(&fields);
    refine(&mut schema, "exemptions[].rules[]", &[("enum".to_owned(), Tree::list(rules))])?;
    let members = M::members();
    if members.is_empty() {
        refine_all(&mut schema, "", &of_policy(root, M::NAME)?)?;
        return Ok(schema);
    }
    let policies = fields.iter().find_map(|field| field.kind.fields().filter(|_| field.name == "policies"));
    for field in policies.unwrap_or_default() {
        let path = format!("policies.{}.", field.name);
        refine_all(&mut schema, &path, COMMON)?;
        refine_all(&mut schema, &path, &of_policy(root, field.name)?)?;
        let rules = self::rules(field.kind.fields().unwrap_or_default());
        refine(&mut schema, &format!("{path}exemptions[].rules[]"), &[("enum".to_owned(), Tree::list(rules))])?;
    }
    let names = || members.iter().map(|member| member.name);
    let off = names().map(|name| (name, Tree::object([("const", false.into())])));
    let all_off = Tree::object([("required", Tree::list(names())), ("properties", Tree::object(off))]);
    refine(&mut schema, "policies", &[("not".to_owned(), all_off)])?;
    Ok(schema)
}

/// The content of the `schema.yaml` of a policy, if there is one.
fn of_policy(root: &Path, policy: &str) -> Result<String, String> {
    let path = root.join("policies").join(policy).join("schema.yaml");
    if !path.is_file() {
        return Ok("{}".to_owned());
    }
    fs::read_to_string(&path).map_err(|error| format!("policies/{policy}/schema.yaml: {error}"))
}

/// The rules that these settings name, those of policies in them too.
fn rules(fields: &[Field]) -> Vec<&'static str> {
    let mut rules: Vec<&'static str> = Vec::new();
    for field in fields {
        let more = match (field.name, field.kind.fields()) {
            ("rules", Some(all)) => all.iter().map(|rule| rule.name).collect(),
            ("policies", Some(policies)) => {
                policies.iter().flat_map(|policy| self::rules(policy.kind.fields().unwrap_or_default())).collect()
            }
            _ => Vec::new(),
        };
        rules.extend(more);
    }
    rules.sort_unstable();
    rules.dedup();
    rules
}

/// Adds the keywords in a `schema.yaml` to the settings at these paths.
fn refine_all(schema: &mut Tree, prefix: &str, keywords: &str) -> Result<(), String> {
    let keywords: BTreeMap<String, BTreeMap<String, Value>> =
        serde_saphyr::from_str(keywords).map_err(|error| format!("schema.yaml: {error}"))?;
    for (path, keywords) in keywords {
        let keywords: Vec<_> = keywords.iter().map(|(keyword, value)| (keyword.clone(), tree(value))).collect();
        refine(schema, format!("{prefix}{path}").trim_end_matches('.'), &keywords)?;
    }
    Ok(())
}

/// Adds keywords to the schema at a path, such as `list[].field`.
fn refine(schema: &mut Tree, path: &str, keywords: &[(String, Tree)]) -> Result<(), String> {
    let missing = || format!("schema.yaml: there is no setting {path}");
    let Tree::Object(fields) = schema else { return Err(missing()) };
    if path.is_empty() {
        for (keyword, value) in keywords {
            match (fields.iter_mut().find(|(name, _)| name == keyword), value) {
                (Some((_, Tree::List(known))), Tree::List(more)) => known.extend(more.iter().cloned()),
                (Some((_, known)), _) => *known = value.clone(),
                (None, _) => fields.push((keyword.clone(), value.clone())),
            }
        }
        return Ok(());
    }
    // A policy that may be switched off.
    if let Some(Tree::List(alternatives)) = field(fields, "oneOf") {
        return refine(alternatives.first_mut().ok_or_else(missing)?, path, keywords);
    }
    if let Some(rest) = path.strip_prefix("[]") {
        let items = field(fields, "items").ok_or_else(missing)?;
        return refine(items, rest.trim_start_matches('.'), keywords);
    }
    let (name, rest) = path.split_at(path.find(['.', '[']).unwrap_or(path.len()));
    let Some(Tree::Object(properties)) = field(fields, "properties") else { return Err(missing()) };
    refine(field(properties, name).ok_or_else(missing)?, rest.trim_start_matches('.'), keywords)
}

fn field<'t>(fields: &'t mut [(String, Tree)], name: &str) -> Option<&'t mut Tree> {
    fields.iter_mut().find(|(field, _)| field == name).map(|(_, value)| value)
}

/// A JSON value as a tree.
fn tree(value: &Value) -> Tree {
    match value {
        Value::Null => Tree::Null,
        Value::Bool(value) => Tree::Boolean(*value),
        Value::Number(number) => Tree::Integer(number.as_i64().unwrap_or_default()),
        Value::String(text) => Tree::Text(text.clone()),
        Value::Array(items) => Tree::List(items.iter().map(tree).collect()),
        Value::Object(fields) => Tree::object(fields.iter().map(|(name, value)| (name.clone(), tree(value)))),
    }
}

fn object(fields: &[Field]) -> Tree {
    let properties = fields.iter().map(|field| {
        let mut schema = vec![("description".to_owned(), field.about.into())];
        if let Tree::Object(fields) = value(&field.kind) {
            schema.extend(fields);
        }
        // The default of an object is that of its fields.
        if field.default != Tree::Null && !matches!(field.kind, Kind::Object(_)) {
            schema.push(("default".to_owned(), field.default.clone()));
        }
        (field.name, Tree::Object(schema))
    });
    Tree::object([
        ("type", "object".into()),
        ("additionalProperties", false.into()),
        ("properties", Tree::object(properties)),
    ])
}

fn value(kind: &Kind) -> Tree {
    let integer = |value: usize| Tree::Integer(i64::try_from(value).unwrap_or(i64::MAX));
    match kind {
        Kind::Boolean => Tree::object([("type", "boolean".into())]),
        Kind::Integer => Tree::object([
            ("type", "integer".into()),
            ("minimum", Tree::Integer(-MAX_INTEGER)),
            ("maximum", Tree::Integer(MAX_INTEGER)),
        ]),
        Kind::Text => Tree::object([("type", "string".into()), ("maxLength", integer(MAX_TEXT))]),
        Kind::Pattern(Pattern { matches, except }) => {
            let mut text = vec![("type", "string".into()), ("maxLength", integer(MAX_TEXT))];
            let patterns = matches.iter().map(|pattern| Tree::object([("pattern", (*pattern).into())]));
            text.push(("allOf", Tree::List(patterns.collect())));
            if !except.is_empty() {
                let except = Tree::list(except.iter().copied());
                text.push(("not", Tree::object([("enum", except)])));
            }
            Tree::object(text)
        }
        // One alternative a value, because each has a description.
        Kind::Choice(choices) => {
            let mut all: Vec<Tree> =
                choices.iter().map(|choice| alternative(choice.name.into(), choice.about)).collect();
            if choices.iter().any(|choice| choice.name == "off") {
                all.push(alternative(
                    false.into(),
                    "`off` without quotes, as readers of YAML 1.1 take it: kubectl, helm.",
                ));
            }
            Tree::object([("oneOf", Tree::List(all))])
        }
        Kind::List(item) => {
            Tree::object([("type", "array".into()), ("maxItems", integer(MAX_ENTRIES)), ("items", value(item))])
        }
        Kind::ChoiceOrList(choices, item, most) => {
            let mut all: Vec<Tree> =
                choices.iter().map(|choice| alternative(choice.name.into(), choice.about)).collect();
            all.push(Tree::object([
                ("type", "array".into()),
                ("minItems", integer(1)),
                ("maxItems", integer(*most)),
                ("items", value(item)),
            ]));
            Tree::object([("oneOf", Tree::List(all))])
        }
        Kind::Map(item) => Tree::object([
            ("type", "object".into()),
            ("maxProperties", integer(MAX_ENTRIES)),
            ("additionalProperties", value(item)),
        ]),
        Kind::Object(fields) => object(fields),
        Kind::Switch(kind) => Tree::object([(
            "oneOf",
            Tree::List(vec![value(kind), Tree::object([("const", false.into()), ("description", "Left out.".into())])]),
        )]),
    }
}

/// One of several values of a setting.
fn alternative(value: Tree, about: &str) -> Tree {
    Tree::object([("const", value), ("description", about.into())])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refined(schema: &str, keywords: &str) -> Result<Value, String> {
        let mut schema = tree(&serde_json::from_str(schema).unwrap());
        refine_all(&mut schema, "", keywords)?;
        Ok(serde_json::to_value(schema).unwrap())
    }

    const SCHEMA: &str = r#"{"properties":{"a":{"items":{"properties":{"b":{"allOf":[1],"minimum":1}}}},
        "c":{"oneOf":[{"properties":{"d":{}}},{"const":false}]}}}"#;

    #[test]
    fn keywords_are_added_at_the_path_of_a_setting() {
        let keywords = "'': { not: 1 }\na[].b: { allOf: [2], minimum: 3 }\nc.d: { pattern: x }\n";
        let refined = refined(SCHEMA, keywords).unwrap();
        assert_eq!(refined["not"], 1);
        assert_eq!(refined.pointer("/properties/a/items/properties/b/allOf"), Some(&serde_json::json!([1, 2])));
        assert_eq!(refined.pointer("/properties/a/items/properties/b/minimum"), Some(&3.into()));
        assert_eq!(refined.pointer("/properties/c/oneOf/0/properties/d/pattern"), Some(&"x".into()));
    }

    #[test]
    fn a_path_without_a_setting_is_refused() {
        for path in ["b", "a.b", "a[].c", "c[]", "a[].b.e"] {
            let problem = refined(SCHEMA, &format!("{path}: {{ pattern: x }}")).unwrap_err();
            assert!(problem.starts_with("schema.yaml: there is no setting"), "{path}: {problem}");
        }
    }
}
