//! `settings.schema.json`: what settings may be, as JSON Schema, draft 2020-12.

use super::{GENERATED, names};
use crate::policy::Policy;
use crate::settings::{CommonSettings, Field, Fields, Kind, MAX_ENTRIES, MAX_TEXT, Setting, Tree};

/// The schema as a file of its own.
pub(super) fn document<P: Policy>() -> Tree {
    let policy = &P::METADATA;
    let id = format!(
        "{}/raw/{}/artifacthub/{}/{}/settings.schema.json",
        policy.repository,
        names::tag(policy),
        P::NAME,
        policy.version
    );
    let mut document = vec![
        ("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into()),
        ("$id".to_owned(), id.into()),
        ("$comment".to_owned(), GENERATED.into()),
        ("title".to_owned(), format!("Settings of {}", P::NAME).into()),
    ];
    if let Tree::Object(fields) = settings::<P>() {
        document.extend(fields);
    }
    Tree::Object(document)
}

/// The schema of the settings of `P`.
pub(super) fn settings<P: Policy>() -> Tree {
    object(&fields::<P>())
}

/// The settings of `P`: its own and the common ones, which say what rules there are and how `P` treats containers.
pub(super) fn fields<P: Policy>() -> Vec<Field> {
    let mut fields = <P::Settings as Fields>::fields();
    fields.extend(common::<P>());
    fields
}

/// The common settings, as far as `P` decides about them.
pub(super) fn common<P: Policy>() -> Vec<Field> {
    let mut fields = CommonSettings::fields();
    for field in &mut fields {
        match field.name {
            "containers" => set_defaults(field, &P::CONTAINERS.tree()),
            "rules" => {
                let Kind::Map(action) = field.kind.clone() else { continue };
                let rules = P::RULES.iter().zip(P::METADATA.rules);
                field.kind = Kind::Object(
                    rules
                        .map(|(rule, about)| Field {
                            name: rule.id,
                            about,
                            kind: (*action).clone(),
                            default: rule.default.tree(),
                        })
                        .collect(),
                );
            }
            _ => {}
        }
    }
    fields
}

/// Gives a setting and those in it these defaults.
fn set_defaults(field: &mut Field, defaults: &Tree) {
    if let Kind::Object(fields) = &mut field.kind {
        for field in fields {
            field.default = defaults.get(field.name).cloned().unwrap_or(Tree::Null);
        }
    }
    field.default = defaults.clone();
}

fn object(fields: &[Field]) -> Tree {
    let properties = fields.iter().map(|field| {
        let mut schema = vec![("description".to_owned(), field.about.into())];
        if let Tree::Object(fields) = value(&field.kind) {
            schema.extend(fields);
        }
        // The default of an object is that of its fields.
        if field.default != Tree::Null && !matches!(field.kind, Kind::Object(_)) {
            schema.push(("default".to_owned(), field.default.clone()));
        }
        (field.name, Tree::Object(schema))
    });
    Tree::object([
        ("type", "object".into()),
        ("additionalProperties", false.into()),
        ("properties", Tree::object(properties)),
    ])
}

fn value(kind: &Kind) -> Tree {
    let integer = |value: usize| Tree::Integer(i64::try_from(value).unwrap_or(i64::MAX));
    match kind {
        Kind::Boolean => Tree::object([("type", "boolean".into())]),
        Kind::Integer => Tree::object([("type", "integer".into())]),
        Kind::Text => Tree::object([("type", "string".into()), ("maxLength", integer(MAX_TEXT))]),
        // One alternative a value, because each has a description.
        Kind::Choice(choices) => {
            let alternative =
                |value: Tree, about: &str| Tree::object([("const", value), ("description", about.into())]);
            let mut all: Vec<Tree> =
                choices.iter().map(|choice| alternative(choice.name.into(), choice.about)).collect();
            if choices.iter().any(|choice| choice.name == "off") {
                all.push(alternative(
                    false.into(),
                    "`off` without quotes, as readers of YAML 1.1 take it: kubectl, helm.",
                ));
            }
            Tree::object([("oneOf", Tree::List(all))])
        }
        Kind::List(item) => {
            Tree::object([("type", "array".into()), ("maxItems", integer(MAX_ENTRIES)), ("items", value(item))])
        }
        Kind::Map(item) => Tree::object([
            ("type", "object".into()),
            ("maxProperties", integer(MAX_ENTRIES)),
            ("additionalProperties", value(item)),
        ]),
        Kind::Object(fields) => object(fields),
    }
}
