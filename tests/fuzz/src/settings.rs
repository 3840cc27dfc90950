//! Any bytes as settings.

use std::sync::LazyLock;

use serde_json::json;
use serde_json::value::RawValue;

use crate::answer::{accepts_settings, judge, modules};
use crate::{Call, law};

/// An UPDATE of what every policy has something to say about, in containers of every class.
static REQUEST: LazyLock<String> = LazyLock::new(|| {
    let object = |image: &str, command: &str| {
        let container = json!({
            "name": "web",
            "image": image,
            "command": ["sh", "-c", command],
            "securityContext": { "runAsUser": 0, "runAsGroup": 0, "readOnlyRootFilesystem": false },
        });
        json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": { "name": "web", "namespace": "shop" },
            "spec": { "template": { "spec": {
                "containers": [container, { "name": "bare", "image": "registry.example:5000/team/app:v1.2.3" }],
                "initContainers": [container, { "name": "proxy", "image": "envoy@sha256:0", "restartPolicy": "Always" }],
                "ephemeralContainers": [container],
                "securityContext": { "fsGroup": 0, "supplementalGroups": [0, 1000] },
                "serviceAccountName": "web",
            } } },
        })
    };
    let request = json!({
        "uid": "0",
        "kind": { "group": "apps", "version": "v1", "kind": "Deployment" },
        "namespace": "shop",
        "operation": "UPDATE",
        "userInfo": { "username": "alice", "groups": ["system:authenticated"] },
        "object": object("nginx:latest", "cron; nginx & exec app | cat"),
        "oldObject": object("nginx", "app && other"),
    });
    request.to_string()
});

/// Settings that `validate_settings` accepts are settings for `validate`; there is always an answer.
pub(crate) fn check(input: &[u8]) -> Result<(), String> {
    let payload = payload(input);
    for module in modules() {
        let valid = accepts_settings(module, input)?;
        let Some(payload) = &payload else {
            law(!valid || input.is_empty(), || format!("{}: settings that are not JSON are valid", module.name))?;
            continue;
        };
        let answer = judge(module, payload)?;
        law(!valid || answer.code != Some(500), || {
            format!("{}: settings are valid at first and then not: {}", module.name, answer.text)
        })?;
    }
    Ok(())
}

/// The settings, and a request under them.
pub(crate) fn calls(input: &[u8]) -> Vec<Call> {
    let settings = Call { operation: "validate_settings", payload: input.to_vec() };
    let request = payload(input).map(|payload| Call { operation: "validate", payload });
    std::iter::once(settings).chain(request).collect()
}

/// The request under these settings, if they are JSON.
fn payload(settings: &[u8]) -> Option<Vec<u8>> {
    let settings: &RawValue = serde_json::from_str(str::from_utf8(settings).ok()?).ok()?;
    Some(format!(r#"{{"request":{},"settings":{settings}}}"#, *REQUEST).into_bytes())
}
