//! Several policies in one module: one fault is one finding, and one message covers all policies.

use std::fmt::Write as _;

use super::decision::{Ruling, strength};
use crate::facts::Severity;
use crate::text::{ellipsis, sorted};

/// The maximum length of a message of several policies, in bytes.
const MAX_MESSAGE: usize = 4096;
/// The space in it that is reserved for the counts of findings that were left out.
const MAX_COUNTS: usize = 512;

/// The severities, the worst first.
const SEVERITIES: [Severity; 4] = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];

/// The parts of judging that only a module of several policies needs. Others hold no code of them.
#[derive(Debug)]
pub struct Several {
    /// Leaves out findings that others cover.
    pub(super) leave_out_covered: fn(&mut Vec<Ruling>),
    /// The message of a rejection, of which so many bytes are taken.
    pub(super) message: fn(&[&Ruling], usize) -> String,
}

/// For a module of several policies.
pub const SEVERAL: Several = Several { leave_out_covered, message };

/// Leaves out each finding that another one at the same place covers, unless that would let something pass. Both are
/// sorted, so that many findings take no more time than it takes to sort them.
fn leave_out_covered(rulings: &mut Vec<Ruling>) {
    let mut strengths = Vec::new();
    let mut names = Vec::new();
    for ruling in rulings.iter() {
        for covered in ruling.finding.rule.covers {
            strengths.push(strength(&ruling.outcome));
            names.push(place(covered, ruling));
        }
    }
    let covering = sorted(names.into_iter());
    if covering.is_empty() {
        return;
    }
    let own = |ruling: &Ruling| place(&[ruling.policy, "/", ruling.finding.rule.id].concat(), ruling);
    let mut is_covered = vec![false; rulings.len()];
    let mut covering = covering.iter().peekable();
    for (name, index) in sorted(rulings.iter().map(own)) {
        while covering.next_if(|(by, _)| *by < name).is_some() {}
        let strongest = covering.peek().filter(|(by, _)| *by == name).and_then(|(_, by)| strengths.get(*by));
        if let (Some(by), Some(ruling)) = (strongest, rulings.get(index))
            && *by >= strength(&ruling.outcome)
            && let Some(is_covered) = is_covered.get_mut(index)
        {
            *is_covered = true;
        }
    }
    let mut is_covered = is_covered.into_iter();
    rulings.retain(|_| !is_covered.next().unwrap_or_default());
}

/// A rule, as `policy/rule`, at the place of a finding.
fn place(rule: &str, ruling: &Ruling) -> String {
    [rule, " ", &ruling.finding.at.path].concat()
}

/// The findings as one message of at most 4 KiB less what is `taken`, the most severe first, and how many of which policy
/// were left out.
fn message(denied: &[&Ruling], taken: usize) -> String {
    let most_severe_first =
        SEVERITIES.iter().flat_map(|severity| denied.iter().filter(move |ruling| ruling.severity == *severity));
    let mut message = String::new();
    let mut left_out: Vec<(&str, usize)> = Vec::new();
    for Ruling { policy, finding, .. } in most_severe_first {
        let line = finding.line(policy);
        // What is left out is counted at the end, in a few words for each policy.
        let room = MAX_MESSAGE.saturating_sub(taken).saturating_sub(message.len()).saturating_sub(MAX_COUNTS);
        if left_out.is_empty() && (message.is_empty() || line.len() < room) {
            if !message.is_empty() {
                message.push('\n');
            }
            message.push_str(&ellipsis(&line, room));
        } else if let Some((_, count)) = left_out.iter_mut().find(|(name, _)| name == policy) {
            *count = count.saturating_add(1);
        } else {
            left_out.push((*policy, 1));
        }
    }
    let all = left_out.iter().fold(0_usize, |sum, (_, count)| sum.saturating_add(*count));
    for (index, (policy, count)) in left_out.iter().enumerate() {
        let before = if index == 0 { format!("\n… and {all} more: ") } else { ", ".to_owned() };
        // Writing to a string cannot fail.
        let _ = write!(message, "{before}{count} of {policy}");
    }
    message
}
