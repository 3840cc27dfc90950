//! `seaworthy check --images`: what the command says, and what policies get, from layouts and sessions.
#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use serde_json::{Value, json};

use crate::support::oci::Layout;
use crate::support::{ACCEPTED, NODE, Outcome, POD, VALID, Workplace, asking};

const CONFIG: &str = "v1/oci_manifest_config";
const IMAGE: &str = "\"registry.example/team/app:1\"";

/// A place with a policy that inspects an image, one that does not, a pod, and a layout.
fn place() -> Workplace {
    let place = Workplace::new(&[("pure", ACCEPTED, VALID)])
        .with("pod.yaml", POD)
        .with_bytes("dist/layers.wasm", &asking("oci", CONFIG, IMAGE, None))
        .with_bytes("dist/users.wasm", &asking("oci", CONFIG, IMAGE, None))
        .with_entry("layers", &json!({"capabilities": ["oci/v1/oci_manifest_config"]}))
        .with_entry("users", &json!({"capabilities": ["oci/v1/manifest_digest"]}))
        .with_entry("pure", &json!({"capabilities": []}));
    let layout = Layout::new(place.path("images/registry.example/team/app"));
    layout.tag(&[("1", &layout.image("amd64", "1000", &[1, 2]))]);
    place
}

/// The error of the one policy that was asked, without the words before it.
fn told(outcome: &Outcome) -> String {
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{}", outcome.stderr));
    let error = document["files"][0]["objects"][0]["policies"][0]["error"].as_str().unwrap();
    error.strip_prefix("the module failed: ").unwrap_or(error).to_owned()
}

fn check(place: &Workplace, arguments: &[&str]) -> Outcome {
    place.check(&[&["pod.yaml", "--format=json"], arguments].concat())
}

#[track_caller]
fn refused(place: &Workplace, arguments: &[&str], reason: &str) {
    let outcome = place.check(&[&["pod.yaml"], arguments].concat());
    assert_eq!(outcome.stderr, format!("error: {reason}\n"));
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
}

#[test]
fn policies_that_inspect_images_are_left_out_and_named_unless_images_are_given() {
    let outcome = place().check(&["pod.yaml"]);
    assert_eq!(outcome.stderr, "note: left out without --images: layers, users\n");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (0, "1 object in 1 file: no findings, 0 warnings\n"));
    let outcome = place().check(&["pod.yaml", "--images=images"]);
    assert_eq!(outcome.stderr, "");
    assert_eq!(outcome.code, 3);
    assert!(outcome.stdout.contains("layers") && outcome.stdout.contains("users"), "{}", outcome.stdout);
}

#[test]
fn policies_that_read_the_cluster_are_left_out_and_named_unless_its_objects_are_given() {
    let query =
        json!({"api_version": "v1", "kind": "Namespace", "name": "shop", "namespace": null, "disable_cache": true});
    let metadata =
        json!({"rules": [], "mutating": false, "contextAwareResources": [{"apiVersion": "v1", "kind": "Namespace"}]});
    let place = place()
        .with("shop.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n")
        .with_bytes("dist/reader.wasm", &asking("kubernetes", "get_resource", &query.to_string(), Some(&metadata)))
        .with_entry("reader", &json!({"capabilities": ["oci/v1/manifest_digest", "kubernetes/get_resource"]}));
    let outcome = place.check(&["pod.yaml", "--images=images"]);
    assert_eq!(outcome.stderr, "note: left out without --cluster: reader\n");
    let reason = "policy reader reads objects of the cluster; add --cluster with their files, or --images with a session of kwctl";
    refused(&place, &["--policy=reader"], reason);
    let outcome = place.check(&["pod.yaml", "--policy=reader", "--cluster=shop.yaml"]);
    assert_eq!((outcome.stderr.as_str(), outcome.code), ("", 3));
    let outcome = place.with("session.yaml", "[]\n").check(&["pod.yaml", "--policy=reader", "--images=session.yaml"]);
    assert_eq!((outcome.stderr.contains("--cluster"), outcome.code), (true, 3), "{}", outcome.stderr);
}

#[test]
fn a_policy_that_inspects_images_is_not_judged_by_without_them() {
    let reason =
        "policy layers inspects images; add --images registry, a directory of OCI layouts, or a session of kwctl";
    refused(&place(), &["--policy=layers"], reason);
    let resource = "\
apiVersion: policies.kubewarden.io/v1
kind: ClusterAdmissionPolicy
metadata: {name: layers}
spec: {module: 'registry://ghcr.io/x/layers:v1.2.3', mutating: false, rules: []}
";
    refused(&place().with("policy.yaml", resource), &["--policies=policy.yaml"], reason);
}

#[test]
fn a_question_that_nobody_answers_is_an_error_that_names_what_is_missing() {
    let place = place();
    std::fs::copy(place.path("dist/layers.wasm"), place.path("foreign.wasm")).unwrap();
    let outcome = check(&place, &["--module=foreign.wasm"]);
    let reason = "the module called the host capability oci/v1/oci_manifest_config, which needs --images";
    assert_eq!((told(&outcome).as_str(), outcome.code), (reason, 3));
    let place = place.with_bytes("names.wasm", &asking("net", "v1/dns_lookup_host", "\"a\"", None));
    let outcome = check(&place, &["--module=names.wasm", "--images=images"]);
    let reason = "the module called the host capability net/v1/dns_lookup_host, which only a recorded session answers \
                  (--images FILE)";
    assert_eq!(told(&outcome), reason);
}

#[test]
fn a_layout_answers_and_what_it_answers_can_be_recorded_and_replayed() {
    let place = place();
    let from_layout = check(&place, &["--policy=layers", "--images=images", "--record=session.yaml"]);
    let answer: Value = serde_json::from_str(&told(&from_layout)).unwrap();
    assert_eq!(answer["config"]["config"]["User"], "1000");
    assert_eq!(answer["manifest"]["layers"].as_array().unwrap().len(), 2);
    let session = std::fs::read_to_string(place.path("session.yaml")).unwrap();
    let head = "- type: Exchange\n  request: |\n    !OciManifestAndConfig\n    image: registry.example/team/app:1\n  \
                response:\n    type: Success\n    payload: '{\"manifest\":";
    assert!(session.starts_with(head), "{session}");
    let replayed = check(&place, &["--policy=layers", "--images=session.yaml"]);
    assert_eq!(told(&replayed), told(&from_layout));
    assert_eq!(replayed.stderr, "");
}

#[test]
fn an_error_is_recorded_and_replayed_too() {
    let place = place().with_bytes("gone.wasm", &asking("oci", "v1/oci_manifest", "\"registry.example/gone:1\"", None));
    let reason = "Callback evaluation failure: Fail to interact with OCI registry: Image manifest not found: no OCI layout \
                  holds registry.example/gone:1";
    let outcome = check(&place, &["--module=gone.wasm", "--images=images", "--record=session.yaml"]);
    assert_eq!(told(&outcome).lines().next(), Some(reason));
    let replayed = check(&place, &["--module=gone.wasm", "--images=session.yaml"]);
    assert_eq!(told(&replayed), reason);
}

#[test]
fn a_session_that_lacks_an_answer_is_named() {
    let place = place().with("session.yaml", "[]\n");
    let outcome = check(&place, &["--policy=layers", "--images=session.yaml"]);
    assert_eq!(told(&outcome), "Callback evaluation failure: the session does not hold this question");
    let warning =
        "warning: session.yaml holds no answer to 1 question, such as the one about registry.example/team/app:1\n";
    assert_eq!(outcome.stderr, warning);
}

#[test]
fn a_session_is_recorded_of_one_policy_and_one_object() {
    let place = place().with("two.yaml", &format!("{POD}---\n{NODE}"));
    let record = ["--images=images", "--record=session.yaml"];
    refused(&place, &record, "--record is for one policy, not for 3; choose it with --policy or --module");
    let outcome = place.check(&[&["two.yaml", "--policy=layers"], &record[..]].concat());
    assert_eq!((outcome.stderr.as_str(), outcome.code), ("error: --record is for one object, not for 2\n", 2));
    assert!(!place.path("session.yaml").exists());
}

#[test]
fn images_that_cannot_be_read_are_refused() {
    let place = place().with("notes.yaml", "a: b\n").with("empty/readme", "");
    let fault = |images: &str| {
        let outcome = place.check(&["pod.yaml", "--images", images]);
        assert_eq!(outcome.code, 2);
        outcome.stderr
    };
    let reason = "error: --images: empty holds no OCI layout, which is a directory with a file `oci-layout`\n";
    assert_eq!(fault("empty"), reason);
    assert!(fault("none.yaml").starts_with("error: --images: none.yaml: No such file"));
    assert!(fault("notes.yaml").starts_with("error: --images: notes.yaml: not a session of kwctl: "));
}

#[cfg(not(feature = "registry"))]
#[test]
fn without_the_client_registries_are_refused_with_the_way_to_it() {
    let reason = "this seaworthy was built without the client of registries; build it with `cargo xtask command`, or with \
                  `--features registry`, or give --images a directory of OCI layouts";
    refused(&place(), &["--images=registry"], reason);
}

#[test]
fn objects_are_those_of_the_input_and_of_the_cluster_that_the_policy_may_read() {
    let query = |kind: &str, name: &str| {
        json!({"api_version": "v1", "kind": kind, "name": name, "namespace": null, "disable_cache": false}).to_string()
    };
    let metadata = json!({
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}],
        "mutating": false, "contextAwareResources": [{"apiVersion": "v1", "kind": "Namespace"}],
    });
    let reader = |kind, name| asking("kubernetes", "get_resource", &query(kind, name), Some(&metadata));
    let place = place()
        .with("cluster/shop.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: a}}\n")
        .with_bytes("shop.wasm", &reader("Namespace", "shop"))
        .with_bytes("node.wasm", &reader("Node", "one"));
    let outcome = check(&place, &["--module=shop.wasm", "--cluster=cluster"]);
    let answer: Value = serde_json::from_str(&told(&outcome)).unwrap();
    assert_eq!(answer["metadata"]["labels"], json!({"team": "a"}));
    assert_eq!(outcome.stderr, "");
    let outcome = check(&place, &["cluster/shop.yaml", "--module=shop.wasm"]);
    assert_eq!(serde_json::from_str::<Value>(&told(&outcome)).unwrap(), answer);
    let note = "warning: policies read v1/Namespace of the cluster, of which only the objects in the input are known (add others \
                by --cluster)\n";
    assert_eq!(outcome.stderr, note);
    let outcome = check(&place, &["--module=node.wasm", "--cluster=cluster"]);
    let reason = "Policy has not been granted access to Kubernetes v1/Node resources. The violation has been reported.";
    assert_eq!(told(&outcome), reason);
    let outcome = place.check(&["pod.yaml", "--cluster=none.yaml"]);
    assert_eq!((outcome.code, outcome.stderr.contains("none.yaml: no such file")), (3, true), "{}", outcome.stderr);
}

#[test]
fn custom_resources_grant_what_a_policy_may_read() {
    let query =
        json!({"api_version": "v1", "kind": "Namespace", "name": "shop", "namespace": null, "disable_cache": true});
    let policy = |kind: &str| {
        format!(
            "apiVersion: policies.kubewarden.io/v1\nkind: {kind}\nmetadata: {{name: reader, namespace: shop}}\nspec:\n  \
             module: reader.wasm\n  mutating: false\n  contextAwareResources: [{{apiVersion: v1, kind: Namespace}}]\n  \
             rules: [{{apiGroups: [''], apiVersions: [v1], resources: [pods], operations: [CREATE]}}]\n"
        )
    };
    let place = place()
        .with("shop.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n")
        .with_bytes("reader.wasm", &asking("kubernetes", "get_resource", &query.to_string(), None))
        .with("all.yaml", &policy("ClusterAdmissionPolicy"))
        .with("own.yaml", &policy("AdmissionPolicy"));
    let outcome = check(&place, &["--policies=all.yaml", "--cluster=shop.yaml"]);
    assert!(told(&outcome).contains("\"name\":\"shop\""), "{}", outcome.stdout);
    let outcome = check(&place, &["--policies=own.yaml", "--cluster=shop.yaml"]);
    assert!(told(&outcome).starts_with("Policy has not been granted access"), "{}", outcome.stdout);
}
