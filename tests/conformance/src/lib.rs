//! Every policy of the workspace as native code, for tests that hold for all of them.

mod answer;
pub mod generate;

pub use answer::Answer;

use shared::policy::Policy;
use shared::wapc;

/// A policy without a module around it.
#[derive(Clone, Copy, Debug)]
pub struct Native {
    /// The name of the policy.
    pub name: &'static str,
    /// Answers `validate`.
    pub validate: fn(&[u8]) -> Vec<u8>,
    /// Answers `validate_settings`.
    pub validate_settings: fn(&[u8]) -> Vec<u8>,
}

impl Native {
    const fn of<P: Policy>() -> Self {
        Self {
            name: P::NAME,
            validate: |payload| wapc::validate::<P>(payload).unwrap_or_default(),
            validate_settings: |settings| wapc::validate_settings::<P>(settings).unwrap_or_default(),
        }
    }
}

/// Every policy, sorted by name.
pub const POLICIES: &[Native] = &[
    Native::of::<image_tag_format::ImageTagFormat>(),
    Native::of::<init_required::InitRequired>(),
    Native::of::<no_latest::NoLatest>(),
    Native::of::<non_root::NonRoot>(),
    Native::of::<readonly_rootfs::ReadonlyRootfs>(),
    Native::of::<single_process::SingleProcess>(),
];
