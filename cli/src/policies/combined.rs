//! One module that answers for several policies: a call and a parse instead of one for each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use capabilities::World;
use serde_json::{Map, Value, json};

use super::builtin::Builtin;
use super::fault::Fault;
use super::policy::{Body, Member, ModuleSource, Modules, Planned, Policy};
use crate::answer::Answer;

/// A module that holds policies of this run.
#[derive(Debug)]
pub(super) struct Combined<M = Member> {
    /// The name of the module.
    name: String,
    member: M,
    /// The policies that it answers for.
    policies: BTreeSet<String>,
}

impl<M> Combined<M> {
    /// The module with its name.
    pub(super) fn member(&self) -> (&str, &M) {
        (&self.name, &self.member)
    }
}

impl Combined<Planned> {
    /// The built-in modules that hold at least two of these policies, the one with most of them first. The policies must be
    /// those of this project with these names, asked about everything.
    pub(super) fn plan(policies: &[Policy<Planned>], builtin: &Builtin) -> Vec<Self> {
        let alone = policies.iter().filter_map(|policy| match &policy.body {
            Body::Single(planned) if planned.source == ModuleSource::Builtin(policy.name.clone()) => {
                Some((policy.name.as_str(), &planned.settings))
            }
            _ => None,
        });
        let mut alone: BTreeMap<&str, &Value> = alone.collect();
        let mut plans = Vec::new();
        while let Some(plan) = Self::largest(&alone, builtin) {
            alone.retain(|name, _| !plan.policies.contains(*name));
            plans.push(plan);
        }
        plans
    }

    /// The module that holds most of these policies; `None` when none holds two of them.
    fn largest(alone: &BTreeMap<&str, &Value>, builtin: &Builtin) -> Option<Self> {
        let held = |combines: &[String]| combines.iter().filter(|name| alone.contains_key(name.as_str())).count();
        let modules = builtin.names().filter_map(|name| Some((name, &builtin.entry(name)?.combines)));
        let (name, combines) = modules.max_by_key(|(_, combines)| held(combines)).filter(|(_, all)| held(all) > 1)?;
        let settings = combines.iter().filter_map(|name| match alone.get(name.as_str()) {
            None => Some((name.clone(), Value::Bool(false))),
            Some(Value::Null) => None,
            Some(settings) => Some((name.clone(), (*settings).clone())),
        });
        let settings = json!({ "policies": settings.collect::<Map<_, _>>() });
        let source = ModuleSource::Builtin(name.to_owned());
        Some(Self {
            name: name.to_owned(),
            member: Planned { source, settings, place: None, mutating: Some(false), granted: None },
            policies: combines.iter().filter(|name| alone.contains_key(name.as_str())).cloned().collect(),
        })
    }

    /// With its module, which checks the settings.
    pub(super) fn loaded(self, modules: &Modules, world: &Arc<World>) -> Result<Combined, Fault> {
        let member = self.member.loaded(&self.name, modules, world)?;
        Ok(Combined { name: self.name, member, policies: self.policies })
    }
}

impl Combined {
    /// The answers of the policies to a request; `None` when the one answer is not enough for them, as when there are
    /// more findings than it lists. The policies are asked one by one then.
    pub(super) fn answers(&self, request: &str) -> BTreeMap<&str, Answer> {
        let told = self.member.respond(request).ok().and_then(|response| Answer::by_policy(&response));
        let is_ours = |told: &BTreeMap<String, Answer>| told.keys().all(|name| self.policies.contains(name));
        let Some(mut told) = told.filter(is_ours) else { return BTreeMap::new() };
        self.policies.iter().map(|name| (name.as_str(), told.remove(name).unwrap_or_else(Answer::accept))).collect()
    }
}
