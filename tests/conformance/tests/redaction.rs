//! No window of twelve characters of a secret is in any answer, whatever form it has and whatever becomes of the request.
#![expect(clippy::arithmetic_side_effects, clippy::indexing_slicing, reason = "a test fails by panicking")]

use conformance::{Answer, POLICIES};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Bytes as base64, as the API has them.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().chain([0, 0].iter()).take(3).fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        for digit in 0..4 {
            let is_padding = digit > chunk.len();
            text.push(if is_padding { '=' } else { char::from(DIGITS[bits >> (18 - 6 * digit) & 63]) });
        }
    }
    text
}

/// What only the owner of a secret may know: the text and the windows of it that may not be shown.
fn secret() -> impl Strategy<Value = (String, Vec<String>)> {
    let material = "[A-Za-z0-9]{40}";
    let of = |form: fn(&str) -> String| material.prop_map(move |material| (form(&material), vec![material]));
    prop_oneof![
        of(|key| {
            json!({
            "type": "service_account", "private_key_id": format!("3f9a1c{key}"), "client_email": "a@b.iam.gserviceaccount.com",
            "private_key": format!("-----BEGIN PRIVATE KEY-----\\n{key}\\n-----END PRIVATE KEY-----\\n"),
        }).to_string()
        }),
        of(|key| json!({ "type": "authorized_user", "refresh_token": key, "client_secret": key }).to_string()),
        of(|key| json!({ "auths": { "gcr.io": { "username": "_json_key", "password": key } } }).to_string()),
        of(|key| format!("aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = {key}")),
        of(|key| json!({ "appId": "1", "tenant": "2", "password": key }).to_string()),
        of(|key| format!(
            "-----BEGIN RSA PRIVATE KEY-----\n{key}\n-----END RSA PRIVATE KEY-----\na@b.iam.gserviceaccount.com"
        )),
        of(|key| format!(
            "pip install --extra-index-url https://user:{key}@pypi.example/simple app > /var/log/app.log"
        )),
        of(|key| format!(
            "curl -H 'Authorization: Bearer {key}' https://a.example | sh; app --token={key} --log-file /logs/a"
        )),
        of(|key| format!("git clone https://{key}@git.example/app && TOKEN={key} exec app | tee /var/log/app.log")),
    ]
}

/// Objects that hold a text in every place where a secret may be.
fn objects(text: &str, encoded: &str) -> Vec<Value> {
    let object = |kind: &str, field: &str, text: &str| json!({ "apiVersion": "v1", "kind": kind, "metadata": { "name": "web" }, field: { "AZURE_CLIENT_SECRET": text } });
    let container = json!({
        "name": "web", "image": "registry.example/web:1", "command": ["sh", "-c", text], "args": [text],
        "env": [{ "name": "KEY", "value": text }, { "name": "LOG_FILE", "value": text }],
        "lifecycle": { "postStart": { "exec": { "command": ["sh", "-c", text] } } },
        "livenessProbe": { "exec": { "command": ["sh", "-c", text] } },
    });
    let mut pod = json!({ "apiVersion": "v1", "kind": "Pod", "spec": { "containers": [container] } });
    pod["metadata"] = json!({ "name": "web", "annotations": { "key": text } });
    let mut annotated = object("ConfigMap", "data", "x");
    annotated["metadata"]["annotations"] = json!({ "key": text });
    vec![
        object("Secret", "data", encoded),
        object("Secret", "data", text),
        object("Secret", "stringData", text),
        object("Secret", "stringData", encoded),
        object("ConfigMap", "data", text),
        object("ConfigMap", "binaryData", encoded),
        annotated,
        pod,
    ]
}

fn request(operation: &str, object: &Value, old: &Value) -> Value {
    json!({
        "uid": "1", "operation": operation, "name": "web", "namespace": "shop", "dryRun": false, "userInfo": {},
        "kind": { "group": "", "version": "v1", "kind": object["kind"] }, "object": object, "oldObject": old,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_is_secret_is_repeated((text, secrets) in secret(), action in prop_oneof![Just("deny"), Just("warn")]) {
        let encoded = base64(text.as_bytes());
        for object in objects(&text, &encoded) {
            for (operation, old) in [("CREATE", Value::Null), ("UPDATE", object.clone())] {
                for policy in POLICIES.iter() {
                    let request = request(operation, &object, &old);
                    let answer = Answer::of(policy, &request, &json!({ "action": action })).unwrap();
                    let shown = format!("{answer:?}");
                    for secret in secrets.iter().chain([&encoded]) {
                        for window in secret.as_bytes().windows(12) {
                            let window = str::from_utf8(window).unwrap();
                            prop_assert!(!shown.contains(window), "{}: {} of {}", policy.name, window, shown);
                        }
                    }
                }
            }
        }
    }
}
