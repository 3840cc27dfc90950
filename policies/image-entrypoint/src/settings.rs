//! The settings of `image-entrypoint`.

use shared::prelude::*;
use shared::process::Shell;

settings! {
    /// Settings of `image-entrypoint`.
    pub struct Settings {
        /// Service managers that are accepted, such as `supervisord` where it runs one program.
        allow_managers: Vec<String> = Vec::new() => "allowManagers",
        /// Runners that are accepted although they do not pass signals on, such as `npm`.
        allow_runners: Vec<String> = Vec::new() => "allowRunners",
        /// Programs that count as an init besides the known ones, by name, such as `my-init`.
        init_binaries: Vec<String> = Vec::new() => "initBinaries",
        /// The platforms of an image that are judged, where it has several. A list has at most three, such as `linux/arm64`.
        platforms: Platforms = Platforms::Auto => "platforms",
        /// The shell that `sh` stands for in the images.
        shell: Shell = Shell::Dash => "shell",
    }
}

impl Settings {
    /// Adds a fault for every name that no program can have.
    pub(crate) fn validate(&self, faults: &mut Faults) {
        for (index, name) in self.init_binaries.iter().enumerate() {
            if name.is_empty() || name.contains('/') {
                let path = format!("initBinaries[{index}]");
                faults.add(&path, "this must be the name of a program, without a directory");
            }
        }
    }
}
