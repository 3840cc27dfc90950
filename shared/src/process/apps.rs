//! The apps that a process starts, and the faults of starting more than one.

use super::fault::Fault;
use super::model::{Part, PartKind, Process, Role};
use crate::text::quote;

/// The kinds of faults of a process that starts more than one app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppsFault {
    /// A service manager runs the apps.
    Manager,
    /// A shell starts several apps side by side.
    ShellMulti,
    /// A daemon is started before the app.
    Daemons,
    /// A secure shell server runs.
    Ssh,
    /// The app is a scheduler.
    Cron,
    /// A program follows a log beside the app.
    LogTailer,
    /// A program runs further down a pipeline.
    Pipeline,
    /// Programs run one after another.
    Sequence,
}

/// The parts of a process, counted.
#[derive(Clone, Copy, Debug)]
pub struct Apps<'p> {
    process: &'p Process,
    background: usize,
    daemons: usize,
    /// Those that the shell starts side by side.
    beside: usize,
    all: usize,
}

impl<'p> Apps<'p> {
    /// The apps of a process.
    #[must_use]
    pub fn of(process: &'p Process) -> Self {
        let background = process.apps(Role::Background).count();
        let daemons = process.apps(Role::Daemon).count();
        // Several foreground apps are the branches of a script, of which one runs.
        let beside = background.saturating_add(process.apps(Role::App).count().min(1));
        Self { process, background, daemons, beside, all: beside.saturating_add(daemons) }
    }

    /// The faults, at most one of each kind. Service managers with one of these names are accepted.
    #[must_use]
    pub fn faults(&self, accepted_managers: &[String]) -> Vec<Fault<AppsFault>> {
        let faults = [
            self.manager(accepted_managers),
            self.beside_each_other(),
            self.daemons(),
            self.ssh(),
            self.cron(),
            self.log_tailer(),
            self.pipeline(),
            self.sequence(),
        ];
        faults.into_iter().flatten().collect()
    }

    /// The first part of this kind that is more than a preparation.
    fn runs(&self, kind: PartKind) -> Option<&'p Part> {
        self.process.parts.iter().find(|part| part.kind == kind && part.role != Role::Setup)
    }

    fn manager(&self, accepted: &[String]) -> Option<Fault<AppsFault>> {
        let is_manager = |part: &&Part| part.kind == PartKind::Manager && part.role != Role::Setup;
        let is_accepted = |part: &&Part| accepted.contains(&part.name);
        let manager = self.process.parts.iter().filter(is_manager).find(|part| !is_accepted(part))?;
        let problem = format!("{} starts apps that Kubernetes does not see, restart or probe", quote(&manager.name));
        Some(Fault::new(AppsFault::Manager, problem, "run each app in a container of its own"))
    }

    fn beside_each_other(&self) -> Option<Fault<AppsFault>> {
        if self.background == 0 || self.beside < 2 {
            return None;
        }
        let names = self.names(|part| matches!(part.role, Role::Background | Role::App));
        let problem = format!("the shell starts {names} side by side, and Kubernetes sees only one of them fail");
        Some(Fault::new(AppsFault::ShellMulti, problem, "run each in a container of its own"))
    }

    fn daemons(&self) -> Option<Fault<AppsFault>> {
        if self.daemons == 0 || self.all < 2 {
            return None;
        }
        let names = self.names(|part| part.role == Role::Daemon);
        let problem = format!("a daemon runs beside the app, started by {names}, and Kubernetes does not see it fail");
        Some(Fault::new(AppsFault::Daemons, problem, "run the daemon in the foreground of a container of its own"))
    }

    fn ssh(&self) -> Option<Fault<AppsFault>> {
        let ssh = self.runs(PartKind::Ssh)?;
        let problem =
            format!("{} starts a secure shell server, a second way in that bypasses Kubernetes", quote(&ssh.name));
        // Where nothing else runs, it can be the purpose of the container.
        let fix = if self.all == 1 {
            "remove it and use kubectl exec, or exempt the container where it is the app, as in an MPI worker"
        } else {
            "remove it and use kubectl exec"
        };
        Some(Fault::new(AppsFault::Ssh, problem, fix))
    }

    fn cron(&self) -> Option<Fault<AppsFault>> {
        let cron = self.runs(PartKind::Cron).filter(|_| self.all == 1)?;
        let problem = format!("{} runs tasks whose failures Kubernetes does not see", quote(&cron.name));
        Some(Fault::new(AppsFault::Cron, problem, "run each task as a CronJob"))
    }

    fn log_tailer(&self) -> Option<Fault<AppsFault>> {
        let tailer = self.runs(PartKind::LogTailer)?;
        let is_beside = tailer.role == Role::Background && self.all > 0;
        let problem = format!("{} follows a log beside the app", quote(&tailer.name));
        let fix = "let the app log to standard output, or run a sidecar container";
        is_beside.then(|| Fault::new(AppsFault::LogTailer, problem, fix))
    }

    fn pipeline(&self) -> Option<Fault<AppsFault>> {
        self.process.apps(Role::Piped).next()?;
        let problem = format!("it runs {} further down a pipeline", self.names(|part| part.role == Role::Piped));
        Some(Fault::new(AppsFault::Pipeline, problem, "run each program of the pipeline in a container of its own"))
    }

    fn sequence(&self) -> Option<Fault<AppsFault>> {
        let is_app = |name: &str| self.process.apps(Role::App).any(|app| app.name == name);
        self.process.apps(Role::Setup).find(|part| !is_app(&part.name))?;
        let names = self.names(|part| part.role == Role::Setup && !is_app(&part.name));
        Some(Fault::new(AppsFault::Sequence, format!("it runs {names} before the app"), "run it in an init container"))
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
