//! The identity of the first process of a container.

use shared::prelude::*;

use crate::settings::Settings;
use crate::{
    NON_ROOT_DISABLED, NON_ROOT_NOT_REQUIRED, ROOT_GROUP, ROOT_USER, UNSPECIFIED_GROUP, UNSPECIFIED_USER,
    USER_OUT_OF_RANGE, WINDOWS_ADMINISTRATOR,
};

pub(crate) const ABOVE_0: &str = "set runAsUser to a number above 0";
pub(crate) const SET_NON_ROOT: &str = "set runAsNonRoot to true";

/// The user and group of a container: its own values, or those inherited from its pod.
pub(crate) struct Identity<'a> {
    pub(crate) user: Field<'a, i64>,
    pub(crate) group: Field<'a, i64>,
    pub(crate) non_root: Field<'a, bool>,
    windows_user: Field<'a, &'a str>,
    /// The fields that the container sets itself.
    pub(crate) has_own: Own,
}

/// The fields that a container sets itself.
pub(crate) struct Own {
    pub(crate) user: bool,
    pub(crate) non_root: bool,
}

impl<'a> Identity<'a> {
    pub(crate) fn read(container: &'a Container<'a>, pod: &'a Pod<'a>) -> Result<Self, Malformed> {
        // A security context that cannot be read is refused as a whole.
        container.read_only_root_filesystem()?;
        let (user, non_root) = (container.run_as_user()?, container.run_as_non_root()?);
        Ok(Self {
            has_own: Own { user: user.value.is_some(), non_root: non_root.value.is_some() },
            user: user.or(pod.run_as_user()?),
            group: container.run_as_group()?.or(pod.run_as_group()?),
            non_root: non_root.or(pod.run_as_non_root()?),
            windows_user: container.windows_user()?.or(pod.windows_user()?),
        })
    }

    /// The user: root, or outside the allowed user IDs.
    pub(crate) fn is_root(&self, settings: &Settings) -> Option<Found> {
        Some(match (self.user.value?, self.non_root.value) {
            (0, Some(true)) => ROOT_USER.found(
                "runAsUser is 0, which is root, and runAsNonRoot is true, so the kubelet refuses to start it",
                ABOVE_0,
            ),
            (0, _) => ROOT_USER.found("it runs as root: runAsUser is 0", ABOVE_0),
            (uid, _) if !settings.allows(uid) => USER_OUT_OF_RANGE.found(
                format!("runAsUser is {uid}, which is not an allowed user ID"),
                format!("use one of {}", settings.allowed()),
            ),
            _ => return None,
        })
    }

    /// A container that nothing keeps from being root, or not in the way the settings require.
    pub(crate) fn may_be_root(&self, settings: &Settings, windows: bool) -> Option<Found> {
        let required = settings.require_run_as_non_root;
        let (rule, problem) = match (self.non_root.value, self.user.value) {
            (Some(true), _) => return None,
            (Some(false), _) if required => {
                (&NON_ROOT_NOT_REQUIRED, "runAsNonRoot is false, and the settings require it to be true")
            }
            (None, _) if required => {
                (&NON_ROOT_NOT_REQUIRED, "runAsNonRoot is not set, and the settings require it to be true")
            }
            _ if windows => return None,
            (None, Some(_)) | (Some(false), Some(0)) => return None,
            (Some(false), Some(_)) => (&NON_ROOT_DISABLED, "runAsNonRoot is false, although runAsUser is not root"),
            (Some(false), None) => {
                (&UNSPECIFIED_USER, "it may run as root: runAsNonRoot is false and runAsUser is not set")
            }
            (None, None) => (&UNSPECIFIED_USER, "it may run as root: neither runAsNonRoot nor runAsUser is set"),
        };
        Some(rule.found(problem, SET_NON_ROOT).set("true"))
    }

    /// The group: root, or that of the image.
    pub(crate) fn is_in_root_group(&self) -> Option<Found> {
        let (rule, problem) = match self.group.value {
            Some(0) => (&ROOT_GROUP, "its group is root: runAsGroup is 0"),
            None => (&UNSPECIFIED_GROUP, "runAsGroup is not set, so its image decides its group"),
            Some(_) => return None,
        };
        Some(rule.found(problem, "set runAsGroup to a number above 0"))
    }

    /// The Windows user in lower case, as it is compared.
    pub(crate) fn windows_user(&self) -> Field<'a, String> {
        self.windows_user.map(str::to_ascii_lowercase)
    }

    /// The Windows user: one that the settings refuse.
    pub(crate) fn is_administrator(&self, settings: &Settings) -> Option<Found> {
        let user = self.windows_user.value?;
        let is_denied = settings.windows.deny_users.iter().any(|denied| denied.eq_ignore_ascii_case(user));
        let problem = format!("it runs as {}, which the settings refuse", quote(user));
        is_denied.then(|| WINDOWS_ADMINISTRATOR.found(problem, "use another user, such as ContainerUser"))
    }
}
