//! What is told, in which form, and with which exit code.

mod github;
mod json;
mod junit;
mod markdown;
mod pretty;
mod sarif;

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io::{self, Write as _};
use std::path::Path;

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use harness::{HostError, Module};
use rayon::prelude::*;
use serde::Serialize;

use crate::args::{self, FailOn, Format, Output};
use crate::input::{Item, Location, Source};
use crate::judge::{Action, Finding, Judgement, judge};
use crate::policies::{Namespaces, Policies};
use crate::request::{Context, Subject};

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

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        for number in [self.line, self.column].into_iter().flatten() {
            write!(f, ":{number}")?;
        }
        write!(f, ": {}", self.message)
    }
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
        context: &Context,
        policies: &Policies,
        namespaces: &Namespaces,
    ) -> Self {
        let path = source.name();
        let entries = items
            .into_par_iter()
            .map(|item| {
                let judged = item.and_then(|item| Ok(judge(&context.request(item)?, policies, namespaces)));
                judged.map_err(|problem| problem.of(&path))
            })
            .collect();
        Self { path, entries }
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
    /// What the policies say about themselves.
    about: BTreeMap<String, About>,
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
    pub(crate) fn new(files: Vec<FileReport>, problems: Vec<Problem>, policies: &Policies) -> Self {
        let mut summary = Summary { files: files.len(), errors: problems.len(), ..Summary::default() };
        for file in &files {
            summary.errors += file.entries.iter().filter(|entry| entry.is_err()).count();
            for judgement in file.judgements() {
                summary.add(judgement);
            }
        }
        let about = policies.modules().map(|(name, module)| (name.to_owned(), About::of(module))).collect();
        Self { files, problems, summary, about }
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

/// What a policy says about itself, for the formats that explain rules.
#[derive(Debug, Default)]
struct About {
    title: Option<String>,
    description: Option<String>,
    url: Option<String>,
}

impl About {
    /// The metadata that a module carries.
    fn of(module: &Module) -> Self {
        let annotation = |key: &str| module.metadata().and_then(|metadata| metadata.annotations.get(key).cloned());
        Self {
            title: annotation("io.artifacthub.displayName").or_else(|| annotation("io.kubewarden.policy.title")),
            description: annotation("io.kubewarden.policy.description"),
            url: annotation("io.kubewarden.policy.url"),
        }
    }
}

/// A finding, or the lack of a verdict, with all that there is to know about it.
#[derive(Debug, Clone, Copy)]
struct Remark<'a> {
    /// The file.
    path: &'a str,
    subject: &'a Subject,
    policy: &'a str,
    /// The finding, or why the policy gave no verdict.
    what: Result<&'a Finding, &'a HostError>,
}

impl<'a> Remark<'a> {
    /// `policy/rule`, or the policy alone when no rule is known.
    fn id(&self) -> String {
        match self.what.ok().and_then(|finding| finding.parts.as_ref()) {
            Some(parts) => format!("{}/{}", self.policy, parts.rule),
            None => self.policy.to_owned(),
        }
    }

    /// The whole sentence.
    fn message(&self) -> String {
        match self.what {
            Ok(finding) => finding.message.clone(),
            Err(error) => error.to_string(),
        }
    }

    /// Where it is; without a better place the line of the object.
    fn line(&self) -> usize {
        self.location().map_or(self.subject.line, |location| location.line)
    }

    fn location(&self) -> Option<&'a Location> {
        self.what.ok().and_then(|finding| finding.location.as_ref())
    }
}

impl Report {
    /// Everything that could not be read, in the order of the arguments.
    fn problems(&self) -> impl Iterator<Item = &Problem> {
        let in_files = self.files.iter().flat_map(|file| file.entries.iter().filter_map(|entry| entry.as_ref().err()));
        self.problems.iter().chain(in_files)
    }

    /// Every remark, in the order of files, objects and policies.
    fn remarks(&self) -> impl Iterator<Item = Remark<'_>> {
        self.files.iter().flat_map(|file| file.judgements().flat_map(|judgement| remarks(&file.path, judgement)))
    }
}

/// The remarks on an object, in the order of the policies.
fn remarks<'a>(path: &'a str, judgement: &'a Judgement) -> Vec<Remark<'a>> {
    let Judgement { subject, verdicts } = judgement;
    let remarks = verdicts.iter().flat_map(|verdict| match &verdict.outcome {
        Ok(answer) => {
            let findings = answer.findings.iter();
            let remark = |finding| Remark { path, subject, policy: verdict.policy_of(finding), what: Ok(finding) };
            findings.map(remark).collect::<Vec<_>>()
        }
        Err(error) => vec![Remark { path, subject, policy: &verdict.policy, what: Err(error) }],
    });
    remarks.collect()
}

/// `Deployment shop/cart`, with the operation when it is not a creation.
fn title(subject: &Subject) -> String {
    let mut title = if subject.kind.is_empty() { "object".to_owned() } else { subject.kind.clone() };
    let slash = if subject.namespace.is_empty() || subject.name.is_empty() { "" } else { "/" };
    let _ = match (subject.namespace.as_str(), subject.name.as_str()) {
        ("", "") => write!(title, " without a name"),
        (namespace, name) => write!(title, " {namespace}{slash}{name}"),
    };
    if subject.operation != "CREATE" {
        let _ = write!(title, " ({})", subject.operation);
    }
    title
}

impl fmt::Display for Summary {
    /// One sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { objects, files, findings, denied_objects, warnings, errors } = *self;
        write!(f, "{} in {}: ", Count(objects, "object"), Count(files, "file"))?;
        match findings {
            0 => write!(f, "no findings")?,
            _ => write!(f, "{} in {}", Count(findings, "finding"), Count(denied_objects, "object"))?,
        }
        write!(f, ", {}", Count(warnings, "warning"))?;
        match errors {
            0 => Ok(()),
            _ => write!(f, ", {}", Count(errors, "error")),
        }
    }
}

/// A number and its noun.
struct Count(usize, &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(number, noun) = self;
        write!(f, "{number} {noun}{}", if *number == 1 { "" } else { "s" })
    }
}

/// Why the result could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the result cannot be written to {place}: {reason}")]
pub(crate) struct Unwritten {
    place: String,
    reason: String,
}

/// Writes a report in every form that was asked for.
///
/// # Errors
///
/// Names the first place that cannot be written.
pub(crate) fn write(report: &Report, outputs: &[Output], color: ColorChoice) -> Result<(), Unwritten> {
    for Output { format, file } in outputs {
        let place = file.as_ref().map_or("standard output".to_owned(), |file| file.display().to_string());
        let written = render(report, *format).and_then(|text| match file {
            Some(file) => write_file(file, &strip_str(&text).to_string()),
            None => print(&text, color),
        });
        written.map_err(|error| Unwritten { place, reason: error.to_string() })?;
    }
    Ok(())
}

fn render(report: &Report, format: Format) -> io::Result<String> {
    match format {
        Format::Pretty => Ok(pretty::render(report)),
        Format::Json => json::document(report),
        Format::Jsonl => json::lines(report),
        Format::Sarif => sarif::render(report),
        Format::Junit => junit::render(report),
        Format::Github => Ok(github::render(report)),
        Format::Markdown => Ok(markdown::render(report)),
    }
}

fn print(text: &str, color: ColorChoice) -> io::Result<()> {
    let mut out = AutoStream::new(io::stdout(), color).lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // A reader that went away, as in `seaworthy check . | head`, does not change the verdict.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

/// Writes a file as a whole, so that nobody reads half of it.
fn write_file(path: &Path, text: &str) -> io::Result<()> {
    if path.exists() && !path.is_file() {
        // A pipe or a device is written to, not replaced.
        return std::fs::write(path, text);
    }
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(namespace: &str, name: &str, operation: &str) -> Subject {
        Subject {
            api_version: "apps/v1".to_owned(),
            kind: "Deployment".to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            operation: operation.to_owned(),
            line: 1,
            template: None,
        }
    }

    #[test]
    fn an_object_is_named_by_kind_namespace_and_name() {
        assert_eq!(title(&subject("shop", "cart", "CREATE")), "Deployment shop/cart");
        assert_eq!(title(&subject("", "cart", "UPDATE")), "Deployment cart (UPDATE)");
        assert_eq!(title(&subject("", "", "CREATE")), "Deployment without a name");
    }

    #[test]
    fn numbers_agree_with_their_nouns() {
        assert_eq!(Count(1, "file").to_string(), "1 file");
        assert_eq!(Count(0, "file").to_string(), "0 files");
    }

    #[test]
    fn a_file_takes_the_place_of_an_older_one_as_a_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report");
        for text in ["longer than the next", "short"] {
            write_file(&path, text).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(directory.path().read_dir().unwrap().count(), 1);
        assert!(write_file(&directory.path().join("none/report"), "").is_err());
    }
}
