//! The decision on a request, before it is written.

use crate::facts::Severity;
use crate::findings::Finding;
use crate::malformed::Malformed;
use crate::settings::Faults;
use crate::text::natural;

/// The decision of the rules: every finding that is not off or ignored, in the order of paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The findings.
    pub rulings: Vec<Ruling>,
    /// Several policies judged.
    pub is_combined: bool,
    /// The words for an object that a controller creates for an owner: to fix the object itself is of no use.
    pub created_for: Option<String>,
}

/// A finding and its outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// The name of the policy.
    pub policy: &'static str,
    /// The severity of the policy.
    pub severity: Severity,
    /// The finding.
    pub finding: Finding,
    /// Its outcome.
    pub outcome: Outcome,
}

impl Ruling {
    /// The sort key of findings: their path, as a reader orders it, their rule and their policy.
    pub(super) fn order(&self) -> String {
        [&natural(&self.finding.at.path), self.finding.rule.id, self.policy].join(" ")
    }
}

/// The outcome of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The request is rejected.
    Deny,
    /// The request is accepted with a warning.
    Warn,
    /// It would deny or warn, but the old object has it too.
    Existing,
    /// It would deny or warn, but a built-in controller created the object, and the settings trust it.
    Trusted,
    /// It would deny or warn, but an exemption with this reason covers it.
    Exempt(String),
}

impl Outcome {
    /// Returns `true` if an UPDATE makes nothing of it where the old object has the same finding with the same outcome.
    pub(super) fn can_exist(&self) -> bool {
        matches!(self, Outcome::Deny | Outcome::Warn)
    }
}

/// The strictness of an outcome.
pub(super) fn strength(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Deny => 2,
        Outcome::Warn | Outcome::Trusted => 1,
        Outcome::Existing | Outcome::Exempt(_) => 0,
    }
}

/// A rejection that no rule caused, one line per problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status: 400 for a request or an object that cannot be read, 500 for settings that are not valid.
    pub code: u16,
    /// The problems, each with the policy that has it; the module, where there is none.
    pub problems: Vec<(Option<&'static str>, String)>,
}

impl Refusal {
    /// A rejection because the settings are not valid.
    pub(crate) fn of_settings(faults: &Faults) -> Self {
        let text = format!("the settings of this policy are not valid\n{faults}");
        Self { code: 500, problems: text.lines().map(|line| (None, line.to_owned())).collect() }
    }
}

impl From<Malformed> for Refusal {
    /// A rejection because the request cannot be read.
    fn from(malformed: Malformed) -> Self {
        Self { code: 400, problems: vec![(None, malformed.to_string())] }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::findings::{Rule, RuleAction};
    use crate::place::{At, Class, Owner};

    pub(crate) static RULES: [Rule; 2] =
        [Rule::new("one", RuleAction::Deny, "One."), Rule::new("one 1", RuleAction::Deny, "Another.")];

    /// Findings that are often the same, with names and values that would run into each other if only joined.
    pub(crate) fn judged() -> impl Strategy<Value = Ruling> {
        let outcomes = vec![Outcome::Deny, Outcome::Warn, Outcome::Exempt("reviewed".to_owned())];
        let text = || prop::sample::select(vec!["", "1", "a", "a 1", " a", "1 a", "é"]);
        let class = prop::sample::select(vec![None, Some(Class::Main), Some(Class::Init), Some(Class::Sidecar)]);
        (0_usize..2, class, prop::option::of(text()), text(), text(), prop::sample::select(outcomes)).prop_map(
            |(rule, class, name, path, value, outcome)| {
                let at = At {
                    owner: class.map_or(Owner::Pod, |class| Owner::Container(class, name.map(str::to_owned))),
                    image: None,
                    path: path.to_owned(),
                };
                let (value, problem) = (value.to_owned(), "it is \"bad\"\n".to_owned());
                Ruling {
                    policy: "sample",
                    severity: Severity::Low,
                    finding: Finding {
                        rule: &RULES[rule],
                        at,
                        value,
                        problem,
                        fix: "mend it".into(),
                        only_warns: false,
                        warns_by_default: false,
                        set: None,
                    },
                    outcome,
                }
            },
        )
    }
}
