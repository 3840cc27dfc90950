//! The programs that a child of the shell starts, where only names matter.

use super::walk::{MAX_CALLS, Walk};
use crate::process::argv::Arg;
use crate::process::behaviour::{Behaviour, Unknown};
use crate::process::model::{Part, PartKind, Process, Role};
use crate::process::names;
use crate::process::program::after_setsid;
use crate::process::text::is_one_of;
use crate::shell::{AndOr, Command, CommandKind, List};

/// The programs in one child of the shell. Its commands run one after another, so it counts as one part.
pub(super) struct Summary {
    pub(super) process: Process,
    pub(super) kind: PartKind,
    pub(super) parts: Vec<Part>,
    /// The programs that it starts in the background.
    pub(super) jobs: Vec<Summary>,
    pub(super) waits: bool,
    pub(super) loops: bool,
    pub(super) execs: bool,
}

impl Default for Summary {
    fn default() -> Self {
        Self {
            process: Process::bare(Behaviour::Brief),
            kind: PartKind::Utility,
            parts: Vec::new(),
            jobs: Vec::new(),
            waits: false,
            loops: false,
            execs: false,
        }
    }
}

impl Summary {
    /// Adds a program. The last one that is not a utility represents the whole.
    fn add(&mut self, mut process: Process) {
        // A background job has no standard input, and a pipeline another one.
        process.end_with_input();
        let kind = process.parts.first().map_or(PartKind::Program, |part| part.kind);
        let loops_and_sleeps = self.loops && process.program == "sleep";
        if loops_and_sleeps {
            self.kind = PartKind::Watcher;
        } else if self.kind == PartKind::Watcher || kind == PartKind::Utility && !self.parts.is_empty() {
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

    pub(super) fn set_role(&mut self, role: Role) {
        for part in &mut self.parts {
            if part.role == Role::App {
                part.role = role;
            }
        }
    }
}

impl<'s> Walk<'s, '_, '_> {
    pub(super) fn summary(&mut self, command: &'s Command<'s>) -> Summary {
        let mut summary = Summary::default();
        self.summarise(command, &mut summary);
        self.settle(summary)
    }

    pub(super) fn and_or_summary(&mut self, and_or: &'s AndOr<'s>) -> Summary {
        let mut summary = Summary::default();
        self.summarise_and_or(and_or, &mut summary);
        self.settle(summary)
    }

    /// The background jobs of a child go on beside what follows, but for one that the child does nothing but wait for.
    fn settle(&mut self, mut summary: Summary) -> Summary {
        let mut jobs = std::mem::take(&mut summary.jobs);
        if summary.waits
            && !summary.parts.iter().any(|part| names::is_server(&part.name))
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
            // A program that a loop starts again and again does not count as an app.
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

    /// The programs that a function starts. A recursive call starts nothing new.
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
                        is_one_of(name, names::BRIEF_BUILTINS) || is_one_of(name, "trap|wait|exit|return|fg")
                    })
                {
                    let process = self.classifier.program(after_setsid(rest), self.depth);
                    summary.add(process);
                }
            }
            kind => {
                summary.loops |= matches!(kind, CommandKind::While { .. } | CommandKind::For { .. });
                for list in command.lists() {
                    self.summarise_list(list, summary);
                }
            }
        }
    }
}
