//! `seaworthy check` with policies from everywhere: modules of others, and Kubewarden's custom resources.

mod support;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{ACCEPTED, NODE, Outcome, POD, VALID, Workplace, annotated, module, rejection};

/// A custom resource whose rules name pods.
fn resource(kind: &str, name: &str, spec: &Value) -> String {
    let rules = json!([{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}]);
    let mut whole = BTreeMap::from([("rules", rules)]);
    if !kind.ends_with("Group") {
        whole.insert("mutating", json!(false));
    }
    whole.extend(spec.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value.clone())));
    let metadata = json!({"name": name, "namespace": kind.starts_with("Admission").then_some("shop")});
    json!({"apiVersion": "policies.kubewarden.io/v1", "kind": kind, "metadata": metadata, "spec": whole}).to_string()
}

/// A place with the modules `yes.wasm`, `no.wasm` and `warns.wasm`, which are not built in, and `policy.json`.
fn place(policy: &str) -> Workplace {
    Workplace::new(&[])
        .with_bytes("yes.wasm", &module(ACCEPTED, VALID))
        .with_bytes("no.wasm", &module(r#"{"accepted":false,"message":"no: never"}"#, VALID))
        .with_bytes("warns.wasm", &module(r#"{"accepted":true,"warnings":["mind the gap"]}"#, VALID))
        .with("pod.yaml", POD)
        .with("policy.json", policy)
}

fn check(place: &Workplace) -> Outcome {
    place.check(&["--policies", "policy.json", "pod.yaml"])
}

#[track_caller]
fn assert_refused(outcome: &Outcome, reason: &str) {
    // The column depends on how JSON is written.
    let parts: Vec<&str> = outcome.stderr.splitn(5, ':').collect();
    let told = match parts[..] {
        [error, " policy.json", line, column, rest] if column.parse::<usize>().is_ok() => {
            format!("{error}: policy.json:{line}:{rest}")
        }
        _ => outcome.stderr.clone(),
    };
    assert_eq!(told, format!("error: {reason}\n"));
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
}

#[test]
fn a_module_of_others_judges_alone_and_is_called_like_its_file() {
    let place = Workplace::new(&[("builtin", &rejection(), VALID)])
        .with_bytes("foreign.wasm", &module(r#"{"accepted":false,"message":"never"}"#, VALID))
        .with("pod.yaml", POD);
    let outcome = place.check(&["--module", "foreign.wasm", "pod.yaml"]);
    assert!(outcome.stdout.contains("deny[foreign]: never\n"), "{}", outcome.stdout);
    assert!(!outcome.stdout.contains("builtin"), "{}", outcome.stdout);
    let both = place.check(&["--module", "foreign.wasm", "--policy", "builtin", "pod.yaml"]);
    assert!(both.stdout.contains("[foreign]: never") && both.stdout.contains("[builtin/"), "{}", both.stdout);
}

#[test]
fn a_module_of_others_gets_the_settings_of_its_name() {
    let place = Workplace::new(&[])
        .with_bytes("picky.wasm", &module(ACCEPTED, r#"{"valid":false,"message":"actoin: unknown key"}"#))
        .with("settings.yaml", "picky: {actoin: warn}\n");
    let outcome = place.check(&["--module", "picky.wasm", "--settings", "settings.yaml", "-"]);
    assert_refused(&outcome, "settings.yaml:1:9: settings of policy picky: actoin: unknown key");
}

#[test]
fn a_module_of_others_is_asked_about_what_its_metadata_names() {
    let rules = json!([{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}]);
    let metadata = json!({"protocolVersion": "v1", "mutating": false, "rules": rules});
    let denial = r#"{"accepted":false,"message":"never"}"#;
    let place = Workplace::new(&[])
        .with_bytes("foreign.wasm", &annotated(denial, VALID, Some(&metadata)))
        .with("objects.yaml", &format!("{POD}---\n{NODE}"));
    let outcome = place.check(&["--module", "foreign.wasm", "objects.yaml"]);
    assert!(outcome.stdout.ends_with("2 objects in 1 file: 1 finding in 1 object, 0 warnings\n"), "{}", outcome.stdout);
}

#[test]
fn what_a_module_on_wasi_writes_is_not_in_the_report() {
    let answers = r#"(module
        (import "wapc" "__guest_response" (func $response (param i32 i32)))
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "{\"accepted\":true,\"valid\":true}")
        (data (i32.const 64) "\80\00\00\00\05\00\00\00")
        (data (i32.const 128) "noise")
        (func (export "__guest_call") (param i32 i32) (result i32)
            (if (call $write (i32.const 1) (i32.const 64) (i32.const 1) (i32.const 256)) (then unreachable))
            (if (call $write (i32.const 2) (i32.const 64) (i32.const 1) (i32.const 256)) (then unreachable))
            (call $response (i32.const 0) (i32.const 30))
            (i32.const 1)))"#;
    let place = Workplace::new(&[]).with_bytes("loud.wasm", &wat::parse_str(answers).unwrap()).with("pod.yaml", POD);
    let outcome = place.check(&["--module", "loud.wasm", "pod.yaml"]);
    assert_eq!(outcome.stderr, "");
    assert_eq!(outcome.stdout, "1 object in 1 file: no findings, 0 warnings\n");
    assert_eq!(outcome.code, 0);
}

#[test]
fn modules_that_cannot_be_told_apart_are_refused() {
    let place = Workplace::new(&[("a", ACCEPTED, VALID)]).with_bytes("a.wasm", &module(ACCEPTED, VALID));
    let reason = "there are two policies `a`; rename the file of one of them";
    assert_refused(&place.check(&["--module", "a.wasm", "--module", "./a.wasm", "-"]), reason);
    assert_refused(&place.check(&["--module", "a.wasm", "--policy", "a", "-"]), reason);
}

#[test]
fn modules_that_are_not_there_or_none_are_refused() {
    let place = Workplace::new(&[]).with("text.wasm", "(module)").with_bytes("no-wapc.wasm", b"\0asm\x01\0\0\0");
    let outcome = place.check(&["--module", "none.wasm", "-"]);
    assert!(outcome.stderr.starts_with("error: policy none: none.wasm cannot be read: "), "{}", outcome.stderr);
    assert_eq!(outcome.code, 2);
    for (file, reason) in [
        ("text.wasm", "policy text: not a WebAssembly module: it does not begin as one"),
        ("no-wapc.wasm", "policy no-wapc: not a waPC module: it exports no function __guest_call"),
    ] {
        assert_refused(&place.check(&["--module", file, "-"]), reason);
    }
}

#[test]
fn a_module_that_never_ends_is_stopped_and_named() {
    let place = Workplace::new(&[]).with_bytes("slow.wasm", &module("loop", VALID)).with("pod.yaml", POD);
    let outcome = place.check(&["--module", "slow.wasm", "pod.yaml"]);
    assert!(outcome.stdout.contains("error[slow]: the module did not answer within 2000 ms"), "{}", outcome.stdout);
    assert_eq!(outcome.code, 3);
}

#[test]
fn a_module_that_traps_on_its_settings_is_refused() {
    let place = Workplace::new(&[]).with_bytes("bad.wasm", &module(ACCEPTED, "trap"));
    let reason = "policy bad: the module trapped: wasm `unreachable` instruction executed; report it to its authors, or leave it out";
    assert_refused(&place.check(&["--module", "bad.wasm", "-"]), reason);
}

#[test]
fn a_module_of_several_policies_judges_only_where_it_is_named() {
    let place = Workplace::new(&[("a", ACCEPTED, VALID), ("all", &rejection(), VALID)])
        .with_entry("all", &json!({"combines": ["a"]}))
        .with("pod.yaml", POD);
    assert_eq!(place.check(&["pod.yaml"]).code, 0);
    assert_eq!(place.check(&["--policy", "all", "pod.yaml"]).code, 1);
}

#[test]
fn warnings_fail_when_they_are_asked_to() {
    let place = place("");
    let check = |fail_on: &str| place.check(&["--module", "warns.wasm", "--fail-on", fail_on, "pod.yaml"]).code;
    assert_eq!((check("deny"), check("warn")), (0, 1));
    assert_eq!(place.check(&["--module", "yes.wasm", "--fail-on", "warn", "pod.yaml"]).code, 0);
}

#[test]
fn a_policy_resource_is_named_by_its_name_and_asked_about_its_rules() {
    let place = place(&resource("ClusterAdmissionPolicy", "strict", &json!({"module": "no.wasm"})));
    let outcome = check(&place);
    assert!(outcome.stdout.contains("pod.yaml:1: Pod shop/web\n\ndeny[strict]: never\n"), "{}", outcome.stdout);
    assert_eq!(outcome.code, 1);
    let place = place.with("pod.yaml", NODE);
    assert_eq!(check(&place).code, 0);
}

#[test]
fn a_monitoring_policy_only_warns() {
    let spec = json!({"module": "no.wasm", "mode": "monitor"});
    let outcome = check(&place(&resource("ClusterAdmissionPolicy", "watch", &spec)));
    assert!(outcome.stdout.contains("warn[watch]: never\n"), "{}", outcome.stdout);
    assert_eq!(outcome.code, 0);
}

#[test]
fn a_policy_of_a_namespace_judges_there_only() {
    let place = place(&resource("AdmissionPolicy", "local", &json!({"module": "no.wasm"})));
    assert!(check(&place).stdout.contains("deny[shop/local]: never\n"));
    let place = place.with("pod.yaml", &POD.replace("shop", "bank"));
    assert_eq!(check(&place).code, 0);
}

#[test]
fn settings_of_a_resource_are_checked() {
    let place = place(&resource("ClusterAdmissionPolicy", "strict", &json!({"module": "picky.wasm", "settings": {}})))
        .with_bytes("picky.wasm", &module(ACCEPTED, r#"{"valid":false,"message":"size: missing"}"#));
    assert_refused(&check(&place), "policy.json:1: settings of policy strict: size: missing");
}

#[test]
fn a_policy_that_may_not_change_objects_must_not_try() {
    let changed = r#"{"accepted":true,"mutated_object":{"kind":"Pod"}}"#;
    for (mutating, code) in [(true, 0), (false, 1)] {
        let spec = json!({"module": "change.wasm", "mutating": mutating});
        let place = place(&resource("ClusterAdmissionPolicy", "change", &spec))
            .with_bytes("change.wasm", &module(changed, VALID));
        let outcome = check(&place);
        assert_eq!(outcome.code, code, "{}", outcome.stdout);
        assert_eq!(outcome.stdout.contains("it changes the object"), !mutating);
    }
}

#[test]
fn namespaces_are_chosen_by_labels_of_the_input_and_judged_when_these_are_unknown() {
    let selector = json!({"matchLabels": {"env": "prod"}});
    let policy =
        resource("ClusterAdmissionPolicy", "strict", &json!({"module": "no.wasm", "namespaceSelector": selector}));
    let namespace = |env: &str| {
        format!("{POD}---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {{env: {env}}}}}\n")
    };
    let place = place(&policy);
    let unknown = check(&place);
    assert_eq!(unknown.code, 1);
    let note = "note: policy strict selects namespaces by labels, and those of shop are unknown; it judges as if they \
                matched (add the Namespace to the input)\n";
    assert_eq!(unknown.stderr, note);
    let place = place.with("pod.yaml", &namespace("prod"));
    let chosen = check(&place);
    assert_eq!((chosen.code, chosen.stderr.as_str()), (1, ""));
    let place = place.with("pod.yaml", &namespace("test"));
    let other = check(&place);
    assert_eq!((other.code, other.stderr.as_str()), (0, ""));
}

#[test]
fn conditions_in_cel_are_named_and_taken_as_true() {
    let spec = json!({"module": "no.wasm", "matchConditions": [{"name": "never", "expression": "false"}]});
    let outcome = check(&place(&resource("ClusterAdmissionPolicy", "strict", &spec)));
    assert_eq!(outcome.code, 1);
    let note = "note: ClusterAdmissionPolicy strict: matchConditions are not evaluated; the policy judges as if they all \
                held\n";
    assert_eq!(outcome.stderr, note);
}

fn group(expression: &str) -> String {
    let policies =
        json!({"yes": {"module": "yes.wasm"}, "no": {"module": "no.wasm"}, "warns": {"module": "warns.wasm"}});
    let spec = json!({"policies": policies, "expression": expression, "message": "be good"});
    resource("ClusterAdmissionPolicyGroup", "both", &spec)
}

#[test]
fn a_group_rejects_by_its_expression_with_its_message_and_the_causes() {
    let outcome = check(&place(&group("warns() && (no() || !yes())")));
    let lines = outcome.stdout.lines().filter(|line| line.contains("[both]"));
    let expected = ["deny[both]: be good", "deny[both]: no: never", "warn[both]: warns: mind the gap"];
    assert_eq!(lines.collect::<Vec<_>>(), expected);
    assert_eq!(outcome.code, 1);
}

#[test]
fn a_group_accepts_by_its_expression() {
    let outcome = check(&place(&group("no() || yes()")));
    assert_eq!(outcome.stdout, "1 object in 1 file: no findings, 0 warnings\n");
    assert_eq!(outcome.code, 0);
}

#[test]
fn a_group_whose_expression_is_wrong_is_refused() {
    let title = "policy.json:1: ClusterAdmissionPolicyGroup both: expression: ";
    assert_refused(&check(&place(&group("yes() and no()"))), &format!("{title}`and` where the expression should end"));
    assert_refused(&check(&place(&group("maybe()"))), &format!("{title}the group has no policy maybe"));
}

#[test]
fn a_registry_reference_means_the_built_in_module_of_the_same_name_and_version() {
    let with = |reference: &str| {
        place(&resource("ClusterAdmissionPolicy", "mine", &json!({"module": reference})))
            .with_bytes("dist/no-latest.wasm", &module(ACCEPTED, VALID))
            .with_entry("no-latest", &json!({}))
    };
    for reference in [
        "registry://ghcr.io/a/b/no-latest:v1.2.3",
        "ghcr.io/a/no-latest:1.2.3",
        "localhost:5000/no-latest:v1.2.3@sha256:0",
    ] {
        assert_eq!(check(&with(reference)).code, 0, "{reference}");
    }
    let title = "policy.json:1: ClusterAdmissionPolicy mine: module";
    let old = "ghcr.io/a/no-latest:v1.2.2";
    assert_refused(
        &check(&with(old)),
        &format!(
            "{title} {old} cannot be loaded: the built-in no-latest has the version 1.2.3, and this command downloads \
             no module; pull the module with kwctl, and name its file"
        ),
    );
    for strange in ["registry://ghcr.io/a/other:v1.2.3", "https://example.com/no-latest:v1.2.3", "nothing"] {
        assert_refused(
            &check(&with(strange)),
            &format!(
                "{title} {strange} cannot be loaded: it is not built in, and this command downloads no module; pull it \
                 with kwctl, and name its file"
            ),
        );
    }
}

#[test]
fn a_module_is_found_by_its_path_from_the_file_that_names_it() {
    let place = place("");
    let file = format!("file://{}", place.path("no.wasm").display());
    for (directory, module) in [("policies/deep", "../../no.wasm"), ("elsewhere", file.as_str())] {
        let policy = resource("ClusterAdmissionPolicy", "strict", &json!({"module": module}));
        let place = self::place("").with(&format!("{directory}/policy.yaml"), &policy);
        let outcome = place.check(&["--policies", directory, "pod.yaml"]);
        assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    }
}

#[test]
fn resources_that_cannot_be_read_are_named_with_their_place() {
    let title = "policy.json:1: ClusterAdmissionPolicy strict:";
    for (spec, reason) in [
        (json!({}), "spec: missing field `module`"),
        (
            json!({"module": "no.wasm", "mode": "audit"}),
            "spec.mode: unknown value \"audit\"; it must be protect or monitor",
        ),
        (json!({"module": "no.wasm", "rules": null}), "spec: invalid type: null, expected a sequence"),
    ] {
        let outcome = check(&place(&resource("ClusterAdmissionPolicy", "strict", &spec)));
        assert_refused(&outcome, &format!("{title} {reason}"));
    }
    let twice = resource("ClusterAdmissionPolicy", "strict", &json!({"module": "no.wasm"}));
    let outcome = check(&place(&format!("{twice}\n{twice}")));
    assert_refused(&outcome, "policy.json:2: ClusterAdmissionPolicy strict: it is defined twice");
    let outcome = check(&place("a: ["));
    assert!(outcome.stderr.starts_with("error: policy.json:1:4: not valid YAML: "), "{}", outcome.stderr);
    let outcome = check(&place(POD));
    let reason = "policy.json defines no policy; it needs a ClusterAdmissionPolicy, an AdmissionPolicy, or a group of \
                  policies.kubewarden.io";
    assert_refused(&outcome, reason);
    let outcome = place(POD).check(&["--policies", "none.yaml", "-"]);
    assert!(outcome.stderr.starts_with("error: none.yaml: "), "{}", outcome.stderr);
    assert_eq!(outcome.code, 2);
}
