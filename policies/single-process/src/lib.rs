//! Containers that start more than one app. Reasons and settings: README.

use shared::findings::Rule;
use shared::prelude::*;
use shared::process::{self, Behaviour, Options, Part, PartKind, Process, Role};

policy! {
    /// A container may start one app only.
    pub struct SingleProcess {
        title: "Single process",
        severity: Medium,
        category: Processes,
        guide: SingleApp,
        containers: ClassActions::enforce_long_running(),
        rules: {
            /// A service manager runs the apps of the container.
            MANAGER = "manager": Deny,
            /// A shell starts apps beside each other.
            SHELL_MULTI = "shell-multi": Deny,
            /// A daemon is started in front of the app.
            DAEMONS = "daemons": Deny,
            /// The container runs a secure shell server.
            SSH = "ssh": Deny,
            /// The container declares the port of a secure shell server.
            SSH_PORT = "ssh-port": Warn,
            /// A scheduler is the app.
            CRON = "cron": Warn,
            /// A log is followed beside the app.
            LOG_TAILER = "log-tailer": Warn,
            /// A program runs further down a pipeline.
            PIPELINE = "pipeline": Off,
            /// Programs run one after another.
            SEQUENCE = "sequence": Off,
            /// The command cannot work.
            BROKEN_COMMAND = "broken-command": Deny,
            /// The manifest does not tell what is started.
            UNKNOWN_PROCESS = "unknown-process": Off,
        },
    }
}

/// The port of secure shell servers. Source: IANA, Service Name and Transport Protocol Port Number Registry.
const SSH_PORT_NUMBER: i64 = 22;

settings! {
    /// Settings of `single-process`.
    pub struct Settings {
        /// Service managers that are accepted, such as `supervisord` where it runs one program.
        allow_managers: Vec<String> = Vec::new() => "allowManagers",
    }
}

impl Policy for SingleProcess {
    type Settings = Settings;

    fn check_container(
        check: &Check<'_, Settings>,
        container: &Container<'_>,
        findings: &mut Findings,
    ) -> Result<(), Malformed> {
        let process = Process::of(container, &Options::default(), check.budget)?;
        let declares_ssh = container.has_port(SSH_PORT_NUMBER)?;
        if check.pod.is_windows()? {
            return Ok(());
        }
        let found = judge(check.settings, &process);
        let runs_ssh = found.iter().any(|(rule, ..)| *rule == &SSH);
        for (rule, problem, fix) in found {
            let (at, value) = process::at_command(container)?;
            findings.add(rule, at, value, problem, fix);
        }
        if declares_ssh && !runs_ssh {
            let problem = "it declares port 22, that of secure shell servers, a second way in past Kubernetes";
            findings.add(
                &SSH_PORT,
                container.at("ports"),
                "22",
                problem,
                "remove the port and its server, and use kubectl exec",
            );
        }
        Ok(())
    }
}

/// The rules that a command breaks, each with the problem and what to do.
fn judge(settings: &Settings, process: &Process) -> Vec<(&'static Rule, String, &'static str)> {
    let mut found = Vec::new();
    let mut add = |rule, problem: String, fix| found.push((rule, problem, fix));
    let background = process.apps(Role::Background).count();
    let daemons = process.apps(Role::Daemon).count();
    // Several foreground apps are the branches of a script, of which one runs.
    let beside = background.saturating_add(process.apps(Role::App).count().min(1));
    let apps = beside.saturating_add(daemons);
    let runs = |kind| process.parts.iter().find(|part| part.kind == kind && part.role != Role::Setup);

    let manager = |part: &&Part| part.kind == PartKind::Manager && part.role != Role::Setup;
    let accepted = |part: &&Part| settings.allow_managers.contains(&part.name);
    if let Some(manager) = process.parts.iter().filter(manager).find(|part| !accepted(part)) {
        let problem = format!("{} starts apps that Kubernetes does not see, restart or probe", quote(&manager.name));
        add(&MANAGER, problem, "run each app in a container of its own");
    }
    if background > 0 && beside > 1 {
        let names = names(process, |part| matches!(part.role, Role::Background | Role::App));
        let problem = format!("the shell starts {names} beside each other, and Kubernetes sees only one of them fail");
        add(&SHELL_MULTI, problem, "run each in a container of its own");
    }
    if daemons > 0 && apps > 1 {
        let names = names(process, |part| part.role == Role::Daemon);
        let problem = format!("{names} leaves a daemon beside the app, and Kubernetes does not see it fail");
        add(&DAEMONS, problem, "run the daemon in the foreground of a container of its own");
    }
    if let Some(ssh) = runs(PartKind::Ssh) {
        let problem = format!("{} starts a secure shell server, a second way in past Kubernetes", quote(&ssh.name));
        // Where it is all that runs, it can be what the container is for.
        let fix = if apps == 1 {
            "remove it and use kubectl exec, or exempt the container where it is the app, as in an MPI worker"
        } else {
            "remove it and use kubectl exec"
        };
        add(&SSH, problem, fix);
    }
    if let Some(cron) = runs(PartKind::Cron).filter(|_| apps == 1) {
        let problem = format!("{} runs tasks that Kubernetes does not see fail", quote(&cron.name));
        add(&CRON, problem, "run each task by a CronJob");
    }
    if let Some(tailer) = runs(PartKind::LogTailer).filter(|part| part.role == Role::Background && apps > 0) {
        let problem = format!("{} follows a log beside the app", quote(&tailer.name));
        add(&LOG_TAILER, problem, "let the app log to standard output, or run a sidecar container");
    }
    if process.apps(Role::Piped).next().is_some() {
        let problem = format!("{} runs further down a pipeline", names(process, |part| part.role == Role::Piped));
        add(&PIPELINE, problem, "run each program of the pipeline in a container of its own");
    }
    let is_app = |name: &str| process.apps(Role::App).any(|app| app.name == name);
    if process.apps(Role::Setup).any(|part| !is_app(&part.name)) {
        let names = names(process, |part| part.role == Role::Setup && !is_app(&part.name));
        add(&SEQUENCE, format!("{names} runs before the app"), "run it in an init container");
    }
    match process.behaviour {
        Behaviour::Broken(broken) => add(&BROKEN_COMMAND, broken.clause().to_owned(), broken.fix()),
        // What is typed into a shell is no second app.
        Behaviour::BareShell => {}
        _ => {
            if let Some(reason) = process.unknown() {
                let problem = format!("the manifest does not tell what is started: {reason}");
                add(&UNKNOWN_PROCESS, problem, "set command to the app itself");
            }
        }
    }
    found
}

/// The names of these parts that are apps, in quotes.
fn names(process: &Process, wanted: impl Fn(&Part) -> bool) -> String {
    let mut names = String::new();
    for role in [Role::Background, Role::Daemon, Role::Piped, Role::Setup, Role::App] {
        for part in process.apps(role).filter(|part| wanted(part)) {
            if !names.is_empty() {
                names.push_str(", ");
            }
            names.push_str(&quote(&part.name).to_string());
        }
    }
    names
}
