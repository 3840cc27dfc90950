//! The README of a policy: its generated parts, as it is published, and the short form that the module carries.

use std::fmt::Write as _;

use super::text::GENERATED;
use super::{document, names, tables};
use crate::case::Case;
use shared::module::{Module, common_settings};
use shared::settings::{Field, Kind, Setting, Tree};

/// The README with its generated parts made anew: the tables of `rules` and of `settings`, and those of images in a case
/// file, as `cases/FILE.yaml`.
///
/// # Errors
/// A part is unknown, missing or does not end.
pub(super) fn fill<M: Module>(text: &str, cases: &[Case]) -> Result<String, String> {
    document::fill(text, &["rules", "settings"], &|name| {
        let file = name.strip_prefix("cases/").and_then(|file| file.strip_suffix(".yaml"));
        match (name, file) {
            ("rules", _) => Ok(rules::<M>()),
            ("settings", _) => Ok(settings::<M>()),
            (_, Some(file)) => tables::tables(file, cases),
            _ => Err(format!("there is no part {name}; there are rules, settings and cases/FILE.yaml")),
        }
    })
}

/// Checks that a README begins with the name, an introduction and the section on the reason, which `explain` prints.
///
/// # Errors
/// It does not.
pub(super) fn check_beginning(text: &str, name: &str) -> Result<(), String> {
    let rest = text.strip_prefix("# ").and_then(|text| text.strip_prefix(name)?.strip_prefix("\n\n"));
    let rest = rest.ok_or_else(|| format!("the title must be `# {name}`"))?;
    match rest.split_once("\n## ") {
        Some((introduction, sections)) if sections.starts_with("Why\n") && !introduction.trim().is_empty() => Ok(()),
        _ => Err("an introduction and then a section `## Why` must come first".to_owned()),
    }
}

/// The README as a file of its own: links lead to the repository, markers are dropped.
pub(super) fn published<M: Module>(readme: &str) -> String {
    let root = format!("]({}/blob/{}/", M::PACKAGE.repository, names::tag(&M::PACKAGE));
    let mut text = format!("<!-- {GENERATED} -->\n\n");
    for line in readme.lines().filter(|line| !line.starts_with("<!--")) {
        let line = line.replace("](../../", &root).replace("](../", &format!("{root}policies/"));
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// Where the findings of a member of a policy group are. Source: Kubewarden, `PolicyGroupEvaluator::validate`.
const IN_A_GROUP: &str = "\n## In a policy group\n\nFindings are causes of the answer, which `kubectl -v=4` shows; \
                          warnings and audit annotations are not passed on.\n";

/// The manual that `kwctl inspect` shows: the README in short. In full it would take a module beyond its budget of
/// bytes.
pub(crate) fn usage<M: Module>() -> String {
    let (title, guide) = (M::FACTS.title, M::FACTS.guide);
    let mut text = format!(
        "# {title}\n\n{}\n\nPractice: [{}]({})\n\nManual: {}\n\n## Settings\n\n",
        M::PACKAGE.description,
        guide.title,
        guide.url(),
        names::home::<M>()
    );
    for row in rows(&M::own_settings()) {
        let default = if row.default.is_empty() { String::new() } else { format!(" (`{}`)", row.default) };
        let _ = writeln!(text, "- `{}`{default}: {}", row.key, row.about);
    }
    let common = common_settings::<M>();
    let _ = writeln!(text, "- As every policy: {}", code(common.iter().map(|field| field.name)));
    text.push_str(IN_A_GROUP);
    text
}

/// The table of rules.
fn rules<M: Module>() -> String {
    if M::RULES.is_empty() {
        return "Those of its policies.\n".to_owned();
    }
    let mut table = "| rule | default | finds |\n|---|---|---|\n".to_owned();
    for rule in M::RULES {
        let default = rule.default.tree();
        let example = names::playground::<M>(rule.id).map(|url| format!(" [Try it]({url})")).unwrap_or_default();
        let (default, about) = (default.as_str().unwrap_or_default(), cell(rule.about));
        let _ = writeln!(table, "| `{}` | {default} | {about}{example} |", rule.id);
    }
    table
}

/// The table of the policy's own settings.
fn settings<M: Module>() -> String {
    let rows = rows(&M::own_settings());
    if rows.is_empty() {
        return "None of its own.\n".to_owned();
    }
    let mut table = "| key | default | meaning |\n|---|---|---|\n".to_owned();
    for row in rows {
        let default = if row.default.is_empty() { String::new() } else { format!("`{}`", row.default) };
        let _ = writeln!(table, "| `{}` | {} | {} |", row.key, cell(&default), cell(&row.about));
    }
    table
}

/// A line of the table of settings.
struct Row {
    key: String,
    /// The default; empty when there is none.
    default: String,
    about: String,
}

/// The settings, those in others by their path.
fn rows(fields: &[Field]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut objects = Vec::new();
    for field in fields {
        add(&mut rows, &mut objects, "", field);
    }
    rows
}

/// Adds the rows of one setting. `objects` are those before it, with their paths: the fields of one like them are not
/// listed again.
fn add<'f>(rows: &mut Vec<Row>, objects: &mut Vec<(String, &'f [Field])>, parent: &str, field: &'f Field) {
    let key = format!("{parent}{}", field.name);
    let (kind, suffix) = match &field.kind {
        Kind::List(item) => (&**item, "[]."),
        Kind::Map(item) => (&**item, ".*."),
        kind => (kind, "."),
    };
    let mut about = field.about.to_owned();
    if let Kind::Choice(choices) | Kind::ChoiceOrList(choices, ..) = kind {
        about.push(' ');
        about.push_str(&self::choices(choices));
    }
    let Kind::Object(fields) = kind else {
        rows.push(Row { key, default: shown(&field.default).unwrap_or_default(), about });
        return;
    };
    let alike = objects.iter().find(|(_, others)| *others == fields.as_slice());
    if let Some((other, _)) = alike {
        let _ = write!(about, " With the keys of `{other}`.");
    }
    if alike.is_some() || !matches!(field.kind, Kind::Object(_)) {
        // The default of an object is that of its fields.
        let default = if matches!(field.kind, Kind::Object(_)) { None } else { shown(&field.default) };
        rows.push(Row { key: key.clone(), default: default.unwrap_or_default(), about });
    }
    if alike.is_none() {
        objects.push((key.clone(), fields));
        for field in fields {
            add(rows, objects, &format!("{key}{suffix}"), field);
        }
    }
}

/// The values of a choice and what they mean.
fn choices(choices: &[shared::settings::Choice]) -> String {
    let all: Vec<String> =
        choices.iter().map(|choice| format!("`{}`: {}", choice.name, choice.about.trim_end_matches('.'))).collect();
    format!("{}.", all.join("; "))
}

/// A default as one writes it in YAML; nothing when there is none.
pub(super) fn shown(default: &Tree) -> Option<String> {
    Some(match default {
        Tree::Null => return None,
        Tree::Boolean(value) => value.to_string(),
        Tree::Integer(value) => value.to_string(),
        Tree::Text(text) if is_plain(text) => text.clone(),
        Tree::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Tree::List(items) => {
            let items: Vec<String> = items.iter().filter_map(shown).collect();
            format!("[{}]", items.join(", "))
        }
        Tree::Object(fields) => {
            let fields = fields.iter().filter_map(|(name, value)| Some(format!("{name}: {}", shown(value)?)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
    })
}

/// Returns `true` if YAML reads the text as a text without quotes.
fn is_plain(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" -_./*\\".contains(&byte))
        && !["off", "on", "yes", "no", "true", "false", "null", "y", "n"].contains(&text.to_ascii_lowercase().as_str())
}

fn code<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
