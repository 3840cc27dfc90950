//! What a shell script comes to: every path through it is followed to its last app, and it is decided whether the
//! shell becomes that app or stays in front of it.

use std::borrow::Cow;

use super::argv::Arg;
use super::names::{self, Shell};
use super::program::Classifier;
use super::{Broken, Class, Kind, MAX_PARTS, Part, Process, Role, Stay, Unknown, excerpt, has_part};
use crate::shell::{
    AndOr, Command, CommandKind, Item, List, Opaque, Pipeline, Redirection, Script, Simple, Trailing, Word, parse,
};

/// How deep functions may call each other.
const MAX_CALLS: usize = 8;
/// How many bytes are parsed in the time of a step.
const BYTES_A_STEP: usize = 8;
/// How many functions a script may define.
const MAX_FUNCTIONS: usize = 256;

impl Classifier<'_> {
    /// Judges the script of `sh -c`.
    pub(super) fn script(&mut self, text: &str, dialect: Option<Shell>, positional: &[Arg<'_>], depth: u32) -> Process {
        if !self.step(text.len() / BYTES_A_STEP) {
            return Process::of_unknown(Unknown::TooBig);
        }
        let script = match parse(text) {
            Ok(script) => script,
            Err(Opaque::TooBig) => return Process::of_unknown(Unknown::TooBig),
            Err(Opaque::Syntax) => return Process::of_unknown(Unknown::Syntax),
        };
        let mut walk = Walk {
            classifier: self,
            dialect,
            positional: positional.get(1..).unwrap_or_default(),
            depth,
            calls: 0,
            functions: Vec::new(),
            summarised: Vec::new(),
            state: State::default(),
        };
        let path = walk.script(&script);
        let state = walk.state;
        conclude(path, state, dialect)
    }
}

/// Whether the shell would run a command in place of itself, as far as its place goes; else why it stays.
type Place = Result<(), Stay>;

/// How the paths through some commands end.
#[derive(Default)]
struct Path {
    /// Places where the shell becomes a program.
    execs: u32,
    /// One of them is not written as `exec`.
    implicit: bool,
    /// The worst of these programs.
    becomes: Option<Process>,
    /// The last app that the shell runs as a child on a path without `exec`.
    stay: Option<Child>,
    /// Whether a path goes on behind the commands.
    end: End,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    /// Every path ends: by `exec` or `exit`.
    Never,
    /// Only when a command in front of `exec` fails: `a && exec app`.
    OnFailure,
    /// Some path goes on.
    #[default]
    GoesOn,
}

/// An app that runs as a child of the shell.
struct Child {
    why: Stay,
    process: Process,
    evidence: String,
    fix: Option<String>,
    /// A trap handles SIGTERM while the shell waits for it.
    trapped: bool,
}

/// What the commands so far have done.
#[derive(Default)]
struct State {
    parts: Vec<Part>,
    /// How many of the parts a `wait` was for.
    waited_for: usize,
    /// The text of the first background job.
    background: String,
    background_execs: bool,
    traps: Traps,
    /// `break`, `return` and `exit` that were seen.
    breaks: u32,
    /// The function that is followed may `return`.
    returns: bool,
    /// `set` or `shift` may have changed the positional parameters.
    shifted: bool,
    /// Why the script cannot be followed.
    lost: Option<Unknown>,
}

#[derive(Default)]
struct Traps {
    term: bool,
    exit: bool,
    /// Signals with an action, without those reset since.
    active: Vec<String>,
    /// An action has been set at any time.
    ever: bool,
}

struct Walk<'s, 'c, 'o> {
    classifier: &'c mut Classifier<'o>,
    dialect: Option<Shell>,
    /// `$1` and on.
    positional: &'s [Arg<'s>],
    depth: u32,
    calls: usize,
    /// Functions by name; the last of a name counts. A map would cost a module 4 KB.
    functions: Vec<(&'s str, &'s Command<'s>)>,
    /// The functions that are summarised, each called by the one before.
    summarised: Vec<&'s Command<'s>>,
    state: State,
}

impl Path {
    /// Commands that start no app.
    fn nothing() -> Self {
        Self::default()
    }

    fn ends() -> Self {
        Self { end: End::Never, ..Self::default() }
    }

    /// Adds the programs that another path becomes.
    fn add_execs(&mut self, other: &mut Self) {
        self.execs = self.execs.saturating_add(other.execs);
        self.implicit |= other.implicit;
        let badness = |process: &Option<Process>| process.as_ref().map_or(0, |process| badness(process.class));
        if badness(&other.becomes) > badness(&self.becomes) {
            self.becomes = other.becomes.take();
        }
    }

    /// Goes on with the commands that follow.
    fn then(&mut self, mut next: Self) {
        if next.execs > 0 || next.stay.is_some() {
            self.stay = next.stay.take();
        }
        self.end = next.end;
        self.add_execs(&mut next);
    }

    /// Adds another branch.
    fn or(&mut self, mut other: Self) {
        self.stay = self.stay.take().or(other.stay.take());
        self.end = self.end.max(other.end);
        self.add_execs(&mut other);
    }
}

/// Which of several programs a script is judged by: the one with the most to say.
fn badness(class: Class) -> u8 {
    match class {
        Class::Stays(_) => 9,
        Class::LossyRunner => 8,
        Class::Broken(_) => 7,
        Class::Unknown(_) => 6,
        Class::ScriptFile | Class::BareShell => 5,
        Class::Implicit(_) => 4,
        Class::ExecMaybe | Class::StaysTrapped => 3,
        Class::Manager { .. } => 2,
        _ => 1,
    }
}

fn conclude(path: Path, state: State, dialect: Option<Shell>) -> Process {
    let has_jobs = state.parts.iter().any(|part| matches!(part.role, Role::Background | Role::Daemon));
    let mut process = if let Some(reason) = state.lost {
        Process::of_unknown(reason)
    } else if let Some(child) = path.stay {
        let class = match child.process.class {
            _ if child.trapped => Class::StaysTrapped,
            Class::KeepAlive if !has_jobs => Class::KeepAlive,
            Class::Unknown(Unknown::Opaque) if !is_structural(child.why) => Class::Unknown(Unknown::Opaque),
            Class::Unknown(Unknown::Sourced) => Class::Unknown(Unknown::Sourced),
            _ if child.why == Stay::Unmeasured => Class::Unknown(Unknown::Shell),
            _ => Class::Stays(child.why),
        };
        // `exec sleep` would still leave the background job alone.
        let fix = child.fix.filter(|_| child.process.class != Class::KeepAlive);
        Process { class, program: child.process.program, evidence: child.evidence, fix, ..bare(class) }
    } else if let Some(mut process) = path.becomes {
        let is_app = is_app(process.class);
        if is_app && path.implicit {
            process.class = dialect.map_or(Class::Unknown(Unknown::Shell), Class::Implicit);
        } else if is_app && path.end == End::GoesOn {
            process.class = Class::ExecMaybe;
        } else if is_app {
            process.class = if path.execs > 1 { Class::ExecAlways } else { Class::ExecTail };
        }
        process
    } else if has_jobs {
        let class = Class::Broken(Broken::OnlyBackground);
        Process { evidence: excerpt(&state.background), ..bare(class) }
    } else {
        bare(Class::Brief)
    };
    process.parts = state.parts;
    process
}

fn bare(class: Class) -> Process {
    Process::new(class, "")
}

/// Whether nothing stands between the shell and the app.
fn is_app(class: Class) -> bool {
    matches!(class, Class::Direct | Class::Transparent)
}

/// `cat` waits forever only for a standard input that nobody writes to, not for a file or a pipe.
fn end_with_input(process: &mut Process) {
    if process.program == "cat" {
        process.class = Class::Direct;
        for part in &mut process.parts {
            part.kind = Kind::Utility;
        }
    }
}

/// The command as it should be written.
fn with_exec(simple: &Simple<'_>) -> String {
    excerpt(&["exec ", simple.call].concat())
}

/// Whether the shell stays for this reason whatever the command turns out to be.
fn is_structural(why: Stay) -> bool {
    matches!(why, Stay::Pipeline | Stay::ExecInPipeline | Stay::Background | Stay::ExecInBackground | Stay::Loop)
}

/// The place of a command inside another one, which matters only when the outer place allows an implicit exec.
fn inside(place: Place, why: Stay) -> Place {
    place.and(Err(why))
}

/// The place of a command that others follow.
fn not_last(place: Place) -> Place {
    match place {
        Ok(()) | Err(Stay::Unmeasured | Stay::TrailingLines | Stay::Compound) => Err(Stay::NotLast),
        other => other,
    }
}

impl<'s> Walk<'s, '_, '_> {
    fn script(&mut self, script: &'s Script<'s>) -> Path {
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
    fn bash_script(&mut self, list: &'s List<'s>, place: Place) -> Path {
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

    fn list(&mut self, list: &'s [Item<'s>], place: Place) -> Path {
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

    fn and_or(&mut self, and_or: &'s AndOr<'s>, place: Place, text: &'s str) -> Path {
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

    fn pipeline(&mut self, pipeline: &'s Pipeline<'s>, place: Place, text: &'s str) -> Path {
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
            end_with_input(&mut summary.process);
            execs |= summary.execs;
            let role =
                if main.as_ref().is_some_and(|main| main.kind == Kind::Program) { Role::Piped } else { Role::App };
            summary.set_role(role);
            if main.as_ref().is_none_or(|main| main.kind != Kind::Program) {
                main = Some(summary.clone());
            }
            if role == Role::App {
                self.foreground(summary.parts);
            } else {
                self.add_parts(summary.parts);
            }
        }
        let why = if execs { Stay::ExecInPipeline } else { Stay::Pipeline };
        let process = main.map_or_else(|| bare(Class::Brief), |main| main.process);
        self.stays(why, process, text, None)
    }

    fn command(&mut self, command: &'s Command<'s>, place: Place) -> Path {
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
        place: Place,
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
    fn subshell(&mut self, command: &'s Command<'s>, list: &'s List<'s>, place: Place) -> Path {
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
            let process = path.stay.take().map_or_else(|| bare(Class::Brief), |child| child.process);
            // A loop that only sleeps; one that works between two sleeps is no idle container.
            let class = if sleeps { Class::KeepAlive } else { Class::Direct };
            let process = Process { class, ..process };
            path = self.stays(Stay::Loop, process, command.text, None);
        }
        path.end = if endless { End::Never } else { End::GoesOn };
        path
    }

    fn simple(&mut self, simple: &'s Simple<'s>, redirections: &'s [Redirection<'s>], place: Place) -> Path {
        let arguments = self.arguments(simple);
        let mut rest = arguments.as_slice();
        // `command exec app` is `exec app`; `command app` runs no function.
        let mut is_function = true;
        while let Some("command" | "builtin") = rest.first().and_then(Arg::known) {
            rest = rest.get(1..).unwrap_or_default();
            if rest.first().and_then(Arg::known) == Some("--") {
                rest = rest.get(1..).unwrap_or_default();
            }
            is_function = false;
        }
        let Some((first, operands)) = rest.split_first() else {
            return Path::nothing();
        };
        let Some(name) = first.known() else {
            return self.external(rest, simple, redirections, place);
        };
        let body = if is_function { self.function(name) } else { None };
        if let Some(body) = body {
            // In a function, the positional parameters are the arguments of the call.
            let shifted = std::mem::replace(&mut self.state.shifted, true);
            let returns = std::mem::take(&mut self.state.returns);
            let mut path = self.call(|walk| walk.command(body, inside(place, Stay::Called)));
            self.state.shifted = shifted;
            // `return` ends the function, not the script.
            if std::mem::replace(&mut self.state.returns, returns) {
                path.end = End::GoesOn;
            }
            return path;
        }
        match name {
            "exec" => return self.exec(operands, simple),
            "eval" => return self.eval(operands, simple, place),
            "." | "source" => {
                let process = bare(Class::Unknown(Unknown::Sourced));
                return self.stays(place.err().unwrap_or(Stay::Called), process, simple.call, None);
            }
            "trap" => self.trap(operands),
            "wait" => {
                let has_jobs = self.state.parts.iter().any(|part| part.role == Role::Background);
                self.state.waited_for = self.state.parts.len();
                if has_jobs {
                    let why = if self.state.background_execs { Stay::ExecInBackground } else { Stay::Background };
                    let jobs = self.state.parts.iter().find(|part| part.role == Role::Background);
                    let process = Process::new(Class::Direct, jobs.map_or("", |part| part.name.as_str()));
                    let text = [self.state.background.as_str(), " & ", simple.call].concat();
                    return self.stays(why, process, &text, None);
                }
            }
            "exit" | "return" => {
                self.state.breaks = self.state.breaks.saturating_add(1);
                self.state.returns |= name == "return";
                return Path::ends();
            }
            "break" => self.state.breaks = self.state.breaks.saturating_add(1),
            "set" | "shift" => self.state.shifted = true,
            "coproc" => self.state.lost = Some(Unknown::Syntax),
            _ if names::BRIEF_BUILTINS.contains(&name) => {}
            _ => return self.external(rest, simple, redirections, place),
        }
        Path::nothing()
    }

    /// Runs a program as a child, or in place of the shell where the dialect does so.
    fn external(
        &mut self,
        arguments: &[Arg<'_>],
        simple: &'s Simple<'s>,
        redirections: &'s [Redirection<'s>],
        place: Place,
    ) -> Path {
        let mut process = self.classifier.program(arguments, self.depth);
        if !redirections.is_empty() {
            end_with_input(&mut process);
        }
        self.foreground(process.parts.clone());
        let traps = &self.state.traps;
        let why = match self.dialect {
            Some(Shell::Bash) if traps.exit => Some(Stay::ExitTrap),
            _ if traps.term => Some(Stay::TrapInForeground),
            Some(Shell::Bash) if !traps.active.is_empty() => Some(Stay::TrapInForeground),
            Some(Shell::Ash) if traps.ever => Some(Stay::TrapInForeground),
            Some(Shell::Bash) if !redirections.is_empty() => Some(Stay::Redirected),
            _ => None,
        };
        match (place, why) {
            (Ok(()), None) => {
                if is_app(process.class) {
                    process.evidence = excerpt(simple.call);
                    process.fix = Some(with_exec(simple));
                }
                Path { execs: 1, implicit: true, becomes: Some(process), stay: None, end: End::Never }
            }
            (Err(why @ (Stay::Loop | Stay::Pipeline)), _) | (_, Some(why)) | (Err(why), None) => {
                let alone = !matches!(why, Stay::Loop | Stay::NotLast | Stay::TrapInForeground | Stay::ExitTrap);
                // A runner or a shell behind the shell needs more than `exec`.
                let enough = !matches!(process.class, Class::LossyRunner | Class::Stays(_) | Class::Broken(_));
                let fix = (alone && enough).then(|| with_exec(simple));
                self.stays(why, process, simple.call, fix)
            }
        }
    }

    fn exec(&mut self, operands: &[Arg<'_>], simple: &'s Simple<'s>) -> Path {
        let mut rest = operands;
        while let Some(option) = rest.first().and_then(Arg::known).filter(|option| option.starts_with('-')) {
            rest = rest.get(if option.ends_with('a') { 2 } else { 1 }..).unwrap_or_default();
            if option == "--" {
                break;
            }
        }
        if rest.is_empty() {
            // Only redirections of the shell itself, unless its words vanish.
            return Path::nothing();
        }
        let mut process = self.classifier.program(rest, self.depth);
        self.foreground(process.parts.clone());
        if process.evidence.is_empty() {
            process.evidence = excerpt(simple.call);
        }
        Path { execs: 1, implicit: false, becomes: Some(process), stay: None, end: End::Never }
    }

    fn eval(&mut self, operands: &[Arg<'_>], simple: &'s Simple<'s>, place: Place) -> Path {
        let mut text = String::new();
        for operand in operands {
            let Some(word) = operand.known() else {
                let process = bare(Class::Unknown(Unknown::Opaque));
                return self.stays(Stay::Called, process, simple.call, None);
            };
            text.push_str(word);
            text.push(' ');
        }
        if !self.classifier.step(text.len() / BYTES_A_STEP) {
            self.state.lost = Some(Unknown::TooBig);
            return Path::ends();
        }
        let Ok(script) = parse(&text) else {
            let process = bare(Class::Unknown(Unknown::Opaque));
            return self.stays(Stay::Called, process, simple.call, None);
        };
        self.call(|walk| {
            let mut inner = Walk {
                classifier: walk.classifier,
                dialect: walk.dialect,
                positional: walk.positional,
                depth: walk.depth,
                calls: walk.calls,
                functions: walk.functions.clone(),
                summarised: Vec::new(),
                state: std::mem::take(&mut walk.state),
            };
            let path = inner.list(&script.list, inside(place, Stay::Called));
            walk.state = inner.state;
            path
        })
    }

    fn function(&self, name: &str) -> Option<&'s Command<'s>> {
        self.functions.iter().rev().find(|(known, _)| *known == name).map(|(_, body)| *body)
    }

    /// Follows a call, unless there are too many within each other, or have been before.
    fn call(&mut self, follow: impl FnOnce(&mut Self) -> Path) -> Path {
        if self.calls == MAX_CALLS || self.state.lost == Some(Unknown::TooBig) {
            self.state.lost = Some(Unknown::TooBig);
            return Path::ends();
        }
        self.calls = self.calls.saturating_add(1);
        let path = follow(self);
        self.calls = self.calls.saturating_sub(1);
        path
    }

    fn trap(&mut self, operands: &[Arg<'_>]) {
        let mut rest = operands;
        if rest.first().and_then(Arg::known) == Some("--") {
            rest = rest.get(1..).unwrap_or_default();
        }
        let Some((action, signals)) = rest.split_first() else {
            return;
        };
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let (handles, signals) = match action.known() {
            Some("-" | "") => (false, signals),
            Some(text) if is_number(text) => (false, rest),
            Some(_) | None => (true, signals),
        };
        for signal in signals {
            // A signal that is known only at run time may be any.
            let name = signal.known().map_or_else(|| "TERM".to_owned(), str::to_ascii_uppercase);
            let name = match name.strip_prefix("SIG") {
                // dash: "trap: SIGTERM: bad trap".
                Some(_) if self.dialect == Some(Shell::Dash) => continue,
                Some(plain) => plain.to_owned(),
                None => name,
            };
            let traps = &mut self.state.traps;
            match name.as_str() {
                "TERM" | "15" => traps.term = handles,
                "EXIT" | "0" => traps.exit = handles,
                _ => {}
            }
            traps.active.retain(|active| *active != name);
            if handles {
                traps.active.push(name);
            }
            traps.ever |= handles;
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
        self.add_parts(summary.parts);
    }

    /// A path on which an app is a child of the shell.
    fn stays(&self, why: Stay, process: Process, text: &str, fix: Option<String>) -> Path {
        let traps = &self.state.traps;
        let handled = traps.term || self.dialect == Some(Shell::Bash) && traps.exit;
        let waits = matches!(why, Stay::Background | Stay::ExecInBackground | Stay::Loop);
        let child = Child { why, process, evidence: excerpt(text), fix, trapped: handled && waits };
        Path { stay: Some(child), ..Path::nothing() }
    }

    /// Adds the parts of a foreground command: those before it were set-up.
    fn foreground(&mut self, parts: Vec<Part>) {
        for (at, part) in self.state.parts.iter_mut().enumerate() {
            let waited_for = part.role == Role::Background && at < self.state.waited_for;
            if part.role == Role::App || waited_for {
                part.role = Role::Setup;
            }
        }
        self.add_parts(parts);
    }

    fn add_parts(&mut self, parts: Vec<Part>) {
        let left = MAX_PARTS.saturating_sub(self.state.parts.len());
        self.state.parts.extend(parts.into_iter().take(left));
    }

    /// The words of a simple command as arguments.
    fn arguments<'w>(&mut self, simple: &Simple<'w>) -> Vec<Arg<'w>>
    where
        's: 'w,
    {
        let mut arguments = Vec::with_capacity(simple.words.len());
        for word in &simple.words {
            let all = matches!(word.text, "$@" | "\"$@\"" | "$*");
            if all && !self.state.shifted {
                if !self.classifier.step(self.positional.len()) {
                    self.state.lost = Some(Unknown::TooBig);
                    return Vec::new();
                }
                arguments.extend(self.positional.iter().cloned());
            } else {
                arguments.push(self.argument(word));
            }
        }
        arguments
    }

    fn argument<'w>(&self, word: &Word<'w>) -> Arg<'w>
    where
        's: 'w,
    {
        if let Some(text) = word.literal() {
            return Arg::Known(text);
        }
        let bare = word.text.trim_matches('"').trim_start_matches('$');
        let number = if self.state.shifted { None } else { bare.parse::<usize>().ok() };
        match number.and_then(|number| self.positional.get(number.checked_sub(1)?)) {
            Some(positional) => positional.clone(),
            None => Arg::Opaque { text: Cow::Borrowed(word.text), basename: word.literal_basename() },
        }
    }

    fn summary(&mut self, command: &'s Command<'s>) -> Summary {
        let mut summary = Summary::default();
        self.summarise(command, &mut summary);
        self.settle(summary)
    }

    fn and_or_summary(&mut self, and_or: &'s AndOr<'s>) -> Summary {
        let mut summary = Summary::default();
        self.summarise_and_or(and_or, &mut summary);
        self.settle(summary)
    }

    /// The background jobs of a child go on beside what follows, but for one that the child does nothing but wait for.
    fn settle(&mut self, mut summary: Summary) -> Summary {
        let mut jobs = std::mem::take(&mut summary.jobs);
        if summary.waits
            && summary.parts.is_empty()
            && let Some(job) = jobs.pop()
        {
            summary = Summary { execs: summary.execs, ..self.settle(job) };
        }
        for job in jobs {
            let mut job = self.settle(job);
            job.set_role(Role::Background);
            self.add_parts(job.parts);
        }
        summary
    }

    fn summarise_list(&mut self, list: &'s List<'s>, summary: &mut Summary) {
        for item in list {
            // What a loop starts again and again is no app of its own.
            if item.background && !summary.loops {
                if self.state.background.is_empty() {
                    item.text.clone_into(&mut self.state.background);
                }
                let mut job = Summary::default();
                self.summarise_and_or(&item.and_or, &mut job);
                summary.jobs.push(job);
            } else {
                self.summarise_and_or(&item.and_or, summary);
            }
        }
    }

    fn summarise_and_or(&mut self, and_or: &'s AndOr<'s>, summary: &mut Summary) {
        let pipelines = std::iter::once(&and_or.first).chain(and_or.rest.iter().map(|(_, pipeline)| pipeline));
        for command in pipelines.flat_map(|pipeline| &pipeline.commands) {
            self.summarise(command, summary);
        }
    }

    /// What a function starts. One that calls itself starts nothing new.
    fn summarise_call(&mut self, body: &'s Command<'s>, summary: &mut Summary) {
        let calls_itself = self.summarised.iter().any(|caller| std::ptr::eq(*caller, body));
        if !calls_itself && self.summarised.len() < MAX_CALLS {
            self.summarised.push(body);
            self.summarise(body, summary);
            self.summarised.pop();
        }
    }

    /// Collects what a command starts in a child of the shell, where only names matter.
    fn summarise(&mut self, command: &'s Command<'s>, summary: &mut Summary) {
        if !self.classifier.step(1) {
            self.state.lost = Some(Unknown::TooBig);
            return;
        }
        match &command.kind {
            CommandKind::Simple(simple) => {
                let arguments = self.arguments(simple);
                let mut rest = arguments.as_slice();
                while let Some(word @ ("exec" | "command" | "eval")) = rest.first().and_then(Arg::known) {
                    summary.execs |= word == "exec" && rest.len() > 1;
                    rest = rest.get(1..).unwrap_or_default();
                }
                let name = rest.first().and_then(Arg::known);
                summary.waits |= name == Some("wait");
                if let Some(body) = name.and_then(|name| self.function(name)) {
                    self.summarise_call(body, summary);
                } else if !rest.is_empty()
                    && !name.is_some_and(|name| {
                        names::BRIEF_BUILTINS.contains(&name) || matches!(name, "trap" | "wait" | "exit" | "return")
                    })
                {
                    let process = self.classifier.program(rest, self.depth);
                    summary.add(process);
                }
            }
            CommandKind::Subshell(list) | CommandKind::Group(list) => {
                self.summarise_list(list, summary);
            }
            CommandKind::If(branches, otherwise) => {
                for list in branches.iter().flat_map(|(condition, body)| [condition, body]).chain(otherwise) {
                    self.summarise_list(list, summary);
                }
            }
            CommandKind::While { condition, body, .. } => {
                summary.loops = true;
                self.summarise_list(condition, summary);
                self.summarise_list(body, summary);
            }
            CommandKind::For { body, .. } => {
                summary.loops = true;
                self.summarise_list(body, summary);
            }
            CommandKind::Case(_, arms) => {
                for arm in arms {
                    self.summarise_list(&arm.body, summary);
                }
            }
            CommandKind::Function(..) | CommandKind::Test => {}
        }
    }
}

/// What runs in one child of the shell. Its commands run one after another, so it counts as one part.
#[derive(Clone)]
struct Summary {
    process: Process,
    kind: Kind,
    parts: Vec<Part>,
    /// What it starts in the background.
    jobs: Vec<Summary>,
    waits: bool,
    loops: bool,
    execs: bool,
}

impl Default for Summary {
    fn default() -> Self {
        Self {
            process: bare(Class::Brief),
            kind: Kind::Utility,
            parts: Vec::new(),
            jobs: Vec::new(),
            waits: false,
            loops: false,
            execs: false,
        }
    }
}

impl Summary {
    /// Adds a program. The last one that is no utility stands for the whole.
    fn add(&mut self, process: Process) {
        let kind = process.parts.first().map_or(Kind::Program, |part| part.kind);
        let loops_and_sleeps = self.loops && process.program == "sleep";
        if loops_and_sleeps {
            self.kind = Kind::Watcher;
        } else if self.kind == Kind::Watcher || kind == Kind::Utility && !self.parts.is_empty() {
            return;
        } else {
            self.kind = kind;
        }
        self.parts = if process.parts.is_empty() || loops_and_sleeps {
            vec![Part { name: process.program.clone(), role: Role::App, kind: self.kind }]
        } else {
            process.parts.clone()
        };
        self.process = process;
    }

    fn set_role(&mut self, role: Role) {
        for part in &mut self.parts {
            if part.role == Role::App {
                part.role = role;
            }
        }
    }
}

/// Adds a branch to those before.
fn join(path: &mut Option<Path>, next: Path) {
    match path {
        Some(path) => path.or(next),
        None => *path = Some(next),
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
