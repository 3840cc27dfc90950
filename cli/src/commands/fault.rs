//! The errors of the commands.

use manifests::Problem;

use crate::args;
use crate::policies;
use crate::report::Unwritten;

/// The reason why a command has no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The arguments do not go together.
    #[error("{0}")]
    Usage(String),
    /// An input that is needed first cannot be read.
    #[error("{0}")]
    Unreadable(Problem),
    /// A result cannot be written.
    #[error("{0}")]
    Unwritten(Unwritten),
    /// The built-in policies cannot be read, or lack the one that was named.
    #[error(transparent)]
    Policies(#[from] policies::Fault),
    /// A policy has no such rule.
    #[error("{policy} has no rule `{rule}`; its rules are: {known}")]
    Rule {
        /// The policy.
        policy: String,
        /// As it was given.
        rule: String,
        /// All rules.
        known: String,
    },
    /// The description of a policy is missing beside its module.
    #[error("{0}.json is missing beside the module of {0}; `cargo xtask build` writes it")]
    NotInCatalogue(String),
    /// A policy lacks something.
    #[error("{policy} has no {what}")]
    Missing {
        /// The missing part.
        what: String,
        /// The policy.
        policy: String,
    },
    /// A module cannot be read or run.
    #[error("{name}: {reason}")]
    Module {
        /// Its file or name.
        name: String,
        /// The error.
        reason: String,
    },
    /// The cases cannot be read.
    #[error("{0}")]
    Cases(String),
    /// There is no such command.
    #[error("unknown command `{name}`; the commands are: {known}")]
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
