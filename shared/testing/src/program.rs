//! The test program of a policy.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Map, Value, json};

use crate::case::{Case, load};
use crate::combined::alone;
use crate::corpus;
use crate::native::native;
use crate::policies::cases;
use crate::publish::trials;
use crate::samples::check_samples;
use shared::module::Module;
use shared::settings::Field;

/// The test executable of a policy crate: one test a case, one that the cases are complete, those of what is published,
/// and one that the policy can judge the manifests of real projects where a collection of them is at hand.
#[must_use]
pub fn main<M: Module>(manifest_dir: &str) -> ExitCode {
    let directory = Path::new(manifest_dir);
    let root = directory.ancestors().nth(2).unwrap_or(directory);
    let arguments = Arguments::from_args();
    let own = load(&directory.join("cases"));
    let mut trials: Vec<Trial> = match own.and_then(|own| Ok((own, cases(root, M::NAME)?))) {
        Ok((own, cases)) => {
            let complete = complete::<M>(&own);
            let members: Vec<&str> = M::members().iter().map(|member| member.name).collect();
            let cases = cases
                .into_iter()
                .map(|case| case.among(&members))
                .map(|case| Trial::test(case.name.clone(), move || Ok(case.replay(M::NAME, &native::<M>)?)));
            let completeness =
                Trial::test("every rule, setting and verdict occurs in a case", move || complete.map_err(Failed::from));
            // Samples show what a manifest makes good or bad.
            let samples = (M::members().is_empty() && M::INSPECTS.is_nothing()).then(|| {
                let root = root.to_path_buf();
                Trial::test("the samples are good and bad", move || Ok(check_samples::<M>(&root)?))
            });
            let collections = [corpus::trial::<M>(manifest_dir), corpus::workloads::<M>(manifest_dir)];
            cases.chain([completeness]).chain(samples).chain(collections).collect()
        }
        Err(problem) => vec![Trial::test("the cases can be read", move || Err(problem.into()))],
    };
    trials.extend(members::<M>(root));
    trials.extend(trials::trials::<M>(root));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// For each policy that `M` combines, one test a case: `M` says what the policy says alone.
fn members<M: Module>(root: &Path) -> Vec<Trial> {
    let names: Vec<&'static str> = M::members().iter().map(|member| member.name).collect();
    let mut trials = Vec::new();
    if !names.is_empty() {
        let names = names.clone();
        trials.push(Trial::test("a module of no policy is refused", move || Ok(none_judges::<M>(&names)?)));
    }
    for name in names.iter().copied() {
        match cases(root, name) {
            Ok(cases) => trials.extend(cases.into_iter().map(|case| {
                let names = names.clone();
                Trial::test(format!("{name}: {}", case.name), move || {
                    Ok(case.replay(name, &alone(name, M::NAME, &names, &native::<M>))?)
                })
            })),
            Err(problem) => {
                trials.push(Trial::test(format!("{name}: the cases can be read"), move || Err(problem.into())));
            }
        }
    }
    trials
}

/// Checks that the settings of a module are refused in which each of its policies is left out.
fn none_judges<M: Module>(names: &[&str]) -> Result<(), String> {
    let all: Map<String, Value> = names.iter().map(|name| ((*name).to_owned(), Value::Bool(false))).collect();
    let settings = json!({ "policies": all }).to_string();
    let answer: Value =
        serde_json::from_slice(&native::<M>("validate_settings", settings.as_bytes(), &Arc::default())?)
            .map_err(|error| error.to_string())?;
    let expected = format!("{}: policies: every policy is false; leave one, or remove this module", M::NAME);
    if answer.get("message").is_some_and(|message| *message == expected) { Ok(()) } else { Err(answer.to_string()) }
}

/// Checks that the cases show what the policy can do: an acceptance, a rejection, every rule and every setting.
fn complete<M: Module>(cases: &[Case]) -> Result<(), String> {
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
        seen.extend(case.rules(&native::<M>)?);
    }
    for rule in M::RULES {
        if !seen.contains(rule.id) {
            missing.push(format!("no case breaks the rule {}", rule.id));
        }
    }
    for Field { name, .. } in M::own_settings() {
        if !cases.iter().any(|case| case.settings.get(name).is_some()) {
            missing.push(format!("no case sets {name}"));
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(missing.join("\n")) }
}
