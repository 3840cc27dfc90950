//! Questions are read as the SDK of Kubewarden writes them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use capabilities::Question;
use kubewarden_policy_sdk::host_capabilities::crypto::{Certificate, CertificateEncoding};
use kubewarden_policy_sdk::host_capabilities::crypto_v1::CertificateVerificationRequest;
use kubewarden_policy_sdk::host_capabilities::verification::{KeylessInfo, KeylessPrefixInfo};
use kubewarden_policy_sdk::host_capabilities::{SigstoreVerificationInputV1, SigstoreVerificationInputV2};
use serde::Serialize;
use serde_json::{Value, json};

/// The question of a payload, as sessions name it.
#[track_caller]
fn read(namespace: &str, operation: &str, payload: &impl Serialize) -> Value {
    let question = Question::read(namespace, operation, &serde_json::to_vec(payload).unwrap()).unwrap();
    serde_json::to_value(question).unwrap()
}

#[test]
fn questions_about_images_are_their_names() {
    for (operation, variant) in [
        ("v1/manifest_digest", "OciManifestDigest"),
        ("v1/oci_manifest", "OciManifest"),
        ("v1/oci_manifest_config", "OciManifestAndConfig"),
    ] {
        assert_eq!(read("oci", operation, &"busybox"), json!({variant: {"image": "busybox"}}));
    }
    assert_eq!(read("net", "v1/dns_lookup_host", &"example.com"), json!({"DNSLookupHost": {"host": "example.com"}}));
}

#[test]
fn both_versions_of_a_verification_are_the_same_question() {
    let keyless = || vec![KeylessInfo { issuer: "i".to_owned(), subject: "s".to_owned() }];
    let image = || "busybox".to_owned();
    let v1 =
        SigstoreVerificationInputV1::SigstoreKeylessVerify { image: image(), keyless: keyless(), annotations: None };
    let v2 =
        SigstoreVerificationInputV2::SigstoreKeylessVerify { image: image(), keyless: keyless(), annotations: None };
    let expected = json!({"SigstoreKeylessVerify": {
        "image": "busybox", "keyless": [{"issuer": "i", "subject": "s"}], "annotations": null,
    }});
    assert_eq!(read("oci", "v1/verify", &v1), expected);
    assert_eq!(read("oci", "v2/verify", &v2), expected);
    let keyless_prefix = vec![KeylessPrefixInfo { issuer: "i".to_owned(), url_prefix: "u".to_owned() }];
    for input in [
        SigstoreVerificationInputV2::SigstorePubKeyVerify {
            image: image(),
            pub_keys: vec!["k".to_owned()],
            annotations: Some([("a".to_owned(), "b".to_owned())].into()),
        },
        SigstoreVerificationInputV2::SigstoreKeylessPrefixVerify { image: image(), keyless_prefix, annotations: None },
        SigstoreVerificationInputV2::SigstoreGithubActionsVerify {
            image: image(),
            owner: "o".to_owned(),
            repo: None,
            annotations: None,
        },
        SigstoreVerificationInputV2::SigstoreCertificateVerify {
            image: image(),
            certificate: vec![1],
            certificate_chain: Some(vec![vec![2], vec![3]]),
            require_rekor_bundle: true,
            annotations: None,
        },
    ] {
        let mut fields = serde_json::to_value(&input).unwrap();
        let variant = fields.as_object_mut().unwrap().remove("type").unwrap();
        assert_eq!(read("oci", "v2/verify", &input), json!({variant.as_str().unwrap(): fields}));
    }
}

#[test]
fn questions_about_objects_and_certificates_have_the_fields_of_their_payload() {
    // The types of the SDK for these are behind a feature that brings another version of k8s-openapi.
    let all = json!({
        "api_version": "v1", "kind": "Pod", "label_selector": "app=web", "field_selector": null, "field_masks": ["spec"],
    });
    assert_eq!(read("kubernetes", "list_resources_all", &all), json!({"KubernetesListResourceAll": all}));
    let namespace = json!({
        "api_version": "v1", "kind": "Pod", "namespace": "shop", "label_selector": null,
        "field_selector": "metadata.name=web", "field_masks": null,
    });
    let question = json!({"KubernetesListResourceNamespace": namespace});
    assert_eq!(read("kubernetes", "list_resources_by_namespace", &namespace), question);
    let object = json!({
        "api_version": "v1", "kind": "Pod", "name": "web", "namespace": "shop", "disable_cache": true, "field_masks": null,
    });
    assert_eq!(read("kubernetes", "get_resource", &object), json!({"KubernetesGetResource": object}));
    let cert = Certificate { encoding: CertificateEncoding::Pem, data: vec![1, 2] };
    let certificate = CertificateVerificationRequest { cert, cert_chain: None, not_after: None };
    let question = json!({"CryptoIsCertificateTrusted": {"request": certificate}});
    assert_eq!(read("crypto", "v1/is_certificate_trusted", &certificate), question);
    let review = json!({
        "groups": null, "user": "jane",
        "resource_attributes": {
            "group": null, "name": null, "namespace": "shop", "resource": "pods", "subresource": null, "verb": "create",
            "version": null,
        },
    });
    assert_eq!(
        read("kubernetes", "can_i", &json!({"subject_access_review": review, "disable_cache": false})),
        json!({"KubernetesCanI": {"request": review, "disable_cache": false}})
    );
}

#[test]
fn what_is_not_a_question_is_refused_as_by_kubewarden() {
    for (namespace, operation, payload, reason) in [
        ("ocl", "v1/oci_manifest", "\"a\"", "unknown namespace: ocl"),
        ("oci", "v3/oci_manifest", "\"a\"", "unknown operation: v3/oci_manifest"),
        ("tracing", "trace", "", "unknown operation: trace"),
        ("oci", "v1/oci_manifest", "{}", "invalid type: map, expected a string at line 1 column 0"),
        ("oci", "v1/oci_manifest", "", "EOF while parsing a value at line 1 column 0"),
        ("oci", "v2/verify", "{}", "missing field `type`"),
        ("oci", "v1/verify", r#"{"OciManifest":{"image":"a"}}"#, "unknown variant"),
        ("kubernetes", "get_resource", "{}", "missing field `api_version`"),
    ] {
        let fault = Question::read(namespace, operation, payload.as_bytes()).unwrap_err();
        assert_eq!(fault, reason, "{namespace}/{operation} {payload}");
    }
}
