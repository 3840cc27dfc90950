//! Lists, pipelines and compound commands: every path through them is followed to its last app.

use super::path::{End, ImplicitExec, Path, inside, join, not_last};
use super::walk::{MAX_FUNCTIONS, Walk};
use crate::process::behaviour::{Behaviour, Stay, Trap, Unknown};
use crate::process::dialect::Shell;
use crate::process::model::{PartKind, Process, Role};
use crate::shell::{AndOr, Command, CommandKind, Item, List, Operator, Pipeline, Script, Trailing};
use crate::text::has_part;

impl<'s> Walk<'s, '_, '_> {
    pub(super) fn script(&mut self, script: &'s Script<'s>) -> Path {
        let place = match (self.dialect, script.trailing) {
            (None, _) => Err(Stay::Unmeasured),
            (Some(Shell::Dash), _) => Err(Stay::NoExec),
            (Some(Shell::Bash), Trailing::Lines) | (Some(Shell::Ash), Trailing::LineEnd | Trailing::Lines) => {
                Err(Stay::TrailingLines)
            }
            _ => Ok(()),
        };
        if self.dialect == Some(Shell::Bash) {
            self.bash_script(&script.list, place)
        } else {
            self.list(&script.list, place)
        }
    }

    /// Bash reads a script line by line. In the last line it runs the last command in place of itself only when it is
    /// a simple command that `;`, `&&` or `||` joins to those before (bash/builtins/evalstring.c).
    fn bash_script(&mut self, list: &'s List<'s>, place: ImplicitExec) -> Path {
        let before = list.split_last().map_or(&[][..], |(_, before)| before);
        let start = before.iter().rposition(|item| item.ends_line).map_or(0, |at| at.saturating_add(1));
        let line = list.get(start..).unwrap_or_default();
        let allowed = match line {
            [_] => true,
            [.., before, end] => !before.background && end.and_or.rest.is_empty(),
            [] => false,
        };
        self.list(list, if allowed { place } else { inside(place, Stay::Compound) })
    }

    pub(super) fn list(&mut self, list: &'s [Item<'s>], place: ImplicitExec) -> Path {
        let mut path = Path::nothing();
        for (at, item) in list.iter().enumerate() {
            if item.background {
                self.background(item);
                continue;
            }
            let place = if at.saturating_add(1) == list.len() { place } else { not_last(place) };
            path.then(self.and_or(&item.and_or, place, item.text));
            if path.end == End::Never {
                break;
            }
        }
        path
    }

    fn and_or(&mut self, and_or: &'s AndOr<'s>, place: ImplicitExec, text: &'s str) -> Path {
        let count = and_or.rest.len();
        let before = self.state.interrupted;
        let mut path = self.pipeline_of(&and_or.first, count > 0, place, text);
        for (at, (operator, pipeline)) in and_or.rest.iter().enumerate() {
            if path.end == End::Never {
                break;
            }
            // A `wait` that is interrupted fails, and what `&&` joins to it is left out.
            let left_out = *operator == Operator::And && self.state.interrupted != before;
            let interrupted = if left_out { std::mem::replace(&mut self.state.interrupted, before) } else { None };
            let mut next = self.pipeline_of(pipeline, at.saturating_add(1) < count, place, text);
            self.state.interrupted = interrupted.or(self.state.interrupted);
            if next.end == End::Never {
                next.end = if next.execs > 0 { End::OnFailure } else { End::GoesOn };
            }
            path.then(next);
        }
        path
    }

    /// A pipeline of a list with `&&` and `||`; but for the last, it may fail without ending the shell by `set -e`.
    fn pipeline_of(&mut self, pipeline: &'s Pipeline<'s>, may_fail: bool, place: ImplicitExec, text: &'s str) -> Path {
        let in_condition = self.state.in_condition;
        self.state.in_condition |= may_fail || pipeline.negated;
        let path = self.pipeline(pipeline, if may_fail { not_last(place) } else { place }, text);
        self.state.in_condition = in_condition;
        path
    }

    /// The condition of a compound command.
    fn condition(&mut self, list: &'s List<'s>, place: ImplicitExec) -> Path {
        let in_condition = std::mem::replace(&mut self.state.in_condition, true);
        let path = self.list(list, place);
        self.state.in_condition = in_condition;
        path
    }

    fn pipeline(&mut self, pipeline: &'s Pipeline<'s>, place: ImplicitExec, text: &'s str) -> Path {
        let place = if pipeline.negated || pipeline.timed { inside(place, Stay::Inverted) } else { place };
        match pipeline.commands.as_slice() {
            [command] => self.command(command, place),
            commands => self.pipe(commands, text),
        }
    }

    /// Every command of a pipeline is a child of the shell.
    fn pipe(&mut self, commands: &'s [Command<'s>], text: &'s str) -> Path {
        let mut main = Process::bare(Behaviour::Brief);
        let mut has_app = false;
        let mut execs = false;
        for command in commands {
            let mut summary = self.summary(command);
            execs |= summary.execs;
            summary.set_role(if has_app { Role::Piped } else { Role::App });
            if has_app {
                self.add_parts(summary.parts);
                continue;
            }
            has_app = summary.kind == PartKind::Program;
            main = summary.process;
            self.foreground(summary.parts);
        }
        let why = if execs { Stay::ExecInPipeline } else { Stay::Pipeline };
        Path::stays(why, main, text)
    }

    pub(super) fn command(&mut self, command: &'s Command<'s>, place: ImplicitExec) -> Path {
        if !self.classifier.step(1) {
            self.state.lost = Some(Unknown::TooBig);
            return Path::ends();
        }
        // A compound command with a redirection; Busybox undoes it afterwards. Bash never runs one in place of itself.
        let redirected = |place| {
            if command.redirections.is_empty() { place } else { inside(place, Stay::Redirected) }
        };
        let compound = |place| {
            if self.dialect == Some(Shell::Bash) { inside(place, Stay::Compound) } else { redirected(place) }
        };
        match &command.kind {
            CommandKind::Simple(simple) => self.simple(simple, &command.redirections, place),
            CommandKind::Group(list) => {
                let place = compound(place);
                self.list(list, place)
            }
            CommandKind::Subshell(list) => self.subshell(command, list, place),
            CommandKind::If(branches, otherwise) => {
                let place = compound(place);
                self.branches(branches, otherwise.as_ref(), place)
            }
            CommandKind::Case(_, arms) => {
                let place = compound(place);
                let mut path: Option<Path> = None;
                for arm in arms {
                    let next = self.list(&arm.body, place);
                    join(&mut path, next);
                }
                let has_default = arms.iter().any(|arm| arm.patterns.iter().any(|pattern| pattern.text == "*"));
                let mut path = path.unwrap_or_default();
                if !has_default {
                    path.end = End::GoesOn;
                }
                path
            }
            CommandKind::While { until, condition, body } => {
                let endless = is_constant(condition, !until);
                let sleeps = endless && only_sleeps(body);
                // `while wait` ends when the wait is interrupted.
                let repeats = *until || !ends_with_wait(condition);
                self.looping(command, Some((condition, repeats)), body, endless, sleeps)
            }
            CommandKind::For { header, body } => self.looping(command, None, body, has_part(header, ";;"), false),
            CommandKind::Function(name, body) => {
                if self.functions.len() == MAX_FUNCTIONS {
                    self.state.lost = Some(Unknown::TooBig);
                    return Path::ends();
                }
                self.functions.push((name, body));
                Path::nothing()
            }
            CommandKind::Test => Path::nothing(),
        }
    }

    fn branches(
        &mut self,
        branches: &'s [(List<'s>, List<'s>)],
        otherwise: Option<&'s List<'s>>,
        place: ImplicitExec,
    ) -> Path {
        let mut path = Path::nothing();
        let mut ends: Option<Path> = None;
        for (condition, body) in branches {
            path.then(self.condition(condition, not_last(place)));
            let next = self.list(body, place);
            join(&mut ends, next);
        }
        let last = otherwise.map_or_else(Path::nothing, |list| self.list(list, place));
        join(&mut ends, last);
        path.then(ends.unwrap_or_default());
        path
    }

    /// Busybox needs no child for a subshell that is the last command, unless a trap has been set.
    fn subshell(&mut self, command: &'s Command<'s>, list: &'s List<'s>, place: ImplicitExec) -> Path {
        if self.dialect == Some(Shell::Ash) && place.is_ok() && !self.state.traps.ever {
            return self.list(list, place);
        }
        let summary = self.summary(command);
        if summary.parts.is_empty() {
            return Path::nothing();
        }
        self.foreground(summary.parts);
        let why = if summary.execs { Stay::ExecInSubshell } else { place.err().unwrap_or(Stay::Compound) };
        Path::stays(why, summary.process, command.text)
    }

    fn looping(
        &mut self,
        command: &'s Command<'s>,
        condition: Option<(&'s List<'s>, bool)>,
        body: &'s List<'s>,
        endless: bool,
        sleeps: bool,
    ) -> Path {
        let breaks = self.state.breaks;
        let before = self.state.parts.len();
        let sleeps_long = std::mem::take(&mut self.state.sleeps_long);
        let mut path = Path::nothing();
        if let Some((condition, repeats)) = condition {
            let loops = self.state.loops;
            self.state.loops = if repeats { loops.saturating_add(1) } else { 0 };
            path = self.condition(condition, Err(Stay::Loop));
            self.state.loops = loops;
        }
        self.state.loops = self.state.loops.saturating_add(1);
        path.then(self.list(body, Err(Stay::Loop)));
        self.state.loops = self.state.loops.saturating_sub(1);
        let endless = endless && breaks == self.state.breaks;
        if path.execs > 0 {
            // The loop waits for something and then becomes the app.
            path.stay = None;
        } else {
            let (process, trap) = match path.stay.take() {
                Some(child) => (child.process, child.trap),
                None => (Process::bare(Behaviour::Brief), None),
            };
            let runs_app = self
                .state
                .parts
                .iter()
                .skip(before)
                .any(|part| matches!(part.role, Role::App | Role::Setup) && part.kind.is_app());
            let (why, trap) = if trap.is_some() { (Stay::Loop, trap) } else { self.trap_in_loop(runs_app, endless) };
            // A loop that only sleeps; one that works between two sleeps does not make the container idle.
            let behaviour = if sleeps { Behaviour::KeepAlive } else { Behaviour::Direct };
            path = Path::stays(why, Process { behaviour, ..process }, command.text);
            if let Some(child) = &mut path.stay {
                child.trap = trap;
            }
        }
        self.state.sleeps_long |= sleeps_long;
        path.end = if endless { End::Never } else { End::GoesOn };
        path
    }

    /// The reason why the shell stays in a loop without `wait`: a trap runs between two commands of it.
    fn trap_in_loop(&mut self, runs_app: bool, endless: bool) -> (Stay, Option<Trap>) {
        let Some(effect) = self.on_stop() else { return (Stay::Loop, None) };
        let has_job = self.state.job.is_some();
        // Bash does not put a trap on EXIT off.
        let is_exit = self.state.traps.stop.is_none();
        match () {
            () if runs_app && is_exit => (Stay::ExitTrap, None),
            () if !is_exit && (runs_app || has_job && self.state.sleeps_long) => (Stay::TrapInForeground, None),
            () if !is_exit && self.state.sleeps_long => (Stay::TrapInSleep, None),
            () if has_job => (Stay::Loop, Some(effect.trap(true))),
            // Without a job, what counts is that the loop ends.
            () if endless && !effect.ends && !effect.is_unknown => (Stay::Loop, None),
            () => (Stay::Loop, Some(Trap::GOOD)),
        }
    }

    /// Returns `true` if the process of a background job is a shell that stays around the app.
    fn is_hidden(&self, and_or: &AndOr<'_>) -> bool {
        match and_or.first.commands.as_slice() {
            [Command { kind: CommandKind::Simple(_) | CommandKind::Subshell(_), .. }] if and_or.rest.is_empty() => {
                false
            }
            [Command { kind: CommandKind::While { .. } | CommandKind::For { .. }, .. }] => true,
            [_] => self.dialect == Some(Shell::Bash),
            _ => true,
        }
    }

    /// A background job goes on beside whatever follows.
    fn background(&mut self, item: &'s Item<'s>) {
        let mut summary = self.and_or_summary(&item.and_or);
        summary.set_role(Role::Background);
        if self.state.background.is_empty() {
            item.text.clone_into(&mut self.state.background);
        }
        self.state.background_execs |= summary.execs;
        if self.state.job.is_none() && summary.parts.iter().any(|part| part.kind.is_app()) {
            self.state.job_is_hidden = self.is_hidden(&item.and_or);
            self.state.job = Some(summary.process.behaviour);
        }
        self.add_parts(summary.parts);
    }
}

/// Returns `true` if a condition is that of `wait`, by its last command.
fn ends_with_wait(condition: &List<'_>) -> bool {
    condition.last().is_some_and(|item| item.and_or.rest.is_empty() && item.text.starts_with("wait"))
}

/// Returns `true` if the condition of a loop is always the same: `true`, `:`, `[ 1 ]` or `sleep`.
fn is_constant(condition: &List<'_>, value: bool) -> bool {
    let [Item { and_or: AndOr { first, rest }, .. }] = condition.as_slice() else {
        return false;
    };
    let ([Command { kind, text, .. }], []) = (first.commands.as_slice(), rest.as_slice()) else {
        return false;
    };
    match kind {
        CommandKind::Simple(simple) => match simple.words.first().map(|word| word.text) {
            Some(":" | "true" | "sleep") => value,
            Some("false") => !value,
            Some("[") => value && matches!(*text, "[ 1 ]" | "[ true ]"),
            _ => false,
        },
        CommandKind::Test => value && matches!(*text, "((1))" | "(( 1 ))" | "[[ 1 ]]" | "[[ true ]]"),
        _ => false,
    }
}

/// Returns `true` if a loop does nothing but sleep.
fn only_sleeps(body: &List<'_>) -> bool {
    body.iter().all(|item| {
        item.and_or.rest.is_empty()
            && item.and_or.first.commands.iter().all(|command| match &command.kind {
                CommandKind::Simple(simple) => {
                    matches!(simple.words.first().map(|word| word.text), Some("sleep" | ":" | "true" | "wait"))
                }
                _ => false,
            })
    })
}
