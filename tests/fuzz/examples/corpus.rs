//! The inputs of fuzzing: `corpus seeds DIRECTORY` writes those that it begins with, `corpus replay DIRECTORY CALLS`
//! compares what the built modules and the native code say of those that it ended with. `cargo xtask fuzz` calls both.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command talks to its user")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use fuzz::{Call, TARGETS, Target};
use shared::calls::Guest;

/// An error: a text with the fix.
type Fault = Box<dyn std::error::Error>;

/// The interval of progress messages.
const TELL: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["seeds", directory] => write_seeds(Path::new(directory)),
        ["replay", directory, calls] => match calls.parse() {
            Ok(calls) => replay(Path::new(directory), calls),
            Err(_) => Err(format!("{calls} is not a number of calls").into()),
        },
        _ => Err("usage: corpus seeds DIRECTORY | corpus replay DIRECTORY CALLS".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("error: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Writes the seeds of each target to a directory of its name.
fn write_seeds(directory: &Path) -> Result<(), Fault> {
    for (target, inputs) in fuzz::seeds(workspace())? {
        let directory = directory.join(target);
        fs::create_dir_all(&directory)?;
        for (index, input) in inputs.iter().enumerate() {
            fs::write(directory.join(format!("seed-{index}")), input)?;
        }
        println!("{target}: {} seeds", inputs.len());
    }
    Ok(())
}

/// A module, natively and as built.
struct Pair {
    native: Guest<'static>,
    built: host::Module,
}

/// Makes this many calls of the built modules with the inputs in `directory`, then with mutations of them that are
/// always the same.
fn replay(directory: &Path, calls: u64) -> Result<(), Fault> {
    let mut pairs = Vec::new();
    for native in fuzz::modules() {
        let file = workspace().join("dist").join(format!("{}.wasm", native.name));
        let built = host::Module::from_file(&file)
            .map_err(|error| format!("{error}; `cargo xtask build` builds the modules"))?;
        pairs.push(Pair { native, built });
    }
    let corpora = corpora(directory)?;
    let mut made: BTreeMap<&str, u64> = BTreeMap::new();
    let mut told = Instant::now();
    let total = |made: &BTreeMap<&str, u64>| made.values().fold(0, |sum: u64, calls| sum.saturating_add(*calls));
    for round in 0_u64.. {
        for (target, path, input) in &corpora {
            let input = mutated(input, round);
            for call in target.calls(&input) {
                for pair in &pairs {
                    compare(pair, &call).map_err(|problem| report(directory, &call, path, round, &problem))?;
                    let made = made.entry(target.name).or_default();
                    *made = made.saturating_add(1);
                }
            }
            if total(&made) >= calls {
                let inputs = corpora.len();
                println!(
                    "{} calls in {} rounds over {inputs} inputs, all as natively: {made:?}",
                    total(&made),
                    round.saturating_add(1)
                );
                return Ok(());
            }
            if told.elapsed() >= TELL {
                eprintln!("{} of {calls} calls", total(&made));
                told = Instant::now();
            }
        }
    }
    Ok(())
}

/// Every input of every target, with its file.
fn corpora(directory: &Path) -> Result<Vec<(Target, PathBuf, Vec<u8>)>, Fault> {
    let mut corpora = Vec::new();
    for target in TARGETS {
        let directory = directory.join(target.name);
        let entries = fs::read_dir(&directory)
            .map_err(|error| format!("{}: {error}; `cargo xtask fuzz` makes the corpora", directory.display()))?;
        let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, std::io::Error>>()?;
        files.sort();
        for file in files {
            let input = fs::read(&file)?;
            corpora.push((target, file, input));
        }
    }
    // Without a call there would be no end.
    if corpora.iter().all(|(target, _, input)| target.calls(input).is_empty()) {
        return Err(format!("{} holds no input", directory.display()).into());
    }
    Ok(corpora)
}

/// The input as it is in the first round, then with a few bytes changed.
fn mutated(input: &[u8], round: u64) -> Vec<u8> {
    let mut input = input.to_vec();
    if round == 0 || input.is_empty() {
        return input;
    }
    let len = u64::try_from(input.len()).unwrap_or(u64::MAX);
    let random = fuzz::random_bytes(round.wrapping_mul(len), 32);
    for change in random.chunks_exact(8) {
        let &[place, place_high, from, from_high, how, byte, ..] = change else { continue };
        let at = |low: u8, high: u8| usize::from(u16::from_le_bytes([low, high])).checked_rem(input.len()).unwrap_or(0);
        let (place, from) = (at(place, place_high), at(from, from_high));
        let copied = input.get(from).copied().unwrap_or(byte);
        let Some(target) = input.get_mut(place) else { continue };
        *target = match how.checked_rem(4) {
            Some(0) => byte,
            Some(1) => *target ^ (byte & 1),
            _ => copied,
        };
    }
    input
}

/// Checks that the module answers as the native code does. An expression that is too large natively may be none in a module,
/// where addresses are half as long.
fn compare(Pair { native, built }: &Pair, call: &Call) -> Result<(), String> {
    let expected = match call.operation {
        "validate" => native.validate(&call.payload),
        _ => native.validate_settings(&call.payload),
    };
    let found = built.call(call.operation, &call.payload).map_err(|error| format!("{}: {error}", native.name))?;
    if found == expected || has_too_large_expression(native, call) {
        return Ok(());
    }
    let text = |answer: &[u8]| String::from_utf8_lossy(answer).into_owned();
    Err(format!("{}:\n  natively {}\n  as built {}", native.name, text(&expected), text(&found)))
}

/// Returns `true` if the settings of the call have an expression that takes more memory, natively, than it may.
fn has_too_large_expression(native: &Guest<'_>, call: &Call) -> bool {
    let settings = match call.operation {
        "validate" => {
            let payload = serde_json::from_slice::<serde_json::Value>(&call.payload).unwrap_or_default();
            payload.get("settings").map(|settings| settings.to_string().into_bytes()).unwrap_or_default()
        }
        _ => call.payload.clone(),
    };
    String::from_utf8_lossy(&native.validate_settings(&settings)).contains("exceeded size limit")
}

/// Keeps the payload of a call that went wrong, and says where it is.
fn report(directory: &Path, call: &Call, path: &Path, round: u64, problem: &str) -> String {
    let file = directory.join("replay-failure");
    let kept = match fs::write(&file, &call.payload) {
        Ok(()) => file.display().to_string(),
        Err(error) => format!("not kept: {error}"),
    };
    format!(
        "{problem}\n  operation {}, payload {kept}\n  made from {} in round {round}",
        call.operation,
        path.display()
    )
}
