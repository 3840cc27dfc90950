//! What the classifier is given beside an argument vector.

use super::dialect::Shell;

/// What the classifier cannot read from an argument vector.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// What `sh` is in the image.
    pub shell: Shell,
    /// Names of further inits, compared with the last path component. Their options end at the first argument that
    /// does not start with `-`, or behind `--`.
    pub init_binaries: &'a [String],
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { shell: Shell::Dash, init_binaries: &[] }
    }
}
