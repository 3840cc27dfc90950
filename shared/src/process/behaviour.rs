//! The relation of an app to PID 1, and the reason for it.

use super::dialect::Shell;

/// The relation of the app to PID 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
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
    /// A shell stays, but handles the signal by a trap.
    Trapped(Trap),
    /// A shell stays PID 1 instead of the app.
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
    /// The manifest does not show the process.
    Unknown(Unknown),
}

impl Behaviour {
    /// Returns `true` if the shell starts the app itself.
    pub(super) const fn is_app(self) -> bool {
        matches!(self, Self::Direct | Self::Transparent)
    }
}

/// The effect of a trap on the signal that stops a container, while the shell waits for the app in the background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trap {
    /// The app gets a signal.
    pub passes: bool,
    /// The shell, once interrupted, waits until the app has ended.
    pub waits: bool,
}

impl Trap {
    /// The app can stop in good order, or nothing speaks against it.
    pub const GOOD: Self = Self { passes: true, waits: true };

    /// The fault, in one clause without a full stop; `None` when the trap is good.
    #[must_use]
    pub const fn clause(self) -> Option<&'static str> {
        match self {
            Self::GOOD => None,
            Self { passes: true, .. } => Some("the trap interrupts wait, and the shell ends before the app"),
            Self { passes: false, .. } => Some("the trap does not pass the signal on to it"),
        }
    }
}

/// The reason why a shell stays PID 1 instead of the app.
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
    /// A trap runs only after a long sleep has ended.
    TrapInSleep,
    /// Dash sets no trap for a signal whose name starts with SIG.
    BadTrap,
    /// Bash ends at once on SIGTERM because of its EXIT trap, and the app is killed.
    ExitTrap,
    /// A command that only waits is PID 1 or its last child, and the app runs beside it.
    Idle,
    /// The dialect of the shell has not been measured.
    Unmeasured,
}

impl Stay {
    /// The reason in one clause, without a full stop.
    #[must_use]
    pub const fn clause(self) -> &'static str {
        match self {
            Self::NoExec => "without exec the shell stays PID 1",
            Self::NotLast => "the shell stays PID 1 for the commands that follow",
            Self::Compound => "the shell stays PID 1 around the compound command",
            Self::Called => "the shell stays PID 1 to return from the function or eval",
            Self::Redirected => "the shell stays PID 1 to undo the redirection",
            Self::TrailingLines => "the shell stays PID 1 to read the lines that follow",
            Self::Inverted => "the shell stays PID 1 because of ! or time",
            Self::Pipeline => "the shell stays PID 1 until the whole pipeline has ended",
            Self::ExecInPipeline => "exec in a pipeline replaces only a child of the shell, which stays PID 1",
            Self::ExecInSubshell => "exec in a subshell replaces only a child of the shell, which stays PID 1",
            Self::Background => "the shell stays PID 1 and waits for its background job",
            Self::ExecInBackground => "exec in the background replaces only a child of the shell, which stays PID 1",
            Self::Loop => "the shell stays PID 1 and runs the loop",
            Self::TrapInForeground => "the trap runs only after the foreground command has ended",
            Self::TrapInSleep => "the trap runs only after the sleep has ended",
            Self::BadTrap => "dash does not accept a signal name that starts with SIG",
            Self::Idle => "the command in the foreground only waits and does not pass signals on",
            Self::ExitTrap => "bash ends at once because of its EXIT trap, and the app is killed",
            Self::Unmeasured => "this shell may stay PID 1",
        }
    }

    /// The fix, in the imperative, where [`Process::fix`] has none.
    #[must_use]
    pub const fn fix(self) -> &'static str {
        match self {
            Self::Loop => {
                "end the loop with trap 'exit 0' TERM and pause with sleep N & wait $!, or run repeated work as a CronJob"
            }
            Self::TrapInSleep => "sleep in the background and wait for it: sleep N & wait $!",
            Self::BadTrap => "write the name without SIG, as in trap 'kill $p; wait $p' TERM",
            Self::NotLast => {
                "start the app with exec as the last command, and do the rest elsewhere, such as in a preStop hook"
            }
            Self::Pipeline | Self::ExecInPipeline => {
                "exec the app without a pipeline, and let it log to standard output"
            }
            Self::ExecInSubshell => "exec the app outside the subshell",
            Self::Background | Self::ExecInBackground | Self::Idle => "exec the app in the foreground",
            Self::TrapInForeground | Self::ExitTrap => {
                "exec the app, or run it in the background: trap 'kill $p; wait $p' TERM; app & p=$!; wait $p"
            }
            _ => "start the app itself with exec, as the last command",
        }
    }
}

/// The reason why a command cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The program has an empty name.
    NoProgram,
    /// `sh -c` without a script.
    NoScript,
    /// The shell starts background jobs and ends, so that the kernel kills them.
    OnlyBackground,
    /// The words of the command follow `-c` as elements of their own.
    SplitScript,
    /// A whole command is the name of the program.
    SpacedProgram,
    /// `setsid` as a process group leader forks and ends.
    Forks,
}

impl Broken {
    /// The fault, in one clause without a full stop.
    #[must_use]
    pub const fn clause(self) -> &'static str {
        match self {
            Self::NoProgram => "the program to start has an empty name",
            Self::NoScript => "the shell option -c needs a script",
            Self::OnlyBackground => "the shell only starts background jobs and ends, which kills them",
            Self::SplitScript => "the shell takes only the first element after -c as its script, so the rest is lost",
            Self::SpacedProgram => "the name of the program has spaces in it, so there is no such program",
            Self::Forks => "setsid as PID 1 forks and ends, which ends the container",
        }
    }

    /// The fix, in the imperative.
    #[must_use]
    pub const fn fix(self) -> &'static str {
        match self {
            Self::NoProgram => "name the program",
            Self::NoScript => "add the script, or remove -c",
            Self::OnlyBackground => "start the app in the foreground, with exec",
            Self::SplitScript => "write the whole script as one element after -c, or start the app without a shell",
            Self::SpacedProgram => "write each word as an element of its own",
            Self::Forks => "start the app without setsid",
        }
    }
}

/// The reason why the manifest does not show the process.
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
