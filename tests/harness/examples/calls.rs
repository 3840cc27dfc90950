//! Prints every call that the cases of every policy make, with the answer of the native code, as lines of JSON:
//! `{"module", "operation", "payload", "answer"}`. The tests in JavaScript repeat them with the bindings and with the published
//! modules.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program answers its caller")]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use shared::calls::Guest;
use shared::policy::Described as _;

fn main() -> ExitCode {
    match lines() {
        Ok(lines) => {
            for line in lines {
                println!("{line}");
            }
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// The calls of all modules, without repetition.
fn lines() -> Result<BTreeSet<String>, String> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let lines = RefCell::default();
    let names: Vec<&str> = seaworthy::POLICIES.iter().map(|policy| policy.name).collect();
    let policies = seaworthy::POLICIES.iter().map(Guest::from);
    for guest in policies.chain([Guest::of::<seaworthy::Seaworthy>()]) {
        let members = if guest.name == seaworthy::Seaworthy::NAME { names.as_slice() } else { &[] };
        for case in testing::cases(root, guest.name)? {
            let case = case.among(members);
            case.replay(guest.name, &|operation, payload, _| recorded(guest, operation, payload, &lines))?;
        }
    }
    Ok(lines.into_inner())
}

/// The answer of a module to a call, which is recorded. Payloads that are not UTF-8 are left out: what JavaScript hands over is
/// a text.
fn recorded(
    guest: Guest<'_>,
    operation: &str,
    payload: &[u8],
    lines: &RefCell<BTreeSet<String>>,
) -> Result<Vec<u8>, String> {
    let answer = match operation {
        "validate" => guest.validate(payload),
        "validate_settings" => guest.validate_settings(payload),
        other => return Err(format!("there is no operation {other}")),
    };
    if let (Ok(payload), Ok(answer)) = (str::from_utf8(payload), str::from_utf8(&answer)) {
        let line = json!({"module": guest.name, "operation": operation, "payload": payload, "answer": answer});
        lines.borrow_mut().insert(line.to_string());
    }
    Ok(answer)
}
