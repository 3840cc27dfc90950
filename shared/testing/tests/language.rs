//! The language of rules in three small policies, none of which is published: one judges the pod, one its images, and one
//! objects that are not workloads. Facts, settings, rule and words of each stand as in a policy's own crate.

#![cfg(test)]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use shared::calls::Guest;
use shared::policy::Described as _;

/// No pod may see the processes of its node.
mod pod {
    use shared::prelude::*;

    policy! {
        /// No pod may be in the PID namespace of its node.
        pub struct HostProcesses: Facts {
            title: "Host processes",
            severity: Severity::High,
            guide: Guide::operating("Avoid privileged containers", "avoid_privileged_containers"),
            ..Facts::DEFAULT
        }
        reads: [host_pid],
        rules: {
            /// A pod is in the PID namespace of its node.
            HOST_PID = "host-pid": Deny,
        }
    }

    settings! {
        /// Settings of the policy.
        pub struct Settings {
            /// Accept pods in the PID namespace of their node.
            allowed: bool = false => "allowed",
        }
    }

    impl Policy for HostProcesses {
        type Settings = Settings;

        fn check_pod(check: &Check<'_, Settings>, findings: &mut Findings) -> Checked {
            let host_pid = check.pod.host_pid()?;
            let is_bad = host_pid.value == Some(true) && !check.settings.allowed;
            findings
                .add(&host_pid, is_bad.then(|| HOST_PID.found("it sees every process of its node", "remove hostPID")));
            Ok(())
        }
    }
}

/// Every image comes from a registry of the settings.
mod image {
    use shared::glob::ImagePattern;
    use shared::prelude::*;

    policy! {
        /// Every image comes from a repository that the settings name.
        pub struct Repositories: Facts {
            title: "Repositories",
            category: Category::IMAGES,
            ..Facts::DEFAULT
        }
        reads: [images],
        rules: {
            /// An image comes from elsewhere. Who debugs may take any.
            FOREIGN_IMAGE = "foreign-image": Deny [Ephemeral: Off, Init: Warn],
            /// An image is not a valid reference.
            MALFORMED_IMAGE = "malformed-image": Deny covers ["no-latest/malformed-image"],
        }
    }

    settings! {
        /// Settings of the policy.
        pub struct Settings {
            /// The repositories.
            allowed: Vec<ImagePattern> = Vec::new() => "allowed",
        }
    }

    impl Policy for Repositories {
        type Settings = Settings;

        const MALFORMED_IMAGE: Option<&'static Rule> = Some(&MALFORMED_IMAGE);

        fn validate(settings: &Settings, faults: &mut Faults) {
            if settings.allowed.is_empty() {
                faults.add("allowed", "no image would be accepted; name at least one repository");
            }
        }

        fn check_image(
            check: &Check<'_, Settings>,
            image: &PodImage<'_>,
            parsed: &ImageRef<'_>,
            findings: &mut Findings,
        ) -> Checked {
            let is_allowed = check.settings.allowed.iter().any(|pattern| pattern.matches(parsed.repository()));
            findings.add(image, (!is_allowed).then(|| foreign(parsed)));
            Ok(())
        }
    }

    fn foreign(image: &ImageRef<'_>) -> Found {
        let problem = format!("image {} comes from a repository that the settings do not name", plain(image.name()));
        FOREIGN_IMAGE.found(problem, "use a mirror of it")
    }
}

/// No Secret holds a password in plain sight.
mod secret {
    use shared::kinds::Resource;
    use shared::object::Object;
    use shared::prelude::*;

    const SECRET: Resource = Resource { group: "", version: "v1", kind: "Secret", plural: "secrets" };

    policy! {
        /// No Secret has an entry of a name that the settings deny.
        pub struct SecretNames: Facts {
            title: "Secret names",
            kinds: Kinds { workloads: false, objects: &[SECRET] },
            ..Facts::DEFAULT
        }
        reads: [],
        rules: {
            /// An entry of a Secret has a denied name.
            DENIED_NAME = "denied-name": Deny,
        }
    }

    settings! {
        /// Settings of the policy.
        pub struct Settings {
            /// Names that are denied.
            denied: Vec<String> = vec!["password".into()] => "denied",
        }
    }

    impl Policy for SecretNames {
        type Settings = Settings;

        fn check_object(settings: &Settings, object: &Object<'_>, findings: &mut Findings) -> Checked {
            for field in ["data", "stringData"] {
                for entry in object.entries(field)? {
                    let is_denied = settings.denied.iter().any(|name| name == entry.key);
                    findings.add(&entry, is_denied.then(|| denied(entry.key)));
                }
            }
            Ok(())
        }
    }

    fn denied(name: &str) -> Found {
        DENIED_NAME.found(format!("it has an entry {}", quote(name)), "give the app an identity instead")
    }
}

/// The answer of a policy to an object that is made, or that takes the place of an older one.
fn answer(guest: Guest<'_>, settings: &Value, object: &Value, old: Option<&Value>) -> Value {
    let mut request = testing::request("CREATE", object);
    if let Some(old) = old {
        request = testing::request("UPDATE", object);
        request["oldObject"] = old.clone();
    }
    let payload = json!({ "request": request, "settings": settings }).to_string();
    serde_json::from_slice(&guest.validate(payload.as_bytes())).unwrap()
}

fn pod_of(spec: &Value) -> Value {
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "web" }, "spec": spec })
}

#[test]
fn a_policy_judges_the_pod_as_a_whole() {
    let guest = Guest::of::<pod::HostProcesses>();
    let object = pod_of(&json!({ "hostPID": true, "containers": [{ "name": "web", "image": "web" }] }));
    let denied = answer(guest, &Value::Null, &object, None);
    assert_eq!(
        denied["message"],
        "seaworthy-testing: pod: it sees every process of its node; remove hostPID (spec.hostPID)"
    );
    assert_eq!(answer(guest, &json!({ "allowed": true }), &object, None), json!({ "accepted": true }));
}

#[test]
fn a_field_that_a_policy_does_not_declare_is_not_taken_for_one_that_is_not_set() {
    use shared::prelude::*;
    struct Undeclared;
    impl shared::policy::Described for Undeclared {
        const NAME: &'static str = "undeclared";
        const FACTS: shared::facts::Facts = shared::facts::Facts::DEFAULT;
        const PACKAGE: shared::facts::Package = pod::HostProcesses::PACKAGE;
        const RULES: &'static [&'static Rule] = &[];
        const MODEL: &'static shared::pod::Model = shared::model!(shared::pod::Reads::BASE);
        const INSPECTS: shared::inspection::Inspects = shared::inspection::Inspects::Nothing;
    }
    impl Policy for Undeclared {
        type Settings = NoSettings;

        fn check_pod(check: &Check<'_, NoSettings>, _: &mut Findings) -> Checked {
            check.pod.host_pid().map(|_| ())
        }
    }
    let object = pod_of(&json!({ "hostPID": true, "containers": [{ "name": "web", "image": "web" }] }));
    let refused = answer(Guest::of::<Undeclared>(), &Value::Null, &object, None);
    let message = "undeclared: hostPID is not among the fields that the policy declares to read (spec.hostPID)";
    assert_eq!(refused, json!({ "accepted": false, "message": message, "code": 400 }));
}

#[test]
fn a_policy_judges_images_by_the_class_of_their_container() {
    let guest = Guest::of::<image::Repositories>();
    let settings = json!({ "allowed": ["registry.example/**"] });
    let object = pod_of(&json!({
        "containers": [{ "name": "web", "image": "registry.example/web:1" }, { "name": "bad", "image": "nginx" }],
        "initContainers": [{ "name": "init", "image": "busybox" }],
        "ephemeralContainers": [{ "name": "debug", "image": "busybox" }],
    }));
    let answer = answer(guest, &settings, &object, None);
    let line = |owner: &str, name: &str, path: &str| {
        format!(
            "seaworthy-testing: {owner}: image {name} comes from a repository that the settings do not name; use a mirror \
             of it ({path})"
        )
    };
    assert_eq!(answer["message"], line("container \"bad\"", "nginx", "spec.containers[1].image"));
    assert_eq!(answer["warnings"], json!([line("init container \"init\"", "busybox", "spec.initContainers[0].image")]));
}

#[test]
fn a_policy_judges_objects_that_are_not_workloads() {
    let guest = Guest::of::<secret::SecretNames>();
    let secret = |data: Value| json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "shop" }, "type": "Opaque", "data": data });
    let bad = secret(json!({ "password": "c2VjcmV0", "user": "YW5u" }));
    let denied = answer(guest, &Value::Null, &bad, None);
    let message = "seaworthy-testing: Secret \"shop\": it has an entry \"password\"; give the app an identity instead (data.password)";
    assert_eq!(denied["message"], message);
    assert!(!denied.to_string().contains("c2VjcmV0"), "{denied}");
    assert_eq!(answer(guest, &Value::Null, &bad, Some(&bad))["accepted"], true);
    let changed = secret(json!({ "password": "b3RoZXI=" }));
    assert_eq!(answer(guest, &Value::Null, &changed, Some(&bad))["accepted"], false);
    let malformed = secret(json!({ "password": 1 }));
    let refused = answer(guest, &Value::Null, &malformed, None);
    assert_eq!(refused["message"], "seaworthy-testing: this is a number; it must be a string (data.password)");
    assert_eq!(answer(guest, &Value::Null, &secret(json!({ "user": "YW5u" })), None), json!({ "accepted": true }));
}

/// The outcome of the laws for samples of the policy on Secrets.
fn check_secrets(samples: &str) -> Result<(), String> {
    let workspace = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("samples-{}", samples.len()));
    let policy = workspace.join("policies").join(secret::SecretNames::NAME);
    fs::create_dir_all(&policy).unwrap();
    fs::write(policy.join("samples.yaml"), samples).unwrap();
    testing::check_samples::<secret::SecretNames>(&workspace)
}

#[test]
fn the_laws_for_objects_hold_for_samples_that_are_right() {
    let samples = |bad: &str| {
        format!(
            "objects:\n  - good: {{ apiVersion: v1, kind: Secret, metadata: {{ name: web }}, data: {{ user: YW5u }} }}\n    bad: {bad}\n"
        )
    };
    let first = "{ data: { password: c2VjcmV0 } }";
    assert_eq!(check_secrets(&samples(&format!("[{first}, {{ stringData: {{ password: secret }} }}]"))), Ok(()));
    for (bad, problem) in [
        (format!("[{first}]"), "Secret: an object must be bad in two ways at least"),
        (format!("[{first}, {first}]"), "`bad[0]` of Secret, which takes the place of another bad one, must be Denied"),
        (format!("[{first}, {{ data: {{ name: YW5u }} }}]"), "`bad[1]` of Secret, which is created, must be Denied"),
        (
            format!("[{first}, {{ data: {{ password: entry }} }}]"),
            "`bad[1]` of Secret: the answer repeats the value of data.password",
        ),
        (format!("[{first}, {{ kind: ConfigMap }}]"), "`bad[1]` of Secret, which is created, must be Denied"),
    ] {
        let found = check_secrets(&samples(&bad)).unwrap_err();
        assert!(found.starts_with(problem), "{bad}: {found}");
    }
    let found = check_secrets(&samples(&format!("[{first}]")).replace("user: YW5u", "password: YW5u")).unwrap_err();
    assert!(found.starts_with("Secret: an object must be bad"), "{found}");
    let found = check_secrets(&samples("[]").replace("Secret", "ConfigMap")).unwrap_err();
    assert!(found.contains("does not judge it"), "{found}");
    let found = check_secrets("bad: [{ container: { image: nginx } }]").unwrap_err();
    assert_eq!(found, "`bad` is for policies that judge workloads and deny by default, and for all of them");
}
