//! Fuzzing: random inputs for the native code, and what they lead to for the modules.

use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use crate::cargo::Cargo;
use crate::outcome::{Fault, exit_code};

/// The fuzz targets, each with the longest input in bytes; the library `fuzz` describes them.
const TARGETS: [(&str, u32); 5] =
    [("image", 512), ("payload", 1024), ("request", 96), ("settings", 1024), ("shell", 512)];

/// The toolchain that can instrument code for libFuzzer.
const TOOLCHAIN: &str = "nightly";

/// The arguments of `cargo xtask fuzz`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Job {
    /// Fuzz these targets, each until the limit, which is a flag of libFuzzer.
    Fuzz {
        /// The names of the targets.
        targets: Vec<String>,
        /// The limit.
        limit: String,
    },
    /// Make this many calls of the built modules with the corpora.
    Replay(u64),
}

impl Job {
    /// Reads the arguments.
    ///
    /// # Errors
    ///
    /// Says what is wrong with them.
    pub(crate) fn read(arguments: &[String]) -> Result<Self, String> {
        let mut limit = "-max_total_time=60".to_owned();
        let mut replay = None;
        let mut targets = Vec::new();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut number = || {
                let number =
                    arguments.next().and_then(|number| number.parse::<u64>().ok()).filter(|number| *number > 0);
                number.ok_or_else(|| format!("`fuzz {argument}` takes a number"))
            };
            match argument.as_str() {
                "--seconds" => limit = format!("-max_total_time={}", number()?),
                "--runs" => limit = format!("-runs={}", number()?),
                "--replay" => replay = Some(number()?),
                name if TARGETS.iter().any(|(target, _)| *target == name) => targets.push(name.to_owned()),
                unknown => {
                    let known = TARGETS.map(|(target, _)| target).join(", ");
                    return Err(format!("there is no target `{unknown}` to fuzz; there are {known}"));
                }
            }
        }
        if targets.is_empty() {
            targets = TARGETS.map(|(target, _)| target.to_owned()).to_vec();
        }
        Ok(replay.map_or(Job::Fuzz { targets, limit }, Job::Replay))
    }

    /// Does it.
    ///
    /// # Errors
    ///
    /// A tool is missing, a law is broken, or a module answers differently from the native code.
    pub(crate) fn run(&self, cargo: &Cargo) -> Result<ExitCode, Fault> {
        match self {
            // A million calls take minutes in an engine that is built for speed, and hours in another.
            Job::Replay(calls) => corpus(cargo, "host", &["replay", &directory(cargo, "corpus"), &calls.to_string()]),
            Job::Fuzz { targets, limit } => {
                require_tools()?;
                let seeded = corpus(cargo, "dev", &["seeds", &directory(cargo, "corpus")])?;
                if seeded != ExitCode::SUCCESS {
                    return Ok(seeded);
                }
                let crashed = targets
                    .iter()
                    .filter_map(|target| fuzz(cargo, target, limit).transpose())
                    .collect::<Result<Vec<_>, Fault>>()?;
                if crashed.is_empty() {
                    return Ok(ExitCode::SUCCESS);
                }
                Err(crashed.join("\n").into())
            }
        }
    }
}

/// A directory for what fuzzing makes, none of which is committed.
fn directory(cargo: &Cargo, name: &str) -> String {
    cargo.workspace().join("target/fuzz").join(name).display().to_string()
}

/// Fails with what to do when a tool is missing.
fn require_tools() -> Result<(), Fault> {
    let runs = |arguments: &[&str]| {
        let status = Command::new("rustup").args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    if !runs(&["run", TOOLCHAIN, "rustc", "--version"]) {
        return Err(format!(
            "fuzzing needs a {TOOLCHAIN} toolchain: `rustup toolchain install {TOOLCHAIN} --profile minimal`"
        )
        .into());
    }
    if !runs(&["run", TOOLCHAIN, "cargo", "fuzz", "--version"]) {
        return Err("fuzzing needs cargo-fuzz: `cargo install --locked cargo-fuzz`".into());
    }
    Ok(())
}

/// Runs the program that writes and replays corpora.
fn corpus(cargo: &Cargo, profile: &str, arguments: &[&str]) -> Result<ExitCode, Fault> {
    let mut command = cargo.command("run");
    command.args(["--quiet", "--locked", "--profile", profile, "--package", "fuzz", "--example", "corpus", "--"]);
    Ok(exit_code(command.args(arguments).status()?))
}

/// Fuzzes a target and minimises its corpus. Says what to do about a crash, if there was one.
fn fuzz(cargo: &Cargo, target: &str, limit: &str) -> Result<Option<String>, Fault> {
    let max_len = TARGETS.iter().find(|(name, _)| *name == target).map_or(512, |(_, max_len)| *max_len);
    let corpus = directory(cargo, &format!("corpus/{target}"));
    let crashes = PathBuf::from(directory(cargo, &format!("crashes/{target}")));
    std::fs::create_dir_all(&crashes)?;
    // No sanitizer, because the code has no `unsafe`; no trace of comparisons, because the seeds hold what is compared
    // with. Each makes it twice as fast.
    let command = |subcommand: &str| {
        let mut command = Command::new("rustup");
        command.current_dir(cargo.workspace()).args(["run", TOOLCHAIN, "cargo", "fuzz", subcommand]);
        command.args(["--fuzz-dir", "tests/fuzz/targets", "--sanitizer", "none", "--no-trace-compares"]);
        command.args(["--target-dir", &directory(cargo, "build"), target, &corpus]);
        command
    };
    let artifacts = format!("-artifact_prefix={}/", crashes.display());
    let status = command("run")
        .args(["--", limit, &artifacts, &format!("-max_len={max_len}"), "-timeout=5", "-print_final_stats=1"])
        .status()?;
    if !status.success() {
        return Ok(Some(format!(
            "{target}: a law is broken: the output above names it, the input is the newest file in {}\n  \
             again:  rustup run {TOOLCHAIN} cargo fuzz run --fuzz-dir tests/fuzz/targets -s none {target} <file>\n  \
             mend:   write the input as a case in shared/testing/cases (`payload` takes any text), see it fail, fix it",
            crashes.display()
        )));
    }
    let status = command("cmin").status()?;
    if status.success() { Ok(None) } else { Err(format!("the corpus of {target} could not be minimised").into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Job, String> {
        Job::read(&arguments.iter().map(|argument| (*argument).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn every_target_is_fuzzed_for_a_minute_unless_told_otherwise() {
        let Ok(Job::Fuzz { targets, limit }) = read(&[]) else { panic!() };
        assert_eq!((targets.len(), limit.as_str()), (TARGETS.len(), "-max_total_time=60"));
        let limit = |limit: &str| Ok(Job::Fuzz { targets: vec!["shell".to_owned()], limit: limit.to_owned() });
        assert_eq!(read(&["--seconds", "5", "shell"]), limit("-max_total_time=5"));
        assert_eq!(read(&["shell", "--runs", "100"]), limit("-runs=100"));
        assert_eq!(read(&["--replay", "1000"]), Ok(Job::Replay(1000)));
    }

    #[test]
    fn a_wrong_argument_is_named() {
        assert_eq!(read(&["--seconds"]), Err("`fuzz --seconds` takes a number".to_owned()));
        assert_eq!(read(&["--runs", "0"]), Err("`fuzz --runs` takes a number".to_owned()));
        let known = "there are image, payload, request, settings, shell";
        assert_eq!(read(&["nose"]), Err(format!("there is no target `nose` to fuzz; {known}")));
    }

    #[test]
    fn every_program_is_a_target() {
        let manifest = std::fs::read_to_string(Cargo::new().workspace().join("tests/fuzz/targets/Cargo.toml")).unwrap();
        let programs = manifest.lines().filter_map(|line| line.strip_prefix("path = \"")?.strip_suffix(".rs\""));
        assert_eq!(programs.collect::<Vec<_>>(), TARGETS.map(|(target, _)| target));
    }
}
