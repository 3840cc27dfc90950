//! The policies to judge by: their modules, their settings, and the requests that they judge.

mod builtin;
mod combined;
mod expression;
mod fault;
mod names;
mod policy;
mod resources;
mod scope;
mod settings;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use capabilities::{Source, World};
use host::{HostError, Module};
use rayon::prelude::*;
use serde_json::Value;

use self::builtin::Subject;
pub(crate) use self::builtin::{Builtin, Entry, Example, Guide, Rule};
use self::combined::Combined;
pub(crate) use self::fault::Fault;
pub(crate) use self::names::require;
use self::policy::{Body, Mode, ModuleSource, Planned, Policy, all, load_modules};
pub(crate) use self::scope::Namespaces;
use self::scope::Scope;
use self::settings::Settings;
use crate::answer::Answer;
use crate::args::{Answers, Check};

/// The policies of one run, sorted by name.
#[derive(Debug)]
pub(crate) struct Policies {
    all: Vec<Policy>,
    /// Each answers for some of them at once, where it can.
    combined: Vec<Combined>,
    /// Notes about the parts of their definitions that are not honoured.
    notes: BTreeSet<String>,
    /// The rules, as `policy/rule`, that find what others find too, with those.
    covers: BTreeMap<String, Vec<String>>,
    /// What each rule finds, by `policy/rule`.
    rules: BTreeMap<String, String>,
}

impl Policies {
    /// Loads the policies of the command line, and lets every module check its settings.
    ///
    /// # Errors
    ///
    /// See [`Fault`].
    pub(crate) fn load(check: &Check, world: &Arc<World>) -> Result<Self, Fault> {
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
        // All faults of all of them are reported at once.
        let mut faults = Vec::new();
        let mut plans = resources::read(&chosen.resources, &builtin, &mut notes, &mut faults);
        let chosen = modules(check, &builtin, &mut notes, &mut faults)?;
        // Resources may have the names of built-in policies, and other settings.
        let combined = if plans.is_empty() { Combined::plan(&chosen, &builtin) } else { Vec::new() };
        plans.extend(chosen);
        require_answers(&plans, check, &builtin)?;
        let planned = plans.iter().flat_map(Policy::members);
        let planned = planned.chain(combined.iter().map(Combined::member));
        let modules = load_modules(planned, &builtin)?;
        let loaded: Vec<_> = plans.into_par_iter().map(|plan| plan.loaded(&modules, world)).collect();
        let mut policies: Vec<Policy> = all(faults.into_iter().map(Err).chain(loaded))?;
        policies.sort_by(|one, other| one.name.cmp(&other.name));
        // Settings that are too long together are not too long alone.
        let combined = combined.into_iter().filter_map(|combined| combined.loaded(&modules, world).ok()).collect();
        let covers = builtin.names().filter_map(|name| Some((name, builtin.entry(name)?))).flat_map(|(name, entry)| {
            entry.rules.iter().map(move |rule| (format!("{name}/{}", rule.id), rule.covers.clone()))
        });
        let covers = covers.filter(|(_, covered)| !covered.is_empty()).collect();
        let rules = builtin.names().filter_map(|name| Some((name, builtin.entry(name)?))).flat_map(|(name, entry)| {
            entry.rules.iter().map(move |rule| (format!("{name}/{}", rule.id), rule.about.clone()))
        });
        let rules = rules.collect();
        Ok(Self { all: policies, combined, notes, covers, rules })
    }

    /// What each rule of the built-in policies finds, by `policy/rule`.
    pub(crate) fn rules(&self) -> &BTreeMap<String, String> {
        &self.rules
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
        let mut known: BTreeMap<_, _> = self.combined.iter().flat_map(|combined| combined.answers(&text)).collect();
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

/// The settings of a built-in policy in a settings file, which its module has accepted.
///
/// # Errors
///
/// The file has none, or the module refuses them.
pub(crate) fn accepted_settings(file: &Path, policy: &str, builtin: &Builtin) -> Result<Value, Fault> {
    let (settings, place) = Settings::read(file)?.take(policy);
    if settings.is_null() {
        return Err(Fault::SettingsFile(
            file.display().to_string(),
            format!("there are no settings of {policy}; write them below the key {policy}"),
        ));
    }
    let source = ModuleSource::Builtin(policy.to_owned());
    let planned = Planned { source, settings: settings.clone(), place, mutating: None, granted: None };
    let modules = load_modules(std::iter::once((policy, &planned)), builtin)?;
    let nowhere = Arc::new(World::new(Source::Nowhere, false));
    planned.loaded(policy, &modules, &nowhere).map(|_| settings)
}

/// Returns `true` if the command line says where the answers about a subject come from.
fn is_answered(subject: Subject, Answers { images, cluster, .. }: &Answers) -> bool {
    let has_session = images.as_deref().is_some_and(Path::is_file);
    match subject {
        Subject::Nothing => true,
        Subject::Images => images.is_some(),
        Subject::Cluster => has_session || !cluster.is_empty(),
    }
}

/// Refuses policies whose questions nobody answers.
fn require_answers(plans: &[Policy<Planned>], check: &Check, builtin: &Builtin) -> Result<(), Fault> {
    for (name, planned) in plans.iter().flat_map(Policy::members) {
        let ModuleSource::Builtin(module) = &planned.source else { continue };
        match builtin.subject(module) {
            subject if is_answered(subject, &check.answers) => {}
            Subject::Cluster => return Err(Fault::NeedsCluster(name.to_owned())),
            _ => return Err(Fault::NeedsImages(name.to_owned())),
        }
    }
    Ok(())
}

/// The policies that judge when none is chosen. Those whose questions nobody answers are left out, with a note.
fn defaults<'b>(check: &Check, builtin: &'b Builtin, notes: &mut BTreeSet<String>) -> BTreeSet<&'b str> {
    let mut names: BTreeSet<_> = builtin.defaults().collect();
    for (subject, option) in [(Subject::Images, "--images"), (Subject::Cluster, "--cluster")] {
        if is_answered(subject, &check.answers) {
            continue;
        }
        let left_out: Vec<_> = names.extract_if(.., |name| builtin.subject(name) == subject).collect();
        if !left_out.is_empty() {
            notes.insert(format!("left out without {option}: {}", left_out.join(", ")));
        }
    }
    names
}

/// The policies that are chosen by the names and files of their modules; all built-in ones when nothing is chosen.
/// Adds the faults of the settings file.
fn modules(
    check: &Check,
    builtin: &Builtin,
    notes: &mut BTreeSet<String>,
    faults: &mut Vec<Fault>,
) -> Result<Vec<Policy<Planned>>, Fault> {
    let chosen = &check.chosen;
    let mut settings = check.settings.as_deref().map(Settings::read).transpose()?.unwrap_or_default();
    let known: BTreeSet<&str> = builtin.names().collect();
    let mut sources = BTreeMap::new();
    for file in &chosen.files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if sources.insert(name.clone(), ModuleSource::File(file.clone())).is_some() {
            return Err(Fault::Twice(name));
        }
    }
    let everything = chosen.policies.is_empty() && chosen.files.is_empty() && chosen.resources.is_empty();
    let mut names: BTreeSet<&str> =
        if everything { defaults(check, builtin, notes) } else { chosen.policies.iter().map(String::as_str).collect() };
    if everything {
        for (name, members) in settings.combining(builtin) {
            names.retain(|name| members.iter().all(|member| member != name));
            names.insert(name);
        }
    }
    for name in names {
        require(name, known.iter().copied())?;
        if sources.insert(name.to_owned(), ModuleSource::Builtin(name.to_owned())).is_some() {
            return Err(Fault::Twice(name.to_owned()));
        }
    }
    let judging: BTreeSet<&str> = sources.keys().map(String::as_str).collect();
    faults.extend(settings.require_applied(&judging, builtin, notes));
    let plan = |(name, source): (String, ModuleSource)| {
        let (settings, place) = settings.take(&name);
        Policy {
            name,
            scope: Scope::default(),
            mode: Mode::Protect,
            body: Body::Single(Planned { source, settings, place, mutating: None, granted: None }),
        }
    };
    Ok(sources.into_iter().map(plan).collect())
}
