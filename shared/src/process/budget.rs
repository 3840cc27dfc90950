//! The work that one policy may put into the commands of an object.

use std::cell::Cell;

/// How many commands and arguments are looked at in all. A function that calls others twice each would else take time
/// without bound.
const MAX_STEPS: usize = 40_000;

/// How many commands and arguments of an object are still looked at; what is left over is unknown. Each policy has its
/// own, so that it says the same in a module of several.
#[derive(Debug)]
pub struct Budget {
    /// Steps of [`MAX_STEPS`].
    left: Cell<usize>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: Cell::new(MAX_STEPS) }
    }
}

impl Budget {
    /// Pays for work; `false` when nothing is left.
    pub(super) fn pay(&self, steps: usize) -> bool {
        let left = self.left.get().checked_sub(steps);
        self.left.set(left.unwrap_or_default());
        left.is_some()
    }
}
