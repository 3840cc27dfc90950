//! Sessions of kwctl: read in both of its formats, and written as it writes them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::sync::Arc;

use capabilities::{Session, Source, World};
use host::Unanswered;

/// As kwctl records it.
const RECORDED: &str = r#"- type: Exchange
  request: |
    !OciManifest
    image: ghcr.io/example/app:1.2.3
  response:
    type: Success
    payload: '{"schemaVersion":2,"config":{"mediaType":"it''s","digest":"sha256:00","size":2},"layers":[]}'
- type: Exchange
  request: |
    !OciManifestAndConfig
    image: ghcr.io/example/gone:1
  response:
    type: Error
    message: 'Fail to interact with OCI registry: Not authorized: url https://ghcr.io/v2/example/gone/manifests/1'
- type: Exchange
  request: |
    !KubernetesGetResource
    api_version: v1
    kind: Namespace
    name: test-policy
    namespace: null
    disable_cache: false
    field_masks: null
  response:
    type: Error
    message: Cannot find v1/Namespace named 'test-policy' inside of namespace 'None'
"#;

/// As kwctl recorded it before there were field masks.
const OLDER: &str = r#"- type: Exchange
  request: |
    !KubernetesListResourceAll
    api_version: networking.k8s.io/v1
    kind: Ingress
    label_selector: null
    field_selector: null
  response:
    type: Success
    payload: |
      {
        "apiVersion": "v1", "kind": "List", "items": []
      }
"#;

fn world(session: &str) -> Arc<World> {
    Arc::new(World::new(Source::Session(Session::read(session).unwrap()), true))
}

/// Asks as a policy that may read namespaces and ingresses.
fn ask(world: &Arc<World>, namespace: &str, operation: &str, payload: &str) -> Result<String, Unanswered> {
    let granted = [("v1", "Namespace"), ("networking.k8s.io/v1", "Ingress")];
    let granted: BTreeSet<_> = granted.map(|(version, kind)| (version.to_owned(), kind.to_owned())).into();
    let answer = world.granted(granted).call(namespace, operation, payload.as_bytes());
    answer.map(|bytes| String::from_utf8(bytes).unwrap())
}

const NAMESPACE: &str =
    r#"{"api_version":"v1","kind":"Namespace","name":"test-policy","namespace":null,"disable_cache":false}"#;

#[test]
fn answers_are_found_by_their_question_in_any_order() {
    let world = world(RECORDED);
    let failed = |text: &str| Err(Unanswered::Failed(format!("Callback evaluation failure: {text}")));
    let missing = "Cannot find v1/Namespace named 'test-policy' inside of namespace 'None'";
    assert_eq!(ask(&world, "kubernetes", "get_resource", NAMESPACE), failed(missing));
    let manifest = r#"{"schemaVersion":2,"config":{"mediaType":"it's","digest":"sha256:00","size":2},"layers":[]}"#;
    for _ in 0..2 {
        let answer = ask(&world, "oci", "v1/oci_manifest", "\"ghcr.io/example/app:1.2.3\"");
        assert_eq!(answer.unwrap(), manifest);
    }
    let denied = "Fail to interact with OCI registry: Not authorized: url https://ghcr.io/v2/example/gone/manifests/1";
    assert_eq!(ask(&world, "oci", "v1/oci_manifest_config", "\"ghcr.io/example/gone:1\""), failed(denied));
    assert_eq!(world.not_in_session(), None);
    let unknown = ask(&world, "oci", "v1/manifest_digest", "\"ghcr.io/example/gone:1\"");
    assert_eq!(unknown, failed("the session does not hold this question"));
    assert_eq!(world.not_in_session(), Some((1, "ghcr.io/example/gone:1".to_owned())));
}

#[test]
fn the_format_without_field_masks_is_read() {
    let query =
        r#"{"api_version":"networking.k8s.io/v1","kind":"Ingress","label_selector":null,"field_selector":null}"#;
    let answer = ask(&world(OLDER), "kubernetes", "list_resources_all", query).unwrap();
    assert_eq!(answer, "{\n  \"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": []\n}\n");
}

#[test]
fn a_session_is_recorded_byte_for_byte_as_by_kwctl() {
    let world = world(RECORDED);
    let _ = ask(&world, "oci", "v1/oci_manifest", "\"ghcr.io/example/app:1.2.3\"");
    let _ = ask(&world, "oci", "v1/oci_manifest_config", "\"ghcr.io/example/gone:1\"");
    let _ = ask(&world, "kubernetes", "get_resource", NAMESPACE);
    assert_eq!(world.session().unwrap(), RECORDED);
}

#[test]
fn the_same_question_is_recorded_each_time_it_is_asked() {
    let world = world(RECORDED);
    for _ in 0..2 {
        let _ = ask(&world, "kubernetes", "get_resource", NAMESPACE);
    }
    assert_eq!(world.session().unwrap().matches("!KubernetesGetResource").count(), 2);
}

#[test]
fn only_what_was_granted_is_answered() {
    let query = r#"{"api_version":"v1","kind":"Secret","name":"a","namespace":"b","disable_cache":false}"#;
    let world = world(RECORDED);
    let reason =
        "Policy has not been granted access to Kubernetes v1/Secret resources. The violation has been reported.";
    assert_eq!(ask(&world, "kubernetes", "get_resource", query), Err(Unanswered::Failed(reason.to_owned())));
    assert_eq!(world.session().unwrap(), "[]\n");
}

#[test]
fn without_a_source_nothing_is_offered_but_objects() {
    let world = Arc::new(World::new(Source::Nowhere, false));
    let not_offered = |reason: &str| Err(Unanswered::NotOffered(reason.to_owned()));
    assert_eq!(ask(&world, "oci", "v1/oci_manifest", "\"busybox\""), not_offered("which needs --images"));
    let reason = "which only a recorded session answers (--images FILE)";
    assert_eq!(ask(&world, "net", "v1/dns_lookup_host", "\"example.com\""), not_offered(reason));
    assert!(matches!(ask(&world, "kubernetes", "get_resource", NAMESPACE), Err(Unanswered::Failed(_))));
    assert_eq!(world.kinds(), BTreeSet::from(["v1/Namespace".to_owned()]));
}

#[test]
fn what_is_not_a_session_is_refused_with_the_place() {
    let unknown = RECORDED.replace("!OciManifest\n", "!OciManifesto\n");
    for (text, reason) in [
        ("a: b", "invalid type: map, expected a sequence"),
        ("- type: Exchange\n  request: ''\n", "missing field `response`"),
        (unknown.as_str(), "the request of entry 1: unknown variant `OciManifesto`"),
    ] {
        let fault = Session::read(text).unwrap_err();
        assert!(fault.contains(reason), "{fault}");
    }
}

#[test]
fn questions_that_no_module_can_ask_are_skipped() {
    let rego = RECORDED.replace(
        "!OciManifest\n    image: ghcr.io/example/app:1.2.3",
        "!KubernetesGetResourcePluralName\n    kind: Pod",
    );
    assert!(ask(&world(&rego), "kubernetes", "get_resource", NAMESPACE).is_err());
}
