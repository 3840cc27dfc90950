//! Containers whose app does not get SIGTERM, because something else is PID 1. Reasons and settings: README.

use shared::findings::Rule;
use shared::pod::Hook;
use shared::prelude::*;
use shared::process::{self, Behaviour, Options, Process, Shell, Stay};

policy! {
    /// SIGTERM must reach the app of every container.
    pub struct InitRequired {
        title: "Init required",
        severity: High,
        category: Processes,
        guide: Pid1,
        containers: ClassActions::enforce_long_running(),
        rules: {
            /// A shell stays PID 1 in front of the app.
            SHELL_PID1 = "shell-pid1": Deny,
            /// A shell stays between an init and the app.
            SHELL_BEHIND_INIT = "shell-behind-init": Warn,
            /// A trap of a shell does not let the app stop in good order.
            INCOMPLETE_TRAP = "incomplete-trap": Warn,
            /// A shell is replaced by the app although no `exec` is written.
            IMPLICIT_EXEC = "implicit-exec": Deny,
            /// A runner that does not pass signals on is PID 1, such as npm.
            LOSSY_RUNNER = "lossy-runner": Deny,
            /// A runner that does not pass signals on stays between an init and the app.
            RUNNER_BEHIND_INIT = "runner-behind-init": Warn,
            /// Nothing but a long sleep is PID 1.
            KEEP_ALIVE = "keep-alive": Off,
            /// The settings require an init, and there is none.
            INIT_MISSING = "init-missing": Deny,
            /// A service manager must be PID 1, but cannot be.
            NEEDS_PID1 = "needs-pid1": Deny,
            /// The command cannot work.
            BROKEN_COMMAND = "broken-command": Deny,
            /// The manifest does not tell what becomes PID 1.
            UNKNOWN_PROCESS = "unknown-process": Off,
            /// There is no time between SIGTERM and SIGKILL.
            NO_GRACE_PERIOD = "no-grace-period": Warn,
        },
    }
}

settings! {
    /// Settings of `init-required`.
    pub struct Settings {
        /// The ways of the guide to handle PID 1 that count; one that is left out is judged as if it were not there.
        accepted_solutions: Vec<Solution> =
            vec![Solution::Exec, Solution::SharedPidNamespace, Solution::Init] => "acceptedSolutions",
        /// Runners that are accepted although they do not pass signals on, such as `npm`.
        allow_runners: Vec<String> = Vec::new() => "allowRunners",
        /// Names of further inits, such as `my-init`.
        init_binaries: Vec<String> = Vec::new() => "initBinaries",
        /// How pods that run to completion are judged: those of Jobs, and others that are not restarted always.
        jobs: Jobs = Jobs::Warn => "jobs",
        /// Whether an init or a shared PID namespace is required even when the app itself is PID 1. The same as
        /// `acceptedSolutions` without `exec`.
        require_init: bool = false => "requireInit",
        /// What `sh` is in the images.
        shell: Shell = Shell::Dash => "shell",
    }
}

settings! {
    /// A way of the guide to handle PID 1.
    pub enum Solution {
        /// The app is PID 1: it is started directly, or by `exec` of a shell.
        Exec => "exec",
        /// `shareProcessNamespace: true`: the pause container is PID 1.
        SharedPidNamespace => "sharedPidNamespace",
        /// An init is PID 1, such as tini.
        Init => "init",
    }
}

settings! {
    /// How pods that run to completion are judged.
    pub enum Jobs {
        /// As all others.
        Check => "check",
        /// Findings only warn: a lost SIGTERM delays the end of a job, but rarely loses data.
        Warn => "warn",
        /// Not at all.
        Skip => "skip",
    }
}

impl Settings {
    fn validate(&self, faults: &mut Faults) {
        let others = self.accepted_solutions.iter().filter(|solution| **solution != Solution::Exec).count();
        if self.accepted_solutions.is_empty() {
            faults.add("acceptedSolutions", "this is empty; name at least one of exec, sharedPidNamespace, init");
        } else if self.require_init && others == 0 {
            faults.add(
                "requireInit",
                "acceptedSolutions names neither sharedPidNamespace nor init, so nothing could pass",
            );
        }
        for (index, name) in self.init_binaries.iter().enumerate() {
            if name.is_empty() || name.contains('/') {
                faults
                    .add(&format!("initBinaries[{index}]"), "this must be the name of a program, without a directory");
            }
        }
    }
}

impl Policy for InitRequired {
    type Settings = Settings;

    fn validate(settings: &Settings, faults: &mut Faults) {
        settings.validate(faults);
    }

    fn check_pod(check: &Check<'_, Settings>, findings: &mut Findings) -> Result<(), Malformed> {
        let Check { settings, pod, budget } = *check;
        let is_job = pod.runs_to_completion()?;
        // The API server refuses both at once; neither is a solution then.
        let (host, shared) = (pod.host_pid()?, pod.share_process_namespace()?);
        let is_concerned = !(pod.is_windows()? || is_job && settings.jobs == Jobs::Skip);
        let namespace = match (host, shared) {
            (true, false) => Namespace::Host,
            (false, true) => Namespace::Shared,
            _ => Namespace::Own,
        };
        for container in pod.containers() {
            // What cannot be read is rejected even where it is not judged.
            let signal = container.stop_signal()?.unwrap_or("SIGTERM");
            let stop_signal = signal.strip_prefix("SIG").unwrap_or(signal);
            let options = Options { shell: settings.shell, stop_signal, init_binaries: &settings.init_binaries };
            let process = Process::of(container, &options, budget)?;
            let hook = container.pre_stop()?;
            if is_concerned && let Some((rule, problem, fix)) = judge(settings, &process, namespace, signal) {
                let (at, value) = process::at_command(container)?;
                findings.add(rule, at, value, problem, fix);
                let is_about_signal =
                    matches!(process.behaviour, Behaviour::Stays(_) | Behaviour::LossyRunner | Behaviour::Trapped(_));
                // The hook may stop the app before the signal.
                if is_about_signal && hook.as_ref().is_some_and(may_stop) {
                    findings.last_only_warns();
                }
            }
        }
        if is_concerned && namespace != Namespace::Host && !is_job && pod.termination_grace_period_seconds()? == Some(0)
        {
            let problem = "its containers are killed at once, without time to react to SIGTERM";
            let at = pod.at("terminationGracePeriodSeconds");
            findings.add(&NO_GRACE_PERIOD, at, "0", problem, "leave it out, or give the app time to stop");
        }
        if is_job && settings.jobs == Jobs::Warn {
            findings.only_warn();
        }
        Ok(())
    }
}

/// The PID namespace of a pod's containers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Namespace {
    /// Each has its own.
    Own,
    /// They share one; the pause container is PID 1.
    Shared,
    /// That of the node.
    Host,
}

/// Whether a hook may stop the app, rather than only sleep.
fn may_stop(hook: &Hook<'_>) -> bool {
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

/// The rule that a container breaks, with the problem and what to do.
fn judge(
    settings: &Settings,
    process: &Process,
    namespace: Namespace,
    signal: &str,
) -> Option<(&'static Rule, String, String)> {
    let shown = &*quote(&process.evidence).to_string();
    if let Behaviour::Manager { needs_pid1: true, .. } = process.behaviour
        && let Some((other, fix)) = other_pid1(process, namespace)
    {
        return Some((&NEEDS_PID1, [shown, " works only as PID 1, which ", other].concat(), fix.to_owned()));
    }
    if namespace == Namespace::Host {
        return None;
    }
    let accepts = |solution| settings.accepted_solutions.contains(&solution);
    let reaper = process.init.as_ref().filter(|init| init.reaps);
    let is_init = matches!(process.behaviour, Behaviour::Manager { is_init: true, .. });
    let shared = namespace == Namespace::Shared;
    let by_sharing = shared && accepts(Solution::SharedPidNamespace);
    // Something else than the process of this behaviour is PID 1.
    let is_behind = by_sharing || process.init.is_some() && accepts(Solution::Init);
    let is_solved = by_sharing || (reaper.is_some() || is_init) && accepts(Solution::Init);
    let needs_init = !is_solved && (settings.require_init || !accepts(Solution::Exec));
    let (rule, problem, fix): (_, [&str; 6], _) = match process.behaviour {
        Behaviour::Stays(why @ Stay::TrapInSleep) => {
            (&INCOMPLETE_TRAP, [shown, " puts the end of the container off: ", why.clause(), "", "", ""], why.fix())
        }
        Behaviour::Stays(why) => {
            let rule = if is_behind { &SHELL_BEHIND_INIT } else { &SHELL_PID1 };
            return Some((rule, shell_problem(process, why, shared, signal, shown), shell_fix(process, why, shown)));
        }
        Behaviour::LossyRunner if settings.allow_runners.contains(&process.program) => return None,
        Behaviour::LossyRunner => {
            let rule = if is_behind { &RUNNER_BEHIND_INIT } else { &LOSSY_RUNNER };
            let (verb, how) = if process.kills_late() {
                (" passes ", " to its child alone and kills it two seconds later, so the app may be killed")
            } else {
                (" does not pass ", " on, so the app that it starts is killed")
            };
            let behind = if is_behind { ", also behind an init" } else { "" };
            let problem = [shown, verb, signal, how, " without a graceful stop", behind];
            (rule, problem, process.advice().unwrap_or("start the app itself"))
        }
        Behaviour::Trapped(trap) if let Some(clause) = trap.clause() => {
            let problem = ["on ", signal, ", ", shown, " is killed without a graceful stop: ", clause].concat();
            let name = signal.strip_prefix("SIG").unwrap_or(signal);
            let fix = ["pass it on and wait in the trap: trap 'kill $p; wait $p' ", name].concat();
            return Some((&INCOMPLETE_TRAP, problem, fix));
        }
        Behaviour::Implicit(_) => {
            let how = " only because this shell adds exec to its last command by itself";
            let problem = [shown, " gets ", signal, how].concat();
            return Some((&IMPLICIT_EXEC, problem, shell_fix(process, Stay::NoExec, shown)));
        }
        Behaviour::Broken(broken) => (&BROKEN_COMMAND, [broken.clause(), "", "", "", "", ""], broken.fix()),
        Behaviour::KeepAlive if !is_behind && !needs_init => {
            let problem = [shown, " ignores ", signal, " as PID 1 and is killed after the grace period", "", ""];
            (&KEEP_ALIVE, problem, "start it by an init, such as tini, or set shareProcessNamespace to true")
        }
        Behaviour::Brief | Behaviour::Windows => return None,
        _ => match process.unknown() {
            Some(reason) if !is_behind => {
                let problem = ["the manifest does not tell what becomes PID 1: ", reason, "", "", "", ""];
                (&UNKNOWN_PROCESS, problem, "set command to the app itself")
            }
            None if needs_init => {
                let (required, fix) = missing(settings);
                (&INIT_MISSING, ["the settings require ", required, " for ", shown, "", ""], fix)
            }
            _ => return None,
        },
    };
    Some((rule, problem.concat(), fix.to_owned()))
}

/// What is PID 1 instead of a process that must be, and what to do about it.
fn other_pid1(process: &Process, namespace: Namespace) -> Option<(&str, &'static str)> {
    match (namespace, &process.init) {
        (Namespace::Shared, _) => {
            Some(("is the pause container in a shared PID namespace", "set shareProcessNamespace to false"))
        }
        (Namespace::Host, _) => Some(("no container is in the PID namespace of the node", "set hostPID to false")),
        (Namespace::Own, Some(_)) => Some(("is the init before it", "start it without another init")),
        (Namespace::Own, None) => None,
    }
}

/// What becomes of the app on the signal, and why.
fn shell_problem(process: &Process, why: Stay, shared: bool, signal: &str, shown: &str) -> String {
    let clause = why.clause();
    let misses = [shown, " misses ", signal, " and is killed after the grace period: ", clause];
    match (why, &process.init) {
        (Stay::ExitTrap, _) => [signal, " kills ", shown, " without a graceful stop: ", clause].concat(),
        (Stay::TrapInForeground, _) => misses.concat(),
        (_, Some(init)) if init.signals_group => {
            let how = ", but ends with the shell, so it is killed while it stops";
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

/// What to write instead.
fn shell_fix(process: &Process, why: Stay, shown: &str) -> String {
    match (&process.fix, process.advice()) {
        (Some(fix), _) => ["exec the app: ", &quote(fix).to_string()].concat(),
        (None, _) if process.lacks_exec => ["write exec before ", shown].concat(),
        (None, Some(advice)) => [advice, ", by exec"].concat(),
        (None, None) => why.fix().to_owned(),
    }
}

/// What the settings accept beside `exec`, and how to get it.
fn missing(settings: &Settings) -> (&'static str, &'static str) {
    let accepts = |solution| settings.accepted_solutions.contains(&solution);
    match (accepts(Solution::Init), accepts(Solution::SharedPidNamespace)) {
        (true, true) => (
            "an init or a shared PID namespace",
            "start it by an init, such as tini, or set shareProcessNamespace to true",
        ),
        (false, true) => ("a shared PID namespace", "set shareProcessNamespace to true"),
        _ => ("an init", "start it by an init, such as tini"),
    }
}
