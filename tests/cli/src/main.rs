//! The `seaworthy` command: judges Kubernetes manifests with the modules that a cluster runs.
#![expect(clippy::arithmetic_side_effects, reason = "no module: it counts lines and findings of what is in memory")]

mod args;
mod input;
mod judge;
mod kinds;
mod policies;
mod report;
mod request;

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::thread;

use clap::Parser as _;
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::{Arguments, Check, Command};
use crate::policies::Policies;
use crate::report::{FileReport, Report};

/// From how many files on a progress bar is worth its line.
const MANY_FILES: usize = 20;

/// Bytes of stack for the work: deep documents need more than some systems give the main thread.
const STACK: usize = 16 * 1024 * 1024;

fn main() -> ExitCode {
    let work = thread::Builder::new().stack_size(STACK).spawn(work);
    work.map_err(|error| error.to_string())
        .and_then(|thread| thread.join().map_err(|_| "the command stopped before its end".to_owned()))
        .unwrap_or_else(|fault| {
            anstream::eprintln!("{0}error:{0:#} {fault}", report::ERROR);
            ExitCode::from(args::UNREADABLE)
        })
}

/// The whole command.
fn work() -> ExitCode {
    let Command::Check(check) = Arguments::parse().command;
    let policies = match Policies::load(&check) {
        Ok(policies) => policies,
        Err(fault) => {
            anstream::eprintln!("{0}error:{0:#} {fault}", report::ERROR);
            return ExitCode::from(args::USAGE);
        }
    };
    let report = run(&check, &policies);
    // A reader that went away, as in `seaworthy check . | head`, does not change the verdict.
    let _ = report::print(&report, check.format, check.color.into());
    ExitCode::from(report.exit_code())
}

/// Judges everything that was named on the command line, in that order.
fn run(check: &Check, policies: &Policies) -> Report {
    let (sources, problems) = input::sources(&check.paths);
    let progress = progress(sources.len());
    let files = sources
        .iter()
        .map(|source| {
            progress.set_message(source.name());
            let file = FileReport::judge(source, policies);
            progress.inc(1);
            file
        })
        .collect();
    progress.finish_and_clear();
    Report::new(files, problems)
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
