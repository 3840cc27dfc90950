//! The costs of the modules: bytes, time and memory, beside a module that does nothing and a conventional one.
//!
//! `cargo xtask bench` builds what this needs and runs it.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command talks to its user")]

mod goals;
mod measure;
mod project;
mod report;
mod spread;
mod subject;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use crate::goals::Evidence;
use crate::measure::{Effort, Series, Tally, USUAL};
use crate::report::{Figures, PayloadFigures, Report};
use crate::spread::Spread;
use crate::subject::{Role, Subject};

/// Measures the modules in dist/ beside two references, and prints a table in Markdown
#[derive(Parser)]
struct Arguments {
    /// The module that accepts everything unread
    #[arg(long, value_name = "FILE")]
    null: PathBuf,
    /// The module that is written as the SDK of Kubewarden suggests
    #[arg(long, value_name = "FILE")]
    conventional: PathBuf,
    /// Fewer rounds, for a first look
    #[arg(long)]
    quick: bool,
    /// Also write the results as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Also write the table to a file
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("error: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let report = measure(arguments)?;
    let markdown = report.markdown();
    print!("{markdown}");
    let write = |file: &Path, text: &str| {
        std::fs::write(file, text).map_err(|error| format!("{} cannot be written: {error}", file.display()))
    };
    if let Some(file) = &arguments.markdown {
        write(file, &markdown)?;
    }
    if let Some(file) = &arguments.json {
        let json = serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?;
        write(file, &format!("{json}\n"))?;
    }
    Ok(())
}

fn measure(arguments: &Arguments) -> Result<Report, String> {
    let effort = if arguments.quick { Effort::QUICK } else { Effort::FULL };
    let mut subjects =
        vec![Subject::load(&arguments.conventional, Role::Conventional)?, Subject::load(&arguments.null, Role::Null)?];
    subjects.extend(subject::policies(&project::root().join("dist"))?);

    eprintln!("measuring compilation");
    let compile = measure::compile(&subjects, effort)?;
    let conventional = compile.first().cloned().unwrap_or_default();
    let mut modules: Vec<_> = subjects
        .iter()
        .zip(&compile)
        .map(|(subject, times)| Figures {
            name: subject.name.clone(),
            role: subject.role,
            category: subject.category(),
            bytes: subject.bytes.len(),
            compile_ms: Spread::of(times),
            compile_ratio: Spread::of_ratios(times, &conventional),
            payloads: Vec::new(),
        })
        .collect();

    let mut tally = Tally::default();
    let mut combined = None;
    for workload in measure::workloads() {
        eprintln!("measuring {}", workload.name);
        let series = measure::judge(&subjects, &workload, effort, &mut tally)?;
        let conventional = series.first().map(|series| series.first.clone()).unwrap_or_default();
        for (module, series) in modules.iter_mut().zip(&series) {
            module.payloads.push(PayloadFigures {
                payload: workload.name,
                payload_bytes: workload.payload.len(),
                rounds: series.first.len(),
                instantiate_ms: Spread::of(&series.instantiate),
                first_ms: Spread::of(&series.first),
                first_ratio: Spread::of_ratios(&series.first, &conventional),
                warm_ms: Spread::of(&series.warm),
                memory_bytes: series.memory,
            });
        }
        if workload.name == USUAL {
            combined = by_single_policies(&subjects, &series);
            tally.truncate(&subjects, &workload.payload);
        }
    }
    eprintln!("measuring strange payloads of 2 MiB");
    let extremes = measure::extremes(&subjects, &mut tally)?;
    eprintln!("measuring the native tests");
    let native_tests = project::native_tests()?.as_secs_f64();
    let handwritten = project::handwritten()?;
    let goals = goals::judge(&Evidence {
        modules: &modules,
        combined,
        extremes: &extremes,
        tally: &tally,
        handwritten: &handwritten,
        native_tests,
    });
    Ok(Report {
        quick: arguments.quick,
        processors: std::thread::available_parallelism().map_or(1, usize::from),
        modules,
        extremes,
        tally,
        handwritten,
        native_tests_seconds: native_tests,
        goals,
    })
}

/// The first call of the combined module by that of the most expensive policy, and by the mean of all policies, round by
/// round; `None` when there is no combined module, or nothing that it combines.
fn by_single_policies(subjects: &[Subject], series: &[Series]) -> Option<[(String, Spread); 2]> {
    let of = |role: Role| subjects.iter().zip(series).filter(move |(subject, _)| subject.role == role);
    let (_, combined) = of(Role::Combined).next()?;
    let median = |series: &Series| Spread::of(&series.first).median;
    let (dearest, alone) = of(Role::Policy).max_by(|(_, one), (_, other)| median(one).total_cmp(&median(other)))?;
    let policies: Vec<_> = of(Role::Policy).map(|(_, series)| &series.first).collect();
    let count = u32::try_from(policies.len()).map_or(f64::INFINITY, f64::from);
    let means: Vec<f64> = (0..combined.first.len())
        .map(|round| policies.iter().filter_map(|times| times.get(round)).sum::<f64>() / count)
        .collect();
    Some([
        (dearest.name.clone(), Spread::of_ratios(&combined.first, &alone.first)),
        (format!("{count} policies"), Spread::of_ratios(&combined.first, &means)),
    ])
}
