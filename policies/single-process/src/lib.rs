//! Containers that start more than one app. Reasons and settings: README.

use shared::prelude::*;
use shared::process::{Apps, AppsFault, Behaviour, Options, Process};

policy! {
    /// A container may start one app only.
    pub struct SingleProcess: Facts {
        title: "Single process",
        category: Category::PROCESSES,
        guide: Guide::building("Package a single app per container", "package_a_single_app_per_container"),
        containers: ClassActions::enforce_long_running(),
        // A parser of shell scripts, the names of programs, and what hides secrets in quoted commands.
        kilobytes: 212,
        ..Facts::DEFAULT
    }
    reads: [command_line, ports],
    rules: {
        /// A service manager runs the apps of the container.
        MANAGER = "manager": Deny,
        /// A shell starts several apps side by side.
        SHELL_MULTI = "shell-multi": Deny,
        /// A daemon is started before the app.
        DAEMONS = "daemons": Deny,
        /// The container runs a secure shell server.
        SSH = "ssh": Deny,
        /// The container declares the port of a secure shell server.
        SSH_PORT = "ssh-port": Warn,
        /// The app is a scheduler.
        CRON = "cron": Warn,
        /// A program follows a log beside the app.
        LOG_TAILER = "log-tailer": Warn,
        /// A program runs further down a pipeline.
        PIPELINE = "pipeline": Off,
        /// Programs run one after another.
        SEQUENCE = "sequence": Off,
        /// The command cannot work.
        BROKEN_COMMAND = "broken-command": Deny,
        /// The manifest does not show what is started.
        UNKNOWN_PROCESS = "unknown-process": Off,
    }
}

settings! {
    /// Settings of `single-process`.
    pub struct Settings {
        /// Service managers that are accepted, such as `supervisord` where it runs one program.
        allow_managers: Vec<String> = Vec::new() => "allowManagers",
    }
}

/// The port of secure shell servers. Source: IANA, Service Name and Transport Protocol Port Number Registry.
const SSH_PORT_NUMBER: i64 = 22;

impl Policy for SingleProcess {
    type Settings = Settings;

    fn check_container(check: &Check<'_, Settings>, container: &Container<'_>, findings: &mut Findings) -> Checked {
        let process = Process::of(container, &Options::default(), check.budget)?;
        let (command, ssh_port) = (container.command_line()?, container.port(SSH_PORT_NUMBER)?);
        if check.pod.is_windows()? {
            return Ok(());
        }
        let faults = Apps::of(&process).faults(&check.settings.allow_managers);
        if ssh_port.value.is_some() && faults.iter().all(|fault| fault.kind != AppsFault::Ssh) {
            let problem = "it declares port 22, that of secure shell servers, a second way in that bypasses Kubernetes";
            let fix = "remove the port and its server, and use kubectl exec";
            findings.add(&ssh_port, [SSH_PORT.found(problem, fix)]);
        }
        findings.add(&command, faults.into_iter().map(|fault| rule(fault.kind).found(fault.problem, fault.fix)));
        findings.add(&command, broken_or_unknown(&process));
        Ok(())
    }
}

/// The rule of a fault.
fn rule(fault: AppsFault) -> &'static Rule {
    match fault {
        AppsFault::Manager => &MANAGER,
        AppsFault::ShellMulti => &SHELL_MULTI,
        AppsFault::Daemons => &DAEMONS,
        AppsFault::Ssh => &SSH,
        AppsFault::Cron => &CRON,
        AppsFault::LogTailer => &LOG_TAILER,
        AppsFault::Pipeline => &PIPELINE,
        AppsFault::Sequence => &SEQUENCE,
    }
}

/// A command that cannot work, or whose app the manifest does not show.
fn broken_or_unknown(process: &Process) -> Option<Found> {
    match process.behaviour {
        Behaviour::Broken(broken) => Some(BROKEN_COMMAND.found(broken.clause(), broken.fix())),
        // Commands that are typed into a shell are not a second app.
        Behaviour::BareShell => None,
        _ => {
            let reason = process.unknown()?;
            let problem = format!("the manifest does not show what is started: {reason}");
            Some(UNKNOWN_PROCESS.found(problem, "set command to the app itself"))
        }
    }
}
