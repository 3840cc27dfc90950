//! Several policies in one module: an object is parsed once, and each policy says what it would say alone.

use std::cell::RefCell;

use crate::findings::Rule;
use crate::policy::Policy;
use crate::settings::{self, ClassActions, CommonSettings, Faults, Fields as _, Given, POLICIES, Settings};
#[cfg(not(target_family = "wasm"))]
use crate::settings::{Field, Kind, Tree};
use crate::verdict::{Configured, Judge};
use json::Node;

/// The common settings that are defaults for all policies. A rule belongs to one policy, so `rules` is none of them.
const DEFAULTS: [&str; 4] = ["action", "containers", "exemptions", "updates"];

/// A policy that can be one of several in a module.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// The name of the policy.
    pub name: &'static str,
    rules: &'static [&'static Rule],
    read: Read,
    /// What the policy does, in one sentence.
    #[cfg(not(target_family = "wasm"))]
    pub about: &'static str,
    /// All settings of the policy.
    #[cfg(not(target_family = "wasm"))]
    settings: fn() -> Vec<Field>,
    /// Answers `validate` as the policy's own module does.
    #[cfg(not(target_family = "wasm"))]
    pub validate: fn(&[u8]) -> Vec<u8>,
    /// Answers `validate_settings` as the policy's own module does.
    #[cfg(not(target_family = "wasm"))]
    pub validate_settings: fn(&[u8]) -> Vec<u8>,
}

/// Reads the settings of a policy on top of defaults.
type Read = fn(&Node<'_>, &CommonSettings) -> Result<Box<dyn Judge>, Faults>;

impl Member {
    /// The policy `P`.
    #[must_use]
    pub const fn of<P: Policy>() -> Self {
        Self {
            name: P::NAME,
            rules: P::RULES,
            read: |node, defaults| {
                let settings = Settings::read_over::<P>(node, defaults, Faults::of_policy(P::NAME))?;
                Ok(Box::new(Configured::<P> { settings, among_others: true }))
            },
            #[cfg(not(target_family = "wasm"))]
            about: P::METADATA.description,
            #[cfg(not(target_family = "wasm"))]
            settings: settings::all::<P>,
            #[cfg(not(target_family = "wasm"))]
            validate: crate::wapc::validate::<P>,
            #[cfg(not(target_family = "wasm"))]
            validate_settings: crate::wapc::validate_settings::<P>,
        }
    }
}

/// How a module of several policies treats containers: each policy has its own way.
pub const AS_EACH_POLICY: ClassActions = ClassActions { main: None, init: None, sidecar: None, ephemeral: None };

/// Reads the settings of a module of these policies: `policies`, and defaults for all of them.
///
/// # Errors
/// Every fault, with its path.
pub fn configure(members: &[Member], text: Option<&str>) -> Result<Vec<Box<dyn Judge>>, Faults> {
    let root = settings::parse(text)?;
    let mut defaults = CommonSettings::default();
    let faults = RefCell::new(Faults::default());
    if root != Node::Null {
        let names: Vec<&str> = members.iter().map(|member| member.name).collect();
        Given::root(&root, &faults).fields(&[&[POLICIES], &DEFAULTS], &mut |name, given| {
            if name == POLICIES {
                // Whether they are known is all that is asked here: each policy reads its own.
                given.fields_of("policy", &[&names], &mut |_, _| ());
            } else {
                defaults.set(name, given);
            }
        });
    }
    let mut faults = faults.into_inner();
    // Only exemptions name rules.
    if faults.is_empty() && !defaults.exemptions.is_empty() {
        let mut rules: Vec<&Rule> = Vec::new();
        for rule in members.iter().flat_map(|member| member.rules) {
            if rules.iter().all(|known| known.id != rule.id) {
                rules.push(rule);
            }
        }
        defaults.validate(&rules, &mut faults);
    }
    let mut judges = Vec::new();
    for member in members {
        let node = root.get(POLICIES).and_then(|policies| policies.get(member.name)).unwrap_or(&Node::Null);
        if matches!(node, Node::Bool(false)) {
            continue;
        }
        match (member.read)(node, &defaults) {
            Ok(judge) => judges.push(judge),
            Err(more) => faults.append(more),
        }
    }
    if faults.is_empty() && judges.is_empty() {
        faults.add(POLICIES, "every policy is false; leave one, or remove this module");
    }
    if faults.is_empty() { Ok(judges) } else { Err(faults) }
}

/// What the setting `policies` of a module of these policies is.
#[cfg(not(target_family = "wasm"))]
#[must_use]
pub fn describe(members: &[Member]) -> Vec<Field> {
    let policies = members.iter().map(|member| Field {
        name: member.name,
        about: member.about,
        kind: Kind::Switch(Box::new(Kind::Object((member.settings)()))),
        default: Tree::Null,
    });
    vec![Field {
        name: POLICIES,
        about: "The settings of each policy by its name; `false` leaves it out.",
        kind: Kind::Object(policies.collect()),
        default: Tree::Null,
    }]
}

/// Declares a module of several policies.
///
/// ```ignore
/// combined! {
///     /// Every policy in one module.
///     pub struct Seaworthy {
///         title: "All practices",
///         severity: High,
///         category: Security,
///         guide: Building,
///         members: POLICIES,
///     }
/// }
/// ```
#[macro_export]
macro_rules! combined {
    (
        $(#[$attribute:meta])*
        pub struct $name:ident {
            title: $title:literal,
            severity: $severity:ident,
            category: $category:ident,
            guide: $guide:ident,
            members: $members:expr,
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl $crate::policy::Module for $name {
            fn configure(
                text: Option<&str>,
            ) -> Result<Vec<Box<dyn $crate::policy::Judge>>, $crate::settings::Faults> {
                $crate::combined::configure($members, text)
            }

            #[cfg(not(target_family = "wasm"))]
            fn own_settings() -> Vec<$crate::settings::Field> {
                $crate::combined::describe($members)
            }

            #[cfg(not(target_family = "wasm"))]
            fn members() -> &'static [$crate::combined::Member] {
                $members
            }
        }

        $crate::module! {
            $name {
                title: $title,
                severity: $severity,
                category: $category,
                guide: $guide,
                containers: $crate::combined::AS_EACH_POLICY,
                rules: [],
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_the_common_settings_but_rules() {
        let known: Vec<&str> = CommonSettings::NAMES.iter().copied().filter(|name| *name != "rules").collect();
        assert_eq!(known, DEFAULTS);
    }
}
