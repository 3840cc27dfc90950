//! Pods that take more privileges than the Pod Security Standards allow. Reasons and settings: README.

mod capabilities;
mod node;
mod process;
mod profiles;
mod settings;
mod standard;
mod words;

use settings::Settings;
use shared::prelude::*;
use standard::Standard;
use words::Report;

policy! {
    /// No pod may have privileges that the Pod Security Standards forbid, the user of its processes aside.
    pub struct LeastPrivilege: Facts {
        title: "Least privilege",
        severity: Severity::Critical,
        guide: Guide::operating("Avoid privileged containers", "avoid_privileged_containers"),
        // Fourteen controls, each with its fields and its words.
        kilobytes: 157,
        ..Facts::DEFAULT
    }
    reads: [
        privileged, allow_privilege_escalation, capabilities, proc_mount, host_process, host_network, host_pid, host_ipc,
        host_users, host_ports, hosts, volumes, sysctls, seccomp_profile, app_armor_profile, annotations, selinux_type,
        selinux_user, selinux_role, os_name,
    ],
    rules: {
        /// A container is privileged.
        PRIVILEGED = "privileged": Deny,
        /// A container adds capabilities that the profile does not allow, or does not drop those that it must drop.
        CAPABILITIES = "capabilities": Deny,
        /// A process of a container can get more privileges than the one that starts it.
        PRIVILEGE_ESCALATION = "privilege-escalation": Deny,
        /// A pod shares the network, the processes or the memory of its node.
        HOST_NAMESPACES = "host-namespaces": Deny,
        /// A container takes a port of its node.
        HOST_PORTS = "host-ports": Deny,
        /// A volume mounts a path of the node.
        HOST_PATH = "host-path": Deny covers ["immutable/writable-hostpath"],
        /// A volume is of a type that the profile does not allow.
        VOLUME_TYPES = "volume-types": Deny,
        /// A container sees all of `/proc`.
        PROC_MOUNT = "proc-mount": Deny,
        /// The system calls of a container are not filtered by seccomp.
        SECCOMP = "seccomp": Deny,
        /// The `AppArmor` profile of a container is disabled.
        APP_ARMOR = "apparmor": Deny,
        /// A pod or a container sets options of `SELinux` that the profile does not allow.
        SELINUX = "selinux": Deny,
        /// A pod sets parameters of the kernel that are not safe.
        SYSCTLS = "sysctls": Deny,
        /// A process of a Windows container runs on the node itself.
        HOST_PROCESS = "host-process": Deny,
        /// A probe or a lifecycle hook names a host.
        PROBE_HOSTS = "probe-hosts": Deny,
    }
}

impl Policy for LeastPrivilege {
    type Settings = Settings;

    fn validate(settings: &Settings, faults: &mut Faults) {
        settings.validate(faults);
    }

    fn check_pod(check: &Check<'_, Settings>, findings: &mut Findings) -> Checked {
        let Check { settings, pod, .. } = check;
        let (standard, annotations) = (Standard::of(settings, pod)?, pod.profile_annotations()?);
        let mut report = Report { standard: &standard, findings };
        node::check_pod(&mut report, pod)?;
        profiles::check_pod(&mut report, pod, &annotations)?;
        for container in pod.containers() {
            capabilities::check(&mut report, container)?;
            process::check(&mut report, container)?;
            node::check_container(&mut report, container)?;
            profiles::check_container(&mut report, pod, container, &annotations)?;
        }
        Ok(())
    }
}
