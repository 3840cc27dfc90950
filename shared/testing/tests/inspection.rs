//! Asking the host about images: which questions are asked, for which platforms, and what is said without an answer.

#![cfg(test)]

use std::sync::Mutex;

use serde_json::{Value, json};
use shared::calls::Guest;
use shared::host::HostCall;

/// A policy on manifests, which reads a configuration only where an image has many layers.
mod layers {
    use shared::prelude::*;

    policy! {
        /// No image has more layers than the settings say.
        pub struct Layers: Facts {
            title: "Layers",
            category: Category::IMAGES,
            ..Facts::DEFAULT
        }
        inspects: Manifests,
        reads: [run_as_user],
        rules: {
            /// An image has too many layers.
            LAYERS = "layers": Deny,
        }
    }

    settings! {
        /// Settings of the policy.
        pub struct Settings {
            /// The most layers.
            most: i64 = 1 => "most",
            /// The platforms.
            platforms: Platforms = Platforms::Auto => "platforms",
        }
    }

    impl Policy for Layers {
        type Settings = Settings;

        fn platforms(settings: &Settings) -> &Platforms {
            &settings.platforms
        }

        fn is_left_to_image(_: &Check<'_, Settings>, image: &PodImage<'_>) -> Result<bool, Malformed> {
            match image.container() {
                Some(container) => Ok(container.run_as_user()?.value != Some(7)),
                None => Ok(true),
            }
        }

        fn check_inspected_image(
            check: &Check<'_, Settings>,
            image: &PodImage<'_>,
            inspected: &Inspected<'_>,
            findings: &mut Findings,
        ) -> Inspection {
            let count = inspected.manifest.layers.len();
            if i64::try_from(count).unwrap() > check.settings.most {
                let config = inspected.configuration()?;
                let user = config.user().map_err(|error| inspected.unreadable(error))?;
                let problem = format!("image {} has {count} layers, made by {user}", inspected.name());
                findings.add(image, [LAYERS.found(problem, "use fewer")]);
            }
            Ok(())
        }
    }
}

/// A policy on configurations, which finds nothing.
mod configurations {
    use shared::prelude::*;

    policy! {
        /// Every image has a configuration.
        pub struct Configurations: Facts {
            title: "Configurations",
            ..Facts::DEFAULT
        }
        inspects: Configurations,
        reads: [],
        rules: {
            /// Never broken.
            NEVER = "never": Deny,
        }
    }

    impl Policy for Configurations {
        type Settings = NoSettings;

        fn check_inspected_image(
            _: &Check<'_, NoSettings>,
            image: &PodImage<'_>,
            inspected: &Inspected<'_>,
            findings: &mut Findings,
        ) -> Inspection {
            let config = inspected.configuration()?;
            let is_root = config.user().is_ok_and(|user| user == "root");
            findings.add(image, is_root.then(|| NEVER.found("it is root", "be somebody else")));
            Ok(())
        }
    }
}

/// A registry whose images have so many layers, or an index.
#[derive(Debug, Default)]
struct Registry {
    /// The manifests by their reference, or the words instead.
    manifests: Vec<(String, Result<Value, &'static str>)>,
    asked: Mutex<Vec<String>>,
}

fn image(layers: usize) -> Value {
    json!({ "schemaVersion": 2, "layers": vec![json!({ "size": 10 }); layers] })
}

fn digest(digit: char) -> String {
    format!("sha256:{}", digit.to_string().repeat(64))
}

/// An index of images with the digests `1…`, `2…` and so on, and an attestation.
fn index(platforms: &[&str]) -> Value {
    let entry = |(digit, platform): (char, &&str)| {
        let mut parts = platform.split('/');
        let (os, architecture, variant) = (parts.next(), parts.next(), parts.next());
        json!({ "digest": digest(digit), "platform": { "os": os, "architecture": architecture, "variant": variant } })
    };
    let mut entries: Vec<Value> = ('1'..='9').zip(platforms).map(entry).collect();
    entries.push(json!({
        "digest": digest('a'),
        "platform": { "os": "unknown", "architecture": "unknown" },
        "annotations": { "vnd.docker.reference.type": "attestation-manifest" },
    }));
    json!({ "schemaVersion": 2, "manifests": entries })
}

impl Registry {
    fn with(mut self, name: &str, manifest: Value) -> Self {
        self.manifests.push((format!("registry.example/{name}"), Ok(manifest)));
        self
    }

    fn without(mut self, name: &str, words: &'static str) -> Self {
        self.manifests.push((format!("registry.example/{name}"), Err(words)));
        self
    }

    /// What was asked since the last time: the operation and the image.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

impl HostCall for Registry {
    fn call(&self, namespace: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
        let about: String = serde_json::from_slice(payload).unwrap();
        let short: String =
            about.trim_start_matches("registry.example/").chars().take("a@sha256:111111".len()).collect();
        self.asked.lock().unwrap().push(format!("{operation} {short}"));
        let found = self.manifests.iter().find(|(name, _)| *name == about);
        let manifest = found.map_or(Err("manifest unknown"), |(_, answer)| answer.clone()).map_err(str::to_owned)?;
        let answer = match (namespace, operation) {
            ("oci", "v1/oci_manifest") => manifest,
            ("oci", "v1/oci_manifest_config") => {
                json!({ "manifest": manifest, "digest": "", "config": { "config": { "User": "ann" } } })
            }
            _ => return Err("there is no such operation".to_owned()),
        };
        Ok(answer.to_string().into_bytes())
    }
}

/// The answer of a policy to an object that is made, or that takes the place of an older one.
fn judge(guest: Guest<'_>, settings: &Value, pod: &Value, old: Option<&Value>) -> Value {
    let object =
        |spec: &Value| json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "web" }, "spec": spec });
    let mut request = testing::request("CREATE", &object(pod));
    if let Some(old) = old {
        request = testing::request("UPDATE", &object(pod));
        request["oldObject"] = object(old);
    }
    let payload = json!({ "request": request, "settings": settings }).to_string();
    let answer = guest.validate(payload.as_bytes());
    assert_eq!(answer, guest.validate(payload.as_bytes()), "the answer differs the second time");
    serde_json::from_slice(&answer).unwrap()
}

fn pod(images: &[&str]) -> Value {
    let container = |(index, image): (usize, &&str)| json!({ "name": format!("c{index}"), "image": format!("registry.example/{image}") });
    json!({ "containers": images.iter().enumerate().map(container).collect::<Vec<_>>() })
}

fn layers(registry: &Registry) -> Guest<'_> {
    Guest::of::<layers::Layers>().with_host(registry)
}

/// Both policies in one module.
fn both(registry: &Registry) -> Guest<'_> {
    use shared::pod::{Reads, reads};
    Guest {
        configure: |text, checks| {
            let mut judges = shared::policy::configure::<layers::Layers>(text, checks)?;
            judges.extend(shared::policy::configure::<configurations::Configurations>(None, checks)?);
            Ok(judges)
        },
        model: shared::model!(
            Reads::BASE.and(shared::inspection::Inspects::Manifests.reads()).and(reads::run_as_user())
        ),
        ..layers(registry)
    }
}

/// The questions of one call: [`judge`] makes the same call twice.
fn half(asked: &[String]) -> &[String] {
    let (first, second) = asked.split_at(asked.len() / 2);
    assert_eq!(first, second);
    first
}

#[test]
fn an_image_of_one_platform_is_one_question_and_its_configuration_another() {
    let registry = Registry::default().with("a:1", image(1)).with("b:1", image(2));
    let answer = judge(layers(&registry), &Value::Null, &pod(&["a:1", "b:1", "a:1"]), None);
    assert_eq!(
        answer["message"],
        "seaworthy-testing: container \"c1\": image registry.example/b:1 has 2 layers, made by ann; use fewer \
         (spec.containers[1].image)"
    );
    assert_eq!(half(&registry.asked()), ["v1/oci_manifest a:1", "v1/oci_manifest b:1", "v1/oci_manifest_config b:1"]);
}

#[test]
fn two_images_of_several_platforms_in_three_containers_are_four_questions() {
    let platforms = ["linux/arm64/v8", "linux/amd64"];
    let registry = Registry::default().with("a:1", index(&platforms)).with("b@", image(1));
    let registry = registry.with("b:1", index(&platforms[1..])).with(&format!("a@{}", digest('2')), image(1));
    let registry = registry.with(&format!("b@{}", digest('1')), image(1));
    for guest in [layers(&registry), both(&registry)] {
        assert_eq!(judge(guest, &Value::Null, &pod(&["a:1", "b:1", "a:1"]), None), json!({ "accepted": true }));
        assert_eq!(half(&registry.asked()).len(), 4);
    }
}

#[test]
fn a_child_is_asked_for_with_its_configuration_where_a_policy_of_the_module_needs_it() {
    let registry =
        Registry::default().with("a:1", index(&["linux/amd64"])).with(&format!("a@{}", digest('1')), image(1));
    judge(both(&registry), &Value::Null, &pod(&["a:1"]), None);
    assert_eq!(half(&registry.asked()), ["v1/oci_manifest a:1", "v1/oci_manifest_config a@sha256:111111"]);
}

#[test]
fn the_platform_is_one_that_the_pod_may_run_on() {
    let platforms = ["linux/s390x", "linux/arm/v7", "linux/amd64", "windows/amd64", "linux/arm64"];
    let mut registry = Registry::default().with("a:1", index(&platforms)).with("b:1", index(&platforms[..2]));
    registry = registry.with("c:1", index(&platforms[3..4]));
    for (digit, name) in ('1'..='5').flat_map(|digit| ["a", "b", "c"].map(|name| (digit, name))) {
        registry = registry.with(&format!("{name}@{}", digest(digit)), image(1));
    }
    let terms = |terms: Value| {
        json!({ "affinity": { "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": {
        "nodeSelectorTerms": terms
    } } } })
    };
    let required = |key: &str, operator: &str, values: Value| json!({ "matchExpressions": [{ "key": key, "operator": operator, "values": values }] });
    let (arch, os) = ("kubernetes.io/arch", "kubernetes.io/os");
    for (name, fields, chosen) in [
        ("a", json!({}), Some('3')),
        ("b", json!({}), Some('1')),
        ("c", json!({}), None),
        ("c", json!({ "os": { "name": "windows" } }), Some('1')),
        ("a", json!({ "nodeSelector": { arch: "arm64" } }), Some('5')),
        ("a", json!({ "nodeSelector": { os: "windows" } }), Some('4')),
        ("a", json!({ "nodeSelector": { arch: "riscv64" } }), None),
        ("a", terms(json!([required(arch, "In", json!(["arm", "arm64"]))])), Some('2')),
        ("a", terms(json!([required(arch, "In", json!(["arm64", "amd64"]))])), Some('3')),
        ("a", terms(json!([required(arch, "NotIn", json!(["amd64"]))])), Some('1')),
        (
            "a",
            terms(json!([required(arch, "In", json!(["riscv64"])), required(arch, "In", json!(["arm64"]))])),
            Some('5'),
        ),
        ("a", terms(json!([required(os, "In", json!(["windows"]))])), Some('4')),
        ("a", terms(json!([required("disk", "In", json!(["ssd"]))])), Some('3')),
        ("a", terms(json!([required(arch, "DoesNotExist", Value::Null)])), None),
    ] {
        let mut pod = pod(&[&format!("{name}:1")]);
        testing::overlay(&mut pod, fields.as_object().unwrap());
        let answer = judge(layers(&registry), &Value::Null, &pod, None);
        let asked = registry.asked();
        let expected = chosen.map(|digit| format!("v1/oci_manifest {name}@sha256:{}", digit.to_string().repeat(6)));
        assert_eq!(half(&asked).get(1), expected.as_ref(), "{fields}");
        assert_eq!(answer["warnings"].is_null(), chosen.is_some(), "{fields}: {answer}");
    }
    let mut wrong = pod(&["a:1"]);
    testing::overlay(
        &mut wrong,
        terms(json!([{ "matchExpressions": [{ "key": arch, "operator": "In", "values": "arm64" }] }]))
            .as_object()
            .unwrap(),
    );
    assert_eq!(
        judge(layers(&registry), &Value::Null, &wrong, None)["message"],
        "seaworthy-testing: values is a string; it must be a list (spec.affinity.nodeAffinity.\
         requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values)"
    );
}

#[test]
fn what_several_platforms_have_in_common_is_said_once() {
    let platforms = ["linux/amd64", "linux/arm64", "linux/s390x", "linux/ppc64le"];
    let mut registry = Registry::default().with("a:1", index(&platforms));
    for (digit, count) in [('1', 2), ('2', 3), ('3', 2), ('4', 9)] {
        registry = registry.with(&format!("a@{}", digest(digit)), image(count));
    }
    let answer = judge(layers(&registry), &json!({ "platforms": "all" }), &pod(&["a:1"]), None);
    let line = |platforms: &str, count: usize| {
        format!(
            "seaworthy-testing: container \"c0\": on {platforms}, image registry.example/a:1 has {count} layers, made by ann; use \
             fewer (spec.containers[0].image)"
        )
    };
    assert_eq!(answer["message"], [line("linux/amd64, linux/s390x", 2), line("linux/arm64", 3)].join("\n"));
    let some = json!({ "platforms": ["linux/arm64/v8", "linux/riscv64"] });
    let answer = judge(layers(&registry), &some, &pod(&["a:1"]), None);
    assert_eq!(answer["message"], line("linux/arm64", 3));
    assert_eq!(
        answer["warnings"],
        json!([
            "seaworthy-testing: container \"c0\": image registry.example/a:1 is not there for linux/riscv64; it has \
                linux/amd64, linux/arm64, linux/s390x, linux/ppc64le; build it for them, or change platforms \
                (spec.containers[0].image)"
        ])
    );
}

#[test]
fn an_update_asks_only_about_what_changed() {
    let registry = Registry::default().with("a:1", image(1)).with("b:1", image(2)).with("b:2", image(3));
    let old = pod(&["a:1", "b:1"]);
    let asked = |settings: &Value, new: &Value| {
        let answer = judge(layers(&registry), settings, new, Some(&old));
        (half(&registry.asked()).len(), answer["accepted"] == true)
    };
    let with = |fields: Value| {
        let mut pod = old.clone();
        testing::overlay(&mut pod, fields.as_object().unwrap());
        pod
    };
    assert_eq!(asked(&Value::Null, &old), (0, true));
    assert_eq!(
        asked(&Value::Null, &with(json!({ "terminationGracePeriodSeconds": 7 }))),
        (0, true),
        "it is not judged"
    );
    assert_eq!(asked(&json!({ "updates": "full" }), &old), (3, false));
    assert_eq!(asked(&Value::Null, &pod(&["a:1", "b:2"])), (2, false), "another image");
    assert_eq!(
        asked(&Value::Null, &with(json!({ "nodeSelector": { "kubernetes.io/arch": "arm64" } }))),
        (3, true),
        "another platform, of images that were as bad"
    );
    let mut changed = old.clone();
    changed["containers"][1]["securityContext"] = json!({ "runAsUser": 1 });
    assert_eq!(asked(&Value::Null, &changed), (2, true), "what is found stood there");
    changed["containers"][1]["name"] = json!("other");
    assert_eq!(asked(&Value::Null, &changed), (2, false), "another container");
    let mut swapped = old.clone();
    swapped["containers"].as_array_mut().unwrap().reverse();
    assert_eq!(asked(&Value::Null, &swapped), (0, true), "the order does not matter");
    let moved = json!({ "containers": [old["containers"][0]], "initContainers": [old["containers"][1]] });
    assert_eq!(asked(&Value::Null, &moved), (2, false), "another class");
}

#[test]
fn an_image_that_was_not_judged_before_excuses_nothing() {
    let registry = Registry::default().with("b:1", image(2));
    let mut old = pod(&["b:1"]);
    let new = old.clone();
    // The manifest decided; now the image does.
    old["containers"][0]["securityContext"] = json!({ "runAsUser": 7 });
    assert_eq!(judge(layers(&registry), &Value::Null, &new, Some(&old))["accepted"], false);
    assert_eq!(half(&registry.asked()).len(), 2);
    assert_eq!(judge(layers(&registry), &Value::Null, &old, Some(&new))["accepted"], true);
    assert_eq!(registry.asked().len(), 0);
}

#[test]
fn nothing_is_asked_where_no_finding_counts() {
    let registry = Registry::default();
    let exempt = |rules: Value| json!({ "exemptions": [{ "images": ["registry.example/a"], "rules": rules, "reason": "reviewed" }] });
    assert_eq!(judge(layers(&registry), &exempt(json!([])), &pod(&["a:1"]), None), json!({ "accepted": true }));
    let ephemeral =
        json!({ "containers": [], "ephemeralContainers": [{ "name": "debug", "image": "registry.example/b:1" }] });
    let ignored = json!({ "containers": { "main": "ignore", "ephemeral": "ignore" } });
    let mut both_classes = pod(&["b:1"]);
    both_classes["ephemeralContainers"] = ephemeral["ephemeralContainers"].clone();
    assert_eq!(judge(layers(&registry), &ignored, &both_classes, None), json!({ "accepted": true }));
    assert_eq!(judge(layers(&registry), &Value::Null, &pod(&["Not valid", ""]), None), json!({ "accepted": true }));
    assert_eq!(registry.asked(), Vec::<String>::new());
    judge(layers(&registry), &exempt(json!(["layers"])), &pod(&["a:1"]), None);
    assert_eq!(half(&registry.asked()).len(), 1, "an exemption of one rule leaves the others");
}

#[test]
fn nothing_is_asked_about_an_object_that_is_trusted() {
    let registry = Registry::default();
    let owner = json!({ "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "controller": true });
    let object = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "web", "ownerReferences": [owner] }, "spec": pod(&["a:1"]),
    });
    let mut request = testing::request("CREATE", &object);
    request["userInfo"] = json!({ "username": "system:serviceaccount:kube-system:replicaset-controller" });
    for (settings, count) in [(json!({ "controllers": "trust" }), 0), (json!({}), 1)] {
        let payload = json!({ "request": request, "settings": settings }).to_string();
        assert!(!layers(&registry).validate(payload.as_bytes()).is_empty());
        assert_eq!(registry.asked().len(), count, "{settings}");
    }
}

#[test]
fn what_keeps_an_image_from_being_judged_is_said_once() {
    let denial = "Policy has not been granted access to the 'oci/v1/oci_manifest' host capability. The violation has been reported.";
    let registry =
        Registry::default().without("a:1", "connection refused").without("b:1", denial).without("c:1", denial);
    let answer = judge(both(&registry), &Value::Null, &pod(&["a:1", "b:1", "a:1", "c:1"]), None);
    assert_eq!(
        answer["message"],
        "seaworthy-testing: container \"c1\": the policy is not granted the host capability oci/v1/oci_manifest; add it to \
         namespacedPoliciesCapabilities of the policy server, or make this a ClusterAdmissionPolicy \
         (spec.containers[1].image)"
    );
    assert_eq!(
        answer["warnings"],
        json!(["seaworthy-testing: container \"c0\": the manifest of image registry.example/a:1 cannot be fetched: \
                \"connection refused\"; let the policy server reach registry.example, with credentials if the image is \
                private (spec.containers[0].image)"])
    );
    assert_eq!(half(&registry.asked()).len(), 3);
}

#[test]
fn a_request_asks_about_ten_images() {
    let names: Vec<String> = (0..15).map(|number| format!("a{number}:1")).collect();
    let registry = names.iter().fold(Registry::default(), |registry, name| registry.with(name, image(1)));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let answer = judge(layers(&registry), &Value::Null, &pod(&names), None);
    assert_eq!(
        answer["warnings"],
        json!([
            "seaworthy-testing: container \"c10\": this image and those after it are not inspected: one request can ask \
                about ten images at most; check them before they are deployed (spec.containers[10].image)"
        ])
    );
    assert_eq!(half(&registry.asked()).len(), 10);
}

#[test]
fn what_is_not_an_image_is_not_inspected() {
    let artifact =
        json!({ "schemaVersion": 2, "config": { "mediaType": "application/vnd.oci.empty.v1+json" }, "layers": [] });
    let nested = json!({ "manifests": [{
        "mediaType": "application/vnd.oci.image.index.v1+json", "digest": digest('1'), "platform": { "os": "linux", "architecture": "amd64" }
    }] });
    for (manifest, why) in [
        (json!({ "schemaVersion": 1, "fsLayers": [] }), "its manifest has schema 1"),
        (json!({ "fsLayers": [{ "blobSum": "x" }] }), "its manifest has schema 1"),
        (artifact, "it is an artifact, of type \"application/vnd.oci.empty.v1+json\""),
        (nested, "its index holds another index"),
        (
            json!({ "manifests": [{ "digest": "sha256:1", "platform": { "os": "linux", "architecture": "amd64" } }] }),
            "its index holds a digest that is not valid",
        ),
        (json!({ "layers": [{ "size": -1 }] }), "a layer has no valid size"),
        (json!({ "layers": [{ "size": 1.5 }] }), "a layer has no valid size"),
        (json!({ "layers": [{}] }), "a layer has no valid size"),
        (json!({ "layers": [{ "size": i64::MAX }, { "size": i64::MAX }, { "size": 2 }] }), "a layer has no valid size"),
        (json!({}), "the answer is not a manifest"),
        (json!([]), "the answer is not a manifest"),
        (Value::Null, "the answer is not a manifest"),
        (json!({ "layers": "none" }), "the answer is not a manifest"),
    ] {
        let registry = Registry::default().with("a:1", manifest.clone());
        let answer = judge(layers(&registry), &Value::Null, &pod(&["a:1"]), None);
        let warning = answer["warnings"][0].as_str().unwrap_or_default().to_owned();
        let expected =
            format!("seaworthy-testing: container \"c0\": image registry.example/a:1 cannot be inspected: {why}; ");
        assert!(warning.starts_with(&expected), "{manifest}: {answer}");
    }
}
