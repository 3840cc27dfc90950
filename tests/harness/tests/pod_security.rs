//! `non-root` against the fixtures of Pod Security: with the strictest settings, its verdicts are those of "restricted".
//!
//! The fixtures are a copy of `test/testdata` of kubernetes/pod-security-admission beside the workspace,
//! `<level>/<version>/<pass|fail>/<check><n>.yaml`. Where they are missing, the test says so and passes.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use host::Module;
use serde_json::{Value, json};

/// The checks of Pod Security that `non-root` stands for.
const CHECKS: [&str; 2] = ["runasnonroot", "runasuser"];

/// Fixtures on which `non-root` deliberately differs, each with its reason.
const DIFFERENCES: [(&str, &str); 0] = [];

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The entries of a directory, sorted.
fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).expect("a directory of fixtures can be listed");
    let mut entries: Vec<_> = entries.map(|entry| entry.expect("an entry can be read").path()).collect();
    entries.sort();
    entries
}

fn name(path: &Path) -> String {
    path.file_name().expect("an entry has a name").to_string_lossy().into_owned()
}

/// The settings that match Pod Security "restricted" of Kubernetes 1.`minor`.
fn restricted(minor: u32) -> Value {
    json!({
        "requireRunAsNonRoot": true,
        // Pod Security relaxes both checks in user namespaces since 1.35.
        "userNamespaces": if minor >= 35 { "allow" } else { "ignore" },
        "containers": { "ephemeral": "enforce" },
        // Pod Security has no opinion on groups.
        "rules": {
            "root-fs-group": "off",
            "root-group": "off",
            "root-supplemental-group": "off",
            "unspecified-group": "off",
        },
    })
}

/// Returns `true` if the module accepts the pod in a file.
fn accepts(module: &Module, file: &Path, minor: u32) -> bool {
    let text = std::fs::read_to_string(file).expect("a fixture can be read");
    let pod: Value = serde_saphyr::from_str(&text).expect("a fixture is YAML");
    let kind = json!({ "group": "", "version": "v1", "kind": "Pod" });
    let request = json!({ "operation": "CREATE", "kind": kind, "object": pod });
    let payload = json!({ "request": request, "settings": restricted(minor) });
    let response = module.validate(payload.to_string().as_bytes()).expect("there is an answer");
    assert!(response.accepted || response.code == Some(403), "{}: {:?}", file.display(), response.message);
    response.accepted
}

/// The fixtures of every level and version: name, file, minor version and whether Pod Security accepts it.
fn fixtures(root: &Path) -> Vec<(String, PathBuf, u32, bool)> {
    let mut fixtures = Vec::new();
    for level in entries(root).into_iter().filter(|level| level.is_dir()) {
        for version in entries(&level) {
            let minor = name(&version).trim_start_matches("v1.").parse().expect("a version is v1.<minor>");
            for (verdict, passes) in [("pass", true), ("fail", false)] {
                for file in entries(&version.join(verdict)) {
                    let fixture = format!("{}/{}/{verdict}/{}", name(&level), name(&version), name(&file));
                    fixtures.push((fixture, file, minor, passes));
                }
            }
        }
    }
    fixtures
}

#[test]
fn non_root_agrees_with_pod_security() {
    let root = workspace().join("../shared/corpora/pod-security");
    if !root.is_dir() {
        println!("skipped: there are no fixtures of Pod Security at {}", root.display());
        return;
    }
    let module = Module::from_file(&workspace().join("dist/non-root.wasm"))
        .expect("the module can be loaded; `cargo xtask build` builds it");
    let mut checked = [0, 0];
    let mut wrong = Vec::new();
    for (fixture, file, minor, passes) in fixtures(&root) {
        let own = CHECKS.iter().any(|check| name(&file).starts_with(check));
        // What "restricted" lets pass satisfies each of its checks; what it refuses may be refused by another check.
        let speaks = own || passes && fixture.starts_with("restricted/");
        if !speaks {
            continue;
        }
        checked[usize::from(passes)] += 1;
        let differs = DIFFERENCES.iter().any(|(known, _)| *known == fixture);
        if (accepts(&module, &file, minor) == passes) == differs {
            wrong.push(fixture);
        }
    }
    println!("{} fixtures pass and {} fail as in Pod Security", checked[1], checked[0]);
    assert!(checked[0] > 0 && checked[1] > 0, "{} holds no fixture of {CHECKS:?}", root.display());
    assert!(wrong.is_empty(), "other verdicts than Pod Security, or a difference that is none:\n{}", wrong.join("\n"));
}
