//! Secrets that everybody reads who can pull the image. No value is ever shown.

use shared::image::history::{History, Instruction, Step};
use shared::image::redacted;
use shared::prelude::*;

use crate::steps::Steps;
use crate::values::is_secret;
use crate::{SECRET_IN_BUILD_ARGUMENT, SECRET_IN_ENV};

/// The most names that a message has.
const MAX_NAMED: usize = 3;

/// The variables of the image that hold secrets, or did before a later step emptied them.
pub(crate) fn in_env(env: &[(&str, &str)], history: &History<'_>) -> Option<Found> {
    let set = history.steps.iter().filter(|step| step.instruction == Some(Instruction::Env)).filter_map(pair);
    let names = names(env.iter().copied().chain(set))?;
    let problem = format!("ENV of its image holds secrets, {names}, for all who can pull it");
    Some(SECRET_IN_ENV.found(problem, "replace them, and let the pod take them from a Secret"))
}

/// The build arguments that hold secrets.
pub(crate) fn in_build_arguments(steps: &Steps<'_>) -> Option<Found> {
    let of_runs = steps.judged().flat_map(|step| step.build_args.iter().copied());
    let defaults = steps.judged().filter(|step| step.instruction == Some(Instruction::Arg)).filter_map(pair);
    let names = names(of_runs.chain(defaults))?;
    let problem = format!("build arguments of its image hold secrets, {names}, for all who can pull it");
    Some(SECRET_IN_BUILD_ARGUMENT.found(problem, "replace them, and build with RUN --mount=type=secret"))
}

/// The name and the value of an `ENV` or an `ARG`; of several, those of the first.
fn pair<'c>(step: &Step<'c>) -> Option<(&'c str, &'c str)> {
    // `ENV NAME value` is an old form.
    step.text.split_once(['=', ' '])
}

/// The names of those that hold secrets, in quotes.
fn names<'c>(variables: impl Iterator<Item = (&'c str, &'c str)>) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for (name, value) in variables {
        if is_secret(name, value) && !names.contains(&name) {
            names.push(name);
        }
    }
    let shown: Vec<_> = names.iter().take(MAX_NAMED).map(|name| quote(&redacted(name)).to_string()).collect();
    let more = names.len().saturating_sub(MAX_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!names.is_empty()).then(|| format!("{}{more}", shown.join(", ")))
}
