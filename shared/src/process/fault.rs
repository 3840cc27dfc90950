//! A fault of a process, in words.

/// A fault of a process. Policies give it a rule, and the words stay the same, whoever sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault<K> {
    /// Its kind.
    pub kind: K,
    /// The problem and its reason, in one clause.
    pub problem: String,
    /// The fix, in the imperative.
    pub fix: String,
}

impl<K> Fault<K> {
    pub(super) fn new(kind: K, problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { kind, problem: problem.into(), fix: fix.into() }
    }
}
