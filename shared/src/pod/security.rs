//! Security contexts.

use super::scope::Scope;
use crate::malformed::Malformed;

/// The security context of a container, or what a pod's has in common with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecurityContext<'a> {
    /// Whether the container's root filesystem is read-only. Pods have no such field.
    pub read_only_root_filesystem: Option<bool>,
    /// The numeric group of the first process.
    pub run_as_group: Option<i64>,
    /// Whether the kubelet refuses to start the container as root.
    pub run_as_non_root: Option<bool>,
    /// The numeric user of the first process.
    pub run_as_user: Option<i64>,
    /// The Windows user of the first process.
    pub windows_user: Option<&'a str>,
}

impl<'a> SecurityContext<'a> {
    pub(super) fn read(scope: &Scope<'a>) -> Result<Self, Malformed> {
        Ok(Self {
            read_only_root_filesystem: scope.boolean(&["securityContext", "readOnlyRootFilesystem"])?,
            run_as_group: scope.integer(&["securityContext", "runAsGroup"])?,
            run_as_non_root: scope.boolean(&["securityContext", "runAsNonRoot"])?,
            run_as_user: scope.integer(&["securityContext", "runAsUser"])?,
            windows_user: scope.string(&["securityContext", "windowsOptions", "runAsUserName"])?,
        })
    }

    /// The effective context of a container: its own fields, and the pod's where it sets none.
    #[must_use]
    pub fn or(self, pod: SecurityContext<'a>) -> Self {
        Self {
            read_only_root_filesystem: self.read_only_root_filesystem,
            run_as_group: self.run_as_group.or(pod.run_as_group),
            run_as_non_root: self.run_as_non_root.or(pod.run_as_non_root),
            run_as_user: self.run_as_user.or(pod.run_as_user),
            windows_user: self.windows_user.or(pod.windows_user),
        }
    }
}
