//! The subcommands, one file each.

mod about;
mod check;
mod document;
mod fault;
mod inspect;
mod manifest;
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
        Command::List { told, builtin } => (about::list(&Builtin::open(builtin)?, told.format)?, args::CLEAN),
        Command::Explain { topic, told, builtin } => {
            (about::explain(&Builtin::open(builtin)?, topic, told.format, io::stdout().is_terminal())?, args::CLEAN)
        }
        Command::Schema { policy, builtin } => (about::schema(&Builtin::open(builtin)?, policy)?, args::CLEAN),
        Command::Manifest { policy, changes, builtin } => {
            (manifest::manifest(&Builtin::open(builtin)?, policy, changes)?, args::CLEAN)
        }
        Command::Inspect { module, told, builtin } => (inspect::inspect(module, told.format, builtin)?, args::CLEAN),
        Command::Test { cases, module, builtin } => test::test(cases, module.as_deref(), builtin)?,
        Command::Completions { shell, builtin } => (manual::completions(*shell, builtin), args::CLEAN),
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
