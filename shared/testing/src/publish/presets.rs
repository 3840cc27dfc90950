//! The settings of a policy in the presets of the chart that loads all policies.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use shared::findings::RuleAction;
use shared::module::Module;
use shared::settings::Keyed as _;

/// The settings of a policy by preset. What they leave out has its default. The preset `audit` sets nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Presets {
    pub(super) baseline: Map<String, Value>,
    /// Rules that warn by default deny in it, too.
    pub(super) strict: Map<String, Value>,
}

/// The settings of the policy `M` of the project in `root`: those in its `presets.yaml`, if there is one.
///
/// # Errors
/// The file cannot be read.
pub(super) fn presets<M: Module>(root: &Path) -> Result<Presets, String> {
    let path = format!("policies/{}/presets.yaml", M::NAME);
    let file = root.join(&path);
    let mut presets = Presets::default();
    if file.is_file() {
        let text = fs::read_to_string(&file).map_err(|error| format!("{path}: {error}"))?;
        presets = serde_saphyr::from_str(&text).map_err(|error| format!("{path}: {error}"))?;
    }
    let warned = M::RULES.iter().filter(|rule| rule.default == RuleAction::Warn);
    let denied: Map<_, _> = warned.map(|rule| (rule.id.to_owned(), RuleAction::Deny.key().into())).collect();
    if !denied.is_empty() {
        let rules = presets.strict.entry("rules").or_insert_with(|| Map::new().into());
        let rules = rules.as_object_mut().ok_or_else(|| format!("{path}: rules are not an object"))?;
        // What the file says of a rule comes first.
        denied.into_iter().for_each(|(rule, action)| _ = rules.entry(rule).or_insert(action));
    }
    Ok(presets)
}
