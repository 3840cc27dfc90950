//! The published files of the project: its modules, and the files made of all of them together.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::published::{Publish, Published};
use super::{chart, document, entry, names};
use shared::facts::Facts;

/// All that is published of the project in `root`, as JSON: each of its `modules`, the `files` by their path, and the
/// `directories` that hold nothing else.
///
/// # Errors
/// Names what cannot be read, or cannot be published.
pub fn project(root: &Path, modules: &[Publish]) -> Result<String, String> {
    let modules: Vec<Published> = modules.iter().map(|publish| publish(root)).collect::<Result<_, _>>()?;
    let mut files = BTreeMap::new();
    let mut directories = vec!["artifacthub/charts".to_owned()];
    for module in &modules {
        directories.push(format!("artifacthub/{}/{}", module.name, module.package.version));
        files.extend(module.files.clone());
    }
    let (single, combined): (Vec<&Published>, Vec<&Published>) =
        modules.iter().partition(|module| module.combines.is_empty());
    single.iter().try_for_each(|policy| belongs(policy, &combined))?;
    files.extend(chart::files(&combined, &single, &table(single.iter().copied(), "../../../"))?);
    let readme = fs::read_to_string(root.join("README.md")).map_err(|error| format!("README.md: {error}"))?;
    let readme = document::fill(&readme, &["policies"], &|name| match name {
        "policies" => Ok(table(&modules, "")),
        _ => Err(format!("there is no part {name}; there is policies")),
    });
    files.insert("README.md".to_owned(), readme.map_err(|problem| format!("README.md: {problem}"))?);
    let said = modules
        .iter()
        .map(|module| Ok(json!({ "name": module.name, "metadata": module.metadata, "entry": entry::entry(module)? })));
    let said: Vec<Value> = said.collect::<Result<_, String>>()?;
    Ok(json!({ "modules": said, "files": files, "directories": directories }).to_string())
}

/// Refuses a policy that is not in the module to which its facts assign it: one that judges workloads shares a module with
/// those that ask the host the same, all others are modules of their own.
fn belongs(policy: &Published, combined: &[&Published]) -> Result<(), String> {
    let Facts { capabilities, kinds, resources, .. } = policy.facts;
    let shares = kinds.workloads
        && kinds.objects.is_empty()
        && resources.is_empty()
        && capabilities.iter().all(|capability| capability.starts_with("oci/"));
    for module in combined {
        let is_member = module.combines.contains(&policy.name);
        let is_asking = !module.facts.capabilities.is_empty();
        if is_member != (shares && is_asking != capabilities.is_empty()) {
            let (name, module) = (policy.name, module.name);
            return Err(format!("{name}: its facts and the list of policies of {module} do not agree"));
        }
    }
    Ok(())
}

/// The table of modules, each with a link to its README, for a file from which `root` leads to the root of the project.
fn table<'p>(modules: impl IntoIterator<Item = &'p Published>, root: &str) -> String {
    let mut table = "| policy | severity | what it does |\n|---|---|---|\n".to_owned();
    for Published { name, facts, package, .. } in modules {
        let (severity, description) = (names::severity(facts), package.description);
        // Writing to a string cannot fail.
        let _ = writeln!(table, "| [{name}]({root}policies/{name}/README.md) | {severity} | {description} |");
    }
    table
}
