//! Volumes for logs that nothing else reads.

use shared::image::Repository;
use shared::place::Class;
use shared::pod::{Container, Mount};
use shared::prelude::*;
use shared::text::quote;

use crate::{LOG_VOLUME, Settings};

/// Where logs are by convention. Source: Filesystem Hierarchy Standard 3.0, `/var/log`.
const DIRECTORIES: [&str; 2] = ["/var/log", "/logs"];

/// Parts of the names of images that read logs and send them on.
const COLLECTORS: [&str; 12] = [
    "alloy",
    "beat",
    "cloudwatch-agent",
    "datadog",
    "fluent",
    "logstash",
    "opentelemetry",
    "otel",
    "promtail",
    "splunk",
    "syslog",
    "vector",
];

/// The kinds that are no agents of their nodes. An agent is a DaemonSet, one of its Pods, or a custom resource for one.
const APPS: [&str; 6] = ["CronJob", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"];

/// A container with what it mounts.
type Mounted<'c> = (&'c Container<'c>, Vec<Mount<'c>>);

pub(crate) fn check(check: &Check<'_, Settings>, all: &[Mounted<'_>], findings: &mut Findings) -> Checked {
    let mut of_node = Vec::new();
    for volume in check.pod.volumes()? {
        if volume.host_path()?.is_some() && !APPS.contains(&check.pod.kind()) {
            of_node.push(volume.name());
        }
    }
    for (index, (container, mounts)) in all.iter().enumerate() {
        let is_collector = is_collector(container.image()?);
        if is_collector || matches!(container.class(), Class::Init | Class::Ephemeral) {
            continue;
        }
        let is_shared = |mount: &Mount<'_>| {
            let mut others = all.iter().enumerate().filter(|(other, _)| *other != index);
            others.any(|(_, (_, mounts))| mounts.iter().any(|other| other.volume == mount.volume))
        };
        for mount in mounts {
            let is_of_node = of_node.contains(&Some(mount.volume));
            if is_for_logs(mount) && check.settings.judges(mount.path) && !is_of_node && !is_shared(mount) {
                let problem = format!("no other container reads the logs in its volume {}", quote(mount.volume));
                let fix = "let the app log to standard output, or let a sidecar container read the volume";
                findings.add(&mount.field, [LOG_VOLUME.found(problem, fix)]);
            }
        }
    }
    Ok(())
}

/// Returns `true` if logs can be written to a mount. A socket in such a directory is that of a logging daemon.
fn is_for_logs(mount: &Mount<'_>) -> bool {
    let is_in = |directory: &&str| {
        mount.path.strip_prefix(*directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    !mount.is_read_only && mount.path.rsplit('.').next() != Some("sock") && DIRECTORIES.iter().any(is_in)
}

fn is_collector(image: Option<&str>) -> bool {
    let path = image.map(|image| Repository::of(image).path().into_owned()).unwrap_or_default();
    let is_part = |name: &&str| path.as_bytes().windows(name.len()).any(|part| part == name.as_bytes());
    COLLECTORS.iter().any(is_part)
}
