//! The ratchet: an UPDATE is denied, and warns, only for what it adds.

use super::decision::{Outcome, Ruling};
use crate::text::sorted;

/// Excuses each finding of which every value stands in the old object too, one for one. What only warned there does not
/// excuse what denies here.
pub(super) fn ratchet(judged: &mut [Ruling], old: &[Ruling]) {
    let found = |judged: &[Ruling]| {
        let (mut positions, mut identities) = (Vec::new(), Vec::new());
        for (position, ruling) in judged.iter().enumerate().filter(|(_, ruling)| ruling.outcome.can_exist()) {
            let outcome = if ruling.outcome == Outcome::Deny { "deny " } else { "warn " };
            for identity in ruling.finding.identities(ruling.policy) {
                positions.push(position);
                identities.push([outcome, &identity].concat());
            }
        }
        (positions, sorted(identities.into_iter()))
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
    for (ruling, _) in judged.iter_mut().zip(stood).filter(|(ruling, stood)| *stood && ruling.outcome.can_exist()) {
        ruling.outcome = Outcome::Existing;
    }
}

#[cfg(test)]
mod tests {
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
            ratchet(&mut rulings, &[about(old)]);
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
            ratchet(&mut new, &old);
            prop_assert_eq!(new.iter().map(|judged| judged.outcome.clone()).collect::<Vec<_>>(), expected);
        }

        #[test]
        fn nothing_is_new_in_what_did_not_change(mut new in prop::collection::vec(judged(), 0..30)) {
            let old = new.clone();
            ratchet(&mut new, &old);
            prop_assert!(new.iter().all(|judged| !judged.outcome.can_exist()));
        }
    }
}
