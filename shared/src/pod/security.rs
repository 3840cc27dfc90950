//! The fields by which a pod gets or gives up privileges, as far as they are no single values.

use super::container::Container;
use super::fields::reads;
use super::model::Reads;
use super::scope::{Field, Scope};
use super::specification::Pod;
use crate::malformed::Malformed;
use json::Node;

/// The capabilities that a container adds and drops.
#[derive(Clone, Debug)]
pub struct Capabilities<'a> {
    /// `add`; absent and empty are the same.
    pub add: Vec<&'a str>,
    /// `drop`; absent and empty are the same.
    pub drop: Vec<&'a str>,
    /// Their place.
    pub field: Field<'a, ()>,
}

/// The fields in which a probe or a hook names a host. Source: Kubernetes API, core/v1 `Probe` and `LifecycleHandler`.
const HOSTS: [&[&str]; 10] = [
    &["livenessProbe", "httpGet", "host"],
    &["livenessProbe", "tcpSocket", "host"],
    &["readinessProbe", "httpGet", "host"],
    &["readinessProbe", "tcpSocket", "host"],
    &["startupProbe", "httpGet", "host"],
    &["startupProbe", "tcpSocket", "host"],
    &["lifecycle", "postStart", "httpGet", "host"],
    &["lifecycle", "postStart", "tcpSocket", "host"],
    &["lifecycle", "preStop", "httpGet", "host"],
    &["lifecycle", "preStop", "tcpSocket", "host"],
];

const SECCOMP: &[&str] = &["securityContext", "seccompProfile", "type"];
const APP_ARMOR: &[&str] = &["securityContext", "appArmorProfile", "type"];

impl<'a> Container<'a> {
    /// Its capabilities.
    ///
    /// # Errors
    /// They are not two lists of strings.
    pub fn capabilities(&self) -> Result<Capabilities<'_>, Malformed> {
        let path: &[&str] = &["securityContext", "capabilities"];
        self.scope.require(reads::capabilities(), path)?;
        Ok(Capabilities {
            add: self.scope.strings(&["securityContext", "capabilities", "add"])?,
            drop: self.scope.strings(&["securityContext", "capabilities", "drop"])?,
            field: self.scope.with(Some(()), path),
        })
    }

    /// The type of its seccomp profile; empty for a profile without one.
    ///
    /// # Errors
    /// It is ill-typed.
    pub fn seccomp_profile(&self) -> Result<Field<'_, &'a str>, Malformed> {
        profile(&self.scope, reads::seccomp_profile(), SECCOMP)
    }

    /// The type of its `AppArmor` profile; empty for a profile without one.
    ///
    /// # Errors
    /// It is ill-typed.
    pub fn app_armor_profile(&self) -> Result<Field<'_, &'a str>, Malformed> {
        profile(&self.scope, reads::app_armor_profile(), APP_ARMOR)
    }

    /// A field that is about this container, although it stands elsewhere.
    #[must_use]
    pub fn own<'s, T>(&'s self, field: Field<'s, T>) -> Field<'s, T> {
        field.of(&self.scope)
    }

    /// The hosts that its probes and hooks name.
    ///
    /// # Errors
    /// One of them is ill-typed.
    pub fn hosts(&self) -> Result<Vec<Field<'_, &'a str>>, Malformed> {
        let mut hosts = Vec::new();
        for path in HOSTS {
            let host = self.scope.field(reads::hosts(), path)?;
            hosts.extend(host.value.map(|_| host));
        }
        Ok(hosts)
    }

    /// The ports of its node that it takes, and the place of its ports. Zero means none.
    ///
    /// # Errors
    /// `ports` is not a list of objects, or a `hostPort` is not a whole number.
    pub fn host_ports(&self) -> Result<Field<'_, Vec<i64>>, Malformed> {
        let (list, name, path): (_, _, &[&str]) = ("ports", "hostPort", &["ports"]);
        self.scope.require(reads::host_ports(), path)?;
        let mut taken = Vec::new();
        for item in self.scope.list(path)? {
            match self.scope.item_field(list, item, name)? {
                None => {}
                Some(Node::Integer(port)) => taken.extend(Some(*port).filter(|port| *port != 0)),
                Some(other) => {
                    return Err(self.scope.position.ill_typed_field(list, item.0, name, other, "a whole number"));
                }
            }
        }
        Ok(self.scope.with(Some(taken), path))
    }
}

impl<'a> Pod<'a> {
    /// The type of its seccomp profile; empty for a profile without one.
    ///
    /// # Errors
    /// It is ill-typed.
    pub fn seccomp_profile(&self) -> Result<Field<'_, &'a str>, Malformed> {
        profile(&self.scope, reads::seccomp_profile(), SECCOMP)
    }

    /// The type of its `AppArmor` profile; empty for a profile without one.
    ///
    /// # Errors
    /// It is ill-typed.
    pub fn app_armor_profile(&self) -> Result<Field<'_, &'a str>, Malformed> {
        profile(&self.scope, reads::app_armor_profile(), APP_ARMOR)
    }

    /// The names of the settings of the kernel that it makes, and their place.
    ///
    /// # Errors
    /// They are not a list of objects, or a `name` is not a string.
    pub fn sysctls(&self) -> Result<Field<'_, Vec<&'a str>>, Malformed> {
        let path: &[&str] = &["securityContext", "sysctls"];
        self.scope.require(reads::sysctls(), path)?;
        let mut names = Vec::new();
        for (index, item) in self.scope.list(path)? {
            let Node::Object(_) = item else {
                return Err(self.scope.position.ill_typed_item(path, *index, item, "an object"));
            };
            match item.get("name") {
                None => names.push(""),
                Some(Node::String(name)) => names.push(name.as_ref()),
                Some(other) => {
                    let list = "securityContext.sysctls";
                    return Err(self.scope.position.ill_typed_field(list, *index, "name", other, "a string"));
                }
            }
        }
        Ok(self.scope.with(Some(names), path))
    }
}

/// The type at the end of `path`; empty for a profile without one, which is not the same as no profile.
fn profile<'s, 'a: 's>(
    scope: &'s Scope<'a>,
    reads: Reads,
    path: &'static [&'static str],
) -> Result<Field<'s, &'a str>, Malformed> {
    let own = scope.field(reads, path)?;
    let is_set = path.split_last().is_some_and(|(_, profile)| matches!(scope.value(profile), Ok(Some(_))));
    Ok(if is_set && own.value.is_none() { scope.with(Some(""), path) } else { own })
}
