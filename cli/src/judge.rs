//! The verdicts of the policies about one object.

use host::HostError;
use manifests::{Request, Subject};

use crate::answer::{Action, Answer, Finding};
use crate::policies::{Namespaces, Policies};

/// The verdict of one policy about an object.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// The name of the policy.
    pub(crate) policy: String,
    /// Its findings, or why it gave no verdict.
    pub(crate) outcome: Result<Answer, HostError>,
}

/// The verdicts of all policies about an object.
#[derive(Debug)]
pub(crate) struct Judgement {
    /// The object.
    pub(crate) subject: Subject,
    /// One for every policy that was asked, in the order of their names.
    pub(crate) verdicts: Vec<Verdict>,
}

/// Lets every policy judge a request that it is meant for.
pub(crate) fn judge(request: &Request, policies: &Policies, namespaces: &Namespaces) -> Judgement {
    let answers = policies.answers(&request.body, namespaces);
    let verdicts = answers.map(|(policy, mut outcome)| {
        for finding in outcome.iter_mut().flat_map(|answer| &mut answer.findings) {
            let path = finding.parts.as_ref().map(|parts| parts.path.as_str());
            finding.location = path.and_then(|path| request.origin.locate(path, &finding.message));
        }
        Verdict { policy: policy.to_owned(), outcome }
    });
    let mut verdicts: Vec<Verdict> = verdicts.collect();
    leave_out_covered(&mut verdicts, policies);
    tell_malformed_once(&mut verdicts);
    Judgement { subject: request.subject.clone(), verdicts }
}

/// One fault is one finding: leaves out each that a rule of another policy covers at the same place, unless that would
/// make less of it. The module of several policies does the same.
fn leave_out_covered(verdicts: &mut [Verdict], policies: &Policies) {
    let findings = verdicts.iter().flat_map(|verdict| {
        let answer = verdict.outcome.as_ref().ok();
        answer.into_iter().flat_map(|answer| &answer.findings).filter_map(|finding| place(&verdict.policy, finding))
    });
    let places: Vec<(String, String, Action)> = findings.collect();
    for verdict in verdicts {
        let Verdict { policy, outcome: Ok(answer) } = verdict else { continue };
        let all = answer.findings.len();
        answer.findings.retain(|finding| {
            let Some((rule, path, action)) = place(policy, finding) else { return true };
            !places.iter().any(|(by, at, stronger)| {
                *at == path && strength(*stronger) >= strength(action) && policies.covers(by, &rule)
            })
        });
        if answer.findings.len() < all {
            answer.accepted |= answer.findings.iter().all(|finding| finding.action != Action::Deny);
        }
    }
}

/// A field that cannot be read is one fault, however many policies need it: the first policy tells of it.
fn tell_malformed_once(verdicts: &mut [Verdict]) {
    let mut told: Vec<Finding> = Vec::new();
    for answer in verdicts.iter_mut().filter_map(|verdict| verdict.outcome.as_mut().ok()) {
        answer.findings.retain(|finding| {
            let is_new = !finding.is_malformed() || !told.contains(finding);
            if is_new && finding.is_malformed() {
                told.push(finding.clone());
            }
            is_new
        });
    }
}

/// The rule of a finding as `policy/rule`, its path, and its outcome; nothing for a finding of another project.
fn place(policy: &str, finding: &Finding) -> Option<(String, String, Action)> {
    let parts = finding.parts.as_ref()?;
    let policy = parts.policy.as_deref().unwrap_or(policy);
    Some((format!("{policy}/{}", parts.rule), parts.path.clone(), finding.action))
}

/// The effect of a finding on the request: more is stricter.
fn strength(action: Action) -> u8 {
    match action {
        Action::Deny => 2,
        Action::Warn | Action::Trusted => 1,
        Action::Existing | Action::Exempt => 0,
    }
}

impl Verdict {
    /// The policy of a finding of this one: its own, or that of a module of several policies.
    pub(crate) fn policy_of<'a>(&'a self, finding: &'a Finding) -> &'a str {
        finding.parts.as_ref().and_then(|parts| parts.policy.as_deref()).unwrap_or(&self.policy)
    }
}
