//! Case files: settings, an input, and the answer that is expected.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

/// A case. Its file is YAML; a file may hold several as documents.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Case {
    /// The name of the test: the file's, and what the case is about when the file holds several.
    #[serde(skip)]
    pub name: String,
    /// What the case shows, as a sentence.
    pub about: String,
    /// The settings, absent for the defaults.
    #[serde(default)]
    pub settings: Value,
    /// A pod specification. The case is replayed as each of the nine kinds that hold one.
    pub pod: Option<Value>,
    /// Any object, taken as it is.
    pub object: Option<Value>,
    /// The pod specification or object before an UPDATE. `null` is an UPDATE that does not say.
    #[serde(default, deserialize_with = "present")]
    pub old: Option<Value>,
    /// A whole AdmissionRequest; beside `pod` or `object`, fields to set in theirs.
    pub request: Option<Value>,
    /// The payload of `validate` as text, for what is no request at all.
    pub payload: Option<String>,
    /// Commands, each the one of a pod with one container. Every row is a case of its own, with an answer of its own.
    #[serde(default)]
    pub commands: Vec<CommandRow>,
    /// The answer.
    #[serde(default)]
    pub expect: Expect,
}

/// A command of a container called `app`, and the answer that a case expects.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandRow {
    /// `command` of the container; absent when only `args` is set.
    #[serde(default)]
    pub command: Value,
    /// `args` of the container.
    #[serde(default)]
    pub args: Value,
    /// The message of the rejection; absent when the container is accepted.
    pub message: Option<String>,
    /// The warnings, all of them.
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// The answer that a case expects.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Expect {
    /// Whether the request is accepted.
    pub allowed: Option<bool>,
    /// The message of a rejection, with the paths that a Pod has.
    pub message: Option<String>,
    /// The status of a rejection; 403 when it is not given.
    pub code: Option<u16>,
    /// The warnings, all of them, with the paths that a Pod has.
    pub warnings: Vec<String>,
    /// What `validate_settings` says of the settings. Nothing is judged then.
    pub settings_error: Option<String>,
}

/// Tells an explicit `null` from an absent field.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// Reads every case file of a directory, sorted by name.
///
/// # Errors
/// Names the file that cannot be read or does not hold cases.
pub fn load(directory: &Path) -> Result<Vec<Case>, String> {
    let entries = fs::read_dir(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        cases.append(&mut read(&file).map_err(|problem| format!("{}: {problem}", file.display()))?);
    }
    Ok(cases)
}

fn read(file: &Path) -> Result<Vec<Case>, String> {
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    let mut cases: Vec<Case> = serde_saphyr::from_multiple(&text).map_err(|error| error.to_string())?;
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let several = cases.len() > 1;
    for case in &mut cases {
        case.name = if several { format!("{stem}: {}", case.about.trim_end_matches('.')) } else { stem.to_string() };
        case.check()?;
    }
    Ok(cases.into_iter().flat_map(Case::expand).collect())
}

impl Case {
    /// The case itself, or one case for each row of its commands.
    fn expand(mut self) -> Vec<Case> {
        if self.commands.is_empty() {
            return vec![self];
        }
        let rows = std::mem::take(&mut self.commands);
        rows.into_iter().map(|row| self.with_command(row)).collect()
    }

    fn with_command(&self, row: CommandRow) -> Case {
        let container = json!({ "name": "app", "image": "shop/app:1.0.0", "command": row.command, "args": row.args });
        let words: Vec<String> =
            [&row.command, &row.args].iter().filter(|list| !list.is_null()).map(ToString::to_string).collect();
        Case {
            name: format!("{}: {}", self.name, words.join(" ")),
            pod: Some(json!({ "containers": [container] })),
            expect: Expect {
                allowed: Some(row.message.is_none()),
                message: row.message,
                warnings: row.warnings,
                ..Expect::default()
            },
            ..self.clone()
        }
    }

    /// Whether the parts of the case fit together.
    fn check(&self) -> Result<(), String> {
        if !self.commands.is_empty() {
            let other = [&self.pod, &self.object, &self.old, &self.request].iter().any(|other| other.is_some());
            let stands_alone = !other && self.payload.is_none() && self.expect == Expect::default();
            return if stands_alone { Ok(()) } else { Err(format!("{}: commands stand alone", self.about)) };
        }
        let inputs = [self.pod.is_some(), self.object.is_some(), self.payload.is_some()];
        let inputs = inputs.into_iter().filter(|input| *input).count();
        let wrong = match (&self.expect, inputs) {
            (Expect { settings_error: Some(_), allowed: None, .. }, 0) if self.request.is_none() => None,
            (Expect { settings_error: Some(_), .. }, _) => Some("a settings error stands alone"),
            (Expect { allowed: None, .. }, _) => Some("expect.allowed is missing"),
            (Expect { allowed: Some(false), message: None, .. }, _) => Some("a rejection needs expect.message"),
            (Expect { allowed: Some(true), message: Some(_), .. }, _) => Some("an acceptance has no message"),
            (_, 0) if self.request.is_some() => None,
            (_, 1) => None,
            _ => Some("give one of pod, object, request and payload"),
        };
        wrong.map_or(Ok(()), |wrong| Err(format!("{}: {wrong}", self.about)))
    }
}
