//! The contents of a report, in any format.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use host::{HostError, Module};
use manifests::{Location, Problem, Subject};
use serde::Serialize;

use crate::answer::{Action, Finding, MALFORMED};
use crate::args::{self, FailOn};
use crate::judge::Judgement;
use crate::policies::Policies;
use crate::sources::LeftOut;

/// The result for a file.
#[derive(Debug)]
pub(crate) struct FileReport {
    /// The name of the file.
    pub(crate) path: String,
    /// Its objects, and what of it could not be read, in the order of the text.
    pub(crate) entries: Vec<Result<Judgement, Problem>>,
}

impl FileReport {
    /// The objects that were judged.
    pub(super) fn judgements(&self) -> impl Iterator<Item = &Judgement> {
        self.entries.iter().flatten()
    }
}

/// Everything that was found.
#[derive(Debug)]
pub(crate) struct Report {
    pub(super) files: Vec<FileReport>,
    /// Paths that named no file.
    pub(super) problems: Vec<Problem>,
    /// The files that were not judged.
    pub(crate) left_out: LeftOut,
    pub(super) summary: Summary,
    /// The descriptions of the policies.
    pub(super) about: BTreeMap<String, About>,
    /// What each rule finds, by `policy/rule`.
    pub(super) rules: BTreeMap<String, String>,
}

/// The number of findings.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary {
    /// Objects that were judged.
    objects: usize,
    /// Files that were named or found.
    files: usize,
    /// Findings that deny.
    pub(super) findings: usize,
    /// Objects that are denied.
    denied_objects: usize,
    /// Findings that warn.
    pub(super) warnings: usize,
    /// The inputs that could not be read or judged.
    pub(super) errors: usize,
}

impl Report {
    /// Counts what was found.
    pub(crate) fn new(files: Vec<FileReport>, problems: Vec<Problem>, left_out: LeftOut, policies: &Policies) -> Self {
        let mut summary = Summary { files: files.len(), errors: problems.len(), ..Summary::default() };
        for file in &files {
            summary.errors += file.entries.iter().filter(|entry| entry.is_err()).count();
            for judgement in file.judgements() {
                summary.add(judgement);
            }
        }
        let about = policies.modules().map(|(name, module)| (name.to_owned(), About::of(module))).collect();
        Self { files, problems, left_out, summary, about, rules: policies.rules().clone() }
    }

    /// The sum, and below it what was left out.
    pub(super) fn sum(&self) -> String {
        let left_out = self.left_out.to_string();
        let lead = if left_out.is_empty() { "" } else { "\nleft out: " };
        format!("{}{lead}{left_out}", self.summary)
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
                            Action::Warn | Action::Existing | Action::Trusted => self.warnings += 1,
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

/// The description of a policy, for the formats that explain rules.
#[derive(Debug, Default)]
pub(super) struct About {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) url: Option<String>,
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

/// A finding, or the lack of a verdict, with all its details.
#[derive(Debug, Clone, Copy)]
pub(super) struct Remark<'a> {
    /// The file.
    pub(super) path: &'a str,
    pub(super) subject: &'a Subject,
    pub(super) policy: &'a str,
    /// The finding, or why the policy gave no verdict.
    pub(super) what: Result<&'a Finding, &'a HostError>,
}

impl<'a> Remark<'a> {
    /// `policy/rule`; the policy alone when no rule is known, and the rule alone when it is that of all policies.
    pub(super) fn id(&self) -> String {
        match self.what.ok().and_then(|finding| finding.parts.as_ref()) {
            Some(parts) if parts.rule == MALFORMED => MALFORMED.to_owned(),
            Some(parts) => format!("{}/{}", self.policy, parts.rule),
            None => self.policy.to_owned(),
        }
    }

    /// The whole sentence.
    pub(super) fn message(&self) -> String {
        match self.what {
            Ok(finding) => finding.message.clone(),
            Err(error) => error.to_string(),
        }
    }

    /// Its position; without a better one, the line of the object.
    pub(super) fn line(&self) -> usize {
        self.location().map_or(self.subject.line, |location| location.line)
    }

    pub(super) fn location(&self) -> Option<&'a Location> {
        self.what.ok().and_then(|finding| finding.location.as_ref())
    }
}

impl Report {
    /// Everything that could not be read, in the order of the arguments.
    pub(super) fn problems(&self) -> impl Iterator<Item = &Problem> {
        let in_files = self.files.iter().flat_map(|file| file.entries.iter().filter_map(|entry| entry.as_ref().err()));
        self.problems.iter().chain(in_files)
    }

    /// Every remark, in the order of files, objects and policies.
    pub(super) fn remarks(&self) -> impl Iterator<Item = Remark<'_>> {
        self.files.iter().flat_map(|file| file.judgements().flat_map(|judgement| remarks(&file.path, judgement)))
    }
}

/// The remarks on an object, in the order of the policies.
pub(super) fn remarks<'a>(path: &'a str, judgement: &'a Judgement) -> Vec<Remark<'a>> {
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
pub(super) fn title(subject: &Subject) -> String {
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
}
