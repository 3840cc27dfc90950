//! What the classifier is given beside an argument vector.

use std::cell::Cell;

use super::dialect::Shell;

/// How many commands and arguments are looked at in all. A function that calls others twice each would else take time
/// without bound.
pub const MAX_STEPS: usize = 40_000;

/// What the classifier cannot read from an argument vector.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// What `sh` is in the image.
    pub shell: Shell,
    /// Names of further inits, compared with the last path component. Their options end at the first argument that
    /// does not start with `-`, or behind `--`.
    pub init_binaries: &'a [String],
    /// What is left of [`MAX_STEPS`] for several commands together; each has its own when this is absent.
    pub steps: Option<&'a Cell<usize>>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { shell: Shell::Dash, init_binaries: &[], steps: None }
    }
}
