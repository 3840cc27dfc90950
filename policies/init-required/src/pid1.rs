//! The rule that the process of a container breaks.

use shared::prelude::*;
use shared::process::{Behaviour, Namespace, Pid1, Process, SignalFault};

use crate::settings::{Settings, Solution};
use crate::{
    BROKEN_COMMAND, IMPLICIT_EXEC, INCOMPLETE_TRAP, INIT_MISSING, KEEP_ALIVE, LOSSY_RUNNER, NEEDS_PID1,
    RUNNER_BEHIND_INIT, SHELL_BEHIND_INIT, SHELL_PID1, UNKNOWN_PROCESS,
};

/// The rule that a process breaks, if any.
pub(crate) fn judge(settings: &Settings, pid1: &Pid1<'_>) -> Option<Found> {
    let Pid1 { process, namespace, is_behind, .. } = *pid1;
    if process.behaviour == Behaviour::LossyRunner && settings.allow_runners.contains(&process.program) {
        return None;
    }
    if let Some(fault) = pid1.fault() {
        return Some(rule(fault.kind).found(fault.problem, fault.fix));
    }
    let shown = quote(&process.evidence).to_string();
    let needs_init = needs_init(settings, process, namespace);
    match process.behaviour {
        _ if namespace == Namespace::Host => None,
        Behaviour::KeepAlive if !is_behind && !needs_init => Some(KEEP_ALIVE.found(
            [&shown, " ignores ", pid1.signal, " as PID 1 and is killed after the grace period"].concat(),
            "start it with an init, such as tini, or set shareProcessNamespace to true",
        )),
        Behaviour::Brief | Behaviour::Windows => None,
        _ => match process.unknown() {
            Some(reason) if !is_behind => Some(UNKNOWN_PROCESS.found(
                ["the manifest does not show what becomes PID 1: ", reason].concat(),
                "set command to the app itself",
            )),
            None if needs_init => {
                let (required, fix) = missing(settings);
                Some(INIT_MISSING.found(["the settings require ", required, " for ", &shown].concat(), fix))
            }
            _ => None,
        },
    }
}

/// The rule of a fault.
fn rule(fault: SignalFault) -> &'static Rule {
    match fault {
        SignalFault::ShellPid1 => &SHELL_PID1,
        SignalFault::ShellBehindInit => &SHELL_BEHIND_INIT,
        SignalFault::IncompleteTrap => &INCOMPLETE_TRAP,
        SignalFault::ImplicitExec => &IMPLICIT_EXEC,
        SignalFault::LossyRunner => &LOSSY_RUNNER,
        SignalFault::RunnerBehindInit => &RUNNER_BEHIND_INIT,
        SignalFault::NeedsPid1 => &NEEDS_PID1,
        SignalFault::BrokenCommand => &BROKEN_COMMAND,
    }
}

/// `true` where a solution that the settings accept is PID 1 instead of the process.
pub(crate) fn is_behind(settings: &Settings, process: &Process, namespace: Namespace) -> bool {
    is_shared(settings, namespace) || process.init.is_some() && settings.accepts(Solution::Init)
}

/// `true` where the settings require an init or a shared namespace, and there is neither.
fn needs_init(settings: &Settings, process: &Process, namespace: Namespace) -> bool {
    let has_reaper = process.init.as_ref().is_some_and(|init| init.reaps);
    let is_init = matches!(process.behaviour, Behaviour::Manager { is_init: true, .. });
    let has_init = (has_reaper || is_init) && settings.accepts(Solution::Init);
    let is_required = settings.require_init || !settings.accepts(Solution::Exec);
    is_required && !is_shared(settings, namespace) && !has_init
}

fn is_shared(settings: &Settings, namespace: Namespace) -> bool {
    namespace == Namespace::Shared && settings.accepts(Solution::SharedPidNamespace)
}

/// The solutions that the settings accept besides `exec`, and the fix.
fn missing(settings: &Settings) -> (&'static str, &'static str) {
    let accepts = |solution| settings.accepts(solution);
    match (accepts(Solution::Init), accepts(Solution::SharedPidNamespace)) {
        (true, true) => (
            "an init or a shared PID namespace",
            "start it with an init, such as tini, or set shareProcessNamespace to true",
        ),
        (false, true) => ("a shared PID namespace", "set shareProcessNamespace to true"),
        _ => ("an init", "start it with an init, such as tini"),
    }
}
