//! Several policies in one module: an object is parsed once, and each policy gives the verdict that it would give
//! alone.

use std::cell::RefCell;

#[cfg(feature = "describe")]
use super::describe::common_settings;
use crate::common::{ClassActions, CommonSettings, Exemption};
#[cfg(feature = "describe")]
use crate::facts::Facts;
use crate::findings::Rule;
use crate::inspection::Inspects;
use crate::pod::{Model, Reads};
#[cfg(feature = "describe")]
use crate::policy::{self, Configure};
use crate::policy::{Checks, Configured, Judge, Policy};
use crate::settings::{self, Faults, Fields as _, Given};
#[cfg(feature = "describe")]
use crate::settings::{Field, Kind, Tree};
use json::Node;

/// The common settings that are defaults for all policies. A rule belongs to one policy, so `rules` is none of them.
const DEFAULTS: [&str; 5] = ["action", "containers", "controllers", "exemptions", "updates"];

/// The setting of a module of several policies that holds the settings of each.
pub(crate) const POLICIES: &str = "policies";

/// A policy that can be one of several in a module.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// The name of the policy.
    pub name: &'static str,
    rules: &'static [&'static Rule],
    read: Read,
    /// The fields of a pod that the policy reads.
    pub model: &'static Model,
    /// What the policy needs of images.
    pub inspects: Inspects,
    /// The declared facts of the policy.
    #[cfg(feature = "describe")]
    pub facts: &'static Facts,
    /// The description of the policy, in one sentence.
    #[cfg(feature = "describe")]
    pub about: &'static str,
    /// All settings of the policy.
    #[cfg(feature = "describe")]
    pub(super) settings: fn() -> Vec<Field>,
    /// Reads the settings of the policy when it judges alone, as [`policy::configure`] does.
    #[cfg(feature = "describe")]
    pub configure: Configure,
}

/// Reads the settings of a policy on top of defaults.
type Read = fn(&Node<'_>, Checks, &CommonSettings) -> Result<Box<dyn Judge>, Faults>;

impl Member {
    /// The policy `P`.
    #[must_use]
    pub const fn of<P: Policy>() -> Self {
        Self {
            name: P::NAME,
            rules: P::RULES,
            model: P::MODEL,
            inspects: P::INSPECTS,
            #[cfg(feature = "describe")]
            facts: const { &P::FACTS },
            read: |node, checks, defaults| {
                let faults = Faults::below(&format!("{POLICIES}.{}", P::NAME));
                Ok(Box::new(Configured::<P>::read_with_defaults(node, checks, defaults, faults)?))
            },
            #[cfg(feature = "describe")]
            about: P::PACKAGE.description,
            #[cfg(feature = "describe")]
            settings: || {
                let mut fields = P::Settings::fields();
                fields.extend(common_settings::<P>());
                fields
            },
            #[cfg(feature = "describe")]
            configure: policy::configure::<P>,
        }
    }
}

/// The fields that these policies read together.
#[must_use]
pub const fn reads(members: &[Member]) -> Reads {
    let (mut reads, mut rest) = (Reads::BASE, members);
    while let [member, others @ ..] = rest {
        reads = reads.and(member.model.reads);
        rest = others;
    }
    reads
}

/// What these policies need of images together.
#[must_use]
pub const fn inspects(members: &[Member]) -> Inspects {
    let (mut inspects, mut rest) = (Inspects::Nothing, members);
    while let [member, others @ ..] = rest {
        inspects = inspects.or(member.inspects);
        rest = others;
    }
    inspects
}

/// The treatment of containers in a module of several policies: each policy has its own.
pub const AS_EACH_POLICY: ClassActions = ClassActions { main: None, init: None, sidecar: None, ephemeral: None };

/// Reads the settings of a module of these policies: `policies`, and defaults for all of them.
///
/// # Errors
/// Every fault, with its path.
pub fn configure(members: &[Member], text: Option<&str>, checks: Checks) -> Result<Vec<Box<dyn Judge>>, Faults> {
    let root = settings::parse(text)?;
    let mut defaults = CommonSettings::default();
    let faults = RefCell::new(Faults::default());
    if root != Node::Null {
        let names: Vec<&str> = members.iter().map(|member| member.name).collect();
        Given::root(&root, &faults).fields(&[&[POLICIES], &DEFAULTS], &mut |name, given| {
            if name == POLICIES {
                // Only the names are checked here: each policy reads its own settings.
                given.fields_of("policy", &[&names], &mut |_, _| ());
            } else {
                defaults.set(name, given);
            }
        });
    }
    let mut faults = faults.into_inner();
    let mut rules: Vec<&str> = Vec::new();
    for rule in members.iter().flat_map(|member| member.rules) {
        if !rules.contains(&rule.id) {
            rules.push(rule.id);
        }
    }
    Exemption::validate(&root, &rules, &mut faults);
    let mut judges = Vec::new();
    for member in members {
        let node = root.get(POLICIES).and_then(|policies| policies.get(member.name)).unwrap_or(&Node::Null);
        if matches!(node, Node::Bool(false)) {
            continue;
        }
        match (member.read)(node, checks, &defaults) {
            Ok(judge) => judges.push(judge),
            Err(more) => faults.append(more),
        }
    }
    if faults.is_empty() && judges.is_empty() {
        faults.add(POLICIES, "every policy is false; leave one, or remove this module");
    }
    if faults.is_empty() { Ok(judges) } else { Err(faults) }
}

/// The settings of a module of these policies that no other module has.
#[cfg(feature = "describe")]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_the_common_settings_but_rules() {
        let known: Vec<&str> = CommonSettings::NAMES.iter().copied().filter(|name| *name != "rules").collect();
        assert_eq!(known, DEFAULTS);
    }
}
