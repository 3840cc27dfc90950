//! The subcommands, one file each.

mod about;
mod check;
mod fault;
mod inspect;
mod manual;
mod markdown;
mod test;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

pub(crate) use self::fault::Fault;
use crate::args::{self, Command};
use crate::policies::Builtin;
use crate::report::Unwritten;

/// Runs a command and prints its result.
///
/// # Errors
///
/// See [`Fault`].
pub(crate) fn run(command: &Command) -> Result<ExitCode, Fault> {
    let (text, code) = match command {
        Command::Check(check) => return check::check(check),
        Command::List { builtin } => (about::list(&Builtin::open(builtin)?), args::CLEAN),
        Command::Explain { topic, builtin } => {
            (about::explain(&Builtin::open(builtin)?, topic, io::stdout().is_terminal())?, args::CLEAN)
        }
        Command::Schema { policy, builtin } => (about::schema(&Builtin::open(builtin)?, policy)?, args::CLEAN),
        Command::Manifest { policy, purpose, builtin } => {
            (about::manifest(&Builtin::open(builtin)?, policy, *purpose)?, args::CLEAN)
        }
        Command::Inspect { module, builtin } => (inspect::inspect(module, builtin)?, args::CLEAN),
        Command::Test { cases, module, builtin } => test::test(cases, module.as_deref(), builtin)?,
        Command::Completions { shell } => (manual::completions(*shell), args::CLEAN),
        Command::Man { command } => (manual::man(command.as_deref())?, args::CLEAN),
    };
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // A reader that went away, as in `seaworthy list | head`, needs nothing more.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Fault::Unwritten(Unwritten::new("standard output", &error)))
        }
        _ => Ok(ExitCode::from(code)),
    }
}
