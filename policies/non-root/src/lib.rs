//! Containers that run, or may run, as root. Reasons and settings: README.

mod identity;
mod pod_wide;
mod settings;

use identity::Identity;
use settings::{Settings, UserNamespaces};
use shared::prelude::*;

policy! {
    /// No container may run as root, as far as the manifest shows.
    pub struct NonRoot: Facts {
        title: "Non-root",
        severity: Severity::High,
        guide: Guide::operating("Avoid running as root", "avoid_running_as_root"),
        kilobytes: 135,
        ..Facts::DEFAULT
    }
    reads: [
        run_as_user, run_as_group, run_as_non_root, windows_user, fs_group, supplemental_groups, host_users,
        read_only_root_filesystem,
    ],
    rules: {
        /// The user of a container is root.
        ROOT_USER = "root-user": Deny,
        /// A container may run as root: neither the pod nor the container prevents it.
        UNSPECIFIED_USER = "unspecified-user": Deny,
        /// The user of a container is outside the allowed user IDs.
        USER_OUT_OF_RANGE = "user-out-of-range": Deny,
        /// `runAsNonRoot` is not true, and the settings require it.
        NON_ROOT_NOT_REQUIRED = "non-root-not-required": Deny,
        /// `runAsNonRoot` is false, although the user is not root.
        NON_ROOT_DISABLED = "non-root-disabled": Warn,
        /// The group of a container is root.
        ROOT_GROUP = "root-group": Deny,
        /// The group of a container is not set, so its image decides.
        UNSPECIFIED_GROUP = "unspecified-group": Off,
        /// The root group is a supplemental group of a pod.
        ROOT_SUPPLEMENTAL_GROUP = "root-supplemental-group": Warn,
        /// The volumes of a pod belong to the root group.
        ROOT_FS_GROUP = "root-fs-group": Warn,
        /// The user of a Windows container is one that the settings refuse, such as an administrator.
        WINDOWS_ADMINISTRATOR = "windows-administrator": Deny,
    }
}

impl Policy for NonRoot {
    type Settings = Settings;

    fn check_pod(check: &Check<'_, Settings>, findings: &mut Findings) -> Checked {
        let Check { settings, pod, .. } = check;
        let pod_wide = pod_wide::Context::read(pod)?;
        let mut identities = Vec::new();
        for container in pod.containers() {
            identities.push(Identity::read(container, pod)?);
        }
        let windows = pod.is_windows()?;
        let user_namespace = pod.host_users()?.value == Some(false) && !windows;
        if user_namespace && settings.user_namespaces == UserNamespaces::Allow {
            return Ok(());
        }
        for identity in &identities {
            if windows {
                findings.add(&identity.windows_user(), identity.is_administrator(settings));
            } else {
                findings.add(&identity.user, identity.is_root(settings));
                findings.add(&identity.group, identity.is_in_root_group());
            }
            findings.add(&identity.non_root, identity.may_be_root(settings, windows));
        }
        pod_wide.check(settings, windows, &identities, findings);
        Ok(())
    }
}
