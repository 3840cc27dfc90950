//! Containers that change what runs, or what outlives them. Reasons and settings: README.

mod host_paths;
mod installers;
mod installs;

use installs::Installs;
use shared::prelude::*;

policy! {
    /// What runs is what is in the image, and nothing is kept on a node.
    pub struct Immutable: Facts {
        title: "Immutable containers",
        severity: Severity::Medium,
        category: Category::PROCESSES,
        guide: Guide::operating(
            "Ensure that your containers are stateless and immutable",
            "ensure_that_your_containers_are_stateless_and_immutable",
        ),
        // An init container that installs something for the app changes only what is shared with it.
        containers: ClassActions::enforce_long_running().with_init(ClassAction::Warn),
        // A parser of shell scripts, and the names of programs.
        kilobytes: 174,
        ..Facts::DEFAULT
    }
    reads: [command_line, post_start, volumes, volume_mounts, empty_dirs, hook_annotation],
    rules: {
        /// A container installs software when it starts.
        START_TIME_INSTALL = "start-time-install": Deny,
        /// A container can write to a directory of its node, or mounts a socket of it.
        WRITABLE_HOSTPATH = "writable-hostpath": Deny,
        /// A directory that the pod keeps for itself has no limit.
        LOCAL_STATE = "local-state": Off,
    }
}

settings! {
    /// Settings of `immutable`.
    pub struct Settings {
        /// The installers that are found.
        installers: Installers = Installers::default() => "installers",
    }
}

settings! {
    /// The installers that are found: the well-known ones, and these changes.
    pub struct Installers {
        /// Further ones, each as a program and its first word: `mix deps.get`.
        add: Vec<String> = Vec::new() => "add",
        /// Well-known ones that are accepted: `git clone`, or all of a program: `git`.
        remove: Vec<String> = Vec::new() => "remove",
    }
}

impl Policy for Immutable {
    type Settings = Settings;

    fn validate(settings: &Settings, faults: &mut Faults) {
        installs::validate(&settings.installers, faults);
    }

    fn check_pod(check: &Check<'_, Settings>, findings: &mut Findings) -> Checked {
        let Check { settings, pod, budget, .. } = *check;
        // What ends by itself, or only tests a release, is not what serves users.
        let is_test = pod.hook_annotation()?.is_some_and(|hook| hook.split(',').any(|hook| hook.trim() == "test"));
        let is_brief = pod.runs_to_completion()? || is_test;
        let mut mounts = Vec::new();
        for container in pod.containers() {
            for command in [container.command_line()?, container.post_start()?] {
                let found = Installs::of(&settings.installers, &command, budget).found(&START_TIME_INSTALL);
                findings.add(&command, found.map(|found| if is_brief { found.warns_by_default() } else { found }));
            }
            mounts.push((container, container.mounts()?));
        }
        for volume in pod.volumes()? {
            host_paths::check(&volume, &mounts, findings)?;
            if volume.is_unlimited_empty_dir()? {
                let problem =
                    "it has no sizeLimit, so that it can fill the disk of the node, and it is lost with the pod";
                let fix = "set sizeLimit, and keep what must last in a persistent volume or a database";
                findings.add(&volume.field(&["emptyDir"]), [LOCAL_STATE.found(problem, fix)]);
            }
        }
        Ok(())
    }
}
