//! The ratchet: an UPDATE is denied only for what it adds.

use super::decision::{Outcome, Ruling};
use crate::text::sorted;

/// Excuses each finding of which every value stands in the old object too, one for one.
pub(super) fn ratchet(judged: &mut [Ruling], old: &[Ruling]) {
    let denied = |judged: &[Ruling]| {
        let (mut positions, mut identities) = (Vec::new(), Vec::new());
        for (position, ruling) in judged.iter().enumerate().filter(|(_, ruling)| ruling.outcome == Outcome::Deny) {
            for identity in ruling.finding.identities(ruling.policy) {
                positions.push(position);
                identities.push(identity);
            }
        }
        (positions, sorted(identities.into_iter()))
    };
    let (_, old) = denied(old);
    let (positions, new) = denied(judged);
    for position in &positions {
        if let Some(ruling) = judged.get_mut(*position) {
            ruling.outcome = Outcome::Existing;
        }
    }
    let mut old = old.iter().map(|(identity, _)| identity).peekable();
    for (identity, index) in &new {
        while old.next_if(|old| *old < identity).is_some() {}
        let ruling = positions.get(*index).and_then(|position| judged.get_mut(*position));
        if let Some(ruling) = ruling.filter(|_| old.next_if_eq(&identity).is_none()) {
            ruling.outcome = Outcome::Deny;
        }
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

    /// Whether two findings are the same before and after an UPDATE, in plain words.
    fn same(new: &Finding, old: &Finding) -> bool {
        let owner = |finding: &Finding| match &finding.at.owner {
            Owner::Container(class, name) => (Some(*class), name.clone().unwrap_or_default()),
            Owner::Pod | Owner::Volume(_) | Owner::Object(..) => (None, finding.at.path.clone()),
        };
        new.rule.id == old.rule.id && owner(new) == owner(old) && new.value == old.value
    }

    /// The outcomes after the ratchet, each new finding compared with each old one.
    fn reference(new: &[Ruling], old: &[Ruling]) -> Vec<Outcome> {
        let mut left: Vec<_> = old.iter().filter(|old| old.outcome == Outcome::Deny).collect();
        new.iter()
            .map(|new| match left.iter().position(|old| same(&new.finding, &old.finding)) {
                Some(index) if new.outcome == Outcome::Deny => {
                    left.remove(index);
                    Outcome::Existing
                }
                _ => new.outcome.clone(),
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
            prop_assert!(new.iter().all(|judged| judged.outcome != Outcome::Deny));
        }
    }
}
