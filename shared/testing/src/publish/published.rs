//! The published files of one module.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use super::presets::Presets;
use super::text::{json, yaml};
use super::{
    artifacthub, catalog, changelog, examples, logo, manifests, metadata, names, presets, questions, readme, schema,
};
use crate::case::load;
use shared::facts::{Facts, Package};
use shared::module::Module;
use shared::settings::Tree;

/// The published files of a module, and its part in those made of all modules together.
#[derive(Debug)]
pub struct Published {
    /// Its name.
    pub(super) name: &'static str,
    /// Its declared facts.
    pub(super) facts: &'static Facts,
    /// Its package.
    pub(super) package: &'static Package,
    /// The policies that it combines; none when it is a policy itself.
    pub(super) combines: Vec<&'static str>,
    /// The metadata that it carries.
    pub(super) metadata: String,
    /// Its address in its registry.
    pub(super) repository: String,
    /// Its data for the templates of charts.
    pub(super) known: Map<String, Value>,
    /// Its rules with their examples.
    pub(super) rules: Tree,
    /// Its settings in the presets of the chart.
    pub(super) presets: Presets,
    /// The schema of its settings.
    pub(super) schema: Tree,
    /// Its files, by their path from the root of the project, with slashes.
    pub(super) files: BTreeMap<String, String>,
}

/// Says what is published of a module of the project in a directory.
pub type Publish = fn(&Path) -> Result<Published, String>;

/// The published files of the module `M` of the project in `root`.
///
/// # Errors
/// Names the module, and what it lacks.
pub fn publish<M: Module>(root: &Path) -> Result<Published, String> {
    let in_module = |problem| format!("{}: {problem}", M::NAME);
    Ok(Published {
        name: M::NAME,
        facts: const { &M::FACTS },
        package: const { &M::PACKAGE },
        combines: M::members().iter().map(|member| member.name).collect(),
        metadata: metadata::metadata::<M>(),
        repository: names::module::<M>(),
        known: catalog::facts::<M>().map_err(in_module)?,
        rules: examples::rules::<M>(root).map_err(in_module)?,
        presets: presets::presets::<M>(root).map_err(in_module)?,
        schema: schema::settings::<M>(root).map_err(in_module)?,
        files: files::<M>(root).map_err(in_module)?,
    })
}

/// Every file of the policy `M` of the project in `root`.
pub(super) fn files<M: Module>(root: &Path) -> Result<BTreeMap<String, String>, String> {
    let source = format!("policies/{}/README.md", M::NAME);
    let text = fs::read_to_string(root.join(&source)).map_err(|error| format!("{source}: {error}"))?;
    let cases = load(&root.join("policies").join(M::NAME).join("cases"))?;
    let readme = readme::check_beginning(&text, M::NAME).and_then(|()| readme::fill::<M>(&text, &cases));
    let readme = readme.map_err(|problem| format!("{source}: {problem}"))?;
    let published = readme::published::<M>(&readme);
    let changes = changelog::release::<M>(root)?;
    let version = format!("artifacthub/{}/{}", M::NAME, M::PACKAGE.version);
    let chart = format!("artifacthub/charts/{}", M::NAME);
    let form = questions::form::<M>();
    let questions = yaml(&form)?;
    let settings = schema::settings::<M>(root)?;

    let mut files = BTreeMap::from([
        (source, readme),
        (format!("{version}/README.md"), published.clone()),
        (format!("{version}/artifacthub-pkg.yml"), yaml(&artifacthub::package::<M>(&changes, &form)?)?),
        (format!("{version}/logo.svg"), logo::logo::<M>()),
        (format!("{version}/metadata.yml"), yaml(&metadata::tree::<M>(None))?),
        (format!("{version}/questions-ui.yml"), questions.clone()),
        (format!("{version}/settings.schema.json"), json(&schema::document::<M>(settings.clone()))?),
        (format!("{chart}/Chart.yaml"), yaml(&catalog::chart::<M>()?)?),
        (format!("{chart}/README.md"), published),
        (format!("{chart}/questions.yaml"), questions),
        (format!("{chart}/values.schema.json"), catalog::values_schema::<M>(&settings)?),
        (format!("{chart}/values.yaml"), catalog::values::<M>()),
    ]);
    for (name, content) in catalog::templates::<M>()? {
        files.insert(format!("{chart}/{name}"), content);
    }
    for (name, manifest) in manifests::all::<M>() {
        files.insert(format!("{version}/manifests/{name}.yaml"), yaml(&manifest)?);
    }
    Ok(files)
}
