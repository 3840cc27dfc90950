//! What is different where policies ask the host: nothing is asked about what stood before, and what keeps an image from
//! being judged is said once, not once per container and policy.

use super::decision::{Ruling, strength};
use crate::inspection::RULES;
use crate::pod::Standing;
use crate::request::Request;
use crate::workload;
use json::Node;

/// The parts of judging that only a module needs which inspects images. Others hold no code of them.
#[derive(Debug)]
pub struct Asking {
    /// What stood in the old object.
    pub(super) standing: fn(&Request<'_>, &Node<'_>) -> Standing,
    /// Leaves out what is said of an image already.
    pub(super) leave_out_repeated: fn(&mut Vec<Ruling>),
}

/// For a module that inspects images.
pub const ASKING: Asking = Asking { standing, leave_out_repeated };

/// What stood in the old object; nothing if it cannot be read.
fn standing(request: &Request<'_>, old: &Node<'_>) -> Standing {
    let mut standing = Standing::default();
    let visited = workload::visit(old, request.kind, request.is_whole, request.model, &mut |subject| {
        subject.pod().into_iter().for_each(|pod| standing.add(pod));
        Ok(())
    });
    if visited.is_ok() { standing.sorted() } else { Standing::default() }
}

/// Of findings that say the same about an image, leaves the first of the strictest. There are few different ones, because
/// a request asks about few images.
fn leave_out_repeated(rulings: &mut Vec<Ruling>) {
    let mut said: Vec<usize> = Vec::new();
    let mut is_left_out = vec![false; rulings.len()];
    for (index, ruling) in rulings.iter().enumerate() {
        if RULES.iter().all(|rule| rule.id != ruling.finding.rule.id) {
            continue;
        }
        let same = |before: &&mut usize| {
            rulings.get(**before).is_some_and(|before| {
                (before.finding.rule.id, &before.finding.problem) == (ruling.finding.rule.id, &ruling.finding.problem)
            })
        };
        let Some(before) = said.iter_mut().find(same) else {
            said.push(index);
            continue;
        };
        let is_stricter =
            rulings.get(*before).is_some_and(|before| strength(&before.outcome) < strength(&ruling.outcome));
        let left_out = if is_stricter { std::mem::replace(before, index) } else { index };
        if let Some(is_left_out) = is_left_out.get_mut(left_out) {
            *is_left_out = true;
        }
    }
    let mut is_left_out = is_left_out.into_iter();
    rulings.retain(|_| !is_left_out.next().unwrap_or_default());
}
