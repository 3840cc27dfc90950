//! Containers whose image does not let SIGTERM reach the app, or starts several. Reasons and settings: README.

mod settings;
mod start;

use settings::Settings;
use shared::prelude::*;
use start::check_start;

policy! {
    /// What an image starts must get SIGTERM, and be one app.
    pub struct ImageEntrypoint: Facts {
        title: "Image entrypoint",
        category: Category::PROCESSES,
        guide: Guide::building("Properly handle PID 1, signal handling, and zombie processes", "signal-handling"),
        containers: ClassActions::enforce_long_running(),
        // A parser of shell scripts and the names of programs, in addition to what inspects images.
        kilobytes: 270,
        ..Facts::DEFAULT
    }
    inspects: Configurations,
    reads: [command_line, pre_stop, stop_signal, host_pid, share_process_namespace],
    rules: {
        /// The image starts a shell, which stays PID 1 instead of the app.
        SHELL_PID1 = "shell-pid1": Warn,
        /// A shell stays between an init and the app.
        SHELL_BEHIND_INIT = "shell-behind-init": Warn,
        /// A trap of a shell does not let the app stop gracefully.
        INCOMPLETE_TRAP = "incomplete-trap": Warn,
        /// The app replaces the shell although there is no `exec`: only some shells do that.
        IMPLICIT_EXEC = "implicit-exec": Warn,
        /// A runner that does not pass signals on, such as npm, is PID 1.
        LOSSY_RUNNER = "lossy-runner": Warn,
        /// A runner that does not pass signals on stays between an init and the app.
        RUNNER_BEHIND_INIT = "runner-behind-init": Warn,
        /// A service manager must be PID 1, but cannot be.
        NEEDS_PID1 = "needs-pid1": Warn,
        /// The command cannot work.
        BROKEN_COMMAND = "broken-command": Warn,
        /// Neither the image nor the manifest says what to start.
        NOTHING_TO_RUN = "nothing-to-run": Warn,
        /// A service manager runs the apps of the container.
        MANAGER = "manager": Warn,
        /// A shell starts several apps side by side.
        SHELL_MULTI = "shell-multi": Warn,
        /// A daemon is started before the app.
        DAEMONS = "daemons": Warn,
        /// The container runs a secure shell server.
        SSH = "ssh": Warn,
        /// The app is a scheduler.
        CRON = "cron": Warn,
        /// A program follows a log beside the app.
        LOG_TAILER = "log-tailer": Warn,
    }
}

impl Policy for ImageEntrypoint {
    type Settings = Settings;

    fn validate(settings: &Settings, faults: &mut Faults) {
        settings.validate(faults);
    }

    fn platforms(settings: &Settings) -> &Platforms {
        &settings.platforms
    }

    fn is_left_to_image(check: &Check<'_, Settings>, image: &PodImage<'_>) -> Result<bool, Malformed> {
        // Nothing of a volume is started.
        let Some(container) = image.container() else { return Ok(false) };
        Ok(container.command_line()?.command.is_empty() && !check.pod.is_windows()?)
    }

    fn check_inspected_image(
        check: &Check<'_, Settings>,
        image: &PodImage<'_>,
        inspected: &Inspected<'_>,
        findings: &mut Findings,
    ) -> Inspection {
        match image.container() {
            Some(container) => check_start(check, container, inspected, &mut |found| findings.add(image, [found])),
            None => Ok(()),
        }
    }
}
