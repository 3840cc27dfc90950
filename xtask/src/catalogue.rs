//! `dist/<policy>.json`: what the command knows of a policy beside its module.

use serde_json::{Map, Value};

use crate::Fault;

/// The entry of a policy, from what its test program prints for `--publish`.
///
/// # Errors
///
/// Fails when the answer is not JSON, or lacks what every entry needs.
pub(crate) fn entry(published: &str) -> Result<String, Fault> {
    let published: Value = serde_json::from_str(published)?;
    let required = |key: &str| published.get(key).cloned().ok_or_else(|| format!("it does not publish its {key}"));
    let mut entry = Map::new();
    for key in ["name", "title", "description", "severity", "category", "version"] {
        entry.insert(key.to_owned(), required(key)?);
    }
    // A module of several policies has no guide and no rules of its own, and says which policies it combines.
    for (key, of) in [("guide", "guide"), ("rules", "findings"), ("combines", "combines")] {
        if let Some(value) = published.get(of) {
            entry.insert(key.to_owned(), value.clone());
        }
    }
    let files = required("files")?;
    let mut manifests = Map::new();
    for (path, content) in files.as_object().into_iter().flatten() {
        if path.ends_with("/settings.schema.json") {
            let schema = serde_json::from_str(content.as_str().unwrap_or_default())?;
            entry.insert("schema".to_owned(), schema);
        }
        if path.starts_with("policies/") {
            entry.insert("why".to_owned(), introduction(content.as_str().unwrap_or_default()).into());
        }
        if let Some((_, file)) = path.split_once("/manifests/") {
            manifests.insert(file.trim_end_matches(".yaml").to_owned(), content.clone());
        }
    }
    entry.insert("manifests".to_owned(), Value::Object(manifests));
    if !entry.contains_key("schema") {
        return Err("it does not publish its settings.schema.json".into());
    }
    Ok(serde_json::to_string_pretty(&entry)? + "\n")
}

/// What stands in a README between its title and its first section.
fn introduction(readme: &str) -> &str {
    let (_, text) = readme.split_once('\n').unwrap_or_default();
    text.split("\n## ").next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn published() -> Value {
        json!({
            "name": "no-bob", "title": "No Bob", "description": "Rejects Bob.", "severity": "low",
            "category": "Processes", "version": "1.2.3", "guide": {"title": "Names", "url": "https://example.com"},
            "findings": [{"id": "called-bob"}], "strict": {},
            "files": {
                "artifacthub/no-bob/1.2.3/settings.schema.json": "{\"type\": \"object\"}",
                "artifacthub/no-bob/1.2.3/manifests/monitor.yaml": "kind: ClusterAdmissionPolicy\n",
                "policies/no-bob/README.md": "# no-bob\n\nBob\nis late.\n\n## Rules\n",
            },
        })
    }

    #[test]
    fn an_entry_has_the_facts_the_schema_and_the_manifests() {
        let entry: Value = serde_json::from_str(&entry(&published().to_string()).unwrap()).unwrap();
        let expected = json!({
            "name": "no-bob", "title": "No Bob", "description": "Rejects Bob.", "severity": "low",
            "category": "Processes", "version": "1.2.3", "guide": {"title": "Names", "url": "https://example.com"},
            "rules": [{"id": "called-bob"}], "why": "Bob\nis late.", "schema": {"type": "object"},
            "manifests": {"monitor": "kind: ClusterAdmissionPolicy\n"},
        });
        assert_eq!(entry, expected);
    }

    #[test]
    fn a_policy_that_publishes_no_schema_is_refused() {
        let mut published = published();
        published["files"] = json!({});
        assert!(entry(&published.to_string()).unwrap_err().to_string().contains("settings.schema.json"));
    }
}
