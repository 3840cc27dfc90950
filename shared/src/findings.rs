//! Findings: rules broken at places.

use crate::place::{At, Class, Judged, Owner};
use crate::settings;
use crate::text::{printable, quote};

/// Separates the values of a finding about several: an UPDATE that leaves some of them adds nothing.
pub const SEPARATOR: char = '\u{1f}';

/// One kind of finding that a policy makes. Declared in [`policy!`](crate::policy!), never built by hand.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name in settings, in the audit annotation and in reports: kebab-case.
    pub id: &'static str,
    /// Its action without a setting. `deny` follows the setting `action`.
    pub default: RuleAction,
    /// Its default action for these classes of containers instead.
    classes: &'static [(Class, RuleAction)],
    /// Rules of other policies, as `policy/rule`, that find the same fault at the same place. In a module of several
    /// policies, and in reports, one finding is enough.
    pub covers: &'static [&'static str],
    /// The problem that it finds, in one sentence.
    #[cfg(feature = "describe")]
    pub about: &'static str,
}

impl Rule {
    /// A rule that does the same for every class of containers.
    #[must_use]
    pub const fn new(id: &'static str, default: RuleAction, about: &'static str) -> Self {
        // A module needs no words about its rules.
        #[cfg(not(feature = "describe"))]
        let _ = about;
        Self {
            id,
            default,
            classes: &[],
            covers: &[],
            #[cfg(feature = "describe")]
            about,
        }
    }

    /// The same rule with other defaults for these classes of containers.
    #[must_use]
    pub const fn with_classes(self, classes: &'static [(Class, RuleAction)]) -> Self {
        Self { classes, ..self }
    }

    /// The same rule, which covers these rules of other policies.
    #[must_use]
    pub const fn covering(self, covers: &'static [&'static str]) -> Self {
        Self { covers, ..self }
    }

    /// The default action for a container of this class, or for a field outside of containers.
    pub(crate) fn default_for(&self, class: Option<Class>) -> RuleAction {
        self.classes.iter().find(|(known, _)| Some(*known) == class).map_or(self.default, |(_, action)| *action)
    }

    /// The rule is broken. The engine decides whether that denies, warns or is exempt.
    ///
    /// - `problem` is the fault and its reason: lower case, no full stop, values in [`quote`](crate::text::quote).
    /// - `fix` is an instruction, in the imperative.
    pub fn found(&'static self, problem: impl Into<String>, fix: impl Into<String>) -> Found {
        Found {
            rule: self,
            problem: problem.into(),
            fix: fix.into(),
            only_warns: false,
            warns_by_default: false,
            set: None,
        }
    }
}

/// A broken rule, with the problem and the fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The rule.
    pub rule: &'static Rule,
    problem: String,
    fix: String,
    only_warns: bool,
    warns_by_default: bool,
    set: Option<&'static str>,
}

impl Found {
    /// The same, but it warns where it would deny.
    #[must_use]
    pub fn only_warns(self) -> Self {
        Self { only_warns: true, ..self }
    }

    /// The same, but it warns where its rule would deny by default. `rules` can make it deny.
    #[must_use]
    pub fn warns_by_default(self) -> Self {
        Self { warns_by_default: true, ..self }
    }

    /// The same, with the one right value of the judged field, as JSON, such as `true`. Editors offer it as a replacement. A finding
    /// for which more than one value is right has none.
    #[must_use]
    pub fn set(self, value: &'static str) -> Self {
        Self { set: Some(value), ..self }
    }
}

settings! {
    /// The action of a rule.
    pub enum RuleAction {
        /// Reject the request.
        Deny => "deny",
        /// Accept it and warn.
        Warn => "warn",
        /// Nothing.
        Off => "off",
    }
}

/// A rule broken at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// The place.
    pub at: At,
    /// The judged value, in full; several of them with a [`SEPARATOR`] between them.
    pub value: String,
    /// The problem and its reason.
    pub problem: String,
    /// The fix.
    pub fix: String,
    /// It warns where it would deny.
    pub only_warns: bool,
    /// It warns where its rule would deny by default.
    pub warns_by_default: bool,
    /// The one right value of the field, as JSON.
    pub set: Option<&'static str>,
}

impl Finding {
    /// The identity of a finding of a rule before and after an UPDATE: owner and value, one per value. The index in the list is
    /// not part of it: to reorder containers is harmless.
    pub(crate) fn identities(&self) -> impl Iterator<Item = String> {
        let name = match &self.at.owner {
            Owner::Pod | Owner::Object(..) => &self.at.path,
            owner => owner.name().unwrap_or_default(),
        };
        // Lengths keep the parts apart, whatever they hold.
        let of = format!("{} {} {name} ", self.at.owner.noun(), name.len());
        self.value.split(SEPARATOR).map(move |value| [&of, value].concat())
    }

    /// The finding of this policy as one line: `policy: container "web": problem; fix (path)`.
    #[must_use]
    pub fn line(&self, policy: &str) -> String {
        let Self { at, problem, fix, .. } = self;
        printable(&[policy, ": ", &self.owner(), ": ", problem, "; ", fix, " (", &at.path, ")"].concat())
    }

    /// The owner of the judged field, such as `container "web"`.
    pub(crate) fn owner(&self) -> String {
        match (&self.at.owner, self.at.owner.name()) {
            (Owner::Pod, _) => "pod".to_owned(),
            (owner, Some(name)) => [owner.noun(), " ", &quote(name).to_string()].concat(),
            (owner, None) => ["unnamed ", owner.noun()].concat(),
        }
    }
}

/// The findings of one policy in one object.
#[derive(Debug, Default)]
pub struct Findings(pub(crate) Vec<Finding>);

impl Findings {
    /// Adds what was found of a judged field.
    pub fn add(&mut self, judged: &dyn Judged, found: impl IntoIterator<Item = Found>) {
        for found in found {
            self.push(judged, found);
        }
    }

    fn push(&mut self, judged: &dyn Judged, found: Found) {
        let Found { rule, problem, fix, only_warns, warns_by_default, set } = found;
        let (at, value) = (judged.at(), judged.value());
        self.0.push(Finding { rule, at, value, problem, fix, only_warns, warns_by_default, set });
    }
}
