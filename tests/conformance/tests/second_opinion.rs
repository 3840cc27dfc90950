//! A second opinion on the pod model: objects in the types of the Kubernetes API, judged by the tables of the READMEs
//! and by the policies.
//!
//! The reference sees typed objects, the policies their JSON. It shares no code with them.

#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, reason = "a test that overflows fails")]

use std::collections::BTreeMap;
use std::path::Path;

use conformance::generate::{KINDS, Kind, samples};
use conformance::{Answer, POLICIES};
use host::Module;
use k8s_openapi::api::apps::v1::{
    DaemonSet, DaemonSetSpec, Deployment, DeploymentSpec, ReplicaSet, ReplicaSetSpec, StatefulSet, StatefulSetSpec,
};
use k8s_openapi::api::batch::v1::{CronJob, CronJobSpec, Job, JobSpec, JobTemplateSpec};
use k8s_openapi::api::core::v1::{
    Capabilities, Container, ContainerPort, EmptyDirVolumeSource, EnvVar, EphemeralContainer, ImageVolumeSource, Pod,
    PodOS, PodSecurityContext, PodSpec, PodTemplate, PodTemplateSpec, ReplicationController, ReplicationControllerSpec,
    ResourceRequirements, SecurityContext, Toleration, Volume, VolumeMount, WindowsSecurityContextOptions,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use manifests::Operation;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

fn metadata() -> ObjectMeta {
    let labels = BTreeMap::from([("app".to_owned(), "web".to_owned())]);
    ObjectMeta { labels: Some(labels), name: Some("web".into()), namespace: Some("shop".into()), ..Default::default() }
}

/// The object of this kind around a pod specification.
fn object(kind: &Kind, spec: PodSpec) -> Value {
    let template = PodTemplateSpec { metadata: Some(metadata()), spec: Some(spec.clone()) };
    let selector = LabelSelector { match_labels: metadata().labels, ..Default::default() };
    let metadata = metadata();
    let made = match kind.name {
        "Pod" => serde_json::to_value(Pod { metadata, spec: Some(spec), status: None }),
        "PodTemplate" => serde_json::to_value(PodTemplate { metadata, template: Some(template) }),
        "ReplicationController" => {
            let spec = ReplicationControllerSpec { template: Some(template), ..Default::default() };
            serde_json::to_value(ReplicationController { metadata, spec: Some(spec), status: None })
        }
        "DaemonSet" => {
            let spec = DaemonSetSpec { selector, template, ..Default::default() };
            serde_json::to_value(DaemonSet { metadata, spec, status: None })
        }
        "Deployment" => {
            let spec = DeploymentSpec { replicas: Some(2), selector, template, ..Default::default() };
            serde_json::to_value(Deployment { metadata, spec, status: None })
        }
        "ReplicaSet" => {
            let spec = ReplicaSetSpec { selector, template: Some(template), ..Default::default() };
            serde_json::to_value(ReplicaSet { metadata, spec, status: None })
        }
        "StatefulSet" => {
            let spec = StatefulSetSpec { selector, template, ..Default::default() };
            serde_json::to_value(StatefulSet { metadata, spec, status: None })
        }
        "CronJob" => {
            let job = JobTemplateSpec { metadata: None, spec: Some(JobSpec { template, ..Default::default() }) };
            let spec = CronJobSpec { job_template: job, schedule: "@daily".into(), ..Default::default() };
            serde_json::to_value(CronJob { metadata, spec, status: None })
        }
        "Job" => {
            let spec = JobSpec { template, ..Default::default() };
            serde_json::to_value(Job { metadata, spec: Some(spec), status: None })
        }
        other => panic!("{other} has no type here"),
    };
    made.unwrap()
}

/// Images whose parts are known: host, name, tag, digest.
fn image() -> impl Strategy<Value = String> {
    let digest = |algorithm: &str, digits: usize| format!("@{algorithm}:{}", "0123456789abcdef".repeat(digits / 16));
    (
        select(vec![
            "",
            "docker.io/",
            "registry:5000/",
            "localhost/",
            "[2001:db8::1]:5000/",
            "latest/",
            "ghcr.io/org/",
        ]),
        select(vec!["nginx", "latest", "team/app", "a.b-c__d"]),
        select(vec!["", "", ":latest", ":1.2.3", ":LATEST", ":latest-alpine", ":stable", ":v1_10"]),
        select(vec![String::new(), String::new(), String::new(), digest("sha256", 64), digest("sha512", 128)]),
    )
        .prop_map(|(host, name, tag, digest)| format!("{host}{name}{tag}{digest}"))
}

fn context() -> impl Strategy<Value = SecurityContext> {
    let user = || weighted(0.6, select(vec![1000, 1000, 1000, 1, 2_147_483_647, 0, -1, 2_147_483_648]));
    let windows = weighted(0.2, select(vec!["ContainerUser", "ContainerAdministrator", "nt authority\\system"]));
    (
        weighted(0.9, any::<u8>()),
        weighted(0.7, any::<u8>()),
        user(),
        weighted(0.5, select(vec![1000, 1000, 5, 0])),
        windows,
    )
        .prop_map(|(read_only, non_root, run_as_user, run_as_group, windows)| SecurityContext {
            capabilities: Some(Capabilities { add: None, drop: Some(vec!["ALL".into()]) }),
            privileged: read_only.map(|choice| choice % 2 == 0),
            // Mostly as it should be, or no pod of several containers would be accepted.
            read_only_root_filesystem: read_only.map(|choice| choice % 12 != 0),
            run_as_group,
            run_as_non_root: non_root.map(|choice| choice % 8 != 0),
            run_as_user,
            windows_options: windows.map(|user| WindowsSecurityContextOptions {
                run_as_user_name: Some(user.to_owned()),
                ..Default::default()
            }),
            ..Default::default()
        })
}

fn container() -> impl Strategy<Value = Container> {
    (
        select(vec!["web", "log", "proxy"]),
        weighted(0.97, image()),
        weighted(0.93, context()),
        weighted(0.3, any::<bool>()),
    )
        .prop_map(|(name, image, security_context, always)| Container {
            args: Some(vec!["--verbose".into()]),
            env: Some(vec![EnvVar { name: "A".into(), value: Some("1".into()), value_from: None }]),
            image,
            name: name.to_owned(),
            ports: Some(vec![ContainerPort { container_port: 8080, ..Default::default() }]),
            resources: Some(ResourceRequirements {
                limits: Some(BTreeMap::from([("cpu".to_owned(), Quantity("1".into()))])),
                ..Default::default()
            }),
            restart_policy: always.map(|always| if always { "Always" } else { "OnFailure" }.to_owned()),
            security_context,
            volume_mounts: Some(vec![VolumeMount {
                mount_path: "/tmp".into(),
                name: "tmp".into(),
                ..Default::default()
            }]),
            ..Default::default()
        })
}

fn ephemeral_container() -> impl Strategy<Value = EphemeralContainer> {
    (weighted(0.97, image()), weighted(0.9, context())).prop_map(|(image, security_context)| EphemeralContainer {
        image,
        name: "debug".into(),
        security_context,
        target_container_name: Some("web".into()),
        ..Default::default()
    })
}

fn volume() -> impl Strategy<Value = Volume> {
    weighted(0.5, weighted(0.9, image())).prop_map(|image| Volume {
        empty_dir: image.is_none().then(EmptyDirVolumeSource::default),
        image: image.map(|reference| ImageVolumeSource { pull_policy: None, reference }),
        name: "data".into(),
        ..Default::default()
    })
}

/// The security context of a pod, of what the one of a container has in common with it.
fn of_pod(own: SecurityContext) -> PodSecurityContext {
    PodSecurityContext {
        fs_group: own.run_as_group,
        run_as_group: own.run_as_group,
        run_as_non_root: own.run_as_non_root,
        run_as_user: own.run_as_user,
        supplemental_groups: own.run_as_group.map(|group| vec![group]),
        windows_options: own.windows_options,
        ..Default::default()
    }
}

fn pod() -> impl Strategy<Value = PodSpec> {
    let os = || weighted(0.15, select(vec!["windows", "linux", "Windows"]));
    (
        (
            vec(container(), 1..3),
            weighted(0.3, vec(container(), 1..3)),
            weighted(0.2, vec(ephemeral_container(), 1..2)),
        ),
        (weighted(0.4, context()), weighted(0.3, vec(volume(), 1..3))),
        (os(), os(), weighted(0.1, any::<bool>()), weighted(0.2, any::<bool>())),
    )
        .prop_map(|((containers, init, ephemeral), (context, volumes), (os, selected, host_users, shared))| {
            PodSpec {
                containers,
                ephemeral_containers: ephemeral,
                host_users,
                init_containers: init,
                node_selector: selected.map(|os| BTreeMap::from([("kubernetes.io/os".to_owned(), os.to_owned())])),
                os: os.map(|name| PodOS { name: name.to_owned() }),
                security_context: context.map(of_pod),
                share_process_namespace: shared,
                tolerations: Some(vec![Toleration { operator: Some("Exists".into()), ..Default::default() }]),
                volumes,
                ..Default::default()
            }
        })
}

/// The facts about a container that the tables judge by, beside its class.
struct Judged<'p> {
    is_ephemeral: bool,
    image: Option<&'p str>,
    context: Option<&'p SecurityContext>,
}

/// Every container of a pod.
fn containers(pod: &PodSpec) -> Vec<Judged<'_>> {
    let ordinary = pod.containers.iter().chain(pod.init_containers.iter().flatten()).map(|container| Judged {
        is_ephemeral: false,
        image: container.image.as_deref(),
        context: container.security_context.as_ref(),
    });
    let ephemeral = pod.ephemeral_containers.iter().flatten().map(|container| Judged {
        is_ephemeral: true,
        image: container.image.as_deref(),
        context: container.security_context.as_ref(),
    });
    ordinary.chain(ephemeral).collect()
}

fn is_windows(pod: &PodSpec) -> bool {
    let selected = pod.node_selector.as_ref().and_then(|labels| labels.get("kubernetes.io/os"));
    pod.os.as_ref().map(|os| &os.name).or(selected).is_some_and(|os| os == "windows")
}

/// README of readonly-rootfs: every container sets it to true; ephemeral ones only warn, Windows is not concerned.
fn readonly_rootfs_accepts(pod: &PodSpec) -> bool {
    is_windows(pod)
        || containers(pod).iter().all(|container| {
            let read_only = container.context.and_then(|context| context.read_only_root_filesystem);
            container.is_ephemeral || read_only == Some(true)
        })
}

/// README of non-root: the table "What is judged", and the group.
fn non_root_accepts(pod: &PodSpec) -> bool {
    let of_pod = pod.security_context.clone().unwrap_or_default();
    let windows = is_windows(pod);
    if pod.host_users == Some(false) && !windows {
        return true;
    }
    containers(pod).iter().all(|container| {
        let own = container.context.cloned().unwrap_or_default();
        if windows {
            let user =
                |options: Option<WindowsSecurityContextOptions>| options.and_then(|options| options.run_as_user_name);
            let effective = user(own.windows_options).or_else(|| user(of_pod.windows_options.clone()));
            let denied = ["containeradministrator", "nt authority\\system"];
            return effective.is_none_or(|user| !denied.contains(&user.to_lowercase().as_str()));
        }
        let user_is_fine = match own.run_as_user.or(of_pod.run_as_user) {
            Some(user) => (1..=2_147_483_647).contains(&user),
            None => own.run_as_non_root.or(of_pod.run_as_non_root) == Some(true),
        };
        user_is_fine && own.run_as_group.or(of_pod.run_as_group) != Some(0)
    })
}

/// README of no-latest: the table "Verdicts", for every container and every image volume that has a reference.
fn no_latest_accepts(pod: &PodSpec) -> bool {
    let is_denied = |image: &str| {
        let last = image.rsplit('/').next().unwrap_or_default();
        !image.contains('@') && last.split_once(':').is_none_or(|(_, tag)| tag == "latest")
    };
    let volumes = pod.volumes.iter().flatten().filter_map(|volume| volume.image.as_ref()?.reference.as_deref());
    containers(pod).iter().all(|container| container.image.is_some_and(|image| !is_denied(image)))
        && volumes.into_iter().all(|image| !is_denied(image))
}

/// A policy by name and what the reference says of a pod.
type Reference = (&'static str, fn(&PodSpec) -> bool);

const REFERENCES: [Reference; 3] =
    [("no-latest", no_latest_accepts), ("non-root", non_root_accepts), ("readonly-rootfs", readonly_rootfs_accepts)];

/// The numbers of objects that are judged natively and by the modules.
const OBJECTS: usize = 10_000;
const OBJECTS_IN_WASM: usize = 300;

/// Compares the references with what `judge` answers to a policy and a payload, on so many objects.
fn compare(how: &str, count: usize, seed: u64, judge: &dyn Fn(&str, &[u8]) -> Vec<u8>) {
    let mut accepted = BTreeMap::new();
    for (index, spec) in samples(pod(), seed).take(count).enumerate() {
        let kind = &KINDS[index % KINDS.len()];
        let request = kind.request(Operation::Create, &object(kind, spec.clone()), &Value::Null);
        let payload = json!({ "request": request, "settings": {} }).to_string();
        for (policy, reference) in REFERENCES {
            let answer: Answer = serde_json::from_slice(&judge(policy, payload.as_bytes())).unwrap();
            assert_eq!(answer.accepted, reference(&spec), "{policy}, {how}: {answer:?}\n{payload}");
            assert!(answer.code.is_none_or(|code| code == 403), "{policy}, {how}: {answer:?}\n{payload}");
            *accepted.entry(policy).or_insert(0) += usize::from(answer.accepted);
        }
    }
    println!("{count} typed objects, {how}: no difference; accepted: {accepted:?}");
    // Of a test in which one verdict is rare, little would follow.
    assert!(accepted.values().all(|accepted| (count / 10..count * 9 / 10).contains(accepted)), "{accepted:?}");
}

#[test]
fn native_policies_agree_with_a_typed_reference() {
    compare("natively", OBJECTS, 1, &|name, payload| {
        let policy = POLICIES.iter().find(|policy| policy.name == name).unwrap();
        policy.validate(payload)
    });
}

#[test]
fn modules_agree_with_a_typed_reference() {
    let dist = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../dist"));
    let module = |(name, _): Reference| {
        let module = Module::from_file(&dist.join(format!("{name}.wasm")));
        (name, module.unwrap_or_else(|error| panic!("{error}; `cargo xtask build` builds the modules")))
    };
    let modules = BTreeMap::from(REFERENCES.map(module));
    compare("by the modules", OBJECTS_IN_WASM, 2, &|name, payload| modules[name].call("validate", payload).unwrap());
}
