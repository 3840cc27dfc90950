//! Judging: findings, and the outcome of each.

use super::decision::{Outcome, Refusal, Ruling, Verdict};
use super::ratchet::ratchet;
use super::several::Several;
use crate::common::{Action, ClassAction, Controllers, Exemption, Updates, is_of_controller};
use crate::findings::{Finding, Findings};
use crate::policy::Judge;
use crate::process::Budget;
use crate::request::{Operation, Request};
use crate::text::sorted;
use crate::workload;
use json::Node;

/// What policies say of one object.
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
pub(crate) fn judge(
    judges: &[Box<dyn Judge>],
    several: Option<&Several>,
    request: &Request<'_>,
) -> Result<Verdict, Refusal> {
    if !request.is_judged() {
        return Ok(Verdict::default());
    }
    let is_combined = judges.len() > 1;
    let judges: Vec<&dyn Judge> = judges.iter().map(AsRef::as_ref).collect();
    let Opinion { mut judged, malformed } = judge_object(&judges, several, request, request.object);
    if !malformed.is_empty() {
        return Err(Refusal { code: 400, problems: malformed });
    }
    if request.operation == Operation::Update {
        let denies = |judge: &&dyn Judge| {
            judged.iter().any(|judged| judged.policy == judge.name() && judged.outcome == Outcome::Deny)
        };
        let judges: Vec<_> =
            judges.into_iter().filter(|judge| judge.common().updates == Updates::Ratchet && denies(judge)).collect();
        // An old object that a policy cannot read excuses none of its findings.
        if !judges.is_empty()
            && let Some(old) = request.old_object()
        {
            let Opinion { judged: mut old, malformed } = judge_object(&judges, several, request, &old);
            let is_read = |policy| malformed.iter().all(|(of, _)| of.is_some_and(|of| of != policy));
            old.retain(|old| is_read(old.policy));
            ratchet(&mut judged, &old);
        }
    }
    let order = sorted(judged.iter().map(Ruling::order));
    let mut unordered: Vec<_> = judged.into_iter().map(Some).collect();
    let in_order = order.iter().filter_map(|(_, index)| unordered.get_mut(*index).and_then(Option::take));
    Ok(Verdict { rulings: in_order.collect(), is_combined })
}

/// What the policies say of one object.
fn judge_object(judges: &[&dyn Judge], several: Option<&Several>, request: &Request<'_>, object: &Node<'_>) -> Opinion {
    let mut opinion = Opinion::default();
    let is_of_controller = is_of_controller(request);
    // Each policy may look as far into commands as if it were alone.
    let judges: Vec<(&dyn Judge, Vec<&Exemption>, Budget)> = judges
        .iter()
        .map(|judge| {
            let exemptions = judge.common().exemptions.iter().filter(|exemption| exemption.concerns(request));
            (*judge, exemptions.collect(), Budget::default())
        })
        .collect();
    let visited = workload::visit(object, request.kind, request.is_whole, request.model, &mut |subject| {
        for (judge, exemptions, budget) in &judges {
            let policy = judge.name();
            let mut findings = Findings::default();
            if let Err(malformed) = judge.check(subject, budget, &mut findings) {
                if opinion.malformed.iter().all(|(known, _)| *known != Some(policy)) {
                    opinion.malformed.push((Some(policy), malformed.to_string()));
                }
                continue;
            }
            for finding in findings.0 {
                let Some(action) = action(*judge, &finding) else { continue };
                let exemption = exemptions.iter().find(|exemption| exemption.covers(&finding, subject.pod()));
                let outcome = match (exemption, action) {
                    (Some(exemption), _) => Outcome::Exempt(exemption.reason.clone()),
                    _ if is_of_controller && judge.common().controllers == Controllers::Trust => Outcome::Trusted,
                    (None, Action::Deny) => Outcome::Deny,
                    (None, Action::Warn) => Outcome::Warn,
                };
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
    opinion
}

/// What a finding does by the settings, exemptions aside. `None` when its rule is off or its class ignored.
fn action(judge: &dyn Judge, finding: &Finding) -> Option<Action> {
    let common = judge.common();
    let class = finding.at.owner.class();
    let action = common.action(finding)?;
    let of_class = class.and_then(|class| common.containers.of(class).or(judge.facts().containers.of(class)));
    match of_class {
        Some(ClassAction::Ignore) => None,
        Some(ClassAction::Warn) => Some(Action::Warn),
        _ if finding.only_warns => Some(Action::Warn),
        Some(ClassAction::Enforce) | None => Some(action),
    }
}
