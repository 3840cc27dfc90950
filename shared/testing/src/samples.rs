//! The samples of policies: what makes a pod or another object good for each, and what makes it bad. The laws, the
//! adversarial rows and the limits judge every policy by its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use kubewarden_policy_sdk::response::ValidationResponse;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::objects::{self, Objects, judge};
use crate::overlay::{overlay, overlay_fields};
use crate::replay::workloads;
use shared::findings::RuleAction;
use shared::module::Module;

/// Fields that are put over those of a pod specification and of a container in it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Fields {
    pod: Map<String, Value>,
    container: Map<String, Value>,
}

impl Fields {
    /// Puts other fields over these.
    fn put(&mut self, over: &Fields) {
        overlay_fields(&mut self.pod, &over.pod);
        overlay_fields(&mut self.container, &over.container);
    }
}

/// `samples.yaml` of a policy.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Samples {
    /// The fields that the policy demands of every pod.
    #[serde(default)]
    good: Fields,
    /// The fields that it denies by default: either of a container or of the pod, in ways that differ in what is judged. None
    /// for a policy that does not judge pods, or only warns.
    #[serde(default)]
    bad: Vec<Fields>,
    /// The other objects that it judges.
    #[serde(default)]
    objects: Vec<Objects>,
}

impl Samples {
    fn load(workspace: &Path, policy: &str) -> Result<Self, String> {
        let file = workspace.join("policies").join(policy).join("samples.yaml");
        let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let samples: Self = serde_saphyr::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        let of_container = samples.bad.iter().filter(|fields| !fields.container.is_empty()).count();
        let of_pod = samples.bad.iter().filter(|fields| !fields.pod.is_empty()).count();
        match (of_container, of_pod, samples.bad.len()) {
            (all, 0, count) | (0, all, count) if all == count => Ok(samples),
            _ => Err(format!("{}: each of `bad` must set fields of the container, or each of the pod", file.display())),
        }
    }
}

/// Good and bad pods for the policies of a workspace. What is asked for a module of several policies is bad for all of them.
#[derive(Debug)]
pub struct Pods {
    policies: BTreeMap<String, Samples>,
    /// The fields that all of them demand.
    good: Fields,
}

impl Pods {
    /// Reads the samples of these policies.
    ///
    /// # Errors
    /// Names the file that cannot be read, or makes no sense.
    pub fn load<'p>(workspace: &Path, policies: impl IntoIterator<Item = &'p str>) -> Result<Self, String> {
        let load = |policy: &'p str| Ok((policy.to_owned(), Samples::load(workspace, policy)?));
        let policies = policies.into_iter().map(load).collect::<Result<BTreeMap<_, _>, String>>()?;
        let mut good = Fields::default();
        for samples in policies.values() {
            good.put(&samples.good);
        }
        Ok(Self { policies, good })
    }

    /// Returns `true` if a pod can be bad for the policy.
    #[must_use]
    pub fn can_be_bad(&self, policy: &str) -> bool {
        self.ways(policy) > 0
    }

    /// Returns `true` if the policy finds what is bad in the pod as a whole, and not in a container.
    #[must_use]
    pub fn are_bad_as_a_whole(&self, policy: &str) -> bool {
        let is_of_pod = |samples: &Samples| samples.bad.iter().all(|fields| fields.container.is_empty());
        self.can_be_bad(policy) && self.policies.get(policy).is_some_and(is_of_pod)
    }

    /// An object that is not a workload and that the policy denies, if it judges such objects.
    #[must_use]
    pub fn bad_object(&self, policy: &str) -> Option<Value> {
        self.policies.get(policy)?.objects.first()?.bad().next()
    }

    /// The number of ways in which a pod can be bad for the policy; no limit for a module of several policies.
    #[must_use]
    pub fn ways(&self, policy: &str) -> usize {
        self.policies.get(policy).map_or(usize::MAX, |samples| samples.bad.len())
    }

    /// The bad fields of the policy, over those that are good for all.
    fn bad(&self, policy: &str, way: usize) -> Fields {
        let mut fields = self.good.clone();
        let only = self.policies.get(policy);
        let all = self.policies.values().filter(|_| only.is_none());
        for samples in only.into_iter().chain(all) {
            samples.bad.iter().cycle().skip(way).take(1).for_each(|bad| fields.put(bad));
        }
        fields
    }

    /// A container in which no policy finds anything, in a pod with the fields of [`good_fields`](Self::good_fields).
    #[must_use]
    pub fn good_container(&self, name: &str) -> Value {
        container(name, &self.good)
    }

    /// The fields of a pod specification beside its containers in which no policy finds anything.
    #[must_use]
    pub fn good_fields(&self) -> &Map<String, Value> {
        &self.good.pod
    }

    /// A container in which the policy finds what it denies; a good one if the policy does not judge containers.
    #[must_use]
    pub fn bad_container(&self, policy: &str, way: usize, name: &str) -> Value {
        container(name, &self.bad(policy, way))
    }

    /// The fields of a pod specification beside its bad containers.
    #[must_use]
    pub fn bad_fields(&self, policy: &str, way: usize) -> Map<String, Value> {
        self.bad(policy, way).pod
    }

    /// Puts what some policy calls good or bad, as chosen by numbers, over a pod specification and one of its containers.
    pub fn disturb(&self, pod: &mut Value, choice: usize, at: usize) {
        let all = self.policies.values().flat_map(|samples| [&samples.good].into_iter().chain(&samples.bad));
        let all: Vec<&Fields> = all.collect();
        let Some(fields) = all.iter().cycle().nth(choice.checked_rem(all.len()).unwrap_or_default()) else { return };
        overlay(pod, &fields.pod);
        let containers = pod.get_mut("containers").and_then(Value::as_array_mut).map_or(&mut [][..], Vec::as_mut_slice);
        if let Some(container) = at.checked_rem(containers.len()).and_then(|at| containers.get_mut(at)) {
            overlay(container, &fields.container);
        }
    }
}

fn container(name: &str, fields: &Fields) -> Value {
    let mut container = json!({ "name": name, "image": "shop/web:1.0.0" });
    overlay(&mut container, &fields.container);
    container
}

/// Checks that the samples of `M` are right: the good one is accepted without a word, each bad one is rejected everywhere
/// for its container or for the pod, and none of them excuses another. Objects that are not workloads have laws of their
/// own.
///
/// # Errors
/// Names the sample that breaks a law.
pub fn check_samples<M: Module>(workspace: &Path) -> Result<(), String> {
    let pods = Pods::load(workspace, [M::NAME])?;
    let denies = M::RULES.iter().any(|rule| rule.default == RuleAction::Deny);
    if pods.can_be_bad(M::NAME) != (M::FACTS.kinds.workloads && denies) {
        return Err("`bad` is for policies that judge workloads and deny by default, and for all of them".to_owned());
    }
    objects::check::<M>(pods.policies.get(M::NAME).map_or(&[], |samples| &samples.objects))?;
    let pod = |container: Value, fields: &Map<String, Value>| {
        let mut pod = json!({ "containers": [container], "restartPolicy": "Always" });
        overlay(&mut pod, fields);
        pod
    };
    let good = pod(pods.good_container("web"), pods.good_fields());
    for (kind, object) in workloads(&good) {
        let answer = judge::<M>(&object, None, &json!({}))?;
        if !answer.accepted || answer.audit_annotations.is_some() {
            return Err(format!("`good` is not good in a {kind}: {answer:?}"));
        }
    }
    let bad = |way| pod(pods.bad_container(M::NAME, way, "web"), &pods.bad_fields(M::NAME, way));
    for way in 0..pods.ways(M::NAME) {
        for (kind, object) in workloads(&bad(way)) {
            let answer = judge::<M>(&object, None, &json!({}))?;
            is_found(&answer, !pods.are_bad_as_a_whole(M::NAME))
                .map_err(|problem| format!("`bad[{way}]` in a {kind}: {problem}: {answer:?}"))?;
        }
        for other in (0..pods.ways(M::NAME)).filter(|other| *other != way) {
            let [object, old] = [way, other].map(|way| workloads(&bad(way)).swap_remove(0).1);
            if judge::<M>(&object, Some(&old), &json!({}))?.accepted {
                return Err(format!("`bad[{other}]` excuses `bad[{way}]`: what is judged is the same"));
            }
        }
    }
    Ok(())
}

/// Checks that a pod is rejected for what is in its container, or in the pod.
fn is_found(answer: &ValidationResponse, in_container: bool) -> Result<(), &'static str> {
    if answer.accepted || answer.code != Some(403) {
        return Err("it is not rejected for a finding");
    }
    let annotations = answer.audit_annotations.as_ref();
    let findings = annotations.and_then(|annotations| annotations.get("findings")).map_or("", String::as_str);
    let findings: Vec<Value> = serde_json::from_str(findings).unwrap_or_default();
    if findings.iter().all(|finding| finding.get("container").is_some() == in_container) {
        Ok(())
    } else if in_container {
        Err("a finding is not of the container")
    } else {
        Err("a finding is of a container; set fields of the container")
    }
}
