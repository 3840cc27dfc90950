//! `questions-ui.yml`: the form that the Rancher UI shows for the settings of a policy.
//!
//! Only what that UI renders is used. It draws no `tooltip`, misreads `!=` in `show_if`, cannot satisfy `required` of a
//! dotted name, drops empty lists, and writes each `default` into the settings as soon as the form opens. A default is
//! therefore given only where a control without one would show something else: for switches, numbers and choices.

use shared::module::{Module, common_settings};
use shared::settings::{Field, Kind, Tree};

/// The form for the settings of `M`.
pub(super) fn form<M: Module>() -> Tree {
    let mut questions = Vec::new();
    for field in M::own_settings() {
        ask(&mut questions, "", &field, "Settings", true);
    }
    for field in common_settings::<M>() {
        let group = match field.name {
            "containers" => "Containers",
            "exemptions" => "Exemptions",
            "rules" => "Rules",
            _ => "Effect of findings",
        };
        // The default of a rule, written into the settings, would outdo `action`.
        let with_default = group == "Effect of findings";
        ask(&mut questions, "", &field, group, with_default);
    }
    Tree::object([("questions", Tree::List(questions))])
}

/// Adds the questions for one setting: itself, or the fields of an object one by one.
fn ask(questions: &mut Vec<Tree>, parent: &str, field: &Field, group: &str, with_default: bool) {
    let variable = format!("{parent}{}", field.name);
    let group = if matches!(field.kind, Kind::Switch(_)) { field.name } else { group };
    if let Some(fields) = field.kind.fields() {
        // The defaults of an object that is absent by default are none of the policy.
        let with_default = with_default && field.default != Tree::Null;
        for field in fields {
            ask(questions, &format!("{variable}."), field, group, with_default);
        }
        return;
    }
    let mut question = question(&variable, field);
    let scalar = matches!(field.kind, Kind::Boolean | Kind::Integer | Kind::Choice(_) | Kind::ChoiceOrList(..));
    if with_default && scalar && field.default != Tree::Null {
        question.push(("default".into(), field.default.clone()));
    }
    question.push(("group".into(), group.into()));
    questions.push(Tree::Object(question));
}

/// A question without its group.
fn question(variable: &str, field: &Field) -> Vec<(String, Tree)> {
    let kind = match &field.kind {
        Kind::Boolean => "boolean",
        Kind::Integer => "int",
        Kind::Text | Kind::Pattern(_) => "string",
        // A list takes the YAML of the settings.
        Kind::Choice(_) | Kind::ChoiceOrList(..) => "enum",
        Kind::List(item) if matches!(**item, Kind::Object(_)) => "sequence[",
        Kind::List(_) => "array[",
        Kind::Map(_) | Kind::Object(_) | Kind::Switch(_) => "map[",
    };
    let mut question = vec![
        ("variable".to_owned(), variable.into()),
        ("type".to_owned(), kind.into()),
        ("label".to_owned(), label(variable).into()),
        ("description".to_owned(), description(field).into()),
    ];
    match &field.kind {
        Kind::Choice(choices) | Kind::ChoiceOrList(choices, ..) => {
            question.push(("options".into(), Tree::list(choices.iter().map(|choice| choice.name))));
        }
        Kind::List(item) => {
            if let Kind::Object(fields) = &**item {
                let entries = fields.iter().map(|field| Tree::Object(self::question(field.name, field)));
                question.push(("sequence_questions".into(), Tree::list(entries)));
            }
        }
        _ => {}
    }
    question
}

/// The name of a setting as words: `requireRunAsNonRoot` is "Require run as non root". Rules keep their names.
fn label(variable: &str) -> String {
    if let Some(rule) = variable.strip_prefix("rules.") {
        return rule.to_owned();
    }
    let mut label = String::new();
    for letter in variable.chars() {
        match letter {
            '.' => label.push_str(": "),
            upper if upper.is_ascii_uppercase() => {
                label.push(' ');
                label.push(upper.to_ascii_lowercase());
            }
            letter if label.is_empty() => label.push(letter.to_ascii_uppercase()),
            letter => label.push(letter),
        }
    }
    label
}

/// The meaning of the setting, and its default. The UI shows plain text.
fn description(field: &Field) -> String {
    let mut about = field.about.replace('`', "");
    if let Kind::List(item) = &field.kind
        && let Kind::Choice(choices) = &**item
    {
        let names: Vec<&str> = choices.iter().map(|choice| choice.name).collect();
        about = format!("{about} Known: {}.", names.join(", "));
    }
    match super::readme::shown(&field.default) {
        Some(default) if !["[]", "{}", "''"].contains(&default.as_str()) => format!("{about} Default: {default}."),
        _ => about,
    }
}
