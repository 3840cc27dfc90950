//! The apps that the command of a container starts, and the rules that they break.

use shared::prelude::*;
use shared::process::{Behaviour, Part, PartKind, Process, Role};

use crate::{
    BROKEN_COMMAND, CRON, DAEMONS, LOG_TAILER, MANAGER, PIPELINE, SEQUENCE, SHELL_MULTI, SSH, Settings, UNKNOWN_PROCESS,
};

/// The parts of a command, counted.
pub(crate) struct Apps<'p> {
    process: &'p Process,
    background: usize,
    daemons: usize,
    /// Those that the shell starts side by side.
    beside: usize,
    all: usize,
}

impl<'p> Apps<'p> {
    pub(crate) fn of(process: &'p Process) -> Self {
        let background = process.apps(Role::Background).count();
        let daemons = process.apps(Role::Daemon).count();
        // Several foreground apps are the branches of a script, of which one runs.
        let beside = background.saturating_add(process.apps(Role::App).count().min(1));
        Self { process, background, daemons, beside, all: beside.saturating_add(daemons) }
    }

    /// The first part of this kind that is more than a preparation.
    fn runs(&self, kind: PartKind) -> Option<&'p Part> {
        self.process.parts.iter().find(|part| part.kind == kind && part.role != Role::Setup)
    }

    pub(crate) fn manager(&self, settings: &Settings) -> Option<Found> {
        let is_manager = |part: &&Part| part.kind == PartKind::Manager && part.role != Role::Setup;
        let is_accepted = |part: &&Part| settings.allow_managers.contains(&part.name);
        let manager = self.process.parts.iter().filter(is_manager).find(|part| !is_accepted(part))?;
        let problem = format!("{} starts apps that Kubernetes does not see, restart or probe", quote(&manager.name));
        Some(MANAGER.found(problem, "run each app in a container of its own"))
    }

    pub(crate) fn beside_each_other(&self) -> Option<Found> {
        if self.background == 0 || self.beside < 2 {
            return None;
        }
        let names = self.names(|part| matches!(part.role, Role::Background | Role::App));
        let problem = format!("the shell starts {names} side by side, and Kubernetes sees only one of them fail");
        Some(SHELL_MULTI.found(problem, "run each in a container of its own"))
    }

    pub(crate) fn daemons(&self) -> Option<Found> {
        if self.daemons == 0 || self.all < 2 {
            return None;
        }
        let names = self.names(|part| part.role == Role::Daemon);
        let problem = format!("a daemon runs beside the app, started by {names}, and Kubernetes does not see it fail");
        Some(DAEMONS.found(problem, "run the daemon in the foreground of a container of its own"))
    }

    pub(crate) fn ssh(&self) -> Option<Found> {
        let ssh = self.runs(PartKind::Ssh)?;
        let problem =
            format!("{} starts a secure shell server, a second way in that bypasses Kubernetes", quote(&ssh.name));
        // Where nothing else runs, it can be the purpose of the container.
        let fix = if self.all == 1 {
            "remove it and use kubectl exec, or exempt the container where it is the app, as in an MPI worker"
        } else {
            "remove it and use kubectl exec"
        };
        Some(SSH.found(problem, fix))
    }

    pub(crate) fn cron(&self) -> Option<Found> {
        let cron = self.runs(PartKind::Cron).filter(|_| self.all == 1)?;
        let problem = format!("{} runs tasks whose failures Kubernetes does not see", quote(&cron.name));
        Some(CRON.found(problem, "run each task as a CronJob"))
    }

    pub(crate) fn log_tailer(&self) -> Option<Found> {
        let tailer = self.runs(PartKind::LogTailer)?;
        let is_beside = tailer.role == Role::Background && self.all > 0;
        let problem = format!("{} follows a log beside the app", quote(&tailer.name));
        is_beside.then(|| LOG_TAILER.found(problem, "let the app log to standard output, or run a sidecar container"))
    }

    pub(crate) fn pipeline(&self) -> Option<Found> {
        self.process.apps(Role::Piped).next()?;
        let problem = format!("it runs {} further down a pipeline", self.names(|part| part.role == Role::Piped));
        Some(PIPELINE.found(problem, "run each program of the pipeline in a container of its own"))
    }

    pub(crate) fn sequence(&self) -> Option<Found> {
        let is_app = |name: &str| self.process.apps(Role::App).any(|app| app.name == name);
        self.process.apps(Role::Setup).find(|part| !is_app(&part.name))?;
        let names = self.names(|part| part.role == Role::Setup && !is_app(&part.name));
        Some(SEQUENCE.found(format!("it runs {names} before the app"), "run it in an init container"))
    }

    pub(crate) fn broken_or_unknown(&self) -> Option<Found> {
        match self.process.behaviour {
            Behaviour::Broken(broken) => Some(BROKEN_COMMAND.found(broken.clause(), broken.fix())),
            // Commands that are typed into a shell are not a second app.
            Behaviour::BareShell => None,
            _ => {
                let reason = self.process.unknown()?;
                let problem = format!("the manifest does not show what is started: {reason}");
                Some(UNKNOWN_PROCESS.found(problem, "set command to the app itself"))
            }
        }
    }

    /// The names of these parts that are apps, in quotes.
    fn names(&self, wanted: impl Fn(&Part) -> bool) -> String {
        let mut names = String::new();
        for role in [Role::Background, Role::Daemon, Role::Piped, Role::Setup, Role::App] {
            for part in self.process.apps(role).filter(|part| wanted(part)) {
                if !names.is_empty() {
                    names.push_str(", ");
                }
                names.push_str(&quote(&part.name).to_string());
            }
        }
        names
    }
}
