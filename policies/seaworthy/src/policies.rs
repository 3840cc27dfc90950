//! Generated from the directories of policies/ by `cargo xtask gen`. Do not edit.

use shared::module::Member;

/// The policies of the module, sorted by name.
#[rustfmt::skip]
pub const POLICIES: &[Member] = &[
    Member::of::<health_probes::HealthProbes>(),
    Member::of::<image_tag_format::ImageTagFormat>(),
    Member::of::<immutable::Immutable>(),
    Member::of::<init_required::InitRequired>(),
    Member::of::<least_privilege::LeastPrivilege>(),
    Member::of::<metrics_exposed::MetricsExposed>(),
    Member::of::<no_latest::NoLatest>(),
    Member::of::<non_root::NonRoot>(),
    Member::of::<readonly_rootfs::ReadonlyRootfs>(),
    Member::of::<single_process::SingleProcess>(),
    Member::of::<stdout_logging::StdoutLogging>(),
    Member::of::<trusted_images::TrustedImages>(),
];
