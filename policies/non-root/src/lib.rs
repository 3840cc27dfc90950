//! Containers that run, or may run, as root. Reasons and settings: README.

use shared::prelude::*;

policy! {
    /// No container may run as root, as far as the manifest says.
    pub struct NonRoot {
        title: "Non-root",
        severity: High,
        category: Security,
        guide: AvoidRoot,
        containers: ClassActions::enforce_all_but_ephemeral(ClassAction::Enforce),
        rules: {
            /// The user of a container is root.
            ROOT_USER = "root-user": Deny,
            /// Nothing keeps the user of a container from being root.
            UNSPECIFIED_USER = "unspecified-user": Deny,
            /// The user of a container is outside the allowed user IDs.
            USER_OUT_OF_RANGE = "user-out-of-range": Deny,
            /// `runAsNonRoot` is not true, and the settings require it.
            NON_ROOT_NOT_REQUIRED = "non-root-not-required": Deny,
            /// `runAsNonRoot` is false, although the user is not root.
            NON_ROOT_DISABLED = "non-root-disabled": Warn,
            /// The group of a container is root.
            ROOT_GROUP = "root-group": Deny,
            /// The group of a container is not set, so that its image decides.
            UNSPECIFIED_GROUP = "unspecified-group": Off,
            /// The root group is a supplemental group of a pod.
            ROOT_SUPPLEMENTAL_GROUP = "root-supplemental-group": Warn,
            /// The volumes of a pod belong to the root group.
            ROOT_FS_GROUP = "root-fs-group": Warn,
            /// The user of a Windows container is refused by the settings: an administrator.
            WINDOWS_ADMINISTRATOR = "windows-administrator": Deny,
        },
    }
}

/// The largest user ID. Source: Kubernetes API, core/v1 `SecurityContext`; validated by the API server.
const MAX_UID: i64 = 2_147_483_647;

/// How many of the allowed ranges a message names.
const SHOWN_RANGES: usize = 8;

const ABOVE_0: &str = "set runAsUser to a number above 0";
const SET_NON_ROOT: &str = "set runAsNonRoot to true";

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

impl Settings {
    fn validate(&self, faults: &mut Faults) {
        for (index, UidRange { min, max }) in self.uid_ranges.iter().enumerate() {
            if !(1 <= *min && min <= max && *max <= MAX_UID) {
                let problem = format!("{min} to {max} is no range of user IDs; they go from 1 to {MAX_UID}");
                faults.add(&format!("uidRanges[{index}]"), &problem);
            }
        }
    }
}

impl UidRange {
    fn text(&self) -> String {
        let Self { min, max } = self;
        if min == max { min.to_string() } else { format!("{min}-{max}") }
    }
}

impl Settings {
    fn allows(&self, uid: i64) -> bool {
        (1..=MAX_UID).contains(&uid)
            && (self.uid_ranges.is_empty()
                || self.uid_ranges.iter().any(|range| (range.min..=range.max).contains(&uid)))
    }

    /// The user IDs that are allowed, for messages.
    fn allowed(&self) -> String {
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

impl Policy for NonRoot {
    type Settings = Settings;

    fn validate(settings: &Settings, faults: &mut Faults) {
        settings.validate(faults);
    }

    fn check_pod(check: &Check<'_, Settings>, findings: &mut Findings) -> Result<(), Malformed> {
        let Check { settings, pod, .. } = *check;
        let of_pod = pod.security_context()?;
        let groups = (pod.fs_group()?, pod.supplemental_groups()?);
        let windows = pod.is_windows()?;
        let mut subjects = Vec::new();
        for container in pod.containers() {
            let own = container.security_context()?;
            subjects.push(Subject { settings, pod, windows, container, own, effective: own.or(of_pod) });
        }
        let user_namespace = pod.host_users()? == Some(false) && !windows;
        if user_namespace && settings.user_namespaces == UserNamespaces::Allow {
            return Ok(());
        }
        for subject in &subjects {
            if windows {
                subject.check_windows_user(findings);
            } else {
                subject.check_user(findings);
                subject.check_group(findings);
            }
            subject.check_non_root(findings);
        }
        check_overridden(settings, pod, of_pod, &subjects, findings);
        if !windows {
            check_pod_groups(pod, groups, findings);
        }
        Ok(())
    }
}

/// A container and its security context: what it sets itself, and what is in effect with what it inherits.
struct Subject<'s> {
    settings: &'s Settings,
    pod: &'s Pod<'s>,
    windows: bool,
    container: &'s Container<'s>,
    own: SecurityContext<'s>,
    effective: SecurityContext<'s>,
}

impl Subject<'_> {
    fn at(&self, field: &str) -> At {
        self.pod.at_effective(self.container, field)
    }

    /// Which user it is.
    fn check_user(&self, findings: &mut Findings) {
        let at = || self.at("securityContext.runAsUser");
        match (self.effective.run_as_user, self.effective.run_as_non_root) {
            (Some(0), Some(true)) => {
                let problem =
                    "runAsUser is 0, which is root, and runAsNonRoot is true, so the kubelet refuses to start it";
                findings.add(&ROOT_USER, at(), "0", problem, ABOVE_0);
            }
            (Some(0), _) => findings.add(&ROOT_USER, at(), "0", "it runs as root: runAsUser is 0", ABOVE_0),
            (Some(uid), _) if !self.settings.allows(uid) => {
                let problem = format!("runAsUser is {uid}, which is not an allowed user ID");
                let fix = format!("use one of {}", self.settings.allowed());
                findings.add(&USER_OUT_OF_RANGE, at(), uid.to_string(), problem, fix);
            }
            _ => {}
        }
    }

    /// What keeps root out.
    fn check_non_root(&self, findings: &mut Findings) {
        let required = self.settings.require_run_as_non_root;
        let (rule, value, problem) = match (self.effective.run_as_non_root, self.effective.run_as_user) {
            (Some(true), _) => return,
            (Some(false), _) if required => {
                (&NON_ROOT_NOT_REQUIRED, "false", "runAsNonRoot is false, and the settings require it to be true")
            }
            (None, _) if required => {
                (&NON_ROOT_NOT_REQUIRED, "unset", "runAsNonRoot is not set, and the settings require it to be true")
            }
            _ if self.windows => return,
            (None, Some(_)) | (Some(false), Some(0)) => return,
            (Some(false), Some(_)) => {
                (&NON_ROOT_DISABLED, "false", "runAsNonRoot is false, although runAsUser is not root")
            }
            (Some(false), None) => {
                (&UNSPECIFIED_USER, "false", "it may run as root: runAsNonRoot is false and runAsUser is not set")
            }
            (None, None) => {
                (&UNSPECIFIED_USER, "unset", "it may run as root: neither runAsNonRoot nor runAsUser is set")
            }
        };
        findings.add(rule, self.at("securityContext.runAsNonRoot"), value, problem, SET_NON_ROOT);
    }

    fn check_group(&self, findings: &mut Findings) {
        let (rule, value, problem) = match self.effective.run_as_group {
            Some(0) => (&ROOT_GROUP, "0", "its group is root: runAsGroup is 0"),
            None => (&UNSPECIFIED_GROUP, "unset", "its image decides its group: runAsGroup is not set"),
            Some(_) => return,
        };
        let at = self.at("securityContext.runAsGroup");
        findings.add(rule, at, value, problem, "set runAsGroup to a number above 0");
    }

    fn check_windows_user(&self, findings: &mut Findings) {
        let denied = &self.settings.windows.deny_users;
        if let Some(user) = self.effective.windows_user
            && denied.iter().any(|denied| denied.eq_ignore_ascii_case(user))
        {
            let at = self.at("securityContext.windowsOptions.runAsUserName");
            let problem = format!("it runs as {}, which the settings refuse", quote(user));
            let fix = "use another user, such as ContainerUser";
            findings.add(&WINDOWS_ADMINISTRATOR, at, user.to_ascii_lowercase(), problem, fix);
        }
    }
}

/// What the pod sets although every container sets its own: it has no effect, but the next container inherits it, and
/// Pod Security "restricted" refuses it.
fn check_overridden(
    settings: &Settings,
    pod: &Pod<'_>,
    of_pod: SecurityContext<'_>,
    subjects: &[Subject<'_>],
    findings: &mut Findings,
) {
    let required = settings.require_run_as_non_root;
    if of_pod.run_as_non_root == Some(false) && subjects.iter().all(|subject| subject.own.run_as_non_root.is_some()) {
        let rule = if required { &NON_ROOT_NOT_REQUIRED } else { &NON_ROOT_DISABLED };
        let problem = "runAsNonRoot is false, although every container sets its own";
        findings.add(rule, pod.at("securityContext.runAsNonRoot"), "false", problem, SET_NON_ROOT);
    }
    if of_pod.run_as_user == Some(0) && required && subjects.iter().all(|subject| subject.own.run_as_user.is_some()) {
        let problem = "runAsUser is 0, which is root, although every container sets its own";
        findings.add(&ROOT_USER, pod.at("securityContext.runAsUser"), "0", problem, ABOVE_0);
    }
}

/// The groups that a pod gives to its volumes and to all its processes.
fn check_pod_groups(pod: &Pod<'_>, (fs_group, supplemental): (Option<i64>, Vec<i64>), findings: &mut Findings) {
    if fs_group == Some(0) {
        let at = pod.at("securityContext.fsGroup");
        let problem = "its volumes belong to group 0, which is root";
        findings.add(&ROOT_FS_GROUP, at, "0", problem, "use a group above 0");
    }
    if supplemental.contains(&0) {
        let at = pod.at("securityContext.supplementalGroups");
        findings.add(&ROOT_SUPPLEMENTAL_GROUP, at, "0", "group 0, which is root, is supplemental", "remove it");
    }
}
