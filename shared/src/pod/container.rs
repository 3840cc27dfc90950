//! One container of a pod.

use super::scope::Scope;
use super::security::SecurityContext;
use crate::malformed::Malformed;
use crate::place::{At, Class, Owner};
use json::Node;

/// One container of a pod.
#[derive(Debug)]
pub struct Container<'a> {
    pub(super) scope: Scope<'a>,
    pub(super) class: Class,
    pub(super) name: Option<&'a str>,
}

impl<'a> Container<'a> {
    pub(super) fn read(scope: Scope<'a>, list: &str) -> Result<Self, Malformed> {
        if !matches!(scope.node, Node::Object(_)) {
            return Err(scope.position.ill_typed(&[], scope.node, "an object"));
        }
        let class = match list {
            "initContainers" => match scope.string(&["restartPolicy"])? {
                Some("Always") => Class::Sidecar,
                _ => Class::Init,
            },
            "ephemeralContainers" => Class::Ephemeral,
            _ => Class::Main,
        };
        Ok(Self { name: scope.string(&["name"])?, scope, class })
    }

    /// What the container is for.
    #[must_use]
    pub fn class(&self) -> Class {
        self.class
    }

    /// Its name. Absent only where the API server does not ask for one, as in some custom resources.
    #[must_use]
    pub fn name(&self) -> Option<&'a str> {
        self.name
    }

    /// Its image as written.
    ///
    /// # Errors
    /// It is not a string.
    pub fn image(&self) -> Result<Option<&'a str>, Malformed> {
        self.scope.string(&["image"])
    }

    /// Its `command`; absent and empty are the same.
    ///
    /// # Errors
    /// It is not a list of strings.
    pub fn command(&self) -> Result<Vec<&'a str>, Malformed> {
        self.scope.strings(&["command"])
    }

    /// Its `args`; absent and empty are the same.
    ///
    /// # Errors
    /// They are not a list of strings.
    pub fn args(&self) -> Result<Vec<&'a str>, Malformed> {
        self.scope.strings(&["args"])
    }

    /// Its `env`.
    ///
    /// # Errors
    /// It is not a list of objects, or a `name` or `value` is not a string.
    pub fn env(&self) -> Result<Vec<EnvVar<'a>>, Malformed> {
        let read = |item: &'a (u32, Node<'a>)| {
            Ok(EnvVar {
                name: self.scope.item_string("env", item, "name")?.unwrap_or_default(),
                value: self.scope.item_string("env", item, "value")?.unwrap_or_default(),
                has_source: item.1.get("valueFrom").is_some(),
            })
        };
        self.scope.list(&["env"])?.iter().map(read).collect()
    }

    /// Whether it takes further variables from whole configuration objects.
    ///
    /// # Errors
    /// `envFrom` is not a list.
    pub fn has_env_from(&self) -> Result<bool, Malformed> {
        Ok(!self.scope.list(&["envFrom"])?.is_empty())
    }

    /// Whether one of its `ports` has this `containerPort`.
    ///
    /// # Errors
    /// `ports` is not a list of objects, or a `containerPort` is not a number.
    pub fn has_port(&self, number: i64) -> Result<bool, Malformed> {
        let mut found = false;
        for item in self.scope.list(&["ports"])? {
            match self.scope.item_field("ports", item, "containerPort")? {
                Some(Node::Integer(port)) => found |= *port == number,
                Some(other) => {
                    return Err(self.scope.position.ill_typed_field(
                        "ports",
                        item.0,
                        "containerPort",
                        other,
                        "a number",
                    ));
                }
                None => {}
            }
        }
        Ok(found)
    }

    /// The signal that stops it instead of SIGTERM: `lifecycle.stopSignal`.
    ///
    /// # Errors
    /// It is not a string.
    pub fn stop_signal(&self) -> Result<Option<&'a str>, Malformed> {
        self.scope.string(&["lifecycle", "stopSignal"])
    }

    /// What runs in it before the signal: `lifecycle.preStop`.
    ///
    /// # Errors
    /// The command is not a list of strings.
    pub fn pre_stop(&self) -> Result<Option<Hook<'a>>, Malformed> {
        if self.scope.value(&["lifecycle", "preStop"])?.is_none() {
            return Ok(None);
        }
        let command = self.scope.strings(&["lifecycle", "preStop", "exec", "command"])?;
        let sleeps = self.scope.value(&["lifecycle", "preStop", "sleep"])?.is_some();
        Ok(Some(if sleeps { Hook::Sleep } else { Hook::Command(command) }))
    }

    /// Its own `securityContext`, without what it inherits from the pod.
    ///
    /// # Errors
    /// One of its fields is ill-typed.
    pub fn security_context(&self) -> Result<SecurityContext<'a>, Malformed> {
        SecurityContext::read(&self.scope)
    }

    /// The field at `path` below this container, as the place of a finding.
    #[must_use]
    pub fn at(&self, path: &str) -> At {
        At {
            owner: Owner::Container(self.class, self.name.map(str::to_owned)),
            image: self.image().ok().flatten().map(str::to_owned),
            path: self.scope.position.field(path),
        }
    }
}

/// What a hook of a container does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hook<'a> {
    /// It runs this command; empty for a request to a port.
    Command(Vec<&'a str>),
    /// The kubelet waits.
    Sleep,
}

/// A variable in the `env` of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnvVar<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value as written, with references to other variables; empty when there is none.
    pub value: &'a str,
    /// The kubelet takes its value from elsewhere.
    pub has_source: bool,
}
