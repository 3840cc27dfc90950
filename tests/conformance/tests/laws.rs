//! Laws that hold for every policy, tested on arbitrary input.

#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, reason = "a test that overflows fails")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use conformance::generate::{
    CLASSES, KINDS, Kind, LISTS, POD, Typed, add_everywhere, container, good_container, in_class, kind, odd, plain_pod,
    pod, pod_fields, push, put, request, samples, settings,
};
use conformance::{Answer, Guest, PODS, POLICIES};
use manifests::Operation;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use testing::overlay;

/// The policies whose rules are about some kinds only, and about what none of the containers has.
const OF_SOME_KINDS: [&str; 1] = ["metrics-exposed"];

/// The policies that judge workloads, and deny what is bad. The laws for other objects are those of the test program of each policy.
fn of_workloads() -> impl Iterator<Item = &'static Guest<'static>> {
    POLICIES.iter().filter(|policy| PODS.can_be_bad(policy.name))
}

/// The policies that find what is bad in a container.
fn of_containers() -> impl Iterator<Item = &'static Guest<'static>> {
    of_workloads().filter(|policy| !PODS.are_bad_as_a_whole(policy.name))
}

/// The policies that find what is bad in the pod as a whole.
fn of_pods() -> impl Iterator<Item = &'static Guest<'static>> {
    POLICIES.iter().filter(|policy| PODS.are_bad_as_a_whole(policy.name))
}

/// A good pod that is bad as a whole for the policy, in these ways.
fn bad_pod(policy: &Guest, ways: &[usize]) -> Value {
    let mut pod = plain_pod(&[good_container("web")]);
    for way in ways {
        overlay(&mut pod, &PODS.bad_fields(policy.name, *way));
    }
    pod
}

/// The answer of a policy to a request.
fn judge(policy: &Guest, request: &Value, settings: &Value) -> Answer {
    let answer = Answer::of(policy, request, settings).unwrap();
    assert_eq!(answer.accepted, answer.message.is_none(), "only a rejection has a message: {answer:?}");
    assert_eq!(answer.accepted, answer.code.is_none(), "only a rejection has a code: {answer:?}");
    answer
}

/// The answer with the defaults.
fn judge_by_default(policy: &Guest, request: &Value) -> Answer {
    judge(policy, request, &Value::Null)
}

/// The findings of an answer without their places: which rule, what it does, for whom and why. `None` when there are
/// more than an answer holds.
fn findings_anywhere(answer: &Answer) -> Option<Vec<String>> {
    let without_path = |mut finding: Value| {
        finding.as_object_mut().unwrap().remove("path");
        finding.to_string()
    };
    let mut findings: Vec<_> = answer.findings()?.into_iter().map(without_path).collect();
    findings.sort();
    Some(findings)
}

/// The published schema of the settings of a policy.
fn schema(policy: &Guest) -> Value {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../artifacthub"));
    let file = root.join(policy.name).join(env!("CARGO_PKG_VERSION")).join("settings.schema.json");
    serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap()
}

/// The faults for which `validate_settings` refuses the settings, if it does.
fn check(policy: &Guest, settings: &Value) -> Result<(), String> {
    let answer: Value = serde_json::from_slice(&policy.validate_settings(settings.to_string().as_bytes())).unwrap();
    if answer["valid"].as_bool().unwrap() { Ok(()) } else { Err(answer["message"].as_str().unwrap().to_owned()) }
}

/// Arbitrary settings of each policy in turn, sound or not.
fn policy_and_settings() -> impl Strategy<Value = (&'static Guest<'static>, Value)> {
    let each = POLICIES.iter().map(|policy| settings(&schema(policy)).unwrap().prop_map(move |made| (policy, made)));
    proptest::strategy::Union::new(each)
}

/// A container that some policy calls bad.
fn bad_container() -> impl Strategy<Value = Value> {
    (any::<Index>(), 0_usize..3).prop_map(|(policy, way)| {
        let policy = policy.get(&POLICIES);
        PODS.bad_container(policy.name, way, "added")
    })
}

/// A list of items in another order.
fn reorder(items: &mut [Value], order: usize) {
    if let Some(by) = order.checked_rem(items.len()) {
        items.rotate_left(by);
        if order.is_multiple_of(2) {
            items.reverse();
        }
    }
}

/// JSON text of `value` with the fields of every object backwards, each after a duplicate with another value.
fn backwards(value: &Value, other: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().rev().map(|(name, value)| {
                let name = json!(name);
                format!("{name}:{other},{name}:{}", backwards(value, other))
            });
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => {
            let items = items.iter().map(|item| backwards(item, other));
            format!("[{}]", items.collect::<Vec<_>>().join(","))
        }
        scalar => scalar.to_string(),
    }
}

#[test]
fn a_good_container_is_accepted_without_a_word() {
    for policy in POLICIES.iter() {
        let answer = judge_by_default(policy, &POD.create(&plain_pod(&[good_container("web")])));
        assert!(answer.accepted && answer.audit_annotations.is_empty(), "{}: {answer:?}", policy.name);
    }
}

#[test]
fn a_violation_is_found_in_each_class_as_the_settings_say() {
    let mut count = 0;
    for policy in of_containers() {
        for (class, list) in CLASSES {
            for kind in KINDS {
                for way in 0..PODS.ways(policy.name) {
                    let mut pod = plain_pod(&[good_container("web")]);
                    push(&mut pod, list, good_container("log"));
                    push(&mut pod, list, in_class(PODS.bad_container(policy.name, way, "bad"), class));
                    for (action, accepted, silent) in
                        [("enforce", false, false), ("warn", true, false), ("ignore", true, true)]
                    {
                        let settings = json!({ "containers": { class: action } });
                        let answer = judge(policy, &kind.create(&pod), &settings);
                        let place = format!("{}, {class} of a {}, {action}, {way}", policy.name, kind.name);
                        assert_eq!(answer.accepted, accepted, "{place}: {answer:?}");
                        assert_eq!(answer.warnings.is_empty(), action != "warn", "{place}: {answer:?}");
                        assert_eq!(answer.audit_annotations.is_empty(), silent, "{place}: {answer:?}");
                        let bad = answer.findings().unwrap();
                        assert!(
                            bad.iter().all(|bad| bad["container"] == "bad" && bad["class"] == class),
                            "{place}: {answer:?}"
                        );
                        count += 1;
                    }
                }
            }
        }
    }
    println!("{count} verdicts: policies × classes × kinds × ways to be bad × actions");
}

#[test]
fn a_violation_of_a_pod_as_a_whole_is_found_as_the_settings_say() {
    for policy in of_pods() {
        for kind in KINDS {
            for way in 0..PODS.ways(policy.name) {
                let request = kind.create(&bad_pod(policy, &[way]));
                // The pod is of no class.
                for (settings, accepted) in [
                    (json!({}), false),
                    (json!({ "action": "warn" }), true),
                    (json!({ "containers": { "main": "ignore", "init": "ignore" } }), false),
                ] {
                    let answer = judge(policy, &request, &settings);
                    let place = format!("{} in a {}, {settings}, {way}", policy.name, kind.name);
                    assert_eq!(answer.accepted, accepted, "{place}: {answer:?}");
                    assert_eq!(answer.warnings.is_empty(), !accepted, "{place}: {answer:?}");
                    let bad = answer.findings().unwrap();
                    assert!(
                        !bad.is_empty() && bad.iter().all(|bad| bad.get("container").is_none()),
                        "{place}: {answer:?}"
                    );
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_pod_has_the_same_verdict_in_every_kind(
        pod in prop_oneof![pod(Typed::Well), pod(Typed::Ill)],
    ) {
        for policy in POLICIES.iter().filter(|policy| !OF_SOME_KINDS.contains(&policy.name)) {
            let said = |kind: &Kind| {
                let answer = judge_by_default(policy, &kind.create(&pod));
                let findings = answer.findings().map(|findings| {
                    findings.iter().map(|finding| finding.to_string().replace(kind.path, "spec")).collect::<Vec<_>>()
                });
                // The lines of a message are made of the findings, and cut where a path makes them too long.
                let malformed = answer.message.filter(|_| answer.code == Some(400));
                (answer.accepted, answer.code, malformed.map(|message| message.replace(kind.path, "spec")), findings)
            };
            let of_pod = said(&POD);
            for kind in &KINDS {
                let of_kind = said(kind);
                prop_assert_eq!(&of_kind.0, &of_pod.0, "{} in a {}", policy.name, kind.name);
                prop_assert_eq!(&of_kind.1, &of_pod.1, "{} in a {}", policy.name, kind.name);
                prop_assert_eq!(&of_kind.2, &of_pod.2, "{} in a {}", policy.name, kind.name);
                if let (Some(of_kind), Some(of_pod)) = (of_kind.3, &of_pod.3) {
                    prop_assert_eq!(&of_kind, of_pod, "{} in a {}", policy.name, kind.name);
                }
            }
        }
    }

    #[test]
    fn the_order_of_containers_and_volumes_changes_nothing(
        pod in prop_oneof![4 => pod(Typed::Well), 1 => pod(Typed::Ill)],
        kind in kind(),
        order in any::<usize>(),
    ) {
        let mut other = pod.clone();
        for list in LISTS.into_iter().chain(["volumes"]) {
            if let Some(Value::Array(items)) = other.get_mut(list) {
                reorder(items, order);
            }
        }
        for policy in POLICIES.iter() {
            let [one, other] = [&pod, &other].map(|pod| judge_by_default(policy, &kind.create(pod)));
            prop_assert_eq!(one.accepted, other.accepted, "{}", policy.name);
            prop_assert_eq!(one.code, other.code, "{}", policy.name);
            if let (Some(one), Some(other)) = (findings_anywhere(&one), findings_anywhere(&other)) {
                prop_assert_eq!(one, other, "{}", policy.name);
            }
        }
    }

    #[test]
    fn unknown_fields_in_every_object_change_no_byte_of_the_answer(
        pod in prop_oneof![pod(Typed::Well), pod(Typed::Ill)],
        kind in kind(),
        value in odd(),
    ) {
        let known = kind.create(&pod);
        let mut more = known.clone();
        for name in ["", "aFieldOfTheFuture", "~"] {
            add_everywhere(&mut more, name, &value);
        }
        for policy in POLICIES.iter() {
            prop_assert_eq!(judge_by_default(policy, &known), judge_by_default(policy, &more), "{}", policy.name);
        }
    }

    #[test]
    fn the_order_of_fields_and_earlier_duplicates_change_no_byte_of_the_answer(
        pod in prop_oneof![pod(Typed::Well), pod(Typed::Ill)],
        kind in kind(),
        other in odd(),
    ) {
        let payload = json!({ "request": kind.create(&pod), "settings": {} });
        let turned = backwards(&payload, &other);
        for policy in POLICIES.iter() {
            let [one, turned] = [&payload.to_string(), &turned].map(|text| policy.validate(text.as_bytes()));
            prop_assert_eq!(String::from_utf8(one), String::from_utf8(turned), "{}", policy.name);
        }
    }

    #[test]
    fn a_container_that_is_added_turns_no_rejection_into_an_acceptance(
        pod in pod(Typed::Well),
        added in prop_oneof![container(Typed::Well), bad_container()],
        list in prop::sample::select(LISTS.to_vec()),
        first in any::<bool>(),
        old in prop::option::of(container(Typed::Well)),
        settings in policy_and_settings(),
        kind in kind(),
    ) {
        let mut more = pod.clone();
        push(&mut more, list, added);
        if first && let Some(Value::Array(items)) = more.get_mut(list) {
            items.rotate_right(1);
        }
        let ask = |pod: &Value| match &old {
            Some(old) => kind.update(&plain_pod(std::slice::from_ref(old)), pod),
            None => kind.create(pod),
        };
        for (policy, settings) in POLICIES.iter().map(|policy| (policy, Value::Null)).chain([settings]) {
            let [less, more] = [&pod, &more].map(|pod| judge(policy, &ask(pod), &settings));
            prop_assert!(!more.accepted || less.accepted, "{}: {:?} and then {:?}", policy.name, less, more);
        }
    }

    #[test]
    fn the_ratchet_is_that_of_a_naive_comparison(
        pool in prop::collection::vec(container(Typed::Well), 1..4),
        fields in prop::collection::vec(pod_fields(Typed::Well), 1..3),
        picks in prop::collection::vec((any::<Index>(), 0_usize..3, any::<bool>(), any::<bool>()), 1..7),
        which in any::<[Index; 2]>(),
        kind in kind(),
    ) {
        let [mut old, mut new] = which.map(|which| which.get(&fields).clone());
        for (container, list, in_old, in_new) in picks {
            for (pod, wanted) in [(&mut old, in_old), (&mut new, in_new)] {
                if wanted {
                    push(pod, LISTS[list], container.get(&pool).clone());
                }
            }
        }
        for pod in [&mut old, &mut new] {
            push(pod, "containers", pool[0].clone());
        }
        let update = kind.update(&old, &new);
        for policy in POLICIES.iter().filter(|policy| !OF_SOME_KINDS.contains(&policy.name)) {
            let [of_old, of_new] = [&old, &new].map(|pod| judge_by_default(policy, &kind.create(pod)));
            let answer = judge_by_default(policy, &update);
            let full = judge(policy, &update, &json!({ "updates": "full" }));
            prop_assert_eq!(&full, &of_new, "{} without the ratchet", policy.name);
            let (Some(old_findings), Some(new_findings), Some(found)) =
                (of_old.findings(), of_new.findings(), answer.findings())
            else { continue };
            let expected = ratchet(&kind.object(&old), &old_findings, &kind.object(&new), &new_findings);
            prop_assert_eq!(outcomes(&kind.object(&new), &found), expected.clone(), "{}", policy.name);
            prop_assert_eq!(answer.accepted, !expected.iter().any(|(_, action)| action == "deny"), "{}", policy.name);
        }
    }

    #[test]
    fn settings_that_are_accepted_make_every_request_judged(
        (policy, sound) in policy_and_settings(),
        change in prop::option::weighted(0.3, (any::<Index>(), odd())),
        requests in prop::collection::vec(request(), 3),
    ) {
        let mut settings = sound;
        if let Some((place, value)) = change {
            put(&mut settings, place, value);
        }
        let checked = check(policy, &settings);
        for request in requests {
            let answer = judge(policy, &request, &settings);
            match &checked {
                Ok(()) => prop_assert_ne!(answer.code, Some(500), "{}: {:?}", policy.name, answer),
                // An expression is compiled only where it is matched.
                Err(fault) if fault.contains("regular expression") => {}
                Err(fault) => prop_assert_eq!(answer.code, Some(500), "{}: {}", policy.name, fault),
            }
        }
    }
}

/// The identity of each finding for an UPDATE, and its action. The judged value is read from the object.
fn outcomes(object: &Value, findings: &[Value]) -> Vec<(String, String)> {
    let key = |finding: &Value| {
        let path = finding["path"].as_str().unwrap();
        let field = path.rsplit('.').next().unwrap();
        let at = |path: &str| object.pointer(&pointer(path)).cloned().unwrap_or_default();
        let value = match field {
            "command" | "args" => {
                let parent = path.rsplit_once('.').unwrap().0;
                let words = ["command", "args"].map(|field| at(&format!("{parent}.{field}")));
                json!(words.iter().filter_map(Value::as_array).flatten().collect::<Vec<_>>())
            }
            // Of these lists, one item is judged.
            "ports" | "supplementalGroups" => Value::Null,
            "image" => json!(at(path).as_str().unwrap_or_default()),
            "runAsUserName" => json!(at(path).as_str().unwrap().to_lowercase()),
            _ => at(path),
        };
        // A volume without a name is an owner too, wherever it stands.
        let is_volume = finding.get("volume").is_some() || path.contains("volumes[");
        let is_pod = finding.get("class").is_none() && !is_volume;
        let owner = if is_pod { path } else { "" };
        let parts = ["policy", "rule", "class", "container", "volume"].map(|field| finding.get(field));
        (json!([parts, owner, value]).to_string(), finding["action"].as_str().unwrap().to_owned())
    };
    let mut outcomes: Vec<_> = findings.iter().map(key).collect();
    outcomes.sort();
    outcomes
}

/// The JSON pointer of a path.
fn pointer(path: &str) -> String {
    format!("/{}", path.replace(['.', '['], "/").replace(']', ""))
}

/// The outcomes when each finding is compared with each old one: one for one, the same excuses the same.
fn ratchet(old_object: &Value, old: &[Value], new_object: &Value, new: &[Value]) -> Vec<(String, String)> {
    let mut left = outcomes(old_object, old);
    left.retain(|(_, action)| action != "exempt");
    let mut judged = outcomes(new_object, new);
    for finding in &mut judged {
        if let Some(index) = left.iter().position(|old| old == finding) {
            left.remove(index);
            finding.1 = "existing".to_owned();
        }
    }
    judged.sort();
    judged
}

/// A change of an object that no policy may stand against, with a word for it.
type Harmless = (&'static str, fn(&mut Value, &Kind));

/// The fields of a list of an object, if there is one.
fn items<'v>(object: &'v mut Value, pointer: &str) -> &'v mut [Value] {
    object.pointer_mut(pointer).and_then(Value::as_array_mut).map_or(&mut [], Vec::as_mut_slice)
}

/// Sets a field of the object at `pointer`, if there is one.
fn set(object: &mut Value, pointer: &str, field: &str, value: Value) {
    if let Some(Value::Object(fields)) = object.pointer_mut(pointer) {
        fields.insert(field.to_owned(), value);
    }
}

/// The pointer of what stands `up` levels above the pod specification.
fn above(kind: &Kind, up: usize) -> String {
    let pointer = kind.pointer();
    let mut fields: Vec<_> = pointer.split('/').collect();
    fields.truncate(fields.len().saturating_sub(up).max(1));
    fields.join("/")
}

/// Does something to every container of the object.
fn each_container(object: &mut Value, kind: &Kind, change: impl Fn(&mut Value)) {
    for list in LISTS {
        items(object, &format!("{}/{list}", kind.pointer())).iter_mut().for_each(&change);
    }
}

/// Changes that controllers, kubectl and people make all day.
const HARMLESS: [Harmless; 24] = [
    ("nothing", |_, _| {}),
    ("a label", |object, _| set(object, "/metadata", "labels", json!({ "app": "web" }))),
    ("an annotation", |object, _| set(object, "/metadata", "annotations", json!({ "note": "latest" }))),
    ("the finalizers", |object, _| set(object, "/metadata", "finalizers", json!([]))),
    ("the deletion", |object, _| {
        set(object, "/metadata", "deletionTimestamp", json!("2026-11-22T12:00:00Z"));
        set(object, "/metadata", "deletionGracePeriodSeconds", json!(0));
    }),
    ("the owner", |object, _| set(object, "/metadata", "ownerReferences", json!([{ "kind": "Job", "name": "web" }]))),
    ("managed fields", |object, _| set(object, "/metadata", "managedFields", json!([{ "manager": "kubectl" }]))),
    ("the version", |object, _| set(object, "/metadata", "resourceVersion", json!("2"))),
    ("the generation", |object, _| set(object, "/metadata", "generation", json!(3))),
    ("the status", |object, _| set(object, "", "status", json!({ "phase": "Running", "replicas": 2 }))),
    ("the replicas", |object, _| set(object, "/spec", "replicas", json!(5))),
    ("a pause", |object, _| set(object, "/spec", "paused", json!(true))),
    ("a suspension", |object, _| set(object, "/spec", "suspend", json!(true))),
    ("the parallelism", |object, _| set(object, "/spec", "parallelism", json!(7))),
    ("the schedule", |object, _| set(object, "/spec", "schedule", json!("* * * * *"))),
    ("the strategy", |object, _| set(object, "/spec", "strategy", json!({ "type": "Recreate" }))),
    ("a restart", |object, kind| {
        let annotations = json!({ "annotations": { "kubectl.kubernetes.io/restartedAt": "now" } });
        set(object, &above(kind, 1), "metadata", annotations);
    }),
    ("tolerations", |object, kind| set(object, &kind.pointer(), "tolerations", json!([{ "operator": "Exists" }]))),
    ("the scheduler", |object, kind| set(object, &kind.pointer(), "schedulerName", json!("other"))),
    ("a deadline", |object, kind| set(object, &kind.pointer(), "activeDeadlineSeconds", json!(60))),
    ("resources", |object, kind| {
        each_container(object, kind, |one| set(one, "", "resources", json!({ "limits": { "cpu": "1" } })));
    }),
    ("probes", |object, kind| {
        let probe = json!({ "exec": { "command": ["sh", "-c", "web & log"] } });
        each_container(object, kind, |one| set(one, "", "livenessProbe", probe.clone()));
    }),
    ("the order", |object, kind| {
        for list in LISTS {
            items(object, &format!("{}/{list}", kind.pointer())).reverse();
        }
    }),
    ("a good container", |object, kind| {
        if let Some(pod) = object.pointer_mut(&kind.pointer()) {
            push(pod, "containers", good_container("added"));
        }
    }),
];

/// Runs `work` on every number below `count`, shared over the threads of the machine.
fn spread(count: usize, work: impl Fn(usize) + Sync) {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let work = &work;
        let of_thread = |first| scope.spawn(move || (first..count).step_by(threads).for_each(work));
        let running: Vec<_> = (0..threads).map(of_thread).collect();
        for thread in running {
            thread.join().unwrap();
        }
    });
}

/// The number of harmless updates that are judged; one is an UPDATE that one policy judges.
const HARMLESS_UPDATES: usize = 100_000;

#[test]
fn a_harmless_update_is_never_rejected() {
    let pods: Vec<_> = samples(pod(Typed::Well), 1).take(500).collect();
    let excused: Vec<AtomicUsize> = POLICIES.iter().map(|_| AtomicUsize::new(0)).collect();
    spread(HARMLESS_UPDATES.div_ceil(POLICIES.len()), |index| {
        let kind = &KINDS[index % KINDS.len()];
        let old = kind.object(&pods[index % pods.len()]);
        let mut new = old.clone();
        // One change, and another half of the time.
        let changes = [index / 7 % HARMLESS.len(), index / 3 % (2 * HARMLESS.len())];
        changes.iter().filter_map(|change| HARMLESS.get(*change)).for_each(|(_, change)| change(&mut new, kind));
        let payload = json!({ "request": kind.request(Operation::Update, &new, &old), "settings": null }).to_string();
        for (policy, excused) in POLICIES.iter().zip(&excused) {
            let answer = String::from_utf8(policy.validate(payload.as_bytes())).unwrap();
            assert!(answer.starts_with(r#"{"accepted":true"#), "{}: {answer}\n{payload}", policy.name);
            excused.fetch_add(usize::from(answer.contains(r#"\"existing\""#)), Ordering::Relaxed);
        }
    });
    println!("{HARMLESS_UPDATES} harmless updates, each judged by one policy: 0 rejected");
    for (policy, excused) in POLICIES.iter().zip(&excused) {
        let (excused, updates) = (excused.load(Ordering::Relaxed), HARMLESS_UPDATES / POLICIES.len());
        println!("{}: {excused} of {updates} of bad objects", policy.name);
        let enough = excused > updates / 50 || !PODS.can_be_bad(policy.name);
        assert!(enough, "{}: only {excused} of {updates} objects broke a rule before", policy.name);
    }
}

/// A way to bring a violation into a pod that has containers `web` (good) and `old` (bad in the way 0) in a list. It is
/// given the list, what makes a container with this name bad in a way, and the class.
type Harmful = (&'static str, fn(&mut Vec<Value>, &dyn Fn(usize, &str) -> Value, &str));

const HARMFUL: [Harmful; 7] = [
    ("one is added", |list, bad, _| list.push(bad(1, "new"))),
    ("one is added before the others", |list, bad, _| list.insert(0, bad(0, "new"))),
    ("one of the same name is added", |list, bad, _| list.push(bad(0, "old"))),
    ("a good one gets bad", |list, bad, _| list[0] = bad(2, "web")),
    ("a bad one gets bad in another way", |list, bad, _| list[1] = bad(1, "old")),
    ("a bad one is renamed", |list, bad, _| list[1] = bad(0, "other")),
    ("a bad one and a good one change places", |list, bad, class| {
        list[0] = bad(0, "web");
        list[1] = in_class(good_container("old"), class);
    }),
];

#[test]
fn a_violation_that_is_brought_in_is_never_accepted() {
    let mut count = 0;
    for policy in of_containers() {
        assert!(PODS.ways(policy.name) > 1, "{}: a container must be bad in two ways at least", policy.name);
        for (class, list) in CLASSES {
            let settings = json!({ "containers": { class: "enforce" } });
            let bad = |way: usize, name: &str| in_class(PODS.bad_container(policy.name, way, name), class);
            for kind in KINDS {
                for (way, harm) in HARMFUL {
                    // Whatever harmless things happen at the same time.
                    for _ in 0..6 {
                        let (also, change) = HARMLESS[count % HARMLESS.len()];
                        let mut old = plain_pod(&[good_container("app")]);
                        push(&mut old, list, in_class(good_container("web"), class));
                        push(&mut old, list, bad(0, "old"));
                        if list == "containers" {
                            items(&mut old, "/containers").rotate_left(1);
                        }
                        let mut new = old.clone();
                        harm(new[list].as_array_mut().unwrap(), &bad, class);
                        let mut object = kind.object(&new);
                        change(&mut object, &kind);
                        let update = kind.request(Operation::Update, &object, &kind.object(&old));
                        let answer = judge(policy, &update, &settings);
                        let place = format!("{}, {class} in a {}: {way}, and {also}", policy.name, kind.name);
                        assert_eq!(answer.code, Some(403), "{place}: {answer:?}");
                        count += 1;
                    }
                }
            }
        }
    }
    println!("{count} updates that bring a violation in, each judged by one policy: 0 accepted");
}

#[test]
fn a_violation_of_a_pod_as_a_whole_that_is_brought_in_is_never_accepted() {
    for policy in of_pods() {
        let ways = PODS.ways(policy.name);
        for (index, kind) in KINDS.iter().cycle().take(KINDS.len() * HARMLESS.len()).enumerate() {
            let (also, change) = HARMLESS[index % HARMLESS.len()];
            for way in 0..ways {
                let others = (0..ways).filter(|other| *other != way);
                let olds = others.map(|other| bad_pod(policy, &[other])).chain([bad_pod(policy, &[])]);
                for old in olds {
                    let mut object = kind.object(&bad_pod(policy, &[way]));
                    change(&mut object, kind);
                    let answer =
                        judge_by_default(policy, &kind.request(Operation::Update, &object, &kind.object(&old)));
                    assert_eq!(
                        answer.code,
                        Some(403),
                        "{} in a {}: {way}, and {also}: {answer:?}",
                        policy.name,
                        kind.name
                    );
                }
            }
        }
    }
}

/// A text that must not be repeated. No policy has it in a text of its own.
const SECRET: &str = "hunter2-canary";

/// Puts secrets where people put them, and where an object holds what no policy judges. Not into what answers may show:
/// names, images, and the syntax of a shell script.
fn hide_secrets(pod: &mut Value) {
    for list in LISTS {
        for one in items(pod, &format!("/{list}")) {
            let references = json!([{ "secretRef": { "name": SECRET } }]);
            set(one, "", "envFrom", references);
            set(one, "", "lifecycle", json!({ "preStop": { "exec": { "command": ["sh", "-c", SECRET] } } }));
            set(one, "", "livenessProbe", json!({ "httpGet": { "httpHeaders": [{ "name": "a", "value": SECRET }] } }));
            push(one, "env", json!({ "name": "TOKEN", "value": SECRET }));
            push(one, "env", json!({ "name": "APP", "value": format!("web --token={SECRET}") }));
            push(one, "env", json!({ "name": "KEY", "valueFrom": { "secretKeyRef": { "name": SECRET, "key": "a" } } }));
            // The first argument after `sh -c` is the script, and that of a shell alone the name of one.
            let words = one.get("command").and_then(Value::as_array).map_or(0, Vec::len);
            let is_shell = one.pointer("/command/0").is_some_and(|name| name == "sh" || name == "bash");
            if words > 0 && !(is_shell && words < 3) {
                push(one, "args", format!("--token={SECRET}").into());
                push(one, "args", SECRET.into());
                push(one, "args", "$(TOKEN)".into());
            }
        }
    }
    push(pod, "volumes", json!({ "name": "token", "secret": { "secretName": SECRET } }));
    push(pod, "imagePullSecrets", json!({ "name": SECRET }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_secret_of_the_object_is_in_any_answer(
        pod in pod(Typed::Well),
        script in prop::sample::select(vec!["web $TOKEN", "exec $APP", "TOKEN=$TOKEN web", "web \"$(cat f)\" & log"]),
        env in any::<bool>(),
        place in prop::option::of(any::<Index>()),
        kind in kind(),
    ) {
        let mut pod = pod;
        let command = if env { json!(["env", format!("TOKEN={SECRET}"), "sh", "-c", script]) } else { json!(["sh", "-c", script]) };
        push(&mut pod, "containers", json!({ "name": "script", "image": "nginx", "command": command }));
        hide_secrets(&mut pod);
        let env = json!([{ "name": "TOKEN", "value": format!("a&{SECRET}") }, { "name": "APP", "value": SECRET }]);
        for expanded in ["$(APP) & $(TOKEN)", "web --token=$(TOKEN)", "$(TOKEN) | web", "exec $(APP)", "$(APP); web"] {
            let command = json!(["sh", "-c", expanded]);
            push(&mut pod, "containers", json!({ "name": "expanded", "command": command, "env": env }));
        }
        let mut object = kind.object(&pod);
        let secrets = json!({ SECRET: SECRET });
        set(&mut object, "/metadata", "annotations", secrets.clone());
        set(&mut object, "/metadata", "labels", secrets.clone());
        set(&mut object, &above(&kind, 1), "metadata", json!({ "annotations": secrets }));
        add_everywhere(&mut object, "aFieldOfTheFuture", &json!(SECRET));
        if let Some(place) = place {
            // An ill-typed value is not repeated either. Names and images are for people to read.
            let shown = ["/name", "/image", "/reference", "/kind", "/runAsUserName"];
            let mut pointers = payloads::pointers(&object);
            pointers.retain(|pointer| !shown.iter().any(|shown| pointer.ends_with(shown)));
            pointers.retain(|pointer| !["/command", "/args"].iter().any(|words| pointer.contains(words)));
            *object.pointer_mut(&pointers[place.index(pointers.len())]).unwrap() = json!(SECRET);
        }
        let mut request = kind.request(Operation::Create, &object, &object);
        set(&mut request, "/userInfo", "extra", json!({ "token": [SECRET] }));
        for operation in ["CREATE", "UPDATE"] {
            request["operation"] = json!(operation);
            for policy in POLICIES.iter() {
                for settings in [json!({}), json!({ "updates": "full" })] {
                    let answer = judge(policy, &request, &settings);
                    let text = format!("{answer:?}");
                    prop_assert!(!text.contains(SECRET), "{}: {}", policy.name, text);
                }
            }
        }
    }

    #[test]
    fn no_more_than_60_characters_of_a_script_are_shown(
        script in "(web|exec log|cd /srv)( [a-z0-9]{1,40}){1,9}( &| &&|;|\n| \\|) (web|log)( [a-z0-9]{1,40}){0,9}",
        shell in prop::sample::select(vec!["sh", "bash", "ash"]),
    ) {
        let pod = plain_pod(&[json!({ "name": "web", "image": "nginx", "command": [shell, "-c", script] })]);
        for policy in POLICIES.iter() {
            let text = format!("{:?}", judge_by_default(policy, &POD.create(&pod)));
            let longest = (0..script.len()).filter_map(|start| script.get(start..start + 61)).find(|part| text.contains(part));
            prop_assert!(longest.is_none(), "{}: {:?} is in {}", policy.name, longest, text);
        }
    }
}

#[test]
fn what_is_made_reaches_every_kind_of_answer() {
    for policy in of_workloads() {
        let mut seen = BTreeSet::new();
        for request in samples(request(), 3).take(400) {
            let answer = judge_by_default(policy, &request);
            seen.insert(format!("{:?}", answer.code));
            seen.extend(answer.findings().into_iter().flatten().map(|found| found["action"].to_string()));
        }
        let expected = ["\"deny\"", "\"existing\"", "None", "Some(400)", "Some(403)"];
        let missing: Vec<_> = expected.into_iter().filter(|expected| !seen.contains(*expected)).collect();
        assert!(missing.is_empty(), "{}: {missing:?} does not occur", policy.name);
    }
}

#[test]
fn most_settings_that_are_made_are_accepted() {
    for policy in POLICIES.iter() {
        let made: Vec<_> = samples(settings(&schema(policy)).unwrap(), 7).take(100).collect();
        let accepted = made.iter().filter(|settings| check(policy, settings).is_ok()).count();
        println!("{}: {accepted} of 100 settings are accepted", policy.name);
        assert!(accepted >= 20, "{}: only {accepted} of 100", policy.name);
    }
}
