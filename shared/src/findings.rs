//! Findings: rules broken at places.

use crate::place::{At, Owner};
use crate::settings;
use crate::text::{natural, printable, quote};

/// One kind of finding that a policy makes. Declared in [`policy!`](crate::policy!), never built by hand.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name in settings, in the audit annotation and in reports: kebab-case.
    pub id: &'static str,
    /// What it does when the settings say nothing. `deny` follows the setting `action`.
    pub default: RuleAction,
}

settings! {
    /// What a rule does.
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
    /// The judged value, in full.
    pub value: String,
    /// What is wrong and why.
    pub problem: String,
    /// What to do.
    pub fix: String,
    /// It warns where it would deny.
    pub only_warns: bool,
}

impl Finding {
    /// What makes two findings of a policy the same before and after an UPDATE: rule, owner and value. The index in the
    /// list is not part of it: to reorder containers is harmless.
    pub(crate) fn identity(&self, policy: &str) -> String {
        let name = match &self.at.owner {
            Owner::Pod => &self.at.path,
            owner => owner.name().unwrap_or_default(),
        };
        // Lengths keep the parts apart, whatever they hold.
        format!("{policy} {} {} {} {name} {}", self.rule.id, self.at.owner.noun(), name.len(), self.value)
    }

    /// The finding of this policy as one line: `policy: container "web": problem; fix (path)`.
    #[must_use]
    pub fn line(&self, policy: &str) -> String {
        let owner = match (&self.at.owner, self.at.owner.name()) {
            (Owner::Pod, _) => "pod".to_owned(),
            (owner, Some(name)) => format!("{} {}", owner.noun(), quote(name)),
            (owner, None) => format!("unnamed {}", owner.noun()),
        };
        printable(&format!("{policy}: {owner}: {}; {} ({})", self.problem, self.fix, self.at.path))
    }

    /// What findings are sorted by: their path, as a reader orders it, their rule and their policy.
    pub(crate) fn order(&self, policy: &str) -> String {
        [&natural(&self.at.path), self.rule.id, policy].join(" ")
    }
}

/// The findings of one policy in one pod.
#[derive(Debug, Default)]
pub struct Findings(pub(crate) Vec<Finding>);

impl Findings {
    /// Adds a finding: the `rule` is broken at the place `at`. Whether that denies, warns or is exempt is not the
    /// rule's concern.
    ///
    /// - `value` is the judged value, in full: on UPDATE, a finding with the same rule, container or volume, and value is not new.
    /// - `problem` says what is wrong and why: lower case, no full stop, values in [`quote`](crate::text::quote).
    /// - `fix` says what to do, in the imperative.
    pub fn add(
        &mut self,
        rule: &'static Rule,
        at: At,
        value: impl Into<String>,
        problem: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.0.push(Finding {
            rule,
            at,
            value: value.into(),
            problem: problem.into(),
            fix: fix.into(),
            only_warns: false,
        });
    }

    /// Makes the last finding warn where it would deny.
    pub fn last_only_warns(&mut self) {
        if let Some(finding) = self.0.last_mut() {
            finding.only_warns = true;
        }
    }

    /// Makes the findings so far warn where they would deny.
    pub fn only_warn(&mut self) {
        for finding in &mut self.0 {
            finding.only_warns = true;
        }
    }
}
