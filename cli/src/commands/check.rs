//! `check`: reads everything, judges it, and writes what was found.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use manifests::{Context, Item, Operation, Problem};
use rayon::prelude::*;

use super::fault::Fault;
use crate::args::{Admission, Check, Output};
use crate::judge::judge;
use crate::policies::{Namespaces, Policies};
use crate::report::{self, FileReport, Report};
use crate::sources::{Choice, Exclude, Sources};
use crate::world;

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
    let progress = ProgressBar::hidden();
    let shown = progress.clone();
    let world = world::open(&check.answers, move |image| shown.set_message(format!("inspecting {image}")));
    let world = world.map_err(Fault::Usage)?;
    let policies = Policies::load(check, &world)?;
    let context = context(&check.admission).map_err(Fault::Unreadable)?;
    let choice = Choice { exclude, strict: check.strict };
    let Sources { files, mut problems, mut left_out } = Sources::of(&check.paths(), &choice);
    if !check.quiet {
        show(&progress, files.len(), check.answers.asks_registries());
    }
    // Everything is read before anything is judged: a Namespace may come after what is in it.
    let read: Vec<_> = files.par_iter().filter_map(|source| Some((source.name(), source.items()?))).collect();
    left_out.without_objects = files.len() - read.len();
    let items = || read.iter().flat_map(|(_, items)| items);
    let namespaces = Namespaces::of(items());
    world::complete(&world, items(), &check.answers, &check.admission.namespace).map_err(Fault::Unreadable)?;
    if check.answers.record.is_some() {
        require_one(policies.modules().count(), items().count()).map_err(Fault::Usage)?;
    }
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
    let notes = policies.notes(judged, &namespaces).into_iter().chain(report.left_out.notes());
    for note in notes.filter(|_| !check.quiet) {
        anstream::eprintln!("{0}note:{0:#} {note}", report::NOTE);
    }
    if is_nothing && !check.strict {
        anstream::eprintln!("{0}warning:{0:#} {NOTHING}", report::WARNING);
    }
    for shortcoming in world::shortcomings(&world, &check.answers) {
        anstream::eprintln!("{0}warning:{0:#} {shortcoming}", report::WARNING);
    }
    if let Some(file) = &check.answers.record {
        let session = world.session().map_err(|reason| Fault::Usage(format!("--record: {reason}")))?;
        report::save(file, &session).map_err(Fault::Unwritten)?;
    }
    report::write(&report, &check.outputs, check.color.into(), check.quiet).map_err(Fault::Unwritten)?;
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

/// Refuses to record anything but one policy and one object: kwctl replays a session in order.
fn require_one(modules: usize, objects: usize) -> Result<(), String> {
    if modules != 1 {
        return Err(format!("--record is for one policy, not for {modules}; choose it with --policy or --module"));
    }
    if objects != 1 {
        return Err(format!("--record is for one object, not for {objects}"));
    }
    Ok(())
}

/// Shows the progress on a terminal, when there are many files or registries to ask.
fn show(progress: &ProgressBar, files: usize, asks: bool) {
    progress.set_length(files as u64);
    if files <= MANY_FILES && !asks || !std::io::stderr().is_terminal() {
        return;
    }
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}") {
        progress.set_style(style);
    }
    progress.set_draw_target(ProgressDrawTarget::stderr());
}
