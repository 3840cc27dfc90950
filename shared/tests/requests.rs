//! The way of a request through a policy: every payload has an answer, settings report all their faults, and nothing
//! secret is repeated.

#![cfg(test)]

use kubewarden_policy_sdk::response::ValidationResponse;
use kubewarden_policy_sdk::settings::SettingsValidationResponse;
use payloads::pointers;
use proptest::prelude::*;
use serde_json::{Value, json};
use shared::calls::Guest;
use shared::facts::{Facts, Package, Severity};
use shared::findings::RuleAction;
use shared::pod::{Model, Reads, reads};
use shared::policy::{Checks, Configured, Described};
use shared::prelude::*;

/// A policy that reads what policies read: every container and the context of its pod.
#[derive(Debug)]
struct Example;

static WRITABLE: Rule = Rule::new("writable", RuleAction::Deny, "Writable.");
static ROOT: Rule = Rule::new("root", RuleAction::Warn, "Root.");

settings! {
    /// Settings of the example.
    pub struct Limits {
        /// A number.
        limit: i64 = 5 => "limit",
        /// Texts.
        names: Vec<String> = Vec::new() => "names",
        /// A part of its own.
        part: Part = Part::default() => "part",
    }
}

settings! {
    /// A part of the settings.
    pub struct Part {
        /// It is on.
        on: bool = false => "on",
    }
}

impl Described for Example {
    const NAME: &'static str = "example";
    const FACTS: Facts = Facts {
        title: "Example",
        severity: Severity::Low,
        containers: ClassActions::enforce_all_but_ephemeral(ClassAction::Warn),
        ..Facts::DEFAULT
    };
    const PACKAGE: Package =
        Package { version: "0.0.0", description: "An example.", license: "Apache-2.0", authors: "", repository: "" };
    const RULES: &'static [&'static Rule] = &[&WRITABLE, &ROOT];
    const MODEL: &'static Model = shared::model!(
        Reads::BASE.and(reads::read_only_root_filesystem()).and(reads::run_as_user()).and(reads::host_users())
    );
    const INSPECTS: shared::inspection::Inspects = shared::inspection::Inspects::Nothing;
}

impl Policy for Example {
    type Settings = Limits;

    fn validate(settings: &Limits, faults: &mut Faults) {
        if settings.limit < 0 {
            faults.add("limit", "this is below 0");
        }
    }

    fn check_container(check: &Check<'_, Limits>, container: &Container<'_>, findings: &mut Findings) -> Checked {
        let read_only = container.read_only_root_filesystem()?;
        let pod = check.pod;
        if pod.is_windows()? || pod.host_users()?.value == Some(false) {
            return Ok(());
        }
        if read_only.value != Some(true) {
            let problem = format!("{} is writable", quote(container.image()?.unwrap_or("")));
            findings.add(&read_only, [WRITABLE.found(problem, "mend it")]);
        }
        let user = container.run_as_user()?.or(pod.run_as_user()?);
        if user.value.unwrap_or_default() == 0 {
            findings.add(&user, [ROOT.found("it runs as root", "mend it")]);
        }
        Ok(())
    }
}

/// The answer of the policy to a payload, read as the host does and checked for the laws of every answer.
fn answer(payload: &[u8]) -> ValidationResponse {
    let bytes = Guest::of::<Example>().validate(payload);
    assert_eq!(Guest::of::<Example>().validate(payload), bytes, "the answer differs the second time");
    let answer: ValidationResponse = serde_json::from_slice(&bytes).unwrap();
    let message = answer.message.as_deref().unwrap_or_default();
    assert_eq!(answer.accepted, message.is_empty(), "only a rejection has a message");
    assert_eq!(answer.accepted, answer.code.is_none(), "only a rejection has a code");
    assert!(message.len() <= 2048, "{message}");
    assert!(message.lines().all(|line| line.starts_with("example: ") || line.starts_with("… and ")), "{message}");
    for text in message.lines().chain(answer.warnings.iter().flatten().map(String::as_str)) {
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }
    assert!(answer.warnings.iter().flatten().all(|warning| warning.len() <= 256));
    assert!(answer.mutated_object.is_none());
    for (key, list) in answer.audit_annotations.iter().flatten() {
        assert_eq!(key, "findings");
        assert!(list.len() <= 8192 + 64, "the annotation has {} bytes", list.len());
        assert!(!serde_json::from_str::<Vec<Value>>(list).unwrap().is_empty());
    }
    answer
}

fn answer_to(request: &Value, settings: &Value) -> ValidationResponse {
    answer(json!({ "request": request, "settings": settings }).to_string().as_bytes())
}

/// A request with everything that policies read, and much that they do not. What must not be repeated says so.
fn request() -> Value {
    let context = json!({ "readOnlyRootFilesystem": false, "runAsUser": 0, "capabilities": { "add": ["SECRET"] } });
    let container = |name: &str| {
        json!({
            "name": name,
            "image": "shop/web:1.0.0",
            "command": ["sh", "-c", "SECRET"],
            "args": ["--password=SECRET"],
            "env": [{ "name": "PASSWORD", "value": "SECRET" }],
            "lifecycle": { "postStart": { "exec": { "command": ["SECRET"] } } },
            "restartPolicy": "Always",
            "securityContext": context,
        })
    };
    let pod = json!({
        "containers": [container("web"), container("log")],
        "initContainers": [container("proxy")],
        "ephemeralContainers": [container("debugger")],
        "hostUsers": true,
        "nodeSelector": { "kubernetes.io/os": "linux", "pool": "SECRET" },
        "os": { "name": "linux" },
        "securityContext": {
            "fsGroup": 0, "supplementalGroups": [0], "runAsNonRoot": false,
            "windowsOptions": { "gmsaCredentialSpec": "SECRET", "runAsUserName": "SECRET" },
        },
    });
    let metadata = json!({ "name": "web", "namespace": "shop", "annotations": { "password": "SECRET" } });
    let object = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": { "replicas": 2, "template": { "metadata": metadata, "spec": pod } },
    });
    json!({
        "uid": "1",
        "kind": { "group": "apps", "version": "v1", "kind": "Deployment" },
        "namespace": "shop",
        "operation": "UPDATE",
        "userInfo": { "username": "alice", "groups": ["staff"], "extra": { "token": ["SECRET"] } },
        "object": object,
        "oldObject": object,
    })
}

/// Values that a field may have although it should not.
fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!({})),
        Just(json!([])),
        Just(json!([null])),
        Just(json!({ "containers": [{ "image": "a" }], "name": "windows" })),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop::sample::select(vec!["", "CREATE", "DELETE", "Always", "Pod", "apps", "windows", "\u{1b}[31m\n"])
            .prop_map(Value::from),
        "[a-z]{300,3000}".prop_map(Value::from),
    ]
}

/// Settings that are partly sound.
fn settings() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "action",
        "containers",
        "exemptions",
        "rules",
        "updates",
        "limit",
        "names",
        "part",
        "on",
        "main",
        "images",
        "namespaces",
        "users",
        "reason",
        "writable",
        "root",
        "namess",
        "é\u{1b}",
    ]);
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-9_i64..9).prop_map(Value::from),
        any::<f32>().prop_map(Value::from),
        prop::sample::select(vec!["deny", "warn", "off", "ignore", "full", "nginx", "*", "", "shop", "ghcr.io/**"])
            .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_bytes_have_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(!answer(&bytes).accepted);
        prop_assert!(!Guest::of::<Example>().validate_settings(&bytes).is_empty());
    }

    #[test]
    fn a_request_with_odd_values_has_an_answer(
        changes in prop::collection::vec((any::<prop::sample::Index>(), odd()), 1..4),
    ) {
        let mut request = request();
        for (index, value) in changes {
            let pointers = pointers(&request);
            *request.pointer_mut(&pointers[index.index(pointers.len())]).unwrap() = value;
        }
        answer_to(&request, &Value::Null);
    }

    #[test]
    fn a_request_that_ends_anywhere_is_rejected(end in any::<prop::sample::Index>()) {
        let payload = json!({ "request": request(), "settings": {} }).to_string();
        let answer = answer(&payload.as_bytes()[..end.index(payload.len())]);
        prop_assert_eq!(answer.code, Some(400));
    }

    #[test]
    fn unknown_fields_change_nothing(places in prop::collection::vec(any::<prop::sample::Index>(), 1..9), value in odd()) {
        let mut known = request();
        known["oldObject"] = Value::Null;
        let mut more = known.clone();
        for place in places {
            let pointers = pointers(&more);
            if let Value::Object(fields) = more.pointer_mut(&pointers[place.index(pointers.len())]).unwrap() {
                fields.insert("aFieldOfTheFuture".to_owned(), value.clone());
            }
        }
        let (known, more) = (answer_to(&known, &Value::Null), answer_to(&more, &Value::Null));
        prop_assert_eq!(known.message, more.message);
        prop_assert_eq!(known.warnings, more.warnings);
        prop_assert_eq!(known.audit_annotations, more.audit_annotations);
    }

    #[test]
    fn a_judged_value_is_not_repeated_when_it_cannot_be_read(index in any::<prop::sample::Index>()) {
        let mut request = request();
        // Names, images and kinds are for people to read.
        let secret = |pointer: &&String| !["/name", "/image", "/kind"].iter().any(|shown| pointer.ends_with(shown));
        let pointers = pointers(&request);
        let pointers: Vec<_> = pointers.iter().filter(secret).collect();
        *request.pointer_mut(pointers[index.index(pointers.len())]).unwrap() = json!("SECRET");
        let payload = json!({ "request": request, "settings": null }).to_string();
        let answer = Guest::of::<Example>().validate(payload.as_bytes());
        prop_assert!(!String::from_utf8(answer).unwrap().contains("SECRET"));
    }

    #[test]
    fn settings_are_read_or_refused_and_then_hold(settings in settings()) {
        let text = settings.to_string();
        let checked = Guest::of::<Example>().validate_settings(text.as_bytes());
        let checked: SettingsValidationResponse = serde_json::from_slice(&checked).unwrap();
        prop_assert_eq!(checked.valid, checked.message.is_none());
        prop_assert_eq!(checked.valid, Configured::<Example>::read(Some(&text), Checks::All).is_ok());
        let code = answer_to(&request(), &settings).code;
        prop_assert_eq!(checked.valid, code != Some(500));
    }

    #[test]
    fn any_settings_that_are_one_value_are_refused(text in any::<String>(), number in any::<f64>()) {
        for settings in [json!(text), json!(number), json!([text]), json!(true)] {
            prop_assert!(Configured::<Example>::read(Some(&settings.to_string()), Checks::All).is_err() || settings.is_null());
        }
    }
}

/// The faults of settings.
fn faults(settings: &Value) -> String {
    Configured::<Example>::read(Some(&settings.to_string()), Checks::All).unwrap_err().to_string()
}

#[test]
fn every_fault_is_reported_with_its_path() {
    let settings = json!({
        "acton": "deny",
        "exemptions": [{ "users": [1], "reason": [] }],
        "limit": 1.5,
        "names": ["a", 2, null],
        "part": { "on": "yes", "off": 1 },
    });
    let expected = [
        r#"acton: unknown setting "acton"; did you mean "action"?"#,
        "exemptions[0]: an exemption needs a reason; say why in `reason`",
        "exemptions[0].reason: this is a list; it must be a string",
        "exemptions[0].users[0]: this is a number; it must be a string",
        "limit: this is not a whole number of at most 64 bits",
        "names[1]: this is a number; it must be a string",
        "names[2]: this is null; it must be a string",
        r#"part.off: unknown setting "off"; known: on"#,
        "part.on: this is a string; it must be true or false",
    ];
    assert_eq!(faults(&settings), expected.join("\n"));
}

#[test]
fn rules_between_settings_are_checked() {
    let settings = json!({ "limit": -1, "rules": { "rot": "off" }, "exemptions": [{ "users": ["a"] }] });
    let expected = [
        "exemptions[0]: an exemption needs a reason; say why in `reason`",
        r#"rules.rot: unknown rule "rot"; did you mean "root"?"#,
        "limit: this is below 0",
    ];
    assert_eq!(faults(&settings), expected.join("\n"));
}

#[test]
fn limits_of_settings_hold() {
    assert!(
        Configured::<Example>::read(Some(&json!({ "names": vec!["a".repeat(255); 250] }).to_string()), Checks::All)
            .is_ok()
    );
    for (settings, problem) in [
        (json!({ "names": vec!["a"; 257] }), "names: this has more than 256 entries"),
        (json!({ "names": ["a".repeat(257)] }), "names[0]: this is longer than 256 bytes"),
        (json!({ "names": vec!["a".repeat(256); 256] }), "the settings are longer than 65536 bytes"),
        (json!({ "x".repeat(65536): 1 }), "the settings are longer than 65536 bytes"),
    ] {
        assert_eq!(faults(&settings), problem);
    }
    let many: serde_json::Map<_, _> = (0..257).map(|name| (name.to_string(), json!("off"))).collect();
    assert_eq!(faults(&json!({ "rules": many })), "rules: this has more than 256 entries");
}

#[test]
fn many_faults_are_counted_and_long_ones_cut() {
    let names: Vec<_> = vec![json!(1); 40];
    let faults_of_names = faults(&json!({ "names": names }));
    assert_eq!(faults_of_names.lines().count(), 33);
    assert!(faults_of_names.ends_with("names[31]: this is a number; it must be a string\n… and 8 more"));
    assert!(faults(&json!({ "\u{1b}".repeat(9999): 1 })).len() <= 1024);
}

#[test]
fn absent_null_and_empty_settings_are_the_defaults() {
    for settings in [None, Some("null"), Some("{}"), Some(" {\"limit\":null} ")] {
        assert_eq!(Configured::<Example>::read(settings, Checks::Cheap).unwrap().settings().own.limit, 5);
    }
    let valid = Guest::of::<Example>().validate_settings(b"");
    assert_eq!(valid, b"{\"valid\":true}");
}

#[test]
fn nothing_secret_is_repeated() {
    for (operation, allowed) in [("CREATE", false), ("UPDATE", true)] {
        let mut request = request();
        request["operation"] = json!(operation);
        let payload = json!({ "request": request, "settings": null }).to_string();
        assert_eq!(answer(payload.as_bytes()).accepted, allowed);
        let answer = Guest::of::<Example>().validate(payload.as_bytes());
        assert!(!String::from_utf8(answer).unwrap().contains("SECRET"));
    }
}

#[test]
fn a_payload_that_is_no_utf_8_is_rejected() {
    let answer = answer(b"{\"request\":{\"operation\":\"DELETE\",\"kind\":{\"kind\":\"Pod\"},\"name\":\"\xff\"}}");
    let message = "example: the request cannot be read: it is not UTF-8 at byte 63";
    assert_eq!((answer.code, answer.message.as_deref()), (Some(400), Some(message)));
}

#[test]
fn an_exemption_that_is_used_is_named_with_its_reason() {
    let settings = json!({ "exemptions": [
        { "users": ["bob"], "reason": "Bob may." },
        { "users": ["alice"], "rules": ["writable"], "reason": "Alice may." },
    ] });
    let answer = answer_to(&request(), &settings);
    assert!(answer.accepted);
    let annotations = answer.audit_annotations.unwrap();
    let findings: Vec<Value> = serde_json::from_str(&annotations["findings"]).unwrap();
    assert_eq!(findings.len(), 8);
    for finding in findings {
        let (action, reason) = if finding["rule"] == "writable" {
            (json!("exempt"), json!("Alice may."))
        } else {
            (json!("existing"), Value::Null)
        };
        assert_eq!((&finding["action"], &finding["reason"]), (&action, &reason), "{finding}");
    }
}

/// A request to create a pod of which the JSON text is given.
fn pod(kind: &str, spec: &str) -> Vec<u8> {
    let kind = format!(r#"{{"group":"","version":"v1","kind":"{kind}"}}"#);
    format!(r#"{{"request":{{"operation":"CREATE","kind":{kind},"object":{{"spec":{spec}}}}},"settings":null}}"#).into()
}

/// `count` times `item`, in which `#` is the number.
fn items(item: &str, count: usize) -> String {
    (0..count).map(|number| item.replace('#', &number.to_string())).collect::<Vec<_>>().join(",")
}

#[test]
fn a_thousand_findings_make_a_short_answer() {
    let containers = items(r#"{"name":"c#","image":"a"}"#, 1_000);
    let answer = answer(&pod("Pod", &format!(r#"{{"containers":[{containers}]}}"#)));
    assert!(answer.message.unwrap().ends_with("\n… and 990 more"));
    assert_eq!(answer.warnings.unwrap().last().unwrap(), "… and 990 more");
}

#[test]
fn more_containers_than_an_object_may_have_are_rejected() {
    for (count, code) in [(2048, 403), (2049, 400)] {
        let containers = items("{}", count);
        assert_eq!(answer(&pod("Pod", &format!(r#"{{"containers":[{containers}]}}"#))).code, Some(code));
    }
}

/// Pods with `count` containers, and `beside` of something else.
fn large(count: usize, beside: usize) -> Vec<Vec<u8>> {
    let containers = items("{}", count);
    let with = |rest: &str| format!(r#"{{"containers":[{{"image":"a"}},{containers}]{rest}}}"#);
    let groups = format!(r#","securityContext":{{"supplementalGroups":[{}]}}"#, items("1", beside));
    let repeated = format!(r#","securityContext":{{{}}}"#, items(r#""fsGroup":1"#, beside));
    let others = format!(",{}", items(r#""x#":{"os":1}"#, beside));
    let same = items(r#"{"name":"a","image":"a"}"#, count);
    vec![
        pod("Pod", &with("")),
        pod("Pod", &with(&groups)),
        pod("Pod", &with(&repeated)),
        pod("Site", &with(&others)),
        pod("Pod", &format!(r#"{{"containers":[{same}]}}"#)),
    ]
}

#[test]
fn whatever_is_repeated_is_judged() {
    for (shape, payload) in large(1_000, 32_000).iter().enumerate() {
        assert_eq!(answer(payload).code, Some(403), "shape {shape}");
    }
}

#[test]
fn an_update_that_reverses_many_findings_is_accepted() {
    let mut request = request();
    let many: Vec<_> = (0..1_000).map(|number| json!({ "name": number.to_string() })).collect();
    let reversed: Vec<_> = many.iter().rev().cloned().collect();
    request["object"]["spec"]["template"]["spec"]["containers"] = Value::from(many);
    request["oldObject"]["spec"]["template"]["spec"]["containers"] = Value::from(reversed);
    assert!(answer_to(&request, &Value::Null).accepted);
}
