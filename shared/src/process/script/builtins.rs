//! Simple commands: built-in commands, functions and programs.

use super::path::{End, ImplicitExec, Path, inside};
use super::walk::{BYTES_A_STEP, Walk};
use crate::process::argv::Arg;
use crate::process::behaviour::{Behaviour, Stay, Unknown};
use crate::process::dialect::Shell;
use crate::process::model::{Process, Role};
use crate::process::names;
use crate::process::text::excerpt;
use crate::shell::{Redirection, Simple, parse};

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
                return self.stays(place.err().unwrap_or(Stay::Called), process, simple.call, None);
            }
            "trap" => self.state.traps.set(operands, self.dialect),
            "wait" => {
                let has_jobs = self.state.parts.iter().any(|part| part.role == Role::Background);
                self.state.waited_for = self.state.parts.len();
                if has_jobs {
                    let why = if self.state.background_execs { Stay::ExecInBackground } else { Stay::Background };
                    let jobs = self.state.parts.iter().find(|part| part.role == Role::Background);
                    let process = Process::new(Behaviour::Direct, jobs.map_or("", |part| part.name.as_str()));
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
        place: ImplicitExec,
    ) -> Path {
        let mut process = self.classifier.program(arguments, self.depth);
        if !redirections.is_empty() {
            process.end_with_input();
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
                if process.behaviour.is_app() {
                    process.evidence = excerpt(simple.call);
                    process.fix = Some(with_exec(simple));
                }
                Path { execs: 1, implicit: true, becomes: Some(process), stay: None, end: End::Never }
            }
            (Err(why @ (Stay::Loop | Stay::Pipeline)), _) | (_, Some(why)) | (Err(why), None) => {
                let alone = !matches!(why, Stay::Loop | Stay::NotLast | Stay::TrapInForeground | Stay::ExitTrap);
                // A runner or a shell behind the shell needs more than `exec`.
                let enough =
                    !matches!(process.behaviour, Behaviour::LossyRunner | Behaviour::Stays(_) | Behaviour::Broken(_));
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

    fn eval(&mut self, operands: &[Arg<'_>], simple: &'s Simple<'s>, place: ImplicitExec) -> Path {
        let mut text = String::new();
        for operand in operands {
            let Some(word) = operand.known() else {
                let process = Process::bare(Behaviour::Unknown(Unknown::Opaque));
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
            let process = Process::bare(Behaviour::Unknown(Unknown::Opaque));
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
}

/// The command as it should be written.
fn with_exec(simple: &Simple<'_>) -> String {
    excerpt(&["exec ", simple.call].concat())
}
