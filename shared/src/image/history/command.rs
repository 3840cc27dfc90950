//! The command of a `RUN`: the shell before it, and the build arguments before that.

use std::borrow::Cow;

use json::{Node, Shape, Table};

/// The command of a `RUN`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command<'c> {
    /// A script for a shell.
    Script(&'c str),
    /// A program and its arguments.
    Program(Vec<Cow<'c, str>>),
    /// The history does not hold it, or not for a shell.
    Hidden,
}

/// Shells that take a script after `-c`.
const SHELLS: &[&str] = &["ash", "bash", "busybox", "dash", "ksh", "mksh", "sh", "zsh"];
/// The most options of a shell that are read.
const MAX_OPTIONS: usize = 16;
/// The directory in which BuildKit puts a here-document that begins with `#!`.
const PIPES: &str = "/dev/pipes/";

/// The command in the arguments of a `RUN`, without its flags.
pub(super) fn command(text: &str, in_shell: bool) -> Command<'_> {
    // buildah and kaniko leave a list as it is.
    if let Some(words) = list(text) {
        return Command::Program(words);
    }
    if !in_shell {
        return Command::Program(words(text));
    }
    if text.starts_with(PIPES) {
        return Command::Hidden;
    }
    match here_document(text) {
        None => Command::Script(text),
        Some("") => Command::Hidden,
        Some(body) => match body.strip_prefix("#!") {
            Some(line) if !is_for_shell(line) => Command::Hidden,
            _ => Command::Script(body),
        },
    }
}

/// The body of a here-document that is the whole command, `<<EOF`. buildah leaves out its last line, and kaniko the body.
fn here_document(text: &str) -> Option<&str> {
    let delimiter = text.strip_prefix("<<")?;
    let (delimiter, body) = delimiter.split_once('\n').unwrap_or((delimiter, ""));
    let name = delimiter.strip_prefix('-').unwrap_or(delimiter).trim();
    let is_plain = !name.is_empty() && !name.contains([' ', '\t', '<', '>', '|', '&', ';']);
    is_plain.then_some(body.trim())
}

/// Returns `true` if a line after `#!` names a shell: `/bin/bash -e`, `/usr/bin/env bash`.
fn is_for_shell(line: &str) -> bool {
    let line = line.lines().next().unwrap_or_default();
    line.split_whitespace().take(2).any(|word| SHELLS.contains(&basename(word)))
}

/// The script after a shell and its options: `/bin/sh -c`, `/bin/bash -eo pipefail -c`, `cmd /S /C`.
pub(super) fn after_shell(text: &str) -> Option<&str> {
    let (shell, mut rest) = word(text);
    let shell = basename(shell);
    if shell == "cmd" {
        return rest.strip_prefix("/S /C ");
    }
    if !SHELLS.contains(&shell) {
        return None;
    }
    for _ in 0..MAX_OPTIONS {
        let (option, after) = word(rest);
        let letters = option.strip_prefix(['-', '+']).filter(|letters| !letters.starts_with('-'));
        rest = match letters {
            Some(letters) if letters.contains('c') => return (!after.is_empty()).then_some(after),
            // `-o pipefail`
            Some(letters) if letters.ends_with(['o', 'O']) => word(after).1,
            Some(letters) if !letters.is_empty() => after,
            // A long option, the applet of busybox, or a file: no script.
            None if option.starts_with("--") || shell == "busybox" && SHELLS.contains(&option) => after,
            _ => return None,
        };
    }
    None
}

/// The build arguments of a `RUN`, and the command after them: `|2 A=1 B=two words /bin/sh -c make`.
///
/// The number counts arguments, whose values may have blanks in them; that of buildah counts words. So they end at the first
/// shell after as many of either, and without a shell after the last of them.
pub(super) fn build_args(text: &str) -> Option<(Vec<(&str, &str)>, &str)> {
    let (count, all) = text.strip_prefix('|')?.split_once(' ')?;
    let count: usize = count.parse().ok()?;
    let (mut names, mut words) = (0_usize, 0_usize);
    let mut rest = all;
    let mut shellless = None;
    let command = loop {
        let is_reached = names >= count || words == count;
        if is_reached {
            shellless.get_or_insert(rest);
            if after_shell(rest).is_some() {
                break rest;
            }
        }
        if rest.is_empty() {
            break shellless.unwrap_or_default();
        }
        let next;
        (next, rest) = word(rest);
        names = names.saturating_add(usize::from(argument(next).is_some()));
        words = words.saturating_add(1);
    };
    let arguments = all.get(..all.len().saturating_sub(command.len())).unwrap_or_default();
    Some((pairs(arguments), command))
}

/// The words of the arguments of an instruction: a list in JSON, or separated by blanks.
pub(super) fn words(text: &str) -> Vec<Cow<'_, str>> {
    list(text).unwrap_or_else(|| text.split_whitespace().map(Cow::Borrowed).collect())
}

/// The words of a list in JSON.
fn list(text: &str) -> Option<Vec<Cow<'_, str>>> {
    let is_list = text.starts_with('[');
    let list = is_list.then(|| Node::read(text, Shape::List(&Shape::Scalar), &Table::EMPTY).ok()).flatten()?;
    let Node::List(items) = list else { return None };
    items
        .into_iter()
        .map(|(_, item)| match item {
            Node::String(text) => Some(text),
            _ => None,
        })
        .collect()
}

/// Names and values, each value up to the next name.
fn pairs(text: &str) -> Vec<(&str, &str)> {
    let mut pairs = Vec::new();
    let mut rest = text;
    while let Some(name) = argument(rest) {
        let start = rest.get(name.len().saturating_add(1)..).unwrap_or_default();
        let mut after = start;
        while !after.is_empty() {
            after = word(after).1;
            if argument(after).is_some() {
                break;
            }
        }
        let value = start.get(..start.len().saturating_sub(after.len())).unwrap_or_default();
        pairs.push((name, value.trim_end()));
        rest = after;
    }
    pairs
}

/// The name of a build argument that a text begins with: `NAME=`.
fn argument(text: &str) -> Option<&str> {
    let length = text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let (name, after) = text.split_at_checked(length)?;
    (length > 0 && after.starts_with('=')).then_some(name)
}

/// The first word of a text, and the text after it without the blanks between.
fn word(text: &str) -> (&str, &str) {
    text.split_once([' ', '\t', '\n']).map_or((text, ""), |(word, after)| (word, after.trim_start()))
}

fn basename(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}
