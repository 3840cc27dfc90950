//! The form for people: one finding per line, grouped by file and object.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{ERROR, Problem, Report, Summary};
use crate::judge::{Action, Judgement};
use crate::request::Subject;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();

/// A line of an object: its mark, its text and the policies that say the same.
struct Line<'a> {
    mark: &'static str,
    style: Style,
    text: String,
    policies: Vec<&'a str>,
}

/// Writes a report. Objects without findings are counted, not listed.
pub(super) fn write(out: &mut impl Write, report: &Report) -> io::Result<()> {
    for problem in &report.problems {
        write_problem(out, problem)?;
    }
    for file in &report.files {
        for entry in &file.entries {
            match entry {
                Ok(judgement) => write_object(out, &file.path, judgement)?,
                Err(problem) => write_problem(out, problem)?,
            }
        }
    }
    write_summary(out, report.summary)
}

fn write_problem(out: &mut impl Write, problem: &Problem) -> io::Result<()> {
    write!(out, "{BOLD}{}", Clean(&problem.path))?;
    for number in [problem.line, problem.column].into_iter().flatten() {
        write!(out, ":{number}")?;
    }
    writeln!(out, ":{BOLD:#} {ERROR}error:{ERROR:#} {}\n", Clean(&problem.message))
}

fn write_object(out: &mut impl Write, path: &str, judgement: &Judgement) -> io::Result<()> {
    let lines = lines(judgement);
    if lines.is_empty() {
        return Ok(());
    }
    let subject = &judgement.subject;
    writeln!(out, "{BOLD}{}:{}: {}{BOLD:#}", Clean(path), subject.line, Clean(&title(subject)))?;
    for Line { mark, style, text, policies } in lines {
        let policies = policies.join(", ");
        writeln!(out, "  {style}{mark:6}{style:#} {policies}: {}", Clean(&text))?;
    }
    writeln!(out)
}

/// The lines of an object in the order of the policies; what several policies say alike is one line.
fn lines(judgement: &Judgement) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut add = |mark, style, text: String, policy| match lines
        .iter_mut()
        .find(|line| line.mark == mark && line.text == text)
    {
        Some(line) => line.policies.push(policy),
        None => lines.push(Line { mark, style, text, policies: vec![policy] }),
    };
    for verdict in &judgement.verdicts {
        match &verdict.outcome {
            Ok(answer) => {
                for finding in &answer.findings {
                    let (mark, style) = match finding.action {
                        Action::Deny => ("deny", ERROR),
                        Action::Warn | Action::Existing => ("warn", WARNING),
                        Action::Exempt => ("exempt", DIM),
                    };
                    add(mark, style, finding.message.clone(), verdict.policy.as_str());
                }
            }
            Err(error) => add("error", ERROR, error.to_string(), verdict.policy.as_str()),
        }
    }
    lines
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

fn write_summary(out: &mut impl Write, summary: Summary) -> io::Result<()> {
    let Summary { objects, files, findings, denied_objects, warnings, errors } = summary;
    let style = match (errors + findings, warnings) {
        (0, 0) => GOOD,
        (0, _) => WARNING,
        _ => ERROR,
    };
    write!(out, "{} in {}: {style}", Count(objects, "object"), Count(files, "file"))?;
    match findings {
        0 => write!(out, "no findings")?,
        _ => write!(out, "{} in {}", Count(findings, "finding"), Count(denied_objects, "object"))?,
    }
    write!(out, ", {}", Count(warnings, "warning"))?;
    if errors > 0 {
        write!(out, ", {}", Count(errors, "error"))?;
    }
    writeln!(out, "{style:#}")
}

/// A number and its noun.
struct Count(usize, &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(number, noun) = self;
        write!(f, "{number} {noun}{}", if *number == 1 { "" } else { "s" })
    }
}

/// A text of others, which could hold sequences that steer a terminal: control characters are escaped.
struct Clean<'a>(&'a str);

impl fmt::Display for Clean<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                control if control.is_control() => write!(f, "{}", control.escape_debug())?,
                plain => f.write_char(plain)?,
            }
        }
        Ok(())
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
        }
    }

    #[test]
    fn an_object_is_named_by_kind_namespace_and_name() {
        assert_eq!(title(&subject("shop", "cart", "CREATE")), "Deployment shop/cart");
        assert_eq!(title(&subject("", "cart", "UPDATE")), "Deployment cart (UPDATE)");
        assert_eq!(title(&subject("", "", "CREATE")), "Deployment without a name");
    }

    #[test]
    fn texts_of_others_cannot_steer_the_terminal() {
        assert_eq!(Clean("a\u{1b}[2Jb\u{9b}c").to_string(), "a\\u{1b}[2Jb\\u{9b}c");
    }

    #[test]
    fn numbers_agree_with_their_nouns() {
        assert_eq!(Count(1, "file").to_string(), "1 file");
        assert_eq!(Count(0, "file").to_string(), "0 files");
    }
}
