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
    AppArmorProfile, Capabilities, Container, ContainerPort, EmptyDirVolumeSource, EnvVar, EphemeralContainer,
    HTTPGetAction, HostPathVolumeSource, ImageVolumeSource, Lifecycle, LifecycleHandler, NFSVolumeSource, Pod, PodOS,
    PodSecurityContext, PodSpec, PodTemplate, PodTemplateSpec, Probe, ReplicationController, ReplicationControllerSpec,
    ResourceRequirements, SELinuxOptions, SeccompProfile, SecurityContext, Sysctl, TCPSocketAction, Toleration, Volume,
    VolumeMount, WindowsSecurityContextOptions,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
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

/// A pod without its name.
#[derive(Clone, Debug)]
struct Sample {
    spec: PodSpec,
    annotations: BTreeMap<String, String>,
}

/// The object of this kind around a pod.
fn object(kind: &Kind, Sample { spec, annotations }: Sample) -> Value {
    let of_pod = ObjectMeta { annotations: Some(annotations), ..metadata() };
    let template = PodTemplateSpec { metadata: Some(of_pod.clone()), spec: Some(spec.clone()) };
    let selector = LabelSelector { match_labels: metadata().labels, ..Default::default() };
    let metadata = metadata();
    let made = match kind.name {
        "Pod" => serde_json::to_value(Pod { metadata: of_pod, spec: Some(spec), status: None }),
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

/// The first of the values for the most part, or no container would be as it should be; else any of them, or none.
fn mostly<T: Clone + std::fmt::Debug + 'static>(values: Vec<Option<T>>) -> impl Strategy<Value = Option<T>> {
    let usual = values.first().cloned().flatten();
    (0..20_u8, select(values)).prop_map(move |(choice, any)| if choice == 0 { any } else { usual.clone() })
}

/// The fields of a security context that `least-privilege` judges.
fn privileges() -> impl Strategy<Value = SecurityContext> {
    let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    let drop =
        vec![names(&["ALL"]), names(&["all"]), names(&["NET_RAW", "KILL"]), names(&["KILL", "ALL"]), names(&[]), None];
    let add = vec![
        None,
        names(&["NET_BIND_SERVICE"]),
        names(&["CHOWN"]),
        names(&["NET_ADMIN", "CHOWN"]),
        names(&["NET_RAW"]),
        names(&["CAP_KILL"]),
        names(&[]),
    ];
    let text = |texts: &[&str]| -> Vec<Option<String>> {
        let all = texts.iter().map(|text| Some((*text).to_owned()));
        all.chain([None]).collect()
    };
    let profiles = ["RuntimeDefault", "Localhost", "Unconfined", ""];
    let selinux = vec![
        None,
        Some(("container_t", "", "")),
        Some(("container_engine_t", "", "")),
        Some(("spc_t", "", "")),
        Some(("", "root", "")),
        Some(("", "", "r")),
    ];
    (
        (mostly(vec![Some(false), None, Some(true)]), mostly(vec![None, Some(false), Some(true)])),
        (mostly(drop), mostly(add)),
        (mostly(text(&profiles)), mostly([vec![None], text(&profiles)].concat())),
        (mostly([vec![None], text(&["Default", "Unmasked"])].concat()), mostly(selinux)),
        mostly(vec![None, Some(true), Some(false)]),
    )
        .prop_map(|((escalation, privileged), (drop, add), (seccomp, app_armor), (proc_mount, selinux), host)| {
            SecurityContext {
                allow_privilege_escalation: escalation,
                app_armor_profile: app_armor.map(|type_| AppArmorProfile { type_, ..Default::default() }),
                capabilities: Some(Capabilities { add, drop }),
                privileged,
                proc_mount,
                se_linux_options: selinux.map(|(type_, user, role)| SELinuxOptions {
                    level: None,
                    role: Some(role.to_owned()),
                    type_: Some(type_.to_owned()),
                    user: Some(user.to_owned()),
                }),
                seccomp_profile: seccomp.map(|type_| SeccompProfile { type_, ..Default::default() }),
                windows_options: host.map(|host_process| WindowsSecurityContextOptions {
                    host_process: Some(host_process),
                    ..Default::default()
                }),
                ..Default::default()
            }
        })
}

/// A probe that names this host.
fn probe(host: &str) -> Probe {
    let http = HTTPGetAction { host: Some(host.to_owned()), port: IntOrString::Int(80), ..Default::default() };
    let tcp = TCPSocketAction { host: None, port: IntOrString::Int(80) };
    let is_http = host.len().is_multiple_of(2);
    Probe { http_get: is_http.then_some(http), tcp_socket: (!is_http).then_some(tcp), ..Default::default() }
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
        privileges(),
    )
        .prop_map(|(read_only, non_root, run_as_user, run_as_group, windows, privileges)| SecurityContext {
            // Mostly as it should be, or no pod of several containers would be accepted.
            read_only_root_filesystem: read_only.map(|choice| choice % 12 != 0),
            run_as_group,
            run_as_non_root: non_root.map(|choice| choice % 8 != 0),
            run_as_user,
            windows_options: windows.map_or(privileges.windows_options.clone(), |user| {
                Some(WindowsSecurityContextOptions {
                    run_as_user_name: Some(user.to_owned()),
                    ..privileges.windows_options.clone().unwrap_or_default()
                })
            }),
            ..privileges
        })
}

fn container() -> impl Strategy<Value = Container> {
    (
        select(vec!["web", "log", "proxy"]),
        weighted(0.97, image()),
        weighted(0.97, context()),
        weighted(0.3, any::<bool>()),
        (
            mostly(vec![None, Some(""), Some("db"), Some("web")]),
            mostly(vec![None, Some("db")]),
            mostly(vec![None, Some(0), Some(80)]),
        ),
    )
        .prop_map(|(name, image, security_context, always, (host, hook_host, host_port))| Container {
            args: Some(vec!["--verbose".into()]),
            env: Some(vec![EnvVar { name: "A".into(), value: Some("1".into()), value_from: None }]),
            image,
            lifecycle: hook_host.map(|host| Lifecycle {
                pre_stop: Some(LifecycleHandler { http_get: probe(host).http_get, ..Default::default() }),
                ..Default::default()
            }),
            liveness_probe: host.map(probe),
            name: name.to_owned(),
            ports: Some(vec![ContainerPort { container_port: 8080, host_port, ..Default::default() }]),
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
    (weighted(0.5, weighted(0.9, image())), mostly(vec![None, Some(true), Some(false)])).prop_map(|(image, other)| {
        Volume {
            empty_dir: (image.is_none() && other.is_none()).then(EmptyDirVolumeSource::default),
            host_path: other.filter(|is| *is).map(|_| HostPathVolumeSource { path: "/etc".into(), type_: None }),
            image: image
                .filter(|_| other.is_none())
                .map(|reference| ImageVolumeSource { pull_policy: None, reference }),
            nfs: other.filter(|is| !is).map(|_| NFSVolumeSource::default()),
            name: "data".into(),
            ..Default::default()
        }
    })
}

/// The security context of a pod, of what the one of a container has in common with it.
fn of_pod(own: SecurityContext) -> PodSecurityContext {
    PodSecurityContext {
        app_armor_profile: own.app_armor_profile,
        fs_group: own.run_as_group,
        run_as_group: own.run_as_group,
        run_as_non_root: own.run_as_non_root,
        run_as_user: own.run_as_user,
        se_linux_options: own.se_linux_options,
        seccomp_profile: own.seccomp_profile,
        supplemental_groups: own.run_as_group.map(|group| vec![group]),
        windows_options: own.windows_options,
        ..Default::default()
    }
}

/// Annotations about profiles, and names of sysctls.
fn of_kernel() -> impl Strategy<Value = (BTreeMap<String, String>, Option<Vec<Sysctl>>)> {
    let keys = [
        "seccomp.security.alpha.kubernetes.io/pod",
        "container.seccomp.security.alpha.kubernetes.io/web",
        "container.seccomp.security.alpha.kubernetes.io/other",
        "container.apparmor.security.beta.kubernetes.io/web",
        "container.apparmor.security.beta.kubernetes.io/other",
    ];
    let values = ["runtime/default", "docker/default", "localhost/web", "unconfined", ""];
    let sysctls = ["kernel.shm_rmid_forced", "net.ipv4.tcp_rmem", "net.ipv4.tcp_keepalive_time", "kernel.msgmax"];
    let annotation = (select(keys.to_vec()), select(values.to_vec()));
    let annotation = annotation.prop_map(|(key, value)| (key.to_owned(), value.to_owned()));
    let sysctl = select(sysctls.to_vec()).prop_map(|name| Sysctl { name: name.to_owned(), value: "1".into() });
    (weighted(0.2, vec(annotation, 1..3)), weighted(0.1, vec(sysctl, 1..3)))
        .prop_map(|(annotations, sysctls)| (annotations.into_iter().flatten().collect(), sysctls))
}

fn pod() -> impl Strategy<Value = Sample> {
    let os = || weighted(0.15, select(vec!["windows", "linux", "Windows"]));
    (
        (
            vec(container(), 1..3),
            weighted(0.3, vec(container(), 1..3)),
            weighted(0.2, vec(ephemeral_container(), 1..2)),
        ),
        (weighted(0.4, context()), weighted(0.3, vec(volume(), 1..3))),
        (os(), os(), weighted(0.1, any::<bool>()), weighted(0.2, any::<bool>())),
        (mostly(vec![None, Some(0), Some(1), Some(2), Some(3)]), of_kernel()),
    )
        .prop_map(|(containers, (context, volumes), (os, selected, host_users, shared), (host, of_kernel))| {
            let (containers, init, ephemeral) = containers;
            let (annotations, sysctls) = of_kernel;
            let mut security_context = context.map(of_pod);
            if sysctls.is_some() {
                security_context.get_or_insert_default().sysctls = sysctls;
            }
            let spec = PodSpec {
                containers,
                ephemeral_containers: ephemeral,
                host_ipc: host.map(|host| host == 2),
                host_network: host.map(|host| host == 0),
                host_pid: host.map(|host| host == 1),
                host_users,
                init_containers: init,
                node_selector: selected.map(|os| BTreeMap::from([("kubernetes.io/os".to_owned(), os.to_owned())])),
                os: os.map(|name| PodOS { name: name.to_owned() }),
                security_context,
                share_process_namespace: shared,
                tolerations: Some(vec![Toleration { operator: Some("Exists".into()), ..Default::default() }]),
                volumes,
                ..Default::default()
            };
            Sample { spec, annotations }
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

/// Pod Security, `policy/check_*.go` of kubernetes/pod-security-admission: the profile of a minor version, without
/// `runAsNonRoot` and `runAsUser`.
#[expect(clippy::too_many_lines, reason = "one control after the other, as the standards list them")]
fn pod_security_accepts(Sample { spec, annotations }: &Sample, is_restricted: bool, minor: u8) -> bool {
    let of_pod = spec.security_context.clone().unwrap_or_default();
    let is_linux = minor < 25 || spec.os.as_ref().is_none_or(|os| os.name != "windows");
    let is_user_namespace = spec.host_users == Some(false);
    let filters = |profile: &SeccompProfile| ["RuntimeDefault", "Localhost"].contains(&profile.type_.as_str());
    let seccomp_annotation = |key: &str| {
        annotations.get(key).is_none_or(|value| {
            ["runtime/default", "docker/default"].contains(&value.as_str()) || value.starts_with("localhost/")
        })
    };
    let app_armor = |profile: &Option<AppArmorProfile>| {
        profile.as_ref().is_none_or(|profile| ["RuntimeDefault", "Localhost"].contains(&profile.type_.as_str()))
    };
    let app_armor_annotations = annotations.iter().all(|(key, value)| {
        !key.starts_with("container.apparmor.security.beta.kubernetes.io/")
            || value.is_empty()
            || value == "runtime/default"
            || value.starts_with("localhost/")
    });
    let selinux = |options: &Option<SELinuxOptions>| {
        let SELinuxOptions { type_, user, role, .. } = options.clone().unwrap_or_default();
        let domain = type_.unwrap_or_default();
        let known = ["", "container_t", "container_init_t", "container_kvm_t"].contains(&domain.as_str());
        (known || minor >= 31 && domain == "container_engine_t")
            && user.unwrap_or_default().is_empty()
            && role.unwrap_or_default().is_empty()
    };
    let host_process = |options: &Option<WindowsSecurityContextOptions>| {
        options.as_ref().and_then(|options| options.host_process) == Some(true)
    };
    let sysctl = |name: &str| match name {
        "kernel.shm_rmid_forced" => true,
        "net.ipv4.tcp_keepalive_time" => minor >= 29,
        "net.ipv4.tcp_rmem" => minor >= 32,
        _ => false,
    };
    let volume = |volume: &Volume| volume.host_path.is_none() && !(is_restricted && volume.nfs.is_some());
    let capabilities = |capabilities: &Capabilities| {
        let has = |list: &Option<Vec<String>>, name: &str| list.iter().flatten().any(|known| known == name);
        let add = capabilities.add.iter().flatten();
        if !is_restricted || minor < 22 {
            return add.map(String::as_str).all(|name| ["NET_BIND_SERVICE", "CHOWN"].contains(&name));
        }
        !is_linux || has(&capabilities.drop, "ALL") && add.map(String::as_str).all(|name| name == "NET_BIND_SERVICE")
    };
    let seccomp = |own: &SecurityContext, name: &str| {
        if minor < 19 {
            return seccomp_annotation(&format!("container.seccomp.security.alpha.kubernetes.io/{name}"));
        }
        let explicit = own.seccomp_profile.as_ref().is_none_or(filters);
        let inherited = own.seccomp_profile.is_some() || of_pod.seccomp_profile.is_some();
        if is_restricted { !is_linux || explicit && inherited } else { explicit }
    };
    let container = |name: &str,
                     own: Option<&SecurityContext>,
                     ports: &[ContainerPort],
                     probe: Option<&Probe>,
                     hook: Option<&Lifecycle>| {
        let own = own.cloned().unwrap_or_default();
        let hosts = [
            probe.and_then(|probe| probe.http_get.as_ref()),
            hook.and_then(|hook| hook.pre_stop.as_ref()?.http_get.as_ref()),
        ];
        let is_masked = own.proc_mount.as_ref().is_none_or(|proc_mount| proc_mount == "Default");
        own.privileged != Some(true)
            && capabilities(&own.capabilities.clone().unwrap_or_default())
            && (!is_restricted || minor < 8 || !is_linux || own.allow_privilege_escalation == Some(false))
            && (is_masked || !is_restricted && minor >= 35 && is_user_namespace)
            && seccomp(&own, name)
            && app_armor(&own.app_armor_profile)
            && selinux(&own.se_linux_options)
            && !host_process(&own.windows_options)
            && ports.iter().all(|port| port.host_port.unwrap_or_default() == 0)
            && (minor < 34 || hosts.iter().flatten().all(|get| get.host.as_ref().is_none_or(String::is_empty)))
    };
    let ordinary = spec.containers.iter().chain(spec.init_containers.iter().flatten());
    [spec.host_network, spec.host_pid, spec.host_ipc].iter().all(|shared| *shared != Some(true))
        && app_armor(&of_pod.app_armor_profile)
        && app_armor_annotations
        && selinux(&of_pod.se_linux_options)
        && !host_process(&of_pod.windows_options)
        && of_pod.sysctls.iter().flatten().all(|found| sysctl(&found.name))
        && spec.volumes.iter().flatten().all(volume)
        && if minor < 19 {
            seccomp_annotation("seccomp.security.alpha.kubernetes.io/pod")
        } else {
            is_restricted && !is_linux || of_pod.seccomp_profile.as_ref().is_none_or(filters)
        }
        && ordinary.into_iter().all(|one| {
            let ports = one.ports.as_deref().unwrap_or_default();
            container(
                &one.name,
                one.security_context.as_ref(),
                ports,
                one.liveness_probe.as_ref(),
                one.lifecycle.as_ref(),
            )
        })
        && spec
            .ephemeral_containers
            .iter()
            .flatten()
            .all(|one| container(&one.name, one.security_context.as_ref(), &[], None, None))
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

/// A policy, its settings, and what the reference says of a pod.
type Reference = (&'static str, &'static str, fn(&Sample) -> bool);

const REFERENCES: [Reference; 9] = [
    ("no-latest", "{}", |pod| no_latest_accepts(&pod.spec)),
    ("non-root", "{}", |pod| non_root_accepts(&pod.spec)),
    ("readonly-rootfs", "{}", |pod| readonly_rootfs_accepts(&pod.spec)),
    // What only "restricted" forbids warns by default.
    ("least-privilege", "{}", |pod| pod_security_accepts(pod, false, 37)),
    ("least-privilege", r#"{"profile": "baseline"}"#, |pod| pod_security_accepts(pod, false, 37)),
    ("least-privilege", r#"{"profile": "restricted"}"#, |pod| pod_security_accepts(pod, true, 37)),
    ("least-privilege", r#"{"profile": "baseline", "version": "1.18"}"#, |pod| pod_security_accepts(pod, false, 18)),
    ("least-privilege", r#"{"profile": "restricted", "version": "1.24"}"#, |pod| pod_security_accepts(pod, true, 24)),
    ("least-privilege", r#"{"profile": "restricted", "version": "1.30"}"#, |pod| pod_security_accepts(pod, true, 30)),
];

/// The numbers of objects that are judged natively and by the modules.
const OBJECTS: usize = 10_000;
const OBJECTS_IN_WASM: usize = 300;

/// Compares the references with what `judge` answers to a policy and a payload, on so many objects.
fn compare(how: &str, count: usize, seed: u64, judge: &dyn Fn(&str, &[u8]) -> Vec<u8>) {
    let mut accepted = BTreeMap::new();
    for (index, sample) in samples(pod(), seed).take(count).enumerate() {
        let kind = &KINDS[index % KINDS.len()];
        let request = kind.request(Operation::Create, &object(kind, sample.clone()), &Value::Null);
        for (policy, settings, reference) in REFERENCES {
            let settings: Value = serde_json::from_str(settings).unwrap();
            let payload = json!({ "request": request, "settings": settings }).to_string();
            let answer: Answer = serde_json::from_slice(&judge(policy, payload.as_bytes())).unwrap();
            assert_eq!(answer.accepted, reference(&sample), "{policy}, {how}: {answer:?}\n{payload}");
            assert!(answer.code.is_none_or(|code| code == 403), "{policy}, {how}: {answer:?}\n{payload}");
            *accepted.entry(format!("{policy} {settings}")).or_insert(0) += usize::from(answer.accepted);
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
    let module = |(name, _, _): Reference| {
        let module = Module::from_file(&dist.join(format!("{name}.wasm")));
        (name, module.unwrap_or_else(|error| panic!("{error}; `cargo xtask build` builds the modules")))
    };
    let modules = BTreeMap::from(REFERENCES.map(module));
    compare("by the modules", OBJECTS_IN_WASM, 2, &|name, payload| modules[name].call("validate", payload).unwrap());
}
