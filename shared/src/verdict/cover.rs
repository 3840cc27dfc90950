//! One fault is one finding: in a module of several policies, a rule may cover rules of other policies.

use super::decision::{Outcome, Ruling};

/// Leaves out each finding that another one at the same place covers, unless that would let something pass.
pub(super) fn leave_out_covered(rulings: &mut Vec<Ruling>) {
    let covering: Vec<(Ruling, u8)> = rulings
        .iter()
        .filter(|ruling| !ruling.finding.rule.covers.is_empty())
        .map(|ruling| (ruling.clone(), strength(&ruling.outcome)))
        .collect();
    rulings.retain(|ruling| {
        let strength = strength(&ruling.outcome);
        !covering.iter().any(|(by, strength_of_it)| *strength_of_it >= strength && covers(by, ruling))
    });
}

/// Whether the rule of one finding names the rule of the other, and both stand at the same place.
fn covers(by: &Ruling, ruling: &Ruling) -> bool {
    let is_named = |name: &&str| name.split_once('/') == Some((ruling.policy, ruling.finding.rule.id));
    by.finding.rule.covers.iter().any(is_named) && by.finding.at == ruling.finding.at
}

/// What a finding does to the request: more is stricter.
fn strength(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Deny => 2,
        Outcome::Warn => 1,
        Outcome::Existing | Outcome::Exempt(_) => 0,
    }
}
