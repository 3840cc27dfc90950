//! The form for editors, `grep` and reviewers: one line per finding, `file:line:column: action[rule]: message`.

use std::fmt::Write as _;

use manifests::Problem;

use super::contents::{Remark, Report};
use super::style::Clean;
use crate::answer::Action;

/// One line per finding and error, and the sum at the end unless the report `is_quiet`.
pub(super) fn render(report: &Report, is_quiet: bool) -> String {
    let mut text = String::new();
    for problem in report.problems() {
        let Problem { path, line, column, message, .. } = problem;
        let _ = write!(text, "{}", Clean(path));
        for number in [line, column].into_iter().flatten() {
            let _ = write!(text, ":{number}");
        }
        let _ = writeln!(text, ": error: {}", Clean(message));
    }
    for remark in report.remarks() {
        let _ = writeln!(text, "{}", line(&remark));
    }
    if !is_quiet {
        let _ = writeln!(text, "{}", report.sum());
    }
    text
}

/// The line of a remark.
fn line(remark: &Remark<'_>) -> String {
    let action = match remark.what.map(|finding| finding.action) {
        Ok(Action::Deny) => "deny",
        Ok(Action::Warn | Action::Existing | Action::Trusted) => "warn",
        Ok(Action::Exempt) => "exempt",
        Err(_) => "error",
    };
    let column = remark.location().map(|location| format!(":{}", location.column)).unwrap_or_default();
    let place = format!("{}:{}{column}", Clean(remark.path), remark.line());
    format!("{place}: {action}[{}]: {}", remark.id(), Clean(&remark.message()))
}
