//! The figures that the project holds itself to, and what was measured of them.

use serde::Serialize;

use crate::measure::{Extremes, LARGEST, Tally, USUAL, Worst};
use crate::project::Handwritten;
use crate::report::Figures;
use crate::spread::Spread;
use crate::subject::Role;

/// One goal.
#[derive(Debug, Serialize)]
pub(crate) struct Goal {
    /// The measured figure.
    pub(crate) figure: &'static str,
    /// The most that it may be, with its unit.
    pub(crate) limit: &'static str,
    /// The measured value, with its module.
    pub(crate) measured: String,
    /// The goal is held; `None` if nothing could be measured.
    pub(crate) held: Option<bool>,
}

/// All that the goals are judged by.
pub(crate) struct Evidence<'a> {
    pub(crate) modules: &'a [Figures],
    /// The first call of the combined module with the usual payload, by the most expensive policy alone and by the mean
    /// of all; `None` without a combined module.
    pub(crate) combined: Option<[(String, Spread); 2]>,
    pub(crate) extremes: &'a Extremes,
    pub(crate) tally: &'a Tally,
    pub(crate) handwritten: &'a [Handwritten],
    /// Seconds of the native tests.
    pub(crate) native_tests: f64,
}

const MIB: f64 = 1_048_576.0;

/// Every goal with its verdict.
pub(crate) fn judge(evidence: &Evidence<'_>) -> Vec<Goal> {
    let mut goals = Vec::from(sizes(evidence.modules));
    goals.extend(times(evidence));
    goals.extend(memory(evidence));
    goals.extend(counts(evidence.tally));
    goals.extend(project(evidence));
    goals
}

/// A goal for the largest of several values, which may be `most`; in words, `limit`.
fn most(figure: &'static str, limit: &'static str, most: f64, values: impl IntoIterator<Item = (f64, String)>) -> Goal {
    match values.into_iter().max_by(|(one, _), (other, _)| one.total_cmp(other)) {
        Some((value, measured)) => Goal { figure, limit, measured, held: Some(value <= most) },
        None => Goal { figure, limit, measured: "not measured".to_owned(), held: None },
    }
}

fn sizes(modules: &[Figures]) -> [Goal; 3] {
    let of = |wanted: &dyn Fn(&Figures) -> bool| -> Vec<_> {
        let kb = |module: &Figures| {
            (thousands(module.bytes), format!("{:.1} KB ({})", thousands(module.bytes), module.name))
        };
        modules.iter().filter(|module| wanted(module)).map(kb).collect()
    };
    let is_process = |module: &Figures| module.category.as_deref() == Some("Processes");
    let simple = of(&|module| module.role == Role::Policy && !is_process(module));
    let process = of(&|module| module.role == Role::Policy && is_process(module));
    let combined = of(&|module| module.role == Role::Combined);
    [
        most("size of a module: images, security contexts", "≤ 120 KB", 120.0, simple),
        most("size of a module: processes", "≤ 200 KB", 200.0, process),
        most("size of the combined module", "≤ 350 KB", 350.0, combined),
    ]
}

fn times(evidence: &Evidence<'_>) -> Vec<Goal> {
    let modules = evidence.modules;
    let named = |module: &Figures, spread: Spread| (spread.median, format!("{spread} ({})", module.name));
    let calls = modules.iter().filter(|module| module.role == Role::Policy).filter_map(|module| {
        let usual = module.payloads.iter().find(|payload| payload.payload == USUAL)?;
        Some(named(module, usual.first_ratio))
    });
    let compile = |role: Role| {
        modules.iter().filter(move |module| module.role == role).map(|module| named(module, module.compile_ratio))
    };
    let mut goals = vec![most("first call, 8 KB Deployment, by the conventional module", "≤ 0.25", 0.25, calls)];
    let ratio = |index: usize| {
        let ratio = evidence.combined.as_ref().and_then(|ratios| ratios.get(index));
        ratio.map(|(than, spread)| (spread.median, format!("{spread} ({than})"))).into_iter()
    };
    goals.push(most("combined module by the most expensive policy alone, 8 KB", "≤ 1.6", 1.6, ratio(0)));
    goals.push(most("combined module by the mean of the policies, 8 KB", "≤ 1.6", 1.6, ratio(1)));
    goals.push(most("compile time by the conventional module", "≤ 0.2", 0.2, compile(Role::Policy)));
    goals.push(most("compile time of the combined module by it", "≤ 0.2", 0.2, compile(Role::Combined)));
    let Extremes { time, growth, .. } = evidence.extremes;
    let worst = |worst: &Option<Worst<f64>>, unit: &str, digits: usize| {
        let text = |worst: &Worst<f64>| {
            (worst.value, format!("{:.digits$}{unit} ({}: {})", worst.value, worst.module, worst.payload))
        };
        worst.as_ref().map(text).into_iter()
    };
    goals.push(most("worst payload of 2 MiB", "≤ 100 ms", 100.0, worst(time, " ms", 1)));
    goals.push(most("its time by that of half of it, time(2n)/time(n)", "≤ 2.3", 2.3, worst(growth, "", 2)));
    goals
}

fn memory(evidence: &Evidence<'_>) -> [Goal; 2] {
    let used = |bytes: usize, what: &str| (mib(bytes), format!("{:.2} MiB ({what})", mib(bytes)));
    let with = |payload: &'static str| {
        evidence.modules.iter().filter(|module| matches!(module.role, Role::Policy | Role::Combined)).filter_map(
            move |module| {
                let figures = module.payloads.iter().find(|figures| figures.payload == payload)?;
                Some(used(figures.memory_bytes, &module.name))
            },
        )
    };
    let worst = evidence.extremes.memory.as_ref();
    let worst = worst.map(|worst| used(worst.value, &format!("{}: {}", worst.module, worst.payload)));
    [
        most("memory of an instance, 8 KB", "≤ 4 MiB", 4.0, with(USUAL)),
        most("memory of an instance, 2 MiB", "≤ 24 MiB", 24.0, with(LARGEST).chain(worst)),
    ]
}

fn counts(tally: &Tally) -> [Goal; 3] {
    let Tally { calls, traps, differing, truncated, accepted } = tally;
    let count = |count: usize, measured: String| std::iter::once((thousands(count), measured));
    [
        most("truncated requests that are accepted", "0", 0.0, count(*accepted, format!("{accepted} of {truncated}"))),
        most("calls without an answer", "0", 0.0, count(*traps, format!("{traps} of {calls}"))),
        most("answers that change from run to run", "0", 0.0, count(*differing, format!("{differing} of {calls}"))),
    ]
}

fn project(evidence: &Evidence<'_>) -> [Goal; 3] {
    let all = evidence.handwritten;
    let lines = |of: fn(&Handwritten) -> usize| {
        let least = all.iter().min_by_key(|policy| of(policy));
        let least = least.map(|least| format!("; least: {}, {}", of(least), least.policy)).unwrap_or_default();
        let measured = move |policy: &Handwritten| format!("{} ({}{least})", of(policy), policy.policy);
        all.iter().map(move |policy| (thousands(of(policy)) * 1e3, measured(policy))).collect::<Vec<_>>()
    };
    let seconds = evidence.native_tests;
    let tests = std::iter::once((seconds, format!("{seconds:.1} s")));
    [
        most("lines of a policy's src/lib.rs without docs", "≤ 80", 80.0, lines(|policy| policy.rule)),
        most("lines of any file of a policy without docs", "≤ 150", 150.0, lines(|policy| policy.longest)),
        most("`cargo test` of shared and the policies, warm", "≤ 15 s", 15.0, tests),
    ]
}

/// A number in thousands: bytes in KB.
pub(crate) fn thousands(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from) / 1e3
}

/// Bytes in MiB.
pub(crate) fn mib(bytes: usize) -> f64 {
    thousands(bytes) * 1e3 / MIB
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_held_when_the_largest_value_is_within_it() {
        let values = [(1.0, "a".to_owned()), (3.0, "b".to_owned()), (2.0, "c".to_owned())];
        let goal = |limit| most("figure", "limit", limit, values.clone());
        assert_eq!((goal(3.0).held, goal(3.0).measured.as_str()), (Some(true), "b"));
        assert_eq!(goal(2.9).held, Some(false));
        assert_eq!(most("figure", "limit", 1.0, []).held, None);
    }

    #[test]
    fn one_trap_breaks_a_goal() {
        let held = |tally: &Tally| counts(tally).iter().all(|goal| goal.held == Some(true));
        assert!(held(&Tally { calls: 9, ..Tally::default() }));
        assert!(!held(&Tally { calls: 9, traps: 1, ..Tally::default() }));
        assert!(!held(&Tally { calls: 9, differing: 1, ..Tally::default() }));
        assert!(!held(&Tally { calls: 9, accepted: 1, ..Tally::default() }));
    }

    #[test]
    fn sizes_are_in_their_units() {
        assert!((thousands(120_000) - 120.0).abs() < f64::EPSILON);
        assert!((mib(4 << 20) - 4.0).abs() < 1e-9);
    }
}
