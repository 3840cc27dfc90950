//! Which process of a container becomes PID 1, whether signals reach the app, and how many apps it starts.
//!
//! [`Argv::compose`] gives the argument vector that a runtime starts and [`classify`] judges it from names and shell
//! syntax alone. A claim is made only where the manifest proves it; everything else is [`Class::Unknown`].

mod argv;
mod names;
mod program;
mod script;

pub use argv::{Arg, Argv, Env, MAX_ARGUMENTS, MAX_EXPANDED_BYTES};
pub use names::Shell;

use std::cell::Cell;

/// The longest evidence and fix, in characters.
pub const MAX_EVIDENCE: usize = 60;
/// The most parts that a [`Process`] lists.
pub const MAX_PARTS: usize = 64;

/// How many commands and arguments are looked at in all. A function that calls others twice each would else take time
/// without bound.
pub const MAX_STEPS: usize = 40_000;

/// What the classifier cannot read from an argument vector.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// What `sh` is in the image.
    pub shell: Shell,
    /// Names of further inits, compared with the last path component. Their options end at the first argument that
    /// does not start with `-`, or behind `--`.
    pub init_binaries: &'a [String],
    /// What is left of [`MAX_STEPS`] for several commands together; each has its own when this is absent.
    pub steps: Option<&'a Cell<usize>>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { shell: Shell::Dash, init_binaries: &[], steps: None }
    }
}

/// What a container runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// How the app relates to PID 1.
    pub class: Class,
    /// The last path component of the program that the class is about: the app, the runner or the manager. For a shell
    /// that stays it is the app behind it. Empty when it is not known.
    pub program: String,
    /// The first process in front of the class that passes signals on, such as `tini`.
    pub init: Option<Init>,
    /// Programs that became the next one, such as `env` or `gosu`, in their order.
    pub prefixes: Vec<String>,
    /// The judged fragment of the command, one line of at most [`MAX_EVIDENCE`] characters.
    pub evidence: String,
    /// The fragment with `exec` where it belongs, when that is all there is to do; at most [`MAX_EVIDENCE`]
    /// characters.
    pub fix: Option<String>,
    /// The programs that the command starts, in their order; at most [`MAX_PARTS`].
    pub parts: Vec<Part>,
}

/// How the app relates to PID 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A program is started directly.
    Direct,
    /// A runner becomes the app or passes its signals: `poetry run`, `uv run`.
    Transparent,
    /// A program that stays, forwards signals and ends with its child: `timeout`.
    ForkForward,
    /// A shell ends in `exec` on every path; there are several.
    ExecAlways,
    /// The last command of a shell is `exec`.
    ExecTail,
    /// A shell runs `exec` on some paths and no app on the others.
    ExecMaybe,
    /// A shell of this dialect runs its last command in place of itself without `exec`.
    Implicit(Shell),
    /// A shell stays, but handles SIGTERM by a trap.
    StaysTrapped,
    /// A shell stays PID 1 in front of the app.
    Stays(Stay),
    /// Nothing but a long sleep.
    KeepAlive,
    /// A shell runs built-in commands and ends.
    Brief,
    /// A runner that loses signals on their way to its child: `npm start`.
    LossyRunner,
    /// A service manager.
    Manager {
        /// It refuses to run unless it is PID 1.
        needs_pid1: bool,
        /// It passes signals and reaps zombies as PID 1.
        is_init: bool,
    },
    /// A script file, whose text is not in the manifest.
    ScriptFile,
    /// A shell that reads its commands from standard input.
    BareShell,
    /// A Windows command.
    Windows,
    /// A command that cannot work.
    Broken(Broken),
    /// The manifest does not tell.
    Unknown(Unknown),
}

/// Why a shell stays in front of the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stay {
    /// There is no `exec`, and this shell never adds one.
    NoExec,
    /// Another command follows.
    NotLast,
    /// The command is in a compound command.
    Compound,
    /// The command is in a function or `eval`.
    Called,
    /// The command has a redirection that the shell must undo.
    Redirected,
    /// The script goes on after the command, if only by an empty line.
    TrailingLines,
    /// `!` or `time` needs the shell afterwards.
    Inverted,
    /// A pipeline runs in children of the shell.
    Pipeline,
    /// `exec` in a pipeline replaces a child of the shell, not the shell.
    ExecInPipeline,
    /// `exec` in a subshell replaces the subshell, not the shell.
    ExecInSubshell,
    /// The app runs in the background and the shell waits.
    Background,
    /// `exec` in the background replaces a child of the shell, not the shell.
    ExecInBackground,
    /// The shell runs a loop.
    Loop,
    /// A trap runs only after the foreground command has ended.
    TrapInForeground,
    /// Bash ends at once on SIGTERM because of its EXIT trap, and the app is killed.
    ExitTrap,
    /// The dialect of the shell has not been measured.
    Unmeasured,
}

impl Stay {
    /// The reason in one clause, without a full stop.
    #[must_use]
    pub const fn clause(self) -> &'static str {
        match self {
            Self::NoExec => "without exec the shell stays PID 1 in front of it",
            Self::NotLast => "the shell stays PID 1 for the commands that follow",
            Self::Compound => "the shell stays PID 1 around the compound command",
            Self::Called => "the shell stays PID 1 to return from the function or eval",
            Self::Redirected => "the shell stays PID 1 to undo the redirection",
            Self::TrailingLines => "the shell stays PID 1 to read the lines that follow",
            Self::Inverted => "the shell stays PID 1 for ! or time",
            Self::Pipeline => "the shell stays PID 1 until the whole pipeline has ended",
            Self::ExecInPipeline => "exec in a pipeline replaces only a child of the shell, which stays PID 1",
            Self::ExecInSubshell => "exec in a subshell replaces only a child of the shell, which stays PID 1",
            Self::Background => "the shell stays PID 1 and waits for its background job",
            Self::ExecInBackground => "exec in the background replaces only a child of the shell, which stays PID 1",
            Self::Loop => "the shell stays PID 1 and runs the loop",
            Self::TrapInForeground => "the trap runs only after the foreground command has ended",
            Self::ExitTrap => "bash ends at once for its EXIT trap, and the app is killed",
            Self::Unmeasured => "this shell may stay PID 1 in front of it",
        }
    }

    /// What to do, in the imperative, where [`Process::fix`] has no answer.
    #[must_use]
    pub const fn fix(self) -> &'static str {
        match self {
            Self::Loop => "end the loop by trap 'exit 0' TERM, or run repeated work by a CronJob",
            Self::Pipeline | Self::ExecInPipeline => {
                "exec the app without a pipeline, and let it log to standard output"
            }
            Self::ExecInSubshell => "exec the app outside the subshell",
            Self::Background | Self::ExecInBackground => "exec the app in the foreground, or pass SIGTERM on by a trap",
            Self::TrapInForeground | Self::ExitTrap => {
                "run the app in the background and wait for it, with a trap on TERM"
            }
            _ => "start the app itself by exec, as the last command",
        }
    }
}

/// Why a command cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The program has an empty name.
    NoProgram,
    /// `sh -c` without a script.
    NoScript,
    /// The shell starts background jobs and ends, so that the kernel kills them.
    OnlyBackground,
}

impl Broken {
    /// What is wrong, in one clause without a full stop.
    #[must_use]
    pub const fn clause(self) -> &'static str {
        match self {
            Self::NoProgram => "the program to start has an empty name",
            Self::NoScript => "the shell option -c needs a script",
            Self::OnlyBackground => "the shell only starts background jobs and ends, which kills them",
        }
    }

    /// What to do, in the imperative.
    #[must_use]
    pub const fn fix(self) -> &'static str {
        match self {
            Self::NoProgram => "name the program",
            Self::NoScript => "add the script, or remove -c",
            Self::OnlyBackground => "start the app in the foreground, by exec",
        }
    }
}

/// Why the manifest does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Neither `command` nor `args` is set: the image decides.
    ImageDefault,
    /// Only `args` is set: the entrypoint of the image decides.
    ImageEntrypoint,
    /// The program is known only at run time.
    Opaque,
    /// The program is started by a tool in a way that is not read.
    Launcher,
    /// The script is read from a file, or from another language.
    Sourced,
    /// The script is not understood.
    Syntax,
    /// The shell has not been measured.
    Shell,
    /// A limit was reached.
    TooBig,
}

impl Unknown {
    /// The reason in one clause, without a full stop.
    #[must_use]
    pub const fn clause(self) -> &'static str {
        match self {
            Self::ImageDefault => "command is not set, so the image decides",
            Self::ImageEntrypoint => "only args is set, so the entrypoint of the image decides",
            Self::Opaque => "the program is known only at run time",
            Self::Launcher => "it depends on the program that starts it",
            Self::Sourced => "it depends on a file that the shell reads",
            Self::Syntax => "the script is not understood",
            Self::Shell => "it depends on a shell that has not been measured",
            Self::TooBig => "the command is too long to be judged",
        }
    }
}

/// A process in front of the app that passes signals on and ends with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Init {
    /// The last path component of its name.
    pub name: String,
    /// Whether it reaps zombies; a [`Class::ForkForward`] program only forwards.
    pub reaps: bool,
}

/// One program that the command starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The last path component; empty when it is known only at run time.
    pub name: String,
    /// How it is started.
    pub role: Role,
    /// What it is by its name.
    pub kind: Kind,
}

/// How a program is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// In the foreground; the last such program, or one of the alternatives of a branch.
    App,
    /// By `&`.
    Background,
    /// It leaves the foreground by itself, or starts a service.
    Daemon,
    /// Further down a pipeline.
    Piped,
    /// It ends before the app starts.
    Setup,
}

/// What a program is by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An app as far as its name tells.
    Program,
    /// A tool that serves a script and ends.
    Utility,
    /// A loop that sleeps: a watcher.
    Watcher,
    /// `tail -f` of a log.
    LogTailer,
    /// A long sleep.
    KeepAlive,
    /// A secure shell server.
    Ssh,
    /// A scheduler.
    Cron,
    /// A service manager.
    Manager,
}

impl Process {
    fn new(class: Class, program: &str) -> Self {
        Self {
            class,
            program: program.to_owned(),
            init: None,
            prefixes: Vec::new(),
            evidence: excerpt(program),
            fix: None,
            parts: Vec::new(),
        }
    }

    fn of_unknown(reason: Unknown) -> Self {
        Self::new(Class::Unknown(reason), "")
    }

    /// The parts in this role that count as apps of their own: programs, managers, secure shell servers, schedulers.
    pub fn apps(&self, role: Role) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(move |part| {
            part.role == role && matches!(part.kind, Kind::Program | Kind::Manager | Kind::Ssh | Kind::Cron)
        })
    }

    /// Why the manifest does not tell what the container runs, in one clause; `None` when it does.
    #[must_use]
    pub const fn unknown(&self) -> Option<&'static str> {
        match self.class {
            Class::ScriptFile => Some("it is a script file, whose text is not in the manifest"),
            Class::BareShell => Some("the shell reads its commands from standard input"),
            Class::ExecMaybe => Some("the shell starts an app only on some paths through the script"),
            Class::Unknown(reason) => Some(reason.clause()),
            _ => None,
        }
    }

    /// What to do instead of a [`Class::LossyRunner`].
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        names::LOSSY_RUNNERS.iter().find(|runner| runner.name == self.program).map(|runner| runner.advice)
    }
}

/// Judges an argument vector.
#[must_use]
pub fn classify(argv: &Argv<'_>, options: &Options<'_>) -> Process {
    let own = Cell::new(MAX_STEPS);
    match &argv.0 {
        Ok(arguments) => program::Classifier::new(options, options.steps.unwrap_or(&own)).program(arguments, 0),
        Err(reason) => Process::of_unknown(*reason),
    }
}

/// The last path component.
fn basename(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// Whether `part`, which is short, occurs in `text`. The search of the standard library costs a module 2 KB more.
pub(crate) fn has_part(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window == part.as_bytes())
}

/// One line of at most [`MAX_EVIDENCE`] characters.
fn excerpt(text: &str) -> String {
    let mut line = String::new();
    let mut left = MAX_EVIDENCE;
    for character in text.trim().chars() {
        let character = if character.is_control() { ' ' } else { character };
        if character == ' ' && line.ends_with(' ') {
            continue;
        }
        if left == 0 {
            line.pop();
            line.push('…');
            break;
        }
        left = left.saturating_sub(1);
        line.push(character);
    }
    line
}
