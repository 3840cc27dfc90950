//! Prints what is published of every module, and of all together, as JSON for `cargo xtask`. A program of its own, because
//! the chores must run when a policy does not compile.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program answers its caller")]

mod modules;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    match testing::project(root, modules::MODULES) {
        Ok(project) => {
            println!("{project}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
