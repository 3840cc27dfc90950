//! The fields of a pod specification that policies judge, each declared once: its accessor, where it stands, and the name
//! by which a policy declares that it reads it.

use super::container::Container;
use super::model::{Of, Reads, Row};
use super::scope::Field;
use super::specification::{ARCHITECTURE_LABEL, OS_LABEL, Pod};
use crate::malformed::Malformed;

/// The probes of a container, which have the same fields.
const PROBES: &str = "livenessProbe|readinessProbe|startupProbe";

/// Declares the fields. Of `both` kinds are those that a container inherits from its pod unless it sets them; `metadata`
/// stands beside the specification. What a field without a type is read with is written by hand.
macro_rules! fields {
    (
        $( $(#[doc = $about:literal])+ $owner:ident $name:ident $(: $type:ty)? = $([$($step:expr),+]),+; )+
    ) => {
        /// Every field.
        pub const ROWS: &[Row] = &[
            Row { of: Of::Pod, path: &["containers[*]"], reads: Reads::BASE },
            Row { of: Of::Pod, path: &["initContainers[*]"], reads: Reads::BASE },
            Row { of: Of::Pod, path: &["ephemeralContainers[*]"], reads: Reads::BASE },
            Row { of: Of::Pod, path: &["nodeSelector", OS_LABEL], reads: Reads::BASE },
            Row { of: Of::Pod, path: &["nodeSelector", ARCHITECTURE_LABEL], reads: reads::placement() },
            Row { of: Of::Pod, path: &["os", "name"], reads: Reads::BASE },
            Row { of: Of::Both, path: &["restartPolicy"], reads: Reads::BASE },
            Row { of: Of::Container, path: &["name"], reads: Reads::BASE },
            Row { of: Of::Container, path: &["image"], reads: Reads::BASE },
            $($( fields! { @row $owner $name [$($step),+] }, )+)+
        ];

        /// The fields that a policy can declare to read.
        pub mod reads {
            use super::Reads;

            #[expect(non_camel_case_types, reason = "the number of a field by its name")]
            enum Number { $($name),+ }

            $(
                $(#[doc = $about])+
                #[must_use]
                pub const fn $name() -> Reads {
                    Reads::field(Number::$name as u32)
                }
            )+
        }

        $( fields! { @accessor $owner $name $(: $type)? = $([$($step),+]),+; $($about)+ } )+
    };
    (@row pod $name:ident $path:expr) => { Row { of: Of::Pod, path: &$path, reads: reads::$name() } };
    (@row container $name:ident $path:expr) => { Row { of: Of::Container, path: &$path, reads: reads::$name() } };
    (@row both $name:ident $path:expr) => { Row { of: Of::Both, path: &$path, reads: reads::$name() } };
    (@row metadata $name:ident $path:expr) => { Row { of: Of::Metadata, path: &$path, reads: reads::$name() } };
    (@accessor pod $name:ident: $type:ty = $path:expr; $($about:literal)+) => {
        impl<'a> Pod<'a> {
            fields! { @read $name: $type = $path; $($about)+ }
        }
    };
    (@accessor container $name:ident: $type:ty = $path:expr; $($about:literal)+) => {
        impl<'a> Container<'a> {
            fields! { @read $name: $type = $path; $($about)+ }
        }
    };
    (@accessor both $name:ident: $type:ty = $path:expr; $($about:literal)+) => {
        fields! { @accessor pod $name: $type = $path; $($about)+ }
        fields! { @accessor container $name: $type = $path; $($about)+ }
    };
    (@accessor $owner:ident $name:ident = $($path:expr),+; $($about:literal)+) => {};
    (@read $name:ident: $type:ty = $path:expr; $($about:literal)+) => {
        $(#[doc = $about])+
        ///
        /// # Errors
        /// It is ill-typed.
        pub fn $name(&self) -> Result<Field<'_, $type>, Malformed> {
            self.scope.field(reads::$name(), const { &$path })
        }
    };
}

fields! {
    /// The command line of a container, and the variables in it.
    container command_line = ["command[]"], ["args[]"], ["env[]", "name"], ["env[]", "value"], ["env[]", "valueFrom"], ["envFrom[]"];

    /// The ports that a container declares.
    container ports = ["ports[]", "containerPort"];

    /// The ports that a container declares, with their names and protocols.
    container named_ports = ["ports[]", "containerPort"], ["ports[]", "name"], ["ports[]", "protocol"];

    /// The probes of a container: how the kubelet sees whether it is well.
    container probes =
        [PROBES, "exec", "command[]"], [PROBES, "grpc", "mode"], [PROBES, "grpc", "port"], [PROBES, "grpc", "service"],
        [PROBES, "httpGet", "host"], [PROBES, "httpGet", "httpHeaders[]", "name"],
        [PROBES, "httpGet", "httpHeaders[]", "value"], [PROBES, "httpGet", "path"], [PROBES, "httpGet", "port"],
        [PROBES, "httpGet", "protocol"], [PROBES, "httpGet", "scheme"], [PROBES, "tcpSocket", "host"],
        [PROBES, "tcpSocket", "port"], [PROBES, "initialDelaySeconds"], [PROBES, "periodSeconds"],
        [PROBES, "timeoutSeconds"], [PROBES, "successThreshold"], [PROBES, "failureThreshold"];

    /// The ports of its node that a container takes.
    container host_ports = ["ports[]", "hostPort"];

    /// The hosts that probes and hooks of a container name, instead of the IP address of its pod.
    container hosts = ["livenessProbe", "httpGet", "host"], ["livenessProbe", "tcpSocket", "host"],
        ["readinessProbe", "httpGet", "host"], ["readinessProbe", "tcpSocket", "host"],
        ["startupProbe", "httpGet", "host"], ["startupProbe", "tcpSocket", "host"],
        ["lifecycle", "postStart", "httpGet", "host"], ["lifecycle", "postStart", "tcpSocket", "host"],
        ["lifecycle", "preStop", "httpGet", "host"], ["lifecycle", "preStop", "tcpSocket", "host"];

    /// The hook of a container that runs before the signal that stops it.
    container pre_stop = ["lifecycle", "preStop", "exec", "command[]"], ["lifecycle", "preStop", "sleep"];

    /// `lifecycle.stopSignal`: the signal that stops a container instead of SIGTERM.
    container stop_signal: &'a str = ["lifecycle", "stopSignal"];

    /// `readOnlyRootFilesystem`: whether nothing can be written to the root filesystem of a container. It has no effect in
    /// a pod.
    both read_only_root_filesystem: bool = ["securityContext", "readOnlyRootFilesystem"];

    /// `runAsUser`: the numeric user of the first process.
    both run_as_user: i64 = ["securityContext", "runAsUser"];

    /// `runAsGroup`: the numeric group of the first process.
    both run_as_group: i64 = ["securityContext", "runAsGroup"];

    /// `runAsNonRoot`: whether the kubelet refuses to start a container as root.
    both run_as_non_root: bool = ["securityContext", "runAsNonRoot"];

    /// `windowsOptions.runAsUserName`: the Windows user of the first process.
    both windows_user: &'a str = ["securityContext", "windowsOptions", "runAsUserName"];

    /// `windowsOptions.hostProcess`: whether the first process runs on the Windows node itself.
    both host_process: bool = ["securityContext", "windowsOptions", "hostProcess"];

    /// `privileged`: whether a container has every capability and every device of its node.
    container privileged: bool = ["securityContext", "privileged"];

    /// `allowPrivilegeEscalation`: whether a process can get more privileges than the one that starts it.
    container allow_privilege_escalation: bool = ["securityContext", "allowPrivilegeEscalation"];

    /// The capabilities that a container adds to the default ones, and drops from them.
    container capabilities = ["securityContext", "capabilities", "add[]"], ["securityContext", "capabilities", "drop[]"];

    /// `procMount`: how much of `/proc` a container can see and write.
    container proc_mount: &'a str = ["securityContext", "procMount"];

    /// `seccompProfile.type`: the filter of system calls.
    both seccomp_profile = ["securityContext", "seccompProfile", "type"];

    /// `appArmorProfile.type`: the rules of `AppArmor`.
    both app_armor_profile = ["securityContext", "appArmorProfile", "type"];

    /// `seLinuxOptions.type`: the domain of `SELinux`.
    both selinux_type: &'a str = ["securityContext", "seLinuxOptions", "type"];

    /// `seLinuxOptions.user`: the user of `SELinux`.
    both selinux_user: &'a str = ["securityContext", "seLinuxOptions", "user"];

    /// `seLinuxOptions.role`: the role of `SELinux`.
    both selinux_role: &'a str = ["securityContext", "seLinuxOptions", "role"];

    /// `sysctls`: settings of the kernel for the pod.
    pod sysctls = ["securityContext", "sysctls[]", "name"];

    /// `fsGroup`: the group that owns the pod's volumes.
    pod fs_group: i64 = ["securityContext", "fsGroup"];

    /// `supplementalGroups`: further groups of every process.
    pod supplemental_groups = ["securityContext", "supplementalGroups[]"];

    /// `hostPID`: whether the containers are in the PID namespace of the node, where none of them is PID 1.
    pod host_pid: bool = ["hostPID"];

    /// `hostNetwork`: whether the containers use the network of the node.
    pod host_network: bool = ["hostNetwork"];

    /// `hostIPC`: whether the containers share memory and semaphores with the processes of the node.
    pod host_ipc: bool = ["hostIPC"];

    /// `hostUsers`: `false` gives the pod a user namespace of its own, in which root is an ordinary user of the node.
    pod host_users: bool = ["hostUsers"];

    /// `os.name`: the operating system that the pod is for.
    pod os_name: &'a str = ["os", "name"];

    /// `shareProcessNamespace`: whether the containers share a PID namespace, in which the pause container is PID 1.
    pod share_process_namespace: bool = ["shareProcessNamespace"];

    /// `terminationGracePeriodSeconds`: the time from SIGTERM to SIGKILL, in seconds.
    pod termination_grace_period_seconds: i64 = ["terminationGracePeriodSeconds"];

    /// The nodes that a pod may run on, as far as it pins their operating system and architecture.
    pod placement =
        [
            "affinity",
            "nodeAffinity",
            "requiredDuringSchedulingIgnoredDuringExecution",
            "nodeSelectorTerms[]",
            "matchExpressions[]",
            "key"
        ],
        [
            "affinity",
            "nodeAffinity",
            "requiredDuringSchedulingIgnoredDuringExecution",
            "nodeSelectorTerms[]",
            "matchExpressions[]",
            "operator"
        ],
        [
            "affinity",
            "nodeAffinity",
            "requiredDuringSchedulingIgnoredDuringExecution",
            "nodeSelectorTerms[]",
            "matchExpressions[]",
            "values[]"
        ];

    /// The volumes of a pod, with the sources by which they reach beyond what Kubernetes keeps for the pod.
    pod volumes = ["volumes[]", "name"], ["volumes[]", "hostPath", "path"],
        ["volumes[]", "gcePersistentDisk"], ["volumes[]", "awsElasticBlockStore"], ["volumes[]", "gitRepo"], ["volumes[]", "nfs"],
        ["volumes[]", "iscsi"], ["volumes[]", "glusterfs"], ["volumes[]", "rbd"], ["volumes[]", "flexVolume"],
        ["volumes[]", "cinder"], ["volumes[]", "cephfs"], ["volumes[]", "flocker"], ["volumes[]", "fc"],
        ["volumes[]", "azureFile"], ["volumes[]", "vsphereVolume"], ["volumes[]", "quobyte"], ["volumes[]", "azureDisk"],
        ["volumes[]", "portworxVolume"], ["volumes[]", "photonPersistentDisk"], ["volumes[]", "scaleIO"], ["volumes[]", "storageos"];

    /// The volumes that a container mounts.
    container volume_mounts = ["volumeMounts[]", "name"], ["volumeMounts[]", "mountPath"], ["volumeMounts[]", "readOnly"];

    /// The hook of a container that runs when it has started.
    container post_start = ["lifecycle", "postStart", "exec", "command[]"];

    /// The directories that a pod keeps for itself, with their limits.
    pod empty_dirs = ["volumes[]", "emptyDir", "sizeLimit"];

    /// The volumes that hold Secrets.
    pod secret_volumes = ["volumes[]", "secret", "secretName"], ["volumes[]", "projected", "sources[]", "secret", "name"];

    /// Every annotation of a pod.
    metadata every_annotation = ["annotations", "*"];

    /// The annotations of a pod by which Prometheus finds it.
    metadata scrape_annotations = ["annotations", "prometheus.io/scrape"], ["annotations", "prometheus.io/port"];

    /// `helm.sh/hook`: the annotation of a pod that Helm runs at a point of a release.
    metadata hook_annotation = ["annotations", "helm.sh/hook"];

    /// The annotations of a pod that choose profiles of seccomp and `AppArmor`.
    metadata annotations = ["annotations", "seccomp.security.alpha.kubernetes.io/pod"],
        ["annotations", "container.seccomp.security.alpha.kubernetes.io/*"],
        ["annotations", "container.apparmor.security.beta.kubernetes.io/*"];

    /// The images of a pod: those of its containers and of its volumes.
    pod images = ["volumes[]", "name"], ["volumes[]", "image", "reference"];
}
