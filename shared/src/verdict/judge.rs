//! Judging: findings, and the outcome of each.

use super::asking::Asking;
use super::decision::{Outcome, Refusal, Ruling, Verdict};
use super::ratchet::ratchet;
use super::several::Several;
use crate::common::{
    Action, ClassAction, ClassActions, CommonSettings, Controllers, Updates, created_for, is_of_controller,
};
use crate::findings::{Finding, Findings};
use crate::host::{Host, HostCall};
use crate::inspection::{Asks, Inspector, Inspects};
use crate::place::Owner;
use crate::pod::Standing;
use crate::policy::{Judge, Means};
use crate::process::Budget;
use crate::request::{Operation, Request};
use crate::text::sorted;
use crate::workload;
use json::Node;

/// What judging takes beside policies and a request, as far as the module has it.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'p> {
    /// For several policies.
    pub(crate) several: Option<&'static Several>,
    /// For policies that inspect images.
    pub(crate) asking: Option<&'static Asking>,
    /// The host that they ask.
    pub(crate) host: &'p dyn HostCall,
}

/// What is known of an object before it is judged.
#[derive(Clone, Copy)]
enum Stage<'s> {
    /// It is the object of the request. On an UPDATE, this stood in the one before.
    New(Option<&'s Standing>),
    /// It is the object before.
    Old,
}

/// The findings of policies in one object.
#[derive(Default)]
struct Opinion {
    /// The findings that are not off or ignored.
    judged: Vec<Ruling>,
    /// The policies that cannot read it, and why; without a policy when none can.
    malformed: Vec<(Option<&'static str>, String)>,
}

/// Judges a request.
///
/// # Errors
/// The object cannot be read.
pub(crate) fn judge(judges: &[Box<dyn Judge>], parts: Parts<'_>, request: &Request<'_>) -> Result<Verdict, Refusal> {
    if !request.is_judged() {
        return Ok(Verdict::default());
    }
    let is_combined = judges.len() > 1;
    let judges: Vec<&dyn Judge> = judges.iter().map(AsRef::as_ref).collect();
    let host = Host::new(parts.host);
    let is_update = request.operation == Operation::Update;
    let asking = parts.asking.filter(|_| is_update);
    let standing = asking.and_then(|asking| Some((asking.standing)(request, &request.old_object()?)));
    let inspects = judges.iter().fold(Inspects::Nothing, |inspects, judge| inspects.or(judge.inspects()));
    let bench = Bench { judges: &judges, several: parts.several, host: &host, inspects, request };
    let Opinion { mut judged, malformed } = bench.judge(request.object, Stage::New(standing.as_ref()));
    if !malformed.is_empty() {
        return Err(Refusal { code: 400, problems: malformed });
    }
    if is_update {
        let finds = |judge: &&dyn Judge| {
            judged.iter().any(|judged| judged.policy == judge.name() && judged.outcome.can_exist())
        };
        let judges: Vec<_> =
            judges.iter().copied().filter(|judge| judge.common().updates == Updates::Ratchet && finds(judge)).collect();
        // An old object that a policy cannot read excuses none of its findings.
        if !judges.is_empty()
            && let Some(old) = request.old_object()
        {
            // One policy at a time: what thousands of findings take is needed only once.
            for judge in judges {
                let bench = Bench { judges: &[judge], several: None, ..bench };
                let Opinion { judged: old, malformed } = bench.judge(&old, Stage::Old);
                if malformed.is_empty() {
                    ratchet(judge.name(), &mut judged, &old);
                }
            }
        }
    }
    // After the ratchet: what is excused at one place is not what is said at another.
    if let Some(asking) = parts.asking {
        (asking.leave_out_repeated)(&mut judged);
    }
    let mut order: Vec<usize> = sorted(judged.iter().map(Ruling::order)).into_iter().map(|(_, index)| index).collect();
    put_in_order(&mut judged, &mut order);
    Ok(Verdict { rulings: judged, is_combined, created_for: created_for(request) })
}

/// Moves each item to the position at which `order` has its index, in place: there can be tens of thousands. Afterwards, `order`
/// is that of the numbers.
fn put_in_order<T>(items: &mut [T], order: &mut [usize]) {
    for start in 0..order.len() {
        let mut position = start;
        // A cycle of moves ends where it began.
        while let Some(index) = order.get_mut(position) {
            let source = std::mem::replace(index, position);
            if source == start || source >= items.len() {
                break;
            }
            items.swap(position, source);
            position = source;
        }
    }
}

/// Policies, and what they judge by.
#[derive(Clone, Copy)]
struct Bench<'b> {
    judges: &'b [&'b dyn Judge],
    several: Option<&'static Several>,
    host: &'b Host<'b>,
    /// What all policies together need of images.
    inspects: Inspects,
    request: &'b Request<'b>,
}

impl Bench<'_> {
    /// The findings of the policies in one object.
    fn judge(self, object: &Node<'_>, stage: Stage<'_>) -> Opinion {
        let Self { judges, several, host, inspects, request } = self;
        let mut opinion = Opinion::default();
        let is_of_controller = is_of_controller(request);
        let judges: Vec<_> = judges
            .iter()
            .map(|judge| {
                let common = judge.common();
                let is_trusted = is_of_controller && common.controllers == Controllers::Trust;
                let asks = match stage {
                    _ if is_trusted => Asks::Nothing,
                    Stage::New(standing) => Asks::AllBut(standing.filter(|_| common.updates == Updates::Ratchet)),
                    Stage::Old => Asks::Known,
                };
                let exemptions = common.exemptions.iter().filter(|exemption| exemption.concerns(request));
                let inspector = Inspector {
                    host,
                    with_configuration: inspects == Inspects::Configurations,
                    asks,
                    exemptions: exemptions.collect(),
                    containers: common.containers.or(&judge.facts().containers),
                };
                // Each policy may look as far into commands as if it were alone.
                let means = Means { namespace: request.namespace, budget: Budget::default(), inspector };
                (*judge, is_trusted, means)
            })
            .collect();
        let visited = workload::visit(object, request.kind, request.is_whole, request.model, &mut |subject| {
            for (judge, is_trusted, means) in &judges {
                let policy = judge.name();
                let mut findings = Findings::default();
                if let Err(malformed) = judge.check(subject, means, &mut findings) {
                    if opinion.malformed.iter().all(|(known, _)| *known != Some(policy)) {
                        opinion.malformed.push((Some(policy), malformed.to_string()));
                    }
                    continue;
                }
                let Inspector { exemptions, containers, .. } = &means.inspector;
                for mut finding in findings.0 {
                    let Some(action) = action(judge.common(), containers, &finding) else { continue };
                    let exemption = exemptions.iter().find(|exemption| exemption.covers(&finding, subject.pod()));
                    let outcome = match (exemption, action) {
                        (Some(exemption), _) => Outcome::Exempt(exemption.reason.clone()),
                        _ if *is_trusted => Outcome::Trusted,
                        (None, Action::Deny) => Outcome::Deny,
                        (None, Action::Warn) => Outcome::Warn,
                    };
                    if matches!(stage, Stage::Old) {
                        // Compared by owner and value, and never shown: thousands of them would take memory for words.
                        (finding.problem, finding.fix, finding.at.image) = (String::new(), String::new(), None);
                        if !matches!(finding.at.owner, Owner::Pod | Owner::Object(..)) {
                            finding.at.path = String::new();
                        }
                    }
                    opinion.judged.push(Ruling { policy, severity: judge.facts().severity, finding, outcome });
                }
            }
            Ok(())
        });
        if let Err(malformed) = visited {
            opinion.malformed = vec![(None, malformed.to_string())];
        }
        if let Some(several) = several {
            (several.leave_out_covered)(&mut opinion.judged);
        }
        opinion.judged.shrink_to_fit();
        opinion
    }
}

/// The effect of a finding by the settings, without exemptions. `None` if its rule is off or its class ignored.
fn action(common: &CommonSettings, containers: &ClassActions, finding: &Finding) -> Option<Action> {
    let class = finding.at.owner.class();
    let action = common.action(finding)?;
    match class.and_then(|class| containers.of(class)) {
        Some(ClassAction::Ignore) => None,
        Some(ClassAction::Warn) => Some(Action::Warn),
        _ if finding.only_warns => Some(Action::Warn),
        Some(ClassAction::Enforce) | None => Some(action),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn items_are_put_in_order_as_if_they_were_copied(order in (0..40_usize).prop_flat_map(|count| Just((0..count).collect::<Vec<_>>()).prop_shuffle())) {
            let items: Vec<usize> = (100..).take(order.len()).collect();
            let expected: Vec<usize> = order.iter().map(|index| items[*index]).collect();
            let (mut moved, mut order) = (items, order);
            put_in_order(&mut moved, &mut order);
            prop_assert_eq!(moved, expected);
        }
    }
}
