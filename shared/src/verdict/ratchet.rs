//! The ratchet: an UPDATE is denied, and warns, only for what it adds.

use super::decision::{Outcome, Ruling};
use crate::findings::Rule;
use crate::text::sorted;

/// Excuses each finding of a policy of which every value stands in the old object too, one for one. What only warned there does
/// not excuse what denies here.
pub(super) fn ratchet(policy: &str, judged: &mut [Ruling], old: &[Ruling]) {
    let mut rules: Vec<&'static Rule> = Vec::new();
    for ruling in judged.iter().filter(|ruling| ruling.policy == policy) {
        if rules.iter().all(|rule| rule.id != ruling.finding.rule.id) {
            rules.push(ruling.finding.rule);
        }
    }
    // One rule at a time: the identities of thousands of findings take much memory.
    for rule in rules {
        let is_concerned = |ruling: &Ruling| {
            ruling.policy == policy && ruling.finding.rule.id == rule.id && ruling.outcome.can_exist()
        };
        excuse(judged, old, &is_concerned);
    }
}

/// Excuses the findings that `is_concerned` chooses, by those of the old object.
fn excuse(judged: &mut [Ruling], old: &[Ruling], is_concerned: &dyn Fn(&Ruling) -> bool) {
    let found = |judged: &[Ruling]| {
        let mut positions = Vec::new();
        let rulings = judged.iter().enumerate().filter(|(_, ruling)| is_concerned(ruling));
        let identities = rulings.flat_map(|(position, ruling)| {
            let outcome = if ruling.outcome == Outcome::Deny { "deny " } else { "warn " };
            let of_ruling = ruling.finding.identities();
            of_ruling.map(move |identity| (position, [outcome, &identity].concat()))
        });
        let identities = identities.map(|(position, identity)| {
            positions.push(position);
            identity
        });
        let identities = sorted(identities);
        (positions, identities)
    };
    let (_, old) = found(old);
    let (positions, new) = found(judged);
    let mut old = old.iter().map(|(identity, _)| identity).peekable();
    let mut stood = vec![true; judged.len()];
    for (identity, index) in &new {
        while old.next_if(|old| *old < identity).is_some() {}
        if old.next_if_eq(&identity).is_none()
            && let Some(stood) = positions.get(*index).and_then(|position| stood.get_mut(*position))
        {
            *stood = false;
        }
    }
    for (ruling, _) in judged.iter_mut().zip(stood).filter(|(ruling, stood)| *stood && is_concerned(ruling)) {
        ruling.outcome = Outcome::Existing;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::facts::Severity;
    use crate::findings::Finding;
    use crate::place::{At, Owner};
    use crate::verdict::decision::tests::{RULES, judged};

    /// Returns `true` if two findings are the same before and after an UPDATE, in plain words.
    fn same(new: &Finding, old: &Finding) -> bool {
        let owner = |finding: &Finding| match &finding.at.owner {
            Owner::Container(class, name) => (Some(*class), name.clone().unwrap_or_default()),
            Owner::Pod | Owner::Volume(_) | Owner::Object(..) => (None, finding.at.path.clone()),
        };
        new.rule.id == old.rule.id && owner(new) == owner(old) && new.value == old.value
    }

    /// The ratchet of all policies.
    fn ratchet_all(new: &mut [Ruling], old: &[Ruling]) {
        let policies: BTreeSet<&str> = new.iter().map(|ruling| ruling.policy).collect();
        for policy in policies {
            ratchet(policy, new, old);
        }
    }

    /// The outcomes after the ratchet, each new finding compared with each old one.
    fn reference(new: &[Ruling], old: &[Ruling]) -> Vec<Outcome> {
        let mut left: Vec<_> = old.iter().collect();
        new.iter()
            .map(|new| {
                let counts = matches!(new.outcome, Outcome::Deny | Outcome::Warn);
                let is_it = |old: &&Ruling| same(&new.finding, &old.finding) && new.outcome == old.outcome;
                match left.iter().position(is_it).filter(|_| counts) {
                    Some(index) => {
                        left.remove(index);
                        Outcome::Existing
                    }
                    None => new.outcome.clone(),
                }
            })
            .collect()
    }

    #[test]
    fn a_finding_about_several_values_is_excused_when_each_of_them_is() {
        let about = |value: &str| {
            let finding = Finding {
                rule: &RULES[0],
                at: At { owner: Owner::Pod, image: None, path: "spec".into() },
                value: value.replace(' ', "\u{1f}"),
                problem: "it is bad".into(),
                fix: "mend it".into(),
                only_warns: false,
                warns_by_default: false,
                set: None,
            };
            Ruling { policy: "sample", severity: Severity::Low, finding, outcome: Outcome::Deny }
        };
        for (old, new, outcome) in [
            ("a b", "a", Outcome::Existing),
            ("a b", "b a", Outcome::Existing),
            ("a", "a b", Outcome::Deny),
            ("a b", "a a", Outcome::Deny),
            ("", "a", Outcome::Deny),
        ] {
            let mut rulings = vec![about(new)];
            ratchet_all(&mut rulings, &[about(old)]);
            assert_eq!(rulings.remove(0).outcome, outcome, "{old} → {new}");
        }
    }

    proptest! {
        #[test]
        fn the_ratchet_is_that_of_the_reference(
            mut new in prop::collection::vec(judged(), 0..30),
            old in prop::collection::vec(judged(), 0..30),
        ) {
            let expected = reference(&new, &old);
            ratchet_all(&mut new, &old);
            prop_assert_eq!(new.iter().map(|judged| judged.outcome.clone()).collect::<Vec<_>>(), expected);
        }

        #[test]
        fn nothing_is_new_in_what_did_not_change(mut new in prop::collection::vec(judged(), 0..30)) {
            let old = new.clone();
            ratchet_all(&mut new, &old);
            prop_assert!(new.iter().all(|judged| !judged.outcome.can_exist()));
        }
    }
}
