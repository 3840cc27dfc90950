//! Containers whose root filesystem is writable. Reasons and settings: README.

use shared::prelude::*;

policy! {
    /// Every container must set `securityContext.readOnlyRootFilesystem: true`.
    pub struct ReadonlyRootfs: Facts {
        title: "Read-only root filesystem",
        guide: Guide::operating(
            "Ensure that your containers are stateless and immutable",
            "ensure_that_your_containers_are_stateless_and_immutable",
        ),
        // To debug is to write: `kubectl debug` must stay possible.
        containers: ClassActions::enforce_all_but_ephemeral(ClassAction::Warn),
        ..Facts::DEFAULT
    }
    reads: [read_only_root_filesystem],
    rules: {
        /// The root filesystem of a container is writable.
        WRITABLE_ROOT_FILESYSTEM = "writable-root-filesystem": Deny,
    }
}

impl Policy for ReadonlyRootfs {
    type Settings = NoSettings;

    fn check_container(check: &Check<'_, NoSettings>, container: &Container<'_>, findings: &mut Findings) -> Checked {
        let read_only = container.read_only_root_filesystem()?;
        // The API server refuses the field in a pod for Windows.
        if check.pod.is_windows()? {
            return Ok(());
        }
        let because = match read_only.value {
            Some(true) => return Ok(()),
            Some(false) => "readOnlyRootFilesystem is false",
            None if check.pod.read_only_root_filesystem()?.value.is_some() => {
                "readOnlyRootFilesystem is set for the pod, where it has no effect: it is a field of containers"
            }
            None => "readOnlyRootFilesystem is not set",
        };
        let problem = format!("its root filesystem is writable: {because}");
        let fix = "set it to true, and mount a volume where the container has to write";
        findings.add(&read_only, [WRITABLE_ROOT_FILESYSTEM.found(problem, fix).set("true")]);
        Ok(())
    }
}
