//! What the command prints about the files that it is given, as golden files. `UPDATE=1` writes them anew.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// An object without a finding.
const GOOD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: good}
spec:
  containers: [{name: web, image: 'shop/web:1.0.0'}]
";

/// An object with a finding.
const BAD: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: bad}
spec:
  template:
    spec:
      containers:
      - name: web
        image: nginx
";

/// A run of the command.
struct Scenario<'a> {
    /// Paths and contents.
    files: &'a [(&'a str, &'a str)],
    arguments: &'a [&'a str],
    input: &'a str,
}

/// Runs the command in a directory of its own, and compares what it prints with the golden file of that name.
fn assert_golden(name: &str, scenario: &Scenario<'_>) {
    let place = tempfile::tempdir().unwrap();
    for (file, text) in scenario.files {
        let path = place.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist");
    assert!(dist.is_dir(), "there are no modules to test: build them with `cargo xtask build`");
    let mut process = Command::new(env!("CARGO_BIN_EXE_seaworthy"))
        .current_dir(place.path())
        .env("SEAWORTHY_MODULES", dist.canonicalize().unwrap())
        .args(scenario.arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that refuses its arguments does not read.
    let _ = process.stdin.take().unwrap().write_all(scenario.input.as_bytes());
    let output = process.wait_with_output().unwrap();
    let mut text = format!("$ seaworthy {}\n", scenario.arguments.join(" "));
    for (name, stream) in [("standard output", output.stdout), ("standard error", output.stderr)] {
        if !stream.is_empty() {
            let _ = write!(text, "--- {name}\n{}", String::from_utf8(stream).unwrap());
        }
    }
    let _ = writeln!(text, "--- exit code {}", output.status.code().unwrap());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/messages").join(name).with_extension("txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(text == expected, "{} is not what the command prints; UPDATE=1 writes it:\n{text}", path.display());
}

/// The files of a repository with everything that is no manifest.
const REPOSITORY: &[(&str, &str)] = &[
    ("charts/shop/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n"),
    ("charts/shop/templates/web.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Release.Name }}}\n"),
    ("charts/shop/values.yaml", "image: nginx\n"),
    ("docker-compose.yml", "services:\n  web:\n    image: nginx\n"),
    ("k8s/bad.yaml", BAD),
    ("k8s/good.yaml", GOOD),
    ("k8s/kustomization.yaml", "resources: [bad.yaml, good.yaml]\npatches:\n- path: replicas.yaml\n"),
    ("k8s/replicas.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: bad}\nspec: {replicas: 2}\n"),
    ("package.json", "{\"name\": \"shop\"}\n"),
];

fn check<'a>(arguments: &'a [&'a str], files: &'a [(&'a str, &'a str)]) -> Scenario<'a> {
    Scenario { files, arguments, input: "" }
}

#[test]
fn the_manifests_of_a_repository_are_judged_and_the_rest_is_named() {
    assert_golden("repository", &check(&["check", ".", "--policy", "no-latest"], REPOSITORY));
}

#[test]
fn in_strict_mode_everything_must_be_a_manifest() {
    assert_golden("strict", &check(&["check", ".", "--policy", "no-latest", "--strict"], REPOSITORY));
}

#[test]
fn many_charts_and_kustomizations_have_two_notes() {
    let names: Vec<String> = (1..8)
        .flat_map(|number| [format!("chart{number}/Chart.yaml"), format!("k{number}/kustomization.yaml")])
        .collect();
    let mut files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "resources: []\n")).collect();
    files.push(("good.yaml", GOOD));
    assert_golden("many", &check(&["check", ".", "--policy", "no-latest"], &files));
}

#[test]
fn nothing_to_judge_is_a_warning() {
    let files = [("values.yaml", "a: 1\n")];
    assert_golden("nothing", &check(&["check", ".", "--policy", "no-latest"], &files));
}

#[test]
fn nothing_on_standard_input_is_an_error() {
    let scenario = Scenario {
        input: "---\n# Source: shop/templates/web.yaml\n",
        ..check(&["check", "-", "--policy", "no-latest"], &[])
    };
    assert_golden("nothing-on-standard-input", &scenario);
}

#[test]
fn what_cannot_be_read_has_a_place_and_a_reason() {
    let files = [
        ("a-list.yaml", "- op: replace\n"),
        ("alias.yaml", "a: &a [*a]\n"),
        ("binary.yaml", "a: !!binary aGk=\n"),
        ("broken.json", "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \n"),
        ("broken.yaml", "apiVersion: v1\nkind: Pod\nmetadata: [\n"),
        ("deep.yaml", &"[".repeat(200)),
        ("ends.yaml", "a: 1\n...\nb: 2\n"),
        ("infinite.yaml", "a: .inf\n"),
        ("key.yaml", "~: 1\n"),
        ("merge.yaml", "a: {<<: 1}\n"),
        ("no-kind.yaml", "apiVersion: v1\n"),
        ("tag.yaml", "a: !!int b\n"),
        ("template.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Release.Name }}}\n"),
        ("twice.yaml", "a: 1\nb: 2\na: 3\n"),
    ];
    let mut arguments = vec!["check", "--policy", "no-latest"];
    arguments.extend(files.iter().map(|(name, _)| *name));
    assert_golden("unreadable", &check(&arguments, &files));
}

#[test]
fn a_field_of_the_wrong_type_is_one_finding_with_a_place() {
    let files = [
        ("missing.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  replicas: 2\n"),
        (
            "object.json",
            r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"},
  "spec": {"containers": {"name": "web"}}}"#,
        ),
        (
            "text.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: web\n    image: 'shop/web:1.0.0'\n    securityContext:\n      readOnlyRootFilesystem: tRUE\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: b}\nspec: {containers: [{name: web, image: 'shop/web:1.0.0', securityContext: {runAsUser: 1e30}}]}\n",
        ),
    ];
    let arguments = [
        "check",
        "missing.yaml",
        "object.json",
        "text.yaml",
        "--policy",
        "no-latest",
        "--policy",
        "non-root",
        "--policy",
        "readonly-rootfs",
    ];
    assert_golden("ill-typed", &check(&arguments, &files));
}

#[test]
fn all_faults_of_settings_are_named_at_once_with_their_places() {
    let settings = "no-latest: {acton: warn}\ninit-required:\n  shell: zsh\n  rules: {shel-pid1: deny}\nnon-rot: {}\n";
    let files = [("settings.yaml", settings), ("good.yaml", GOOD)];
    assert_golden("settings-faults", &check(&["check", "good.yaml", "--settings", "settings.yaml"], &files));
}

#[test]
fn settings_that_do_not_apply_are_named() {
    let top = [("settings.yaml", "action: warn\n"), ("bad.yaml", BAD)];
    assert_golden("settings-at-the-top", &check(&["check", "bad.yaml", "--settings", "settings.yaml"], &top));
    let single = [("settings.yaml", "no-latest: {action: warn}\n"), ("bad.yaml", BAD)];
    let arguments = ["check", "bad.yaml", "--policy", "seaworthy", "--settings", "settings.yaml"];
    assert_golden("settings-of-a-member", &check(&arguments, &single));
    let arguments =
        ["check", "good.yaml", "--policy", "non-root", "--policy", "no-latest", "--settings", "settings.yaml"];
    let other = [("settings.yaml", "no-latest: {}\nseaworthy: {}\n"), ("good.yaml", GOOD)];
    assert_golden("settings-of-another", &check(&arguments, &other));
}

#[test]
fn settings_of_the_module_of_all_policies_let_it_judge() {
    let settings = "seaworthy: {action: warn, policies: {no-latest: false, non-root: false, readonly-rootfs: false}}\n";
    let files = [("settings.yaml", settings), ("bad.yaml", BAD)];
    assert_golden("settings-of-all", &check(&["check", "bad.yaml", "--settings", "settings.yaml"], &files));
}

#[test]
fn custom_resources_have_no_unknown_fields() {
    let policies = "\
apiVersion: policies.kubewarden.io/v1
kind: ClusterAdmissionPolicy
metadata: {name: one}
spec:
  module: registry://ghcr.io/seaworthy-policies/policies/no-latest:v0.1.0
  mode: monitr
  mutating: false
  setings: {deniedTags: [foo]}
  namespaceSelctor: {}
  objectSelector: {matchLables: {a: b}}
  rules: [{apiGroups: [''], apiVersions: [v1], resources: [pods], operations: [CREAT], scop: Cluster}]
---
apiVersion: policies.kubewarden.io/v1
kind: AdmissionPolicyGroup
metadata: {name: two, namespace: shop}
spec:
  expression: a()
  message: no
  namespaceSelector: {}
  policies:
    a: {module: registry://ghcr.io/seaworthy-policies/policies/no-latest:v0.1.0, seting: {}}
  rules: []
---
apiVersion: policies.kubewarden.io/v1
kind: AdmissionPolicy
metadata: {name: three, namespace: shop}
spec:
  module: registry://ghcr.io/seaworthy-policies/policies/no-latest:v0.1.0
  mutating: false
  settings: {acton: warn, rules: {missing-tg: warn}}
  rules: []
";
    let arguments = ["check", "good.yaml", "--policies", "policies.yaml", "--settings", "settings.yaml"];
    let files = [("policies.yaml", policies), ("settings.yaml", "non-rot: {}\n"), ("good.yaml", GOOD)];
    assert_golden("custom-resources", &check(&arguments, &files));
    let (_, last) = policies.rsplit_once("---\n").unwrap();
    let files = [("policies.yaml", last), ("settings.yaml", ""), ("good.yaml", GOOD)];
    assert_golden("custom-resource-settings", &check(&arguments, &files));
}

#[test]
fn a_manifest_of_a_policy_says_what_to_edit() {
    let files = [("settings.yaml", "no-latest:\n  deniedTags: [latest, dev]\n")];
    let arguments = ["manifest", "no-latest", "--for", "protect", "--settings", "settings.yaml"];
    let module = ["--module", "registry.example/policies/no-latest:v1"];
    assert_golden("manifest", &check(&[&arguments[..], &module].concat(), &files));
}

#[test]
fn a_manifest_is_not_printed_with_what_no_policy_server_can_load() {
    for (name, module) in [("manifest-module", "no latest"), ("manifest-scheme", "ftp://registry.example/no-latest")] {
        assert_golden(name, &check(&["manifest", "no-latest", "--module", module], &[]));
    }
}

#[test]
fn a_manifest_is_not_printed_with_settings_that_the_policy_refuses() {
    let files = [("settings.yaml", "no-latest:\n  deniedTag: [latest]\n")];
    assert_golden("manifest-settings", &check(&["manifest", "no-latest", "--settings", "settings.yaml"], &files));
}

#[test]
fn settings_of_other_policies_are_not_those_of_a_manifest() {
    let files = [("settings.yaml", "deniedTags: [latest]\n")];
    assert_golden("manifest-other-settings", &check(&["manifest", "no-latest", "--settings", "settings.yaml"], &files));
}
