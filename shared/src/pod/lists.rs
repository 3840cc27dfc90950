//! The fields that are lists.

use super::container::Container;
use super::fields::reads;
use super::model::Reads;
use super::scope::{Field, Scope};
use super::specification::Pod;
use crate::malformed::Malformed;
use crate::place::{At, Judged};
use json::Node;

/// The command line of a container, as far as the manifest has it.
#[derive(Clone, Debug)]
pub struct CommandLine<'a> {
    /// `command`; absent and empty are the same.
    pub command: Vec<&'a str>,
    /// `args`; absent and empty are the same.
    pub args: Vec<&'a str>,
    field: Field<'a, bool>,
}

impl Judged for CommandLine<'_> {
    /// `args` when only they are set, else `command`.
    fn at(&self) -> At {
        self.field.at()
    }

    fn value(&self) -> String {
        [self.command.as_slice(), &self.args].concat().join("\0")
    }
}

/// The action of a hook of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hook<'a> {
    /// It runs this command; empty for a request to a port.
    Command(Vec<&'a str>),
    /// The kubelet waits.
    Sleep,
}

impl Hook<'_> {
    /// Returns `true` if the hook may stop the app, and `false` if it only sleeps.
    #[must_use]
    pub fn may_stop(&self) -> bool {
        let Hook::Command(command) = self else { return false };
        let words = match command.as_slice() {
            [_, option, script] if option.starts_with('-') => script.split_once(' '),
            [program, time] => Some((*program, *time)),
            _ => None,
        };
        !words.is_some_and(|(program, time)| {
            matches!(program, "sleep" | "/bin/sleep" | "/usr/bin/sleep")
                && time.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
    }
}

/// A field of an entry of a list, as a rule judges it.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'c> {
    pub(super) scope: &'c Scope<'c>,
    /// The list and the index in it.
    pub(super) of: (&'static str, u32),
    pub(super) field: &'static str,
    pub(super) value: &'c str,
}

impl Judged for Entry<'_> {
    fn at(&self) -> At {
        let (list, index) = self.of;
        self.scope.at(&format!("{list}[{index}].{}", self.field))
    }

    fn value(&self) -> String {
        self.value.to_owned()
    }
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
    index: u32,
}

impl<'a> Container<'a> {
    /// Its `command` and `args`.
    ///
    /// # Errors
    /// One of them is not a list of strings.
    pub fn command_line(&self) -> Result<CommandLine<'_>, Malformed> {
        self.scope.require(reads::command_line(), &["command"])?;
        let (command, args) = (self.scope.strings(&["command"])?, self.scope.strings(&["args"])?);
        let path: &[&str] = if command.is_empty() && !args.is_empty() { &["args"] } else { &["command"] };
        Ok(CommandLine { field: self.scope.with(None, path), command, args })
    }

    /// Its `env`.
    ///
    /// # Errors
    /// It is not a list of objects, or a `name` or `value` is not a string.
    pub fn env(&self) -> Result<Vec<EnvVar<'a>>, Malformed> {
        self.scope.require(reads::command_line(), &["env"])?;
        let read = |item: &'a (u32, Node<'a>)| {
            Ok(EnvVar {
                name: self.scope.item_string("env", item, "name")?.unwrap_or_default(),
                value: self.scope.item_string("env", item, "value")?.unwrap_or_default(),
                has_source: item.1.get("valueFrom").is_some(),
                index: item.0,
            })
        };
        self.scope.list(&["env"])?.iter().map(read).collect()
    }

    /// The value of one of its variables, with its place.
    #[must_use]
    pub fn env_value<'c>(&'c self, variable: &EnvVar<'c>) -> Entry<'c> {
        Entry { scope: &self.scope, of: ("env", variable.index), field: "value", value: variable.value }
    }

    /// `true` if it takes further variables from whole configuration objects.
    ///
    /// # Errors
    /// `envFrom` is not a list.
    pub fn has_env_from(&self) -> Result<bool, Malformed> {
        self.scope.require(reads::command_line(), &["envFrom"])?;
        Ok(!self.scope.list(&["envFrom"])?.is_empty())
    }

    /// The command that runs when it has started: `lifecycle.postStart.exec`.
    ///
    /// # Errors
    /// It is not a list of strings.
    pub fn post_start(&self) -> Result<CommandLine<'_>, Malformed> {
        self.hook(reads::post_start(), &["lifecycle", "postStart", "exec", "command"])
    }

    /// The command that runs before the signal that stops it: `lifecycle.preStop.exec`.
    ///
    /// # Errors
    /// It is not a list of strings.
    pub fn pre_stop_command(&self) -> Result<CommandLine<'_>, Malformed> {
        self.hook(reads::pre_stop(), &["lifecycle", "preStop", "exec", "command"])
    }

    /// The command of a hook at this path.
    fn hook(&self, declared: Reads, path: &'static [&'static str]) -> Result<CommandLine<'_>, Malformed> {
        self.scope.require(declared, path)?;
        Ok(CommandLine { field: self.scope.with(None, path), command: self.scope.strings(path)?, args: Vec::new() })
    }

    /// The hook that runs before the signal that stops it: `lifecycle.preStop`.
    ///
    /// # Errors
    /// The command is not a list of strings.
    pub fn pre_stop(&self) -> Result<Option<Hook<'a>>, Malformed> {
        self.scope.require(reads::pre_stop(), &["lifecycle", "preStop"])?;
        if self.scope.value(&["lifecycle", "preStop"])?.is_none() {
            return Ok(None);
        }
        let command = self.scope.strings(&["lifecycle", "preStop", "exec", "command"])?;
        let sleeps = self.scope.value(&["lifecycle", "preStop", "sleep"])?.is_some();
        Ok(Some(if sleeps { Hook::Sleep } else { Hook::Command(command) }))
    }

    /// The port of this number among its `ports`, if one of them has it.
    ///
    /// # Errors
    /// `ports` is not a list of objects, or a `containerPort` is not a number.
    pub fn port(&self, number: i64) -> Result<Field<'_, i64>, Malformed> {
        self.scope.require(reads::ports(), &["ports"])?;
        let (list, name) = ("ports", "containerPort");
        let mut found = None;
        for item in self.scope.list(&[list])? {
            match self.scope.item_field(list, item, name)? {
                Some(Node::Integer(port)) => found = found.or(Some(*port).filter(|port| *port == number)),
                Some(other) => {
                    return Err(self.scope.position.ill_typed_field(list, item.0, name, other, "a number"));
                }
                None => {}
            }
        }
        Ok(self.scope.with(found, &["ports"]))
    }
}

impl Pod<'_> {
    /// The group of this number among the `supplementalGroups`, if it is one of them.
    ///
    /// # Errors
    /// They are not a list of whole numbers.
    pub fn supplemental_group(&self, number: i64) -> Result<Field<'_, i64>, Malformed> {
        let path: &[&str] = &["securityContext", "supplementalGroups"];
        self.scope.require(reads::supplemental_groups(), path)?;
        let mut found = None;
        for (index, group) in self.scope.list(path)? {
            let Node::Integer(id) = group else {
                return Err(self.scope.position.ill_typed_item(path, *index, group, "a whole number"));
            };
            found = found.or(Some(*id).filter(|id| *id == number));
        }
        Ok(self.scope.with(found, path))
    }
}
