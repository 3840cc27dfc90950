//! The PID 1 of a container, and the way of the stop signal to the app.

use super::behaviour::{Behaviour, Stay};
use super::fault::Fault;
use super::model::Process;
use crate::malformed::Malformed;
use crate::pod::Pod;
use crate::text::quote;

/// The PID namespace of a pod's containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Namespace {
    /// Each has its own.
    Own,
    /// They share one; the pause container is PID 1.
    Shared,
    /// That of the node.
    Host,
}

impl Namespace {
    /// The namespace of the containers of a pod, which has to read `host_pid` and `share_process_namespace`.
    ///
    /// # Errors
    /// One of the fields is ill-typed.
    pub fn of(pod: &Pod<'_>) -> Result<Self, Malformed> {
        // The API server refuses both at once; neither is a solution then.
        Ok(match (pod.host_pid()?.value, pod.share_process_namespace()?.value) {
            (Some(true), Some(false) | None) => Self::Host,
            (Some(false) | None, Some(true)) => Self::Shared,
            _ => Self::Own,
        })
    }
}

/// The kinds of faults on the way of the stop signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignalFault {
    /// A shell is PID 1 instead of the app.
    ShellPid1,
    /// A shell stays between an init and the app.
    ShellBehindInit,
    /// A trap of a shell does not let the app stop gracefully.
    IncompleteTrap,
    /// The app replaces the shell although there is no `exec`.
    ImplicitExec,
    /// A runner that does not pass signals on is PID 1.
    LossyRunner,
    /// A runner that does not pass signals on stays between an init and the app.
    RunnerBehindInit,
    /// A service manager must be PID 1, but cannot be.
    NeedsPid1,
    /// The command cannot work, so that nothing gets a signal.
    BrokenCommand,
}

/// The process of a container, where it runs, and the signal that stops it.
#[derive(Clone, Copy, Debug)]
pub struct Pid1<'c> {
    /// The process.
    pub process: &'c Process,
    /// The PID namespace.
    pub namespace: Namespace,
    /// The name of the signal.
    pub signal: &'c str,
    /// A solution that is accepted is PID 1 instead of the process: an init, or the pause container.
    pub is_behind: bool,
}

impl Pid1<'_> {
    /// Returns `true` if a fault is about a signal that does not reach the app, rather than about who is PID 1.
    #[must_use]
    pub fn is_about_signal(&self) -> bool {
        matches!(self.process.behaviour, Behaviour::Stays(_) | Behaviour::LossyRunner | Behaviour::Trapped(_))
    }

    /// The fault on the way of the signal.
    #[must_use]
    pub fn fault(&self) -> Option<Fault<SignalFault>> {
        let Self { process, namespace, signal, is_behind } = *self;
        let shown = &*quote(&process.evidence).to_string();
        if let Behaviour::Manager { needs_pid1: true, .. } = process.behaviour
            && let Some((other, fix)) = self.other_pid1()
        {
            let problem = [shown, " works only as PID 1, which ", other].concat();
            return Some(Fault::new(SignalFault::NeedsPid1, problem, fix));
        }
        if namespace == Namespace::Host {
            return None;
        }
        Some(match process.behaviour {
            Behaviour::Stays(why @ Stay::TrapInSleep) => {
                let problem = [shown, " delays the end of the container: ", why.clause()].concat();
                Fault::new(SignalFault::IncompleteTrap, problem, why.fix())
            }
            Behaviour::Stays(why) => {
                let kind = if is_behind { SignalFault::ShellBehindInit } else { SignalFault::ShellPid1 };
                Fault::new(kind, self.shell_problem(why, shown), self.shell_fix(why, shown))
            }
            Behaviour::LossyRunner => {
                let kind = if is_behind { SignalFault::RunnerBehindInit } else { SignalFault::LossyRunner };
                let (verb, how) = if process.kills_late() {
                    (" passes ", " to its child alone and kills it two seconds later, so the app may be killed")
                } else {
                    (" does not pass ", " on, so the app that it starts is killed")
                };
                let behind = if is_behind { ", even under an init" } else { "" };
                let problem = [shown, verb, signal, how, " without a graceful stop", behind].concat();
                Fault::new(kind, problem, process.advice().unwrap_or("start the app itself"))
            }
            Behaviour::Trapped(trap) => {
                let clause = trap.clause()?;
                let problem = ["on ", signal, ", ", shown, " is killed without a graceful stop: ", clause].concat();
                let name = signal.strip_prefix("SIG").unwrap_or(signal);
                let fix = ["pass it on and wait in the trap: trap 'kill $p; wait $p' ", name].concat();
                Fault::new(SignalFault::IncompleteTrap, problem, fix)
            }
            Behaviour::Implicit(_) => {
                let how = " only because this shell adds exec to its last command by itself";
                let problem = [shown, " gets ", signal, how].concat();
                Fault::new(SignalFault::ImplicitExec, problem, self.shell_fix(Stay::NoExec, shown))
            }
            Behaviour::Broken(broken) => Fault::new(SignalFault::BrokenCommand, broken.clause(), broken.fix()),
            _ => return None,
        })
    }

    /// The PID 1 that takes the place of a process that must be PID 1, and the fix.
    fn other_pid1(&self) -> Option<(&str, &'static str)> {
        match (self.namespace, &self.process.init) {
            (Namespace::Shared, _) => {
                Some(("is the pause container in a shared PID namespace", "set shareProcessNamespace to false"))
            }
            (Namespace::Host, _) => Some(("no container is in the node's PID namespace", "set hostPID to false")),
            (Namespace::Own, Some(_)) => Some(("is the init before it", "start it without another init")),
            (Namespace::Own, None) => None,
        }
    }

    /// The effect of the signal on the app, and the reason.
    fn shell_problem(&self, why: Stay, shown: &str) -> String {
        let Self { process, signal, namespace, .. } = *self;
        let shared = namespace == Namespace::Shared;
        let clause = why.clause();
        let misses = [shown, " does not get ", signal, " and is killed after the grace period: ", clause];
        match (why, &process.init) {
            (Stay::ExitTrap, _) => [signal, " kills ", shown, " without a graceful stop: ", clause].concat(),
            (Stay::TrapInForeground, _) => misses.concat(),
            (_, Some(init)) if init.signals_group => {
                let how = ", but exits with the shell, so the app is killed while it stops";
                [&init.name, " passes ", signal, " to the shell and to ", shown, how].concat()
            }
            (_, Some(init)) => {
                let how = " to the shell alone, which ends without passing it on, so ";
                [&init.name, " passes ", signal, how, shown, " is killed at once"].concat()
            }
            (_, None) if shared => {
                ["on ", signal, " the shell ends without passing it on, so ", shown, " is killed at once"].concat()
            }
            (Stay::BadTrap | Stay::Idle, None) => misses.concat(),
            (_, None) => [&misses.concat(), ", reaps zombies but forwards no signal"].concat(),
        }
    }

    /// The fix: what to write instead.
    fn shell_fix(&self, why: Stay, shown: &str) -> String {
        match (&self.process.fix, self.process.advice()) {
            (Some(fix), _) => ["exec the app: ", &quote(fix).to_string()].concat(),
            (None, _) if self.process.lacks_exec => ["write exec before ", shown].concat(),
            (None, Some(advice)) => [advice, ", with exec"].concat(),
            (None, None) => why.fix().to_owned(),
        }
    }
}
