//! The form for people: every finding with its source line, grouped by object.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Message, Origin, Renderer, Snippet};
use anstyle::Style;
use manifests::Problem;
use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter};

use super::contents::{Remark, Report, remarks, title};
use super::style::{BOLD, Clean, ERROR, GOOD, WARNING};
use crate::answer::{Action, MALFORMED, Parts};
use crate::judge::Judgement;

/// The maximum number of columns of a line, as far as its words can be wrapped.
const COLUMNS: usize = 80;

/// The number of findings from which a table counts them by rule.
const MANY: usize = 10;

/// Writes a report. Objects without findings are counted, not listed. One that `is_quiet` lacks the summary.
pub(super) fn render(report: &Report, is_quiet: bool) -> String {
    let mut text = String::new();
    // A rule is shown in full once: whoever has seen it needs only the place of the others.
    let mut shown = BTreeSet::new();
    for problem in &report.problems {
        text.push_str(&unread(problem));
    }
    for file in &report.files {
        for entry in &file.entries {
            match entry {
                Ok(judgement) => object(&mut text, &file.path, judgement, &mut shown, report),
                Err(problem) => text.push_str(&unread(problem)),
            }
        }
    }
    if !is_quiet {
        text.push_str(&table(report));
        summary(&mut text, report);
    }
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
fn object(text: &mut String, path: &str, judgement: &Judgement, shown: &mut BTreeSet<String>, report: &Report) {
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
    let mut is_short = false;
    for (ids, remark) in told {
        let (name, level, style) = level(&remark);
        let id = ids.join(", ");
        let parts_of = remark.what.ok().and_then(|finding| finding.parts.as_ref());
        if let Some(parts) = parts_of.filter(|_| !shown.insert(id.clone())) {
            text.push_str(&short(&remark, parts, name, style, &id));
            is_short = true;
            continue;
        }
        if std::mem::take(&mut is_short) {
            text.push('\n');
        }
        let (title, mut elements) = parts(&remark);
        elements.extend(help(&remark, report));
        let group = if ids.len() == 1 || lead(&id).len() + title.len() <= COLUMNS {
            level.primary_title(beside(&id, &title)).id(id).elements(elements)
        } else {
            text.push_str(&above(name, style, &id, &title));
            Group::with_level(level).elements(elements)
        };
        let _ = writeln!(text, "{}\n", renderer.render(&[group]));
    }
    if is_short {
        text.push('\n');
    }
}

/// A remark of a rule that was shown before: place, owner, fault and fix, without the source.
fn short(remark: &Remark<'_>, parts: &Parts, name: &str, style: Style, id: &str) -> String {
    let column = remark.location().map(|location| format!(":{}", location.column)).unwrap_or_default();
    let place = format!("  {}{column}: ", remark.line());
    let told = format!("{}: {}; {}", parts.owner(), parts.found, parts.fix);
    let lead = format!("{place}{name}[{id}]: ");
    let told = wrapped(&Clean(&told).to_string(), &lead, "    ");
    let told = told.strip_prefix(&lead).unwrap_or(&told);
    format!("{place}{style}{name}[{id}]{style:#}: {told}\n")
}

/// Where to read more about the rule of a remark.
fn help<'a>(remark: &Remark<'_>, report: &Report) -> Option<Element<'a>> {
    let id = remark.id();
    let is_known = id == MALFORMED || report.rules.contains_key(&id);
    let margin = remark.line().to_string().len() + 1;
    is_known.then(|| message(margin, "help", &format!("seaworthy explain {id}")).into())
}

/// The findings by rule, when there are many: how many deny and warn.
fn table(report: &Report) -> String {
    let mut rules: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for remark in report.remarks() {
        let Ok(finding) = remark.what else { continue };
        let (denials, warnings) = rules.entry(remark.id()).or_default();
        match finding.action {
            Action::Deny => *denials += 1,
            Action::Warn | Action::Existing | Action::Trusted => *warnings += 1,
            Action::Exempt => {}
        }
    }
    let all: usize = rules.values().map(|(denials, warnings)| denials + warnings).sum();
    if all < MANY {
        return String::new();
    }
    let width = rules.keys().map(String::len).max().unwrap_or_default();
    let mut text = format!("{:width$}  deny  warn\n", "rule");
    for (rule, (denials, warnings)) in &rules {
        let _ = writeln!(text, "{:width$}  {denials:4}  {warnings:4}", Clean(rule).to_string());
    }
    text + "\n"
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

fn summary(text: &mut String, report: &Report) {
    let summary = report.summary;
    let style = match (summary.errors + summary.findings, summary.warnings) {
        (0, 0) => GOOD,
        (0, _) => WARNING,
        _ => ERROR,
    };
    let _ = writeln!(text, "{style}{summary}{style:#}");
    let left_out = report.left_out.to_string();
    if !left_out.is_empty() {
        let _ = writeln!(text, "{}", wrapped(&left_out, "left out: ", "  "));
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
}
