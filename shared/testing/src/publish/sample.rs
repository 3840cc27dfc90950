//! The published files for settings of every kind, nested in every way that settings can be.

use std::path::Path;

use super::{questions, readme, schema};
use shared::prelude::*;
use shared::settings::{Fields, Named, Tree};

settings! {
    /// Settings of every kind.
    pub struct Everything {
        /// A switch.
        switch: bool = true => "switch",
        /// Colours that are
        /// accepted.
        colours: Vec<Colour> = vec![Colour::Red] => "colours",
        /// Limits that may be absent.
        limits: Option<Limits> = None => "limits",
        /// Limits for some.
        overrides: Vec<Override> = Vec::new() => "overrides",
        /// Numbers by name.
        numbers: Named<i64> = Named::default() => "numbers",
    }
}

settings! {
    /// Limits.
    pub struct Limits {
        /// The most.
        most: i64 = 7 => "most",
    }
}

settings! {
    /// Limits for some.
    pub struct Override {
        /// For whom | or what.
        name: String = String::new() => "name",
        /// The limits.
        limits: Option<Limits> = None => "limits",
    }
}

settings! {
    /// A colour.
    pub enum Colour {
        /// Of blood.
        Red => "red",
        /// Without light.
        Off => "off",
    }
}

policy! {
    /// A policy with settings of every kind.
    pub struct Sample: Facts {
        title: "Sample",
        severity: Severity::Low,
        containers: ClassActions::enforce_all_but_ephemeral(ClassAction::Warn),
        ..Facts::DEFAULT
    }
    reads: [],
    rules: {
        /// A rule is broken.
        BROKEN = "broken-rule": Deny,
    }
}

impl Policy for Sample {
    type Settings = Everything;
}

fn find<'t>(questions: &'t Tree, variable: &str) -> &'t Tree {
    let questions = questions.get("questions").unwrap().items();
    questions.iter().find(|question| question.get("variable").unwrap().as_str() == Some(variable)).unwrap()
}

#[test]
fn settings_describe_themselves_by_their_declaration() {
    let fields = Everything::fields();
    assert_eq!(fields.iter().map(|field| field.name).collect::<Vec<_>>(), Everything::NAMES);
    assert_eq!(fields[1].about, "Colours that are accepted.");
    assert_eq!(fields[1].default, Tree::list(["red"]));
    assert_eq!(fields[2].default, Tree::Null);
}

#[test]
fn the_form_gives_defaults_where_a_control_would_show_something_else() {
    let form = questions::form::<Sample>();
    assert_eq!(find(&form, "switch").get("default"), Some(&true.into()));
    assert_eq!(find(&form, "action").get("default"), Some(&"deny".into()));
    for variable in ["colours", "limits.most", "rules.broken-rule", "containers.main"] {
        assert_eq!(find(&form, variable).get("default"), None, "{variable}");
    }
}

#[test]
fn the_form_shows_nested_settings_by_what_rancher_can_render() {
    let form = questions::form::<Sample>();
    let kind = |question: &Tree| question.get("type").unwrap().as_str().unwrap().to_owned();
    assert_eq!(kind(find(&form, "colours")), "array[");
    assert!(find(&form, "colours").get("description").unwrap().as_str().unwrap().contains("Known: red, off."));
    assert_eq!(kind(find(&form, "numbers")), "map[");
    let overrides = find(&form, "overrides");
    assert_eq!(kind(overrides), "sequence[");
    let kinds: Vec<_> = overrides.get("sequence_questions").unwrap().items().iter().map(kind).collect();
    assert_eq!(kinds, ["string", "map["]);
}

#[test]
fn the_schema_knows_rules_classes_and_nested_settings() {
    let schema = schema::settings::<Sample>(Path::new("")).unwrap();
    let at = |path: &[&str]| path.iter().try_fold(&schema, |tree, key| tree.get(key)).cloned();
    assert_eq!(at(&["properties", "limits", "properties", "most", "default"]), Some(7.into()));
    assert_eq!(at(&["properties", "limits", "default"]), None);
    assert_eq!(at(&["properties", "numbers", "additionalProperties", "type"]), Some("integer".into()));
    assert_eq!(at(&["properties", "rules", "additionalProperties"]), Some(false.into()));
    assert_eq!(at(&["properties", "rules", "properties", "broken-rule", "default"]), Some("deny".into()));
    let alternatives = |path: &[&str]| at(path).unwrap().items().len();
    assert_eq!(alternatives(&["properties", "action", "oneOf"]), 2);
    assert_eq!(alternatives(&["properties", "rules", "properties", "broken-rule", "oneOf"]), 4, "off may be false");
    assert_eq!(at(&["properties", "containers", "properties", "ephemeral", "default"]), Some("warn".into()));
    let exemption = ["properties", "exemptions", "items"];
    assert_eq!(at(&[&exemption[..], &["required"]].concat()), Some(Tree::list(["reason"])));
    let rules = [&exemption[..], &["properties", "rules", "items", "enum"]].concat();
    assert_eq!(at(&rules), Some(Tree::list(["broken-rule"])));
}

#[test]
fn the_parts_of_a_readme_are_made_anew_and_its_prose_stays() {
    let text = "# Sample\n\n<!-- generated: rules -->\nold\n<!-- end -->\nprose [1](../../README.md)\n\
                <!-- generated: settings --><!-- end -->\n";
    let filled = readme::fill::<Sample>(text, &[]).unwrap();
    for line in [
        "| `broken-rule` | deny | A rule is broken. [Try it](https://seaworthy-policies.github.io/seaworthy/#rule=seaworthy-testing/broken-rule) |",
        "| `switch` | `true` | A switch. |",
        "| `colours` | `[red]` | Colours that are accepted. `red`: Of blood; `off`: Without light. |",
        "| `limits.most` | `7` | The most. |",
        "| `overrides[].name` | `''` | For whom \\| or what. |",
        "| `overrides[].limits` |  | The limits. With the keys of `limits`. |",
        "prose [1](../../README.md)",
    ] {
        assert!(filled.lines().any(|found| found == line), "{line} is not in\n{filled}");
    }
    assert!(!filled.contains("old"));
    assert_eq!(readme::fill::<Sample>(&filled, &[]).unwrap(), filled);
    let published = readme::published::<Sample>(&filled);
    assert!(published.contains("](https://github.com/"), "{published}");
    assert!(!published.contains("<!-- generated"), "{published}");
}

#[test]
fn a_readme_begins_with_the_name_an_introduction_and_the_reason() {
    let template = include_str!("../../../../xtask/new-policy/README.md");
    assert_eq!(readme::check_beginning(template, "new-policy"), Ok(()));
    for (text, problem) in [
        ("# Sample\n\nIt judges.\n\n## Why\n\nSo.\n", "the title must be `# sample`"),
        ("# sample\n\n## Why\n\nSo.\n", "an introduction and then a section `## Why` must come first"),
        (
            "# sample\n\nIt judges.\n\n## Rules\n\n## Why\n",
            "an introduction and then a section `## Why` must come first",
        ),
        ("# sample\n\nIt judges.\n\n## Whyever\n", "an introduction and then a section `## Why` must come first"),
    ] {
        assert_eq!(readme::check_beginning(text, "sample").unwrap_err(), problem, "{text}");
    }
}

#[test]
fn a_readme_that_lacks_a_part_is_refused() {
    let refused = |text: &str| readme::fill::<Sample>(text, &[]).unwrap_err();
    assert!(refused("<!-- generated: rules --><!-- end -->").contains("settings"));
    assert!(refused("<!-- generated: verdicts --><!-- end -->").contains("verdicts"));
    assert!(refused("<!-- generated: cases/tags.yaml --><!-- end -->").contains("cases/tags.yaml"));
}
