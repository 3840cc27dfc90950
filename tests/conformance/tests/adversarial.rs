//! Replays the adversarial corpus: natively, through each built module, and through the module that holds every policy.
//!
//! Nothing may be accepted that is not meant to be, nothing may trap, and an answer is the same bytes whoever gives it.

#![expect(clippy::print_stdout, reason = "the counts are part of what the test tells")]

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use conformance::adversarial::{Input, Row, SECRET, Test, Verdict, load};
use conformance::{Guest, POLICIES, module, workspace};
use host::{Module, Response, SettingsResponse};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use shared::facts::Facts;

/// The module of several policies.
const COMBINED: &str = "seaworthy";

/// The ids that the corpus must have: a group and the number of its rows.
const IDS: [(&str, usize); 12] = [
    ("I", 30),
    ("C", 9),
    ("K", 16),
    ("T", 11),
    ("P", 10),
    ("L", 10),
    ("U", 13),
    ("E", 4),
    ("H", 7),
    ("M", 9),
    ("S", 7),
    ("X", 9),
];

/// The numbers of inputs and calls.
#[derive(Default)]
struct Counts {
    inputs: AtomicUsize,
    native: AtomicUsize,
    modules: AtomicUsize,
    combined: AtomicUsize,
}

/// The policies and modules that answer.
struct Engines {
    /// Each policy, and its module when it was built.
    policies: Vec<(&'static Guest<'static>, Option<Module>)>,
    combined: Option<Module>,
    counts: Counts,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut names: Vec<_> = POLICIES.iter().map(|policy| policy.name).collect();
    let rows = match load(&names) {
        Ok(rows) => rows,
        Err(problem) => {
            let unreadable = Trial::test("the corpus can be read", move || Err(problem.into()));
            return libtest_mimic::run(&arguments, vec![unreadable]).exit_code();
        }
    };
    let has_combined = workspace(&format!("dist/{COMBINED}.wasm")).is_file();
    names.extend(has_combined.then_some(COMBINED));
    let modules: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = names.iter().map(|name| scope.spawn(|| module(name))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err("the engine panics".to_owned())))
            .collect()
    });
    let mut trials = Vec::new();
    let mut modules = names.iter().zip(modules).map(|(name, module)| {
        module.map_err(|problem| {
            trials.push(Trial::test(format!("{name}: the module can be loaded"), move || Err(problem.into())));
        })
    });
    let policies = POLICIES.iter().map(|policy| (policy, modules.next().and_then(Result::ok))).collect();
    let combined = modules.next().and_then(Result::ok);
    let engines = Arc::new(Engines { policies, combined, counts: Counts::default() });

    let ids: BTreeSet<String> = rows.iter().map(|row| row.id.clone()).collect();
    trials.push(Trial::test("every id of the list is in the corpus, and no other", move || complete(&ids)));
    for test in rows.iter().flat_map(Row::tests) {
        let engines = Arc::clone(&engines);
        trials.push(Trial::test(test.name.clone(), move || engines.replay(&test).map_err(Failed::from)));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    let counts = &engines.counts;
    let reasons = rows.iter().filter(|row| row.because.is_some()).count();
    println!(
        "{} rows ({reasons} with a reason for their verdict), {} inputs; calls of validate: {} native, {} through modules, \
         {} through {COMBINED}",
        rows.len(),
        counts.inputs.load(Ordering::Relaxed),
        counts.native.load(Ordering::Relaxed),
        counts.modules.load(Ordering::Relaxed),
        counts.combined.load(Ordering::Relaxed),
    );
    conclusion.exit_code()
}

fn complete(ids: &BTreeSet<String>) -> Result<(), Failed> {
    let wanted = IDS.iter().flat_map(|(group, last)| (1..=*last).map(move |number| format!("{group}{number}")));
    let wanted: BTreeSet<String> = wanted.collect();
    let wrong: Vec<_> = wanted.symmetric_difference(ids).cloned().collect();
    if wrong.is_empty() { Ok(()) } else { Err(format!("missing or unknown: {}", wrong.join(", ")).into()) }
}

impl Engines {
    fn replay(&self, test: &Test) -> Result<(), String> {
        let mut wrong = Vec::new();
        let mut invalid = BTreeSet::new();
        // Where each policy has an input of its own, the others only answer so that all together can be compared.
        let names: Vec<&str> = self.policies.iter().map(|(policy, _)| policy.name).collect();
        for whose in if test.row.is_bad() { names } else { vec![""] } {
            for input in test.inputs(whose)? {
                self.counts.inputs.fetch_add(1, Ordering::Relaxed);
                let mut rejected = false;
                for (policy, module) in &self.policies {
                    if !whose.is_empty() && whose != policy.name {
                        let answer = policy.validate(&input.payload(&test.settings(policy.name)?));
                        rejected |= is_combined(policy) && !read(&answer, policy.name)?.accepted;
                        continue;
                    }
                    let expected = test.expected(policy.name, facts(policy.name), &input);
                    if expected == Some(Verdict::Invalid) {
                        invalid.insert(policy.name);
                    }
                    let problem = match self.answer(test, &input, policy, module.as_ref()) {
                        Ok(answer) => {
                            rejected |= is_combined(policy) && !answer.accepted;
                            expected.and_then(|expected| difference(expected, &answer))
                        }
                        Err(problem) => Some(problem),
                    };
                    wrong.extend(problem.map(|problem| format!("{}: {}: {problem}", input.at, policy.name)));
                }
                if let Some(module) = &self.combined
                    && let Err(problem) = self.answer_combined(test, &input, module, rejected)
                {
                    wrong.push(format!("{}: {COMBINED}: {problem}", input.at));
                }
            }
        }
        for (policy, module) in &self.policies {
            let valid = !invalid.contains(policy.name);
            if let Err(problem) = check_settings(&test.settings(policy.name)?, policy, module.as_ref(), valid) {
                wrong.push(format!("the settings: {}: {problem}", policy.name));
            }
        }
        if let (Some(module), Some(settings)) = (&self.combined, combined_settings(test)?) {
            let answer = module.validate_settings(settings.as_bytes());
            let answer = answer.map_err(|error| format!("the module fails: {error}"))?;
            if answer.valid
                == self.policies.iter().any(|(policy, _)| is_combined(policy) && invalid.contains(policy.name))
            {
                wrong.push(format!("the settings: {COMBINED}: {answer:?}"));
            }
        }
        if wrong.is_empty() {
            return Ok(());
        }
        let because = test.row.because.as_ref().map(|because| format!("\nthe verdict is so because {because}"));
        Err(format!("{}{}", wrong.join("\n"), because.unwrap_or_default()))
    }

    /// The answer of a policy, the same natively and from its module.
    fn answer(
        &self,
        test: &Test,
        input: &Input,
        policy: &Guest<'_>,
        module: Option<&Module>,
    ) -> Result<Response, String> {
        let payload = input.payload(&test.settings(policy.name)?);
        let native = policy.validate(&payload);
        self.counts.native.fetch_add(1, Ordering::Relaxed);
        if let Some(module) = module {
            let found = module.call("validate", &payload).map_err(|error| format!("the module fails: {error}"))?;
            self.counts.modules.fetch_add(1, Ordering::Relaxed);
            if found != native {
                let [found, native] = [&found, &native].map(|answer| String::from_utf8_lossy(answer));
                return Err(format!("the module answers {found}, the policy natively {native}"));
            }
        }
        read(&native, policy.name)
    }

    /// The module of several policies rejects exactly when one of them does.
    fn answer_combined(&self, test: &Test, input: &Input, module: &Module, rejected: bool) -> Result<(), String> {
        let Some(settings) = combined_settings(test)? else { return Ok(()) };
        let answer =
            module.call("validate", &input.payload(&settings)).map_err(|error| format!("the module fails: {error}"))?;
        self.counts.combined.fetch_add(1, Ordering::Relaxed);
        let answer = read(&answer, "")?;
        if answer.accepted != rejected {
            return Ok(());
        }
        Err(format!("rejected by a policy alone: {rejected}; by all together: {:?}", answer.message))
    }
}

/// Returns `true` if the module of several policies holds the policy.
fn is_combined(policy: &Guest) -> bool {
    seaworthy::POLICIES.iter().any(|member| member.name == policy.name)
}

/// The declared facts of a policy.
fn facts(policy: &str) -> &'static Facts {
    policies::POLICIES.iter().find(|member| member.name == policy).map_or(&Facts::DEFAULT, |member| member.facts)
}

/// The maximum length of settings, in bytes: of one policy alone, and of all policies together.
const MAX_SETTINGS: usize = 64 * 1024;

/// The settings of the module with every policy that give each the settings of the test; `None` when each may be as long
/// as it is, but not all together.
fn combined_settings(test: &Test) -> Result<Option<String>, String> {
    let mut policies = Vec::new();
    for policy in POLICIES.iter().filter(|policy| is_combined(policy)) {
        let settings = test.settings(policy.name)?;
        if settings != "{}" {
            policies.push(format!("\"{}\":{settings}", policy.name));
        }
    }
    let settings = format!("{{\"policies\":{{{}}}}}", policies.join(","));
    Ok(Some(settings).filter(|settings| settings.len() <= MAX_SETTINGS))
}

/// The fault of an answer that is not the expected one.
fn difference(expected: Verdict, answer: &Response) -> Option<String> {
    let found = verdict(answer);
    let fits = if expected == Verdict::Invalid { !answer.accepted } else { found == Ok(expected) };
    (!fits).then(|| format!("expected {expected:?}, found {found:?}: {:?} {:?}", answer.message, answer.warnings))
}

/// The verdict in an answer.
fn verdict(answer: &Response) -> Result<Verdict, String> {
    match (answer.accepted, answer.code) {
        (true, _) if answer.warnings.is_empty() => Ok(Verdict::Accept),
        (true, _) => Ok(Verdict::Warn),
        (false, Some(403)) => Ok(Verdict::Reject),
        (false, Some(400)) => Ok(Verdict::Malformed),
        (false, Some(500)) => Ok(Verdict::Invalid),
        (false, code) => Err(format!("code {code:?}")),
    }
}

/// Reads an answer, and checks what holds for every answer of the policies whose name starts so.
fn read(answer: &[u8], policy: &str) -> Result<Response, String> {
    let fields: Value = serde_json::from_slice(answer).map_err(|error| format!("the answer is not JSON: {error}"))?;
    let response: Response =
        serde_json::from_slice(answer).map_err(|error| format!("the answer cannot be read: {error}"))?;
    let printable = |text: &str| text.chars().all(|char| char == '\n' || !char.is_control());
    let holds = [
        ("it does not mutate", fields.get("mutated_object").is_none()),
        ("a rejection says why", response.accepted == response.message.as_deref().is_none_or(str::is_empty)),
        ("an acceptance has no code", response.accepted == response.code.is_none()),
        ("a message has at most 4 KiB", response.message.as_ref().is_none_or(|message| message.len() <= 4096)),
        ("a message is printable", response.message.as_deref().is_none_or(printable)),
        (
            "each line of a message names the policy",
            response
                .message
                .iter()
                .flat_map(|message| message.lines())
                .all(|line| line.starts_with(policy) || line.starts_with('…')),
        ),
        ("a warning has at most 256 bytes", response.warnings.iter().all(|warning| warning.len() <= 256)),
        (
            "a warning is one printable line",
            response.warnings.iter().all(|text| printable(text) && !text.contains('\n')),
        ),
        ("no secret is repeated", !String::from_utf8_lossy(answer).contains(SECRET)),
    ];
    match holds.iter().find(|(_, holds)| !holds) {
        Some((rule, _)) => Err(format!("{rule}: {}", String::from_utf8_lossy(answer))),
        None => Ok(response),
    }
}

/// Settings are valid or not, for the policy natively and for its module.
fn check_settings(settings: &str, policy: &Guest<'_>, module: Option<&Module>, valid: bool) -> Result<(), String> {
    let native = policy.validate_settings(settings.as_bytes());
    if let Some(module) = module {
        let found = module.call("validate_settings", settings.as_bytes()).map_err(|error| error.to_string())?;
        if found != native {
            return Err("the module answers otherwise than the policy natively".to_owned());
        }
    }
    let answer: SettingsResponse = serde_json::from_slice(&native).map_err(|error| error.to_string())?;
    if answer.valid == valid && answer.valid == answer.message.as_deref().is_none_or(str::is_empty) {
        return Ok(());
    }
    Err(format!("expected to be valid: {valid}; found {answer:?}"))
}
