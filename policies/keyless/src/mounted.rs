//! Keys that a container reads from a Secret.

use shared::pod::{Container, Pod};
use shared::prelude::*;
use shared::text::quote;

use crate::KEY_MOUNTED;
use crate::google::IDENTITY;

/// The variable that names the file with credentials. Source: Google Cloud, "Application Default Credentials".
const FILE: &str = "GOOGLE_APPLICATION_CREDENTIALS";

/// Variables from which tools read a key itself. Sources: Terraform, provider `google`; continuous integration of Google's tools.
const KEYS: [&str; 6] = [
    "GCLOUD_KEYFILE_JSON",
    "GCLOUD_SERVICE_KEY",
    "GCP_SA_KEY",
    "GOOGLE_CLOUD_KEYFILE_JSON",
    "GOOGLE_CREDENTIALS",
    "GOOGLE_SERVICE_ACCOUNT_KEY",
];

pub(crate) fn check(pod: &Pod<'_>, findings: &mut Findings) -> Checked {
    let mut secrets = Vec::new();
    for volume in pod.volumes()? {
        if volume.holds_secret()? {
            secrets.push(volume.name());
        }
    }
    for container in pod.containers() {
        for variable in container.env()? {
            let problem = if variable.has_source && KEYS.contains(&variable.name) {
                format!("{} takes a Google service-account key from a Secret", quote(variable.name))
            } else if variable.name == FILE && is_below_secret(container, variable.value, &secrets)? {
                format!("{FILE} names a file of a Secret, where service-account keys are kept")
            } else {
                continue;
            };
            findings.add(&container.env_value(&variable), [KEY_MOUNTED.found(problem, IDENTITY)]);
        }
    }
    Ok(())
}

/// Returns `true` if the path is in a directory where the container mounts a Secret: the longest that it mounts.
fn is_below_secret(container: &Container<'_>, path: &str, secrets: &[Option<&str>]) -> Result<bool, Malformed> {
    let is_around = |directory: &str| {
        let directory = directory.strip_suffix('/').unwrap_or(directory);
        path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mounts = container.mounts()?;
    let nearest = mounts.iter().filter(|mount| is_around(mount.path)).max_by_key(|mount| mount.path.len());
    Ok(nearest.is_some_and(|mount| secrets.contains(&Some(mount.volume))))
}
