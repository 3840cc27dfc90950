//! The Pod Security Standards: what their controls allow in which version of Kubernetes.
//!
//! Source: kubernetes/pod-security-admission, `policy/check_*.go`. Each row names the file, and the change of it where it is
//! not as old as the file.

use shared::prelude::*;

use crate::settings::{Profile, Settings, UserNamespaces};

/// The newest minor version that is known.
pub(crate) const LATEST: u8 = 37;

/// `restricted` requires `allowPrivilegeEscalation: false`. Source: `allowPrivilegeEscalation`; the field is as old.
const ESCALATION: u8 = 8;
/// seccomp is chosen by a field instead of annotations, and `restricted` requires it. Source: `seccompProfile_baseline`,
/// `seccompProfile_restricted`.
const SECCOMP_FIELD: u8 = 19;
/// `restricted` requires to drop all capabilities, and allows to add one. Source: `capabilities_restricted`.
const DROP_ALL: u8 = 22;
/// `restricted` does not judge in pods for Windows what is for Linux. Source: `allowPrivilegeEscalation`,
/// `capabilities_restricted`, `seccompProfile_restricted`; kubernetes#105919.
const WINDOWS: u8 = 25;
/// Probes and hooks name no host. Source: `hostProbesAndhostLifecycle`; kubernetes#125271.
const HOSTS: u8 = 34;
/// `baseline` allows any `procMount` in a user namespace. Source: `procMount_baseline`, `procMount_restricted`;
/// kubernetes#132157.
const USER_NAMESPACES: u8 = 35;

/// Values that are allowed since a minor version.
type Since = (u8, &'static [&'static str]);

/// Source: `sysctls`.
const SYSCTLS: [Since; 5] = [
    (
        0,
        &[
            "kernel.shm_rmid_forced",
            "net.ipv4.ip_local_port_range",
            "net.ipv4.tcp_syncookies",
            "net.ipv4.ping_group_range",
            "net.ipv4.ip_unprivileged_port_start",
        ],
    ),
    // kubernetes#115374
    (27, &["net.ipv4.ip_local_reserved_ports"]),
    // kubernetes#118846
    (
        29,
        &[
            "net.ipv4.tcp_keepalive_time",
            "net.ipv4.tcp_fin_timeout",
            "net.ipv4.tcp_keepalive_intvl",
            "net.ipv4.tcp_keepalive_probes",
        ],
    ),
    // kubernetes#127489
    (32, &["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"]),
    // kubernetes#138389
    (37, &["net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat"]),
];

/// Source: `seLinuxOptions`; 1.31: kubernetes/pod-security-admission 9833ddf.
const SELINUX_TYPES: [Since; 2] =
    [(0, &["", "container_t", "container_init_t", "container_kvm_t"]), (31, &["container_engine_t"])];

/// The capabilities that `baseline` allows to add. Source: `capabilities_baseline`.
const ADDABLE: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// The sources of volumes that `restricted` allows. Source: `restrictedVolumes`.
const VOLUME_SOURCES: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// The standard to which a pod is held.
pub(crate) struct Standard<'s> {
    pub(crate) settings: &'s Settings,
    minor: u8,
    /// Pod Security reads `spec.os.name` alone.
    is_windows: bool,
    has_user_namespace: bool,
}

impl<'s> Standard<'s> {
    pub(crate) fn of(settings: &'s Settings, pod: &Pod<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            settings,
            // The settings were refused otherwise.
            minor: settings.version.minor().unwrap_or(LATEST),
            is_windows: pod.os_name()?.value == Some("windows"),
            has_user_namespace: pod.host_users()?.value == Some(false),
        })
    }

    /// Returns `true` if `restricted` counts, which judges this since a minor version.
    fn is_restricted(&self, since: u8) -> bool {
        self.settings.profile != Some(Profile::Baseline) && self.minor >= since
    }

    /// The same for what is for Linux.
    fn is_restricted_linux(&self, since: u8) -> bool {
        self.is_restricted(since) && !(self.is_windows && self.minor >= WINDOWS)
    }

    /// Returns `true` if `baseline` counts for a control that `restricted` judges in its own way since a minor version.
    fn is_baseline(&self, until: u8) -> bool {
        self.settings.profile != Some(Profile::Restricted) || self.minor < until
    }

    pub(crate) fn forbids_escalation(&self) -> bool {
        self.is_restricted_linux(ESCALATION)
    }

    pub(crate) fn requires_drops(&self) -> bool {
        self.is_restricted_linux(DROP_ALL)
    }

    /// How a capability is forbidden to be added.
    pub(crate) fn forbids_capability(&self, name: &str) -> Option<Forbidden> {
        let is_allowed = self.settings.capabilities.allow_add.iter().any(|allowed| allowed == name);
        if self.is_baseline(DROP_ALL) && !is_allowed && !ADDABLE.contains(&name) {
            return Some(Forbidden::InBoth);
        }
        (self.requires_drops() && !is_allowed).then_some(Forbidden::InRestricted)
    }

    pub(crate) fn restricts_volume(&self, source: &str) -> bool {
        self.is_restricted(0) && !VOLUME_SOURCES.contains(&source)
    }

    /// How another `procMount` than the default is forbidden.
    pub(crate) fn forbids_proc_mount(&self) -> Option<Forbidden> {
        let is_allowed = self.has_user_namespace
            && self.minor >= USER_NAMESPACES
            && self.settings.user_namespaces == UserNamespaces::Allow;
        if !is_allowed {
            return Some(Forbidden::InBoth);
        }
        self.is_restricted(USER_NAMESPACES).then_some(Forbidden::InRestricted)
    }

    pub(crate) fn has_seccomp_annotations(&self) -> bool {
        self.minor < SECCOMP_FIELD
    }

    pub(crate) fn forbids_seccomp(&self, profile: &str) -> bool {
        let is_judged = self.is_baseline(SECCOMP_FIELD) || self.requires_seccomp();
        !self.has_seccomp_annotations() && is_judged && !matches!(profile, "RuntimeDefault" | "Localhost")
    }

    pub(crate) fn requires_seccomp(&self) -> bool {
        self.is_restricted_linux(SECCOMP_FIELD)
    }

    pub(crate) fn forbids_sysctl(&self, name: &str) -> bool {
        !self.has(&SYSCTLS, name)
    }

    pub(crate) fn forbids_selinux_type(&self, name: &str) -> bool {
        !self.has(&SELINUX_TYPES, name)
    }

    pub(crate) fn forbids_hosts(&self) -> bool {
        self.minor >= HOSTS
    }

    fn has(&self, table: &[Since], value: &str) -> bool {
        table.iter().any(|(since, values)| *since <= self.minor && values.contains(&value))
    }
}

/// The profiles that forbid something.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forbidden {
    InBoth,
    InRestricted,
}
