//! The policies to judge by: their modules, their settings, and the requests that they judge.

mod builtin;
mod combined;
mod expression;
mod fault;
mod policy;
mod resources;
mod scope;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use host::{HostError, Module};
use rayon::prelude::*;
use serde_json::{Map, Value};

pub(crate) use self::builtin::{Builtin, Entry, Example, Rule};
use self::combined::Combined;
pub(crate) use self::fault::Fault;
use self::policy::{Body, Mode, ModuleSource, Planned, Policy, load_modules};
pub(crate) use self::scope::Namespaces;
use self::scope::Scope;
use crate::answer::Answer;
use crate::args::Check;

/// The policies of one run, sorted by name.
#[derive(Debug)]
pub(crate) struct Policies {
    all: Vec<Policy>,
    /// Answers for some of them at once, where it can.
    combined: Option<Combined>,
    /// Notes about the parts of their definitions that are not honoured.
    notes: BTreeSet<String>,
    /// The rules, as `policy/rule`, that find what others find too, with those.
    covers: BTreeMap<String, Vec<String>>,
}

impl Policies {
    /// Loads the policies of the command line, and lets every module check its settings.
    pub(crate) fn load(check: &Check) -> Result<Self, Fault> {
        let chosen = &check.chosen;
        let builtin = match Builtin::open(&check.builtin) {
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
        let covers = builtin.names().filter_map(|name| Some((name, builtin.entry(name)?))).flat_map(|(name, entry)| {
            entry.rules.iter().map(move |rule| (format!("{name}/{}", rule.id), rule.covers.clone()))
        });
        let covers = covers.filter(|(_, covered)| !covered.is_empty()).collect();
        Ok(Self { all: policies, combined, notes, covers })
    }

    /// Returns `true` if a finding of the rule `by` is also that of the rule `rule` at the same place; both as
    /// `policy/rule`.
    pub(crate) fn covers(&self, by: &str, rule: &str) -> bool {
        self.covers.get(by).is_some_and(|covered| covered.iter().any(|covered| covered == rule))
    }

    /// The answers of the policies that judge a request, with their names.
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

    /// Notes about the parts of their definitions that the policies could not honour. `judged` are the names of those that
    /// judged something, each with the namespace of that object.
    pub(crate) fn notes<'j>(
        &self,
        judged: impl Iterator<Item = (&'j str, &'j str)>,
        namespaces: &Namespaces,
    ) -> BTreeSet<String> {
        let mut notes = self.notes.clone();
        for (name, namespace) in judged {
            let mut policies = self.all.iter().filter(|policy| policy.name == name);
            if policies.any(|policy| policy.scope.wants_to_know(namespace, namespaces)) {
                notes.insert(format!(
                    "policy {name} selects namespaces by labels, and those of {namespace} are unknown; it judges as if they \
                     matched (add the Namespace to the input)",
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
    let names: BTreeSet<&str> = if everything {
        builtin.defaults().filter(|name| !builtin.inspects_images(name)).collect()
    } else {
        chosen.policies.iter().map(String::as_str).collect()
    };
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

/// Refuses an unknown name of a policy, with the nearest known one.
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
    match manifests::read_single(&text) {
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
