//! The results, as Markdown and as JSON.

use std::fmt::Write as _;

use serde::Serialize;

use crate::goals::{Goal, mib, thousands};
use crate::measure::{Extremes, Tally};
use crate::project::Handwritten;
use crate::spread::Spread;
use crate::subject::Role;

/// All results of a run.
#[derive(Serialize)]
pub(crate) struct Report {
    /// It was measured with few rounds, for a first look.
    pub(crate) quick: bool,
    /// Processors of the machine, which share the compilation of a module.
    pub(crate) processors: usize,
    pub(crate) modules: Vec<Figures>,
    pub(crate) extremes: Extremes,
    pub(crate) tally: Tally,
    pub(crate) handwritten: Vec<Handwritten>,
    pub(crate) native_tests_seconds: f64,
    pub(crate) goals: Vec<Goal>,
}

/// The measurements of a module.
#[derive(Serialize)]
pub(crate) struct Figures {
    pub(crate) name: String,
    pub(crate) role: Role,
    /// The category in its metadata.
    pub(crate) category: Option<String>,
    pub(crate) bytes: usize,
    pub(crate) compile_ms: Spread,
    /// By the conventional module, round by round.
    pub(crate) compile_ratio: Spread,
    pub(crate) payloads: Vec<PayloadFigures>,
}

/// The measurements of a module with one payload.
#[derive(Serialize)]
pub(crate) struct PayloadFigures {
    pub(crate) payload: &'static str,
    pub(crate) payload_bytes: usize,
    /// The number of times that each module judged it.
    pub(crate) rounds: usize,
    pub(crate) instantiate_ms: Spread,
    /// The call of a fresh instance.
    pub(crate) first_ms: Spread,
    /// The first call by that of the conventional module, round by round.
    pub(crate) first_ratio: Spread,
    /// Another call of the same instance.
    pub(crate) warm_ms: Spread,
    /// The peak of the linear memory.
    pub(crate) memory_bytes: usize,
}

impl Report {
    /// The tables for people.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::from("## Goals\n\n");
        rows(&mut text, &["figure", "goal", "measured", "held"], &[false, false, false, false]);
        for Goal { figure, limit, measured, held } in &self.goals {
            let held = held.map_or("–", |held| if held { "yes" } else { "**no**" });
            row(&mut text, [*figure, *limit, measured.as_str(), held]);
        }
        text.push_str("\n## Modules\n\n");
        rows(&mut text, &["module", "KB", "compile, ms", "by conventional"], &[false, true, true, true]);
        for module in &self.modules {
            let Figures { name, bytes, compile_ms, compile_ratio, .. } = module;
            row(
                &mut text,
                [
                    name.clone(),
                    format!("{:.1}", thousands(*bytes)),
                    format!("{compile_ms:.0}"),
                    format!("{compile_ratio:.2}"),
                ],
            );
        }
        let payloads = self.modules.first().map_or(&[][..], |module| &module.payloads);
        for (index, PayloadFigures { payload, payload_bytes, rounds, .. }) in payloads.iter().enumerate() {
            let _ = write!(text, "\n## {payload}: {payload_bytes} bytes, {rounds} rounds\n\n");
            let columns =
                ["module", "instantiate, µs", "first call, µs", "by conventional", "warm call, µs", "memory, MiB"];
            rows(&mut text, &columns, &[false, true, true, true, true, true]);
            for module in &self.modules {
                if let Some(figures) = module.payloads.get(index) {
                    row(&mut text, figures.cells(&module.name));
                }
            }
        }
        let quick = if self.quick { " A quick run: figures for a first look." } else { "" };
        let processors = self.processors;
        let _ = write!(
            text,
            "\nMedians, with quartiles in brackets; ratios are taken round by round. A call is that of a fresh instance, a warm \
             call its second. {processors} processors.{quick}\n"
        );
        text
    }
}

impl PayloadFigures {
    fn cells(&self, name: &str) -> [String; 6] {
        let microseconds = |Spread { lower, median, upper }: Spread| {
            format!("{:.0}", Spread { lower: lower * 1e3, median: median * 1e3, upper: upper * 1e3 })
        };
        [
            name.to_owned(),
            microseconds(self.instantiate_ms),
            microseconds(self.first_ms),
            format!("{:.3}", self.first_ratio),
            microseconds(self.warm_ms),
            format!("{:.2}", mib(self.memory_bytes)),
        ]
    }
}

/// The head of a table, whose columns are numbers or not.
fn rows(text: &mut String, columns: &[&str], numbers: &[bool]) {
    row(text, columns.iter().copied());
    row(text, numbers.iter().map(|number| if *number { "--:" } else { "---" }));
}

fn row<T: AsRef<str>>(text: &mut String, cells: impl IntoIterator<Item = T>) {
    for cell in cells {
        let _ = write!(text, "| {} ", cell.as_ref());
    }
    text.push_str("|\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_a_row_for_every_module_and_every_goal() {
        let spread = Spread { lower: 0.1, median: 0.2, upper: 0.3 };
        let payload = PayloadFigures {
            payload: "8 KB",
            payload_bytes: 8_000,
            rounds: 9,
            instantiate_ms: spread,
            first_ms: spread,
            first_ratio: spread,
            warm_ms: spread,
            memory_bytes: 1 << 20,
        };
        let module = Figures {
            name: "non-root".to_owned(),
            role: Role::Policy,
            category: None,
            bytes: 108_091,
            compile_ms: spread,
            compile_ratio: spread,
            payloads: vec![payload],
        };
        let goal = Goal { figure: "size", limit: "≤ 120 KB", measured: "188.7 KB".to_owned(), held: Some(false) };
        let report = Report {
            quick: true,
            processors: 2,
            modules: vec![module],
            extremes: Extremes::default(),
            tally: Tally::default(),
            handwritten: Vec::new(),
            native_tests_seconds: 1.0,
            goals: vec![goal],
        };
        let text = report.markdown();
        assert!(text.contains("| size | ≤ 120 KB | 188.7 KB | **no** |"), "{text}");
        assert!(text.contains("| non-root | 108.1 | 0 [0–0] | 0.20 [0.10–0.30] |"), "{text}");
        let row = "| non-root | 200 [100–300] | 200 [100–300] | 0.200 [0.100–0.300] | 200 [100–300] | 1.00 |";
        assert!(text.contains(row), "{text}");
    }
}
