//! `settings.schema.json`: what settings may be, as JSON Schema, draft 2020-12.

use super::names;
use super::text::GENERATED;
use shared::module::Module;
use shared::settings::{Field, Kind, MAX_ENTRIES, MAX_TEXT, Tree};

/// The schema as a file of its own.
pub(super) fn document<M: Module>() -> Tree {
    let id = format!(
        "{}/raw/{}/artifacthub/{}/{}/settings.schema.json",
        M::PACKAGE.repository,
        names::tag(&M::PACKAGE),
        M::NAME,
        M::PACKAGE.version
    );
    let mut document = vec![
        ("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into()),
        ("$id".to_owned(), id.into()),
        ("$comment".to_owned(), GENERATED.into()),
        ("title".to_owned(), format!("Settings of {}", M::NAME).into()),
    ];
    if let Tree::Object(fields) = settings::<M>() {
        document.extend(fields);
    }
    Tree::Object(document)
}

/// The schema of the settings of `M`.
pub(super) fn settings<M: Module>() -> Tree {
    object(&M::settings())
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
        Kind::Switch(kind) => Tree::object([(
            "oneOf",
            Tree::List(vec![value(kind), Tree::object([("const", false.into()), ("description", "Left out.".into())])]),
        )]),
    }
}
