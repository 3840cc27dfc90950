//! The `seaworthy` command: judges Kubernetes manifests with the modules that a cluster runs.
#![expect(clippy::arithmetic_side_effects, reason = "no module: it counts lines and findings of what is in memory")]

mod args;
mod commands;
mod input;
mod judge;
mod kinds;
mod policies;
mod report;
mod request;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;

use crate::args::{Arguments, Check, Output};
use crate::commands::Fault;
use crate::input::Exclude;
use crate::policies::{Namespaces, Policies};
use crate::report::{FileReport, Report};
use crate::request::Context;

/// The memory of many threads that each build and drop objects; that of the C library takes a fifth of the time for it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// From how many files on a progress bar is worth its line.
const MANY_FILES: usize = 20;

/// Bytes of stack for the work: deep documents need more than some systems give a thread.
const STACK: usize = 16 * 1024 * 1024;

fn main() -> ExitCode {
    // Without a place for the cache, modules are compiled in every run.
    if let Some(directory) = cache_directory() {
        let _ = harness::cache_in(&directory);
    }
    // One thread a core.
    match rayon::ThreadPoolBuilder::new().stack_size(STACK).build() {
        Ok(threads) => threads.install(work),
        Err(fault) => fail(&fault, args::UNREADABLE),
    }
}

/// Where compiled modules are kept between runs, by the conventions of the system.
fn cache_directory() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = if cfg!(windows) { set("LOCALAPPDATA") } else { set("XDG_CACHE_HOME") };
    Some(caches.or_else(|| std::env::home_dir().map(|home| home.join(".cache")))?.join("seaworthy"))
}

/// The whole command.
fn work() -> ExitCode {
    let command = Arguments::command().bin_name(called_as());
    let arguments = Arguments::from_arg_matches(&command.get_matches()).unwrap_or_else(|fault| fault.exit());
    commands::run(&arguments.command).unwrap_or_else(|fault| fail(&fault, fault.exit_code()))
}

/// How the user calls the command: kubectl finds its plugins by names such as `kubectl-seaworthy`.
fn called_as() -> &'static str {
    let program = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    if program.file_stem().is_some_and(|stem| stem == "kubectl-seaworthy") { "kubectl seaworthy" } else { "seaworthy" }
}

/// Says why there is no result.
fn fail(fault: &dyn std::fmt::Display, code: u8) -> ExitCode {
    anstream::eprintln!("{0}error:{0:#} {fault}", report::ERROR);
    ExitCode::from(code)
}

/// Judges everything that was named on the command line, and writes it in that order.
///
/// # Errors
///
/// Nothing can be judged, or a result cannot be written.
pub(crate) fn check(check: &Check) -> Result<ExitCode, Fault> {
    Output::require_distinct(&check.outputs).map_err(Fault::Usage)?;
    check.admission.require_consistent().map_err(Fault::Usage)?;
    let exclude = Exclude::new(&check.exclude).map_err(Fault::Usage)?;
    let policies = Policies::load(check)?;
    let context = Context::new(&check.admission).map_err(Fault::Unreadable)?;
    let (sources, problems) = input::sources(&check.paths, &exclude);
    let progress = progress(sources.len());
    // Everything is read before anything is judged: a Namespace may come after what is in it.
    let items: Vec<_> = sources.par_iter().map(input::items).collect();
    let namespaces = Namespaces::of(items.iter().flatten());
    let files = sources.par_iter().zip(items).map(|(source, items)| {
        let file = FileReport::judge(source, items, &context, &policies, &namespaces);
        progress.set_message(source.name());
        progress.inc(1);
        file
    });
    let report = Report::new(files.collect(), problems, &policies);
    progress.finish_and_clear();
    for note in policies.notes(report.judgements(), &namespaces) {
        anstream::eprintln!("{0}note:{0:#} {note}", report::NOTE);
    }
    report::write(&report, &check.outputs, check.color.into()).map_err(Fault::Unwritten)?;
    Ok(ExitCode::from(report.exit_code(check.fail_on)))
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
