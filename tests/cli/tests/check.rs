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
    let place = Workplace::new(&[("non-root", &rejection(), VALID)]).with("pod.yaml", POD);
    let outcome = place.check(&["pod.yaml"]);
    let expected = format!(
        "pod.yaml:1: Pod shop/web\n  deny   non-root: {SENTENCE}\n\n\
         1 object in 1 file: 1 finding in 1 object, 0 warnings\n"
    );
    assert_eq!(outcome.stdout, expected);
    assert_eq!(outcome.code, 1);
}

#[test]
fn what_several_policies_say_alike_is_one_line() {
    let place = Workplace::new(&[("b", &rejection(), VALID), ("a", &rejection(), VALID)]).with("pod.yaml", POD);
    let outcome = place.check(&["pod.yaml"]);
    assert_eq!(outcome.stdout.matches(SENTENCE).count(), 1, "{}", outcome.stdout);
    assert!(outcome.stdout.contains("  deny   a, b: container"), "{}", outcome.stdout);
}

#[test]
fn warnings_are_told_and_exit_with_0() {
    let warning = r#"{"accepted":true,"warnings":["mind the gap"]}"#;
    let place = Workplace::new(&[("foreign", warning, VALID)]).with("pod.yaml", POD);
    let outcome = place.check(&["pod.yaml"]);
    assert!(outcome.stdout.contains("  warn   foreign: mind the gap\n"), "{}", outcome.stdout);
    assert!(outcome.stdout.ends_with("no findings, 1 warning\n"), "{}", outcome.stdout);
    assert_eq!(outcome.code, 0);
}

#[test]
fn a_rejection_of_a_foreign_policy_is_told_by_its_message() {
    let foreign = r#"{"accepted":false,"message":"User root is not allowed"}"#;
    let place = Workplace::new(&[("foreign", foreign, VALID)]).with("pod.yaml", POD);
    let outcome = place.check(&["pod.yaml"]);
    assert!(outcome.stdout.contains("  deny   foreign: User root is not allowed\n"), "{}", outcome.stdout);
    assert_eq!(outcome.code, 1);
}

#[test]
fn objects_come_in_the_order_of_arguments_names_and_documents() {
    let place = Workplace::new(&[("deny", &rejection(), VALID)])
        .with("z.yaml", &format!("{POD}---\n{NODE}"))
        .with("dir/b.json", r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"b"}}"#)
        .with("dir/a/c.yml", POD);
    let outcome = place.check(&["z.yaml", "dir"]);
    let titles: Vec<_> = outcome.stdout.lines().filter(|line| line.contains(": ") && !line.starts_with(' ')).collect();
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
    std::fs::create_dir(place.path("empty")).unwrap();
    let outcome = place.check(&["a.yaml", "helm.yaml", "no-such.yaml", "empty", "pod.yaml"]);
    for line in [
        "empty: error: the directory holds no *.yaml, *.yml or *.json file\n",
        "a.yaml:1:4: error: not YAML: ",
        "a.yaml:3: Pod shop/web\n",
        "a.yaml:7:1: error: no Kubernetes object: `apiVersion` is missing\n",
        "; it looks like a Helm template: check the output of `helm template` instead\n",
        "no-such.yaml: error: ",
        "pod.yaml:1: Pod shop/web\n",
        "2 objects in 4 files: 2 findings in 2 objects, 0 warnings, 5 errors\n",
    ] {
        assert!(outcome.stdout.contains(line), "{line}\n---\n{}", outcome.stdout);
    }
    assert_eq!(outcome.code, 3);
}

#[test]
fn a_policy_that_gives_no_verdict_is_an_error_of_that_object() {
    let place = Workplace::new(&[("bad", "trap", VALID), ("good", ACCEPTED, VALID)]).with("pod.yaml", POD);
    let outcome = place.check(&["pod.yaml"]);
    let line = "  error  bad: the module trapped: wasm `unreachable` instruction executed; tell its authors, or leave it out\n";
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
    });
    let trapped = "the module trapped: wasm `unreachable` instruction executed; tell its authors, or leave it out";
    let expected = json!({
        "version": 1,
        "summary": {"objects": 1, "files": 1, "findings": 1, "deniedObjects": 1, "warnings": 0, "errors": 2},
        "files": [{"path": "pods.yaml", "objects": [{
            "apiVersion": "v1", "kind": "Pod", "namespace": "shop", "name": "web", "operation": "CREATE", "line": 1,
            "policies": [
                {"policy": "bad", "accepted": false, "findings": [], "error": trapped},
                {"policy": "deny", "accepted": false, "findings": [finding]},
            ],
        }]}],
        "errors": [{"path": "pods.yaml", "line": 5, "column": 1, "message": "no Kubernetes object: it is a list"}],
    });
    assert_eq!(document, expected);
    assert_eq!(outcome.code, 3);
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    let place = Workplace::new(&[("deny", &rejection(), VALID), ("trap", "trap", VALID)]).with("pod.yaml", POD);
    for format in ["pretty", "json"] {
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
        "error: there is no policy `nonroot` (did you mean `non-root`?); there are: non-root, readonly-rootfs\n";
    assert_eq!((outcome.code, outcome.stderr.as_str()), (2, expected));
    assert_eq!(outcome.stdout, "");
}

#[test]
fn refused_settings_exit_with_2_and_name_the_policy() {
    let refused = r#"{"valid":false,"message":"actoin: unknown key"}"#;
    let place = Workplace::new(&[("picky", ACCEPTED, refused)]).with("settings.yaml", "picky: {actoin: warn}\n");
    let outcome = place.check(&["--settings", "settings.yaml", "-"]);
    assert_eq!(outcome.stderr, "error: settings of policy picky: actoin: unknown key\n");
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
        ("bad.yaml", "error: bad.yaml: line 1, column 4: not YAML"),
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
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dist");
    assert!(dist.is_dir(), "there are no modules to test: build them with `cargo xtask build`");
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: hello}\nspec:\n  template:\n    spec:\n      \
                      containers:\n      - {name: web, image: \"example.com/hello:1.0\"}\n";
    let place = Workplace::new(&[]).with("hello.yaml", deployment);
    let outcome = place.check(&["--modules", dist.to_str().unwrap(), "hello.yaml"]);
    assert!(outcome.stdout.starts_with("hello.yaml:1: Deployment default/hello\n"), "{}", outcome.stdout);
    for policy in ["non-root", "readonly-rootfs"] {
        assert!(outcome.stdout.contains(policy), "{}", outcome.stdout);
    }
    assert!(outcome.stdout.contains("container \"web\": "), "{}", outcome.stdout);
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
}
