//! The state of a walk through a script.

use super::path::Path;
use super::traps::Traps;
use crate::process::argv::Arg;
use crate::process::behaviour::{Behaviour, Trap, Unknown};
use crate::process::dialect::Shell;
use crate::process::model::{MAX_PARTS, Part, Role};
use crate::process::program::Classifier;
use crate::shell::Command;

/// The maximum call depth of functions.
pub(super) const MAX_CALLS: usize = 8;
/// The number of bytes that are parsed in the time of a step.
pub(super) const BYTES_A_STEP: usize = 8;
/// The most functions that a script may define.
pub(super) const MAX_FUNCTIONS: usize = 256;

/// The effects of the commands so far.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct State {
    pub(super) parts: Vec<Part>,
    /// The first background job that is an app.
    pub(super) job: Option<Behaviour>,
    /// The process of that job is a child of the shell around the app, so that a signal to it does not reach the app.
    pub(super) job_is_hidden: bool,
    /// The number of parts that a `wait` was for.
    pub(super) waited_for: usize,
    /// The text of the first background job.
    pub(super) background: String,
    pub(super) background_execs: bool,
    pub(super) traps: Traps,
    /// `set -e`: a command that fails ends the shell.
    pub(super) errexit: bool,
    /// A condition around a command keeps `set -e` from ending the shell.
    pub(super) in_condition: bool,
    /// `set -m`: every job is a process group.
    pub(super) monitor: bool,
    /// The number of loops around a command.
    pub(super) loops: u32,
    /// A long sleep ran in the foreground.
    pub(super) sleeps_long: bool,
    /// The effect of a trap that interrupts an earlier `wait`, after which the script goes on.
    pub(super) interrupted: Option<Trap>,
    /// `break`, `return` and `exit` that were seen.
    pub(super) breaks: u32,
    /// The function that is followed may `return`.
    pub(super) returns: bool,
    /// `set` or `shift` may have changed the positional parameters.
    pub(super) shifted: bool,
    /// The reason why the script cannot be followed.
    pub(super) lost: Option<Unknown>,
}

pub(super) struct Walk<'s, 'c, 'o> {
    pub(super) classifier: &'c mut Classifier<'o>,
    pub(super) dialect: Option<Shell>,
    /// `$1` and on.
    pub(super) positional: &'s [Arg<'s>],
    pub(super) depth: u32,
    pub(super) calls: usize,
    /// Functions by name; the last of a name counts. A map would cost a module 4 KB.
    pub(super) functions: Vec<(&'s str, &'s Command<'s>)>,
    /// The functions that are summarised, each called by the one before.
    pub(super) summarised: Vec<&'s Command<'s>>,
    pub(super) state: State,
}

impl<'s> Walk<'s, '_, '_> {
    pub(super) fn function(&self, name: &str) -> Option<&'s Command<'s>> {
        self.functions.iter().rev().find(|(known, _)| *known == name).map(|(_, body)| *body)
    }

    /// Follows a call, unless there are too many within each other, or have been before.
    pub(super) fn call(&mut self, follow: impl FnOnce(&mut Self) -> Path) -> Path {
        if self.calls == MAX_CALLS || self.state.lost == Some(Unknown::TooBig) {
            self.state.lost = Some(Unknown::TooBig);
            return Path::ends();
        }
        self.calls = self.calls.saturating_add(1);
        let path = follow(self);
        self.calls = self.calls.saturating_sub(1);
        path
    }

    /// Adds the parts of a foreground command: those before it were set-up.
    pub(super) fn foreground(&mut self, parts: Vec<Part>) {
        for (at, part) in self.state.parts.iter_mut().enumerate() {
            let waited_for = part.role == Role::Background && at < self.state.waited_for;
            if part.role == Role::App || waited_for {
                part.role = Role::Setup;
            }
        }
        self.add_parts(parts);
    }

    pub(super) fn add_parts(&mut self, parts: Vec<Part>) {
        let left = MAX_PARTS.saturating_sub(self.state.parts.len());
        self.state.parts.extend(parts.into_iter().take(left));
    }
}
