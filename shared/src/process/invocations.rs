//! Every program that a command line starts, in scripts too, with its arguments and the files that its output goes to.

use std::borrow::Cow;

use super::argv::{Arg, Argv, Env};
use super::budget::Budget;
use super::names;
use super::program::{MAX_DEPTH, ShellCall, after_launcher};
use super::text::{basename, unquoted};
use crate::image::history;
use crate::shell::{Command, CommandKind, Item, Pipeline, Redirection, Simple, Word, parse};

/// A program that a command line starts.
#[derive(Debug)]
pub struct Invocation<'i> {
    /// Its name: the last path component. Empty when the manifest does not show it.
    pub program: &'i str,
    /// The words after it.
    pub arguments: &'i [Arg<'i>],
    /// The files that its output goes to, without quotes, and with variables as they are written.
    pub outputs: Vec<Cow<'i, str>>,
    /// The files to which `tee` copies its output, and the options of `tee`.
    pub copies: Vec<Cow<'i, str>>,
    /// The program whose output it reads, in a pipeline.
    pub input: Option<&'i str>,
    /// Its call as it is written, with its redirections. Empty outside of a script.
    pub text: &'i str,
}

impl Invocation<'_> {
    /// The argument at this position, when all of it is known.
    #[must_use]
    pub fn known(&self, position: usize) -> Option<&str> {
        self.arguments.get(position).and_then(Arg::known)
    }
}

/// Shows `see` every program that `command` and `args` of a container start, in the order of the text. References to variables
/// stay as they are written. Programs in what cannot be parsed, or beyond the budget, are left out.
pub fn invocations(command: &[&str], args: &[&str], budget: &Budget, see: &mut dyn FnMut(&Invocation<'_>)) {
    // A name that looks like one of a variable is unknown, and `$(hostname)` in a script stays as it is.
    let env = |name: &str| Env::from_sources(name);
    let Argv(Ok(words)) = Argv::started(&[], &[command, args].concat(), &env) else { return };
    let mut walker = Walker { budget, see };
    let Some(first) = words.first() else { return };
    let is_shell = is_shell(basename(first.text()));
    if command.is_empty() && !is_shell {
        // The image names the program.
        walker.show("", &words, &Place::default());
    } else {
        walker.words(&words, &Place::default(), 0);
    }
}

/// The same for the command of a step that built an image.
pub fn step_invocations(command: &history::Command<'_>, budget: &Budget, see: &mut dyn FnMut(&Invocation<'_>)) {
    let mut walker = Walker { budget, see };
    match command {
        history::Command::Script(script) => walker.script(script, &Place::default(), 0),
        history::Command::Program(words) => {
            let words: Vec<_> = words.iter().map(|word| Arg::Known(Cow::Borrowed(&**word))).collect();
            walker.words(&words, &Place::default(), 0);
        }
        history::Command::Hidden => {}
    }
}

/// The surroundings of a command.
#[derive(Clone, Copy, Debug, Default)]
struct Place<'p> {
    /// The files that standard output and standard error go to; none where they are those of the container.
    streams: [Option<&'p Word<'p>>; 2],
    /// The operands of a `tee` that reads its output.
    tee: &'p [Word<'p>],
    /// The program whose output it reads.
    input: Option<&'p str>,
    /// The call as it is written.
    text: &'p str,
}

struct Walker<'w> {
    budget: &'w Budget,
    see: &'w mut dyn FnMut(&Invocation<'_>),
}

impl Walker<'_> {
    /// Follows the launchers and shells at the beginning of an argument vector.
    fn words(&mut self, mut words: &[Arg<'_>], place: &Place<'_>, depth: u32) {
        while let Some((first, rest)) = words.split_first() {
            if !self.budget.pay(words.len().min(8).saturating_add(1)) {
                return;
            }
            let name = match first {
                Arg::Known(path) => basename(path),
                Arg::Opaque { basename, .. } => basename.unwrap_or_default(),
            };
            let launched = match name {
                "exec" | "command" | "builtin" | "time" => Some(after_dashes(rest)),
                _ => after_launcher(name, rest),
            };
            match launched {
                Some(next) if !next.is_empty() => words = next,
                _ if name == "eval" => return self.script(&joined(rest), place, depth),
                _ if is_shell(name) => return self.shell(name, rest, place, depth),
                _ => return self.show(name, rest, place),
            }
        }
    }

    /// Follows the script of a shell.
    fn shell(&mut self, name: &str, arguments: &[Arg<'_>], place: &Place<'_>, depth: u32) {
        let call = ShellCall::read(arguments);
        self.show(name, call.rest, place);
        if let Some(script) = call.rest.first().filter(|_| call.has_script) {
            self.script(script.text(), place, depth);
        }
    }

    fn script(&mut self, text: &str, place: &Place<'_>, depth: u32) {
        if depth < MAX_DEPTH
            && self.budget.pay(text.len() / 64)
            && let Ok(script) = parse(text)
        {
            self.list(&script.list, *place, depth.saturating_add(1));
        }
    }

    fn list<'p>(&mut self, list: &'p [Item<'p>], mut place: Place<'p>, depth: u32) {
        for item in list {
            let and_or = &item.and_or;
            for pipeline in [&and_or.first].into_iter().chain(and_or.rest.iter().map(|(_, pipeline)| pipeline)) {
                self.pipeline(pipeline, &mut place, depth);
            }
        }
    }

    fn pipeline<'p>(&mut self, pipeline: &'p Pipeline<'p>, place: &mut Place<'p>, depth: u32) {
        let mut input = place.input;
        let commands = &pipeline.commands;
        for (index, command) in commands.iter().enumerate() {
            let next = commands.get(index.saturating_add(1)..).unwrap_or_default();
            // The output of all but the last goes into the pipe.
            let stdout = if next.is_empty() { place.streams[0] } else { None };
            let tee = next.iter().find_map(tee).unwrap_or(if next.is_empty() { place.tee } else { &[] });
            let inner = Place { streams: [stdout, place.streams[1]], tee, input, text: command.text };
            self.command(command, inner, place, depth);
            input = program(command);
        }
    }

    /// `around`: the place of the commands that follow, which `exec` without a program changes.
    fn command<'p>(&mut self, command: &'p Command<'p>, mut place: Place<'p>, around: &mut Place<'p>, depth: u32) {
        place.streams = redirected(place.streams, &command.redirections);
        match &command.kind {
            CommandKind::Simple(simple) if is_redirection_of_shell(simple) => around.streams = place.streams,
            CommandKind::Simple(simple) => {
                let words: Vec<Arg<'_>> = simple.words.iter().map(argument).collect();
                self.words(&words, &place, depth);
            }
            CommandKind::Function(_, body) => self.command(body, place, &mut { place }, depth),
            _ => {
                for list in command.lists() {
                    self.list(list, place, depth);
                }
            }
        }
    }

    fn show(&mut self, program: &str, arguments: &[Arg<'_>], place: &Place<'_>) {
        let mut outputs: Vec<Cow<'_, str>> = place.streams.into_iter().flatten().map(path).collect();
        outputs.dedup();
        let copies = place.tee.iter().map(path).collect();
        (self.see)(&Invocation { program, arguments, outputs, copies, input: place.input, text: place.text });
    }
}

/// The file that a word names.
fn path<'p>(word: &Word<'p>) -> Cow<'p, str> {
    word.literal().unwrap_or(Cow::Borrowed(unquoted(word.text)))
}

fn is_shell(name: &str) -> bool {
    name == "sh" || names::SHELLS.iter().any(|(shell, _)| *shell == name)
}

/// The words after options that stand alone.
fn after_dashes<'a, 'b>(words: &'a [Arg<'b>]) -> &'a [Arg<'b>] {
    let count = words.iter().take_while(|word| word.text().starts_with('-')).count();
    words.get(count..).unwrap_or_default()
}

/// The words of `eval` as the script that they are.
fn joined(words: &[Arg<'_>]) -> String {
    words.iter().map(Arg::text).collect::<Vec<_>>().join(" ")
}

fn argument<'w>(word: &Word<'w>) -> Arg<'w> {
    match word.literal() {
        Some(text) => Arg::Known(text),
        None => Arg::Opaque { text: Cow::Borrowed(word.text), basename: word.literal_basename() },
    }
}

/// The program of a simple command, when it is known.
fn program<'p>(command: &'p Command<'p>) -> Option<&'p str> {
    let CommandKind::Simple(simple) = &command.kind else { return None };
    simple.words.first().map(|word| basename(unquoted(word.text)))
}

/// The operands and options of `tee`.
fn tee<'p>(command: &'p Command<'p>) -> Option<&'p [Word<'p>]> {
    let CommandKind::Simple(simple) = &command.kind else { return None };
    let (first, rest) = simple.words.split_first()?;
    (basename(unquoted(first.text)) == "tee").then_some(rest)
}

/// `exec` without a program redirects the shell itself.
fn is_redirection_of_shell(simple: &Simple<'_>) -> bool {
    matches!(&simple.words[..], [only] if only.text == "exec")
}

/// Standard output and standard error after redirections, from left to right. Source: POSIX, Shell Command Language 2.7.
fn redirected<'p>(
    [mut stdout, mut stderr]: [Option<&'p Word<'p>>; 2],
    redirections: &'p [Redirection<'p>],
) -> [Option<&'p Word<'p>>; 2] {
    for Redirection { descriptor, operator, target } in redirections {
        match (*descriptor, *operator, target.text) {
            ("" | "1", ">" | ">>" | ">|", _) => stdout = Some(target),
            ("2", ">" | ">>" | ">|", _) => stderr = Some(target),
            ("" | "1", ">&", "2") => stdout = stderr,
            ("2", ">&", "1") => stderr = stdout,
            ("", "&>" | "&>>", _) => (stdout, stderr) = (Some(target), Some(target)),
            ("", ">&", file) if !file.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') => {
                (stdout, stderr) = (Some(target), Some(target));
            }
            _ => {}
        }
    }
    [stdout, stderr]
}
