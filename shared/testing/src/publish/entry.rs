//! `dist/<module>.json`: what the command knows of a module beside the module itself.

use serde_json::{Map, Value, json};

use super::names;
use super::published::Published;

/// The entry of a module.
pub(super) fn entry(module: &Published) -> Result<String, String> {
    let Published { name, facts, package, combines, rules, files, .. } = module;
    let file = |wanted: &dyn Fn(&str) -> bool| files.iter().find(|(path, _)| wanted(path)).map(|(_, content)| content);
    let schema = file(&|path| path.ends_with("/settings.schema.json"));
    let schema = schema.map(|schema| serde_json::from_str::<Value>(schema)).transpose();
    let readme = file(&|path| path.starts_with("policies/"));
    let manifests = files.iter().filter_map(|(path, content)| {
        let (_, file) = path.split_once("/manifests/")?;
        Some((file.trim_end_matches(".yaml").to_owned(), content.as_str().into()))
    });
    let entry = json!({
        "name": name,
        "title": facts.title,
        "description": package.description,
        "severity": names::severity(facts),
        "category": facts.category.name,
        "version": package.version,
        "guide": { "title": facts.guide.title, "url": facts.guide.url() },
        "rules": serde_json::to_value(rules).map_err(|error| error.to_string())?,
        "combines": combines,
        "kilobytes": facts.kilobytes,
        "schema": schema.map_err(|error| error.to_string())?,
        "why": readme.map(|readme| introduction(readme)),
        "manifests": manifests.collect::<Map<_, _>>(),
    });
    Ok(serde_json::to_string_pretty(&entry).map_err(|error| error.to_string())? + "\n")
}

/// The introduction of a README: the text between its title and its first section.
fn introduction(readme: &str) -> &str {
    let (_, text) = readme.split_once('\n').unwrap_or_default();
    text.split("\n## ").next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_introduction_is_what_stands_between_the_title_and_the_first_section() {
        assert_eq!(introduction("# no-bob\n\nBob\nis late.\n\n## Rules\n"), "Bob\nis late.");
    }
}
