//! Settings that every policy has, and how settings are read and checked.
//!
//! A policy declares its own settings with [`settings!`](crate::settings!). They stand beside the common ones in the
//! same object. Unknown keys are refused with the nearest known one, `null` equals absent, and every fault is reported
//! with its path.

mod common;
#[cfg(not(target_family = "wasm"))]
mod describe;
mod exemption;
mod reader;

pub use common::{Action, ClassAction, ClassActions, CommonSettings, RuleAction, Updates};
#[cfg(not(target_family = "wasm"))]
pub use describe::{Choice, Field, Kind, Tree, all, common};
pub use exemption::Exemption;
pub(crate) use reader::POLICIES;
pub use reader::{Faults, Fields, Given, MAX_ENTRIES, MAX_TEXT, Named, Setting};

use std::cell::RefCell;

use crate::findings::Rule;
use crate::policy::Policy;
use json::{Node, Shape};

/// How long the settings may be as JSON, in bytes. They travel in every request.
const MAX_SETTINGS: usize = 64 * 1024;
/// How deep settings may nest. The deepest that a policy has is an exemption.
const MAX_DEPTH: u8 = 16;

/// Settings with rules between their fields.
pub trait Validate {
    /// Adds a fault for every combination of values that makes no sense.
    fn validate(&self, _faults: &mut Faults) {}

    /// Adds the faults that take too long to look for in every request. It is called when the settings are checked and
    /// nothing else is wrong with them; what it would find has to fail closed when a request is judged.
    fn validate_once(&self, _faults: &mut Faults) {}
}

crate::settings! {
    /// The settings of a policy that has none of its own.
    pub struct NoSettings {}
}

impl Validate for NoSettings {}

/// The settings of a policy: the common ones and its own.
#[derive(Debug, Default)]
pub struct Settings<S> {
    /// What every policy has.
    pub common: CommonSettings,
    /// What this policy has.
    pub own: S,
}

impl<S: Fields + Validate> Settings<S> {
    /// Reads and checks the JSON text of the settings of the policy `P`. Absent settings are the defaults.
    ///
    /// # Errors
    /// Every fault, with its path.
    pub fn read<P: Policy<Settings = S>>(text: Option<&str>) -> Result<Self, Faults> {
        Self::read_over::<P>(&parse(text)?, &CommonSettings::default(), Faults::default())
    }

    /// Reads and checks the settings of the policy `P`. What they do not say is as the `defaults` say; their exemptions
    /// are added to those of the defaults. `null` says nothing.
    ///
    /// # Errors
    /// Every fault, added to `faults`.
    pub(crate) fn read_over<P: Policy<Settings = S>>(
        node: &Node<'_>,
        defaults: &CommonSettings,
        faults: Faults,
    ) -> Result<Self, Faults> {
        let mut own = S::default();
        let common = read_both(&mut own, S::NAMES, P::RULES, node, defaults, faults)?;
        Ok(Self { common, own })
    }
}

/// The settings of a policy itself, of whatever type they are: what reads settings is in a module once, not once a
/// policy.
trait Own {
    fn set(&mut self, name: &str, given: Given<'_>);
    fn validate(&self, faults: &mut Faults);
}

impl<S: Fields + Validate> Own for S {
    fn set(&mut self, name: &str, given: Given<'_>) {
        Fields::set(self, name, given);
    }

    fn validate(&self, faults: &mut Faults) {
        Validate::validate(self, faults);
    }
}

/// Reads settings into those of the policy itself, which have these names, and the common ones.
fn read_both(
    own: &mut dyn Own,
    names: &[&str],
    rules: &[&Rule],
    node: &Node<'_>,
    defaults: &CommonSettings,
    faults: Faults,
) -> Result<CommonSettings, Faults> {
    let mut common = CommonSettings { containers: ClassActions::default(), exemptions: Vec::new(), ..defaults.clone() };
    let faults = RefCell::new(faults);
    if !matches!(node, Node::Null) {
        Given::root(node, &faults).fields(&[names, CommonSettings::NAMES], &mut |name, given| {
            if names.contains(&name) { own.set(name, given) } else { common.set(name, given) }
        });
    }
    let mut faults = faults.into_inner();
    if faults.is_empty() {
        common.validate(rules, &mut faults);
        own.validate(&mut faults);
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    common.containers = common.containers.or(&defaults.containers);
    common.exemptions.extend(defaults.exemptions.iter().cloned());
    Ok(common)
}

/// Parses the JSON text of settings. Absent settings are `null`.
///
/// # Errors
/// The settings are too long or no JSON.
pub(crate) fn parse(text: Option<&str>) -> Result<Node<'_>, Faults> {
    let text = text.unwrap_or("null");
    let parsed = if text.len() > MAX_SETTINGS {
        Err(format!("the settings are longer than {MAX_SETTINGS} bytes"))
    } else {
        Node::read(text, &Shape::Everything(MAX_DEPTH)).map_err(|error| format!("the settings cannot be read: {error}"))
    };
    parsed.map_err(|problem| {
        let mut faults = Faults::default();
        faults.add("", &problem);
        faults
    })
}

impl CommonSettings {
    /// What a finding of `rule` does, before its container is looked at. `None` when it is off.
    pub(crate) fn action(&self, rule: &Rule) -> Option<Action> {
        match self.rules.get(rule.id).copied().unwrap_or(match (rule.default, self.action) {
            (RuleAction::Deny, Action::Warn) => RuleAction::Warn,
            (default, _) => default,
        }) {
            RuleAction::Deny => Some(Action::Deny),
            RuleAction::Warn => Some(Action::Warn),
            RuleAction::Off => None,
        }
    }

    /// Adds a fault for every rule that is none of `rules` and every exemption that makes no sense.
    pub(crate) fn validate(&self, rules: &[&Rule], faults: &mut Faults) {
        let ids: Vec<&str> = rules.iter().map(|rule| rule.id).collect();
        for (id, _) in &self.rules.0 {
            if !ids.contains(&id.as_str()) {
                faults.add(&format!("rules.{id}"), &reader::unknown("rule", id, &[&ids]));
            }
        }
        for (index, exemption) in self.exemptions.iter().enumerate() {
            exemption.validate(&format!("exemptions[{index}]"), &ids, faults);
        }
    }
}
