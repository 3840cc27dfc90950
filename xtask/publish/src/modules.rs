//! Generated from the directories of policies/ by `cargo xtask gen`. Do not edit.

use testing::{Publish, publish};

/// Every module of the project, sorted by name.
pub(crate) const MODULES: &[Publish] = &[
    publish::<build_cache::BuildCache>,
    publish::<health_probes::HealthProbes>,
    publish::<image_entrypoint::ImageEntrypoint>,
    publish::<image_labels::ImageLabels>,
    publish::<image_size::ImageSize>,
    publish::<image_tag_format::ImageTagFormat>,
    publish::<image_user::ImageUser>,
    publish::<immutable::Immutable>,
    publish::<init_required::InitRequired>,
    publish::<keyless::Keyless>,
    publish::<least_privilege::LeastPrivilege>,
    publish::<metrics_exposed::MetricsExposed>,
    publish::<no_extra_tools::NoExtraTools>,
    publish::<no_latest::NoLatest>,
    publish::<non_root::NonRoot>,
    publish::<readonly_rootfs::ReadonlyRootfs>,
    publish::<seaworthy::Seaworthy>,
    publish::<seaworthy_images::SeaworthyImages>,
    publish::<single_process::SingleProcess>,
    publish::<stdout_logging::StdoutLogging>,
    publish::<trusted_images::TrustedImages>,
    publish::<vulnerability_scan::VulnerabilityScan>,
];
