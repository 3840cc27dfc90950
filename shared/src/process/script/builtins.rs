//! Simple commands: built-in commands, functions and programs.

use super::path::{End, ImplicitExec, Path, can_exec, inside};
use super::walk::{BYTES_A_STEP, Walk};
use crate::process::argv::Arg;
use crate::process::behaviour::{Behaviour, Stay, Trap, Unknown};
use crate::process::dialect::Shell;
use crate::process::model::{PartKind, Process, Role};
use crate::process::names;
use crate::process::program::after_setsid;
use crate::process::text::{is_one_of, shown};
use crate::shell::{Redirection, Simple, parse};
use crate::text::excerpt;

impl<'s> Walk<'s, '_, '_> {
    pub(super) fn simple(
        &mut self,
        simple: &'s Simple<'s>,
        redirections: &'s [Redirection<'s>],
        place: ImplicitExec,
    ) -> Path {
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
                let process = Process::bare(Behaviour::Unknown(Unknown::Sourced));
                return Path::stays(place.err().unwrap_or(Stay::Called), process, simple.call);
            }
            "trap" => {
                let has_jobs = !self.state.background.is_empty();
                self.state.traps.set(operands, (self.dialect, self.classifier.options.stop_signal), has_jobs);
            }
            // dash: "wait: Illegal option -n". Another wait cannot follow it.
            "wait" if self.dialect == Some(Shell::Dash) && operands.first().is_some_and(is_option) => {
                let before = self.state.interrupted.take();
                let path = self.wait();
                self.state.interrupted = before;
                return path;
            }
            "wait" => return self.wait(),
            "fg" => {
                let path = self.wait();
                if let Some(job) = self.state.parts.iter_mut().rfind(|part| part.role == Role::Background) {
                    job.role = Role::App;
                }
                return path;
            }
            "exit" | "return" => {
                self.state.breaks = self.state.breaks.saturating_add(1);
                self.state.returns |= name == "return";
                return Path::ends();
            }
            "break" => self.state.breaks = self.state.breaks.saturating_add(1),
            "set" => {
                self.state.shifted = true;
                self.set(operands);
            }
            "shift" => self.state.shifted = true,
            "coproc" => self.state.lost = Some(Unknown::Syntax),
            _ if is_one_of(name, names::BRIEF_BUILTINS) => {}
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
        place: ImplicitExec,
    ) -> Path {
        let why = self.why_it_stays(!redirections.is_empty());
        let is_child = place.is_err() || why.is_some();
        let arguments = if is_child { after_setsid(arguments) } else { arguments };
        let mut process = self.classifier.program(arguments, self.depth);
        if !redirections.is_empty() {
            process.end_with_input();
        }
        let is_long = process.parts.iter().any(|part| part.kind == PartKind::KeepAlive);
        if process.parts.iter().any(|part| part.role == Role::Daemon) && self.state.background.is_empty() {
            simple.call.clone_into(&mut self.state.background);
        }
        self.foreground(process.parts.clone());
        // `exec command app` would look for a program of that name.
        let is_plain = !simple.words.first().is_some_and(|word| matches!(word.text, "command" | "builtin"));
        if !is_child {
            if process.behaviour.is_app() {
                process.evidence = shown(simple.call);
                process.lacks_exec = is_plain;
                process.fix = with_exec(simple).filter(|_| is_plain);
            }
            return Path { execs: 1, implicit: true, becomes: Some(process), stay: None, end: End::Never };
        }
        // A runner or a shell that the shell starts needs more than `exec`.
        let is_enough =
            !matches!(process.behaviour, Behaviour::LossyRunner | Behaviour::Stays(_) | Behaviour::Broken(_));
        let lacks_exec = is_plain
            && is_enough
            && can_exec(place)
            && matches!(why, None | Some(Stay::Redirected))
            && !self.state.traps.any();
        let why = match (place, why) {
            (Err(why @ (Stay::Loop | Stay::Pipeline)), _) | (Err(why), None | Some(Stay::Redirected)) => why,
            (_, Some(_)) if process.behaviour == Behaviour::KeepAlive && self.state.job.is_none() => Stay::TrapInSleep,
            (_, why) => why.unwrap_or(Stay::NoExec),
        };
        self.state.sleeps_long |= is_long;
        if why == Stay::TrapInSleep && !is_long {
            return Path::nothing();
        }
        let mut path = Path::stays(why, process, simple.call);
        if let Some(child) = &mut path.stay {
            child.lacks_exec = lacks_exec;
            child.fix = with_exec(simple).filter(|_| lacks_exec);
        }
        path
    }

    /// The reason why the shell does not exec its last command implicitly, as far as traps and redirections show.
    fn why_it_stays(&self, is_redirected: bool) -> Option<Stay> {
        let traps = &self.state.traps;
        match self.dialect {
            _ if traps.stop.is_some() => Some(Stay::TrapInForeground),
            Some(Shell::Bash) if traps.exit.is_some() => Some(Stay::ExitTrap),
            Some(Shell::Bash) if traps.any() => Some(Stay::TrapInForeground),
            Some(Shell::Ash) if traps.ever => Some(Stay::TrapInForeground),
            Some(Shell::Bash) if is_redirected => Some(Stay::Redirected),
            _ => None,
        }
    }

    /// The shell waits for its background jobs; a trap interrupts it.
    fn wait(&mut self) -> Path {
        let has_app = self.state.job.is_some();
        let mut process = None;
        for part in &mut self.state.parts {
            if part.role == Role::Background {
                let sleeps = part.kind == PartKind::KeepAlive || part.name == "sleep";
                let behaviour = if sleeps { Behaviour::KeepAlive } else { Behaviour::Direct };
                process.get_or_insert_with(|| Process::new(self.state.job.unwrap_or(behaviour), &part.name));
            }
            // What ran in the foreground has ended, unless it is known to be a server.
            if has_app && part.role == Role::App && part.kind == PartKind::Program && !names::is_server(&part.name) {
                part.role = Role::Setup;
            }
        }
        self.state.waited_for = self.state.parts.len();
        let Some(process) = process else { return Path::nothing() };
        let why = if self.state.traps.is_misnamed && self.state.traps.stop.is_none() {
            Stay::BadTrap
        } else if self.state.background_execs {
            Stay::ExecInBackground
        } else {
            Stay::Background
        };
        let trap = self.interrupt();
        let mut path = Path::stays(why, process, &self.state.background);
        if let Some(child) = &mut path.stay {
            child.trap = if has_app { trap } else { trap.map(|_| Trap::GOOD) };
        }
        path
    }

    /// The fate of the app when a signal interrupts a `wait`.
    fn interrupt(&mut self) -> Option<Trap> {
        // An interrupted wait fails.
        let fails = self.state.errexit && !self.state.in_condition;
        if let Some(trap) = self.state.interrupted {
            return Some(Trap { waits: true, ..trap });
        }
        let effect = self.on_stop()?;
        if !fails && !effect.ends {
            self.state.interrupted = Some(effect.trap(false));
        }
        Some(effect.trap(self.state.loops > 0 && !fails))
    }

    /// The options of `set` that matter.
    fn set(&mut self, operands: &[Arg<'_>]) {
        let mut is_on = true;
        for operand in operands {
            let option = operand.text();
            is_on = !option.starts_with('+') && (is_on || option.starts_with('-'));
            let letters = match option {
                "errexit" => "-e",
                "monitor" => "-m",
                _ if option.starts_with('-') || !is_on && option.starts_with('+') => option,
                _ => "",
            };
            if letters.contains('e') {
                self.state.errexit = is_on;
            }
            if letters.contains('m') {
                self.state.monitor = is_on;
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
            process.evidence = shown(simple.call);
        }
        Path { execs: 1, implicit: false, becomes: Some(process), stay: None, end: End::Never }
    }

    fn eval(&mut self, operands: &[Arg<'_>], simple: &'s Simple<'s>, place: ImplicitExec) -> Path {
        let mut text = String::new();
        for operand in operands {
            let Some(word) = operand.known() else {
                let process = Process::bare(Behaviour::Unknown(Unknown::Opaque));
                return Path::stays(Stay::Called, process, simple.call);
            };
            text.push_str(word);
            text.push(' ');
        }
        if !self.classifier.step(text.len() / BYTES_A_STEP) {
            self.state.lost = Some(Unknown::TooBig);
            return Path::ends();
        }
        let Ok(script) = parse(&text) else {
            let process = Process::bare(Behaviour::Unknown(Unknown::Opaque));
            return Path::stays(Stay::Called, process, simple.call);
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
}

fn is_option(argument: &Arg<'_>) -> bool {
    argument.known().is_some_and(|text| text.starts_with('-') && text != "--")
}

/// The command as it should be written, when that fits one line and can be copied: in quotes, a blank can be a line break.
fn with_exec(simple: &Simple<'_>) -> Option<String> {
    let written = excerpt(simple.call);
    let is_plain = !simple.call.bytes().any(|byte| matches!(byte, b'\'' | b'"' | b'`' | b'$'));
    let fixed = excerpt(&["exec ", simple.call].concat());
    (!fixed.ends_with('…') && (is_plain || written == simple.call) && shown(simple.call) == written).then_some(fixed)
}
