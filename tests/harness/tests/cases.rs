//! Replays the cases of every policy through its built module: the same calls and the same answers as natively.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use harness::Module;
use libtest_mimic::{Arguments, Failed, Trial};
use shared::testing;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = policies().iter().flat_map(|policy| trials(policy)).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The directories of the policies, sorted by name.
fn policies() -> Vec<PathBuf> {
    let directory = workspace().join("policies");
    let entries = std::fs::read_dir(&directory).expect("the policies can be listed");
    let mut policies: Vec<_> = entries.map(|entry| entry.expect("an entry can be read").path()).collect();
    policies.retain(|policy| policy.join("Cargo.toml").is_file());
    policies.sort();
    assert!(!policies.is_empty(), "{} holds no policy", directory.display());
    policies
}

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// One test a case of the policy, and those that hold for every module.
fn trials(policy: &Path) -> Vec<Trial> {
    let name = policy.file_name().expect("a policy has a name").to_string_lossy().into_owned();
    let file = workspace().join("dist").join(format!("{name}.wasm"));
    let module = match Module::from_file(&file) {
        Ok(module) => Arc::new(module),
        Err(error) => {
            let problem = format!("{error}; `cargo xtask build` builds the modules");
            return vec![Trial::test(format!("{name}: the module can be loaded"), move || Err(problem.into()))];
        }
    };
    let cases = match testing::load(&policy.join("cases")) {
        Ok(cases) => cases,
        Err(problem) => {
            return vec![Trial::test(format!("{name}: the cases can be read"), move || Err(problem.into()))];
        }
    };
    let mut trials: Vec<_> = cases
        .into_iter()
        .map(|case| {
            let (name, module) = (name.clone(), Arc::clone(&module));
            Trial::test(format!("{name}: {}", case.name), move || {
                let engine = |operation: &str, payload: &[u8]| {
                    module.call(operation, payload).map_err(|error| format!("the module fails: {error}"))
                };
                case.replay(&name, &engine).map_err(Failed::from)
            })
        })
        .collect();
    trials.push(Trial::test(format!("{name}: the module needs nothing but the waPC functions"), {
        let module = Arc::clone(&module);
        move || needs_only_wapc(&module)
    }));
    trials.push(Trial::test(format!("{name}: the module speaks version 1 of the protocol"), {
        let module = Arc::clone(&module);
        move || expect_equal(&module.protocol_version().map_err(|error| error.to_string())?, &"v1".to_owned())
    }));
    trials.push(Trial::test(format!("{name}: the module is within its budget"), move || {
        let size = std::fs::metadata(&file)?.len();
        let budget = budget(&name);
        if size <= budget { Ok(()) } else { Err(format!("{size} bytes; the budget is {budget}").into()) }
    }));
    trials
}

/// What a module may import: the functions of a waPC host that `wapc-guest` links. Frozen, so that a clock, files,
/// randomness or the environment cannot come in by way of a dependency.
const IMPORTS: [&str; 9] = [
    "wapc.__console_log",
    "wapc.__guest_error",
    "wapc.__guest_request",
    "wapc.__guest_response",
    "wapc.__host_call",
    "wapc.__host_error",
    "wapc.__host_error_len",
    "wapc.__host_response",
    "wapc.__host_response_len",
];

fn needs_only_wapc(module: &Module) -> Result<(), Failed> {
    let strangers: Vec<_> = module.imports().into_iter().filter(|import| !IMPORTS.contains(&import.as_str())).collect();
    if strangers.is_empty() { Ok(()) } else { Err(format!("the module imports {}", strangers.join(", ")).into()) }
}

/// How large a module may be, in bytes. A policy not named here judges images or security contexts.
fn budget(policy: &str) -> u64 {
    match policy {
        // Regular expressions cost 50 KB, with what they use of the standard library.
        "image-tag-format" => 190_000,
        // A parser of shell scripts and the names of programs.
        "init-required" | "single-process" => 200_000,
        _ => 120_000,
    }
}

fn expect_equal<T: PartialEq + std::fmt::Debug>(found: &T, expected: &T) -> Result<(), Failed> {
    if found == expected { Ok(()) } else { Err(format!("expected {expected:?}, found {found:?}").into()) }
}
