//! From a request to an answer: findings, what becomes of each, and whether one of them denies.

use std::cell::Cell;
use std::collections::BinaryHeap;
use std::fmt::Write as _;

use crate::findings::{Finding, Findings};
use crate::malformed::Malformed;
use crate::message::{MAX_LINES, line, message, printable, warnings};
use crate::pod::{Class, Owner, Pod};
use crate::policy::Policy;
use crate::process::MAX_STEPS;
use crate::request::{Operation, Request};
use crate::settings::{
    Action, ClassAction, ClassActions, CommonSettings, Exemption, Faults, Settings, Updates, Validate as _,
};
use crate::workload::visit_pods;
use json::Node;

/// How long the machine form of the findings may be, in bytes, before the rest is counted only.
const MAX_ANNOTATION: usize = 8192;

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Whether the request is accepted.
    pub(crate) accepted: bool,
    /// Why not: one line a finding.
    pub(crate) message: Option<String>,
    /// The HTTP status of a rejection: 403 for findings, 400 for an object that cannot be read, 500 for settings that
    /// are not valid.
    pub(crate) code: Option<u16>,
    /// What the user should know although the request is accepted.
    pub(crate) warnings: Vec<String>,
    /// The findings as a JSON list for the audit log; empty when there are none.
    pub(crate) findings: String,
}

impl Verdict {
    /// Accepted without a word.
    pub(crate) fn accept() -> Self {
        Self { accepted: true, message: None, code: None, warnings: Vec::new(), findings: String::new() }
    }

    /// Rejected because something other than a rule stands against it: problems, each with the policy or the module that
    /// has it.
    pub(crate) fn refuse(code: u16, problems: &[(&str, String)]) -> Self {
        // A path holds keys of custom resources, and a key may hold line breaks.
        let lines = problems.iter().map(|(policy, problem)| format!("{policy}: {}", printable(problem)));
        let lines: Vec<_> = lines.collect();
        Self { accepted: false, message: Some(message(&lines, lines.len())), code: Some(code), ..Self::accept() }
    }
}

/// A policy with its settings, of whatever type they are.
pub trait Judge {
    /// The name of the policy.
    fn name(&self) -> &'static str;
    /// How strictly it judges each class of containers by default.
    fn containers(&self) -> ClassActions;
    /// The settings that every policy has.
    fn common(&self) -> &CommonSettings;
    /// What is wrong with the settings and takes too long to look for in every request.
    fn check_settings(&self) -> Faults;
    /// Judges a pod.
    ///
    /// # Errors
    /// The pod cannot be read.
    fn check(&self, pod: &Pod<'_>, findings: &mut Findings) -> Result<(), Malformed>;
}

/// The policy `P` with its settings.
pub(crate) struct Configured<P: Policy> {
    pub(crate) settings: Settings<P::Settings>,
    /// Its settings stand among those of other policies.
    pub(crate) among_others: bool,
}

impl<P: Policy> Judge for Configured<P> {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn containers(&self) -> ClassActions {
        P::CONTAINERS
    }

    fn common(&self) -> &CommonSettings {
        &self.settings.common
    }

    fn check_settings(&self) -> Faults {
        let mut faults = Faults::of_policy(if self.among_others { P::NAME } else { "" });
        self.settings.own.validate_once(&mut faults);
        faults
    }

    fn check(&self, pod: &Pod<'_>, findings: &mut Findings) -> Result<(), Malformed> {
        P::check_pod(&self.settings.own, pod, findings)
    }
}

/// What becomes of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome<'s> {
    Deny,
    Warn,
    /// It would deny, but the old object has it too.
    Existing,
    /// It would deny or warn, but an exemption with this reason covers it.
    Exempt(&'s str),
}

/// A finding and what becomes of it.
#[derive(Debug)]
struct Judged<'s> {
    policy: &'static str,
    finding: Finding,
    outcome: Outcome<'s>,
}

/// What policies say of one object.
#[derive(Default)]
struct Opinion<'s> {
    /// The findings that are not off or ignored.
    judged: Vec<Judged<'s>>,
    /// The policies that cannot read it, and why; the module's name when none can.
    malformed: Vec<(&'static str, String)>,
}

/// Judges a request by the policies of the module called `module`.
pub(crate) fn judge(module: &'static str, judges: &[Box<dyn Judge>], request: &Request<'_>) -> Verdict {
    if !request.is_judged() {
        return Verdict::accept();
    }
    let judges: Vec<&dyn Judge> = judges.iter().map(AsRef::as_ref).collect();
    let Opinion { mut judged, malformed } = judge_object(module, &judges, request, request.object);
    if !malformed.is_empty() {
        return Verdict::refuse(400, &malformed);
    }
    if let Some(old) = request.old_object.filter(|_| request.operation == Operation::Update) {
        let denies = |judge: &&dyn Judge| {
            judged.iter().any(|judged| judged.policy == judge.name() && judged.outcome == Outcome::Deny)
        };
        let judges: Vec<_> =
            judges.into_iter().filter(|judge| judge.common().updates == Updates::Ratchet && denies(judge)).collect();
        // An old object that a policy cannot read excuses none of its findings.
        if !judges.is_empty()
            && let Ok(old) = Node::read(old, request.kind.shape())
        {
            let Opinion { judged: mut old, malformed } = judge_object(module, &judges, request, &old);
            old.retain(|old| malformed.iter().all(|(policy, _)| *policy != old.policy && *policy != module));
            ratchet(&mut judged, &old);
        }
    }
    let order = sorted(judged.iter().map(|judged| judged.finding.order(judged.policy)));
    answer(&order.iter().filter_map(|(_, index)| judged.get(*index)).collect::<Vec<_>>())
}

/// What the policies say of one object.
fn judge_object<'s>(
    module: &'static str,
    judges: &[&'s dyn Judge],
    request: &Request<'_>,
    object: &Node<'_>,
) -> Opinion<'s> {
    let mut opinion = Opinion::default();
    // Each policy may look as far into commands as if it were alone.
    let judges: Vec<(&dyn Judge, Vec<&Exemption>, Cell<usize>)> = judges
        .iter()
        .map(|judge| {
            let exemptions = judge.common().exemptions.iter().filter(|exemption| exemption.concerns(request));
            (*judge, exemptions.collect(), Cell::new(MAX_STEPS))
        })
        .collect();
    let visited = visit_pods(object, request.kind, &mut |pod| {
        for (judge, exemptions, steps) in &judges {
            let policy = judge.name();
            let mut findings = Findings::default();
            pod.steps().swap(steps);
            let checked = judge.check(pod, &mut findings);
            pod.steps().swap(steps);
            if let Err(malformed) = checked {
                if opinion.malformed.iter().all(|(known, _)| *known != policy) {
                    opinion.malformed.push((policy, malformed.to_string()));
                }
                continue;
            }
            for finding in findings.0 {
                let Some(action) = action(*judge, &finding) else { continue };
                let exemption = exemptions.iter().find(|exemption| exemption.covers(&finding, pod));
                let outcome = match (exemption, action) {
                    (Some(exemption), _) => Outcome::Exempt(&exemption.reason),
                    (None, Action::Deny) => Outcome::Deny,
                    (None, Action::Warn) => Outcome::Warn,
                };
                opinion.judged.push(Judged { policy, finding, outcome });
            }
        }
        Ok(())
    });
    if let Err(malformed) = visited {
        opinion.malformed = vec![(module, malformed.to_string())];
    }
    opinion
}

/// What a finding does by the settings, exemptions aside. `None` when its rule is off or its class ignored.
fn action(judge: &dyn Judge, finding: &Finding) -> Option<Action> {
    let common = judge.common();
    let action = common.action(finding.rule)?;
    let class = finding.at.owner.class();
    let of_class = class.and_then(|class| common.containers.of(class).or(judge.containers().of(class)));
    match of_class {
        Some(ClassAction::Ignore) => None,
        Some(ClassAction::Warn) => Some(Action::Warn),
        _ if finding.only_warns => Some(Action::Warn),
        Some(ClassAction::Enforce) | None => Some(action),
    }
}

/// Excuses each finding that stands in the old object too, one for one.
fn ratchet(judged: &mut [Judged<'_>], old: &[Judged<'_>]) {
    let denied = |judged: &[Judged<'_>]| {
        let (index, denied): (Vec<_>, Vec<_>) =
            judged.iter().enumerate().filter(|(_, judged)| judged.outcome == Outcome::Deny).unzip();
        (index, sorted(denied.into_iter().map(|denied| denied.finding.identity(denied.policy))))
    };
    let (_, old) = denied(old);
    let (position, new) = denied(judged);
    let mut old = old.iter().map(|(identity, _)| identity).peekable();
    for (identity, index) in &new {
        while old.next_if(|old| *old < identity).is_some() {}
        let judged = position.get(*index).and_then(|index| judged.get_mut(*index));
        if let Some(judged) = judged.filter(|_| old.next_if_eq(&identity).is_some()) {
            judged.outcome = Outcome::Existing;
        }
    }
}

/// The keys of texts in order, each with the index of its text. A heap, because it costs a module a tenth of what
/// `sort` does.
fn sorted(texts: impl Iterator<Item = String>) -> Vec<(Vec<u64>, usize)> {
    let keys: Vec<_> = texts.enumerate().map(|(index, text)| (key(&text), index)).collect();
    BinaryHeap::from(keys).into_sorted_vec()
}

/// A text as what compares like it, control characters aside, but seven bytes at a time: a module compares texts byte by
/// byte, which takes most of the time that many findings take.
fn key(text: &str) -> Vec<u64> {
    let mut key = Vec::new();
    for chunk in text.as_bytes().chunks(7) {
        // The length behind the bytes tells zeros from nothing.
        let length = u64::try_from(chunk.len()).unwrap_or_default() << 56;
        key.push(chunk.iter().rfold(length, |word, byte| word >> 8 | u64::from(*byte) << 56));
    }
    key
}

/// The answer that follows from the findings.
fn answer(judged: &[&Judged<'_>]) -> Verdict {
    // Of many lines only the first are written.
    let lines = |wanted: fn(&Outcome<'_>) -> bool| -> (Vec<String>, usize) {
        let wanted: Vec<_> = judged.iter().filter(|judged| wanted(&judged.outcome)).collect();
        let lines = wanted.iter().take(MAX_LINES).map(|judged| line(judged.policy, &judged.finding));
        (lines.collect(), wanted.len())
    };
    let (denied, all_denied) = lines(|outcome| *outcome == Outcome::Deny);
    let (warned, all_warned) = lines(|outcome| matches!(outcome, Outcome::Warn | Outcome::Existing));
    Verdict {
        accepted: all_denied == 0,
        message: (all_denied > 0).then(|| message(&denied, all_denied)),
        code: (all_denied > 0).then_some(403),
        warnings: warnings(&warned, all_warned),
        findings: annotation(judged),
    }
}

/// The findings as a JSON list. When it grows too long, its last entry counts the rest: `{"more": 7}`.
fn annotation(judged: &[&Judged<'_>]) -> String {
    let mut list = String::new();
    for (index, shown) in judged.iter().enumerate() {
        list.push(if index == 0 { '[' } else { ',' });
        let entry = entry(shown);
        if list.len().saturating_add(entry.len()) > MAX_ANNOTATION {
            // Writing to a string cannot fail.
            let _ = write!(list, "{{\"more\":{}}}", judged.len().saturating_sub(index));
            break;
        }
        list.push_str(&entry);
    }
    if !list.is_empty() {
        list.push(']');
    }
    list
}

/// A finding in the audit annotation.
fn entry(Judged { policy, finding, outcome }: &Judged<'_>) -> String {
    let (action, reason) = match *outcome {
        Outcome::Deny => ("deny", None),
        Outcome::Warn => ("warn", None),
        Outcome::Existing => ("existing", None),
        Outcome::Exempt(reason) => ("exempt", Some(reason)),
    };
    let owner = &finding.at.owner;
    let kind = if matches!(owner, Owner::Volume(_)) { "volume" } else { "container" };
    let text = |text: &str| Some(json::string(&printable(text)));
    json::object(&[
        ("policy", text(policy)),
        ("rule", text(finding.rule.id)),
        ("action", text(action)),
        ("class", owner.class().map(Class::name).and_then(text)),
        (kind, owner.name().and_then(text)),
        ("path", text(&finding.at.path)),
        ("found", text(&finding.problem)),
        ("fix", text(&finding.fix)),
        ("reason", reason.and_then(text)),
    ])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::findings::Rule;
    use crate::pod::At;
    use crate::settings::RuleAction;

    static RULES: [Rule; 2] =
        [Rule { id: "one", default: RuleAction::Deny }, Rule { id: "one 1", default: RuleAction::Deny }];

    const OUTCOMES: [Outcome<'_>; 3] = [Outcome::Deny, Outcome::Warn, Outcome::Exempt("reviewed")];

    /// Findings that are often the same, with names and values that would run into each other if only joined.
    fn judged() -> impl Strategy<Value = Judged<'static>> {
        let text = || prop::sample::select(vec!["", "1", "a", "a 1", " a", "1 a", "é"]);
        let class = prop::sample::select(vec![None, Some(Class::Main), Some(Class::Init), Some(Class::Sidecar)]);
        (0_usize..2, class, prop::option::of(text()), text(), text(), prop::sample::select(OUTCOMES.to_vec())).prop_map(
            |(rule, class, name, path, value, outcome)| {
                let at = At {
                    owner: class.map_or(Owner::Pod, |class| Owner::Container(class, name.map(str::to_owned))),
                    image: None,
                    path: path.to_owned(),
                };
                let (value, problem) = (value.to_owned(), "it is \"bad\"\n".to_owned());
                Judged {
                    policy: "sample",
                    finding: Finding {
                        rule: &RULES[rule],
                        at,
                        value,
                        problem,
                        fix: "mend it".into(),
                        only_warns: false,
                    },
                    outcome,
                }
            },
        )
    }

    /// Whether two findings are the same before and after an UPDATE, in plain words.
    fn same(new: &Finding, old: &Finding) -> bool {
        let owner = |finding: &Finding| match &finding.at.owner {
            Owner::Container(class, name) => (Some(*class), name.clone().unwrap_or_default()),
            Owner::Pod | Owner::Volume(_) => (None, finding.at.path.clone()),
        };
        new.rule.id == old.rule.id && owner(new) == owner(old) && new.value == old.value
    }

    /// The outcomes after the ratchet, each new finding compared with each old one.
    fn reference(new: &[Judged<'static>], old: &[Judged<'static>]) -> Vec<Outcome<'static>> {
        let mut left: Vec<_> = old.iter().filter(|old| old.outcome == Outcome::Deny).collect();
        new.iter()
            .map(|new| match left.iter().position(|old| same(&new.finding, &old.finding)) {
                Some(index) if new.outcome == Outcome::Deny => {
                    left.remove(index);
                    Outcome::Existing
                }
                _ => new.outcome,
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
            prop_assert_eq!(new.iter().map(|judged| judged.outcome).collect::<Vec<_>>(), expected);
        }

        #[test]
        fn nothing_is_new_in_what_did_not_change(mut new in prop::collection::vec(judged(), 0..30)) {
            let old: Vec<_> = new.iter().map(|judged| Judged { finding: judged.finding.clone(), ..*judged }).collect();
            ratchet(&mut new, &old);
            prop_assert!(new.iter().all(|judged| judged.outcome != Outcome::Deny));
        }

        #[test]
        fn keys_compare_like_their_texts(left in "[ab é]{0,17}", right in "[ab é]{0,17}", text in any::<String>()) {
            prop_assert_eq!(key(&left).cmp(&key(&right)), left.cmp(&right));
            prop_assert_ne!(key(&text), key(&format!("{text}\0")));
        }

        #[test]
        fn the_annotation_is_a_short_list_that_counts_all(findings in prop::collection::vec(judged(), 1..120)) {
            let text = annotation(&findings.iter().collect::<Vec<_>>());
            prop_assert!(text.len() <= MAX_ANNOTATION + 32);
            let list: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
            let (shown, more) = match list.last().unwrap().get("more") {
                Some(more) => (list.len().saturating_sub(1), more.as_u64().unwrap()),
                None => (list.len(), 0),
            };
            prop_assert_eq!(findings.len().checked_sub(shown), usize::try_from(more).ok());
        }
    }

    #[test]
    fn an_annotation_names_all_that_is_known_of_a_finding() {
        let at = At {
            owner: Owner::Container(Class::Sidecar, Some("proxy".to_owned())),
            image: Some("envoy".to_owned()),
            path: "spec.initContainers[0].image".to_owned(),
        };
        let finding = Finding {
            rule: &RULES[0],
            at,
            value: "secret".into(),
            problem: "bad\n".into(),
            fix: "mend it".into(),
            only_warns: false,
        };
        let exempt = Judged { policy: "sample", finding: finding.clone(), outcome: Outcome::Exempt("reviewed") };
        let denied = Judged { policy: "sample", finding, outcome: Outcome::Deny };
        let entry = r#""class":"sidecar","container":"proxy","path":"spec.initContainers[0].image","found":"bad\\n","fix":"mend it""#;
        assert_eq!(
            annotation(&[&exempt, &denied]),
            format!(
                r#"[{{"policy":"sample","rule":"one","action":"exempt",{entry},"reason":"reviewed"}},{{"policy":"sample","rule":"one","action":"deny",{entry}}}]"#
            )
        );
    }

    #[test]
    fn nothing_found_is_no_annotation() {
        assert_eq!(annotation(&[]), "");
    }
}
