//! The wording of findings.

use shared::prelude::*;
use shared::process::{Process, Stay};

use crate::pid1::{Namespace, Pid1};
use crate::settings::{Settings, Solution};

/// The PID 1 that takes the place of a process that must be PID 1, and the fix.
pub(crate) fn other_pid1(process: &Process, namespace: Namespace) -> Option<(&str, &'static str)> {
    match (namespace, &process.init) {
        (Namespace::Shared, _) => {
            Some(("is the pause container in a shared PID namespace", "set shareProcessNamespace to false"))
        }
        (Namespace::Host, _) => Some(("no container is in the node's PID namespace", "set hostPID to false")),
        (Namespace::Own, Some(_)) => Some(("is the init before it", "start it without another init")),
        (Namespace::Own, None) => None,
    }
}

/// The effect of the signal on the app, and the reason.
pub(crate) fn shell_problem(pid1: &Pid1<'_>, why: Stay, shown: &str) -> String {
    let Pid1 { process, signal, namespace, .. } = *pid1;
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
pub(crate) fn shell_fix(process: &Process, why: Stay, shown: &str) -> String {
    match (&process.fix, process.advice()) {
        (Some(fix), _) => ["exec the app: ", &quote(fix).to_string()].concat(),
        (None, _) if process.lacks_exec => ["write exec before ", shown].concat(),
        (None, Some(advice)) => [advice, ", with exec"].concat(),
        (None, None) => why.fix().to_owned(),
    }
}

/// The solutions that the settings accept besides `exec`, and the fix.
pub(crate) fn missing(settings: &Settings) -> (&'static str, &'static str) {
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
