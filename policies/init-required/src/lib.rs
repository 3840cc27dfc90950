//! Containers whose app does not get SIGTERM, because something else is PID 1. Reasons and settings: README.

use shared::prelude::*;
use shared::process::{self, Behaviour, Options, Process, Shell, Stay};

policy! {
    /// SIGTERM must reach the app of every container.
    pub struct InitRequired: Facts {
        title: "Init required",
        severity: Severity::High,
        category: Category::PROCESSES,
        guide: Guide::building("Properly handle PID 1, signal handling, and zombie processes", "signal-handling"),
        containers: ClassActions::enforce_long_running(),
        ..Facts::DEFAULT
    }
    reads: [command_line, host_pid, share_process_namespace, termination_grace_period_seconds],
    rules: {
        /// A shell stays PID 1 in front of the app.
        SHELL_PID1 = "shell-pid1": Deny,
        /// A shell stays between an init and the app.
        SHELL_BEHIND_INIT = "shell-behind-init": Warn,
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
        /// A service manager must be PID 1, but the pod shares its PID namespace.
        NEEDS_PID1 = "needs-pid1": Deny,
        /// The command cannot work.
        BROKEN_COMMAND = "broken-command": Deny,
        /// The manifest does not tell what becomes PID 1.
        UNKNOWN_PROCESS = "unknown-process": Off,
        /// There is no time between SIGTERM and SIGKILL.
        NO_GRACE_PERIOD = "no-grace-period": Warn,
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
        let has_pid1 = !host || shared;
        let options = Options { shell: settings.shell, init_binaries: &settings.init_binaries };
        let is_concerned = has_pid1 && !pod.is_windows()? && !(is_job && settings.jobs == Jobs::Skip);
        for container in pod.containers() {
            // What cannot be read is rejected even where it is not judged.
            let process = Process::of(container, &options, budget)?;
            if is_concerned {
                judge(settings, container, &process, shared && !host, findings)?;
            }
        }
        if is_concerned && !is_job && pod.termination_grace_period_seconds()? == Some(0) {
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

/// Judges what a container runs. `shared`: the pause container is PID 1.
fn judge(
    settings: &Settings,
    container: &Container<'_>,
    process: &Process,
    shared: bool,
    findings: &mut Findings,
) -> Result<(), Malformed> {
    let accepts = |solution| settings.accepted_solutions.contains(&solution);
    let reaper = process.init.as_ref().filter(|init| init.reaps);
    let is_init = matches!(process.behaviour, Behaviour::Manager { is_init: true, .. });
    let by_sharing = shared && accepts(Solution::SharedPidNamespace);
    // Something else than the process of this behaviour is PID 1.
    let is_behind = by_sharing || process.init.is_some() && accepts(Solution::Init);
    let is_solved = by_sharing || (reaper.is_some() || is_init) && accepts(Solution::Init);
    let needs_init = !is_solved && (settings.require_init || !accepts(Solution::Exec));
    let shown = quote(&process.evidence);
    let found = match process.behaviour {
        Behaviour::Stays(why) => {
            let rule = if is_behind { &SHELL_BEHIND_INIT } else { &SHELL_PID1 };
            Some((rule, shell_problem(process, why, shared), shell_fix(process, why)))
        }
        Behaviour::LossyRunner if settings.allow_runners.contains(&process.program) => None,
        Behaviour::LossyRunner => {
            let rule = if is_behind { &RUNNER_BEHIND_INIT } else { &LOSSY_RUNNER };
            let problem = format!(
                "{shown} does not pass SIGTERM on, so the app that it starts is killed without a graceful stop{}",
                if is_behind { ", also behind an init" } else { "" },
            );
            Some((rule, problem, process.advice().unwrap_or("start the app itself").to_owned()))
        }
        Behaviour::Implicit(_) => {
            let problem =
                format!("{shown} gets SIGTERM only because this shell adds exec to its last command by itself");
            Some((&IMPLICIT_EXEC, problem, shell_fix(process, Stay::NoExec)))
        }
        Behaviour::Manager { needs_pid1: true, .. } if shared => {
            let problem =
                format!("{shown} works only as PID 1, which is the pause container in a shared PID namespace");
            Some((&NEEDS_PID1, problem, "set shareProcessNamespace to false".to_owned()))
        }
        Behaviour::Broken(broken) => Some((&BROKEN_COMMAND, broken.clause().to_owned(), broken.fix().to_owned())),
        Behaviour::KeepAlive if !is_behind && !needs_init => {
            let problem = format!("{shown} ignores SIGTERM as PID 1 and is killed after the grace period");
            let fix = "start it by an init, such as tini, or set shareProcessNamespace to true";
            Some((&KEEP_ALIVE, problem, fix.to_owned()))
        }
        Behaviour::Brief | Behaviour::Windows => None,
        _ => match process.unknown() {
            Some(_) if is_behind => None,
            Some(reason) => {
                let problem = format!("the manifest does not tell what becomes PID 1: {reason}");
                Some((&UNKNOWN_PROCESS, problem, "set command to the app itself".to_owned()))
            }
            None if needs_init => {
                let (required, fix) = missing(settings);
                Some((&INIT_MISSING, format!("the settings require {required} for {shown}"), fix.to_owned()))
            }
            None => None,
        },
    };
    if let Some((rule, problem, fix)) = found {
        let (at, value) = process::at_command(container)?;
        findings.add(rule, at, value, problem, fix);
    }
    Ok(())
}

/// What becomes of the app on SIGTERM, and why.
fn shell_problem(process: &Process, why: Stay, shared: bool) -> String {
    let (shown, clause) = (quote(&process.evidence), why.clause());
    match (why, &process.init) {
        (Stay::ExitTrap, _) => format!("SIGTERM kills {shown} without a graceful stop: {clause}"),
        (Stay::TrapInForeground, _) => {
            format!("{shown} misses SIGTERM and is killed after the grace period: {clause}")
        }
        (_, Some(init)) => format!(
            "{} passes SIGTERM to the shell alone, which ends without passing it on, so {shown} is killed at once",
            init.name
        ),
        (_, None) if shared => {
            format!("on SIGTERM the shell ends without passing it on, so {shown} is killed at once")
        }
        (_, None) => format!(
            "{shown} misses SIGTERM and is killed after the grace period: {clause}, reaps zombies but forwards no signal"
        ),
    }
}

/// What to write instead.
fn shell_fix(process: &Process, why: Stay) -> String {
    if let Some(fix) = &process.fix {
        return format!("exec the app: {}", quote(fix));
    }
    match process.advice() {
        Some(advice) => format!("{advice}, by exec"),
        None => why.fix().to_owned(),
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
