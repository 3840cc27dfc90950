//! The settings file: settings by the name of the policy.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use manifests::Origin;
use serde_json::{Map, Value};

use super::builtin::Builtin;
use super::fault::Fault;
use super::names::{nearest, require};

/// The settings that every policy has, which are often written at the top by mistake.
const COMMON: [&str; 6] = ["action", "rules", "containers", "exemptions", "updates", "controllers"];

/// The place of settings in a file.
#[derive(Debug, Clone)]
pub(super) struct Place {
    file: String,
    origin: Origin,
    /// The path of the settings in the file.
    path: String,
}

impl Place {
    /// A place in an object of a file.
    pub(super) fn new(file: &str, origin: &Origin, path: impl Into<String>) -> Self {
        Self { file: file.to_owned(), origin: origin.clone(), path: path.into() }
    }

    /// The place of a path of the object.
    pub(super) fn below(&self, path: &str) -> Self {
        Self { path: path.to_owned(), ..self.clone() }
    }

    /// `file:line:column` of a key in the settings, or of the nearest of what is there.
    pub(super) fn of(&self, key: &str) -> String {
        let dot = if self.path.is_empty() || key.is_empty() || key.starts_with('[') { "" } else { "." };
        match self.origin.locate(&format!("{}{dot}{key}", self.path), "") {
            Some(location) => format!("{}:{}:{}", self.file, location.line, location.column),
            None => format!("{}:{}", self.file, self.origin.line),
        }
    }
}

/// The settings of all policies.
#[derive(Debug, Default)]
pub(super) struct Settings {
    values: Map<String, Value>,
    /// The whole file, when there is one.
    whole: Option<Place>,
}

impl Settings {
    /// Reads a settings file.
    pub(super) fn read(path: &Path) -> Result<Self, Fault> {
        let file = path.display().to_string();
        let fault = |reason: String| Fault::SettingsFile(file.clone(), reason);
        let bytes = std::fs::read(path).map_err(|error| fault(error.to_string()))?;
        let content = manifests::decode(bytes).and_then(|text| manifests::read_located(&text));
        match content.map_err(|problem| Fault::Resource(problem.of(&file).to_string()))? {
            None => Ok(Self::default()),
            Some((Value::Object(values), origin)) => Ok(Self { values, whole: Some(Place::new(&file, &origin, "")) }),
            Some(_) => Err(fault("expected an object of settings by policy name".to_owned())),
        }
    }

    /// The modules of several policies with settings. Where no policy is chosen, they judge for their policies.
    pub(super) fn combining<'b>(&self, builtin: &'b Builtin) -> impl Iterator<Item = (&'b str, &'b [String])> {
        let names = builtin.names().filter(|name| self.values.contains_key(*name));
        names
            .filter_map(|name| Some((name, builtin.entry(name)?.combines.as_slice())))
            .filter(|(_, all)| !all.is_empty())
    }

    /// Refuses settings of what is not a policy, and of policies for which another module judges. Settings of a policy that
    /// does not judge are noted.
    pub(super) fn require_applied(
        &self,
        judging: &BTreeSet<&str>,
        builtin: &Builtin,
        notes: &mut BTreeSet<String>,
    ) -> Vec<Fault> {
        let known: BTreeSet<&str> = builtin.names().chain(judging.iter().copied()).collect();
        let mut faults = Vec::new();
        for name in self.values.keys().filter(|name| !judging.contains(name.as_str())) {
            let place = self.whole.as_ref().map(|whole| whole.of(name)).unwrap_or_default();
            let holder = judging.iter().find(|judge| {
                builtin.entry(judge).is_some_and(|entry| entry.combines.iter().any(|member| member == name))
            });
            if !known.contains(name.as_str()) && COMMON.contains(&name.as_str()) {
                let example = known.first().copied().unwrap_or("non-root");
                let all = known.iter().find(|name| builtin.entry(name).is_some_and(|entry| !entry.combines.is_empty()));
                let all = all.map(|all| format!(", or below {all} for all policies")).unwrap_or_default();
                faults.push(Fault::Resource(format!(
                    "{place}: `{name}` is a setting, not a policy; write it below the name of a policy, as {example}.{name}{all}"
                )));
            } else if let Err(fault) = require(name, known.iter().copied()) {
                faults.push(Fault::Resource(format!("{place}: {fault}")));
            } else if let Some(holder) = holder {
                faults.push(Fault::Resource(format!(
                    "{place}: the settings of {name} do not apply, because {holder} judges for it; write them below \
                     {holder}.policies.{name}"
                )));
            } else {
                notes.insert(format!(
                    "{place}: the settings of {name} are not used, because it does not judge; --policy {name} chooses it"
                ));
            }
        }
        faults
    }

    /// Takes the settings of a policy out, with their place.
    pub(super) fn take(&mut self, name: &str) -> (Value, Option<Place>) {
        let place = self.whole.as_ref().map(|whole| whole.below(name));
        (self.values.remove(name).unwrap_or_default(), place)
    }
}

/// The faults of settings: each line of a module's message about them, with its place.
pub(super) fn faults(policy: &str, lines: &[&str], place: Option<&Place>) -> Fault {
    let fault = |line: &&str| {
        // The line begins with the path of the setting.
        let key = line.split_once(": ").map_or("", |(key, _)| key);
        let place = place.map(|place| format!("{}: ", place.of(key))).unwrap_or_default();
        Fault::Settings(place, policy.to_owned(), (*line).to_owned())
    };
    Fault::All(lines.iter().map(fault).collect())
}

/// A form that a value must have: known fields, and known texts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// Anything.
    Any,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// An object with no other fields than these.
    Fields(&'static [(&'static str, Form)]),
    /// A list of values of a form.
    List(&'static Form),
    /// An object with any keys and values of a form.
    Map(&'static Form),
}

impl Form {
    /// Adds the faults of a value, each with its path below `path`.
    pub(super) fn faults(self, value: &Value, path: &str, found: &mut BTreeMap<String, String>) {
        match (self, value) {
            (Self::OneOf(known), Value::String(text)) if !known.contains(&text.as_str()) => {
                let hint = hint(text, known.iter().copied());
                let hint = if hint.is_empty() { format!("; it must be {}", known.join(" or ")) } else { hint };
                found.insert(path.to_owned(), format!("unknown value \"{text}\"{hint}"));
            }
            (Self::Fields(fields), Value::Object(object)) => {
                for (key, value) in object {
                    let path = format!("{path}.{key}");
                    if let Some((_, form)) = fields.iter().find(|(name, _)| name == key) {
                        form.faults(value, &path, found);
                    } else {
                        let hint = hint(key, fields.iter().map(|(name, _)| *name));
                        found.insert(path, format!("unknown field \"{key}\"{hint}"));
                    }
                }
            }
            (Self::List(form), Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    form.faults(item, &format!("{path}[{index}]"), found);
                }
            }
            (Self::Map(form), Value::Object(object)) => {
                for (key, value) in object {
                    form.faults(value, &format!("{path}.{key}"), found);
                }
            }
            _ => {}
        }
    }
}

/// A question for the nearest known name, if there is one.
fn hint<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> String {
    nearest(name, known).map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default()
}
