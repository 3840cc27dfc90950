//! Every policy in one module: one webhook, one parse of each object. Reasons and settings: README.

mod policies;

pub use policies::POLICIES;

use shared::prelude::*;

shared::combined! {
    /// Judges by every policy of the project.
    pub struct Seaworthy: Facts {
        title: "All practices",
        severity: Severity::High,
        kilobytes: 480,
        ..Facts::DEFAULT
    }
    members: POLICIES,
}
