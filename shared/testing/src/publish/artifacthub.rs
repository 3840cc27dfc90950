//! `artifacthub-pkg.yml`: a policy as a package of Artifact Hub.
//!
//! Source: Artifact Hub, "Kubewarden policies repositories" and `artifacthub-pkg.yml`; the order of the keys is that of
//! `kwctl scaffold artifacthub`.

use super::changelog::Release;
use super::text::fragment;
use super::{metadata, names};
use shared::module::Module;
use shared::settings::Tree;

/// What the policies run in.
const CONTROLLER: &str = "https://artifacthub.io/packages/helm/kubewarden/kubewarden-controller";

/// The package.
pub(super) fn package<M: Module>(release: &Release, form: &Tree) -> Result<Tree, String> {
    let security = release.changes.iter().any(|(kind, _)| *kind == "security");
    let changes = release
        .changes
        .iter()
        .map(|(kind, text)| Tree::object([("kind", (*kind).into()), ("description", text.as_str().into())]));
    let image = Tree::object([("name", "policy".into()), ("image", names::image::<M>().into())]);
    let annotations = [
        ("kubewarden/mutation", "false".into()),
        ("kubewarden/questions-ui", fragment(form)?.into()),
        ("kubewarden/resources", metadata::resources::<M>().into()),
        ("kubewarden/rules", fragment(&metadata::rules::<M>())?.into()),
    ];
    Ok(Tree::object([
        ("version", M::PACKAGE.version.into()),
        ("name", M::NAME.into()),
        ("displayName", M::FACTS.title.into()),
        ("createdAt", format!("{}T00:00:00Z", release.date).into()),
        ("description", M::PACKAGE.description.into()),
        ("license", M::PACKAGE.license.into()),
        ("homeURL", names::home::<M>().into()),
        ("logoPath", "logo.svg".into()),
        ("category", "security".into()),
        ("prerelease", M::PACKAGE.version.contains('-').into()),
        ("containsSecurityUpdates", security.into()),
        ("containersImages", Tree::list([image])),
        ("keywords", Tree::list(names::keywords::<M>())),
        ("links", links::<M>()),
        ("changes", Tree::list(changes)),
        ("install", install::<M>().into()),
        ("maintainers", Tree::list(maintainers(M::PACKAGE.authors)?)),
        ("provider", Tree::object([("name", "seaworthy".into())])),
        ("recommendations", Tree::list([Tree::object([("url", CONTROLLER.into())])])),
        ("annotations", Tree::object(annotations)),
    ]))
}

/// The authors of the package, which Cargo keeps as `name <email>` with colons between them.
fn maintainers(authors: &str) -> Result<Vec<Tree>, String> {
    let maintainer = |author: &str| {
        let (name, email) = author.strip_suffix('>')?.split_once(" <")?;
        Some(Tree::object([("name", name.into()), ("email", email.into())]))
    };
    let maintainers = authors.split(':').map(maintainer).collect::<Option<_>>();
    maintainers.ok_or_else(|| format!("the authors {authors} must each be written as name <email>"))
}

fn links<M: Module>() -> Tree {
    let (repository, tag) = (M::PACKAGE.repository, names::tag(&M::PACKAGE));
    let published = format!("{repository}/blob/{tag}/artifacthub/{}/{}", M::NAME, M::PACKAGE.version);
    let links = [
        ("policy", format!("{repository}/releases/download/{tag}/{}.wasm", M::NAME)),
        ("source", repository.to_owned()),
        ("documentation", names::home::<M>()),
        ("settings schema", format!("{published}/settings.schema.json")),
        ("changelog", format!("{repository}/blob/{tag}/CHANGELOG.md")),
        ("practice", M::FACTS.guide.url()),
    ];
    Tree::list(links.map(|(name, url)| Tree::object([("name", name.into()), ("url", url.into())])))
}

fn install<M: Module>() -> String {
    let (name, tag, image) = (M::NAME, names::tag(&M::PACKAGE), names::image::<M>());
    let (owner, project) = names::project(&M::PACKAGE);
    let manifests = format!(
        "https://raw.githubusercontent.com/{owner}/{project}/{tag}/artifacthub/{name}/{}/manifests",
        M::PACKAGE.version
    );
    format!(
        "\
See first what it finds, without rejecting anything:

```console
kubectl apply -f {manifests}/monitor.yaml
```

Then let it reject. To go back from `protect` to `monitor`, delete it first:

```console
kubectl apply -f {manifests}/protect.yaml
```

For one namespace use `namespaced.yaml`, together with other policies `group.yaml`. There is a chart for this policy, and one that
loads all policies at once:

```console
git clone --depth 1 --branch {tag} {}
helm install {name} {project}/artifacthub/charts/{name}
helm install seaworthy {project}/artifacthub/charts/seaworthy-policies --set preset=audit
```

Verify the signature, and try the module without a cluster:

```console
kwctl verify --github-owner {owner} --github-repo {project} registry://{image}
kwctl pull registry://{image}
kwctl inspect registry://{image}
```
",
        M::PACKAGE.repository
    )
}
