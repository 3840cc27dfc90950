//! The input of the classifier besides an argument vector.

use super::dialect::Shell;

/// Facts that the classifier cannot read from an argument vector.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The shell that `sh` stands for in the image.
    pub shell: Shell,
    /// The signal that stops the container, without `SIG`: see `lifecycle.stopSignal`.
    pub stop_signal: &'a str,
    /// Names of further inits, compared with the last path component. Their options end at the first argument that
    /// does not start with `-`, or after `--`.
    pub init_binaries: &'a [String],
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { shell: Shell::Dash, stop_signal: "TERM", init_binaries: &[] }
    }
}
