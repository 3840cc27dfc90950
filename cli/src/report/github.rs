//! The form for GitHub Actions: workflow commands, which annotate files in a pull request.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use std::fmt::Write as _;

use super::contents::{Remark, Report, title};
use crate::answer::Action;
use crate::sources::STDIN;

/// One command for every finding and error, and a sentence at the end. Exempt findings are left out.
pub(super) fn render(report: &Report) -> String {
    let mut text = String::new();
    for problem in report.problems() {
        let place = [("line", problem.line), ("col", problem.column)];
        command(&mut text, "error", &problem.path, &place, "cannot be read", &problem.message);
    }
    for remark in report.remarks() {
        let Some(command_name) = name(&remark) else { continue };
        let location = remark.location();
        // The end column counts only within a line.
        let end = location.filter(|location| location.line == location.end_line).map(|location| location.end_column);
        let place = [
            ("line", Some(remark.line())),
            ("endLine", location.map(|location| location.end_line)),
            ("col", location.map(|location| location.column)),
            ("endColumn", end),
        ];
        let message = format!("{}: {}", title(remark.subject), remark.message());
        command(&mut text, command_name, remark.path, &place, &remark.id(), &message);
    }
    let _ = writeln!(text, "{}", report.sum());
    text
}

fn name(remark: &Remark<'_>) -> Option<&'static str> {
    match remark.what.map(|finding| finding.action) {
        Ok(Action::Deny) | Err(_) => Some("error"),
        Ok(Action::Warn | Action::Existing | Action::Trusted) => Some("warning"),
        Ok(Action::Exempt) => None,
    }
}

fn command(text: &mut String, name: &str, path: &str, place: &[(&str, Option<usize>)], title: &str, message: &str) {
    let _ = write!(text, "::{name} title={}", property(title));
    // Standard input is not a file of the repository.
    if path != STDIN {
        let _ = write!(text, ",file={}", property(path));
        for (key, value) in place {
            if let Some(value) = value {
                let _ = write!(text, ",{key}={value}");
            }
        }
    }
    let _ = writeln!(text, "::{}", data(message));
}

/// The text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_command_or_a_property_is_escaped() {
        assert_eq!(data("50%\r\n::error::x, y"), "50%25%0D%0A::error::x, y");
        assert_eq!(property("a:b,c%"), "a%3Ab%2Cc%25");
    }

    #[test]
    fn standard_input_is_no_file() {
        let mut text = String::new();
        command(&mut text, "error", STDIN, &[("line", Some(1))], "t", "m");
        command(&mut text, "error", "a.yaml", &[("line", Some(1)), ("col", None)], "t", "m");
        assert_eq!(text, "::error title=t::m\n::error title=t,file=a.yaml,line=1::m\n");
    }
}
