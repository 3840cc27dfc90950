//! `controllers: trust` trusts the built-in controllers with what they create, and nobody with anything else.

#![cfg(test)]

use std::path::PathBuf;

use conformance::generate::{KINDS, Kind, Typed, pod, request};
use conformance::{Answer, Guest, PODS, POLICIES, workspace};
use manifests::Operation;
use proptest::prelude::*;
use proptest::sample::select;
use seaworthy::Seaworthy;
use serde_json::{Value, json};

/// A group, empty for the core group, or an API version; and a kind.
type Named = (&'static str, &'static str);

/// The built-in controllers: service account, group and kind of what each creates, API version and kind of the owner. A
/// table of its own beside that of the code. Source: Kubernetes, "Using RBAC Authorization", "Controller roles".
const CONTROLLERS: [(&str, Named, Named); 7] = [
    ("deployment-controller", ("apps", "ReplicaSet"), ("apps/v1", "Deployment")),
    ("replicaset-controller", ("", "Pod"), ("apps/v1", "ReplicaSet")),
    ("replication-controller", ("", "Pod"), ("v1", "ReplicationController")),
    ("statefulset-controller", ("", "Pod"), ("apps/v1", "StatefulSet")),
    ("daemon-set-controller", ("", "Pod"), ("apps/v1", "DaemonSet")),
    ("job-controller", ("", "Pod"), ("batch/v1", "Job")),
    ("cronjob-controller", ("batch", "Job"), ("batch/v1", "CronJob")),
];

/// The user of all controllers where they share one identity.
const MANAGER: &str = "system:kube-controller-manager";

/// Users that look like a controller, or have more rights than one.
const ORDINARY: [&str; 12] = [
    "alice",
    "",
    "kubernetes-admin",
    "system:admin",
    "system:node:node-1",
    "system:kube-controller-manager-2",
    "System:Kube-Controller-Manager",
    "system:serviceaccount:shop:replicaset-controller",
    "system:serviceaccount:kube-system:replicaset-controller-2",
    "system:serviceaccount:kube-system:generic-garbage-collector",
    "system:serviceaccount:kube-system:",
    "replicaset-controller",
];

/// Every policy, and the module that combines them.
fn modules() -> impl Iterator<Item = Guest<'static>> {
    POLICIES.iter().copied().chain([Guest::of::<Seaworthy>()])
}

fn judge(module: &Guest, request: &Value, controllers: &str) -> Answer {
    Answer::of(module, request, &json!({ "controllers": controllers })).unwrap()
}

fn kind((group, name): (&str, &str)) -> &'static Kind {
    KINDS.iter().find(|kind| (kind.group, kind.name) == (group, name)).unwrap()
}

fn owner(api_version: &str, kind: &str) -> Value {
    json!({ "apiVersion": api_version, "kind": kind, "name": "web", "uid": "1", "controller": true })
}

/// The request of this user for an object with these owners.
fn by(user: &str, mut request: Value, owners: &Value) -> Value {
    if let Some(fields) = request.as_object_mut() {
        let groups = ["system:serviceaccounts:kube-system", "system:masters"];
        fields.insert("userInfo".to_owned(), json!({ "username": user, "groups": groups }));
    }
    if let Some(Value::Object(metadata)) = request.pointer_mut("/object/metadata") {
        metadata.insert("ownerReferences".to_owned(), owners.clone());
    }
    request
}

/// A pod that the module rejects; for the module of all policies, one that a policy rejects.
fn bad_pod(module: &str) -> Value {
    let policy = if POLICIES.iter().any(|policy| policy.name == module) { module } else { POLICIES[0].name };
    let mut pod = json!({ "containers": [PODS.bad_container(policy, 0, "web")] });
    testing::overlay(&mut pod, &PODS.bad_fields(policy, 0));
    pod
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn from_an_ordinary_user_trust_accepts_exactly_what_judge_accepts(
        any in request(),
        pod in pod(Typed::Well),
        controller in select(CONTROLLERS.to_vec()),
        user in select(ORDINARY.to_vec()),
        forged in any::<bool>(),
    ) {
        let (_, created, (api_version, name)) = controller;
        let owners = json!([owner(api_version, name)]);
        let request = if forged { by(user, kind(created).create(&pod), &owners) } else { by(user, any, &owners) };
        for module in modules() {
            let [judged, trusted] = ["judge", "trust"].map(|controllers| judge(&module, &request, controllers));
            prop_assert_eq!(judged, trusted, "{} by {:?}", module.name, user);
        }
    }

    #[test]
    fn from_a_controller_trust_accepts_whatever_can_be_read(
        ill in any::<bool>(),
        (well_typed, ill_typed) in (pod(Typed::Well), pod(Typed::Ill)),
        controller in select(CONTROLLERS.to_vec()),
        shares in any::<bool>(),
    ) {
        let (account, created, (api_version, name)) = controller;
        let user = if shares { MANAGER.to_owned() } else { format!("system:serviceaccount:kube-system:{account}") };
        let pod = if ill { ill_typed } else { well_typed };
        let request = by(&user, kind(created).create(&pod), &json!([owner(api_version, name)]));
        for module in modules() {
            let [judged, trusted] = ["judge", "trust"].map(|controllers| judge(&module, &request, controllers));
            // What cannot be read is refused in any case.
            prop_assert_eq!(judged.code == Some(400), trusted.code == Some(400), "{}", module.name);
            prop_assert!(trusted.accepted || trusted.code == Some(400), "{}: {:?}", module.name, trusted);
            let places = |answer: &Answer| answer.findings().map(|findings| {
                findings.iter().map(|found| (found["path"].clone(), found["rule"].clone())).collect::<Vec<_>>()
            });
            // The annotation of either may be too long to list all.
            if let (Some(judged), Some(trusted)) = (places(&judged), places(&trusted)) {
                prop_assert_eq!(judged, trusted, "{}: nothing is hidden", module.name);
            }
        }
    }
}

/// The modules that deny something by default.
fn denying() -> impl Iterator<Item = Guest<'static>> {
    modules().filter(|module| PODS.can_be_bad(module.name))
}

#[test]
fn only_a_controller_that_creates_its_kind_for_its_owner_is_trusted() {
    let accounts = CONTROLLERS.map(|(account, ..)| format!("system:serviceaccount:kube-system:{account}"));
    let mut owners: Vec<Value> =
        CONTROLLERS.iter().map(|(.., (version, kind))| json!([owner(version, kind)])).collect();
    owners.extend([
        json!(null),
        json!([]),
        json!([owner("example.com/v1", "ReplicaSet")]),
        json!([owner("v1", "ReplicaSet")]),
        json!([owner("argoproj.io/v1alpha1", "Rollout")]),
        json!([{ "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "controller": false }]),
        json!([{ "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web" }]),
        json!([{ "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "controller": "true" }]),
    ]);
    let (mut trusted, mut judged) = (0_usize, 0_usize);
    for module in denying() {
        let pod = bad_pod(module.name);
        for user in accounts.iter().map(String::as_str).chain([MANAGER]) {
            for kind in &KINDS {
                for owners in &owners {
                    let create = by(user, kind.create(&pod), owners);
                    let is_pair = CONTROLLERS.iter().any(|(account, created, (version, name))| {
                        (user == MANAGER || user.ends_with(&format!(":{account}")))
                            && *created == (kind.group, kind.name)
                            && *owners == json!([owner(version, name)])
                    });
                    let place = || format!("{}: a {} by {user} for {owners}", module.name, kind.name);
                    assert_eq!(judge(&module, &create, "trust").accepted, is_pair, "{}", place());
                    assert!(!judge(&module, &create, "judge").accepted, "{}", place());
                    *if is_pair { &mut trusted } else { &mut judged } += 1;
                    if is_pair {
                        let mut update = create.clone();
                        update["operation"] = json!(Operation::Update.name());
                        assert!(!judge(&module, &update, "trust").accepted, "an UPDATE of {}", place());
                        let mut part = create.clone();
                        part["subResource"] = json!("future");
                        assert!(!judge(&module, &part, "trust").accepted, "a subresource of {}", place());
                    }
                }
            }
        }
    }
    println!("{trusted} requests trusted, {judged} judged");
    assert_eq!(trusted, denying().count() * CONTROLLERS.len() * 2);
}

/// The requests recorded from a kube-apiserver and its controllers, beside the workspace. Where they are missing, the test
/// says so and passes.
fn recorded(file: &str) -> Option<Value> {
    let path: PathBuf = workspace(&format!("../shared/corpora/admission/{file}.json"));
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: there is no recorded request at {}", path.display());
        return None;
    };
    let review: Value = serde_json::from_str(&text).unwrap();
    Some(review.get("request").cloned().unwrap_or(review))
}

#[test]
fn recorded_requests_of_controllers_are_trusted_and_those_of_users_judged() {
    let module = Guest::of::<Seaworthy>();
    for (controller, ..) in CONTROLLERS {
        let Some(request) = recorded(controller) else { return };
        let judged = judge(&module, &request, "judge");
        assert_eq!(judged.code, Some(403), "{controller}");
        let owner = request.pointer("/object/metadata/ownerReferences/0/name").and_then(Value::as_str).unwrap();
        let first = judged.message.unwrap_or_default().lines().next().unwrap_or_default().to_owned();
        assert!(first.contains(&format!("\"{owner}\"; fix that object")), "{controller}: {first}");
        assert!(judge(&module, &request, "trust").accepted, "{controller}");
        // The same by somebody else, without its owner, and as an UPDATE.
        let mut of_user = request.clone();
        of_user["userInfo"]["username"] = json!("alice");
        let mut without_owner = request.clone();
        without_owner["object"]["metadata"]["ownerReferences"] = json!([]);
        let mut update = request.clone();
        update["operation"] = json!("UPDATE");
        for changed in [of_user, without_owner, update] {
            assert!(!judge(&module, &changed, "trust").accepted, "{controller}: {changed}");
        }
    }
    for user in ["user-deployment", "user-cronjob"] {
        let Some(request) = recorded(user) else { return };
        assert!(!judge(&module, &request, "trust").accepted, "{user}");
    }
}
