//! The same call has the same answer, byte for byte, on every fresh instance of a module and natively.
//!
//! A hundred instances answer the first call of every case of a module, ten the first input of every row of the adversarial
//! corpus, and two what is longer than 64 KiB. What else follows from a case, and the other inputs, are compared once each by
//! the tests of cases and of the corpus.

#![expect(clippy::print_stdout, reason = "the counts are part of what the test tells")]

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use conformance::adversarial::{Row, load};
use conformance::{Guest, POLICIES, module, workspace};
use libtest_mimic::{Arguments, Failed, Trial};
use seaworthy::Seaworthy;

/// The number of instances that answer the first call of a case.
const CASE: usize = 100;
/// The number of instances that answer the first input of a row.
const ROW: usize = 10;
/// The number of instances that answer a long payload, and of native answers of the policy.
const FEW: usize = 2;
/// The maximum length of a payload that many instances answer, in bytes.
const LONG: usize = 64 * 1024;

/// The numbers of different calls, and of each.
#[derive(Default)]
struct Counts {
    payloads: AtomicUsize,
    native: AtomicUsize,
    instances: AtomicUsize,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let counts = Arc::new(Counts::default());
    let trials = POLICIES
        .iter()
        .copied()
        .chain([Guest::of::<Seaworthy>()])
        .map(|subject| {
            let counts = Arc::clone(&counts);
            let name = format!("{}: every fresh instance gives the same answer", subject.name);
            Trial::test(name, move || replay(subject, &counts).map_err(Failed::from))
        })
        .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    println!(
        "{} payloads; calls of validate: {} native, {} on fresh instances",
        counts.payloads.load(Ordering::Relaxed),
        counts.native.load(Ordering::Relaxed),
        counts.instances.load(Ordering::Relaxed),
    );
    conclusion.exit_code()
}

fn replay(subject: Guest<'_>, counts: &Counts) -> Result<(), String> {
    let module = module(subject.name)?;
    let ask = |payload: &[u8], times: usize| {
        let times = if payload.len() > LONG { FEW } else { times };
        counts.payloads.fetch_add(1, Ordering::Relaxed);
        let expected = subject.validate(payload);
        let differs =
            || format!("answers differ for {}", String::from_utf8_lossy(payload.get(..LONG).unwrap_or(payload)));
        for _ in 1..FEW {
            if subject.validate(payload) != expected {
                return Err(differs());
            }
        }
        counts.native.fetch_add(FEW, Ordering::Relaxed);
        for _ in 0..times {
            if module.call("validate", payload).map_err(|error| error.to_string())? != expected {
                return Err(differs());
            }
        }
        counts.instances.fetch_add(times, Ordering::Relaxed);
        Ok(())
    };
    for case in testing::cases(&workspace(""), subject.name)? {
        if let Some(payload) = case.payloads().first() {
            ask(payload, CASE)?;
        }
    }
    let names: Vec<_> = POLICIES.iter().map(|policy| policy.name).collect();
    for test in load(&names)?.iter().filter_map(|row: &Row| row.tests().into_iter().next()) {
        if let Some(input) = test.inputs(subject.name)?.first() {
            // Rows name settings of policies alone.
            let is_policy = names.contains(&subject.name);
            let settings = if is_policy { test.settings(subject.name)? } else { "null".to_owned() };
            ask(&input.payload(&settings), ROW)?;
        }
    }
    Ok(())
}
