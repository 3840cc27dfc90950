//! The actions of traps: whether they pass the signal on to the app, and wait for it.

use super::traps::Action;
use super::walk::{BYTES_A_STEP, Walk};
use crate::process::behaviour::Trap;
use crate::process::dialect::Shell;
use crate::process::names;
use crate::process::text::{basename, is_one_of, unquoted};
use crate::shell::{Command, CommandKind, Item, Operator, Pipeline, Redirection, Simple, Word, parse};
use crate::text::has_part;

/// The maximum call depth of functions in an action.
const MAX_CALLS: usize = 4;

/// The effect of the action of a trap, as far as its commands have been read.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Effect {
    /// It sends the app a signal.
    pub(super) passes: bool,
    /// It waits for the app.
    pub(super) waits: bool,
    /// It ends the shell.
    pub(super) ends: bool,
    /// It runs what may do anything of these.
    pub(super) is_unknown: bool,
    /// It resets the trap, so that a signal to the own process group does not start it again.
    resets: bool,
    /// It signals itself, and starts again and again.
    recurses: bool,
}

impl Effect {
    /// The fate of the app when the shell ends after the action, or waits again.
    pub(super) fn trap(self, waits_again: bool) -> Trap {
        if self.is_unknown {
            return Trap::GOOD;
        }
        Trap { passes: self.passes, waits: !self.recurses && self.waits || waits_again && !self.ends }
    }
}

/// The position of a command in an action.
#[derive(Clone, Copy, Default)]
struct Place {
    /// It runs in a child of the shell, which cannot wait for the app or end the shell.
    in_child: bool,
    /// It does not always run.
    is_conditional: bool,
    calls: usize,
}

impl Walk<'_, '_, '_> {
    /// The reaction of the shell to the signal that stops the container; `None` when no trap handles it. Bash runs its
    /// trap on EXIT also when a signal ends it; other shells only when a trap on the signal does.
    pub(super) fn on_stop(&mut self) -> Option<Effect> {
        let (stop, exit) = (self.state.traps.stop.clone(), self.state.traps.exit.clone());
        let mut effect = Effect::default();
        match stop {
            Some(stop) => self.action(&stop, &mut effect),
            None if exit.is_some() && self.dialect == Some(Shell::Bash) => effect.ends = true,
            None => return None,
        }
        if let Some(exit) = exit {
            let ends = std::mem::take(&mut effect.ends);
            self.action(&exit, &mut effect);
            effect.ends = ends;
        }
        effect.ends |= effect.recurses;
        Some(effect)
    }

    fn action(&mut self, action: &Action, effect: &mut Effect) {
        let script = action.as_deref().filter(|text| self.classifier.step(text.len() / BYTES_A_STEP)).map(parse);
        match script {
            Some(Ok(script)) => self.action_list(&script.list, effect, Place::default()),
            _ => effect.is_unknown = true,
        }
    }

    fn action_list(&mut self, list: &[Item<'_>], effect: &mut Effect, place: Place) {
        for Item { and_or, background, .. } in list {
            let mut place = Place { in_child: place.in_child || *background, ..place };
            self.action_pipeline(&and_or.first, effect, place);
            for (operator, pipeline) in &and_or.rest {
                place.is_conditional |= *operator == Operator::Or;
                self.action_pipeline(pipeline, effect, place);
            }
        }
    }

    fn action_pipeline(&mut self, pipeline: &Pipeline<'_>, effect: &mut Effect, mut place: Place) {
        place.in_child |= pipeline.commands.len() > 1;
        for command in &pipeline.commands {
            self.action_command(command, effect, place);
        }
    }

    fn action_command(&mut self, command: &Command<'_>, effect: &mut Effect, place: Place) {
        if !self.classifier.step(1) {
            effect.is_unknown = true;
        }
        if effect.ends || effect.is_unknown {
            return;
        }
        let place = match &command.kind {
            CommandKind::Simple(simple) => return self.action_simple(simple, &command.redirections, effect, place),
            CommandKind::Group(_) => place,
            CommandKind::Subshell(_) => Place { in_child: true, ..place },
            _ => Place { is_conditional: true, ..place },
        };
        for list in command.lists() {
            self.action_list(list, effect, place);
        }
    }

    fn action_simple(
        &mut self,
        simple: &Simple<'_>,
        redirections: &[Redirection<'_>],
        effect: &mut Effect,
        place: Place,
    ) {
        let mut words = simple.words.as_slice();
        while let Some("command" | "builtin" | "exec") = words.first().map(|word| word.text) {
            words = words.get(1..).unwrap_or_default();
        }
        let Some((first, operands)) = words.split_first() else { return };
        let Some(name) = first.literal() else {
            effect.is_unknown = true;
            return;
        };
        let name = basename(&name);
        if let Some(body) = self.function(name) {
            let calls = place.calls.saturating_add(1);
            effect.is_unknown |= calls > MAX_CALLS;
            self.action_command(body, effect, Place { calls, ..place });
            return;
        }
        match name {
            "kill" => self.action_kill(operands, effect),
            _ if is_one_of(name, "pkill|killall|killall5") => effect.passes = true,
            // A sleep after the signal leaves the app some time.
            _ if is_one_of(name, "wait|sleep|tail") => effect.waits |= effect.passes && !place.in_child,
            "exit" => effect.ends |= !place.in_child && !place.is_conditional,
            "trap" => effect.resets |= operands.first().is_some_and(|word| matches!(word.text, "-" | "''" | "\"\"")),
            // It may be read by the app.
            "echo" | "printf" => effect.is_unknown |= redirections.iter().any(writes_file),
            _ if !is_one_of(name, "curl|wget|nc|ncat|netcat|xargs") && is_tool(name) => {}
            _ => effect.is_unknown = true,
        }
        effect.ends |= simple.words.first().is_some_and(|word| word.text == "exec") && !place.in_child;
    }

    /// `kill` with its operands: measured in dash 0.5.12, bash 5.2 and busybox 1.35.
    fn action_kill(&self, operands: &[Word<'_>], effect: &mut Effect) {
        let is_dash = self.dialect == Some(Shell::Dash);
        let word = |at: usize| operands.get(at).map_or("", |word| unquoted(word.text));
        let is_option = |word: &str| word.starts_with('-') && word != "--";
        let option = word(0);
        let (signal, targets) = match option {
            "-s" if is_dash && is_option(word(2)) => return,
            "-n" if self.dialect != Some(Shell::Bash) => return,
            "-s" | "-n" => (word(1), 2),
            _ if is_dash && (option.starts_with("-SIG") || is_option(option) && word(1) == "--") => return,
            _ if is_option(option) => (option.get(1..).unwrap_or_default(), 1),
            _ => ("", 0),
        };
        // Neither a question nor the end without mercy.
        if is_one_of(signal, "0|9|KILL|SIGKILL|l|L") {
            return;
        }
        for target in operands.iter().skip(targets) {
            match unquoted(target.text) {
                // The kubelet makes `$` of `$$`.
                "" | "--" | "$" => {}
                "1" | "$$" => effect.recurses |= !effect.resets,
                "0" => {
                    effect.passes = true;
                    effect.recurses |= !effect.resets;
                }
                "-1" | "-$$" => effect.passes = true,
                // The job has a process group of its own only with `set -m`.
                group if group.starts_with('-') => effect.passes |= self.state.monitor,
                job if job.starts_with('%') || has_part(job, "jobs") => effect.passes |= !is_dash,
                _ => effect.passes |= !self.state.job_is_hidden,
            }
        }
    }
}

/// Returns `true` if a command does nothing to another process.
fn is_tool(name: &str) -> bool {
    is_one_of(name, names::BRIEF_BUILTINS) || names::UTILITIES.binary_search(&name).is_ok()
}

/// Returns `true` if a redirection writes to a file that another process may read.
fn writes_file(redirection: &Redirection<'_>) -> bool {
    let target = redirection.target.text;
    matches!(redirection.operator, ">" | ">>") && !(target.starts_with("/dev/") || target.starts_with("/proc/"))
}
