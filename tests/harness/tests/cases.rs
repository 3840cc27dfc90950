//! Replays the cases of every policy through its built module: the same calls and the same answers as natively.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use host::Module;
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use shared::module::Member;
use shared::policy::Described as _;
use testing::{Case, Recorded};
use wasmparser::{Parser, Payload};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let policies = testing::policies(workspace()).expect("the policies can be listed");
    let mut trials: Vec<Trial> = policies.iter().flat_map(|name| trials(name)).collect();
    trials.extend(COMBINED.into_iter().flat_map(combined));
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
    trials.push(Trial::test(
        format!("{name}: the module can ask its host for what it declares, and for nothing else"),
        {
            let (module, file) = (Arc::clone(&module), file.clone());
            move || asks_as_declared(&module, &file)
        },
    ));
    trials.push(Trial::test(format!("{name}: the module speaks version 1 of the protocol"), {
        let module = Arc::clone(&module);
        move || expect_equal(&module.protocol_version().map_err(|error| error.to_string())?, &"v1".to_owned())
    }));
    trials.push(Trial::test(format!("{name}: the module is within its budget"), move || {
        let size = std::fs::metadata(&file)?.len();
        let budget = budget(&file)?;
        if size <= budget { Ok(()) } else { Err(format!("{size} bytes; the budget is {budget}").into()) }
    }));
    trials
}

/// The modules of several policies, each with its policies.
const COMBINED: [(&str, &[Member]); 2] = [
    (seaworthy::Seaworthy::NAME, seaworthy::POLICIES),
    (seaworthy_images::SeaworthyImages::NAME, seaworthy_images::POLICIES),
];

/// One test a case of every policy that a combined module holds: it says what the policy says alone.
fn combined((name, members): (&'static str, &'static [Member])) -> Vec<Trial> {
    let policies = names(members);
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

fn names(members: &'static [Member]) -> Vec<&'static str> {
    members.iter().map(|member| member.name).collect()
}

/// The cases of a policy, or of a module that holds several.
fn cases(policy: &str) -> Result<Vec<Case>, String> {
    let members = COMBINED.into_iter().find(|(name, _)| *name == policy).map_or(Vec::new(), |(_, all)| names(all));
    Ok(testing::cases(workspace(), policy)?.into_iter().map(|case| case.among(&members)).collect())
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

/// The imports of a module: the functions of a waPC host that `wapc-guest` links. Frozen, so that a clock, files, randomness
/// or the environment cannot come in by way of a dependency.
const IMPORTS: [&str; 3] = ["wapc.__guest_error", "wapc.__guest_request", "wapc.__guest_response"];

/// The further imports of a module that asks its host.
const IMPORTS_TO_ASK: [&str; 5] = [
    "wapc.__host_call",
    "wapc.__host_error",
    "wapc.__host_error_len",
    "wapc.__host_response",
    "wapc.__host_response_len",
];

/// The operations that modules of this project ask for. Other names must not be in a module, because `kwctl annotate` warns of each
/// that its metadata does not declare.
const OPERATIONS: [&str; 6] = [
    "v1/manifest_digest",
    "v1/oci_manifest",
    "v1/oci_manifest_config",
    "list_resources_by_namespace",
    "list_resources_all",
    "get_resource",
];

/// A module imports what it needs to ask exactly when its facts name a capability, and holds the names of these alone.
fn asks_as_declared(module: &Module, file: &Path) -> Result<(), Failed> {
    let capabilities = entry(file)?.get("capabilities").cloned().ok_or("the entry names no capabilities")?;
    let capabilities: Vec<String> = serde_json::from_value(capabilities)?;
    let to_ask = IMPORTS_TO_ASK.into_iter().filter(|_| !capabilities.is_empty());
    let expected: BTreeSet<String> = IMPORTS.into_iter().chain(to_ask).map(str::to_owned).collect();
    expect_equal(&module.imports(), &expected)?;
    let bytes = data(&std::fs::read(file)?)?;
    for operation in OPERATIONS {
        let is_held = bytes.windows(operation.len()).any(|window| window == operation.as_bytes());
        // The name of one operation can begin with that of another.
        let is_declared = capabilities
            .iter()
            .any(|capability| capability.split_once('/').is_some_and(|(_, declared)| declared.starts_with(operation)));
        if is_held != is_declared {
            return Err(format!("{operation}: held: {is_held}, declared: {is_declared}").into());
        }
    }
    Ok(())
}

/// The data of a module.
fn data(bytes: &[u8]) -> Result<Vec<u8>, Failed> {
    let mut rest = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        if let Payload::DataSection(data) = payload.map_err(|error| error.to_string())? {
            for segment in data {
                rest.extend_from_slice(segment.map_err(|error| error.to_string())?.data);
            }
        }
    }
    Ok(rest)
}

/// The maximum size of a module, in bytes, by its facts.
fn budget(module: &Path) -> Result<u64, Failed> {
    let kilobytes = entry(module)?.get("kilobytes").and_then(Value::as_u64);
    Ok(kilobytes.ok_or("the entry names no budget; `cargo xtask build` writes it")?.saturating_mul(1000))
}

/// What the command knows of a module.
fn entry(module: &Path) -> Result<Value, Failed> {
    Ok(serde_json::from_slice(&std::fs::read(module.with_extension("json"))?)?)
}

fn expect_equal<T: PartialEq + std::fmt::Debug>(found: &T, expected: &T) -> Result<(), Failed> {
    if found == expected { Ok(()) } else { Err(format!("expected {expected:?}, found {found:?}").into()) }
}
