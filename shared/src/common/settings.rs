//! The settings of a policy: its own beside the common ones.

use std::cell::RefCell;

use super::fields::{ClassActions, CommonSettings};
use crate::findings::Rule;
use crate::settings::{Faults, Fields, Given};
use json::Node;

/// The settings of a policy: the common ones and its own.
#[derive(Debug, Default)]
pub struct Settings<S> {
    /// The settings that every policy has.
    pub common: CommonSettings,
    /// The settings of this policy.
    pub own: S,
}

impl<S: Fields> Settings<S> {
    /// Reads settings, and checks them against the `rules` of their policy and by `checks`. What they do not say is as
    /// the `defaults` say; their exemptions are added to those of the defaults. `null` says nothing. One fault hides no
    /// other: what cannot be read has its default in the checks.
    ///
    /// # Errors
    /// Every fault, added to `faults`.
    pub(crate) fn read(
        node: &Node<'_>,
        rules: &[&Rule],
        checks: &[fn(&S, &mut Faults)],
        defaults: &CommonSettings,
        faults: Faults,
    ) -> Result<Self, Faults> {
        let mut own = Checked { settings: S::default(), checks };
        let common = read_both(&mut own, S::NAMES, rules, node, defaults, faults)?;
        Ok(Self { common, own: own.settings })
    }
}

/// The settings of a policy itself, type-erased, so that the reader is compiled once per module, not once per policy.
trait Own {
    fn set(&mut self, name: &str, given: Given<'_>);
    fn validate(&self, faults: &mut Faults);
}

/// Settings, and what checks them.
struct Checked<'c, S> {
    settings: S,
    checks: &'c [fn(&S, &mut Faults)],
}

impl<S: Fields> Own for Checked<'_, S> {
    fn set(&mut self, name: &str, given: Given<'_>) {
        self.settings.set(name, given);
    }

    fn validate(&self, faults: &mut Faults) {
        self.checks.iter().for_each(|check| check(&self.settings, faults));
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
    CommonSettings::validate(node, rules, &mut faults);
    own.validate(&mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    common.containers = common.containers.or(&defaults.containers);
    common.exemptions.extend(defaults.exemptions.iter().cloned());
    Ok(common)
}
