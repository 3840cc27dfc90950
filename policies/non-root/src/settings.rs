//! The settings of `non-root`.

use shared::prelude::*;

/// The largest user ID. Source: Kubernetes API, core/v1 `SecurityContext`; validated by the API server.
const MAX_UID: i64 = 2_147_483_647;

/// How many of the allowed ranges a message names.
const SHOWN_RANGES: usize = 8;

settings! {
    /// Settings of `non-root`.
    pub struct Settings {
        /// Whether `runAsNonRoot: true` is required even when `runAsUser` is not root, as Pod Security "restricted" does.
        require_run_as_non_root: bool = false => "requireRunAsNonRoot",
        /// The user IDs that are allowed; empty means all above 0.
        uid_ranges: Vec<UidRange> = Vec::new() => "uidRanges",
        /// Whether a pod in a user namespace of its own (`hostUsers: false`) may run as root.
        user_namespaces: UserNamespaces = UserNamespaces::Allow => "userNamespaces",
        /// What holds for Windows containers.
        windows: Windows = Windows::default() => "windows",
    }
}

settings! {
    /// User IDs from `min` to `max`, both included.
    pub struct UidRange {
        /// The smallest user ID.
        min: i64 = 1 => "min",
        /// The largest user ID.
        max: i64 = MAX_UID => "max",
    }
    unless(range_fault)
}

/// What is wrong with a range of user IDs.
fn range_fault(UidRange { min, max }: &UidRange) -> Option<String> {
    let is_sound = 1 <= *min && min <= max && *max <= MAX_UID;
    (!is_sound).then(|| format!("{min} to {max} is no range of user IDs; they go from 1 to {MAX_UID}"))
}

settings! {
    /// What a user namespace means.
    pub enum UserNamespaces {
        /// Root in it is an ordinary user of the node: accepted, as Pod Security does since Kubernetes 1.35.
        Allow => "allow",
        /// Nothing.
        Ignore => "ignore",
    }
}

settings! {
    /// What holds for Windows containers.
    pub struct Windows {
        /// Users that are refused, whatever their case.
        deny_users: Vec<String> =
            vec!["ContainerAdministrator".into(), "NT AUTHORITY\\SYSTEM".into()] => "denyUsers",
    }
}

impl UidRange {
    fn text(&self) -> String {
        let Self { min, max } = self;
        if min == max { min.to_string() } else { format!("{min}-{max}") }
    }
}

impl Settings {
    /// Whether a container may run as this user.
    pub(crate) fn allows(&self, uid: i64) -> bool {
        (1..=MAX_UID).contains(&uid)
            && (self.uid_ranges.is_empty()
                || self.uid_ranges.iter().any(|range| (range.min..=range.max).contains(&uid)))
    }

    /// The user IDs that are allowed, for messages.
    pub(crate) fn allowed(&self) -> String {
        let mut ranges: Vec<_> = self.uid_ranges.iter().map(UidRange::text).collect();
        if ranges.is_empty() {
            ranges.push(format!("1-{MAX_UID}"));
        } else if ranges.len() > SHOWN_RANGES {
            ranges.truncate(SHOWN_RANGES);
            ranges.push("…".to_owned());
        }
        ranges.join(", ")
    }
}
