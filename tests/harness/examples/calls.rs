//! Prints every call that the cases of every policy make, with the answer of the native code, as lines of JSON:
//! `{"module", "operation", "payload", "answer"}`. A line `{"host"}` comes before the calls in which the host answers like this. The
//! tests in JavaScript repeat the calls with the bindings and with the published modules.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program answers its caller")]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::json;
use shared::calls::Guest;
use shared::module::Member;
use testing::Recorded;

/// Calls by the answers of the host, as lines without repetition.
type Calls = RefCell<BTreeMap<String, BTreeSet<String>>>;

fn main() -> ExitCode {
    match calls() {
        Ok(calls) => {
            for (host, calls) in calls.into_inner() {
                println!("{host}");
                for call in calls {
                    println!("{call}");
                }
            }
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// The calls of all modules.
fn calls() -> Result<Calls, String> {
    let calls = Calls::default();
    for policy in policies::POLICIES {
        add(Guest::from(policy), &[], &calls)?;
    }
    let combined = [
        (Guest::of::<seaworthy::Seaworthy>(), seaworthy::POLICIES),
        (Guest::of::<seaworthy_images::SeaworthyImages>(), seaworthy_images::POLICIES),
    ];
    for (module, members) in combined {
        add(module, members, &calls)?;
    }
    Ok(calls)
}

/// Adds the calls of the cases of a module. `members` are the policies that it combines.
fn add(module: Guest<'static>, members: &[Member], calls: &Calls) -> Result<(), String> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let names: Vec<&str> = members.iter().map(|policy| policy.name).collect();
    for case in testing::cases(root, module.name)? {
        case.among(&names)
            .replay(module.name, &|operation, payload, host| recorded(module, operation, payload, host, calls))?;
    }
    Ok(())
}

/// The answer of a module to a call, which is recorded. Payloads that are not UTF-8 are left out: what JavaScript hands over is
/// a text.
fn recorded(
    guest: Guest<'_>,
    operation: &str,
    payload: &[u8],
    host: &Arc<Recorded>,
    calls: &Calls,
) -> Result<Vec<u8>, String> {
    let answer = match operation {
        "validate" => guest.with_host(&**host).validate(payload),
        "validate_settings" => guest.validate_settings(payload),
        other => return Err(format!("there is no operation {other}")),
    };
    if let (Ok(payload), Ok(answer)) = (str::from_utf8(payload), str::from_utf8(&answer)) {
        let call = json!({"module": guest.name, "operation": operation, "payload": payload, "answer": answer});
        let host = json!({"host": host.answers()}).to_string();
        calls.borrow_mut().entry(host).or_default().insert(call.to_string());
    }
    Ok(answer)
}
