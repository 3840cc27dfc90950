//! The `seaworthy` command: judges Kubernetes manifests with the modules that a cluster runs.
#![expect(clippy::arithmetic_side_effects, reason = "no module: it counts lines and findings of what is in memory")]

mod args;
mod input;
mod judge;
mod kinds;
mod policies;
mod report;
mod request;

use std::fmt;
use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::thread;

use clap::Parser as _;
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::{Arguments, Check, Command, Output};
use crate::input::Exclude;
use crate::policies::Policies;
use crate::report::{FileReport, Problem, Report};
use crate::request::Context;

/// From how many files on a progress bar is worth its line.
const MANY_FILES: usize = 20;

/// Bytes of stack for the work: deep documents need more than some systems give the main thread.
const STACK: usize = 16 * 1024 * 1024;

fn main() -> ExitCode {
    let work = thread::Builder::new().stack_size(STACK).spawn(work);
    work.map_err(|error| error.to_string())
        .and_then(|thread| thread.join().map_err(|_| "the command stopped before its end".to_owned()))
        .unwrap_or_else(|fault| fail(args::UNREADABLE, &fault))
}

/// Says why the command stops.
fn fail(code: u8, fault: &dyn fmt::Display) -> ExitCode {
    anstream::eprintln!("{0}error:{0:#} {fault}", report::ERROR);
    ExitCode::from(code)
}

/// The whole command.
fn work() -> ExitCode {
    let Command::Check(check) = Arguments::parse().command;
    let exclude = Output::require_distinct(&check.outputs)
        .and_then(|()| check.admission.require_consistent())
        .and_then(|()| Exclude::new(&check.exclude));
    let exclude = match exclude {
        Ok(exclude) => exclude,
        Err(fault) => return fail(args::USAGE, &fault),
    };
    let policies = match Policies::load(&check) {
        Ok(policies) => policies,
        Err(fault) => return fail(args::USAGE, &fault),
    };
    match run(&check, &exclude, &policies) {
        Ok(report) => report::write(&report, &check.outputs, check.color.into())
            .map_or_else(|fault| fail(args::UNREADABLE, &fault), |()| ExitCode::from(report.exit_code())),
        Err(problem) => fail(args::UNREADABLE, &problem),
    }
}

/// Judges everything that was named on the command line, in that order.
///
/// # Errors
///
/// The old objects cannot be read, so that nothing can be judged.
fn run(check: &Check, exclude: &Exclude, policies: &Policies) -> Result<Report, Problem> {
    let context = Context::new(&check.admission)?;
    let (sources, problems) = input::sources(&check.paths, exclude);
    let progress = progress(sources.len());
    let files = sources
        .iter()
        .map(|source| {
            progress.set_message(source.name());
            let file = FileReport::judge(source, &context, policies);
            progress.inc(1);
            file
        })
        .collect();
    progress.finish_and_clear();
    Ok(Report::new(files, problems, policies))
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
