//! The process of a container.

use super::behaviour::{Behaviour, Unknown};
use super::names;
use super::text::is_one_of;
use crate::text::excerpt;

/// The most parts that a [`Process`] lists.
pub const MAX_PARTS: usize = 64;

/// The process of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// The relation of the app to PID 1.
    pub behaviour: Behaviour,
    /// The last path component of the program that the behaviour is about: the app, the runner or the manager. For a
    /// shell that stays, it is the app that the shell starts. Empty when unknown.
    pub program: String,
    /// The first process before the behaviour that passes signals on, such as `tini`.
    pub init: Option<Init>,
    /// Programs that became the next one, such as `env` or `gosu`, in their order.
    pub prefixes: Vec<String>,
    /// The judged fragment of the command, one line of at most [`MAX_EVIDENCE`](super::MAX_EVIDENCE) characters.
    pub evidence: String,
    /// All that is missing is `exec` before the evidence.
    pub lacks_exec: bool,
    /// The evidence with `exec`, when it can be copied as it stands; at most [`MAX_EVIDENCE`](super::MAX_EVIDENCE) characters.
    pub fix: Option<String>,
    /// The programs that the command starts, in their order; at most [`MAX_PARTS`].
    pub parts: Vec<Part>,
}

/// A parent of the app that passes signals on and ends with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Init {
    /// The last path component of its name.
    pub name: String,
    /// `true` if it reaps zombies; a [`Behaviour::ForkForward`] program only forwards.
    pub reaps: bool,
    /// `true` if it signals the whole process group of its child: `dumb-init`, `tini -g`.
    pub signals_group: bool,
}

/// One program that the command starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The last path component; empty when it is known only at run time.
    pub name: String,
    /// The way it is started.
    pub role: Role,
    /// Its kind, by its name.
    pub kind: PartKind,
}

/// The way a program is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// In the foreground; the last such program, or one of the alternatives of a branch.
    App,
    /// By `&`.
    Background,
    /// It leaves the foreground by itself, or starts a service.
    Daemon,
    /// Further down a pipeline.
    Piped,
    /// It ends before the app starts.
    Setup,
}

/// The kind of a program, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind {
    /// An app, by its name.
    Program,
    /// A tool that serves a script and ends.
    Utility,
    /// A watcher: a loop that sleeps, or a program that waits for events.
    Watcher,
    /// `tail -f` of a log.
    LogTailer,
    /// A long sleep.
    KeepAlive,
    /// A secure shell server.
    Ssh,
    /// A scheduler.
    Cron,
    /// A service manager.
    Manager,
}

impl PartKind {
    /// Returns `true` if such a program is an app of its own: programs, managers, secure shell servers, schedulers.
    pub(super) const fn is_app(self) -> bool {
        matches!(self, Self::Program | Self::Manager | Self::Ssh | Self::Cron)
    }
}

impl Process {
    pub(super) fn new(behaviour: Behaviour, program: &str) -> Self {
        Self {
            behaviour,
            program: program.to_owned(),
            init: None,
            prefixes: Vec::new(),
            evidence: excerpt(program),
            lacks_exec: false,
            fix: None,
            parts: Vec::new(),
        }
    }

    /// A process of which only the behaviour is known.
    pub(super) fn bare(behaviour: Behaviour) -> Self {
        Self::new(behaviour, "")
    }

    pub(super) fn of_unknown(reason: Unknown) -> Self {
        Self::new(Behaviour::Unknown(reason), "")
    }

    /// `cat` waits forever only for a standard input that nobody writes to, not for a file or a pipe.
    pub(super) fn end_with_input(&mut self) {
        if self.program == "cat" {
            self.behaviour = Behaviour::Direct;
            for part in &mut self.parts {
                part.kind = PartKind::Utility;
            }
        }
    }

    /// The parts in this role that count as apps of their own.
    pub fn apps(&self, role: Role) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(move |part| part.role == role && part.kind.is_app())
    }

    /// Returns `true` if it does nothing but wait: a sleep, or a log that is followed.
    pub(super) fn only_waits(&self) -> bool {
        self.behaviour == Behaviour::KeepAlive || self.parts.iter().any(|part| part.kind == PartKind::LogTailer)
    }

    /// The reason why the manifest does not show what the container runs, in one clause; `None` when it does.
    #[must_use]
    pub const fn unknown(&self) -> Option<&'static str> {
        match self.behaviour {
            Behaviour::ScriptFile => Some("it is a script file, whose text is not in the manifest"),
            Behaviour::BareShell => Some("the shell reads its commands from standard input"),
            Behaviour::ExecMaybe => Some("the shell starts an app only on some paths through the script"),
            Behaviour::Unknown(reason) => Some(reason.clause()),
            _ => None,
        }
    }

    /// Returns `true` if a [`Behaviour::LossyRunner`] passes the signal to its child alone, and kills it two seconds
    /// later.
    #[must_use]
    pub fn kills_late(&self) -> bool {
        is_one_of(&self.program, names::KILLERS)
    }

    /// The advice for a [`Behaviour::LossyRunner`].
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        names::LOSSY_RUNNERS.iter().find(|runner| runner.name == self.program).map(|runner| runner.advice)
    }
}
