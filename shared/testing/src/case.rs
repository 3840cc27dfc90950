//! Case files: settings, an input, and the answer that is expected.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::host::{Answers, HostAnswer};
use crate::overlay::overlay;
use shared::image::ImageRef;
use shared::text::plain;

/// A case. Its file is YAML; a file may hold several as documents.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Case {
    /// The name of the test: the file's, and what the case is about when the file holds several.
    #[serde(skip)]
    pub name: String,
    /// The case is a row of a table of commands.
    #[serde(skip)]
    pub(super) is_row: bool,
    /// The behaviour that the case shows, as a sentence.
    pub about: String,
    /// The case is an example of a rule, for `seaworthy explain`.
    #[serde(default)]
    pub example: Option<Example>,
    /// The settings, absent for the defaults.
    #[serde(default)]
    pub settings: Value,
    /// Of a module that holds several policies, those that judge: the others are `false` in the settings. Empty means all.
    #[serde(default)]
    pub only: Vec<String>,
    /// A pod specification. The case is replayed as each of the nine kinds that hold one.
    pub pod: Option<Value>,
    /// Any object, taken as it is.
    pub object: Option<Value>,
    /// A table of images. Each is replayed in every place of a pod that can name one, in each of the nine kinds.
    #[serde(default)]
    pub images: Vec<Row>,
    /// The common text of the findings of the table: `{}` stands for the text of the row, `{name}` and `{tag}` for
    /// those of its image, here and in the row.
    #[serde(default = "row_itself")]
    pub says: String,
    /// The pod specification or object before an UPDATE. `null` is an UPDATE without the old object.
    #[serde(default, deserialize_with = "present")]
    pub old: Option<Value>,
    /// A whole AdmissionRequest; beside `pod` or `object`, fields to set in theirs.
    pub request: Option<Value>,
    /// The payload of `validate` as text, for a payload that is not a request.
    pub payload: Option<String>,
    /// What the host answers, by capability and normalised image. Each answer must be asked for, and nothing else.
    #[serde(default)]
    pub host: Answers,
    /// Commands, each the one of a pod with one container. Every row is a case of its own, with an answer of its own.
    #[serde(default)]
    pub commands: Vec<CommandRow>,
    /// The answer. A table of images has those of its rows. Replaying a case without one prints it.
    #[serde(default)]
    pub expect: Expect,
}

/// The two examples of a rule, which follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Example {
    /// It breaks the rule, and no other.
    Bad,
    /// The one before put right.
    Good,
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

/// An image in a table, and what becomes of it: one of the three texts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Row {
    /// The image as written.
    pub image: String,
    /// The number of repetitions of the image in a row; for long ones.
    #[serde(default = "once")]
    pub times: usize,
    /// The reason why it is accepted without a message. For readers: no answer contains it.
    pub accept: Option<String>,
    /// The finding that warns: its problem and its fix.
    pub warn: Option<String>,
    /// The finding that denies: its problem and its fix.
    pub deny: Option<String>,
}

impl Row {
    /// The image.
    pub(super) fn whole(&self) -> String {
        self.image.repeat(self.times)
    }

    /// A text about the image, with its name and its tag for `{name}` and `{tag}`.
    pub(super) fn named(&self, text: &str) -> String {
        let image = self.whole();
        let parts = ImageRef::parse(&image);
        let (name, tag) = parts.map_or(("", ""), |parts| (parts.name(), parts.tag().unwrap_or_default()));
        text.replace("{name}", &plain(name)).replace("{tag}", tag)
    }
}

fn row_itself() -> String {
    "{}".to_owned()
}

fn once() -> usize {
    1
}

/// The answer that a case expects.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Expect {
    /// `true` if the request is accepted.
    pub allowed: Option<bool>,
    /// The message of a rejection, with the paths that a Pod has.
    pub message: Option<String>,
    /// The status of a rejection; 403 when it is not given.
    pub code: Option<u16>,
    /// The warnings, all of them, with the paths that a Pod has.
    pub warnings: Vec<String>,
    /// How many questions the host is asked; any number when it is not given.
    pub questions: Option<usize>,
    /// The answer of `validate_settings`. Nothing is judged then.
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
    let cases = serde_saphyr::from_multiple(&text);
    // In one line, with its place, and without the excerpt that follows.
    let mut cases: Vec<Case> = cases.map_err(|error| error.without_snippet().to_string())?;
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
            is_row: true,
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

    /// The case for a module of these policies: those that are not among the ones that judge are `false` in its settings.
    #[must_use]
    pub fn among(self, policies: &[&str]) -> Case {
        if self.only.is_empty() {
            return self;
        }
        let others = policies.iter().filter(|policy| self.only.iter().all(|only| only != *policy));
        let others: Map<_, _> = others.map(|policy| ((*policy).to_owned(), json!(false))).collect();
        let mut settings = json!({ "policies": others });
        overlay(&mut settings, self.settings.as_object().unwrap_or(&Map::new()));
        Case { settings, ..self }
    }

    /// Returns `true` if the case has no `expect`.
    pub(super) fn lacks_answer(&self) -> bool {
        self.images.is_empty() && self.expect == Expect::default()
    }

    /// Returns `true` if there is something to judge.
    pub(super) fn has_input(&self) -> bool {
        [self.pod.is_some(), self.object.is_some(), self.payload.is_some(), self.request.is_some()].contains(&true)
    }

    /// Refuses parts of the case that do not fit together.
    fn check(&self) -> Result<(), String> {
        if !self.host.values().flat_map(|answers| answers.values()).all(HostAnswer::is_one) {
            return Err(format!("{}: give one of answer, error and text", self.about));
        }
        if !self.commands.is_empty() {
            let other = [&self.pod, &self.object, &self.old, &self.request].iter().any(|other| other.is_some());
            let stands_alone = !other && self.payload.is_none() && self.expect == Expect::default();
            return if stands_alone { Ok(()) } else { Err(format!("{}: commands stand alone", self.about)) };
        }
        if !self.images.is_empty() {
            let whole = |row: &Row| [&row.accept, &row.warn, &row.deny].into_iter().flatten().count() == 1;
            return match self.images.iter().find(|row| !whole(row)) {
                Some(row) => Err(format!("{}: {}: give one of accept, warn and deny", self.about, row.image)),
                None => Ok(()),
            };
        }
        let inputs = [self.pod.is_some(), self.object.is_some(), self.payload.is_some()];
        let inputs = inputs.into_iter().filter(|input| *input).count();
        let wrong = match (&self.expect, inputs) {
            (_, 0 | 1) if self.lacks_answer() => None,
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
