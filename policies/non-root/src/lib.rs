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
            /// The user of a Windows container is an administrator.
            WINDOWS_ADMINISTRATOR = "windows-administrator": Deny,
        },
    }
}

/// The largest user ID. Source: Kubernetes API, core/v1 `SecurityContext`; validated by the API server.
const MAX_UID: i64 = 2_147_483_647;

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

impl Validate for Settings {
    fn validate(&self, faults: &mut Faults) {
        for (index, UidRange { min, max }) in self.uid_ranges.iter().enumerate() {
            if !(1 <= *min && min <= max && *max <= MAX_UID) {
                let problem = format!("{min} to {max} is no range of user IDs; they go from 1 to {MAX_UID}");
                faults.add(&format!("uidRanges[{index}]"), &problem);
            }
        }
    }
}

impl Settings {
    /// Whether root in this pod is an ordinary user of the node, and that is taken into account.
    fn excuse(&self, pod: &Pod<'_>) -> Result<bool, Malformed> {
        Ok(self.user_namespaces == UserNamespaces::Allow && pod.host_users()? == Some(false))
    }

    fn allows(&self, uid: i64) -> bool {
        (1..=MAX_UID).contains(&uid)
            && (self.uid_ranges.is_empty()
                || self.uid_ranges.iter().any(|range| (range.min..=range.max).contains(&uid)))
    }

    /// The user IDs that are allowed, for messages.
    fn allowed(&self) -> String {
        match self.uid_ranges.as_slice() {
            [] => format!("1-{MAX_UID}"),
            ranges => ranges.iter().map(|UidRange { min, max }| format!("{min}-{max}")).collect::<Vec<_>>().join(", "),
        }
    }
}

impl Policy for NonRoot {
    type Settings = Settings;

    fn check_pod(settings: &Settings, pod: &Pod<'_>, findings: &mut Findings) -> Result<(), Malformed> {
        for container in pod.containers() {
            if pod.is_windows()? {
                check_windows(settings, pod, container, findings)?;
            } else if !settings.excuse(pod)? {
                check_user(settings, pod, container, findings)?;
                check_group(pod, container, findings)?;
            }
        }
        let context = pod.security_context()?;
        if context.fs_group == Some(0) {
            let at = pod.at("securityContext.fsGroup");
            findings.add(
                &ROOT_FS_GROUP,
                at,
                "0",
                "its volumes belong to group 0, which is root",
                "use a group above 0",
            );
        }
        if context.supplemental_groups.contains(&0) {
            let at = pod.at("securityContext.supplementalGroups");
            findings.add(&ROOT_SUPPLEMENTAL_GROUP, at, "0", "group 0, which is root, is supplemental", "remove it");
        }
        if settings.require_run_as_non_root && !settings.excuse(pod)? {
            check_overridden(&context.inherited, pod, findings)?;
        }
        Ok(())
    }
}

/// The user of a container on Linux: what it sets, or else the pod.
fn check_user(
    settings: &Settings,
    pod: &Pod<'_>,
    container: &Container<'_>,
    findings: &mut Findings,
) -> Result<(), Malformed> {
    let own = container.security_context()?;
    let context = own.or(pod.security_context()?.inherited);
    let at_user = || container.at_effective(pod, "securityContext.runAsUser");
    let at_non_root = || container.at_effective(pod, "securityContext.runAsNonRoot");
    match (context.run_as_user, context.run_as_non_root) {
        (Some(0), Some(true)) => {
            let problem = "runAsUser is 0, which is root, and runAsNonRoot is true, so the kubelet refuses to start it";
            findings.add(&ROOT_USER, at_user(), "0", problem, "set runAsUser to a number above 0");
        }
        (Some(0), _) => {
            let problem = "it runs as root: runAsUser is 0";
            findings.add(&ROOT_USER, at_user(), "0", problem, "set runAsUser to a number above 0");
        }
        (Some(uid), _) if !settings.allows(uid) => {
            let problem = format!("runAsUser is {uid}, which is not an allowed user ID");
            findings.add(
                &USER_OUT_OF_RANGE,
                at_user(),
                uid.to_string(),
                problem,
                format!("use one of {}", settings.allowed()),
            );
        }
        (Some(uid), Some(false) | None) if settings.require_run_as_non_root => {
            let problem = format!("runAsNonRoot is not true; runAsUser {uid} alone is not enough by the settings");
            findings.add(&NON_ROOT_NOT_REQUIRED, at_non_root(), "unset", problem, "set runAsNonRoot to true");
        }
        (Some(uid), Some(false)) => {
            let problem = format!("runAsNonRoot is false, although runAsUser is {uid}");
            findings.add(&NON_ROOT_DISABLED, at_non_root(), "false", problem, "set runAsNonRoot to true");
        }
        (None, Some(false)) => {
            let problem = "it may run as root: runAsNonRoot is false and runAsUser is not set";
            findings.add(&UNSPECIFIED_USER, at_non_root(), "false", problem, "set runAsNonRoot to true");
        }
        (None, None) => {
            let problem = "it may run as root: neither runAsNonRoot nor runAsUser is set";
            findings.add(&UNSPECIFIED_USER, at_non_root(), "unset", problem, "set runAsNonRoot to true");
        }
        (_, Some(true)) | (Some(_), None) => {}
    }
    Ok(())
}

/// The group of a container on Linux: what it sets, or else the pod.
fn check_group(pod: &Pod<'_>, container: &Container<'_>, findings: &mut Findings) -> Result<(), Malformed> {
    let own = container.security_context()?;
    let at = container.at_effective(pod, "securityContext.runAsGroup");
    match own.or(pod.security_context()?.inherited).run_as_group {
        Some(0) => {
            let fix = "set runAsGroup to a number above 0";
            findings.add(&ROOT_GROUP, at, "0", "its group is root: runAsGroup is 0", fix);
        }
        None => {
            let fix = "set runAsGroup to a number above 0";
            findings.add(&UNSPECIFIED_GROUP, at, "unset", "its image decides its group: runAsGroup is not set", fix);
        }
        Some(_) => {}
    }
    Ok(())
}

/// The user of a container on Windows.
fn check_windows(
    settings: &Settings,
    pod: &Pod<'_>,
    container: &Container<'_>,
    findings: &mut Findings,
) -> Result<(), Malformed> {
    let own = container.security_context()?;
    let context = own.or(pod.security_context()?.inherited);
    if let Some(user) = context.windows_user
        && settings.windows.deny_users.iter().any(|denied| denied.eq_ignore_ascii_case(user))
    {
        let at = container.at_effective(pod, "securityContext.windowsOptions.runAsUserName");
        let problem = format!("it runs as {}, an administrator", quote(user));
        findings.add(
            &WINDOWS_ADMINISTRATOR,
            at,
            user.to_ascii_lowercase(),
            problem,
            "use another user, such as ContainerUser",
        );
    }
    if settings.require_run_as_non_root && context.run_as_non_root != Some(true) {
        let at = container.at_effective(pod, "securityContext.runAsNonRoot");
        findings.add(&NON_ROOT_NOT_REQUIRED, at, "unset", "runAsNonRoot is not true", "set runAsNonRoot to true");
    }
    Ok(())
}

/// What the pod says although every container says otherwise. Pod Security "restricted" refuses it all the same.
fn check_overridden(context: &SecurityContext<'_>, pod: &Pod<'_>, findings: &mut Findings) -> Result<(), Malformed> {
    let mut own = Vec::new();
    for container in pod.containers() {
        own.push(container.security_context()?);
    }
    if context.run_as_non_root == Some(false) && own.iter().all(|own| own.run_as_non_root.is_some()) {
        let at = pod.at("securityContext.runAsNonRoot");
        findings.add(&NON_ROOT_NOT_REQUIRED, at, "false", "runAsNonRoot is false", "set runAsNonRoot to true");
    }
    if context.run_as_user == Some(0) && own.iter().all(|own| own.run_as_user.is_some()) {
        let at = pod.at("securityContext.runAsUser");
        findings.add(&ROOT_USER, at, "0", "runAsUser is 0, which is root", "set runAsUser to a number above 0");
    }
    Ok(())
}
