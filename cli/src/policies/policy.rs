//! One policy: its modules with their settings, and how it answers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use capabilities::World;
use host::{HostError, Module, Response};
use rayon::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::builtin::Builtin;
use super::expression::Expression;
use super::fault::Fault;
use super::scope::{self, Scope};
use super::settings::{self, Place};
use crate::answer::{Action, Answer, Finding};

/// The import of a module that asks its host.
const HOST_CALL: &str = "wapc.__host_call";

/// A policy. `Policy<Planned>` has not loaded its modules yet.
#[derive(Debug)]
pub(super) struct Policy<M = Member> {
    /// Its name in the report.
    pub(super) name: String,
    /// The requests that it judges.
    pub(super) scope: Scope,
    /// The effect of its findings.
    pub(super) mode: Mode,
    /// The source of its answers.
    pub(super) body: Body<M>,
}

/// The effect of the findings of a policy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mode {
    /// A rejection counts.
    #[default]
    Protect,
    /// Findings only warn.
    Monitor,
}

/// The source of the answers of a policy.
#[derive(Debug)]
pub(super) enum Body<M> {
    /// One module.
    Single(M),
    /// Several, as an expression says.
    Group(Group<M>),
}

/// A group of policies.
#[derive(Debug)]
pub(super) struct Group<M> {
    pub(super) members: BTreeMap<String, M>,
    pub(super) expression: Expression,
    /// The message when the expression is false.
    pub(super) message: String,
}

/// A module with settings that it accepted.
#[derive(Debug)]
pub(super) struct Member {
    /// The name of the module, which some modules put before their messages.
    name: String,
    pub(super) module: Module,
    /// As JSON.
    settings: String,
    /// `true` if it may change the object.
    mutating: bool,
}

/// A module that is to be loaded.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) source: ModuleSource,
    pub(super) settings: Value,
    /// The place of the settings, if they have one.
    pub(super) place: Option<Place>,
    /// `true` if it may change the object; `None` when the module itself says so.
    pub(super) mutating: Option<bool>,
    /// The objects of the cluster that it may read, as `apiVersion` and `kind`; `None` when the module itself says so.
    pub(super) granted: Option<BTreeSet<(String, String)>>,
}

/// The source of a module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ModuleSource {
    /// It is built in, under this name.
    Builtin(String),
    /// A file.
    File(PathBuf),
}

/// The modules that were loaded.
pub(super) type Modules = BTreeMap<ModuleSource, Module>;

/// Compiles every module that is planned, once. Each comes with the name to give it in a message.
pub(super) fn load_modules<'p>(
    planned: impl Iterator<Item = (&'p str, &'p Planned)>,
    builtin: &Builtin,
) -> Result<Modules, Fault> {
    let sources: BTreeMap<&ModuleSource, &str> = planned.map(|(name, planned)| (&planned.source, name)).collect();
    let load = |(source, policy): (&ModuleSource, &str)| {
        let module = match source {
            ModuleSource::Builtin(name) => {
                builtin.bytes(name).and_then(|bytes| Module::from_bytes(&bytes).map_err(|error| error.to_string()))
            }
            ModuleSource::File(file) => Module::from_file(file).map_err(|error| error.to_string()),
        };
        match module {
            Ok(module) => Ok((source.clone(), module)),
            Err(reason) => Err(Fault::Module(policy.to_owned(), reason)),
        }
    };
    sources.into_par_iter().map(load).collect()
}

/// All values, or all faults.
pub(super) fn all<T, C: FromIterator<T>>(results: impl Iterator<Item = Result<T, Fault>>) -> Result<C, Fault> {
    let (values, faults): (Vec<_>, Vec<_>) = results.partition(Result::is_ok);
    if faults.is_empty() {
        Ok(values.into_iter().flatten().collect())
    } else {
        Err(Fault::All(faults.into_iter().filter_map(Result::err).collect()))
    }
}

impl<M> Policy<M> {
    /// The modules of the policy, with the name to give them in a message.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, &M)> {
        let (single, group) = match &self.body {
            Body::Single(member) => (Some((self.name.as_str(), member)), None),
            Body::Group(group) => (None, Some(group.members.iter().map(|(name, member)| (name.as_str(), member)))),
        };
        single.into_iter().chain(group.into_iter().flatten())
    }
}

impl Policy<Planned> {
    /// The policy with its modules, which check their settings as they do when a policy server starts.
    pub(super) fn loaded(self, modules: &Modules, world: &Arc<World>) -> Result<Policy, Fault> {
        let Self { name, mut scope, mode, body } = self;
        let body = match body {
            Body::Single(planned) => {
                let is_file = matches!(planned.source, ModuleSource::File(_));
                let member = planned.loaded(&name, modules, world)?;
                // A module of others may not know what to make of objects that it is not meant for. Ours do.
                if is_file && scope.rules.is_none() {
                    let rules = member.module.metadata().map(|metadata| metadata.rules.iter().cloned());
                    scope.rules = rules.map(|rules| rules.map(|what| scope::Rule { what, scope: None }).collect());
                }
                Body::Single(member)
            }
            Body::Group(Group { members, expression, message }) => {
                let members = members.into_iter().map(|(key, planned)| {
                    let member = planned.loaded(&format!("{name}, member {key}"), modules, world)?;
                    Ok((key, member))
                });
                Body::Group(Group { members: all(members)?, expression, message })
            }
        };
        Ok(Policy { name, scope, mode, body })
    }
}

impl Planned {
    /// With its module, which checks the settings. Messages call it `title`.
    pub(super) fn loaded(self, title: &str, modules: &Modules, world: &Arc<World>) -> Result<Member, Fault> {
        let Self { source, settings, place, mutating, granted } = self;
        let module = modules.get(&source).ok_or_else(|| Fault::NoModules(title.to_owned()))?.clone();
        let fault = |error: HostError| Fault::Module(title.to_owned(), error.to_string());
        let module = if module.imports().contains(HOST_CALL) {
            let granted = granted.unwrap_or_else(|| wanted(&module));
            module.with_capabilities(world.granted(granted)).map_err(fault)?
        } else {
            module
        };
        let name = match source {
            ModuleSource::Builtin(name) => name,
            ModuleSource::File(file) => file.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        };
        // The policy server gives a policy without settings an empty object.
        let settings = if settings.is_null() { Value::Object(Map::new()) } else { settings }.to_string();
        let verdict = module.validate_settings(settings.as_bytes()).map_err(fault)?;
        if !verdict.valid {
            let reason = verdict.message.unwrap_or_else(|| "refused".to_owned());
            // The modules of this project name themselves on every line.
            let own = format!("{name}: ");
            let lines: Vec<&str> = reason.lines().map(|line| line.strip_prefix(&own).unwrap_or(line)).collect();
            return Err(settings::faults(title, &lines, place.as_ref()));
        }
        let mutating = mutating.unwrap_or_else(|| module.metadata().is_none_or(|metadata| metadata.mutating));
        Ok(Member { name, module, settings, mutating })
    }
}

/// The objects of the cluster that a module wants to read.
fn wanted(module: &Module) -> BTreeSet<(String, String)> {
    let resources = module.metadata().into_iter().flat_map(|metadata| &metadata.context_aware_resources);
    resources.map(|resource| (resource.api_version.clone(), resource.kind.clone())).collect()
}

impl Policy {
    /// The answer of the policy to a request.
    pub(super) fn answer(&self, request: &str) -> Result<Answer, HostError> {
        let answer = match &self.body {
            Body::Single(member) => member.answer(request),
            Body::Group(group) => group.answer(request),
        }?;
        Ok(match self.mode {
            Mode::Protect => answer,
            Mode::Monitor => answer.only_warned(),
        })
    }
}

impl Member {
    pub(super) fn respond(&self, request: &str) -> Result<Response, HostError> {
        // Written by hand, to copy neither the object nor the settings.
        let payload = format!(r#"{{"request":{request},"settings":{}}}"#, self.settings);
        self.module.validate(payload.as_bytes())
    }

    fn answer(&self, request: &str) -> Result<Answer, HostError> {
        let response = self.respond(request)?;
        let changes = response.accepted && !self.mutating && response.mutated_object.is_some();
        let refused = || Response {
            message: Some("it changes the object, which a policy with `mutating: false` may not".to_owned()),
            ..Response::default()
        };
        Ok(Answer::new(&self.name, if changes { refused() } else { response }))
    }
}

impl Group<Member> {
    fn answer(&self, request: &str) -> Result<Answer, HostError> {
        let mut answers: BTreeMap<&str, Answer> = BTreeMap::new();
        let accepted = self.expression.value(&mut |name: &str| {
            let Some((name, member)) = self.members.get_key_value(name) else { return Ok(false) };
            if let Some(answer) = answers.get(name.as_str()) {
                return Ok(answer.accepted);
            }
            let answer = member.answer(request)?;
            let accepted = answer.accepted;
            answers.insert(name, answer);
            Ok(accepted)
        })?;
        // As in the policy server, the members that rejected are the causes of a rejection, and nothing otherwise.
        let mut findings = Vec::new();
        if !accepted {
            findings.push(Finding::plain(Action::Deny, "", &self.message));
        }
        for (name, answer) in answers {
            let told = answer.findings.into_iter().filter(|finding| finding.action != Action::Deny || !accepted);
            findings.extend(told.map(|finding| Finding { message: format!("{name}: {}", finding.message), ..finding }));
        }
        findings.sort_by_key(|finding| finding.action);
        Ok(Answer { accepted, findings })
    }
}
