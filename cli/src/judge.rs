//! What the policies say about one object.

use host::HostError;
use manifests::{Request, Subject};

use crate::answer::{Answer, Finding};
use crate::policies::{Namespaces, Policies};

/// What one policy says about an object.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// The name of the policy.
    pub(crate) policy: String,
    /// Its findings, or why it gave no verdict.
    pub(crate) outcome: Result<Answer, HostError>,
}

/// What all policies say about an object.
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
    Judgement { subject: request.subject.clone(), verdicts: verdicts.collect() }
}

impl Verdict {
    /// The policy of a finding of this one: its own, or that of a module of several policies.
    pub(crate) fn policy_of<'a>(&'a self, finding: &'a Finding) -> &'a str {
        finding.parts.as_ref().and_then(|parts| parts.policy.as_deref()).unwrap_or(&self.policy)
    }
}
