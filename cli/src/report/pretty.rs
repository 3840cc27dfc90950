//! The form for people: every finding with its source line, grouped by object.

use std::fmt::{self, Write as _};

use annotate_snippets::{AnnotationKind, Element, Group, Level, Message, Origin, Renderer, Snippet};
use anstyle::Style;
use manifests::Problem;
use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter};

use super::contents::{Remark, Report, Summary, remarks, title};
use super::style::{BOLD, ERROR, GOOD, WARNING};
use crate::answer::Action;
use crate::judge::Judgement;

/// The maximum number of columns of a line, as far as its words can be wrapped.
const COLUMNS: usize = 80;

/// Writes a report. Objects without findings are counted, not listed.
pub(super) fn render(report: &Report) -> String {
    let mut text = String::new();
    for problem in &report.problems {
        text.push_str(&unread(problem));
    }
    for file in &report.files {
        for entry in &file.entries {
            match entry {
                Ok(judgement) => object(&mut text, &file.path, judgement),
                Err(problem) => text.push_str(&unread(problem)),
            }
        }
    }
    summary(&mut text, report.summary);
    text
}

fn unread(problem: &Problem) -> String {
    let mut place = Clean(&problem.path).to_string();
    for number in [problem.line, problem.column].into_iter().flatten() {
        let _ = write!(place, ":{number}");
    }
    let lead = format!("{place}: error: ");
    let message = wrapped(&Clean(&problem.message).to_string(), &lead, "  ");
    let message = message.strip_prefix(&lead).unwrap_or(&message);
    format!("{BOLD}{place}:{BOLD:#} {ERROR}error:{ERROR:#} {message}\n\n")
}

/// The remarks about an object, in the order of the policies; a remark that several policies share is shown once.
fn object(text: &mut String, path: &str, judgement: &Judgement) {
    let mut told: Vec<(Vec<String>, Remark<'_>)> = Vec::new();
    for remark in remarks(path, judgement) {
        let action = |remark: &Remark<'_>| remark.what.ok().map(|finding| finding.action);
        let is_same = |other: &Remark<'_>| action(other) == action(&remark) && other.message() == remark.message();
        match told.iter_mut().find(|(_, other)| is_same(other)) {
            Some((ids, _)) => ids.push(remark.id()),
            None => told.push((vec![remark.id()], remark)),
        }
    }
    if told.is_empty() {
        return;
    }
    let subject = &judgement.subject;
    let template = subject.template.as_ref().map(|template| format!(" from {template}")).unwrap_or_default();
    let name = format!("{path}:{}: {}{template}", subject.line, title(subject));
    // A path stays whole, so that it can be copied.
    let options = Options::new(COLUMNS).subsequent_indent("  ").break_words(false);
    let options = options.word_separator(WordSeparator::AsciiSpace).word_splitter(WordSplitter::NoHyphenation);
    let name = textwrap::fill(&Clean(&name).to_string(), options);
    let _ = writeln!(text, "{BOLD}{name}{BOLD:#}\n");
    let renderer = Renderer::styled().term_width(COLUMNS);
    for (ids, remark) in told {
        let (title, elements) = parts(&remark);
        let (name, level, style) = level(&remark);
        let id = ids.join(", ");
        let group = if ids.len() == 1 || lead(&id).len() + title.len() <= COLUMNS {
            level.primary_title(beside(&id, &title)).id(id).elements(elements)
        } else {
            text.push_str(&above(name, style, &id, &title));
            Group::with_level(level).elements(elements)
        };
        let _ = writeln!(text, "{}\n", renderer.render(&[group]));
    }
}

/// The effect of a remark, as a word, a level and a style.
fn level<'a>(remark: &Remark<'a>) -> (&'static str, Level<'a>, Style) {
    match remark.what.map(|finding| finding.action) {
        Ok(Action::Deny) => ("deny", Level::ERROR.with_name("deny"), ERROR),
        Ok(Action::Warn | Action::Existing | Action::Trusted) => ("warn", Level::WARNING.with_name("warn"), WARNING),
        Ok(Action::Exempt) => ("exempt", Level::NOTE.with_name("exempt"), GOOD),
        Err(_) => ("error", Level::ERROR, ERROR),
    }
}

/// The longest text before the title of a remark: no name of a level is longer.
fn lead(id: &str) -> String {
    format!("exempt[{id}]: ")
}

/// The title of a remark, wrapped to stand beside the ids of its rules.
fn beside(id: &str, title: &str) -> String {
    let lead = lead(id);
    let title = wrapped(&Clean(title).to_string(), &lead, &" ".repeat(lead.len().min(COLUMNS / 2)));
    let title = title.strip_prefix(&lead).unwrap_or(&title);
    title.lines().map(str::trim_start).collect::<Vec<_>>().join("\n")
}

/// The head of a remark that several rules make: their ids, and below them the title, for which there is no room beside.
fn above(name: &str, style: Style, ids: &str, title: &str) -> String {
    let lead = format!("{name}[");
    let ids = wrapped(&format!("{ids}]:"), &lead, &" ".repeat(lead.len()));
    let title = wrapped(&Clean(title).to_string(), "  ", "  ");
    format!("{style}{ids}{style:#}\n{BOLD}{title}{BOLD:#}\n")
}

/// The title of a remark, and what stands below it, as a compiler would put it.
fn parts<'a>(remark: &Remark<'a>) -> (String, Vec<Element<'a>>) {
    let location = remark.location();
    let line = remark.line();
    let margin = line.to_string().len() + 1;
    let path = Clean(remark.path).to_string();
    let place: Element<'a> = if let Some(excerpt) = location.and_then(|location| location.excerpt.as_ref()) {
        let annotation = AnnotationKind::Primary.span(excerpt.span.clone());
        Snippet::source(excerpt.line.as_str()).path(path).line_start(line).annotation(annotation).into()
    } else {
        let origin = Origin::path(path).line(line);
        location.map_or(origin.clone(), |location| origin.char_column(location.column)).into()
    };
    let mut elements = vec![place];
    let mut note = |name: &'static str, text: &str| elements.push(message(margin, name, text).into());
    let title = match remark.what.ok().and_then(|finding| finding.parts.as_ref()) {
        Some(parts) => {
            note("found", &parts.found);
            if !location.is_some_and(|location| location.exact) {
                note("path", &parts.path);
            }
            note("fix", &parts.fix);
            if let Some(reason) = &parts.reason {
                note("exempt", reason);
            }
            parts.owner()
        }
        None => remark.message(),
    };
    (title, elements)
}

/// A line below the source, wrapped after its name.
fn message<'a>(margin: usize, name: &'static str, text: &str) -> Message<'a> {
    let lead = " ".repeat(margin + "= : ".len() + name.len());
    let text = wrapped(&Clean(text).to_string(), &lead, &lead);
    let text = text.lines().map(str::trim_start).collect::<Vec<_>>().join("\n");
    Level::HELP.with_name(name).message(text)
}

/// A text in lines that fit; words that are too long are parted where paths and images have their signs.
fn wrapped(text: &str, first: &str, next: &str) -> String {
    let options = Options::new(COLUMNS)
        .initial_indent(first)
        .subsequent_indent(next)
        .break_words(false)
        .word_separator(WordSeparator::Custom(words))
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::fill(text, options)
}

/// The words of a line; long ones may also be parted after a slash and before a dot, a colon, an at or a bracket.
fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    const LONG: usize = 40;
    Box::new(WordSeparator::AsciiSpace.find_words(line).flat_map(|word| {
        let text = word.word;
        let mut parts = Vec::new();
        let mut begin = 0;
        if text.len() > LONG {
            for (at, sign) in text.char_indices().skip(1) {
                let at = if sign == '/' { at + 1 } else { at };
                if matches!(sign, '/' | '.' | ':' | '@' | '[') && at < text.len() {
                    parts.extend(text.get(begin..at).map(Word::from));
                    begin = at;
                }
            }
        }
        let mut last = word;
        last.word = text.get(begin..).unwrap_or_default();
        parts.push(last);
        parts
    }))
}

fn summary(text: &mut String, summary: Summary) {
    let style = match (summary.errors + summary.findings, summary.warnings) {
        (0, 0) => GOOD,
        (0, _) => WARNING,
        _ => ERROR,
    };
    let _ = writeln!(text, "{style}{summary}{style:#}");
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

    #[test]
    fn a_title_stands_below_the_ids_of_several_rules() {
        let ids = "image-tag-format, init-required, no-latest, non-root, readonly-rootfs, single-process";
        let title = "containers is an object; it must be a list (spec.jobTemplate.spec.template.spec.containers)";
        assert_eq!(
            above("deny", Style::new(), ids, title).replace("\u{1b}[1m", "").replace("\u{1b}[0m", ""),
            "deny[image-tag-format, init-required, no-latest, non-root, readonly-rootfs,\n     single-process]:\n  \
             containers is an object; it must be a list (spec.jobTemplate.spec.template\n  .spec.containers)\n"
        );
    }

    #[test]
    fn texts_of_others_cannot_steer_the_terminal() {
        assert_eq!(Clean("a\u{1b}[2Jb\u{9b}c").to_string(), "a\\u{1b}[2Jb\\u{9b}c");
    }
}
