//! Apps that log to files instead of standard output. Reasons and settings: README.

mod destination;
mod files;
mod volumes;

use shared::glob::Glob;
use shared::place::Class;
use shared::prelude::*;

policy! {
    /// Apps log to standard output and standard error.
    pub struct StdoutLogging: Facts {
        title: "Logging to standard output",
        severity: Severity::Low,
        category: Category::PROCESSES,
        guide: Guide::operating(
            "Use the native logging mechanisms of containers",
            "use_the_native_logging_mechanisms_of_containers",
        ),
        containers: ClassActions::enforce_long_running(),
        // A parser of shell scripts, the names of programs, and what hides secrets in quoted commands.
        kilobytes: 219,
        ..Facts::DEFAULT
    }
    reads: [command_line, volumes, volume_mounts],
    rules: {
        /// A shell writes the output of the app to a file.
        REDIRECTED_OUTPUT = "redirected-output": Warn,
        /// An option or a variable makes the app log to a file.
        LOG_FILE_FLAG = "log-file-flag": Warn,
        /// A volume for logs is mounted that no other container reads.
        LOG_VOLUME = "log-volume": Warn,
    }
}

settings! {
    /// Settings of `stdout-logging`.
    pub struct Settings {
        /// Files and directories in which apps may log, as globs: `/var/log/audit/*`.
        allow_paths: Vec<Glob> = Vec::new() => "allowPaths",
    }
}

impl Settings {
    /// Returns `true` if logs go to a file at this path that the settings do not allow.
    fn judges(&self, path: &str) -> bool {
        !self.allow_paths.iter().any(|glob| glob.matches(path))
    }
}

impl Policy for StdoutLogging {
    type Settings = Settings;

    fn check_pod(check: &Check<'_, Settings>, findings: &mut Findings) -> Checked {
        let mut mounts = Vec::new();
        for container in check.pod.containers() {
            let (command, env) = (container.command_line()?, container.env()?);
            mounts.push((container, container.mounts()?));
            let is_long_running = matches!(container.class(), Class::Main | Class::Sidecar);
            if is_long_running && !check.pod.is_windows()? {
                files::check(check, container, &command, &env, findings)?;
            }
        }
        volumes::check(check, &mounts, findings)
    }
}
