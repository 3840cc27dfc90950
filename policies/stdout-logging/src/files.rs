//! Log files that a command or a variable names.

use shared::pod::{CommandLine, Container, EnvVar};
use shared::prelude::*;
use shared::process::{Invocation, Options, Process, Role, invocations};
use shared::text::quote;

use crate::destination::{is_log, is_path, is_variable, option};
use crate::{LOG_FILE_FLAG, REDIRECTED_OUTPUT, Settings};

/// Adds what the command of a container and its variables say about log files: one finding of each kind.
pub(crate) fn check(
    check: &Check<'_, Settings>,
    container: &Container<'_>,
    command: &CommandLine<'_>,
    env: &[EnvVar<'_>],
    findings: &mut Findings,
) -> Checked {
    let settings = check.settings;
    let process = Process::of(container, &Options::default(), check.budget)?;
    let (mut redirected, mut flagged) = (None, None);
    invocations(&command.command, &command.args, check.budget, &mut |invocation| {
        if is_app(&process, invocation) {
            redirected = redirected.take().or_else(|| redirection(settings, invocation));
            flagged = flagged.take().or_else(|| flag(settings, invocation));
        }
    });
    findings.add(command, redirected);
    findings.add(command, flagged);
    let is_file = |variable: &&EnvVar<'_>| {
        is_variable(variable.name) && is_path(variable.value) && settings.judges(variable.value)
    };
    if let Some(variable) = env.iter().find(is_file) {
        let problem = format!("{} makes the app log to {}, {UNSEEN}", quote(variable.name), quote(variable.value));
        findings.add(&container.env_value(variable), [LOG_FILE_FLAG.found(problem, STREAM)]);
    }
    Ok(())
}

/// What is wrong with a log in a file.
const UNSEEN: &str = "which kubectl logs does not show";

/// The fix where the app chooses.
const STREAM: &str = "let it log to standard output, as /dev/stdout where it needs a file";

/// Returns `true` for an app of the container, and for arguments of a program that the image names. What only prepares the start
/// may write where it likes.
fn is_app(process: &Process, invocation: &Invocation<'_>) -> bool {
    let roles = [Role::App, Role::Background, Role::Daemon];
    let is_it = |role| process.apps(role).any(|part| part.name == invocation.program);
    invocation.program.is_empty() || roles.into_iter().any(is_it)
}

fn redirection(settings: &Settings, invocation: &Invocation<'_>) -> Option<Found> {
    let is_judged = |path: &&std::borrow::Cow<'_, str>| is_log(path) && settings.judges(path);
    let app = quote(invocation.program);
    if let Some(path) = invocation.outputs.iter().find(is_judged) {
        let problem = format!("the shell writes the output of {app} to {}, {UNSEEN}", quote(path));
        return Some(REDIRECTED_OUTPUT.found(problem, "remove the redirection"));
    }
    let path = invocation.copies.iter().find(is_judged)?;
    let problem = format!("tee copies the output of {app} to {}, which grows until the disk is full", quote(path));
    Some(REDIRECTED_OUTPUT.found(problem, "remove tee"))
}

fn flag(settings: &Settings, invocation: &Invocation<'_>) -> Option<Found> {
    let (name, path) = option(invocation).filter(|(_, path)| settings.judges(path))?;
    let problem = format!("{name} makes the app log to {}, {UNSEEN}", quote(path));
    Some(LOG_FILE_FLAG.found(problem, STREAM))
}
