//! The settings of `init-required`.

use shared::prelude::*;
use shared::process::Shell;

settings! {
    /// Settings of `init-required`.
    pub struct Settings {
        /// The ways to handle PID 1 that are accepted; one that is left out is judged as if it were not there.
        accepted_solutions: Vec<Solution> =
            vec![Solution::Exec, Solution::SharedPidNamespace, Solution::Init] => "acceptedSolutions"
            unless empty("this is empty; name at least one of exec, sharedPidNamespace, init"),
        /// Runners that are accepted although they do not pass signals on, such as `npm`.
        allow_runners: Vec<String> = Vec::new() => "allowRunners",
        /// Programs that count as an init besides the known ones, by name, such as `my-init`.
        init_binaries: Vec<String> = Vec::new() => "initBinaries",
        /// The treatment of pods that run to completion: those of Jobs, and others whose `restartPolicy` is not `Always`.
        jobs: Jobs = Jobs::Warn => "jobs",
        /// Require an init or a shared PID namespace even where the app itself is PID 1. The same as
        /// `acceptedSolutions` without `exec`.
        require_init: bool = false => "requireInit",
        /// The shell that `sh` stands for in the images.
        shell: Shell = Shell::Dash => "shell",
    }
}

settings! {
    /// A way to handle PID 1.
    pub enum Solution {
        /// The app is PID 1: it is started directly, or a shell starts it with `exec`.
        Exec => "exec",
        /// `shareProcessNamespace: true`: the pause container is PID 1.
        SharedPidNamespace => "sharedPidNamespace",
        /// An init is PID 1, such as tini.
        Init => "init",
    }
}

settings! {
    /// The treatment of pods that run to completion.
    pub enum Jobs {
        /// Judged like all other pods.
        Check => "check",
        /// Findings only warn: a lost SIGTERM delays the end of a job, but rarely loses data.
        Warn => "warn",
        /// Not judged.
        Skip => "skip",
    }
}

impl Settings {
    /// Adds a fault for every combination that no container could satisfy.
    pub(crate) fn validate(&self, faults: &mut Faults) {
        if self.require_init && self.accepted_solutions.iter().all(|solution| *solution == Solution::Exec) {
            faults.add(
                "requireInit",
                "acceptedSolutions names neither sharedPidNamespace nor init, so no container could pass",
            );
        }
        for (index, name) in self.init_binaries.iter().enumerate() {
            if name.is_empty() || name.contains('/') {
                faults
                    .add(&format!("initBinaries[{index}]"), "this must be the name of a program, without a directory");
            }
        }
    }

    /// `true` where this way to handle PID 1 is accepted.
    pub(crate) fn accepts(&self, solution: Solution) -> bool {
        self.accepted_solutions.contains(&solution)
    }
}
