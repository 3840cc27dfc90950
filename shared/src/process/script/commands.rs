//! Lists, pipelines and compound commands: every path through them is followed to its last app.

use super::path::{End, ImplicitExec, Path, inside, join, not_last};
use super::summary::Summary;
use super::walk::{MAX_FUNCTIONS, Walk};
use crate::process::behaviour::{Behaviour, Stay, Unknown};
use crate::process::dialect::Shell;
use crate::process::model::{PartKind, Process, Role};
use crate::process::text::has_part;
use crate::shell::{AndOr, Command, CommandKind, Item, List, Pipeline, Script, Trailing};

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
        let mut path = self.pipeline(&and_or.first, if count == 0 { place } else { not_last(place) }, text);
        for (at, (_, pipeline)) in and_or.rest.iter().enumerate() {
            if path.end == End::Never {
                break;
            }
            let mut next =
                self.pipeline(pipeline, if at.saturating_add(1) == count { place } else { not_last(place) }, text);
            if next.end == End::Never {
                next.end = if next.execs > 0 { End::OnFailure } else { End::GoesOn };
            }
            path.then(next);
        }
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
        let mut main: Option<Summary> = None;
        let mut execs = false;
        for command in commands {
            let mut summary = self.summary(command);
            summary.process.end_with_input();
            execs |= summary.execs;
            let role =
                if main.as_ref().is_some_and(|main| main.kind == PartKind::Program) { Role::Piped } else { Role::App };
            summary.set_role(role);
            if main.as_ref().is_none_or(|main| main.kind != PartKind::Program) {
                main = Some(summary.clone());
            }
            if role == Role::App {
                self.foreground(summary.parts);
            } else {
                self.add_parts(summary.parts);
            }
        }
        let why = if execs { Stay::ExecInPipeline } else { Stay::Pipeline };
        let process = main.map_or_else(|| Process::bare(Behaviour::Brief), |main| main.process);
        self.stays(why, process, text, None)
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
                self.looping(command, Some(condition), body, endless, sleeps)
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
            path.then(self.list(condition, not_last(place)));
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
        self.stays(why, summary.process, command.text, None)
    }

    fn looping(
        &mut self,
        command: &'s Command<'s>,
        condition: Option<&'s List<'s>>,
        body: &'s List<'s>,
        endless: bool,
        sleeps: bool,
    ) -> Path {
        let breaks = self.state.breaks;
        let mut path = condition.map_or_else(Path::nothing, |condition| self.list(condition, Err(Stay::Loop)));
        path.then(self.list(body, Err(Stay::Loop)));
        let endless = endless && breaks == self.state.breaks;
        if path.execs > 0 {
            // The loop waits for something and then becomes the app.
            path.stay = None;
        } else {
            let process = path.stay.take().map_or_else(|| Process::bare(Behaviour::Brief), |child| child.process);
            // A loop that only sleeps; one that works between two sleeps is no idle container.
            let behaviour = if sleeps { Behaviour::KeepAlive } else { Behaviour::Direct };
            let process = Process { behaviour, ..process };
            path = self.stays(Stay::Loop, process, command.text, None);
        }
        path.end = if endless { End::Never } else { End::GoesOn };
        path
    }

    /// A background job goes on beside whatever follows.
    fn background(&mut self, item: &'s Item<'s>) {
        let mut summary = self.and_or_summary(&item.and_or);
        summary.set_role(Role::Background);
        if self.state.background.is_empty() {
            item.text.clone_into(&mut self.state.background);
        }
        self.state.background_execs |= summary.execs;
        self.add_parts(summary.parts);
    }
}

/// Whether the condition of a loop is always the same: `true`, `:`, `[ 1 ]` or `sleep`.
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

/// Whether a loop does nothing but sleep.
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
