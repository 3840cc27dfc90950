//! The tasks of the project: `cargo xtask bench`, `build`, `check`, `command`, `fuzz`, `gen`, `new-policy`, `test` and `web`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command talks to its user")]

mod annotate;
mod bench;
mod build;
mod cargo;
mod fuzz;
mod generated;
mod lists;
mod new_policy;
mod outcome;
mod policies;
mod publish;
mod reproduce;
mod steps;
mod target;
mod web;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::cargo::Cargo;
use crate::outcome::{Fault, exit_code};
use crate::steps::Steps;

const HELP: &str = "\
The tasks of the project

Usage: cargo xtask <COMMAND>

Commands:
  bench [ARGS]...   Build the modules, then measure them in comparison with two references
  build [--check]   Build every policy to dist/<policy>.wasm
  check [ARGS]...   Build the modules, then run `seaworthy check ARGS` with them
  command           Build the modules and a `seaworthy` that contains them, as released
  fuzz [TARGET]...  Fuzz the native code, or replay its inputs in the modules
  gen [--check]     Write the published files of the policies, from their sources
  new-policy NAME   Write a policy that passes its tests, as a start
  test [ARGS]...    Build the modules, then run `cargo test --workspace ARGS`
  web               Build the engine for JavaScript, with its bindings
  help              Print this help

Commands that build modules install the wasm target when it is missing.
";

const BENCH_HELP: &str = "\
Build the modules, then measure them in comparison with two references

Usage: cargo xtask bench [--quick] [--json FILE] [--markdown FILE]

The goals of the project with their measurements, then size, compile time, call times and memory of every module
in dist/ with payloads of 0.7 KB to 2 MiB, are printed as Markdown. The references are a module that accepts everything
unread, and one written as the SDK of Kubewarden suggests. The first run builds the engine with optimisation, which
takes minutes. Times are meaningful only on an otherwise idle machine.

  --quick          Fewer rounds, for a first look
  --json FILE      Also write the results as JSON
  --markdown FILE  Also write the tables to a file
";

const BUILD_HELP: &str = "\
Build every policy to dist/<policy>.wasm

Usage: cargo xtask build [--check]

A policy is a directory under policies/ that holds a Cargo.toml. Next to each module, dist/<policy>.json holds the
description that the seaworthy command shows. A module carries its metadata, no other custom
section, and the same bytes whatever the directory, the user and the machine. The build fails when a module imports
anything but the waPC functions.

With --check the modules are built once more, from a copy of the sources under target/check, with a target directory
and, on Unix, a home of cargo of their own. The exit code is 1 when a byte differs.
";

const COMMAND_HELP: &str = "\
Build the modules and a `seaworthy` that contains them, as released

Usage: cargo xtask command

The program is one self-contained file, optimised for speed. Its path is printed.
";

const FUZZ_HELP: &str = "\
Fuzz the native code, or replay its inputs in the modules

Usage: cargo xtask fuzz [--seconds N | --runs N] [TARGET]...
       cargo xtask fuzz --replay N

TARGET is image, payload, request, settings or shell; without one, all are fuzzed. Each is fuzzed for 60 seconds, or for
the given time or number of runs, starting from the inputs of the cases. Inputs that reach new paths through the code are
kept, minimised, in target/fuzz/corpus/. An input that breaks a law is kept in target/fuzz/crashes/, and the exit code
is 1. Needs a nightly toolchain and cargo-fuzz.

With --replay, N calls of the modules in dist/ are made with these corpora, and with mutations of them if there are
too few. The exit code is 1 when a module traps, takes too long or answers differently from the native code.
";

const GEN_HELP: &str = "\
Write the published files of the policies, from their sources

Usage: cargo xtask gen [--check]

That is everything in artifacthub/ except artifacthub-repo.yml and released versions, and the generated parts of
README.md and policies/*/README.md. Each changed file is named. With --check nothing is
written, and the exit code is 1 when a file is stale or does not exist yet.
";

const NEW_POLICY_HELP: &str = "\
Write a policy that passes its tests, as a start

Usage: cargo xtask new-policy NAME

NAME is that of the directory under policies/, of the package and of the module, such as no-latest. It gets one
rule, one setting, cases, samples and a README; CHANGELOG.md gets an entry, and all published files are generated. The
next steps are printed.
";

const TEST_HELP: &str = "\
Check that the published files are fresh, build the modules, then run every test of the workspace

Usage: cargo xtask test [ARGS]...

ARGS are passed to `cargo test --workspace --locked`, for example `cargo xtask test -- --list`.
";

const WEB_HELP: &str = "\
Build the engine for JavaScript, with its bindings

Usage: cargo xtask web [--serve]

dist/web/ gets the engine as an ES module with TypeScript types, the published modules, and a catalogue of the policies.
The build fails when the engine is larger than it may be, or imports what a browser does not have.

With --serve, the playground is then served on this machine, and follows changes of its sources. Needs npm, which installs
what the page is made of.
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let wants_help = matches!(rest.first().map(String::as_str), Some("--help" | "-h"));

    let outcome = match command.as_str() {
        "" | "help" | "--help" | "-h" => {
            print!("{HELP}");
            return ExitCode::from(if command.is_empty() { 2 } else { 0 });
        }
        "bench" if wants_help => {
            print!("{BENCH_HELP}");
            Ok(ExitCode::SUCCESS)
        }
        "bench" => match bench::unexpected(&rest) {
            Some(unexpected) => return usage(&format!("`bench` does not take `{unexpected}` there")),
            None => measure(&rest),
        },
        "build" if wants_help => {
            print!("{BUILD_HELP}");
            Ok(ExitCode::SUCCESS)
        }
        "build" => match rest.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => build(false),
            ["--check"] => build(true),
            [unexpected, ..] => return usage(&format!("`build` takes --check alone, not `{unexpected}`")),
        },
        "check" => check(&rest),
        "command" if wants_help => {
            print!("{COMMAND_HELP}");
            Ok(ExitCode::SUCCESS)
        }
        "command" => match rest.first() {
            Some(unexpected) => return usage(&format!("`command` takes no argument, not `{unexpected}`")),
            None => release_command(),
        },
        "fuzz" if wants_help => {
            print!("{FUZZ_HELP}");
            Ok(ExitCode::SUCCESS)
        }
        "fuzz" => match fuzz::Job::read(&rest) {
            Ok(job) => job.run(&Cargo::new()),
            Err(problem) => return usage(&problem),
        },
        "gen" if wants_help => {
            print!("{GEN_HELP}");
            Ok(ExitCode::SUCCESS)
        }
        "gen" => match rest.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => generate(),
            ["--check"] => check_generated(&Cargo::new()).map(|()| ExitCode::SUCCESS),
            [unexpected, ..] => return usage(&format!("`gen` takes --check alone, not `{unexpected}`")),
        },
        "new-policy" if wants_help => {
            print!("{NEW_POLICY_HELP}");
            Ok(ExitCode::SUCCESS)
        }
        "new-policy" => match rest.as_slice() {
            [name] => new_policy(name),
            _ => return usage("`new-policy` takes one name"),
        },
        "test" if wants_help => {
            print!("{TEST_HELP}");
            Ok(ExitCode::SUCCESS)
        }
        "test" => test(&rest),
        "web" if wants_help => {
            print!("{WEB_HELP}");
            Ok(ExitCode::SUCCESS)
        }
        "web" => match rest.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => web_bindings(false),
            ["--serve"] => web_bindings(true),
            [unexpected, ..] => return usage(&format!("`web` takes --serve alone, not `{unexpected}`")),
        },
        unknown => return usage(&format!("unknown command `{unknown}`")),
    };

    outcome.unwrap_or_else(|fault| {
        eprintln!("error: {fault}");
        ExitCode::FAILURE
    })
}

/// Says what was wrong with the command line, and exits with 2.
fn usage(problem: &str) -> ExitCode {
    eprintln!("error: {problem}; `cargo xtask help` lists the commands");
    ExitCode::from(2)
}

/// `cargo xtask bench ARGS`: the modules and the references, then the program that measures them.
fn measure(arguments: &[String]) -> Result<ExitCode, Fault> {
    let cargo = Cargo::new();
    let mut steps = Steps::new(build::STEPS + bench::STEPS);
    build::modules(&cargo, &mut steps)?;
    Ok(exit_code(bench::run(&cargo, arguments, &mut steps)?))
}

/// `cargo xtask build`: the modules, and a table of their sizes; with a check, the same modules from elsewhere.
fn build(check: bool) -> Result<ExitCode, Fault> {
    let cargo = Cargo::new();
    let mut steps = Steps::new(if check { build::STEPS + reproduce::STEPS } else { build::STEPS });
    let modules = build::modules(&cargo, &mut steps)?;
    if check {
        reproduce::check(&cargo, &mut steps)?;
    }
    print!("{}", build::table(&modules));
    Ok(ExitCode::SUCCESS)
}

/// `cargo xtask check ARGS`: the modules, then the command on them; its exit code is ours.
fn check(arguments: &[String]) -> Result<ExitCode, Fault> {
    let cargo = Cargo::new();
    let mut steps = Steps::new(build::STEPS + 1);
    build::modules(&cargo, &mut steps)?;
    steps.next("building the seaworthy command");
    let seaworthy = seaworthy(&cargo, &AS_TESTED)?;
    let status = Command::new(&seaworthy)
        .arg("check")
        .args(arguments)
        // A --modules of the user comes before it.
        .env("SEAWORTHY_MODULES", cargo.dist())
        .status()
        .map_err(|error| format!("{} cannot be run: {error}", seaworthy.display()))?;
    Ok(exit_code(status))
}

/// `cargo xtask command`: the modules, and the command that carries them.
fn release_command() -> Result<ExitCode, Fault> {
    let cargo = Cargo::new();
    let mut steps = Steps::new(build::STEPS + 1);
    build::modules(&cargo, &mut steps)?;
    steps.next("building the seaworthy command");
    let alone = ["--package", "seaworthy-cli", "--profile", "host", "--features", "embedded,registry"];
    println!("{}", seaworthy(&cargo, &alone)?.display());
    Ok(ExitCode::SUCCESS)
}

/// The command with the dependencies that it has in `cargo xtask test`, so that the engine is compiled once for both. The
/// features of dependencies are those that all packages ask for together, tests included; a test among the targets, here
/// the smallest, makes tests count.
const AS_TESTED: [&str; 5] = ["--workspace", "--bin", "seaworthy", "--test", "source"];

/// Builds the command with these arguments, and returns its path.
fn seaworthy(cargo: &Cargo, arguments: &[&str]) -> Result<PathBuf, Fault> {
    let is_command = |path: &PathBuf| path.file_stem().is_some_and(|stem| stem == "seaworthy");
    cargo
        .artifacts("build", arguments, None)?
        .into_iter()
        .find_map(|artifact| artifact.executable.filter(is_command))
        .ok_or_else(|| "cargo built no seaworthy executable".into())
}

/// `cargo xtask gen`: what is published, written.
fn generate() -> Result<ExitCode, Fault> {
    for path in publish::generate(&Cargo::new())? {
        println!("{path}");
    }
    Ok(ExitCode::SUCCESS)
}

/// `cargo xtask new-policy NAME`: a policy, and what to do with it.
fn new_policy(name: &str) -> Result<ExitCode, Fault> {
    print!("{}", new_policy::create(&Cargo::new(), name)?);
    Ok(ExitCode::SUCCESS)
}

/// `cargo xtask gen --check`: fails when what is published is not what the sources give.
fn check_generated(cargo: &Cargo) -> Result<(), Fault> {
    let stale = publish::stale(cargo)?;
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!("these files differ from their sources; run `cargo xtask gen`:\n  {}", stale.join("\n  ")).into())
}

/// `cargo xtask test ARGS`: what is published, the modules, then every test of the workspace.
fn test(arguments: &[String]) -> Result<ExitCode, Fault> {
    let cargo = Cargo::new();
    let mut steps = Steps::new(build::STEPS + 2);
    // Before the modules, whose build writes the lists of policies anew.
    steps.next("comparing the published files with their sources");
    check_generated(&cargo)?;
    build::modules(&cargo, &mut steps)?;
    steps.next("running the tests");
    let status = cargo.command("test").args(["--workspace", "--locked"]).args(arguments).status()?;
    Ok(exit_code(status))
}

/// `cargo xtask web`: the modules, and the engine for JavaScript; then the playground, if it is to be served.
fn web_bindings(serve: bool) -> Result<ExitCode, Fault> {
    const ALL: usize = build::STEPS + web::STEPS + web::SERVE_STEPS;
    let cargo = Cargo::new();
    let mut steps = Steps::new(if serve { ALL } else { ALL - web::SERVE_STEPS });
    let modules = build::modules(&cargo, &mut steps)?;
    web::bindings(&cargo, &modules, &mut steps)?;
    if serve { Ok(exit_code(web::serve(&cargo, &mut steps)?)) } else { Ok(ExitCode::SUCCESS) }
}
