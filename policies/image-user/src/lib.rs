//! Containers that run as the root of their image. Reasons and settings: README.

mod user;

use shared::prelude::*;
use user::User;

policy! {
    /// No image may run as root where the manifest leaves the user to it.
    pub struct ImageUser: Facts {
        title: "Image user",
        severity: Severity::High,
        guide: Guide::operating("Avoid running as root", "avoid_running_as_root"),
        kilobytes: 180,
        ..Facts::DEFAULT
    }
    inspects: Configurations,
    reads: [run_as_user, run_as_non_root, host_users],
    rules: {
        /// A container runs as root, because its image says so.
        IMAGE_RUNS_AS_ROOT = "image-runs-as-root": Deny,
        /// The kubelet refuses to start a container, because of the user of its image.
        KUBELET_REFUSES = "kubelet-refuses": Deny,
    }
}

settings! {
    /// Settings of `image-user`.
    pub struct Settings {
        /// The platforms of an image that are judged, where it has several. A list has at most three, such as `linux/arm64`.
        platforms: Platforms = Platforms::Auto => "platforms",
    }
}

impl Policy for ImageUser {
    type Settings = Settings;

    fn platforms(settings: &Settings) -> &Platforms {
        &settings.platforms
    }

    fn is_left_to_image(check: &Check<'_, Settings>, image: &PodImage<'_>) -> Result<bool, Malformed> {
        // The processes of a volume are those of the containers that mount it.
        let Some(container) = image.container() else { return Ok(false) };
        let user = container.run_as_user()?.or(check.pod.run_as_user()?);
        // A field that cannot be read is refused even where it is not judged.
        non_root(check, container)?;
        let has_own_users = check.pod.host_users()?.value == Some(false);
        Ok(user.value.is_none() && !has_own_users && !check.pod.is_windows()?)
    }

    fn check_inspected_image(
        check: &Check<'_, Settings>,
        image: &PodImage<'_>,
        inspected: &Inspected<'_>,
        findings: &mut Findings,
    ) -> Inspection {
        let Some(container) = image.container() else { return Ok(()) };
        let config = inspected.configuration()?;
        let user = User::of(config.user().map_err(|error| inspected.unreadable(error))?);
        let found = if non_root(check, container)? { user.is_refused() } else { user.is_root() };
        findings.add(image, found);
        Ok(())
    }
}

/// Returns `true` if the kubelet has to make sure that the container does not run as root.
fn non_root(check: &Check<'_, Settings>, container: &Container<'_>) -> Result<bool, Malformed> {
    Ok(container.run_as_non_root()?.or(check.pod.run_as_non_root()?).value == Some(true))
}
