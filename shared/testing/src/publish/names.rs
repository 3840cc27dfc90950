//! The names of published things.

use shared::facts::{Facts, Package};
use shared::module::Module;

/// The registry that holds the modules.
pub(crate) const REGISTRY: &str = "ghcr.io";

/// Owner and name of the project's repository on GitHub.
pub(super) fn project(package: &Package) -> (&'static str, &'static str) {
    let path = package.repository.trim_start_matches("https://github.com/");
    path.split_once('/').unwrap_or((path, path))
}

/// The module in its registry, without the registry and a tag.
pub(crate) fn module<M: Module>() -> String {
    format!("{}/policies/{}", project(&M::PACKAGE).0, M::NAME)
}

/// The module in its registry, without a tag.
pub(crate) fn oci_url<M: Module>() -> String {
    format!("{REGISTRY}/{}", module::<M>())
}

/// The module in its registry.
pub(super) fn image<M: Module>() -> String {
    format!("{}:{}", oci_url::<M>(), tag(&M::PACKAGE))
}

/// The tag of the release, in git and in the registry.
pub(crate) fn tag(package: &Package) -> String {
    format!("v{}", package.version)
}

/// The address of the documentation of the policy.
pub(crate) fn home<M: Module>() -> String {
    format!("{}/tree/{}/policies/{}", M::PACKAGE.repository, tag(&M::PACKAGE), M::NAME)
}

/// The address that opens the example of a rule in the playground, which runs the policies that judge workloads by the request
/// alone.
pub(super) fn playground<M: Module>(rule: &str) -> Option<String> {
    let Facts { capabilities, kinds, resources, .. } = M::FACTS;
    let runs = capabilities.is_empty() && kinds.workloads && kinds.objects.is_empty() && resources.is_empty();
    let (owner, project) = project(&M::PACKAGE);
    runs.then(|| format!("https://{owner}.github.io/{project}/#rule={}/{rule}", M::NAME))
}

/// The address of the logo of the module `name`.
pub(super) fn logo(package: &Package, name: &str) -> String {
    let (owner, project) = self::project(package);
    let (tag, version) = (tag(package), package.version);
    format!("https://raw.githubusercontent.com/{owner}/{project}/{tag}/artifacthub/{name}/{version}/logo.svg")
}

/// The search keywords. The project and its combined module have one name.
pub(crate) fn keywords<M: Module>() -> Vec<&'static str> {
    let mut keywords = vec!["seaworthy", "container", "best-practices"];
    if !keywords.contains(&M::NAME) {
        keywords.push(M::NAME);
    }
    keywords
}

/// The severity as a word.
pub(crate) fn severity(facts: &Facts) -> String {
    format!("{:?}", facts.severity).to_lowercase()
}
