//! `seaworthy check` with the built modules on manifests as users write them.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn check(path: &Path) -> (Output, Value) {
    let dist = workspace().join("dist");
    assert!(dist.is_dir(), "there are no modules to test: build them with `cargo xtask build`");
    let output = Command::new(env!("CARGO_BIN_EXE_seaworthy"))
        .args(["check", "--format", "json", "--modules"])
        .args([&dist, path])
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
fn every_document_of_public_repositories_is_judged_or_named() {
    let corpus = workspace().join("../shared/corpora/manifests");
    if !corpus.is_dir() {
        println!("skipped: {} is not there", corpus.display());
        return;
    }
    let (output, report) = check(&corpus);
    let entries = std::fs::read_dir(workspace().join("policies")).unwrap().map(|entry| entry.unwrap().path());
    // The module that combines the others judges only when it is named.
    let policies = entries.filter(|policy| policy.join("cases").is_dir() && !policy.ends_with("combined")).count();
    let objects: Vec<_> =
        report["files"].as_array().unwrap().iter().flat_map(|file| file["objects"].as_array().unwrap()).collect();
    for object in &objects {
        assert_eq!(object["policies"].as_array().unwrap().len(), policies, "{object:#}");
    }
    assert_eq!(report["errors"], serde_json::json!([]));
    assert_eq!(output.status.code(), Some(1));
    println!("{} objects judged by {policies} policies: {}", objects.len(), report["summary"]);
}
