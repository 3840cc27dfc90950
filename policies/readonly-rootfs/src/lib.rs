//! Containers whose root filesystem is writable. Reasons and settings: README.

use shared::prelude::*;

policy! {
    /// Every container must set `securityContext.readOnlyRootFilesystem: true`.
    pub struct ReadonlyRootfs {
        title: "Read-only root filesystem",
        severity: Medium,
        category: Security,
        guide: Immutable,
        // To debug is to write: `kubectl debug` must stay possible.
        containers: ClassActions::enforce_all_but_ephemeral(ClassAction::Warn),
        rules: {
            /// The root filesystem of a container is writable.
            WRITABLE_ROOT_FILESYSTEM = "writable-root-filesystem": Deny,
        },
    }
}

impl Policy for ReadonlyRootfs {
    type Settings = NoSettings;

    fn check_container(
        check: &Check<'_, NoSettings>,
        container: &Container<'_>,
        findings: &mut Findings,
    ) -> Result<(), Malformed> {
        let read_only = container.security_context()?.read_only_root_filesystem;
        // The API server refuses the field in a pod for Windows.
        if check.pod.is_windows()? {
            return Ok(());
        }
        let (value, because) = match read_only {
            Some(true) => return Ok(()),
            Some(false) => ("false", "readOnlyRootFilesystem is false"),
            None if check.pod.security_context()?.read_only_root_filesystem.is_some() => (
                "unset",
                "readOnlyRootFilesystem is set for the pod, where it has no effect: it is a field of containers",
            ),
            None => ("unset", "readOnlyRootFilesystem is not set"),
        };
        findings.add(
            &WRITABLE_ROOT_FILESYSTEM,
            container.at("securityContext.readOnlyRootFilesystem"),
            value,
            format!("its root filesystem is writable: {because}"),
            "set it to true, and mount a volume where the container has to write",
        );
        Ok(())
    }
}
