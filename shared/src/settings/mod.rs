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
pub use describe::{Choice, Field, Kind, Tree};
pub use exemption::Exemption;
pub use reader::{Faults, Fields, Given, Named, Setting};
#[cfg(feature = "testing")]
pub(crate) use reader::{MAX_ENTRIES, MAX_TEXT};

use std::cell::RefCell;

use crate::findings::Rule;
use crate::json::{Node, Shape};
use crate::policy::Policy;

/// How long the settings may be as JSON, in bytes. They travel in every request.
const MAX_SETTINGS: usize = 64 * 1024;
/// How deep settings may nest. The deepest that a policy has is an exemption.
const MAX_DEPTH: u8 = 16;

/// Settings with rules between their fields.
pub trait Validate {
    /// Adds a fault for every combination of values that makes no sense.
    fn validate(&self, faults: &mut Faults) {
        let _ = faults;
    }

    /// Adds the faults that take too long to look for in every request. It is called when the settings are checked and
    /// nothing else is wrong with them; what it would find has to fail closed when a request is judged.
    fn validate_once(&self, faults: &mut Faults) {
        let _ = faults;
    }
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
        let mut settings = Self::default();
        let Settings { common, own } = &mut settings;
        let mut faults = fill(text.unwrap_or("null"), &[S::NAMES, CommonSettings::NAMES], &mut |name, given| {
            if S::NAMES.contains(&name) { own.set(name, given) } else { common.set(name, given) }
        });
        if faults.is_empty() {
            settings.common.validate(P::RULES, &mut faults);
            settings.own.validate(&mut faults);
        }
        if faults.is_empty() { Ok(settings) } else { Err(faults) }
    }

    /// Reads and checks the settings, in full.
    ///
    /// # Errors
    /// Every fault, with its path.
    pub fn check<P: Policy<Settings = S>>(text: Option<&str>) -> Result<(), Faults> {
        let mut faults = Faults::default();
        Self::read::<P>(text)?.own.validate_once(&mut faults);
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

/// Reads the JSON text of settings by calling `set` with each, and returns what is wrong.
fn fill(text: &str, names: &[&[&str]], set: &mut dyn FnMut(&str, Given<'_>)) -> Faults {
    let mut faults = Faults::default();
    if text.len() > MAX_SETTINGS {
        faults.add("", &format!("the settings are longer than {MAX_SETTINGS} bytes"));
        return faults;
    }
    match Node::read(text, &Shape::Everything(MAX_DEPTH)) {
        Ok(Node::Null) => faults,
        Ok(node) => {
            let faults = RefCell::new(faults);
            Given::root(&node, &faults).fields(names, set);
            faults.into_inner()
        }
        Err(error) => {
            faults.add("", &format!("the settings cannot be read: {error}"));
            faults
        }
    }
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

    fn validate(&self, rules: &[&Rule], faults: &mut Faults) {
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
