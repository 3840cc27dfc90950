//! `least-privilege`, alone and with `non-root`, against the fixtures of Pod Security: the verdicts are those of its
//! profiles, in every version.
//!
//! The fixtures are a copy of `test/testdata` of kubernetes/pod-security-admission beside the workspace, or in the directory
//! that `POD_SECURITY_FIXTURES` names: `<level>/<version>/<pass|fail>/<check><n>.yaml`. Where they are missing, the test says
//! so and passes.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use host::Module;
use serde_json::{Value, json};

/// The checks of Pod Security that `non-root` stands for.
const OF_NON_ROOT: [&str; 2] = ["runasnonroot", "runasuser"];

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The entries of a directory, sorted; none where there is no directory.
fn entries(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let mut entries: Vec<_> = entries.map(|entry| entry.expect("an entry can be read").path()).collect();
    entries.sort();
    entries
}

fn name(path: &Path) -> String {
    path.file_name().expect("an entry has a name").to_string_lossy().into_owned()
}

/// The settings of `least-privilege` for a profile of Kubernetes 1.`minor`.
fn least_privilege(profile: &str, minor: u32) -> Value {
    json!({ "profile": profile, "version": format!("1.{minor}") })
}

/// The settings of `non-root` that match the profile "restricted" of Kubernetes 1.`minor`.
fn non_root(minor: u32) -> Value {
    let mut rules = json!({
        // Pod Security has no opinion on groups.
        "root-fs-group": "off",
        "root-group": "off",
        "root-supplemental-group": "off",
    });
    if minor < 23 {
        rules["root-user"] = "off".into();
    }
    json!({
        "requireRunAsNonRoot": true,
        // Pod Security relaxes both checks in user namespaces since 1.35.
        "userNamespaces": if minor >= 35 { "allow" } else { "ignore" },
        "rules": rules,
    })
}

/// Returns `true` if the module accepts the pod.
fn accepts(module: &Module, pod: &Value, settings: &Value) -> bool {
    let kind = json!({ "group": "", "version": "v1", "kind": "Pod" });
    let request = json!({ "operation": "CREATE", "kind": kind, "object": pod });
    let payload = json!({ "request": request, "settings": settings });
    let response = module.validate(payload.to_string().as_bytes()).expect("there is an answer");
    assert!(response.accepted || response.code == Some(403), "{pod}: {:?}", response.message);
    response.accepted
}

/// A pod, and the verdict of Pod Security on it.
struct Fixture {
    name: String,
    profile: String,
    minor: u32,
    check: String,
    passes: bool,
    pod: Value,
}

/// The fixtures of every profile and version.
fn fixtures(root: &Path) -> Vec<Fixture> {
    let mut fixtures = Vec::new();
    for profile in entries(root) {
        for version in entries(&profile) {
            let minor = name(&version).trim_start_matches("v1.").parse().expect("a version is v1.<minor>");
            for (verdict, passes) in [("pass", true), ("fail", false)] {
                for file in entries(&version.join(verdict)) {
                    let text = std::fs::read_to_string(&file).expect("a fixture can be read");
                    let check =
                        name(&file).trim_end_matches(".yaml").trim_end_matches(|c: char| c.is_ascii_digit()).into();
                    fixtures.push(Fixture {
                        name: format!("{}/{}/{verdict}/{}", name(&profile), name(&version), name(&file)),
                        profile: name(&profile),
                        minor,
                        check,
                        passes,
                        pod: serde_saphyr::from_str(&text).expect("a fixture is YAML"),
                    });
                }
            }
        }
    }
    fixtures
}

#[test]
fn the_verdicts_are_those_of_pod_security() {
    let beside = || workspace().join("../shared/corpora/pod-security");
    let root = std::env::var_os("POD_SECURITY_FIXTURES").map_or_else(beside, PathBuf::from);
    if !root.is_dir() {
        println!("skipped: there are no fixtures of Pod Security at {}", root.display());
        return;
    }
    let module = |name: &str| {
        let path = workspace().join("dist").join(name).with_extension("wasm");
        Module::from_file(&path).expect("the module can be loaded; `cargo xtask build` builds it")
    };
    let (privilege, user) = (module("least-privilege"), module("non-root"));
    let mut checked: BTreeMap<(String, bool), usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for Fixture { name, profile, minor, check, passes, pod } in fixtures(&root) {
        let accepted = accepts(&privilege, &pod, &least_privilege(&profile, minor));
        let is_of_user = OF_NON_ROOT.contains(&check.as_str());
        let is_user_fine = profile == "baseline" || accepts(&user, &pod, &non_root(minor));
        // Each file that fails breaks one control, so that the other policy has nothing to find.
        let expected = if is_of_user { (true, passes) } else { (passes, true) };
        if (accepted, is_user_fine) != expected {
            wrong.push(name);
        }
        *checked.entry((profile, passes)).or_default() += 1;
    }
    for ((profile, passes), count) in &checked {
        println!("{profile}: {count} fixtures {}", if *passes { "pass" } else { "fail" });
    }
    assert_eq!(checked.len(), 4, "{} holds no fixtures of a profile or verdict", root.display());
    assert!(wrong.is_empty(), "other verdicts than Pod Security:\n{}", wrong.join("\n"));
}
