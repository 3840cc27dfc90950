//! The settings of a module as they are published. Nothing of this is in a module.

use crate::common::CommonSettings;
use crate::policy::Described;
use crate::settings::{Field, Fields as _, Kind, Setting as _, Tree};

/// The common settings, as far as `M` decides about them: what rules there are and how it treats containers.
#[must_use]
pub fn common_settings<M: Described + ?Sized>() -> Vec<Field> {
    let mut fields = CommonSettings::fields();
    fields.retain(|field| field.name != "rules" || !M::RULES.is_empty());
    for field in &mut fields {
        match field.name {
            "containers" => set_defaults(field, &M::FACTS.containers.tree()),
            "rules" => {
                let Kind::Map(action) = field.kind.clone() else { continue };
                let rules = M::RULES.iter().map(|rule| Field {
                    name: rule.id,
                    about: rule.about,
                    kind: (*action).clone(),
                    default: rule.default.tree(),
                });
                field.kind = Kind::Object(rules.collect());
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
