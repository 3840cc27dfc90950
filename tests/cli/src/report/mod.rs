//! What is told, in which form, and with which exit code.

mod json;
mod pretty;

use std::io::{self, Write as _};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use rayon::prelude::*;
use serde::Serialize;

use crate::args::{self, FailOn, Format};
use crate::input::{Item, Source};
use crate::judge::{Action, Judgement, judge};
use crate::policies::{Namespaces, Policies};
use crate::request::Request;

/// The style of a denial and of an error.
pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();

/// The style of a note on standard error.
pub(crate) const NOTE: Style = AnsiColor::Cyan.on_default().bold();

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Problem {
    /// The file or directory.
    pub(crate) path: String,
    /// From 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<usize>,
    /// From 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) column: Option<usize>,
    /// What is wrong.
    pub(crate) message: String,
}

impl Problem {
    /// A problem of a place that is yet to be named.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { path: String::new(), line: None, column: None, message: message.into() }
    }

    /// The problem at this place of its file.
    pub(crate) fn at(self, line: usize, column: usize) -> Self {
        Self { line: Some(line), column: Some(column), ..self }
    }

    /// The problem in this file.
    pub(crate) fn of(self, path: impl Into<String>) -> Self {
        Self { path: path.into(), ..self }
    }
}

/// What was found in a file.
#[derive(Debug)]
pub(crate) struct FileReport {
    /// How the file is named.
    pub(crate) path: String,
    /// Its objects, and what of it could not be read, in the order of the text.
    pub(crate) entries: Vec<Result<Judgement, Problem>>,
}

impl FileReport {
    /// Lets the policies judge every object of a file.
    pub(crate) fn judge(
        source: &Source,
        items: Vec<Result<Item, Problem>>,
        policies: &Policies,
        namespaces: &Namespaces,
    ) -> Self {
        let entries = items
            .into_par_iter()
            .map(|item| item.map(|item| judge(&Request::new(item), policies, namespaces)))
            .collect();
        Self { path: source.name(), entries }
    }

    /// The objects that were judged.
    fn judgements(&self) -> impl Iterator<Item = &Judgement> {
        self.entries.iter().flatten()
    }
}

/// Everything that was found.
#[derive(Debug)]
pub(crate) struct Report {
    files: Vec<FileReport>,
    /// Paths that named no file.
    problems: Vec<Problem>,
    summary: Summary,
}

/// How much was found.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    /// Objects that were judged.
    objects: usize,
    /// Files that were named or found.
    files: usize,
    /// Findings that deny.
    findings: usize,
    /// Objects that are denied.
    denied_objects: usize,
    /// Findings that warn.
    warnings: usize,
    /// What could not be read or judged.
    errors: usize,
}

impl Report {
    /// Counts what was found.
    pub(crate) fn new(files: Vec<FileReport>, problems: Vec<Problem>) -> Self {
        let mut summary = Summary { files: files.len(), errors: problems.len(), ..Summary::default() };
        for file in &files {
            summary.errors += file.entries.iter().filter(|entry| entry.is_err()).count();
            for judgement in file.judgements() {
                summary.add(judgement);
            }
        }
        Self { files, problems, summary }
    }

    /// Everything that was judged.
    pub(crate) fn judgements(&self) -> impl Iterator<Item = &Judgement> {
        self.files.iter().flat_map(FileReport::judgements)
    }

    /// The exit code of the command; what could not be judged outweighs what was.
    pub(crate) fn exit_code(&self, fail_on: FailOn) -> u8 {
        match self.summary {
            Summary { errors: 1.., .. } => args::UNREADABLE,
            Summary { denied_objects: 1.., .. } => args::FINDINGS,
            Summary { warnings: 1.., .. } if fail_on == FailOn::Warn => args::FINDINGS,
            _ => args::CLEAN,
        }
    }
}

impl Summary {
    fn add(&mut self, judgement: &Judgement) {
        let mut denied = false;
        self.objects += 1;
        for verdict in &judgement.verdicts {
            match &verdict.outcome {
                Ok(answer) => {
                    denied |= !answer.accepted;
                    for finding in &answer.findings {
                        match finding.action {
                            Action::Deny => self.findings += 1,
                            Action::Warn | Action::Existing => self.warnings += 1,
                            Action::Exempt => {}
                        }
                    }
                }
                Err(_) => self.errors += 1,
            }
        }
        self.denied_objects += usize::from(denied);
    }
}

/// Prints a report to standard output.
pub(crate) fn print(report: &Report, format: Format, color: ColorChoice) -> io::Result<()> {
    let mut out = AutoStream::new(io::stdout(), color).lock();
    match format {
        Format::Pretty => pretty::write(&mut out, report)?,
        Format::Json => json::write(&mut out, report)?,
    }
    out.flush()
}
