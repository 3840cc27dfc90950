//! Directories of the node that containers can write to.

use shared::pod::{Container, Mount, Volume};
use shared::prelude::*;
use shared::text::quote;

use crate::WRITABLE_HOSTPATH;

/// A container with what it mounts.
type Mounted<'c> = (&'c Container<'c>, Vec<Mount<'c>>);

/// Adds a finding if the volume is a directory of the node that a container can write to, or a socket of it.
pub(crate) fn check(volume: &Volume<'_>, all: &[Mounted<'_>], findings: &mut Findings) -> Checked {
    let Some(path) = volume.host_path()? else { return Ok(()) };
    // A socket is opened for writing whatever the filesystem allows.
    let is_socket = path.rsplit('.').next() == Some("sock");
    let writes = |(_, mounts): &&Mounted<'_>| {
        mounts.iter().any(|mount| Some(mount.volume) == volume.name() && (is_socket || !mount.is_read_only))
    };
    let Some((container, _)) = all.iter().find(writes) else { return Ok(()) };
    let who = format!("{} {}", container.class().noun(), quote(container.name().unwrap_or_default()));
    let found = if is_socket {
        let problem = format!("{who} mounts the socket {} of the node, which readOnly does not protect", quote(path));
        WRITABLE_HOSTPATH.found(problem, "remove it, and use the API of Kubernetes")
    } else {
        let problem = format!("{who} can write to {} of the node, which outlives the pod", quote(path));
        WRITABLE_HOSTPATH.found(problem, "set readOnly: true where it is mounted, or use a persistent volume")
    };
    let sources = volume.sources()?;
    let source = sources.iter().find(|source| source.name == "hostPath");
    if let Some(source) = source {
        findings.add(source, [found]);
    }
    Ok(())
}
