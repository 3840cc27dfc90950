//! The chart of one policy. Installed by Helm, it loads the policy; in the Rancher UI it is an entry of the catalogue: the UI
//! reads the annotations, the form and the README, and creates the policy itself.
//!
//! Source: `pkg2chart` of kubewarden/policy-catalog.

use serde_json::{Map, Value, json};

use super::text::fragment;
use super::values::{POLICY, RBAC, document, module, pretty, rbac, value};
use super::{manifests, metadata, names};
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
        ("icon", names::logo(&M::PACKAGE, M::NAME).into()),
        ("keywords", Tree::list(names::keywords::<M>())),
        ("home", names::home::<M>().into()),
        ("sources", Tree::list([M::PACKAGE.repository])),
        ("annotations", Tree::object(annotations.map(|(name, value)| (name, Tree::Text(value))))),
    ]))
}

/// The data of a module for the templates that nobody sets.
pub(super) fn facts<M: Module>() -> Result<Map<String, Value>, String> {
    let facts = json!({
        "category": M::FACTS.category.name,
        "name": M::NAME,
        "rules": value(&metadata::rules::<M>())?,
        "severity": names::severity(&M::FACTS),
        "version": M::PACKAGE.version,
        // It asks its host, which takes time.
        "asks": !M::FACTS.capabilities.is_empty(),
    });
    let mut facts = facts.as_object().cloned().unwrap_or_default();
    if !M::FACTS.resources.is_empty() {
        facts.insert("contextAwareResources".into(), value(&metadata::context_aware::<M>())?);
        facts.insert("role".into(), value(&manifests::role_rules::<M>())?);
    }
    Ok(facts)
}

/// `values.yaml`.
pub(super) fn values<M: Module>() -> String {
    let values = include_str!("catalog/values.yaml")
        .replace("REGISTRY", names::REGISTRY)
        .replace("REPOSITORY", &names::module::<M>())
        .replace("VERSION", &names::tag(&M::PACKAGE));
    if M::FACTS.resources.is_empty() { values } else { values + "\n" + RBAC }
}

/// `values.schema.json`.
pub(super) fn values_schema<M: Module>(settings: &Tree) -> Result<String, String> {
    let mut values = json!({
        "mode": { "enum": ["monitor", "protect"] },
        "module": module(),
        "settings": value(settings)?,
    });
    if let (false, Some(values)) = (M::FACTS.resources.is_empty(), values.as_object_mut()) {
        values.insert("rbac".into(), rbac());
    }
    pretty(&document(values, &["mode", "module"]))
}

/// The templates, and the facts beside them, by their name.
pub(super) fn templates<M: Module>() -> Result<[(&'static str, String); 4], String> {
    let mut facts = facts::<M>()?;
    facts.insert("registry".into(), names::REGISTRY.into());
    Ok([
        ("policy.json", pretty(&Value::Object(facts))?),
        ("templates/NOTES.txt", include_str!("catalog/NOTES.txt").to_owned()),
        ("templates/_policy.tpl", POLICY.to_owned()),
        ("templates/policy.yaml", include_str!("catalog/policy.yaml").to_owned()),
    ])
}
