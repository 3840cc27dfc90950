//! Progress messages: the step that runs.

/// Counts the steps of a chore and names each on standard error.
pub(crate) struct Steps {
    done: usize,
    all: usize,
}

impl Steps {
    /// A chore of `all` steps.
    pub(crate) fn new(all: usize) -> Self {
        Self { done: 0, all }
    }

    /// Names the step that begins, as in `[2/4] reading the metadata`.
    pub(crate) fn next(&mut self, name: &str) {
        self.done = self.done.saturating_add(1);
        eprintln!("[{}/{}] {name}", self.done, self.all);
    }
}
