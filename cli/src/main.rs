//! The `seaworthy` command: judges Kubernetes manifests with the modules that a cluster runs.
#![expect(clippy::arithmetic_side_effects, reason = "no module: it counts lines and findings of what is in memory")]

mod answer;
mod args;
mod cache;
mod commands;
mod judge;
mod policies;
mod report;
mod sources;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

use crate::args::Arguments;

/// The memory of many threads that each build and drop objects; that of the C library takes a fifth of the time for it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Bytes of stack for the work: deep documents need more than some systems give a thread.
const STACK: usize = 16 * 1024 * 1024;

fn main() -> ExitCode {
    // Without a place for the cache, modules are compiled in every run.
    if let Some(directory) = cache::directory() {
        let _ = host::cache_in(&directory);
    }
    let command = Arguments::command().bin_name(called_as());
    let arguments = Arguments::from_arg_matches(&command.get_matches()).unwrap_or_else(|fault| fault.exit());
    // 0 stands for one per core.
    let threads = arguments.command.threads().unwrap_or(0);
    match rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build() {
        Ok(threads) => threads.install(|| work(&arguments)),
        Err(fault) => fail(&fault, args::UNREADABLE),
    }
}

/// The whole command.
fn work(arguments: &Arguments) -> ExitCode {
    commands::run(&arguments.command).unwrap_or_else(|fault| fail(&fault, fault.exit_code()))
}

/// The name by which the user calls the command: kubectl finds its plugins by names such as `kubectl-seaworthy`.
fn called_as() -> &'static str {
    let program = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    if program.file_stem().is_some_and(|stem| stem == "kubectl-seaworthy") { "kubectl seaworthy" } else { "seaworthy" }
}

/// Prints the reasons why there is no result, one in a line.
fn fail(fault: &dyn std::fmt::Display, code: u8) -> ExitCode {
    for line in fault.to_string().lines() {
        anstream::eprintln!("{0}error:{0:#} {line}", report::ERROR);
    }
    ExitCode::from(code)
}
