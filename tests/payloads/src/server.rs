//! Objects as an API server sends them: defaults filled in, managed fields, a status.

use serde_json::{Map, Value, json};

/// The way in which a workload treats the practices that the policies judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Practices {
    /// Every policy accepts it.
    Kept,
    /// Every policy has something to say about every container.
    Broken,
}

/// Environment variables of a container.
const VARIABLES: usize = 20;

/// A small Pod, with little of what a server adds.
#[must_use]
pub fn pod() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": "web", "namespace": "shop" },
        "spec": { "containers": [{
            "name": "web", "image": "registry.example/shop/web:1.4.2", "imagePullPolicy": "IfNotPresent",
            "securityContext": { "readOnlyRootFilesystem": true, "runAsNonRoot": true },
            "terminationMessagePolicy": "File",
        }] },
    })
}

/// A Deployment as a server stores it, whose text has at least `size` bytes, and about that if it is more than 3 KB.
///
/// A larger one has more containers, of twenty environment variables each, and the managed fields for them.
#[must_use]
pub fn deployment(size: usize, practices: Practices) -> Value {
    let length = |variables: usize| with_variables(variables, practices).to_string().len();
    // A variable takes more than 32 bytes, so this many are enough.
    let (mut enough, mut few) = (size.div_euclid(32), 0);
    while few < enough {
        let middle = few.midpoint(enough);
        if length(middle) < size {
            few = middle.saturating_add(1);
        } else {
            enough = middle;
        }
    }
    with_variables(enough, practices)
}

/// A Deployment with so many environment variables in all.
fn with_variables(variables: usize, practices: Practices) -> Value {
    let last = variables.div_euclid(VARIABLES);
    let containers: Vec<_> = (0..=last)
        .map(|index| {
            let rest = variables.saturating_sub(index.saturating_mul(VARIABLES)).min(VARIABLES);
            container(index, rest, practices)
        })
        .collect();
    let labels = json!({ "app.kubernetes.io/name": "web", "app.kubernetes.io/part-of": "shop" });
    let spec = json!({
        "progressDeadlineSeconds": 600, "replicas": 3, "revisionHistoryLimit": 10,
        "selector": { "matchLabels": labels },
        "strategy": { "rollingUpdate": { "maxSurge": "25%", "maxUnavailable": "25%" }, "type": "RollingUpdate" },
        "template": {
            "metadata": { "creationTimestamp": null, "labels": labels },
            "spec": {
                "automountServiceAccountToken": false, "containers": containers, "dnsPolicy": "ClusterFirst",
                "restartPolicy": "Always", "schedulerName": "default-scheduler", "securityContext": {},
                "serviceAccount": "web", "serviceAccountName": "web", "terminationGracePeriodSeconds": 30,
                "volumes": [
                    { "configMap": { "defaultMode": 420, "name": "web" }, "name": "config" },
                    { "emptyDir": {}, "name": "scratch" },
                ],
            },
        },
    });
    let status = json!({
        "availableReplicas": 3, "observedGeneration": 7, "readyReplicas": 3, "replicas": 3, "updatedReplicas": 3,
        "conditions": [
            {
                "lastTransitionTime": "2026-05-04T09:12:31Z", "lastUpdateTime": "2026-05-04T09:12:31Z",
                "message": "Deployment has minimum availability.", "reason": "MinimumReplicasAvailable",
                "status": "True", "type": "Available",
            },
            {
                "lastTransitionTime": "2026-05-04T09:11:58Z", "lastUpdateTime": "2026-05-12T14:03:07Z",
                "message": "ReplicaSet \"web-6c8f7d9b5c\" has successfully progressed.",
                "reason": "NewReplicaSetAvailable", "status": "True", "type": "Progressing",
            },
        ],
    });
    let managed = json!([
        {
            "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
            "fieldsV1": { "f:metadata": { "f:labels": fields(&labels) }, "f:spec": fields(&spec) },
            "manager": "kubectl-client-side-apply", "operation": "Update", "time": "2026-05-12T14:02:49Z",
        },
        {
            "apiVersion": "apps/v1", "fieldsType": "FieldsV1", "fieldsV1": { "f:status": fields(&status) },
            "manager": "kube-controller-manager", "operation": "Update", "subresource": "status",
            "time": "2026-05-12T14:03:07Z",
        },
    ]);
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {
            "annotations": { "deployment.kubernetes.io/revision": "7" },
            "creationTimestamp": "2026-05-04T09:11:58Z", "generation": 7, "labels": labels,
            "managedFields": managed, "name": "web", "namespace": "shop", "resourceVersion": "48151623",
            "uid": "2f6f0d0e-9a53-4b0e-8f8f-6a2d8f3f4c11",
        },
        "spec": spec, "status": status,
    })
}

fn container(index: usize, variables: usize, practices: Practices) -> Value {
    let port = index.saturating_add(8080);
    let probe = |path: &str| {
        json!({
            "failureThreshold": 3, "httpGet": { "path": path, "port": "http", "scheme": "HTTP" },
            "periodSeconds": 10, "successThreshold": 1, "timeoutSeconds": 1,
        })
    };
    let env: Vec<_> = (0..variables)
        .map(|variable| json!({ "name": format!("SHOP_OPTION_{variable}"), "value": format!("value of {variable}") }))
        .collect();
    let (image, command, security) = match practices {
        Practices::Kept => (
            "registry.example/shop/web:1.4.2",
            json!(["/usr/local/bin/web", "--config", "/etc/web/web.yaml"]),
            json!({
                "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] },
                "readOnlyRootFilesystem": true, "runAsNonRoot": true, "runAsUser": 10001,
            }),
        ),
        Practices::Broken => (
            "registry.example/shop/web:latest",
            json!(["sh", "-c", "/usr/sbin/cron & /usr/local/bin/web --config /etc/web/web.yaml"]),
            json!({ "capabilities": { "drop": ["ALL"] } }),
        ),
    };
    json!({
        "command": command, "env": env, "image": image, "imagePullPolicy": "IfNotPresent",
        "livenessProbe": probe("/healthz"), "name": format!("web-{index}"),
        "ports": [{ "containerPort": port, "name": "http", "protocol": "TCP" }],
        "readinessProbe": probe("/readyz"),
        "resources": {
            "limits": { "memory": "256Mi" }, "requests": { "cpu": "100m", "memory": "256Mi" },
        },
        "securityContext": security, "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "volumeMounts": [
            { "mountPath": "/etc/web", "name": "config", "readOnly": true },
            { "mountPath": "/tmp", "name": "scratch" },
        ],
    })
}

/// The fields of an object as `managedFields` names them: `f:` and the key; an entry of a list by what identifies it.
fn fields(value: &Value) -> Value {
    match value {
        Value::Object(object) => object.iter().map(|(key, value)| (format!("f:{key}"), fields(value))).collect(),
        Value::Array(entries) => {
            let mut named = Map::new();
            for entry in entries {
                let keys = ["containerPort", "mountPath", "type", "name"];
                if let Some((key, id)) = keys.iter().find_map(|key| Some((key, entry.get(key)?))) {
                    let mut entry = fields(entry);
                    if let Some(entry) = entry.as_object_mut() {
                        entry.insert(".".to_owned(), json!({}));
                    }
                    named.insert(format!("k:{}", json!({ *key: id })), entry);
                }
            }
            Value::Object(named)
        }
        _ => json!({}),
    }
}

/// The payload for the creation of `object`, a Pod or a Deployment.
#[must_use]
pub fn create(object: &Value) -> Vec<u8> {
    payload("CREATE", object, &Value::Null)
}

/// The payload for an UPDATE of the Pod or Deployment `old` to `new`.
#[must_use]
pub fn update(old: &Value, new: &Value) -> Vec<u8> {
    payload("UPDATE", new, old)
}

/// Not by the maker of `manifests`: the figures of the benchmark are those of these bytes, and of a Pod the short form
/// counts, without what is `null` and without `requestKind`.
fn payload(operation: &str, object: &Value, old: &Value) -> Vec<u8> {
    let is_pod = object.get("kind").is_some_and(|kind| kind == "Pod");
    let (group, kind, resource) = if is_pod { ("", "Pod", "pods") } else { ("apps", "Deployment", "deployments") };
    let kind = json!({ "group": group, "version": "v1", "kind": kind });
    let resource = json!({ "group": group, "version": "v1", "resource": resource });
    let options = if operation == "CREATE" { "CreateOptions" } else { "UpdateOptions" };
    let mut request = json!({
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002", "kind": kind, "resource": resource,
        "name": "web", "namespace": "shop", "operation": operation,
        "userInfo": { "username": "ci", "groups": ["system:authenticated"] },
        "object": object, "dryRun": false,
        "options": { "apiVersion": "meta.k8s.io/v1", "kind": options },
    });
    if let Some(request) = request.as_object_mut()
        && !is_pod
    {
        request.insert("requestKind".to_owned(), kind);
        request.insert("requestResource".to_owned(), resource);
        request.insert("oldObject".to_owned(), old.clone());
    }
    json!({ "request": request, "settings": {} }).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deployment_has_the_size_that_was_asked_for() {
        for practices in [Practices::Kept, Practices::Broken] {
            for size in [8_000, 20_000] {
                let length = deployment(size, practices).to_string().len();
                assert!((size..size + 2_500).contains(&length), "{length} bytes instead of {size}");
            }
        }
    }

    #[test]
    fn managed_fields_name_keys_and_the_identity_of_entries() {
        let object = json!({ "replicas": 3, "containers": [{ "name": "web", "image": "nginx" }] });
        let expected = json!({
            "f:replicas": {},
            "f:containers": { "k:{\"name\":\"web\"}": { ".": {}, "f:name": {}, "f:image": {} } },
        });
        assert_eq!(fields(&object), expected);
    }

    #[test]
    fn an_update_carries_both_objects() {
        let [old, new] = [Practices::Broken, Practices::Kept].map(|practices| deployment(4_000, practices));
        let payload: Value = serde_json::from_slice(&update(&old, &new)).unwrap();
        assert_eq!(payload["request"]["object"], new);
        assert_eq!(payload["request"]["oldObject"], old);
    }
}
