//! The PID 1 of a container, and the way of the stop signal to the app.

use shared::pod::Hook;
use shared::prelude::*;
use shared::process::{Behaviour, Process, Stay};

use crate::settings::{Settings, Solution};
use crate::words::{missing, other_pid1, shell_fix, shell_problem};
use crate::{
    BROKEN_COMMAND, IMPLICIT_EXEC, INCOMPLETE_TRAP, INIT_MISSING, KEEP_ALIVE, LOSSY_RUNNER, NEEDS_PID1,
    RUNNER_BEHIND_INIT, SHELL_BEHIND_INIT, SHELL_PID1, UNKNOWN_PROCESS,
};

/// The PID namespace of a pod's containers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Namespace {
    /// Each has its own.
    Own,
    /// They share one; the pause container is PID 1.
    Shared,
    /// That of the node.
    Host,
}

impl Namespace {
    pub(crate) fn of(pod: &Pod<'_>) -> Result<Self, Malformed> {
        // The API server refuses both at once; neither is a solution then.
        Ok(match (pod.host_pid()?.value, pod.share_process_namespace()?.value) {
            (Some(true), Some(false) | None) => Self::Host,
            (Some(false) | None, Some(true)) => Self::Shared,
            _ => Self::Own,
        })
    }
}

/// `true` where a hook may stop the app; `false` where it only sleeps.
pub(crate) fn may_stop(hook: &Hook<'_>) -> bool {
    let Hook::Command(command) = hook else { return false };
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

/// The process of a container, where it runs, and the signal that stops it.
pub(crate) struct Pid1<'c> {
    pub(crate) settings: &'c Settings,
    pub(crate) namespace: Namespace,
    pub(crate) signal: &'c str,
    pub(crate) process: &'c Process,
}

impl Pid1<'_> {
    /// `true` where a finding is about a signal that does not reach the app.
    pub(crate) fn is_about_signal(&self) -> bool {
        matches!(self.process.behaviour, Behaviour::Stays(_) | Behaviour::LossyRunner | Behaviour::Trapped(_))
    }

    /// The rule that the container breaks.
    pub(crate) fn judge(&self) -> Option<Found> {
        let Self { settings, namespace, signal, process } = self;
        let shown = &*quote(&process.evidence).to_string();
        if let Behaviour::Manager { needs_pid1: true, .. } = process.behaviour
            && let Some((other, fix)) = other_pid1(process, *namespace)
        {
            return Some(NEEDS_PID1.found([shown, " works only as PID 1, which ", other].concat(), fix));
        }
        if *namespace == Namespace::Host {
            return None;
        }
        let (is_behind, needs_init) = self.front();
        let (rule, problem, fix): (_, [&str; 6], _) = match process.behaviour {
            Behaviour::Stays(why @ Stay::TrapInSleep) => {
                let problem = [shown, " delays the end of the container: ", why.clause(), "", "", ""];
                (&INCOMPLETE_TRAP, problem, why.fix())
            }
            Behaviour::Stays(why) => {
                let rule = if is_behind { &SHELL_BEHIND_INIT } else { &SHELL_PID1 };
                return Some(rule.found(shell_problem(self, why, shown), shell_fix(process, why, shown)));
            }
            Behaviour::LossyRunner if settings.allow_runners.contains(&process.program) => return None,
            Behaviour::LossyRunner => {
                let rule = if is_behind { &RUNNER_BEHIND_INIT } else { &LOSSY_RUNNER };
                let (verb, how) = if process.kills_late() {
                    (" passes ", " to its child alone and kills it two seconds later, so the app may be killed")
                } else {
                    (" does not pass ", " on, so the app that it starts is killed")
                };
                let behind = if is_behind { ", even under an init" } else { "" };
                let problem = [shown, verb, signal, how, " without a graceful stop", behind];
                (rule, problem, process.advice().unwrap_or("start the app itself"))
            }
            Behaviour::Trapped(trap) if let Some(clause) = trap.clause() => {
                let problem = ["on ", signal, ", ", shown, " is killed without a graceful stop: ", clause].concat();
                let name = signal.strip_prefix("SIG").unwrap_or(signal);
                let fix = ["pass it on and wait in the trap: trap 'kill $p; wait $p' ", name].concat();
                return Some(INCOMPLETE_TRAP.found(problem, fix));
            }
            Behaviour::Implicit(_) => {
                let how = " only because this shell adds exec to its last command by itself";
                let problem = [shown, " gets ", signal, how].concat();
                return Some(IMPLICIT_EXEC.found(problem, shell_fix(process, Stay::NoExec, shown)));
            }
            Behaviour::Broken(broken) => (&BROKEN_COMMAND, [broken.clause(), "", "", "", "", ""], broken.fix()),
            Behaviour::KeepAlive if !is_behind && !needs_init => {
                let problem = [shown, " ignores ", signal, " as PID 1 and is killed after the grace period", "", ""];
                (&KEEP_ALIVE, problem, "start it with an init, such as tini, or set shareProcessNamespace to true")
            }
            Behaviour::Brief | Behaviour::Windows => return None,
            _ => match process.unknown() {
                Some(reason) if !is_behind => {
                    let problem = ["the manifest does not show what becomes PID 1: ", reason, "", "", "", ""];
                    (&UNKNOWN_PROCESS, problem, "set command to the app itself")
                }
                None if needs_init => {
                    let (required, fix) = missing(settings);
                    (&INIT_MISSING, ["the settings require ", required, " for ", shown, "", ""], fix)
                }
                _ => return None,
            },
        };
        Some(rule.found(problem.concat(), fix))
    }

    /// Two answers: is another process PID 1, and do the settings require one that is missing?
    fn front(&self) -> (bool, bool) {
        let Self { settings, process, .. } = self;
        let accepts = |solution| settings.accepts(solution);
        let by_sharing = self.namespace == Namespace::Shared && accepts(Solution::SharedPidNamespace);
        let has_reaper = process.init.as_ref().is_some_and(|init| init.reaps);
        let is_init = matches!(process.behaviour, Behaviour::Manager { is_init: true, .. });
        let is_solved = by_sharing || (has_reaper || is_init) && accepts(Solution::Init);
        let is_behind = by_sharing || process.init.is_some() && accepts(Solution::Init);
        (is_behind, !is_solved && (settings.require_init || !accepts(Solution::Exec)))
    }
}
