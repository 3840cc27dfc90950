//! The ends of the paths through some commands.

use crate::process::behaviour::{Behaviour, Stay, Trap};
use crate::process::model::{Part, Process, Role};
use crate::process::text::shown;

/// `Ok` where the shell may exec the command implicitly, else the reason why not.
pub(super) type ImplicitExec = Result<(), Stay>;

/// The ends of the paths through some commands.
#[derive(Default)]
pub(super) struct Path {
    /// Places where the shell becomes a program.
    pub(super) execs: u32,
    /// One of them is not written as `exec`.
    pub(super) implicit: bool,
    /// The worst of these programs.
    pub(super) becomes: Option<Process>,
    /// The last app that the shell runs as a child on a path without `exec`.
    pub(super) stay: Option<Child>,
    /// `true` if a path goes on after the commands.
    pub(super) end: End,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// Every path ends: by `exec` or `exit`.
    Never,
    /// Only when a command before `exec` fails: `a && exec app`.
    OnFailure,
    /// Some path goes on.
    #[default]
    GoesOn,
}

/// An app that runs as a child of the shell.
pub(super) struct Child {
    pub(super) why: Stay,
    pub(super) process: Process,
    pub(super) evidence: String,
    /// All that is missing is `exec`.
    pub(super) lacks_exec: bool,
    /// The evidence with `exec`, when it can be copied as it stands.
    pub(super) fix: Option<String>,
    /// The effect of a trap on the signal while the shell waits for it.
    pub(super) trap: Option<Trap>,
}

impl Path {
    /// Commands that start no app.
    pub(super) fn nothing() -> Self {
        Self::default()
    }

    pub(super) fn ends() -> Self {
        Self { end: End::Never, ..Self::default() }
    }

    /// A path on which an app is a child of the shell.
    pub(super) fn stays(why: Stay, process: Process, text: &str) -> Self {
        let child = Child { why, process, evidence: shown(text), lacks_exec: false, fix: None, trap: None };
        Self { stay: Some(child), ..Self::default() }
    }

    /// Adds the programs that another path becomes.
    fn add_execs(&mut self, other: &mut Self) {
        self.execs = self.execs.saturating_add(other.execs);
        self.implicit |= other.implicit;
        let badness = |process: &Option<Process>| process.as_ref().map_or(0, |process| badness(process.behaviour));
        if badness(&other.becomes) > badness(&self.becomes) {
            self.becomes = other.becomes.take();
        }
    }

    /// The app that these commands come to.
    fn last(&self) -> Option<&Process> {
        self.stay.as_ref().map(|child| &child.process).or(self.becomes.as_ref())
    }

    /// Goes on with the commands that follow.
    pub(super) fn then(&mut self, mut next: Self) {
        // A sleep at the end only keeps the container alive when the app has ended.
        let is_app = |part: &Part| part.kind.is_app() && part.role != Role::Daemon;
        let is_app = |child: &Child| {
            matches!(child.why, Stay::Background | Stay::ExecInBackground) || child.process.parts.iter().any(is_app)
        };
        let hides_app = next.last().is_some_and(Process::only_waits) && self.stay.as_ref().is_some_and(is_app);
        if !hides_app && (next.execs > 0 || next.stay.is_some()) {
            self.stay = next.stay.take();
        }
        self.end = next.end;
        self.add_execs(&mut next);
    }

    /// Adds another branch.
    pub(super) fn or(&mut self, mut other: Self) {
        self.stay = self.stay.take().or(other.stay.take());
        self.end = self.end.max(other.end);
        self.add_execs(&mut other);
    }
}

/// The program by which a script is judged, of several: the most significant one.
pub(super) fn badness(behaviour: Behaviour) -> u8 {
    match behaviour {
        Behaviour::Stays(_) => 9,
        Behaviour::LossyRunner => 8,
        Behaviour::Broken(_) => 7,
        Behaviour::Unknown(_) => 6,
        Behaviour::ScriptFile | Behaviour::BareShell => 5,
        Behaviour::Implicit(_) => 4,
        Behaviour::ExecMaybe | Behaviour::Trapped(_) => 3,
        Behaviour::Manager { .. } => 2,
        _ => 1,
    }
}

/// The place of a command inside another one, which matters only when the outer one allows an implicit exec, or an exec.
pub(super) fn inside(place: ImplicitExec, why: Stay) -> ImplicitExec {
    match why {
        Stay::Inverted | Stay::Called if can_exec(place) && place != Err(Stay::Unmeasured) => Err(why),
        _ => place.and(Err(why)),
    }
}

/// Returns `true` if nothing of the script is lost when a command at this place replaces the shell.
pub(super) fn can_exec(place: ImplicitExec) -> bool {
    matches!(
        place,
        Ok(()) | Err(Stay::NoExec | Stay::Unmeasured | Stay::TrailingLines | Stay::Compound | Stay::Redirected)
    )
}

/// The place of a command that others follow.
pub(super) fn not_last(place: ImplicitExec) -> ImplicitExec {
    match place {
        Ok(()) | Err(Stay::NoExec | Stay::Unmeasured | Stay::TrailingLines | Stay::Compound | Stay::Redirected) => {
            Err(Stay::NotLast)
        }
        other => other,
    }
}

/// Adds a branch to those before.
pub(super) fn join(path: &mut Option<Path>, next: Path) {
    match path {
        Some(path) => path.or(next),
        None => *path = Some(next),
    }
}
