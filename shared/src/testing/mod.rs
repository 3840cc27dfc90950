//! Replays the cases of a policy, and makes its metadata and what is published of it. For tests only; no module is
//! built with it.
//!
//! [`policy!`](crate::policy!) makes the test executable of a policy crate run [`main`]. The harness replays the same
//! cases through the built module with [`load`] and [`Case::replay`].

mod case;
mod corpus;
mod metadata;
mod publish;
mod readme;
mod replay;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

pub use case::{Case, load};
pub use metadata::metadata;
pub use replay::{Engine, request, workloads};

use crate::policy::Policy;
use crate::settings::Fields;
use crate::wapc;

/// The test executable of a policy crate: one test a case, one that the cases are complete, those of what is published,
/// and one that the policy can judge the manifests of real projects where a collection of them is at hand.
///
/// Called with `--metadata` alone, it prints the metadata of the module as JSON instead; with `--publish`, what is
/// published of the policy.
#[must_use]
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is what was asked for")]
pub fn main<P: Policy>(manifest_dir: &str) -> ExitCode {
    let directory = Path::new(manifest_dir);
    let root = directory.ancestors().nth(2).unwrap_or(directory);
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let printed = match asked.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--metadata"] => Some(Ok(metadata::<P>())),
        ["--publish"] => Some(publish::print::<P>(root)),
        _ => None,
    };
    match printed {
        Some(Ok(text)) => {
            println!("{}", text.trim_end());
            return ExitCode::SUCCESS;
        }
        Some(Err(problem)) => {
            eprintln!("{problem}");
            return ExitCode::FAILURE;
        }
        None => {}
    }
    let arguments = Arguments::from_args();
    let mut trials: Vec<Trial> = match load(&directory.join("cases")) {
        Ok(cases) => {
            let complete = complete::<P>(&cases);
            let readme = readme::check(&Path::new(manifest_dir).join("README.md"), &cases);
            let cases = cases
                .into_iter()
                .map(|case| Trial::test(case.name.clone(), move || Ok(case.replay(P::NAME, &native::<P>)?)));
            let completeness =
                Trial::test("every rule, setting and verdict occurs in a case", move || complete.map_err(Failed::from));
            let readme = Trial::test("the tables of the README are those of the cases", move || Ok(readme?));
            cases.chain([completeness, readme, corpus::trial::<P>(manifest_dir)]).collect()
        }
        Err(problem) => vec![Trial::test("the cases can be read", move || Err(problem.into()))],
    };
    trials.extend(publish::trials::<P>(root));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The policy `P` itself, without a module around it.
fn native<P: Policy>(operation: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
    let answer = match operation {
        "validate" => wapc::validate::<P>(payload),
        "validate_settings" => wapc::validate_settings::<P>(payload),
        _ => return Err(format!("there is no operation {operation}")),
    };
    answer.map_err(|error| error.to_string())
}

/// Checks that the cases show what the policy can do: an acceptance, a rejection, every rule and every setting.
fn complete<P: Policy>(cases: &[Case]) -> Result<(), String> {
    let mut missing = Vec::new();
    for (verdict, allowed) in [("accepts", true), ("rejects", false)] {
        let shown = |case: &Case| {
            case.expect.allowed == Some(allowed) || case.images.iter().any(|row| row.deny.is_none() == allowed)
        };
        if !cases.iter().any(shown) {
            missing.push(format!("no case {verdict}"));
        }
    }
    let mut seen = BTreeSet::new();
    for case in cases {
        seen.extend(case.rules(&native::<P>)?);
    }
    for rule in P::RULES {
        if !seen.contains(rule.id) {
            missing.push(format!("no case breaks the rule {}", rule.id));
        }
    }
    for setting in <P::Settings as Fields>::NAMES {
        if !cases.iter().any(|case| case.settings.get(setting).is_some()) {
            missing.push(format!("no case sets {setting}"));
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(missing.join("\n")) }
}
