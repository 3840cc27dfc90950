//! `seaworthy check` as its users run it: the real command, on files, with hand-written modules.

mod support;

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{ACCEPTED, NODE, POD, SENTENCE, VALID, Workplace, rejection};

#[test]
fn clean_manifests_exit_with_0() {
    let place = Workplace::new(&[("all", ACCEPTED, VALID)]).with("pod.yaml", POD);
    let outcome = place.check(&["pod.yaml"]);
    assert_eq!(outcome.stdout, "1 object in 1 file: no findings, 0 warnings\n");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
}

#[test]
fn a_finding_exits_with_1_and_tells_file_object_container_fault_fix_and_path() {
    let place = Workplace::new(&[("non-root", &rejection(), VALID)])
        .with("pod.yaml", &format!("{POD}spec:\n  hostPID: false\n"));
    let outcome = place.check(&["pod.yaml"]);
    let expected = "\
pod.yaml:1: Pod shop/web

deny[non-root/non-root]: container \"web\"
 --> pod.yaml:4:1
  |
4 | spec:
  | ^^^^
  |
  = found: may run as root
  = path: spec.containers[0].securityContext.runAsNonRoot
  = fix: set runAsNonRoot to true

1 object in 1 file: 1 finding in 1 object, 0 warnings
";
    assert_eq!(outcome.stdout, expected);
    assert_eq!(outcome.code, 1);
}

#[test]
fn what_several_policies_say_alike_is_said_once() {
    let place = Workplace::new(&[("b", &rejection(), VALID), ("a", &rejection(), VALID)]).with("pod.yaml", POD);
    let outcome = place.check(&["pod.yaml"]);
    assert_eq!(outcome.stdout.matches("may run as root").count(), 1, "{}", outcome.stdout);
    assert!(outcome.stdout.contains("\ndeny[a/non-root, b/non-root]: container"), "{}", outcome.stdout);
}

#[test]
fn warnings_are_told_and_exit_with_0() {
    let warning = r#"{"accepted":true,"warnings":["mind the gap"]}"#;
    let place = Workplace::new(&[("foreign", warning, VALID)]).with("pod.yaml", POD);
    let outcome = place.check(&["pod.yaml"]);
    assert!(outcome.stdout.contains("\nwarn[foreign]: mind the gap\n--> pod.yaml:1\n"), "{}", outcome.stdout);
    assert!(outcome.stdout.ends_with("no findings, 1 warning\n"), "{}", outcome.stdout);
    assert_eq!(outcome.code, 0);
}

#[test]
fn a_rejection_of_a_foreign_policy_is_told_by_its_message() {
    let foreign = r#"{"accepted":false,"message":"User root is not allowed"}"#;
    let place = Workplace::new(&[("foreign", foreign, VALID)]).with("pod.yaml", POD);
    let outcome = place.check(&["pod.yaml"]);
    let told = "\ndeny[foreign]: User root is not allowed\n--> pod.yaml:1\n";
    assert!(outcome.stdout.contains(told), "{}", outcome.stdout);
    assert_eq!(outcome.code, 1);
}

#[test]
fn objects_come_in_the_order_of_arguments_names_and_documents() {
    let place = Workplace::new(&[("deny", &rejection(), VALID)])
        .with("z.yaml", &format!("{POD}---\n{NODE}"))
        .with("dir/b.json", r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"b"}}"#)
        .with("dir/a/c.yml", POD);
    let outcome = place.check(&["z.yaml", "dir"]);
    let is_title = |line: &&str| line.contains(": ") && !line.starts_with([' ', 'd']) || line.starts_with("dir/");
    let titles: Vec<_> = outcome.stdout.lines().filter(is_title).collect();
    assert_eq!(
        titles[..4],
        [
            "z.yaml:1: Pod shop/web",
            "z.yaml:5: Node one",
            "dir/a/c.yml:1: Pod shop/web",
            "dir/b.json:1: Secret default/b"
        ]
    );
    assert_eq!(titles[4], "4 objects in 3 files: 4 findings in 4 objects, 0 warnings");
}

#[test]
fn standard_input_is_read_and_named() {
    let place = Workplace::new(&[("deny", &rejection(), VALID)]);
    let outcome = place.run(|command| command.args(["check", "-"]), POD);
    assert!(outcome.stdout.starts_with("<stdin>:1: Pod shop/web\n"), "{}", outcome.stdout);
    assert_eq!(outcome.code, 1);
}

#[test]
fn lists_and_reviews_are_opened() {
    let review = json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "1", "operation": "UPDATE", "namespace": "shop", "name": "cart",
            "kind": {"group": "apps", "version": "v1", "kind": "Deployment"}, "object": {},
        },
    });
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Pod"}, review]});
    let place = Workplace::new(&[("deny", &rejection(), VALID)]).with("list.json", &list.to_string());
    let outcome = place.check(&["list.json"]);
    assert!(outcome.stdout.contains("list.json:1: Pod default\n"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("list.json:1: Deployment shop/cart (UPDATE)\n"), "{}", outcome.stdout);
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_judged() {
    let place = Workplace::new(&[("deny", &rejection(), VALID)])
        .with("a.yaml", &format!("a: [\n---\n{POD}---\nreplicas: 1\n---\n# nothing\n"))
        .with("helm.yaml", "kind: {{ .Values.kind }}\n")
        .with("pod.yaml", POD);
    let outcome = place.check(&["a.yaml", "helm.yaml", "no-such.yaml", "pod.yaml"]);
    let told = outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for line in [
        "a.yaml:1:4: error: not valid YAML: ",
        "a.yaml:3: Pod shop/web",
        "a.yaml:7:1: error: not a Kubernetes object: `apiVersion` is missing",
        "; it looks like a Helm template: check the output of `helm template` instead",
        "no-such.yaml: error: no such file; give a file, a directory, a pattern or -",
        "pod.yaml:1: Pod shop/web",
        "2 objects in 4 files: 2 findings in 2 objects, 0 warnings, 4 errors",
    ] {
        assert!(told.contains(line), "{line}\n---\n{}", outcome.stdout);
    }
    assert_eq!(outcome.code, 3);
}

#[test]
fn a_policy_that_gives_no_verdict_is_an_error_of_that_object() {
    let place = Workplace::new(&[("bad", "trap", VALID), ("good", ACCEPTED, VALID)]).with("pod.yaml", POD);
    let outcome = place.check(&["pod.yaml"]);
    let line = "\nerror[bad]: the module trapped: wasm `unreachable` instruction executed; report\n";
    assert!(outcome.stdout.contains(line), "{}", outcome.stdout);
    assert_eq!(outcome.code, 3);
}

#[test]
fn json_tells_everything_in_one_document() {
    let place = Workplace::new(&[("bad", "trap", VALID), ("deny", &rejection(), VALID)])
        .with("pods.yaml", &format!("{POD}---\n[]\n"));
    let outcome = place.check(&["--format", "json", "pods.yaml"]);
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let finding = json!({
        "action": "deny", "message": SENTENCE, "rule": "non-root", "container": "web", "class": "main",
        "path": "spec.containers[0].securityContext.runAsNonRoot",
        "found": "may run as root", "fix": "set runAsNonRoot to true",
        "location": {"line": 1, "column": 1, "endLine": 1, "endColumn": 1, "exact": false},
    });
    let trapped =
        "the module trapped: wasm `unreachable` instruction executed; report it to its authors, or leave it out";
    let expected = json!({
        "version": 1,
        "summary": {"objects": 1, "files": 1, "findings": 1, "deniedObjects": 1, "warnings": 0, "errors": 2},
        "leftOut": {
            "withoutObjects": 0, "ignored": 0, "excluded": 0, "gitDirectories": 0, "charts": {}, "kustomizations": [],
            "patches": 0,
        },
        "files": [{"path": "pods.yaml", "objects": [{
            "apiVersion": "v1", "kind": "Pod", "namespace": "shop", "name": "web", "operation": "CREATE", "line": 1,
            "policies": [
                {"policy": "bad", "accepted": false, "findings": [], "error": trapped},
                {"policy": "deny", "accepted": false, "findings": [finding]},
            ],
        }]}],
        "errors": [{"path": "pods.yaml", "line": 5, "column": 1, "message": "not a Kubernetes object: it is a list"}],
    });
    assert_eq!(document, expected);
    assert_eq!(outcome.code, 3);
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    let place = Workplace::new(&[("deny", &rejection(), VALID), ("trap", "trap", VALID)]).with("pod.yaml", POD);
    for format in ["pretty", "json", "jsonl", "sarif", "junit", "github", "markdown"] {
        let [one, other] = [(); 2].map(|()| place.check(&["--format", format, "pod.yaml", "pod.yaml"]).stdout);
        assert_eq!(one, other);
    }
}

#[test]
fn one_policy_can_be_chosen() {
    let place = Workplace::new(&[("allow", ACCEPTED, VALID), ("deny", &rejection(), VALID)]).with("pod.yaml", POD);
    assert_eq!(place.check(&["--policy", "allow", "pod.yaml"]).code, 0);
    assert_eq!(place.check(&["--policy", "allow", "--policy", "deny", "pod.yaml"]).code, 1);
}

#[test]
fn a_policy_that_is_not_there_exits_with_2_and_names_the_nearest() {
    let place = Workplace::new(&[("non-root", ACCEPTED, VALID), ("readonly-rootfs", ACCEPTED, VALID)]);
    let outcome = place.check(&["--policy", "nonroot", "-"]);
    let expected =
        "error: unknown policy `nonroot` (did you mean `non-root`?); the policies are: non-root, readonly-rootfs\n";
    assert_eq!((outcome.code, outcome.stderr.as_str()), (2, expected));
    assert_eq!(outcome.stdout, "");
}

#[test]
fn refused_settings_exit_with_2_and_name_the_policy() {
    let refused = r#"{"valid":false,"message":"actoin: unknown key"}"#;
    let place = Workplace::new(&[("picky", ACCEPTED, refused)]).with("settings.yaml", "picky: {actoin: warn}\n");
    let outcome = place.check(&["--settings", "settings.yaml", "-"]);
    assert_eq!(outcome.stderr, "error: settings.yaml:1:9: settings of policy picky: actoin: unknown key\n");
    assert_eq!(outcome.code, 2);
}

#[test]
fn each_fault_of_settings_names_the_policy_once() {
    let refused = r#"{"valid":false,"message":"picky: actoin: unknown key\npicky: exemptions[0]: no reason"}"#;
    let place = Workplace::new(&[("picky", ACCEPTED, refused)]).with("settings.yaml", "picky: {actoin: warn}\n");
    let outcome = place.check(&["--settings", "settings.yaml", "-"]);
    let lines = "\
error: settings.yaml:1:9: settings of policy picky: actoin: unknown key
error: settings.yaml:1:1: settings of policy picky: exemptions[0]: no reason
";
    assert_eq!(outcome.stderr, lines);
    assert_eq!(outcome.code, 2);
}

#[test]
fn settings_of_an_unknown_policy_exit_with_2() {
    let place = Workplace::new(&[("non-root", ACCEPTED, VALID)]).with("settings.json", r#"{"nonroot": {}}"#);
    let outcome = place.check(&["--settings", "settings.json", "-"]);
    assert!(outcome.stderr.contains("(did you mean `non-root`?)"), "{}", outcome.stderr);
    assert_eq!(outcome.code, 2);
}

#[test]
fn a_settings_file_that_cannot_be_read_exits_with_2() {
    let place = Workplace::new(&[("all", ACCEPTED, VALID)]).with("bad.yaml", "a: [\n").with("list.yaml", "- a\n");
    for (file, reason) in [
        ("bad.yaml", "error: bad.yaml:1:4: not valid YAML"),
        ("list.yaml", "error: list.yaml: expected an object of settings by policy name\n"),
        ("none.yaml", "error: none.yaml: "),
    ] {
        let outcome = place.check(&["--settings", file, "-"]);
        assert!(outcome.stderr.starts_with(reason), "{}", outcome.stderr);
        assert_eq!(outcome.code, 2);
    }
}

#[test]
fn missing_modules_exit_with_2_and_say_how_to_build_them() {
    let place = Workplace::new(&[]);
    for directory in ["dist", "elsewhere"] {
        let outcome = place.check(&["--modules", directory, "-"]);
        assert!(outcome.stderr.contains("`cargo xtask build`"), "{}", outcome.stderr);
        assert_eq!(outcome.code, 2);
    }
}

#[test]
fn a_module_that_cannot_run_exits_with_2() {
    let place = Workplace::new(&[]).with("dist/broken.wasm", "not wasm");
    let outcome = place.check(&["-"]);
    assert!(outcome.stderr.starts_with("error: policy broken: not a WebAssembly module"), "{}", outcome.stderr);
    assert_eq!(outcome.code, 2);
}

#[test]
fn the_directory_of_the_modules_may_come_from_the_environment() {
    let place = Workplace::new(&[("deny", &rejection(), VALID)]);
    std::fs::rename(place.path("dist"), place.path("modules")).unwrap();
    let outcome = place.run(|command| command.env("SEAWORTHY_MODULES", "modules").args(["check", "-"]), POD);
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
}

#[test]
fn colours_are_for_terminals_unless_asked_for() {
    let place = Workplace::new(&[("deny", &rejection(), VALID)]).with("pod.yaml", POD);
    let coloured = |when: &str| place.check(&["--color", when, "pod.yaml"]).stdout.contains('\u{1b}');
    assert!(!coloured("auto"));
    assert!(!coloured("never"));
    assert!(coloured("always"));
    let forced = place.run(|command| command.env("CLICOLOR_FORCE", "1").args(["check", "pod.yaml"]), "");
    assert!(forced.stdout.contains('\u{1b}'));
    let none =
        place.run(|command| command.envs([("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).args(["check", "pod.yaml"]), "");
    assert!(!none.stdout.contains('\u{1b}'));
}

#[test]
fn names_in_manifests_cannot_steer_the_terminal() {
    let place = Workplace::new(&[("deny", &rejection(), VALID)])
        .with("pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: \"\\e[2J\\n\"}\n");
    let outcome = place.check(&["pod.yaml"]);
    assert!(outcome.stdout.starts_with("pod.yaml:1: Pod default/\\u{1b}[2J\\n\n"), "{}", outcome.stdout);
}

#[test]
fn wrong_usage_exits_with_2() {
    let place = Workplace::new(&[("all", ACCEPTED, VALID)]);
    for arguments in [["check"].as_slice(), &["chekc", "-"], &["check", "--formt", "json", "-"], &[]] {
        assert_eq!(place.run(|command| command.args(arguments), "").code, 2, "{arguments:?}");
    }
}

#[test]
fn the_help_tells_the_exit_codes() {
    let outcome = Workplace::new(&[]).check(&["--help"]);
    for code in ["0", "1", "2", "3"] {
        assert!(outcome.stdout.contains(&format!("\n  {code}  ")), "{}", outcome.stdout);
    }
    assert_eq!(outcome.code, 0);
}

#[test]
fn the_built_modules_deny_a_deployment_without_a_security_context() {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist");
    assert!(dist.is_dir(), "there are no modules to test: build them with `cargo xtask build`");
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: hello}\nspec:\n  template:\n    spec:\n      \
                      containers:\n      - {name: web, image: \"example.com/hello:1.0\"}\n";
    let place = Workplace::new(&[]).with("hello.yaml", deployment);
    let outcome = place.check(&["--modules", dist.to_str().unwrap(), "hello.yaml"]);
    assert!(outcome.stdout.starts_with("hello.yaml:1: Deployment default/hello\n"), "{}", outcome.stdout);
    for policy in ["non-root", "readonly-rootfs"] {
        assert!(outcome.stdout.contains(policy), "{}", outcome.stdout);
    }
    assert!(outcome.stdout.contains("]: container \"web\"\n --> hello.yaml:8:"), "{}", outcome.stdout);
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
}

#[test]
fn several_formats_are_written_at_once_and_files_as_a_whole() {
    let place = Workplace::new(&[("deny", &rejection(), VALID)]).with("pod.yaml", POD).with("b.md", "old\n");
    let outcome = place.check(&["--format", "json=a.json", "--format", "github", "--format=markdown=b.md", "pod.yaml"]);
    let read = |file: &str| std::fs::read_to_string(place.path(file)).unwrap();
    assert_eq!(read("a.json"), place.check(&["--format", "json", "pod.yaml"]).stdout);
    assert_eq!(read("b.md"), place.check(&["--format", "markdown", "pod.yaml"]).stdout);
    assert!(outcome.stdout.starts_with("::error title=deny/non-root,file=pod.yaml,line=1,"), "{}", outcome.stdout);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (1, ""));
}

#[test]
fn files_are_written_without_colours() {
    let place = Workplace::new(&[("deny", &rejection(), VALID)]).with("pod.yaml", POD);
    place.check(&["--color", "always", "--format", "pretty=report.txt", "pod.yaml"]);
    assert!(!std::fs::read_to_string(place.path("report.txt")).unwrap().contains('\u{1b}'));
}

#[test]
fn a_report_that_cannot_be_written_exits_with_3_and_names_the_file() {
    let place = Workplace::new(&[("all", ACCEPTED, VALID)]).with("pod.yaml", POD);
    let outcome = place.check(&["--format", "json=none/a.json", "pod.yaml"]);
    assert!(outcome.stderr.starts_with("error: the result cannot be written to none/a.json: "), "{}", outcome.stderr);
    assert_eq!(outcome.code, 3);
}

#[test]
fn a_wrong_format_exits_with_2_and_lists_the_right_ones() {
    let place = Workplace::new(&[("all", ACCEPTED, VALID)]);
    for (formats, reason) in [
        (
            ["--format=xml", "--format=json"],
            "the formats are: pretty, compact, json, jsonl, sarif, junit, github, markdown",
        ),
        (["--format=sarif", "--format=json"], "sarif and json both go to standard output; name a file for one"),
        (["--format=sarif=a", "--format=json=a"], "sarif and json both go to a; name a file for one"),
    ] {
        let outcome = place.run(|command| command.arg("check").args(formats).arg("-"), POD);
        assert!(outcome.stderr.contains(reason), "{}", outcome.stderr);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    }
}

#[test]
fn a_template_of_helm_is_named() {
    let place = Workplace::new(&[("deny", &rejection(), VALID)]);
    let input = format!("---\n# Source: shop/templates/web.yaml\n{POD}");
    let outcome = place.run(|command| command.args(["check", "-"]), &input);
    let title = "<stdin>:3: Pod shop/web from shop/templates/web.yaml\n";
    assert!(outcome.stdout.starts_with(title), "{}", outcome.stdout);
    let outcome = place.run(|command| command.args(["check", "--format", "json", "-"]), &input);
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(document["files"][0]["objects"][0]["template"], "shop/templates/web.yaml");
}

#[test]
fn a_standard_input_without_an_object_is_not_clean() {
    let place = Workplace::new(&[("all", ACCEPTED, VALID)]);
    for input in ["", "\n", "---\n# Source: shop/templates/web.yaml\n---\n", "null"] {
        let outcome = place.run(|command| command.args(["check", "-"]), input);
        let told = "<stdin>: error: standard input holds no Kubernetes object; check the command\n  before the pipe\n";
        assert!(outcome.stdout.starts_with(told), "{}", outcome.stdout);
        assert_eq!(outcome.code, 3);
    }
}

#[test]
fn other_inputs_without_an_object_are_a_warning_and_when_strict_an_error() {
    let place = Workplace::new(&[("all", ACCEPTED, VALID)])
        .with("empty.yaml", "# nothing\n")
        .with("other/package.json", "{\"name\": \"web\"}");
    std::fs::create_dir(place.path("nothing")).unwrap();
    let warning = "warning: no object was judged; check the paths\n";
    for path in ["empty.yaml", "other", "nothing"] {
        let outcome = place.check(&[path]);
        assert_eq!((outcome.stderr.as_str(), outcome.code), (warning, 0), "{path}");
        assert_eq!(place.check(&["--strict", path]).code, 3, "{path}");
    }
    // A named file must hold objects.
    assert_eq!(place.check(&["other/package.json"]).code, 3);
}

#[test]
fn globs_are_expanded_and_exclusions_left_out() {
    let place = Workplace::new(&[("deny", &rejection(), VALID)])
        .with("a/x.yaml", POD)
        .with("a/y.yaml", POD)
        .with("b/z.yaml", POD);
    let outcome = place.check(&["*/*.yaml", "--exclude", "b/", "--exclude", "y.*"]);
    assert!(outcome.stdout.starts_with("a/x.yaml:1: Pod shop/web\n"), "{}", outcome.stdout);
    assert!(outcome.stdout.ends_with("0 warnings\nleft out: 2 excluded files\n"), "{}", outcome.stdout);
    let outcome = place.check(&["c/*.yaml"]);
    assert!(outcome.stdout.starts_with("c/*.yaml: error: the pattern matches no file"), "{}", outcome.stdout);
    assert_eq!(outcome.code, 3);
    let outcome = place.check(&["--exclude", "a{", "a"]);
    assert!(outcome.stderr.contains("--exclude") && outcome.code == 2, "{}", outcome.stderr);
}

#[test]
fn an_update_is_judged_with_the_old_object_of_the_same_name() {
    let place = Workplace::new(&[("deny", &rejection(), VALID)])
        .with("new.yaml", &format!("{POD}---\n{NODE}"))
        .with("old.yaml", POD);
    let outcome = place.check(&["--old", "old.yaml", "new.yaml"]);
    let told = outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.starts_with("new.yaml:1: Pod shop/web (UPDATE) deny["), "{}", outcome.stdout);
    let problem = "new.yaml:5:1: error: Node one is not in the file of --old; add it as it is in the cluster, or judge";
    assert!(told.contains(problem), "{}", outcome.stdout);
    assert_eq!(outcome.code, 3);
}

#[test]
fn old_objects_that_cannot_be_read_stop_the_command_with_3() {
    let place = Workplace::new(&[("all", ACCEPTED, VALID)]).with("new.yaml", POD).with("bad.yaml", "a: [\n");
    for (file, reason) in
        [("none.yaml", "error: none.yaml: no such file; "), ("bad.yaml", "error: bad.yaml:1:4: not valid YAML: ")]
    {
        let outcome = place.check(&["--old", file, "new.yaml"]);
        assert!(outcome.stderr.starts_with(reason), "{}", outcome.stderr);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (3, ""));
    }
}

#[test]
fn operations_and_old_objects_have_to_agree() {
    let place = Workplace::new(&[("all", ACCEPTED, VALID)]).with("pod.yaml", POD);
    let outcome = place.check(&["--operation", "UPDATE", "pod.yaml"]);
    assert!(outcome.stderr.contains("--old <FILE>") && outcome.code == 2, "{}", outcome.stderr);
    for operation in ["CREATE", "DELETE"] {
        let outcome = place.check(&["--operation", operation, "--old", "pod.yaml", "pod.yaml"]);
        let reason = format!("error: --old is for --operation UPDATE, not for {operation}\n");
        assert_eq!((outcome.code, outcome.stderr), (2, reason));
    }
    let outcome = place.check(&["--operation", "DELETE", "--format", "json", "pod.yaml"]);
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(document["files"][0]["objects"][0]["operation"], "DELETE");
}

#[test]
fn a_value_that_the_finding_does_not_tell_is_not_shown() {
    let finding = json!({
        "rule": "a", "action": "deny", "path": "spec.containers[0].args[0]", "found": "no", "fix": "do",
    });
    let verdict = json!({"accepted": false, "audit_annotations": {"findings": json!([finding]).to_string()}});
    let pod = format!("{POD}spec:\n  containers:\n  - args: [hush, {{x: hush}}] # hush\n");
    let place = Workplace::new(&[("deny", &verdict.to_string(), VALID)]).with("pod.yaml", &pod);
    for format in ["pretty", "json", "jsonl", "sarif", "junit", "github", "markdown"] {
        let outcome = place.check(&["--format", format, "pod.yaml"]);
        assert!(!outcome.stdout.contains("hush"), "{}", outcome.stdout);
        assert_eq!(outcome.code, 1);
    }
}

#[test]
fn sarif_replaces_a_value_by_the_one_right_value_and_suppresses_what_is_exempt() {
    let path = "spec.containers[0].securityContext.readOnlyRootFilesystem";
    let finding = |action: &str| {
        json!({"rule": action, "action": action, "path": path, "found": "it is false", "fix": "set it to true, and rest",
               "set": if action == "deny" { json!(true) } else { Value::Null },
               "reason": if action == "exempt" { json!("vendor") } else { Value::Null }})
    };
    let findings = json!([finding("deny"), finding("exempt")]).to_string();
    let verdict = json!({"accepted": false, "audit_annotations": {"findings": findings}}).to_string();
    let pod = |value: &str| {
        format!("{POD}spec:\n  containers:\n  - securityContext:\n      readOnlyRootFilesystem: {value}\n")
    };
    let results = |value: &str| {
        let place = Workplace::new(&[("deny", &verdict, VALID)]).with("pod.yaml", &pod(value));
        let document: Value = serde_json::from_str(&place.check(&["--format", "sarif", "pod.yaml"]).stdout).unwrap();
        document["runs"][0]["results"].clone()
    };
    let replaced = &results("false")[0]["fixes"][0]["artifactChanges"][0]["replacements"][0];
    let region = json!({"startLine": 7, "startColumn": 31, "endLine": 7, "endColumn": 36});
    assert_eq!(*replaced, json!({"deletedRegion": region, "insertedContent": {"text": "true"}}));
    let exempt = &results("false")[1];
    assert_eq!(exempt["fixes"], Value::Null);
    assert_eq!(exempt["suppressions"][0]["justification"], "vendor");
    assert_eq!(exempt["level"], "note");
}

#[test]
fn the_whole_help_is_as_wide_as_a_screen() {
    let outcome = Workplace::new(&[]).check(&["--help"]);
    let wide: Vec<_> = outcome.stdout.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(wide.is_empty(), "{wide:#?}");
}

#[test]
fn fingerprints_are_unique_where_objects_have_the_same_name() {
    let place =
        Workplace::new(&[("deny", &rejection(), VALID)]).with("pods.yaml", &format!("{POD}---\n{POD}---\n{POD}"));
    let document: Value = serde_json::from_str(&place.check(&["--format", "sarif", "pods.yaml"]).stdout).unwrap();
    let results = document["runs"][0]["results"].as_array().unwrap();
    let prints: std::collections::BTreeSet<_> =
        results.iter().map(|result| result["partialFingerprints"]["finding/v1"].as_str().unwrap()).collect();
    assert_eq!((results.len(), prints.len()), (3, 3), "{prints:?}");
}

#[test]
fn a_job_summary_stays_below_the_limit_of_github() {
    let pods = format!("{POD}---\n").repeat(9_000);
    let place = Workplace::new(&[("deny", &rejection(), VALID)]).with("pods.yaml", &pods);
    let text = place.check(&["--format", "markdown", "pods.yaml"]).stdout;
    assert!(text.len() < 1024 * 1024, "{}", text.len());
    assert!(text.ends_with(" more rows are left out; the log of the job has all of them.\n"), "{}", text.len());
}

#[test]
fn the_compact_form_has_one_line_per_finding() {
    let place = Workplace::new(&[("deny", &rejection(), VALID)]).with("pod.yaml", POD).with("bad.yaml", "a: [\n");
    let outcome = place.check(&["--format", "compact", "pod.yaml", "bad.yaml"]);
    let expected = "\
bad.yaml:1:4: error: not valid YAML: unclosed bracket '['
pod.yaml:1:1: deny[deny/non-root]: container \"web\": may run as root; set runAsNonRoot to true (spec.containers[0].securityContext.runAsNonRoot)
1 object in 2 files: 1 finding in 1 object, 0 warnings, 1 error
";
    assert_eq!((outcome.stdout.as_str(), outcome.code), (expected, 3));
}
