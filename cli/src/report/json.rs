//! The forms for programs. `schema/report.schema.json` describes them; their `version` changes when a field changes its
//! meaning.

use std::io;

use manifests::Problem;
use serde::Serialize;

use super::contents::{FileReport, Report, Summary};
use crate::answer::Finding;
use crate::judge::{Judgement, Verdict};
use crate::sources::LeftOut;

/// The version of the forms.
const VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    version: u32,
    summary: Summary,
    left_out: &'a LeftOut,
    files: Vec<File<'a>>,
    errors: Vec<&'a Problem>,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    objects: Vec<Object<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Object<'a> {
    api_version: &'a str,
    kind: &'a str,
    namespace: &'a str,
    name: &'a str,
    operation: &'a str,
    line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<&'a str>,
    policies: Vec<Policy<'a>>,
}

/// The answer of a policy; `accepted` is also false when it gave no verdict, as in the cluster.
#[derive(Serialize)]
struct Policy<'a> {
    #[serde(rename = "policy")]
    name: &'a str,
    accepted: bool,
    findings: &'a [Finding],
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// An object of the line form, or what could not be read.
#[derive(Serialize)]
struct Line<'a> {
    version: u32,
    path: &'a str,
    #[serde(flatten)]
    content: Content<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Content<'a> {
    Object(Object<'a>),
    Error(&'a Problem),
}

/// One document for everything.
pub(super) fn document(report: &Report) -> io::Result<String> {
    let document = Document {
        version: VERSION,
        summary: report.summary,
        left_out: &report.left_out,
        files: report.files.iter().map(file).collect(),
        errors: report.problems().collect(),
    };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// One line for every object and for what could not be read, in the order of the text.
pub(super) fn lines(report: &Report) -> io::Result<String> {
    let entries = report.files.iter().flat_map(|file| {
        file.entries.iter().map(move |entry| match entry {
            Ok(judgement) => Line { version: VERSION, path: &file.path, content: Content::Object(object(judgement)) },
            Err(problem) => unread(problem),
        })
    });
    report.problems.iter().map(unread).chain(entries).map(|line| Ok(serde_json::to_string(&line)? + "\n")).collect()
}

fn unread(problem: &Problem) -> Line<'_> {
    Line { version: VERSION, path: &problem.path, content: Content::Error(problem) }
}

fn file(file: &FileReport) -> File<'_> {
    File { path: &file.path, objects: file.judgements().map(object).collect() }
}

fn object(Judgement { subject, verdicts }: &Judgement) -> Object<'_> {
    Object {
        api_version: &subject.api_version,
        kind: &subject.kind,
        namespace: &subject.namespace,
        name: &subject.name,
        operation: &subject.operation,
        line: subject.line,
        template: subject.template.as_deref(),
        policies: verdicts.iter().map(policy).collect(),
    }
}

fn policy(Verdict { policy, outcome }: &Verdict) -> Policy<'_> {
    match outcome {
        Ok(answer) => Policy { name: policy, accepted: answer.accepted, findings: &answer.findings, error: None },
        Err(error) => Policy { name: policy, accepted: false, findings: &[], error: Some(error.to_string()) },
    }
}
