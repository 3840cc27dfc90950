//! Follows every path through a shell script to the app it ends in, and decides whether the
//! shell becomes that app or stays its parent.

mod actions;
mod builtins;
mod commands;
mod path;
mod summary;
mod traps;
mod walk;
mod words;

use crate::process::argv::Arg;
use crate::process::behaviour::{Behaviour, Broken, Stay, Trap, Unknown};
use crate::process::dialect::Shell;
use crate::process::model::{Process, Role};
use crate::process::program::Classifier;
use crate::process::text::shown;
use crate::shell::{Opaque, parse};
use path::{Child, End, Path};
use walk::{BYTES_A_STEP, State, Walk};

impl Classifier<'_> {
    /// Judges the script of `sh -c`.
    pub(in crate::process) fn script(
        &mut self,
        text: &str,
        dialect: Option<Shell>,
        (errexit, positional): (bool, &[Arg<'_>]),
        depth: u32,
    ) -> Process {
        if !self.step(text.len() / BYTES_A_STEP) {
            return Process::of_unknown(Unknown::TooBig);
        }
        let script = match parse(text) {
            Ok(script) => script,
            Err(Opaque::TooBig) => return Process::of_unknown(Unknown::TooBig),
            Err(Opaque::Syntax) => return Process::of_unknown(Unknown::Syntax),
        };
        let mut walk = Walk {
            classifier: self,
            dialect,
            positional: positional.get(1..).unwrap_or_default(),
            depth,
            calls: 0,
            functions: Vec::new(),
            summarised: Vec::new(),
            state: State { errexit, ..State::default() },
        };
        let path = walk.script(&script);
        let state = walk.state;
        conclude(path, state, dialect)
    }
}

fn conclude(path: Path, state: State, dialect: Option<Shell>) -> Process {
    let has_jobs = state.parts.iter().any(|part| matches!(part.role, Role::Background | Role::Daemon));
    // Apps that get no signal from a command that only waits.
    let runs_beside =
        state.parts.iter().any(|part| matches!(part.role, Role::Background | Role::Daemon) && part.kind.is_app());
    let idle = || {
        let behaviour = Behaviour::Stays(Stay::Idle);
        Process { evidence: shown(&state.background), ..Process::bare(behaviour) }
    };
    let mut process = if let Some(reason) = state.lost {
        Process::of_unknown(reason)
    } else if let Some(child) = path.stay {
        if child.trap.is_none() && child.why != Stay::TrapInForeground && runs_beside && child.process.only_waits() {
            return Process { parts: state.parts.clone(), ..idle() };
        }
        let behaviour = match child.process.behaviour {
            // The job itself loses the signal.
            lossy @ (Behaviour::LossyRunner | Behaviour::Stays(_)) if child.trap == Some(Trap::GOOD) => lossy,
            _ if child.trap.is_some() => child.trap.map_or(Behaviour::Brief, Behaviour::Trapped),
            Behaviour::KeepAlive if !runs_beside && child.why != Stay::TrapInSleep => Behaviour::KeepAlive,
            Behaviour::Unknown(Unknown::Opaque) if !is_structural(child.why) => Behaviour::Unknown(Unknown::Opaque),
            Behaviour::Unknown(Unknown::Sourced) => Behaviour::Unknown(Unknown::Sourced),
            _ if child.why == Stay::Unmeasured => Behaviour::Unknown(Unknown::Shell),
            _ => Behaviour::Stays(child.why),
        };
        let Child { process: Process { program, .. }, evidence, lacks_exec, fix, .. } = child;
        Process { program, evidence, lacks_exec, fix, ..Process::bare(behaviour) }
    } else if path.becomes.as_ref().is_some_and(|process| runs_beside && process.only_waits()) {
        idle()
    } else if let Some(mut process) = path.becomes {
        let is_app = process.behaviour.is_app();
        if is_app && path.implicit {
            process.behaviour = dialect.map_or(Behaviour::Unknown(Unknown::Shell), Behaviour::Implicit);
        } else if is_app && path.end == End::GoesOn {
            process.behaviour = Behaviour::ExecMaybe;
        } else if is_app {
            process.behaviour = if path.execs > 1 { Behaviour::ExecAlways } else { Behaviour::ExecTail };
        }
        process
    } else if has_jobs {
        let behaviour = Behaviour::Broken(Broken::OnlyBackground);
        Process { evidence: shown(&state.background), ..Process::bare(behaviour) }
    } else {
        Process::bare(Behaviour::Brief)
    };
    process.parts = state.parts;
    process
}

/// Returns `true` if the shell stays for this reason whatever the command turns out to be.
fn is_structural(why: Stay) -> bool {
    matches!(why, Stay::Pipeline | Stay::ExecInPipeline | Stay::Background | Stay::ExecInBackground | Stay::Loop)
}
