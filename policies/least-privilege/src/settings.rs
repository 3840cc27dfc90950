//! The settings of `least-privilege`.

use shared::prelude::*;

use crate::standard::LATEST;
use crate::words::spelling;

/// The largest port. Source: Kubernetes API, core/v1 `ContainerPort`.
const MAX_PORT: i64 = 65_535;

settings! {
    /// Settings of `least-privilege`.
    pub struct Settings {
        /// The profile of the Pod Security Standards that is denied. Without it, what `baseline` forbids is denied, and what only `restricted` forbids warns.
        profile: Option<Profile> = None => "profile",
        /// The version of Kubernetes whose standards count: `latest`, or `"1.0"` to `"1.37"`.
        version: Version = Version::Latest => "version",
        /// The capabilities of containers.
        capabilities: CapabilityNames = CapabilityNames::default() => "capabilities",
        /// The ports of the node that containers may take.
        host_ports: Vec<PortRange> = Vec::new() => "hostPorts",
        /// The treatment of pods in a user namespace of their own (`hostUsers: false`).
        user_namespaces: UserNamespaces = UserNamespaces::Allow => "userNamespaces",
    }
}

settings! {
    /// A profile of the Pod Security Standards.
    pub enum Profile {
        /// No known way to more privileges.
        Baseline => "baseline",
        /// No privileges that a hardened container can do without.
        Restricted => "restricted",
    }
}

settings! {
    /// A version of Kubernetes.
    pub enum Version as "version" {
        /// The newest that the policy knows.
        Latest => "latest",
        or
        /// This one.
        Minor(String) => "1." + "<minor>",
    }
}

settings! {
    /// The capabilities that a container must drop and may add.
    pub struct CapabilityNames {
        /// The capabilities that `restricted` requires to be dropped. To drop `ALL` drops each.
        must_drop: Vec<String> = vec!["ALL".into()] => "mustDrop",
        /// The capabilities that may be added. `baseline` also allows the default ones of container runtimes, except `NET_RAW`.
        allow_add: Vec<String> = vec!["NET_BIND_SERVICE".into()] => "allowAdd",
    }
}

settings! {
    /// Ports from `min` to `max`, both included.
    pub struct PortRange {
        /// The smallest port.
        min: i64 = 1 => "min",
        /// The largest port.
        max: i64 = MAX_PORT => "max",
    }
    unless(range_fault)
}

/// The fault of a range of ports, if any.
fn range_fault(PortRange { min, max }: &PortRange) -> Option<String> {
    let is_sound = 1 <= *min && min <= max && *max <= MAX_PORT;
    (!is_sound).then(|| format!("{min} to {max} is not a valid range; ports go from 1 to {MAX_PORT}"))
}

settings! {
    /// The effect of a user namespace.
    pub enum UserNamespaces {
        /// `baseline` allows any `procMount` in it, as Pod Security does since Kubernetes 1.35.
        Allow => "allow",
        /// A user namespace changes nothing.
        Ignore => "ignore",
    }
}

impl Version {
    /// The minor version. `None` when it is not one that the policy knows.
    pub(crate) fn minor(&self) -> Option<u8> {
        let Self::Minor(text) = self else { return Some(LATEST) };
        let is_plain = text == "0" || text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
        text.parse().ok().filter(|minor| is_plain && *minor <= LATEST)
    }
}

impl Settings {
    /// Adds the faults of single values.
    pub(crate) fn validate(&self, faults: &mut Faults) {
        if self.version.minor().is_none() {
            faults.add("version", &format!("this is not a version from 1.0 to 1.{LATEST}; the newest is latest"));
        }
        let CapabilityNames { must_drop, allow_add } = &self.capabilities;
        for (list, names) in [("mustDrop", must_drop), ("allowAdd", allow_add)] {
            for (index, name) in names.iter().enumerate() {
                let path = format!("capabilities.{list}[{index}]");
                if let Some(right) = spelling(name) {
                    faults.add(&path, &format!("Kubernetes spells {} as {right}", quote(name)));
                } else if name.is_empty() || !name.bytes().all(is_of_name) {
                    faults.add(&path, &format!("{} is not the name of a capability", quote(name)));
                }
            }
        }
    }

    /// Returns `true` if containers may take this port of the node.
    pub(crate) fn allows_port(&self, port: i64) -> bool {
        self.host_ports.iter().any(|range| (range.min..=range.max).contains(&port))
    }
}

/// Returns `true` for the letters of which names of capabilities are made.
fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'
}
