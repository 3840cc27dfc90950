//! The dialects of the shell language.

use crate::settings;

settings! {
    /// A dialect of the shell language, by how the shell treats the last command of `sh -c`.
    pub enum Shell {
        /// Debian's and Ubuntu's dash, which never runs a command in place of itself unless `exec` is written.
        Dash => "dash",
        /// Bash 5.1 and later.
        Bash => "bash",
        /// The shell of busybox: Alpine, Wolfi and others.
        Ash => "ash",
    }
}
