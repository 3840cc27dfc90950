//! The work that one policy may put into the commands of an object.

use std::cell::Cell;

/// The most commands and arguments that are judged per object. Functions that call each other twice would otherwise
/// take exponential time.
const MAX_STEPS: usize = 40_000;

/// The remaining commands and arguments of an object that may be judged; those beyond are unknown. Each policy has its
/// own budget, so that it gives the same verdict in a module of several policies.
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
