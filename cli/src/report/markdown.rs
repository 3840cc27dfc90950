//! The form for job summaries and comments: a table of findings.

use std::fmt::Write as _;

use super::contents::{Remark, Report, title};
use crate::answer::Action;

/// The most bytes of the table: GitHub drops a summary of more than 1 MiB as a whole.
const MAX_BYTES: usize = 1000 * 1000;

/// A heading with the sum, and a table when there is something to tell.
pub(super) fn render(report: &Report) -> String {
    let mut text = format!("### Seaworthy\n\n{}\n", report.sum().replace('\n', "\n\n"));
    let errors = report.problems().map(|problem| {
        let mut place = escape(&problem.path);
        if let Some(line) = problem.line {
            let _ = write!(place, ":{line}");
        }
        ["error".to_owned(), String::new(), place, String::new(), escape(&problem.message), String::new()]
    });
    let rows: Vec<[String; 6]> = errors.chain(report.remarks().map(|remark| row(&remark))).collect();
    if !rows.is_empty() {
        text.push_str("\n| | rule | place | object | finding | what to do |\n|---|---|---|---|---|---|\n");
    }
    let all = rows.len();
    for (index, row) in rows.into_iter().enumerate() {
        let row = format!("| {} |\n", row.join(" | "));
        if text.len() + row.len() > MAX_BYTES {
            let _ = writeln!(text, "\n{} more rows are left out; the log of the job has all of them.", all - index);
            break;
        }
        text.push_str(&row);
    }
    text
}

fn row(remark: &Remark<'_>) -> [String; 6] {
    let mark = match remark.what.map(|finding| finding.action) {
        Ok(Action::Deny) => "**deny**",
        Ok(Action::Warn) => "warn",
        Ok(Action::Existing) => "warn (existing)",
        Ok(Action::Trusted) => "warn (trusted)",
        Ok(Action::Exempt) => "exempt",
        Err(_) => "error",
    };
    let (finding, fix) = match remark.what.ok().and_then(|finding| finding.parts.as_ref()) {
        Some(parts) => {
            let reason = parts.reason.as_ref().map(|reason| format!(", exempt: {reason}")).unwrap_or_default();
            (format!("{}: {}{reason}", parts.owner(), parts.found), parts.fix.clone())
        }
        None => (remark.message(), String::new()),
    };
    let place = format!("{}:{}", remark.path, remark.line());
    let [rule, place, object, finding, fix] =
        [remark.id(), place, title(remark.subject), finding, fix].map(|cell| escape(&cell));
    [mark.to_owned(), rule, place, object, finding, fix]
}

/// Text of the manifest, escaped for a cell.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' | '#' | '!' => escaped.extend(['\\', character]),
            control if control.is_control() => escaped.push(' '),
            plain => escaped.push(plain),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_markdown_or_html_would_read_is_escaped() {
        assert_eq!(escape("a|b\n`c` <img> [x](y) *_"), "a\\|b \\`c\\` &lt;img&gt; \\[x\\](y) \\*\\_");
    }
}
