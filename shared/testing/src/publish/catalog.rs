//! The chart that makes a policy an entry of the Rancher UI. It has no templates: the UI reads the annotations, the form
//! and the README, and creates the policy itself.
//!
//! Source: `pkg2chart` of kubewarden/policy-catalog.

use super::text::fragment;
use super::{metadata, names};
use shared::module::Module;
use shared::settings::Tree;

/// `Chart.yaml`.
pub(super) fn chart<M: Module>() -> Result<Tree, String> {
    let annotations = [
        ("artifacthub.io/license", M::PACKAGE.license.to_owned()),
        ("catalog.cattle.io/hidden", "true".to_owned()),
        ("catalog.cattle.io/type", "kubewarden-policy".to_owned()),
        ("catalog.cattle.io/ui-component", "kubewarden".to_owned()),
        ("kubewarden/displayName", M::FACTS.title.to_owned()),
        ("kubewarden/mutation", "false".to_owned()),
        ("kubewarden/registry", names::REGISTRY.to_owned()),
        ("kubewarden/repository", names::module::<M>()),
        ("kubewarden/resources", metadata::resources::<M>()),
        ("kubewarden/rules", fragment(&metadata::rules::<M>())?),
        ("kubewarden/tag", names::tag(&M::PACKAGE)),
    ];
    Ok(Tree::object([
        ("apiVersion", "v2".into()),
        ("name", M::NAME.into()),
        ("version", M::PACKAGE.version.into()),
        ("appVersion", names::tag(&M::PACKAGE).into()),
        ("description", M::PACKAGE.description.into()),
        ("type", "application".into()),
        ("keywords", Tree::list(names::keywords::<M>())),
        ("home", names::home::<M>().into()),
        ("sources", Tree::list([names::image::<M>(), M::PACKAGE.repository.to_owned()])),
        ("annotations", Tree::object(annotations.map(|(name, value)| (name, Tree::Text(value))))),
    ]))
}

/// `values.yaml`: where the module is.
pub(super) fn values<M: Module>() -> Tree {
    Tree::object([
        ("global", Tree::object([("cattle", Tree::object([("systemDefaultRegistry", names::REGISTRY.into())]))])),
        (
            "module",
            Tree::object([("repository", names::module::<M>().into()), ("tag", names::tag(&M::PACKAGE).into())]),
        ),
    ])
}
