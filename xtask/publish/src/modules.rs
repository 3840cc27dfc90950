//! Generated from the directories of policies/ by `cargo xtask gen`. Do not edit.

use testing::{Publish, publish};

/// Every module of the project, sorted by name.
pub(crate) const MODULES: &[Publish] = &[
    publish::<image_tag_format::ImageTagFormat>,
    publish::<init_required::InitRequired>,
    publish::<least_privilege::LeastPrivilege>,
    publish::<no_latest::NoLatest>,
    publish::<non_root::NonRoot>,
    publish::<readonly_rootfs::ReadonlyRootfs>,
    publish::<seaworthy::Seaworthy>,
    publish::<single_process::SingleProcess>,
];
