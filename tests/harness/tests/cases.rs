//! Replays the cases of every policy through its built module: the same calls and the same answers as natively.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use host::Module;
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use shared::policy::Described as _;
use testing::{Case, Recorded};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let policies = testing::policies(workspace()).expect("the policies can be listed");
    let mut trials: Vec<Trial> = policies.iter().flat_map(|name| trials(name)).collect();
    trials.extend(combined());
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// One test a case of the policy, and those that hold for every module.
fn trials(name: &str) -> Vec<Trial> {
    let name = name.to_owned();
    let file = file(&name);
    let loaded = load(&name).and_then(|module| Ok((module, cases(&name)?)));
    let (module, cases) = match loaded {
        Ok(loaded) => loaded,
        Err(problem) => return vec![cannot_load(&name, problem)],
    };
    let mut trials: Vec<_> = cases
        .into_iter()
        .map(|case| {
            let (name, module) = (name.clone(), Arc::clone(&module));
            Trial::test(format!("{name}: {}", case.name), move || {
                let engine =
                    |operation: &str, payload: &[u8], host: &Arc<Recorded>| call(&module, operation, payload, host);
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
        let budget = budget(&name)?;
        if size <= budget { Ok(()) } else { Err(format!("{size} bytes; the budget is {budget}").into()) }
    }));
    trials
}

/// One test a case of every policy that the combined module holds: it says what the policy says alone.
fn combined() -> Vec<Trial> {
    let name = seaworthy::Seaworthy::NAME;
    let policies: Vec<&'static str> = seaworthy::POLICIES.iter().map(|policy| policy.name).collect();
    let of_policy =
        |policy: &'static str| Ok(cases(policy)?.into_iter().map(|case| (policy, case)).collect::<Vec<_>>());
    let cases: Result<Vec<_>, String> = policies.iter().copied().map(of_policy).collect();
    let (module, cases) = match load(name).and_then(|module| Ok((module, cases?))) {
        Ok(loaded) => loaded,
        Err(problem) => return vec![cannot_load(name, problem)],
    };
    let trial = |(policy, case): (&'static str, Case)| {
        let (policies, module) = (policies.clone(), Arc::clone(&module));
        Trial::test(format!("{name}, {policy} alone: {}", case.name), move || {
            let engine =
                |operation: &str, payload: &[u8], host: &Arc<Recorded>| call(&module, operation, payload, host);
            case.replay(policy, &testing::alone(policy, name, &policies, &engine)).map_err(Failed::from)
        })
    };
    cases.into_iter().flatten().map(trial).collect()
}

/// The cases of a policy, or of the module that holds all of them.
fn cases(policy: &str) -> Result<Vec<Case>, String> {
    let members: Vec<&str> = seaworthy::POLICIES.iter().map(|member| member.name).collect();
    let members = if policy == seaworthy::Seaworthy::NAME { members.as_slice() } else { &[] };
    Ok(testing::cases(workspace(), policy)?.into_iter().map(|case| case.among(members)).collect())
}

/// The module of this name.
fn load(name: &str) -> Result<Arc<Module>, String> {
    let module = Module::from_file(&file(name));
    Ok(Arc::new(module.map_err(|error| format!("{error}; `cargo xtask build` builds the modules"))?))
}

/// The test that fails because a module or its cases cannot be loaded.
fn cannot_load(name: &str, problem: String) -> Trial {
    Trial::test(format!("{name}: it can be loaded"), move || Err(problem.into()))
}

fn call(module: &Module, operation: &str, payload: &[u8], host: &Arc<Recorded>) -> Result<Vec<u8>, String> {
    let failed = |error| format!("the module fails: {error}");
    if !host.has_answers() {
        return module.call(operation, payload).map_err(failed);
    }
    let host = Arc::clone(host);
    let answers = move |namespace: &str, operation: &str, payload: &[u8]| host.answer(namespace, operation, payload);
    let module = module.clone().with_capabilities(Arc::new(answers)).map_err(failed)?;
    module.call(operation, payload).map_err(failed)
}

/// Where the module of this name is.
fn file(name: &str) -> PathBuf {
    workspace().join("dist").join(format!("{name}.wasm"))
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

/// How large the module of a policy may be, in bytes: as its facts say.
fn budget(policy: &str) -> Result<u64, Failed> {
    let entry: Value = serde_json::from_slice(&std::fs::read(file(policy).with_extension("json"))?)?;
    let kilobytes = entry.get("kilobytes").and_then(Value::as_u64);
    Ok(kilobytes.ok_or("the entry names no budget; `cargo xtask build` writes it")?.saturating_mul(1000))
}

fn expect_equal<T: PartialEq + std::fmt::Debug>(found: &T, expected: &T) -> Result<(), Failed> {
    if found == expected { Ok(()) } else { Err(format!("expected {expected:?}, found {found:?}").into()) }
}
