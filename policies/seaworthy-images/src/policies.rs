//! Generated from the directories of policies/ by `cargo xtask gen`. Do not edit.

use shared::module::Member;

/// The policies of the module, sorted by name.
#[rustfmt::skip]
pub const POLICIES: &[Member] = &[
    Member::of::<build_cache::BuildCache>(),
    Member::of::<image_entrypoint::ImageEntrypoint>(),
    Member::of::<image_labels::ImageLabels>(),
    Member::of::<image_size::ImageSize>(),
    Member::of::<image_user::ImageUser>(),
    Member::of::<no_extra_tools::NoExtraTools>(),
];
