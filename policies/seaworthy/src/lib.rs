//! Every policy in one module: one webhook, one parse of each object. Reasons and settings: README.

mod policies;

pub use policies::POLICIES;

shared::combined! {
    /// Judges by every policy of the project.
    pub struct Seaworthy {
        title: "All practices",
        severity: High,
        category: Security,
        guide: Building,
        members: POLICIES,
    }
}
