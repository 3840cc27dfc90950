//! The published files, read by others: a YAML parser and a validator of JSON Schema. Helm reads the charts in
//! `tests/conformance/tests/charts.rs`.
//!
//! That the files are those of the sources is checked by `cargo xtask gen --check` and by the tests of each policy.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::{Value, json};

/// A path in the project.
fn path(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(path)
}

/// The files under a directory whose name ends so, sorted. There must be some.
fn files(directory: &str, ending: &str) -> Vec<PathBuf> {
    fn walk(directory: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, files) } else { files.push(path) }
        }
    }
    let mut files = Vec::new();
    walk(&path(directory), &mut files);
    files.retain(|file| file.to_string_lossy().ends_with(ending));
    files.sort();
    assert!(!files.is_empty(), "{directory} has no file that ends in {ending}");
    files
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn yaml(path: &Path) -> Vec<Value> {
    serde_saphyr::from_multiple(&text(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&text(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn schema(schema: &Value) -> Validator {
    jsonschema::meta::validate(schema).unwrap_or_else(|error| panic!("{error}"));
    jsonschema::validator_for(schema).unwrap()
}

/// The directory that each policy is published in, and the policy's name.
fn published() -> Vec<(PathBuf, String)> {
    files("artifacthub", "settings.schema.json")
        .into_iter()
        .map(|file| {
            let directory = file.parent().unwrap().to_path_buf();
            let name = directory.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
            (directory, name)
        })
        .collect()
}

/// The name of every policy: its directory under `policies/`.
fn policies() -> Vec<String> {
    let name = |manifest: PathBuf| manifest.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
    files("policies", "/Cargo.toml").into_iter().map(name).collect()
}

/// The value without fields that are `null`, which equals their absence.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), without_nulls(value)))
            .collect(),
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

/// The defaults that a schema of an object gives, those in it too.
fn defaults(schema: &Value) -> Value {
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties
        .filter_map(|(name, schema)| match schema.get("default") {
            Some(default) => Some((name.clone(), default.clone())),
            None if schema.get("properties").is_some() => Some((name.clone(), defaults(schema))),
            None => None,
        })
        .collect()
}

#[test]
fn every_policy_is_published_in_its_version() {
    let version = env!("CARGO_PKG_VERSION");
    for policy in policies() {
        let directory = path("artifacthub").join(policy).join(version);
        assert!(directory.is_dir(), "{} is missing; run `cargo xtask gen`", directory.display());
    }
}

#[test]
fn every_yaml_file_can_be_read() {
    for file in files("artifacthub", ".yaml").into_iter().chain(files("artifacthub", ".yml")) {
        if !file.parent().unwrap().ends_with("templates") {
            assert_eq!(yaml(&file).len(), 1, "{}", file.display());
        }
    }
}

#[test]
fn the_yaml_in_annotations_is_that_of_the_files() {
    for (directory, _) in published() {
        let package = &yaml(&directory.join("artifacthub-pkg.yml"))[0];
        let annotation =
            |name: &str| -> Value { serde_saphyr::from_str(package["annotations"][name].as_str().unwrap()).unwrap() };
        let metadata = &yaml(&directory.join("metadata.yml"))[0];
        assert_eq!(annotation("kubewarden/questions-ui"), yaml(&directory.join("questions-ui.yml"))[0]);
        assert_eq!(annotation("kubewarden/rules"), metadata["rules"]);
        let manifests = files(directory.to_str().unwrap(), ".yaml");
        for manifest in manifests.iter().filter(|file| !file.ends_with("rbac.yaml")) {
            assert_eq!(yaml(manifest)[0]["spec"]["rules"], metadata["rules"], "{}", manifest.display());
        }
    }
}

#[test]
fn every_package_has_what_artifact_hub_requires() {
    for (directory, policy) in published() {
        let package = &yaml(&directory.join("artifacthub-pkg.yml"))[0];
        assert_eq!(package["name"], json!(policy));
        assert_eq!(package["version"], json!(directory.file_name().unwrap().to_str().unwrap()));
        assert_eq!(package["provider"]["name"], json!("seaworthy"));
        assert_eq!(package["category"], json!("security"));
        assert_eq!(package["containersImages"][0]["name"], json!("policy"));
        for field in ["displayName", "createdAt", "description", "install"] {
            assert!(package[field].as_str().is_some_and(|text| !text.is_empty()), "{policy}: {field}");
        }
        let kinds = ["added", "changed", "deprecated", "removed", "fixed", "security"];
        let changes = package["changes"].as_array().unwrap();
        assert!(changes.iter().all(|change| kinds.contains(&change["kind"].as_str().unwrap())), "{policy}");
        assert!(directory.join(package["logoPath"].as_str().unwrap()).is_file());
    }
}

#[test]
fn schemas_accept_the_defaults_and_the_settings_of_every_sound_case() {
    for (directory, policy) in published() {
        let document = json(&directory.join("settings.schema.json"));
        assert_eq!(document["$schema"], json!("http://json-schema.org/draft-07/schema#"));
        let schema = schema(&document);
        let accept = |settings: &Value, of: &str| {
            let faults: Vec<String> = schema.iter_errors(settings).map(|fault| fault.to_string()).collect();
            assert!(faults.is_empty(), "{policy}: the settings of {of}: {settings}: {}", faults.join("; "));
        };
        accept(&json!({}), "nobody");
        let defaults = defaults(&document);
        assert!(defaults.as_object().is_some_and(|defaults| defaults.contains_key("action")), "{defaults}");
        accept(&defaults, "the schema");
        let engine = format!("shared/testing/cases/{policy}");
        let engine = if path(&engine).is_dir() { files(&engine, ".yaml") } else { Vec::new() };
        for file in files(&format!("policies/{policy}/cases"), ".yaml").into_iter().chain(engine) {
            for case in yaml(&file).iter().filter(|case| case["expect"]["settingsError"].is_null()) {
                if case["settings"].is_object() {
                    accept(&without_nulls(&case["settings"]), &file.display().to_string());
                }
            }
        }
    }
}

#[test]
fn schemas_refuse_what_the_policies_refuse() {
    for (directory, policy) in published() {
        let schema = schema(&json(&directory.join("settings.schema.json")));
        for wrong in [
            json!({ "actoin": "deny" }),
            json!({ "action": "reject" }),
            json!({ "containers": { "main": true } }),
            json!({ "rules": { "no-such-rule": "deny" } }),
            json!({ "exemptions": [{ "image": ["ghcr.io/a/b"] }] }),
        ] {
            assert!(!schema.is_valid(&wrong), "{policy}: {wrong} is accepted");
        }
    }
}

#[test]
fn charts_have_values_that_their_schemas_accept() {
    let chart = path("artifacthub/charts/seaworthy-policies");
    let schema = schema(&json(&chart.join("values.schema.json")));
    let values = yaml(&chart.join("values.yaml")).remove(0);
    assert!(schema.is_valid(&values), "{:?}", schema.iter_errors(&values).next());
    for (place, wrong) in
        [("/preset", json!("all")), ("/modules", json!("both")), ("/policies", json!({ "unknown": {} }))]
    {
        let mut values = values.clone();
        *values.pointer_mut(place).unwrap() = wrong;
        assert!(!schema.is_valid(&values), "{values} is accepted");
    }
    for policy in values["policies"].as_object().unwrap().keys() {
        let mut values = values.clone();
        values["policies"][policy]["settings"] = json!({ "actoin": "deny" });
        assert!(!schema.is_valid(&values), "{values} is accepted");
    }
}

#[test]
fn the_chart_knows_every_policy() {
    let chart = path("artifacthub/charts/seaworthy-policies");
    let values = yaml(&chart.join("values.yaml")).remove(0);
    let facts = json(&chart.join("policies.json"));
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let mut modules: Vec<String> = published().into_iter().map(|(_, policy)| policy).collect();
    modules.dedup();
    let combined = names(&facts["combined"]);
    assert_eq!(names(&values["combined"]), combined);
    assert!(combined.iter().all(|name| modules.contains(name)), "{combined:?}");
    modules.retain(|module| !combined.contains(module));
    assert_eq!(names(&values["policies"]), modules);
    assert_eq!(names(&facts["policies"]), modules);
}

#[test]
fn templates_have_balanced_delimiters_and_blocks() {
    for file in files("artifacthub/charts/seaworthy-policies/templates", ".yaml") {
        let template = text(&file);
        let mut depth = 0;
        let mut rest = template.as_str();
        while let Some((before, after)) = rest.split_once("{{") {
            assert!(!before.contains("}}"), "{}: }}}} without {{{{: {before}", file.display());
            let (action, after) = after.split_once("}}").unwrap_or_else(|| panic!("an action does not end: {after}"));
            assert!(!action.contains("{{"), "an action in an action: {action}");
            assert_eq!(action.matches('(').count(), action.matches(')').count(), "{action}");
            match action.trim_matches(['-', ' ']).split(' ').next().unwrap() {
                "if" | "range" | "with" => depth += 1,
                "end" => depth -= 1,
                _ => {}
            }
            assert!(depth >= 0, "{}: an end too many", file.display());
            rest = after;
        }
        assert!(!rest.contains("}}"), "{rest}");
        assert_eq!(depth, 0, "{}: a block does not end", file.display());
    }
}
