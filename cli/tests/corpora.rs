//! `seaworthy check` with the built modules on manifests as users write them.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn check(path: &Path) -> (Output, Value) {
    check_with(path, &[])
}

fn check_with(path: &Path, options: &[&str]) -> (Output, Value) {
    let dist = workspace().join("dist");
    assert!(dist.is_dir(), "there are no modules to test: build them with `cargo xtask build`");
    let output = Command::new(env!("CARGO_BIN_EXE_seaworthy"))
        .args(["check", "--format", "json", "--modules"])
        .args([&dist, path])
        .args(options)
        .output()
        .unwrap();
    let report = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output, report)
}

#[test]
fn the_tutorials_are_denied() {
    let (output, report) = check(&workspace().join("tests/manifests"));
    assert_eq!(report["errors"], serde_json::json!([]));
    assert!(report["summary"]["deniedObjects"].as_u64() > Some(15), "{}", report["summary"]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn their_hardened_twins_are_accepted_without_a_finding() {
    let (output, report) = check(&workspace().join("tests/manifests/hardened"));
    assert_eq!(report["summary"]["findings"], 0, "{report:#}");
    assert_eq!(report["summary"]["warnings"], 0, "{report:#}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_key_in_a_secret_is_found_and_not_repeated() {
    let manifests = workspace().join("tests/manifests");
    let only = ["--policy", "keyless"];
    let (output, report) = check_with(&manifests.join("pubsub/secret.yaml"), &only);
    assert_eq!(output.status.code(), Some(1));
    let finding = &report["files"][0]["objects"][0]["policies"][0]["findings"][0];
    assert_eq!(finding["rule"], "google-key", "{report:#}");
    assert_eq!(finding["path"], "data.key.json");
    assert!(finding["message"].as_str().unwrap().contains("subscriber@my-project.iam.gserviceaccount.com"));
    assert!(!report.to_string().contains("EXAMPLE+NOT"), "{report:#}");
    let (_, report) = check_with(&manifests.join("pubsub/subscriber.yaml"), &only);
    assert_eq!(report["files"][0]["objects"][0]["policies"][0]["findings"][0]["rule"], "key-mounted", "{report:#}");
    let (output, report) = check_with(&manifests.join("hardened/subscriber.yaml"), &only);
    assert_eq!((output.status.code(), &report["summary"]["warnings"]), (Some(0), &serde_json::json!(0)), "{report:#}");
}

/// The text of an input: as it is, or in base64 where it is not UTF-8.
fn bytes(text: &str) -> Vec<u8> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let Some(encoded) = text.strip_prefix("base64:") else { return text.as_bytes().to_vec() };
    let digits: Vec<usize> = encoded.chars().filter_map(|digit| DIGITS.find(digit)).collect();
    let of_four = |four: &[usize]| {
        let bits = four.iter().chain([0, 0, 0].iter()).take(4).fold(0_usize, |bits, digit| bits << 6 | digit);
        [bits >> 16, bits >> 8, bits]
            .map(|byte| u8::try_from(byte & 255).unwrap())
            .into_iter()
            .take(four.len().saturating_sub(1))
    };
    digits.chunks(4).flat_map(of_four).collect()
}

#[test]
fn inputs_from_public_reports_come_out_as_they_should() {
    let path = workspace().join("../shared/corpora/reported/cases.jsonl");
    let Ok(cases) = std::fs::read_to_string(&path) else {
        println!("skipped: there are no inputs from public reports beside the workspace");
        return;
    };
    let directory = std::env::temp_dir().join(format!("seaworthy-reported-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let (manifest, settings) = (directory.join("manifest.yaml"), directory.join("settings.json"));
    let mut wrong = Vec::new();
    for case in cases.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let policy = case["policy"].as_str().unwrap();
        std::fs::write(&manifest, bytes(case["text"].as_str().unwrap())).unwrap();
        std::fs::write(&settings, serde_json::json!({ policy: case["settings"] }).to_string()).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_seaworthy"))
            .args(["check", "--format", "json", "--policy", policy, "--modules"])
            .arg(workspace().join("dist"))
            .arg("--settings")
            .args([&settings, &manifest])
            .output()
            .unwrap();
        let summary = serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default()["summary"].clone();
        let found = |field: &str| summary[field].as_u64().is_some_and(|count| count > 0);
        let verdict = match () {
            () if summary.is_null() || found("errors") => "error",
            () if found("findings") => "reject",
            () if found("warnings") => "warn",
            () => "accept",
        };
        let expected = case["expect"].as_str().unwrap();
        if verdict != expected && !(expected == "not-reject" && matches!(verdict, "accept" | "warn")) {
            wrong.push(format!("{}: {verdict} instead of {expected}: {}", case["id"], case["why"]));
        }
    }
    std::fs::remove_dir_all(&directory).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_report_format_repeats_a_secret() {
    let secret = "0hTq7Zr1Kp9Xw3Lm5Nc8Vb2Gd4Sf6Ja0QeYu";
    let directory = std::env::temp_dir().join(format!("seaworthy-redaction-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let manifest = directory.join("pod.yaml");
    let text = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  containers:\n    - name: web\n      image: shop/web\n      \
         command: [sh, -c, 'pip install -i https://user:{secret}@pypi.example/ app; app --token {secret} > /var/log/app.log']\n"
    );
    std::fs::write(&manifest, text).unwrap();
    for format in ["pretty", "compact", "json", "jsonl", "sarif", "junit", "github", "markdown"] {
        let output = Command::new(env!("CARGO_BIN_EXE_seaworthy"))
            .args(["check", "--format", format, "--modules"])
            .args([&workspace().join("dist"), &manifest])
            .output()
            .unwrap();
        let shown = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(shown.contains("start-time-install"), "{format}: {shown}");
        for window in secret.as_bytes().windows(12) {
            let window = str::from_utf8(window).unwrap();
            assert!(!shown.contains(window), "{format}: {window} in {shown}");
        }
    }
    std::fs::remove_dir_all(&directory).unwrap();
}

/// The findings in each object of a report, by policy.
fn told(report: &Value) -> Vec<BTreeMap<String, Value>> {
    let objects = report["files"].as_array().unwrap().iter().flat_map(|file| file["objects"].as_array().unwrap());
    let told = |policy: &Value| (policy["policy"].as_str().unwrap().to_owned(), policy.clone());
    objects.map(|object| object["policies"].as_array().unwrap().iter().map(told).collect()).collect()
}

/// Leaves out of what `alone` says what another policy covers in what they say together: one fault is one finding.
fn leave_out_covered(alone: &mut Value, together: &BTreeMap<String, Value>) {
    let policy = alone["policy"].as_str().unwrap().to_owned();
    let is_covered = |finding: &Value| {
        let rule = Value::from(format!("{policy}/{}", finding["rule"].as_str().unwrap_or_default()));
        together.iter().any(|(by, said)| {
            let entry = std::fs::read(workspace().join(format!("dist/{by}.json"))).unwrap();
            let entry: Value = serde_json::from_slice(&entry).unwrap();
            let covers = |id: &Value| {
                let rules = entry.get("rules").and_then(Value::as_array).into_iter().flatten();
                let rules = rules.filter(|rule| rule.get("id") == Some(id));
                rules.filter_map(|rule| rule.get("covers")?.as_array()).flatten().any(|covered| *covered == rule)
            };
            // A warning does not cover what is denied.
            let is_strong = |other: &Value| other["action"] == "deny" || other["action"] == finding["action"];
            said["findings"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|other| other["path"] == finding["path"] && is_strong(other) && covers(&other["rule"]))
        })
    };
    // A field that cannot be read is named by the first policy.
    let is_told = |finding: &Value| {
        let mut before = together.iter().take_while(|(by, _)| **by != policy).map(|(_, said)| &said["findings"]);
        finding["rule"] == "malformed-object" && before.any(|told| told.as_array().unwrap().contains(finding))
    };
    let Some(findings) = alone["findings"].as_array_mut() else { return };
    findings.retain(|finding| !is_told(finding));
    let all = findings.len();
    findings.retain(|finding| !is_covered(finding));
    if findings.len() < all && findings.iter().all(|finding| finding["action"] != "deny") {
        alone["accepted"] = true.into();
    }
}

#[test]
fn policies_that_are_asked_in_one_call_say_what_each_says_alone() {
    let place = tempfile::tempdir().unwrap();
    let pod = |spec: &str| format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {spec}\n---\n");
    // Few findings; more than an answer lists; an object that cannot be read.
    let many: Vec<String> = (0..60).map(|number| format!("{{name: c{number}, image: nginx}}")).collect();
    let pods = [
        pod("{containers: [{name: c, image: nginx}]}"),
        pod(&format!("{{containers: [{}]}}", many.join(","))),
        pod("{containers: 7}"),
        pod("{}"),
    ];
    std::fs::write(place.path().join("pods.yaml"), pods.concat()).unwrap();
    let settings = place.path().join("settings.yml");
    std::fs::write(&settings, "non-root: {action: warn}\nno-latest: {containers: {main: ignore}}\n").unwrap();
    // Each is short enough for a policy, and all are too long for the module of all.
    let exemption = format!("{{images: [\"shop/*\"], reason: \"{}\"}}", "a".repeat(250));
    let long = format!("{{exemptions: [{}]}}", vec![exemption; 200].join(", "));
    let long_settings = place.path().join("long.yml");
    std::fs::write(&long_settings, format!("non-root: {long}\nno-latest: {long}\n")).unwrap();
    for path in [place.path().join("pods.yaml"), workspace().join("tests/manifests")] {
        let [settings, long] = [&settings, &long_settings].map(|path| path.to_str().unwrap());
        for options in [&[][..], &["--settings", settings], &["--settings", long]] {
            let together = told(&check_with(&path, options).1);
            let names: Vec<_> = together.first().unwrap().keys().cloned().collect();
            assert!(names.len() > 5, "{names:?}");
            for name in names {
                let alone = told(&check_with(&path, &[options, &["--policy", &name]].concat()).1);
                for (together, alone) in together.iter().zip(&alone) {
                    let mut alone = alone[&name].clone();
                    leave_out_covered(&mut alone, together);
                    assert_eq!(together[&name], alone, "{name}, {options:?}");
                }
            }
        }
    }
}

#[test]
fn every_document_of_public_repositories_is_judged_or_named() {
    let corpus = workspace().join("../shared/corpora/manifests");
    if !corpus.is_dir() {
        println!("skipped: {} is not there", corpus.display());
        return;
    }
    let (output, report) = check(&corpus);
    let entries = std::fs::read_dir(workspace().join("dist")).unwrap().map(|entry| entry.unwrap().path());
    // A module that combines others judges only when it is named, and one that asks its host when there are answers.
    let judges = |entry: &Value| ["combines", "capabilities"].iter().all(|key| entry[key] == serde_json::json!([]));
    let policies = entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .filter(|path| judges(&serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()))
        .count();
    let objects: Vec<_> =
        report["files"].as_array().unwrap().iter().flat_map(|file| file["objects"].as_array().unwrap()).collect();
    for object in &objects {
        assert_eq!(object["policies"].as_array().unwrap().len(), policies, "{object:#}");
    }
    assert_eq!(report["errors"], serde_json::json!([]));
    assert_eq!(output.status.code(), Some(1));
    println!("{} objects judged by {policies} policies: {}", objects.len(), report["summary"]);
}
