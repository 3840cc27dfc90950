//! Commands that install software.

use shared::pod::CommandLine;
use shared::prelude::*;
use shared::process::{Arg, Budget, Invocation, invocations};
use shared::text::quote;

use crate::Installers;
use crate::installers::{DOWNLOADERS, HARMLESS, INSTALLERS, INTERPRETERS, Installer, PAIRS};

/// The most installers that a message names.
const MAX_NAMED: usize = 3;

/// The installers that a command runs, each once.
pub(crate) struct Installs(Vec<String>);

impl Installs {
    pub(crate) fn of(settings: &Installers, command: &CommandLine<'_>, budget: &Budget) -> Self {
        let mut names: Vec<String> = Vec::new();
        invocations(&command.command, &command.args, budget, &mut |invocation| {
            let name =
                installs(invocation).filter(|name| !is_removed(settings, name)).or_else(|| added(settings, invocation));
            names.extend(name.filter(|name| !names.contains(name)));
        });
        Self(names)
    }

    /// A finding about them. Their arguments may hold secrets and are not shown.
    pub(crate) fn found(self, rule: &'static Rule) -> Option<Found> {
        let (first, rest) = self.0.split_first()?;
        let mut names = quote(first).to_string();
        for name in rest.iter().take(MAX_NAMED.saturating_sub(1)) {
            names.push_str(", ");
            names.push_str(&quote(name).to_string());
        }
        let more = if self.0.len() > MAX_NAMED { " …" } else { "" };
        let verb = if rest.is_empty() { "runs" } else { "run" };
        let problem = format!(
            "{names}{more} {verb} at every start, so that the image does not determine what runs, and no pod starts while the \
             source is away"
        );
        Some(rule.found(problem, "install when the image is built"))
    }
}

/// Adds a fault for each installer that is not a program with a word.
pub(crate) fn validate(installers: &Installers, faults: &mut Faults) {
    let lists = [
        ("add", &installers.add, 2..=2, "a program and a word"),
        ("remove", &installers.remove, 1..=3, "a program, alone or with a word"),
    ];
    for (list, names, counts, what) in lists {
        for (index, name) in names.iter().enumerate() {
            if name.split(' ').any(str::is_empty) || !counts.contains(&name.split(' ').count()) {
                faults.add(&format!("installers.{list}[{index}]"), &format!("this must be {what}, such as git clone"));
            }
        }
    }
}

/// The settings accept this installer, by its name or that of its program.
fn is_removed(settings: &Installers, name: &str) -> bool {
    let program = name.split(' ').next().unwrap_or_default();
    settings.remove.iter().any(|removed| removed == name || removed == program)
}

/// An installer that the settings add.
fn added(settings: &Installers, invocation: &Invocation<'_>) -> Option<String> {
    let verb = words(invocation, &[]).next()?;
    settings.add.iter().find(|added| added.split_once(' ') == Some((invocation.program, verb))).cloned()
}

/// The installer that an invocation is, as its program and the words that make it one.
fn installs(invocation: &Invocation<'_>) -> Option<String> {
    let known = || invocation.arguments.iter().filter_map(Arg::known);
    if known().any(|word| HARMLESS.contains(&word)) {
        return None;
    }
    let Invocation { program, input, .. } = *invocation;
    if let Some(downloader) = input.filter(|input| DOWNLOADERS.contains(input) && is_interpreter(program)) {
        return Some(format!("{downloader} | {program}"));
    }
    if is_interpreter(program) {
        if known().next() == Some("-m")
            && known().nth(1) == Some("pip")
            && known().skip(2).any(|word| word == "install")
        {
            return Some("pip install".to_owned());
        }
        let first = invocation.arguments.first().map_or("", Arg::text);
        let downloader = DOWNLOADERS.iter().find(|name| is_download(first, name))?;
        return Some(format!("{downloader} | {program}"));
    }
    let mut plain = words(invocation, &[]);
    let (one, two) = (plain.next().unwrap_or_default(), plain.next().unwrap_or_default());
    if let Some((program, one, two)) = PAIRS
        .iter()
        .find(|(name, first, second)| *name == program && *first == one && (second.is_empty() || *second == two))
    {
        return Some([*program, " ", one, if two.is_empty() { "" } else { " " }, two].concat());
    }
    if program == "npx" {
        let is_fetched = known().any(|word| matches!(word, "-y" | "--yes" | "-p" | "--package"))
            || one.get(1..).is_some_and(|rest| rest.bytes().any(|byte| byte == b'@'));
        return is_fetched.then(|| program.to_owned());
    }
    if (program, one) == ("go", "run") && two.bytes().any(|byte| byte == b'@') {
        return Some("go run".to_owned());
    }
    let installer = INSTALLERS
        .iter()
        .find(|installer| installer.programs.contains(&program) || is_version_of(program, installer))?;
    match words(invocation, installer.values).next() {
        Some(verb) => installer.verbs.contains(&verb).then(|| [program, " ", verb].concat()),
        None => installer.alone.then(|| program.to_owned()),
    }
}

/// `pip3.12` is `pip`.
fn is_version_of(program: &str, installer: &Installer) -> bool {
    installer.programs.contains(&"pip") && program.strip_prefix("pip").is_some_and(is_version)
}

fn is_version(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

fn is_interpreter(program: &str) -> bool {
    INTERPRETERS.iter().any(|name| program.strip_prefix(name).is_some_and(is_version))
}

/// `<(curl …)` or `$(curl …)`: the shell runs what is downloaded.
fn is_download(word: &str, downloader: &str) -> bool {
    let word = word.strip_prefix('"').unwrap_or(word);
    let inner = word.strip_prefix("<(").or_else(|| word.strip_prefix("$(")).or_else(|| word.strip_prefix('`'));
    inner.is_some_and(|inner| inner.trim_start().strip_prefix(downloader).is_some_and(|rest| rest.starts_with(' ')))
}

/// The words of a call that are neither options nor values of these options.
fn words<'i>(invocation: &'i Invocation<'_>, values: &'static [&'static str]) -> impl Iterator<Item = &'i str> {
    let mut is_value = false;
    invocation.arguments.iter().map(|word| word.known().unwrap_or("$")).filter(move |word| {
        let is_operand = !is_value && !word.starts_with('-');
        is_value = values.contains(word);
        is_operand
    })
}
