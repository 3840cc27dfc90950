//! The policies to judge with: their modules, their settings, and what they are asked about.

mod builtin;
mod combined;
#[cfg(feature = "embedded")]
mod embedded {
    //! The files of `dist/` at the time of the build.
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}
mod expression;
mod resources;
mod scope;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use harness::{HostError, Module, Response};
use rayon::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value};

pub(crate) use self::builtin::{Builtin, Entry, Example, Rule};
use self::combined::Combined;
use self::expression::Expression;
pub(crate) use self::scope::Namespaces;
use self::scope::Scope;
use crate::args::Check;
use crate::input;
use crate::judge::{Action, Answer, Finding, Judgement};

/// A policy that is ready to judge; with another `M`, one whose modules are not loaded yet.
#[derive(Debug)]
pub(crate) struct Policy<M = Member> {
    /// How it is named in the report.
    pub(crate) name: String,
    /// What it is asked about.
    scope: Scope,
    /// What becomes of its findings.
    mode: Mode,
    /// Who answers.
    body: Body<M>,
}

/// What becomes of the findings of a policy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// A rejection counts.
    #[default]
    Protect,
    /// Findings only warn.
    Monitor,
}

/// Who answers for a policy.
#[derive(Debug)]
enum Body<M> {
    /// One module.
    Single(M),
    /// Several, as an expression says.
    Group(Group<M>),
}

/// A group of policies.
#[derive(Debug)]
struct Group<M> {
    members: BTreeMap<String, M>,
    expression: Expression,
    /// What the user is told when the expression is false.
    message: String,
}

/// A module with settings that it accepted.
#[derive(Debug)]
pub(crate) struct Member {
    /// The name of the module, which some modules put before their messages.
    name: String,
    module: Module,
    /// As JSON.
    settings: String,
    /// Whether it may change the object.
    mutating: bool,
}

/// A module that is to be loaded.
#[derive(Debug)]
struct Planned {
    source: ModuleSource,
    settings: Value,
    /// Whether it may change the object; `None` when the module itself says so.
    mutating: Option<bool>,
}

/// Where a module comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum ModuleSource {
    /// It is built in, under this name.
    Builtin(String),
    /// A file.
    File(PathBuf),
}

/// The policies of one run, sorted by name.
#[derive(Debug)]
pub(crate) struct Policies {
    all: Vec<Policy>,
    /// Answers for some of them at once, where it can.
    combined: Option<Combined>,
    /// What of their definitions is not honoured.
    notes: BTreeSet<String>,
}

/// Why nothing can be judged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The directory of the modules cannot be read.
    #[error(
        "{0} cannot be read: {1}; build the modules with `cargo xtask build`, or name their directory with --modules"
    )]
    Modules(String, String),
    /// The directory holds no module.
    #[error("{0} holds no module; build them with `cargo xtask build`, or name their directory with --modules")]
    NoModules(String),
    /// An entry of the catalogue cannot be read.
    #[error("{0} is no entry of the catalogue: {1}; `cargo xtask build` writes it")]
    Catalogue(String, String),
    /// A policy was named that is not there.
    #[error("there is no policy `{name}`{hint}; there are: {known}")]
    Unknown {
        /// As it was given.
        name: String,
        /// The nearest name, as a question.
        hint: String,
        /// All names.
        known: String,
    },
    /// Two modules have the same name, so that settings cannot tell them apart.
    #[error("there are two policies `{0}`; rename the file of one of them")]
    Twice(String),
    /// A module cannot be run.
    #[error("policy {0}: {1}")]
    Module(String, String),
    /// The settings file cannot be read.
    #[error("{0}: {1}")]
    SettingsFile(String, String),
    /// A policy refused its settings.
    #[error("settings of policy {0}: {1}")]
    Settings(String, String),
    /// A custom resource cannot be read, or not be honoured.
    #[error("{0}")]
    Resource(String),
    /// There are no policies in a file or directory.
    #[error(
        "{0} defines no policy; it needs a ClusterAdmissionPolicy, an AdmissionPolicy, or a group of {group}",
        group = "policies.kubewarden.io"
    )]
    NoResources(String),
}

impl Policies {
    /// Loads what the command line asks for, and lets every module check its settings.
    pub(crate) fn load(check: &Check) -> Result<Self, Fault> {
        let chosen = &check.chosen;
        let builtin = match Builtin::open(check.builtin.modules.as_deref()) {
            Ok(builtin) => builtin,
            // Files of others need none of ours.
            Err(_) if chosen.policies.is_empty() && !(chosen.files.is_empty() && chosen.resources.is_empty()) => {
                Builtin::default()
            }
            Err(fault) => return Err(fault),
        };
        let mut notes = BTreeSet::new();
        let mut plans = resources::read(&chosen.resources, &builtin, &mut notes)?;
        let chosen = modules(check, &builtin)?;
        // Resources may have the names of built-in policies, and other settings.
        let combined = if plans.is_empty() { Combined::plan(&chosen, &builtin) } else { None };
        plans.extend(chosen);
        let planned = plans.iter().flat_map(Policy::members);
        let planned = planned.chain(combined.iter().map(Combined::member));
        let modules = load_modules(planned, &builtin)?;
        let mut policies = plans.into_par_iter().map(|plan| plan.loaded(&modules)).collect::<Result<Vec<_>, _>>()?;
        policies.sort_by(|one, other| one.name.cmp(&other.name));
        // Settings that are too long together are not too long alone.
        let combined = combined.and_then(|combined| combined.loaded(&modules).ok());
        Ok(Self { all: policies, combined, notes })
    }

    /// What the policies say about a request: the name of each that is asked, and its answer.
    pub(crate) fn answers<'p>(
        &'p self,
        request: &'p Value,
        namespaces: &'p Namespaces,
    ) -> impl Iterator<Item = (&'p str, Result<Answer, HostError>)> {
        // Every policy reads the same text.
        let text = request.to_string();
        let mut known = self.combined.as_ref().map(|combined| combined.answers(&text)).unwrap_or_default();
        let asked = self.all.iter().filter(|policy| policy.scope.holds(request, namespaces));
        asked.map(move |policy| {
            let name = policy.name.as_str();
            (name, known.remove(name).map_or_else(|| policy.answer(&text), Ok))
        })
    }

    /// The modules that judge, each with the name of its policy.
    pub(crate) fn modules(&self) -> impl Iterator<Item = (&str, &Module)> {
        self.all.iter().flat_map(|policy| policy.members().map(|(name, member)| (name, &member.module)))
    }

    /// What of their definitions the policies could not honour, given what they judged.
    pub(crate) fn notes<'j>(
        &self,
        judgements: impl Iterator<Item = &'j Judgement>,
        namespaces: &Namespaces,
    ) -> BTreeSet<String> {
        let mut notes = self.notes.clone();
        for Judgement { subject, verdicts } in judgements {
            let asked = self.all.iter().filter(|policy| verdicts.iter().any(|verdict| verdict.policy == policy.name));
            for policy in asked.filter(|policy| policy.scope.wants_to_know(&subject.namespace, namespaces)) {
                notes.insert(format!(
                    "policy {} chooses namespaces by labels, and those of {} are not known; it judges as if they fitted \
                     (a Namespace in the input tells them)",
                    policy.name, subject.namespace
                ));
            }
        }
        notes
    }
}

/// The policies that are chosen by the names and files of their modules; all built-in ones when nothing is chosen.
fn modules(check: &Check, builtin: &Builtin) -> Result<Vec<Policy<Planned>>, Fault> {
    let chosen = &check.chosen;
    let known: BTreeSet<&str> = builtin.names().collect();
    let mut sources = BTreeMap::new();
    for file in &chosen.files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if sources.insert(name.clone(), ModuleSource::File(file.clone())).is_some() {
            return Err(Fault::Twice(name));
        }
    }
    let everything = chosen.policies.is_empty() && chosen.files.is_empty() && chosen.resources.is_empty();
    let names: BTreeSet<&str> =
        if everything { builtin.defaults().collect() } else { chosen.policies.iter().map(String::as_str).collect() };
    for name in names {
        require(name, known.iter().copied())?;
        if sources.insert(name.to_owned(), ModuleSource::Builtin(name.to_owned())).is_some() {
            return Err(Fault::Twice(name.to_owned()));
        }
    }
    let mut settings = match &check.settings {
        Some(path) => read_settings(path)?,
        None => Map::new(),
    };
    let configurable: BTreeSet<&str> = known.into_iter().chain(sources.keys().map(String::as_str)).collect();
    for name in settings.keys() {
        require(name, configurable.iter().copied())?;
    }
    let plan = |(name, source): (String, ModuleSource)| {
        let settings = settings.remove(&name).unwrap_or_default();
        Policy {
            name,
            scope: Scope::default(),
            mode: Mode::Protect,
            body: Body::Single(Planned { source, settings, mutating: None }),
        }
    };
    Ok(sources.into_iter().map(plan).collect())
}

/// The modules that were loaded.
type Modules = BTreeMap<ModuleSource, Module>;

/// Compiles every module that is planned, once. Each comes with the name to give it in a message.
fn load_modules<'p>(
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

impl<M> Policy<M> {
    /// The modules of the policy, with the name to give them in a message.
    fn members(&self) -> impl Iterator<Item = (&str, &M)> {
        let (single, group) = match &self.body {
            Body::Single(member) => (Some((self.name.as_str(), member)), None),
            Body::Group(group) => (None, Some(group.members.iter().map(|(name, member)| (name.as_str(), member)))),
        };
        single.into_iter().chain(group.into_iter().flatten())
    }
}

impl Policy<Planned> {
    /// The policy with its modules, which check their settings as they do when a policy server starts.
    fn loaded(self, modules: &Modules) -> Result<Policy, Fault> {
        let Self { name, mut scope, mode, body } = self;
        let body = match body {
            Body::Single(planned) => {
                let is_file = matches!(planned.source, ModuleSource::File(_));
                let member = planned.loaded(&name, modules)?;
                // A module of others may not know what to make of objects that it is not meant for. Ours do.
                if is_file && scope.rules.is_none() {
                    let rules = member.module.metadata().map(|metadata| metadata.rules.iter().cloned());
                    scope.rules = rules.map(|rules| rules.map(|what| scope::Rule { what, scope: None }).collect());
                }
                Body::Single(member)
            }
            Body::Group(Group { members, expression, message }) => {
                let members = members.into_iter().map(|(key, planned)| {
                    let member = planned.loaded(&format!("{name}, member {key}"), modules)?;
                    Ok((key, member))
                });
                Body::Group(Group { members: members.collect::<Result<_, Fault>>()?, expression, message })
            }
        };
        Ok(Policy { name, scope, mode, body })
    }
}

impl Planned {
    /// With its module, which checks the settings. Messages call it `title`.
    fn loaded(self, title: &str, modules: &Modules) -> Result<Member, Fault> {
        let Self { source, settings, mutating } = self;
        let module = modules.get(&source).ok_or_else(|| Fault::NoModules(title.to_owned()))?;
        let name = match source {
            ModuleSource::Builtin(name) => name,
            ModuleSource::File(file) => file.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        };
        // The policy server gives a policy without settings an empty object.
        let settings = if settings.is_null() { Value::Object(Map::new()) } else { settings }.to_string();
        let verdict = module
            .validate_settings(settings.as_bytes())
            .map_err(|error| Fault::Module(title.to_owned(), error.to_string()))?;
        if !verdict.valid {
            let reason = verdict.message.unwrap_or_else(|| "refused".to_owned());
            return Err(Fault::Settings(title.to_owned(), reason));
        }
        let mutating = mutating.unwrap_or_else(|| module.metadata().is_none_or(|metadata| metadata.mutating));
        Ok(Member { name, module: module.clone(), settings, mutating })
    }
}

impl Policy {
    /// What the policy says about a request.
    fn answer(&self, request: &str) -> Result<Answer, HostError> {
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
    fn respond(&self, request: &str) -> Result<Response, HostError> {
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

/// Refuses a name that is no policy, with the nearest one that is.
pub(crate) fn require<'k>(name: &str, known: impl Iterator<Item = &'k str> + Clone) -> Result<(), Fault> {
    if known.clone().any(|one| one == name) {
        return Ok(());
    }
    Err(Fault::Unknown {
        name: name.to_owned(),
        hint: nearest(name, known.clone()).map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default(),
        known: known.collect::<Vec<_>>().join(", "),
    })
}

/// The known name that is most like another one, if one is.
fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    known
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}

/// Reads the settings file: an object of settings by policy name.
fn read_settings(path: &Path) -> Result<Map<String, Value>, Fault> {
    let fault = |reason: String| Fault::SettingsFile(path.display().to_string(), reason);
    let text = std::fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
    match input::read_settings(&text) {
        Ok(None) => Ok(Map::new()),
        Ok(Some(Value::Object(settings))) => Ok(settings),
        Ok(Some(_)) => Err(fault("expected an object of settings by policy name".to_owned())),
        Err(problem) => Err(fault(format!(
            "line {}, column {}: {}",
            problem.line.unwrap_or(1),
            problem.column.unwrap_or(1),
            problem.message
        ))),
    }
}
