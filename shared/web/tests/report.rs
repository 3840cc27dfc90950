//! The report is that of the command: the same form, places and words.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

/// A path below the root of the workspace.
fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root(path)).unwrap()
}

fn report(manifest: &str, settings: &Value, old: Option<&str>) -> Value {
    let report = web::check(manifest, &settings.to_string(), old).unwrap();
    let report = serde_json::from_str(&report).unwrap();
    let schema: Value = serde_json::from_str(&read("cli/schema/report.schema.json")).unwrap();
    let faults: Vec<String> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(&report).map(|fault| fault.to_string()).collect();
    assert_eq!(faults, Vec::<String>::new(), "{report:#}");
    report
}

/// The names of the policies that judged the first object of a report.
fn policies(report: &Value) -> Vec<String> {
    let policies = report.pointer("/files/0/objects/0/policies").and_then(Value::as_array).unwrap();
    policies.iter().map(|policy| policy.get("policy").and_then(Value::as_str).unwrap().to_owned()).collect()
}

#[test]
fn the_report_is_the_one_of_the_command() {
    let of_command: Value = serde_json::from_str(&read("cli/tests/golden/report.json")).unwrap();
    let files = of_command["files"].as_array().unwrap();
    assert!(files.len() > 3);
    // That report is of some policies, so that a new one does not change it: the others are switched off.
    let path = files[0]["path"].as_str().unwrap();
    let reported = policies(&of_command);
    let others: Map<String, Value> = policies(&report(&read(path), &json!({}), None))
        .into_iter()
        .filter(|name| !reported.contains(name))
        .map(|name| (name, false.into()))
        .collect();
    for file in files {
        let path = file["path"].as_str().unwrap();
        let report = report(&read(path), &json!({"policies": others}), None);
        assert_eq!(report["files"][0]["objects"], file["objects"], "{path}");
    }
}

#[test]
fn an_object_that_was_there_before_is_updated() {
    let manifest = read("tests/manifests/workers.yaml");
    let report = report(&manifest, &json!({}), Some(&manifest));
    assert_eq!(report["summary"]["deniedObjects"], 0);
    assert_eq!(report["files"][0]["objects"][0]["operation"], "UPDATE");
    assert!(report["summary"]["warnings"].as_u64().unwrap() > 0);
}

#[test]
fn the_settings_are_those_of_the_combined_module() {
    let pod = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: b}]}}";
    let settings = json!({"policies": {"non-root": false}});
    let report = report(pod, &settings, None);
    let policies = report["files"][0]["objects"][0]["policies"].as_array().unwrap();
    assert!(policies.iter().all(|policy| policy["policy"] != "non-root"));
    let faults = web::check(pod, r#"{"policies":{"none":{}},"action":1}"#, None).unwrap_err();
    assert_eq!(faults.lines().count(), 2, "{faults}");
}

#[test]
fn what_cannot_be_read_has_a_place() {
    let report = report("apiVersion: v1\nkind: Pod\n---\n- a\n", &json!({}), Some("kind: ["));
    let errors = report["errors"].as_array().unwrap();
    assert_eq!(errors.iter().map(|error| &error["path"]).collect::<Vec<_>>(), ["old manifest", "manifest", "manifest"]);
    assert!(errors.iter().all(|error| error["line"].is_u64()), "{errors:?}");
}

#[test]
fn an_object_that_a_policy_cannot_read_is_denied() {
    let report = report(r#"{"apiVersion":"v1","kind":"Pod","spec":{"containers":7}}"#, &json!({}), None);
    assert_eq!(report["summary"]["deniedObjects"], 1);
}

#[test]
fn a_module_or_an_operation_that_does_not_exist_is_an_error_that_names_those_that_do() {
    let error = web::call("no-such", "validate", b"{}").unwrap_err();
    assert!(error.starts_with("`no-such` is not a module; the modules are health-probes, "), "{error}");
    let error = web::call("non-root", "mutate", b"{}").unwrap_err();
    assert_eq!(error, "`mutate` is not an operation; use validate or validate_settings");
}
