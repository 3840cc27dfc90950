//! Generated from the directories of policies/ by `cargo xtask gen`. Do not edit.

use shared::module::Member;

/// The policies of the module, sorted by name.
#[rustfmt::skip]
pub const POLICIES: &[Member] = &[
    Member::of::<image_entrypoint::ImageEntrypoint>(),
    Member::of::<image_size::ImageSize>(),
    Member::of::<image_user::ImageUser>(),
];
