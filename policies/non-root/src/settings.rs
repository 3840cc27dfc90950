//! The settings of `non-root`.

use shared::prelude::*;

/// The largest user ID. Source: Kubernetes API, core/v1 `SecurityContext`; validated by the API server.
const MAX_UID: i64 = 2_147_483_647;

/// The most ranges that a message names.
const SHOWN_RANGES: usize = 8;

settings! {
    /// Settings of `non-root`.
    pub struct Settings {
        /// Require `runAsNonRoot: true` even where `runAsUser` is not root, as Pod Security "restricted" does.
        require_run_as_non_root: bool = false => "requireRunAsNonRoot",
        /// The allowed user IDs; an empty list allows all above 0.
        uid_ranges: Vec<UidRange> = Vec::new() => "uidRanges",
        /// The treatment of pods in a user namespace of their own (`hostUsers: false`).
        user_namespaces: UserNamespaces = UserNamespaces::Allow => "userNamespaces",
        /// Settings for Windows containers.
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

/// The fault of a range of user IDs, if any.
fn range_fault(UidRange { min, max }: &UidRange) -> Option<String> {
    let is_sound = 1 <= *min && min <= max && *max <= MAX_UID;
    (!is_sound).then(|| format!("{min} to {max} is not a valid range; user IDs go from 1 to {MAX_UID}"))
}

settings! {
    /// The effect of a user namespace.
    pub enum UserNamespaces {
        /// They may run as root, which is an ordinary user on the node; Pod Security accepts it since Kubernetes 1.35.
        Allow => "allow",
        /// A user namespace changes nothing; root is judged as usual.
        Ignore => "ignore",
    }
}

settings! {
    /// Settings for Windows containers.
    pub struct Windows {
        /// Users that are refused; upper and lower case are the same.
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
    /// `true` where a container may run as this user.
    pub(crate) fn allows(&self, uid: i64) -> bool {
        (1..=MAX_UID).contains(&uid)
            && (self.uid_ranges.is_empty()
                || self.uid_ranges.iter().any(|range| (range.min..=range.max).contains(&uid)))
    }

    /// The allowed user IDs, for messages.
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
