//! The security context that a pod sets for all its containers.

use shared::prelude::*;

use crate::identity::{ABOVE_0, Identity, SET_NON_ROOT};
use crate::settings::Settings;
use crate::{NON_ROOT_DISABLED, NON_ROOT_NOT_REQUIRED, ROOT_FS_GROUP, ROOT_SUPPLEMENTAL_GROUP, ROOT_USER};

/// The security context of a pod.
pub(crate) struct Context<'a> {
    user: Field<'a, i64>,
    non_root: Field<'a, bool>,
    fs_group: Field<'a, i64>,
    /// Group 0, if it is a supplemental group.
    root_group: Field<'a, i64>,
}

impl<'a> Context<'a> {
    pub(crate) fn read(pod: &'a Pod<'a>) -> Result<Self, Malformed> {
        Ok(Self {
            user: pod.run_as_user()?,
            non_root: pod.run_as_non_root()?,
            fs_group: pod.fs_group()?,
            root_group: pod.supplemental_group(0)?,
        })
    }

    pub(crate) fn check(
        &self,
        settings: &Settings,
        windows: bool,
        identities: &[Identity<'_>],
        findings: &mut Findings,
    ) {
        findings.add(&self.non_root, self.has_root_for_the_next(settings, identities));
        findings.add(&self.user, self.is_overridden_root(settings, identities));
        if !windows {
            let belongs = "its volumes belong to group 0, which is root";
            let is_root = self.fs_group.value == Some(0);
            findings.add(&self.fs_group, is_root.then(|| ROOT_FS_GROUP.found(belongs, "use a group above 0")));
            let is_supplemental = self.root_group.value.map(|_| "group 0, which is root, is a supplemental group");
            let found = is_supplemental.map(|problem| ROOT_SUPPLEMENTAL_GROUP.found(problem, "remove it"));
            findings.add(&self.root_group, found);
        }
    }

    /// `runAsNonRoot: false` although every container sets its own: it has no effect, but the next container inherits it,
    /// and Pod Security "restricted" refuses it.
    fn has_root_for_the_next(&self, settings: &Settings, identities: &[Identity<'_>]) -> Option<Found> {
        let rule = if settings.require_run_as_non_root { &NON_ROOT_NOT_REQUIRED } else { &NON_ROOT_DISABLED };
        let found = self.non_root.value == Some(false) && identities.iter().all(|identity| identity.has_own.non_root);
        found.then(|| {
            rule.found("runAsNonRoot is false, although every container sets its own", SET_NON_ROOT).set("true")
        })
    }

    /// The same for `runAsUser: 0`, where `runAsNonRoot` is required.
    fn is_overridden_root(&self, settings: &Settings, identities: &[Identity<'_>]) -> Option<Found> {
        let found = settings.require_run_as_non_root
            && self.user.value == Some(0)
            && identities.iter().all(|identity| identity.has_own.user);
        let problem = "runAsUser is 0, which is root, although every container sets its own";
        found.then(|| ROOT_USER.found(problem, ABOVE_0))
    }
}
