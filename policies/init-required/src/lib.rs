//! Containers whose app does not get SIGTERM, because something else is PID 1. Reasons and settings: README.

mod pid1;
mod settings;

use pid1::{is_behind, judge};
use settings::{Jobs, Settings};
use shared::pod::Hook;
use shared::prelude::*;
use shared::process::{Namespace, Options, Pid1, Process};

policy! {
    /// SIGTERM must reach the app of every container.
    pub struct InitRequired: Facts {
        title: "Init required",
        severity: Severity::High,
        category: Category::PROCESSES,
        guide: Guide::building("Properly handle PID 1, signal handling, and zombie processes", "signal-handling"),
        containers: ClassActions::enforce_long_running(),
        // A parser of shell scripts, the names of programs, and what hides secrets in quoted commands.
        kilobytes: 219,
        ..Facts::DEFAULT
    }
    reads: [
        command_line, pre_stop, stop_signal, host_pid, share_process_namespace, termination_grace_period_seconds,
    ],
    rules: {
        /// A shell is PID 1 instead of the app.
        SHELL_PID1 = "shell-pid1": Deny,
        /// A shell stays between an init and the app.
        SHELL_BEHIND_INIT = "shell-behind-init": Warn,
        /// A trap of a shell does not let the app stop gracefully.
        INCOMPLETE_TRAP = "incomplete-trap": Warn,
        /// The app replaces the shell although there is no `exec`: only some shells do that.
        IMPLICIT_EXEC = "implicit-exec": Deny,
        /// A runner that does not pass signals on, such as npm, is PID 1.
        LOSSY_RUNNER = "lossy-runner": Deny,
        /// A runner that does not pass signals on stays between an init and the app.
        RUNNER_BEHIND_INIT = "runner-behind-init": Warn,
        /// Nothing but a long sleep is PID 1.
        KEEP_ALIVE = "keep-alive": Off,
        /// The settings require an init or a shared PID namespace, and there is neither.
        INIT_MISSING = "init-missing": Deny,
        /// A service manager must be PID 1, but cannot be.
        NEEDS_PID1 = "needs-pid1": Deny,
        /// The command cannot work.
        BROKEN_COMMAND = "broken-command": Deny,
        /// The manifest does not show what becomes PID 1.
        UNKNOWN_PROCESS = "unknown-process": Off,
        /// There is no time between SIGTERM and SIGKILL.
        NO_GRACE_PERIOD = "no-grace-period": Warn,
    }
}

impl Policy for InitRequired {
    type Settings = Settings;

    fn validate(settings: &Settings, faults: &mut Faults) {
        settings.validate(faults);
    }

    fn check_pod(check: &Check<'_, Settings>, findings: &mut Findings) -> Checked {
        let Check { settings, pod, budget, .. } = *check;
        let namespace = Namespace::of(pod)?;
        let grace_period = pod.termination_grace_period_seconds()?;
        let is_job = pod.runs_to_completion()?;
        let is_concerned = !(pod.is_windows()? || is_job && settings.jobs == Jobs::Skip);
        let only_warns = is_job && settings.jobs == Jobs::Warn;
        for container in pod.containers() {
            // A field that cannot be read is rejected even where it is not judged.
            let signal = container.stop_signal()?.value.unwrap_or("SIGTERM");
            let stop_signal = signal.strip_prefix("SIG").unwrap_or(signal);
            let options = Options { shell: settings.shell, stop_signal, init_binaries: &settings.init_binaries };
            let process = Process::of(container, &options, budget)?;
            let hook = container.pre_stop()?;
            let is_behind = is_behind(settings, &process, namespace);
            let pid1 = Pid1 { process: &process, namespace, signal, is_behind };
            // The hook may stop the app before the signal.
            let is_stopped = pid1.is_about_signal() && hook.as_ref().is_some_and(Hook::may_stop);
            let found = judge(settings, &pid1).filter(|_| is_concerned);
            let found = found.map(|found| if only_warns || is_stopped { found.only_warns() } else { found });
            findings.add(&container.command_line()?, found);
        }
        if is_concerned && namespace != Namespace::Host && !is_job && grace_period.value == Some(0) {
            let problem = "its containers are killed at once, without time to react to SIGTERM";
            findings.add(&grace_period, [NO_GRACE_PERIOD.found(problem, "leave it out, or give the app time to stop")]);
        }
        Ok(())
    }
}
