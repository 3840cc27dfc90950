//! The form for test reports: a suite for every file, a case for every object and policy.

use std::io;

use manifests::Problem;
use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use super::contents::{FileReport, Report, title};
use crate::answer::{Action, Finding};
use crate::judge::{Judgement, Verdict};

/// A finding that denies is a failure; what could not be read or judged is an error; warnings are the case's output.
pub(super) fn render(report: &Report) -> io::Result<String> {
    let mut junit = Junit::new("seaworthy");
    for problem in &report.problems {
        let mut suite = TestSuite::new(problem.path.clone());
        suite.add_test_case(unread(problem));
        junit.add_test_suite(suite);
    }
    junit.add_test_suites(report.files.iter().map(suite));
    junit.to_string().map_err(io::Error::other)
}

fn suite(file: &FileReport) -> TestSuite {
    let mut suite = TestSuite::new(file.path.clone());
    for entry in &file.entries {
        match entry {
            Ok(judgement) => {
                suite.add_test_cases(judgement.verdicts.iter().map(|verdict| case(&file.path, judgement, verdict)));
            }
            Err(problem) => {
                suite.add_test_case(unread(problem));
            }
        }
    }
    suite
}

fn case(path: &str, judgement: &Judgement, verdict: &Verdict) -> TestCase {
    let subject = &judgement.subject;
    let lines = |wanted: &dyn Fn(&Finding) -> bool| {
        let findings = verdict.outcome.iter().flat_map(|answer| &answer.findings).filter(|finding| wanted(finding));
        let lines = findings.map(|finding| {
            let line = finding.location.as_ref().map_or(subject.line, |location| location.line);
            format!("{path}:{line}: {}", finding.message)
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    let status = match &verdict.outcome {
        Ok(answer) if answer.accepted => TestCaseStatus::success(),
        Ok(answer) => {
            let first = answer.findings.first();
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(first.map(|finding| finding.message.as_str()).unwrap_or_default());
            status.set_type(first.and_then(|finding| finding.parts.as_ref()).map_or("rejected", |parts| &parts.rule));
            status.set_description(lines(&|finding| finding.action == Action::Deny));
            status
        }
        Err(error) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(error.to_string()).set_type("no verdict");
            status
        }
    };
    let mut case = TestCase::new(title(subject), status);
    case.set_classname(verdict.policy.clone());
    let others = lines(&|finding| finding.action != Action::Deny);
    if !others.is_empty() {
        case.set_system_out(others);
    }
    case
}

fn unread(problem: &Problem) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(problem.to_string()).set_type("unreadable");
    TestCase::new(problem.path.clone(), status)
}
