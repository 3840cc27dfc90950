//! Every policy on images in one module: each image is asked about once. Reasons and settings: README.

mod policies;

pub use policies::POLICIES;

use shared::prelude::*;

shared::combined! {
    /// Judges images by every policy of the project that inspects them.
    pub struct SeaworthyImages: Facts {
        title: "All practices on images",
        severity: Severity::High,
        category: Category::IMAGES,
        // The parser of shell scripts, and the grammars of references, patterns and licences, once for six policies.
        kilobytes: 400,
        ..Facts::DEFAULT
    }
    members: POLICIES,
}
