//! `check`: reads everything, judges it, and writes what was found.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};
use manifests::{Context, Item, Operation, Problem};
use rayon::prelude::*;

use super::fault::Fault;
use crate::args::{Admission, Check, Output};
use crate::judge::judge;
use crate::policies::{Namespaces, Policies};
use crate::report::{self, FileReport, Report};
use crate::sources::{Choice, Exclude, Sources};

/// The number of files above which a progress bar is shown.
const MANY_FILES: usize = 20;

/// The sentence about inputs without an object.
const NOTHING: &str = "no object was judged; check the paths";

/// Judges all inputs of the command line, and reports them in that order.
///
/// # Errors
///
/// Nothing can be judged, or a result cannot be written.
pub(super) fn check(check: &Check) -> Result<ExitCode, Fault> {
    Output::require_distinct(&check.outputs).map_err(Fault::Usage)?;
    check.admission.require_consistent().map_err(Fault::Usage)?;
    let exclude = Exclude::new(&check.exclude).map_err(Fault::Usage)?;
    let policies = Policies::load(check)?;
    let context = context(&check.admission).map_err(Fault::Unreadable)?;
    let choice = Choice { exclude, strict: check.strict };
    let Sources { files, mut problems, mut left_out } = Sources::of(&check.paths, &choice);
    let progress = progress(files.len());
    // Everything is read before anything is judged: a Namespace may come after what is in it.
    let read: Vec<_> = files.par_iter().filter_map(|source| Some((source.name(), source.items()?))).collect();
    left_out.without_objects = files.len() - read.len();
    let namespaces = Namespaces::of(read.iter().flat_map(|(_, items)| items));
    let is_nothing = problems.is_empty() && read.iter().all(|(_, items)| items.is_empty());
    if is_nothing && check.strict {
        problems.push(Problem::new(NOTHING));
    }
    let files = read.into_par_iter().map(|(name, items)| {
        progress.set_message(name.clone());
        let file = file(name, items, &context, &policies, &namespaces);
        progress.inc(1);
        file
    });
    let report = Report::new(files.collect(), problems, left_out, &policies);
    progress.finish_and_clear();
    let judged = report.judgements().flat_map(|judgement| {
        let namespace = judgement.subject.namespace.as_str();
        judgement.verdicts.iter().map(move |verdict| (verdict.policy.as_str(), namespace))
    });
    for note in policies.notes(judged, &namespaces).into_iter().chain(report.left_out.notes()) {
        anstream::eprintln!("{0}note:{0:#} {note}", report::NOTE);
    }
    if is_nothing && !check.strict {
        anstream::eprintln!("{0}warning:{0:#} {NOTHING}", report::WARNING);
    }
    report::write(&report, &check.outputs, check.color.into()).map_err(Fault::Unwritten)?;
    Ok(ExitCode::from(report.exit_code(check.fail_on)))
}

/// The context of the requests; reads the old objects.
///
/// # Errors
///
/// The first problem of the old objects.
fn context(arguments: &Admission) -> Result<Context, Problem> {
    let usual = if arguments.old.is_some() { Operation::Update } else { Operation::Create };
    let operation = arguments.operation.unwrap_or(usual);
    let mut context = Context::new(operation, &arguments.namespace, &arguments.user, &arguments.groups);
    let sources = Sources::of(arguments.old.as_slice(), &Choice::default());
    if let Some(problem) = sources.problems.into_iter().next() {
        return Err(problem);
    }
    for source in &sources.files {
        for item in source.items().unwrap_or_default() {
            context.add_old(item?).map_err(|problem| problem.of(source.name()))?;
        }
    }
    Ok(context)
}

/// Lets the policies judge every object of a file.
fn file(
    path: String,
    items: Vec<Result<Item, Problem>>,
    context: &Context,
    policies: &Policies,
    namespaces: &Namespaces,
) -> FileReport {
    let judged = items.into_par_iter().map(|item| {
        let judged = item.and_then(|item| Ok(judge(&context.request(item)?, policies, namespaces)));
        judged.map_err(|problem| problem.of(&path))
    });
    let entries = judged.collect();
    FileReport { path, entries }
}

/// A progress bar on a terminal when there are many files, else none.
fn progress(files: usize) -> ProgressBar {
    if files <= MANY_FILES || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(files as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}") {
        bar.set_style(style);
    }
    bar
}
