//! Why a command gives no result.

use manifests::Problem;

use crate::args;
use crate::policies;
use crate::report::Unwritten;

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
