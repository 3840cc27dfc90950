//! The measurements: each round runs every module once, so that a busy moment of the machine touches all alike.

use std::time::{Duration, Instant};

use host::Response;
use payloads::Practices;
use serde::Serialize;

use crate::spread::Spread;
use crate::subject::Subject;

/// The extent of the measurements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    /// The time for which rounds are repeated for a payload.
    pub(crate) time: Duration,
    /// The rounds at least.
    pub(crate) least: usize,
    /// The rounds at most.
    pub(crate) most: usize,
}

impl Effort {
    /// For figures to compare.
    pub(crate) const FULL: Self = Self { time: Duration::from_secs(10), least: 9, most: 500 };
    /// For a first look.
    pub(crate) const QUICK: Self = Self { time: Duration::from_secs(1), least: 3, most: 50 };

    /// Runs `round` with its number as long and as often as this asks for.
    fn rounds(self, mut round: impl FnMut(usize) -> Result<(), String>) -> Result<(), String> {
        let begin = Instant::now();
        for number in 0..self.most {
            if number >= self.least && begin.elapsed() > self.time {
                break;
            }
            round(number)?;
        }
        Ok(())
    }
}

/// A payload under measurement.
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) payload: Vec<u8>,
    /// Every policy accepts it without a word.
    is_clean: bool,
}

/// The payload that the goals speak of.
pub(crate) const USUAL: &str = "8 KB";

/// The largest payload.
pub(crate) const LARGEST: &str = "2 MiB";

/// The payloads, from the smallest to the largest. The UPDATE breaks every policy before and after, so that the old
/// object has to be read; all others break none.
pub(crate) fn workloads() -> Vec<Workload> {
    let kept = |size| payloads::create(&payloads::deployment(size, Practices::Kept));
    let broken = payloads::deployment(7_300, Practices::Broken);
    vec![
        Workload { name: "0.7 KB", payload: payloads::create(&payloads::pod()), is_clean: true },
        Workload { name: USUAL, payload: kept(7_400), is_clean: true },
        Workload { name: "16 KB UPDATE", payload: payloads::update(&broken, &broken), is_clean: false },
        Workload { name: "400 KB", payload: kept(399_000), is_clean: true },
        Workload { name: LARGEST, payload: kept((2 << 20) - 1_000), is_clean: true },
    ]
}

/// The measurements of a module with one payload; times in milliseconds, one per round.
pub(crate) struct Series {
    pub(crate) instantiate: Vec<f64>,
    pub(crate) first: Vec<f64>,
    pub(crate) warm: Vec<f64>,
    /// The peak of the linear memory, in bytes.
    pub(crate) memory: usize,
}

/// Compiles every module in turn; the times in milliseconds, a list for each module.
pub(crate) fn compile(subjects: &[Subject], effort: Effort) -> Result<Vec<Vec<f64>>, String> {
    let mut times = vec![Vec::new(); subjects.len()];
    effort.rounds(|_| {
        for (subject, times) in subjects.iter().zip(&mut times) {
            times.push(subject.compile()?);
        }
        Ok(())
    })?;
    Ok(times)
}

/// Lets every module in turn judge a payload.
pub(crate) fn judge(
    subjects: &[Subject],
    workload: &Workload,
    effort: Effort,
    tally: &mut Tally,
) -> Result<Vec<Series>, String> {
    let mut answers = Vec::new();
    let mut series = Vec::new();
    for subject in subjects {
        let answer = subject.judge(&workload.payload)?.answer;
        if workload.is_clean {
            require_acceptance(subject, workload, &answer)?;
        }
        answers.push(answer);
        let memory = subject.memory(&workload.payload, 0);
        series.push(Series { instantiate: Vec::new(), first: Vec::new(), warm: Vec::new(), memory });
    }
    effort.rounds(|number| {
        // Each round begins with another module, so that none always follows the same.
        for offset in 0..subjects.len() {
            let index = number.wrapping_add(offset).checked_rem(subjects.len()).unwrap_or_default();
            let (Some(subject), Some(answer), Some(series)) =
                (subjects.get(index), answers.get(index), series.get_mut(index))
            else {
                continue;
            };
            let timing = subject.judge(&workload.payload)?;
            series.instantiate.push(timing.instantiate);
            series.first.push(timing.first);
            series.warm.push(timing.warm);
            if subject.is_ours() {
                tally.compare(&timing.answer, answer);
            }
        }
        Ok(())
    })?;
    Ok(series)
}

/// A module that rejects what it should accept does not do the work that is measured.
fn require_acceptance(subject: &Subject, workload: &Workload, answer: &[u8]) -> Result<(), String> {
    let response: Response = serde_json::from_slice(answer).map_err(|error| format!("{}: {error}", subject.name))?;
    if response.accepted && response.warnings.is_empty() {
        return Ok(());
    }
    let said = response.message.into_iter().chain(response.warnings).collect::<Vec<_>>().join("\n");
    Err(format!("{} does not accept the payload {}: {said}", subject.name, workload.name))
}

/// Events that must never happen, counted over all calls of our modules.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Tally {
    /// Calls that were made.
    pub(crate) calls: usize,
    /// Calls without an answer.
    pub(crate) traps: usize,
    /// Answers that differ from the first to the same payload.
    pub(crate) differing: usize,
    /// Truncated payloads that were tried.
    pub(crate) truncated: usize,
    /// Truncated payloads that were accepted.
    pub(crate) accepted: usize,
}

impl Tally {
    fn compare(&mut self, answer: &[u8], expected: &[u8]) {
        self.calls = self.calls.saturating_add(1);
        self.differing = self.differing.saturating_add(usize::from(answer != expected));
    }

    /// Cuts a payload short in many places; nothing of that may be accepted.
    pub(crate) fn truncate(&mut self, subjects: &[Subject], payload: &[u8]) {
        let step = payload.len().div_euclid(150).max(1);
        for end in (0..payload.len()).step_by(step) {
            for subject in subjects.iter().filter(|subject| subject.is_ours()) {
                let answer = subject.module.validate(payload.get(..end).unwrap_or_default());
                self.calls = self.calls.saturating_add(1);
                self.truncated = self.truncated.saturating_add(1);
                match answer {
                    Ok(response) => self.accepted = self.accepted.saturating_add(usize::from(response.accepted)),
                    Err(_) => self.traps = self.traps.saturating_add(1),
                }
            }
        }
    }
}

/// The most that something took, and where.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Worst<T> {
    pub(crate) value: T,
    pub(crate) module: String,
    pub(crate) payload: &'static str,
}

impl<T: PartialOrd> Worst<T> {
    fn keep(worst: &mut Option<Self>, value: T, module: &str, payload: &'static str) {
        if worst.as_ref().is_none_or(|worst| value > worst.value) {
            *worst = Some(Self { value, module: module.to_owned(), payload });
        }
    }
}

/// The strangest payloads of 2 MiB: the longest first call in milliseconds, the most that twice the payload
/// multiplies it by, and the most linear memory in bytes. `None` when there is no module.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Extremes {
    pub(crate) time: Option<Worst<f64>>,
    pub(crate) growth: Option<Worst<f64>>,
    pub(crate) memory: Option<Worst<usize>>,
}

/// The rounds for a strange payload, of which there are many. With fewer, noise makes the worst of them.
const STRANGE_ROUNDS: usize = 9;

/// Lets our modules judge payloads of 2 MiB in every shape, and their halves.
pub(crate) fn extremes(subjects: &[Subject], tally: &mut Tally) -> Result<Extremes, String> {
    let mut extremes = Extremes::default();
    for ((shape, half), (_, whole)) in shapes(1 << 20).into_iter().zip(shapes(2 << 20)) {
        for subject in subjects.iter().filter(|subject| subject.is_ours()) {
            let Ok(expected) = subject.judge(&whole).map(|timing| timing.answer) else {
                tally.calls = tally.calls.saturating_add(1);
                tally.traps = tally.traps.saturating_add(1);
                continue;
            };
            let [mut halves, mut wholes] = [Vec::new(), Vec::new()];
            for _ in 0..STRANGE_ROUNDS {
                halves.push(subject.judge(&half)?.first);
                let timing = subject.judge(&whole)?;
                wholes.push(timing.first);
                tally.compare(&timing.answer, &expected);
            }
            Worst::keep(&mut extremes.time, Spread::of(&wholes).median, &subject.name, shape);
            // Of each the fastest call: the rest is noise, of which the worst of so many ratios would be the worst.
            Worst::keep(&mut extremes.growth, least(&wholes) / least(&halves), &subject.name, shape);
            let least = extremes.memory.as_ref().map_or(0, |worst| worst.value);
            Worst::keep(&mut extremes.memory, subject.memory(&whole, least), &subject.name, shape);
        }
    }
    Ok(extremes)
}

fn least(times: &[f64]) -> f64 {
    times.iter().copied().fold(f64::INFINITY, f64::min)
}

/// The strange payloads, and two of an API server: one that breaks no policy, one that breaks each all along.
fn shapes(size: usize) -> Vec<(&'static str, Vec<u8>)> {
    let mut shapes = payloads::strange::shapes(size);
    shapes.push(("a Deployment", payloads::create(&payloads::deployment(size, Practices::Kept))));
    let broken = payloads::deployment(size.div_euclid(2), Practices::Broken);
    shapes.push(("an UPDATE that breaks all", payloads::update(&broken, &broken)));
    shapes
}
