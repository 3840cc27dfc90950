//! What things are called where a policy is published.

use shared::facts::Metadata;
use shared::module::Module;

/// The registry that holds the modules.
pub(crate) const REGISTRY: &str = "ghcr.io";

/// Owner and name of the project's repository on GitHub.
pub(super) fn project(policy: &Metadata) -> (&'static str, &'static str) {
    let path = policy.repository.trim_start_matches("https://github.com/");
    path.split_once('/').unwrap_or((path, path))
}

/// The module in its registry, without the registry and a tag.
pub(crate) fn module<M: Module>() -> String {
    format!("{}/policies/{}", project(&M::METADATA).0, M::NAME)
}

/// The module in its registry, without a tag.
pub(crate) fn oci_url<M: Module>() -> String {
    format!("{REGISTRY}/{}", module::<M>())
}

/// The module in its registry.
pub(super) fn image<M: Module>() -> String {
    format!("{}:{}", oci_url::<M>(), tag(&M::METADATA))
}

/// The tag of the release, in git and in the registry.
pub(crate) fn tag(policy: &Metadata) -> String {
    format!("v{}", policy.version)
}

/// Where the policy is explained.
pub(crate) fn home<M: Module>() -> String {
    format!("{}/tree/{}/policies/{}", M::METADATA.repository, tag(&M::METADATA), M::NAME)
}

/// What people search for.
pub(crate) fn keywords<M: Module>() -> [&'static str; 4] {
    ["seaworthy", "container", "best-practices", M::NAME]
}

/// The category as a word.
pub(crate) fn category(policy: &Metadata) -> String {
    format!("{:?}", policy.category)
}

/// The severity as a word.
pub(crate) fn severity(policy: &Metadata) -> String {
    format!("{:?}", policy.severity).to_lowercase()
}
