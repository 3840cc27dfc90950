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
        "capabilities": facts.capabilities,
        "combines": combines,
        "kilobytes": facts.kilobytes,
        "schema": schema.map_err(|error| error.to_string())?,
        "why": readme.map(|readme| reason(readme)),
        "manifests": manifests.collect::<Map<_, _>>(),
    });
    Ok(serde_json::to_string_pretty(&entry).map_err(|error| error.to_string())? + "\n")
}

/// The introduction of a README and its section on the reason, without headings.
fn reason(readme: &str) -> String {
    let (_, text) = readme.split_once('\n').unwrap_or_default();
    let mut sections = text.split("\n## ");
    let introduction = sections.next().unwrap_or_default().trim();
    let why = sections.next().and_then(|section| section.strip_prefix("Why\n")).unwrap_or_default().trim();
    format!("{introduction}\n\n{why}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_the_introduction_and_the_section_why() {
        assert_eq!(reason("# no-bob\n\nBob\nis late.\n\n## Rules\n"), "Bob\nis late.");
        let readme = "# no-bob\n\nRejects Bob.\n\n## Why\n\nHe is late.\n\n## Rules\n\nNone.\n";
        assert_eq!(reason(readme), "Rejects Bob.\n\nHe is late.");
    }
}
