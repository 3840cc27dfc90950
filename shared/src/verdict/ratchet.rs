//! The ratchet: an UPDATE is denied, and warns, only for what it adds.

use super::decision::{Outcome, Ruling};
use crate::text::sorted;

/// Excuses each finding that stands in the old object too, one for one. What only warned there does not excuse what denies
/// here.
pub(super) fn ratchet(judged: &mut [Ruling], old: &[Ruling]) {
    let found = |judged: &[Ruling]| {
        let (index, found): (Vec<_>, Vec<_>) =
            judged.iter().enumerate().filter(|(_, judged)| judged.outcome.can_exist()).unzip();
        let identity = |found: &Ruling| {
            let outcome = if found.outcome == Outcome::Deny { "deny " } else { "warn " };
            [outcome, &found.finding.identity(found.policy)].concat()
        };
        (index, sorted(found.into_iter().map(identity)))
    };
    let (_, old) = found(old);
    let (position, new) = found(judged);
    let mut old = old.iter().map(|(identity, _)| identity).peekable();
    for (identity, index) in &new {
        while old.next_if(|old| *old < identity).is_some() {}
        let judged = position.get(*index).and_then(|index| judged.get_mut(*index));
        if let Some(judged) = judged.filter(|_| old.next_if_eq(&identity).is_some()) {
            judged.outcome = Outcome::Existing;
        }
    }
}
#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::findings::Finding;
    use crate::place::Owner;
    use crate::verdict::decision::tests::judged;

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
