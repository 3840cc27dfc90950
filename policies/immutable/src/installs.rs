//! Commands that install software.

use shared::pod::CommandLine;
use shared::prelude::*;
use shared::process::{
    Arg, Budget, InstallerAction, InstallerCall, Invocation, invocations, is_version_of, only_tries, words,
};
use shared::text::quote;

use crate::Installers;
use crate::installers::{DOWNLOADERS, INTERPRETERS, PAIRS};

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
    let verb = words(invocation.arguments, "").next()?;
    settings.add.iter().find(|added| added.split_once(' ') == Some((invocation.program, verb))).cloned()
}

/// The installer that an invocation is, as its program and the words that make it one.
fn installs(invocation: &Invocation<'_>) -> Option<String> {
    let Invocation { program, input, arguments, .. } = *invocation;
    if let Some(downloader) = input.filter(|input| DOWNLOADERS.contains(input) && is_interpreter(program)) {
        return Some(format!("{downloader} | {program}"));
    }
    if let Some(InstallerCall { program, verb, action, .. }) = InstallerCall::of(invocation) {
        let is_install = matches!(action, InstallerAction::Install | InstallerAction::Upgrade);
        return is_install.then(|| [program, if verb.is_empty() { "" } else { " " }, verb].concat());
    }
    if is_interpreter(program) {
        let first = arguments.first().map_or("", Arg::text);
        let downloader = DOWNLOADERS.iter().find(|name| is_download(first, name))?;
        return Some(format!("{downloader} | {program}"));
    }
    if only_tries(arguments) {
        return None;
    }
    let known = || arguments.iter().filter_map(Arg::known);
    let mut plain = words(arguments, "");
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
    ((program, one) == ("go", "run") && two.bytes().any(|byte| byte == b'@')).then(|| "go run".to_owned())
}

fn is_interpreter(program: &str) -> bool {
    INTERPRETERS.iter().any(|name| is_version_of(program, name))
}

/// `<(curl …)` or `$(curl …)`: the shell runs what is downloaded.
fn is_download(word: &str, downloader: &str) -> bool {
    let word = word.strip_prefix('"').unwrap_or(word);
    let inner = word.strip_prefix("<(").or_else(|| word.strip_prefix("$(")).or_else(|| word.strip_prefix('`'));
    inner.is_some_and(|inner| inner.trim_start().strip_prefix(downloader).is_some_and(|rest| rest.starts_with(' ')))
}
