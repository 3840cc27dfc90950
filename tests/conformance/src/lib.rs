//! Every policy of the workspace as native code and as a module, for tests that hold for all of them.

pub mod adversarial;

use std::path::{Path, PathBuf};

use harness::Module;
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

/// A file or directory of the workspace.
#[must_use]
pub fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The built module of this name.
///
/// # Errors
/// It was not built, or cannot be loaded. Says what to do.
pub fn module(name: &str) -> Result<Module, String> {
    Module::from_file(&workspace(&format!("dist/{name}.wasm")))
        .map_err(|error| format!("{error}; `cargo xtask build` builds the modules"))
}
