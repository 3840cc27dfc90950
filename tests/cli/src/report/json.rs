//! The form for programs: one JSON document, whose `version` changes when a field changes its meaning.

use std::io::{self, Write};

use serde::Serialize;

use super::{FileReport, Problem, Report, Summary};
use crate::judge::{Finding, Judgement, Verdict};

/// The version of the form.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    summary: Summary,
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
    policies: Vec<Policy<'a>>,
}

/// What a policy said; `accepted` is false too when it gave no verdict, as in the cluster.
#[derive(Serialize)]
struct Policy<'a> {
    #[serde(rename = "policy")]
    name: &'a str,
    accepted: bool,
    findings: &'a [Finding],
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Writes a report.
pub(super) fn write(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let document = Document {
        version: VERSION,
        summary: report.summary,
        files: report.files.iter().map(file).collect(),
        errors: report
            .problems
            .iter()
            .chain(report.files.iter().flat_map(|file| file.entries.iter().filter_map(|entry| entry.as_ref().err())))
            .collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
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
        policies: verdicts.iter().map(policy).collect(),
    }
}

fn policy(Verdict { policy, outcome }: &Verdict) -> Policy<'_> {
    match outcome {
        Ok(answer) => Policy { name: policy, accepted: answer.accepted, findings: &answer.findings, error: None },
        Err(error) => Policy { name: policy, accepted: false, findings: &[], error: Some(error.to_string()) },
    }
}
