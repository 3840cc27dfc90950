//! Generated from the directories of policies/ by `cargo xtask gen`. Do not edit.

use shared::module::Member;

/// Every policy of the project, sorted by name.
#[rustfmt::skip]
pub const POLICIES: &[Member] = &[
    Member::of::<build_cache::BuildCache>(),
    Member::of::<health_probes::HealthProbes>(),
    Member::of::<image_entrypoint::ImageEntrypoint>(),
    Member::of::<image_labels::ImageLabels>(),
    Member::of::<image_size::ImageSize>(),
    Member::of::<image_tag_format::ImageTagFormat>(),
    Member::of::<image_user::ImageUser>(),
    Member::of::<immutable::Immutable>(),
    Member::of::<init_required::InitRequired>(),
    Member::of::<keyless::Keyless>(),
    Member::of::<least_privilege::LeastPrivilege>(),
    Member::of::<metrics_exposed::MetricsExposed>(),
    Member::of::<no_extra_tools::NoExtraTools>(),
    Member::of::<no_latest::NoLatest>(),
    Member::of::<non_root::NonRoot>(),
    Member::of::<readonly_rootfs::ReadonlyRootfs>(),
    Member::of::<single_process::SingleProcess>(),
    Member::of::<stdout_logging::StdoutLogging>(),
    Member::of::<trusted_images::TrustedImages>(),
    Member::of::<vulnerability_scan::VulnerabilityScan>(),
];
