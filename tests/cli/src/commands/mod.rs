//! Everything but `seaworthy check`.

mod about;
mod inspect;
mod manual;
mod test;

use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::args::{self, Command};
use crate::policies::{self, Builtin};
use crate::report::{Problem, Unwritten};

/// Why a command gives no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The arguments do not go together.
    #[error("{0}")]
    Usage(String),
    /// What has to be read first cannot be read.
    #[error("{0}")]
    Unreadable(Problem),
    /// A result cannot be written.
    #[error("{0}")]
    Unwritten(Unwritten),
    /// The built-in policies cannot be read, or lack the one that was named.
    #[error(transparent)]
    Policies(#[from] policies::Fault),
    /// A policy has no such rule.
    #[error("{policy} has no rule `{rule}`; there are: {known}")]
    Rule {
        /// The policy.
        policy: String,
        /// As it was given.
        rule: String,
        /// All rules.
        known: String,
    },
    /// Nothing is known of a policy but its module.
    #[error("nothing is known of {0} but its module; `cargo xtask build` writes {0}.json beside it")]
    NotInCatalogue(String),
    /// A policy lacks something.
    #[error("there is no {what} of {policy}")]
    Missing {
        /// What.
        what: String,
        /// The policy.
        policy: String,
    },
    /// A module cannot be read or run.
    #[error("{name}: {reason}")]
    Module {
        /// Its file or name.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// The cases cannot be read.
    #[error("{0}")]
    Cases(String),
    /// There is no such command.
    #[error("there is no command `{name}`; there are: {known}")]
    Command {
        /// As it was given.
        name: String,
        /// All commands.
        known: String,
    },
}

impl Fault {
    /// The exit code of the command.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Cases(_) | Self::Unreadable(_) | Self::Unwritten(_) => args::UNREADABLE,
            _ => args::USAGE,
        }
    }
}

/// Runs a command and prints its result.
///
/// # Errors
///
/// See [`Fault`].
pub(crate) fn run(command: &Command) -> Result<ExitCode, Fault> {
    let (text, code) = match command {
        Command::Check(check) => return crate::check(check),
        Command::List { builtin } => (about::list(&open(builtin)?), args::CLEAN),
        Command::Explain { topic, builtin } => (about::explain(&open(builtin)?, topic)?, args::CLEAN),
        Command::Schema { policy, builtin } => (about::schema(&open(builtin)?, policy)?, args::CLEAN),
        Command::Manifest { policy, purpose, builtin } => {
            (about::manifest(&open(builtin)?, policy, *purpose)?, args::CLEAN)
        }
        Command::Inspect { module, builtin } => (inspect::inspect(module, builtin)?, args::CLEAN),
        Command::Test { cases, module, builtin } => test::test(cases, module.as_deref(), builtin)?,
        Command::Completions { shell } => (manual::completions(*shell), args::CLEAN),
        Command::Man { command } => (manual::man(command.as_deref())?, args::CLEAN),
    };
    // A reader that went away, as in `seaworthy list | head`, needs nothing more.
    let _ = io::stdout().lock().write_all(text.as_bytes());
    Ok(ExitCode::from(code))
}

fn open(builtin: &args::Builtin) -> Result<Builtin, policies::Fault> {
    Builtin::open(builtin.modules.as_deref())
}
