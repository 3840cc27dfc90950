//! From an argument vector to its behaviour: prefixes and inits are peeled off, then the program is looked up.

use super::argv::{Arg, Argv};
use super::behaviour::{Behaviour, Broken, Stay, Trap, Unknown};
use super::budget::Budget;
use super::dialect::Shell;
use super::model::{Init, Part, PartKind, Process, Role};
use super::names::{self, Daemonises, Launcher};
use super::options::Options;
use super::text::{basename, is_one_of};
use crate::text::{excerpt, has_part};

/// Judges an argument vector with a budget of its own.
#[must_use]
pub fn classify(argv: &Argv<'_>, options: &Options<'_>) -> Process {
    classify_within(&Budget::default(), argv, options)
}

/// Judges an argument vector with what is left of the budget of an object.
#[must_use]
pub fn classify_within(budget: &Budget, argv: &Argv<'_>, options: &Options<'_>) -> Process {
    match &argv.0 {
        Ok(arguments) => Classifier { options, budget }.program(arguments, 0),
        Err(reason) => Process::of_unknown(*reason),
    }
}

/// The maximum nesting of shells, `eval` and functions.
pub(super) const MAX_DEPTH: u32 = 8;
/// The seconds from which a sleep is long: the grace period that pods have by default.
const LONG_SLEEP: u64 = 30;

/// Judges argument vectors within a number of steps.
pub(super) struct Classifier<'o> {
    pub(super) options: &'o Options<'o>,
    budget: &'o Budget,
}

impl Classifier<'_> {
    /// Pays for work; `false` when nothing is left.
    pub(super) fn step(&mut self, cost: usize) -> bool {
        self.budget.pay(cost)
    }

    /// Judges an argument vector. `depth` counts the shells around it.
    pub(super) fn program(&mut self, mut arguments: &[Arg<'_>], depth: u32) -> Process {
        let mut prefixes = Vec::new();
        let mut init = None;
        let mut behaviour = Behaviour::Direct;
        let mut process = loop {
            if !self.step(arguments.len().min(8).saturating_add(1)) {
                break Process::of_unknown(Unknown::TooBig);
            }
            let Some((first, rest)) = arguments.split_first() else {
                break Process::of_unknown(Unknown::Launcher);
            };
            let name = match first {
                Arg::Known(path) if path.is_empty() => {
                    break Process::bare(Behaviour::Broken(Broken::NoProgram));
                }
                Arg::Known(path) if is_command_line(path) => {
                    break Process::bare(Behaviour::Broken(Broken::SpacedProgram));
                }
                Arg::Known(path) => basename(path),
                Arg::Opaque { basename: Some(name), .. } => name,
                Arg::Opaque { .. } => break Process::of_unknown(Unknown::Opaque),
            };
            let launched = if let Some(launcher) = find(names::PREFIXES, name) {
                prefixes.push(name.to_owned());
                skip_options(launcher, rest).map(|rest| if name == "env" { skip_assignments(rest) } else { rest })
            } else if names::PREFIXES_WITH_DASHES.contains(&name) {
                prefixes.push(name.to_owned());
                after_dashes(rest)
            } else if let Some(launcher) = find(names::INITS, name) {
                let launched = skip_options(launcher, rest);
                let signals_group = signals_group(name, rest, launched.unwrap_or_default().len());
                init.get_or_insert(Init { name: name.to_owned(), reaps: true, signals_group });
                launched
            } else if self.options.init_binaries.iter().any(|init| init == name) {
                init.get_or_insert(Init { name: name.to_owned(), reaps: true, signals_group: false });
                Some(after_own_options(rest))
            } else if let Some(launcher) = find(names::FORWARDERS, name) {
                init.get_or_insert(Init { name: name.to_owned(), reaps: false, signals_group: false });
                behaviour = Behaviour::ForkForward;
                skip_options(launcher, rest)
            } else if let Some(rest) = transparent(name, rest) {
                behaviour = Behaviour::Transparent;
                match rest.first() {
                    // Options of the runner, and what they take, are not known.
                    Some(first) if !first.text().starts_with('-') => Some(rest),
                    _ => break app(behaviour, name, rest),
                }
            } else if name == "busybox" && !rest.is_empty() {
                match rest.first().and_then(Arg::known) {
                    Some("sh" | "ash") => {
                        break self.shell(Some(Shell::Ash), rest.get(1..).unwrap_or_default(), depth);
                    }
                    _ => Some(rest),
                }
            } else if name == "setsid" {
                prefixes.push(name.to_owned());
                let waits = rest.first().is_some_and(|option| is_one_of(option.text(), "-w|--wait"));
                break app(if waits { Behaviour::LossyRunner } else { Behaviour::Broken(Broken::Forks) }, name, rest);
            } else if name == "start-stop-daemon" && daemonises(name, rest) {
                break started(name, rest);
            } else if names::OPAQUE_LAUNCHERS.contains(&name) {
                prefixes.push(name.to_owned());
                None
            } else {
                break self.named(name, first, rest, behaviour, depth);
            };
            match launched {
                // A prefix alone prints something and ends.
                Some([]) if init.is_none() && behaviour == Behaviour::Direct => {
                    break app(behaviour, name, rest);
                }
                Some(next) => arguments = next,
                None => break Process::of_unknown(Unknown::Launcher),
            }
        };
        // The signal reaches the app past the shell, which handles it and waits.
        if init.as_ref().is_some_and(|init| init.signals_group) {
            process.behaviour = match process.behaviour {
                Behaviour::Stays(Stay::TrapInForeground | Stay::TrapInSleep) => Behaviour::Trapped(Trap::GOOD),
                Behaviour::Trapped(trap) => Behaviour::Trapped(Trap { passes: true, ..trap }),
                other => other,
            };
        }
        prefixes.append(&mut process.prefixes);
        process.prefixes = prefixes;
        process.init = init.or(process.init);
        process
    }

    /// Judges a program that is not a launcher.
    fn named(&mut self, name: &str, first: &Arg<'_>, rest: &[Arg<'_>], behaviour: Behaviour, depth: u32) -> Process {
        let shell_name = name.strip_prefix('-').unwrap_or(name);
        if shell_name == "sh" {
            return self.shell(Some(self.options.shell), rest, depth);
        }
        if let Some((_, dialect)) = names::SHELLS.iter().find(|(shell, _)| *shell == shell_name) {
            if shell_name == "fish" {
                return Process::new(Behaviour::Unknown(Unknown::Sourced), name);
            }
            return self.shell(*dialect, rest, depth);
        }
        if let Some(behaviour) = manager(name, first.text(), rest) {
            if behaviour != Behaviour::Direct {
                return app(behaviour, name, rest);
            }
            // One app under pm2-runtime: its parent is an init.
            let program = rest.last().map_or("", |program| basename(program.text()));
            let mut process = app(behaviour, program, &[]);
            process.init = Some(Init { name: name.to_owned(), reaps: true, signals_group: false });
            return process;
        }
        if names::WINDOWS_SHELLS.iter().any(|shell| name.eq_ignore_ascii_case(shell)) {
            return Process::new(Behaviour::Windows, name);
        }
        if let Some(runner) = names::LOSSY_RUNNERS.iter().find(|runner| runner.name == name) {
            let words = || rest.iter().map_while(Arg::known).take_while(|argument| *argument != "--");
            let subcommand = match runner.subcommands.strip_prefix('!') {
                Some(own) => script_name(words()).filter(|word| !is_one_of(word, own)),
                None => words().find(|argument| is_one_of(argument, runner.subcommands)),
            };
            let execs = name == "flock" && rest.first().is_some_and(|option| is_one_of(option.text(), "-F|--no-fork"));
            if (runner.subcommands.is_empty() || subcommand.is_some()) && !execs {
                let mut process = app(Behaviour::LossyRunner, name, rest);
                if let Some(subcommand) = subcommand {
                    process.evidence = excerpt(&as_written(name, words(), subcommand));
                }
                return process;
            }
        }
        if name == "make" {
            return app(Behaviour::Unknown(Unknown::Launcher), name, rest);
        }
        if is_keep_alive(name, rest) {
            return app(Behaviour::KeepAlive, name, rest);
        }
        let is_script = names::SCRIPT_SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
            || names::SCRIPT_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
            || is_init_script(first.text());
        if is_init_script(first.text()) && !rest.is_empty() {
            return service(name, rest);
        }
        app(if is_script { Behaviour::ScriptFile } else { behaviour }, name, rest)
    }

    /// Judges the arguments of a shell.
    fn shell(&mut self, dialect: Option<Shell>, arguments: &[Arg<'_>], depth: u32) -> Process {
        let ShellCall { rest, has_script, errexit, reads_input } = ShellCall::read(arguments);
        let Some((operand, positional)) = rest.split_first() else {
            return if has_script { Process::bare(Behaviour::Broken(Broken::NoScript)) } else { bare_shell() };
        };
        if !has_script {
            return match operand.known() {
                _ if reads_input => bare_shell(),
                Some(file) => app(Behaviour::ScriptFile, basename(file), positional),
                None => Process::of_unknown(Unknown::Opaque),
            };
        }
        if depth >= MAX_DEPTH {
            return Process::of_unknown(Unknown::TooBig);
        }
        if loses_words(operand.text(), positional) {
            return Process::bare(Behaviour::Broken(Broken::SplitScript));
        }
        self.script(operand.text(), dialect, (errexit, positional), depth.saturating_add(1))
    }
}

/// The arguments of a shell.
pub(super) struct ShellCall<'a, 'b> {
    /// The script or its file, then the positional parameters.
    pub(super) rest: &'a [Arg<'b>],
    /// `-c`: the first of the rest is a script.
    pub(super) has_script: bool,
    errexit: bool,
    reads_input: bool,
}

impl<'a, 'b> ShellCall<'a, 'b> {
    pub(super) fn read(arguments: &'a [Arg<'b>]) -> Self {
        let mut rest = arguments;
        let mut has_script = false;
        let mut errexit = false;
        let mut reads_input = false;
        while let Some((first, next)) = rest.split_first() {
            let Some(option) = first.known() else { break };
            let Some(letters) = option.strip_prefix(['-', '+']) else { break };
            rest = next;
            if matches!(option, "-" | "--") {
                break;
            }
            let values = match letters {
                "-rcfile" | "-init-file" => 1,
                _ if letters.starts_with('-') => 0,
                // `+` alone is nothing, and `+c` the same as `-c`.
                _ => {
                    has_script |= letters.contains('c');
                    if letters.contains('e') {
                        errexit = option.starts_with('-');
                    }
                    reads_input |= letters.contains('s');
                    letters.bytes().filter(|letter| matches!(letter, b'o' | b'O')).count()
                }
            };
            rest = rest.get(values..).unwrap_or_default();
        }
        Self { rest, has_script, errexit, reads_input }
    }
}

fn bare_shell() -> Process {
    Process::bare(Behaviour::BareShell)
}

/// A process that is one app.
fn app(behaviour: Behaviour, name: &str, arguments: &[Arg<'_>]) -> Process {
    let mut process = Process::new(behaviour, name);
    let role = if daemonises(name, arguments) { Role::Daemon } else { Role::App };
    process.parts.push(Part { name: name.to_owned(), role, kind: kind(behaviour, name, arguments) });
    process
}

fn kind(behaviour: Behaviour, name: &str, arguments: &[Arg<'_>]) -> PartKind {
    match (behaviour, name) {
        (Behaviour::Manager { .. }, _) => PartKind::Manager,
        (Behaviour::KeepAlive, "sleep") if !arguments.iter().any(|time| time.known().is_none_or(is_long_time)) => {
            PartKind::Utility
        }
        (Behaviour::KeepAlive, _) => PartKind::KeepAlive,
        (_, "tail") if follows(arguments) => PartKind::LogTailer,
        (_, "service" | "rc-service" | "systemctl" | "invoke-rc.d") if daemonises(name, arguments) => {
            service_kind(unit(arguments).unwrap_or_default())
        }
        _ if is_control(name, arguments) => PartKind::Utility,
        _ => service_kind(name),
    }
}

/// The kind of a program or a service, by its name alone.
fn service_kind(name: &str) -> PartKind {
    if matches!(name, "ssh" | "sshd" | "dropbear") {
        PartKind::Ssh
    } else if is_one_of(name, names::CRONS) {
        PartKind::Cron
    } else if is_one_of(name, names::WATCHERS) {
        PartKind::Watcher
    } else if names::UTILITIES.binary_search(&name).is_ok() {
        PartKind::Utility
    } else {
        PartKind::Program
    }
}

/// Returns `true` if the arguments of `tail` make it go on.
fn follows(arguments: &[Arg<'_>]) -> bool {
    arguments.iter().filter_map(Arg::known).any(|text| {
        text.starts_with("--follow") || text.starts_with('-') && !text.starts_with("--") && text.contains(['f', 'F'])
    })
}

/// Returns `true` if the program controls another one, installs something or prints about itself, and ends.
fn is_control(name: &str, arguments: &[Arg<'_>]) -> bool {
    match names::daemon(name) {
        Some((_, Daemonises::With(flags @ names::START_WORDS))) => !has(arguments, flags),
        _ if is_one_of(name, names::CONTROLLED) && has(arguments, names::CONTROLS) => true,
        _ => arguments
            .first()
            .and_then(Arg::known)
            .is_some_and(|first| is_one_of(first, "install|ci|version|--version|-version|--help")),
    }
}

/// The service that `service`, `rc-service`, `systemctl` or `invoke-rc.d` acts on.
fn unit<'a>(arguments: &'a [Arg<'_>]) -> Option<&'a str> {
    arguments
        .iter()
        .filter_map(Arg::known)
        .find(|argument| !argument.starts_with('-') && !matches!(*argument, "start" | "restart" | "enable"))
        .map(|unit| unit.strip_suffix(".service").unwrap_or(unit))
}

/// Returns `true` if the path is that of a script that starts and stops a service.
fn is_init_script(path: &str) -> bool {
    ["/etc/init.d/", "/etc/rc.d/init.d/"].iter().any(|directory| path.starts_with(directory))
}

/// The script of a service with its arguments.
fn service(name: &str, arguments: &[Arg<'_>]) -> Process {
    let mut process = Process::new(Behaviour::ScriptFile, name);
    let starts = has(arguments, "start|restart");
    let role = if starts { Role::Daemon } else { Role::App };
    let kind = if starts { service_kind(name) } else { PartKind::Utility };
    process.parts.push(Part { name: name.to_owned(), role, kind });
    process
}

/// The program that `start-stop-daemon --background` starts.
fn started(launcher: &str, arguments: &[Arg<'_>]) -> Process {
    let is_exec = |argument: &Arg<'_>| matches!(argument.text(), "-x" | "--exec" | "-a" | "--startas");
    let program = arguments.iter().skip_while(|argument| !is_exec(argument)).nth(1);
    let name = program.map_or(launcher, |program| basename(program.text()));
    let mut process = app(Behaviour::Direct, name, &[]);
    for part in &mut process.parts {
        part.role = Role::Daemon;
    }
    process
}

/// Returns `true` if the program leaves the foreground by itself.
fn daemonises(name: &str, arguments: &[Arg<'_>]) -> bool {
    names::daemon(name).is_some_and(|(_, rule)| match rule {
        Daemonises::Unless(flags) => !has(arguments, flags),
        Daemonises::With(flags) => has(arguments, flags),
    })
}

/// Returns `true` if one of the arguments is one of the flags: a word, a part with a blank, a letter in a cluster (`-D`
/// in `-eD`), or a long option that is not denied (`--daemonize no`).
fn has(arguments: &[Arg<'_>], flags: &str) -> bool {
    arguments.iter().enumerate().any(|(at, argument)| {
        let text = argument.text();
        let (option, value) = match text.split_once('=') {
            Some((option, value)) if text.starts_with("--") => (option, value),
            _ => (text, arguments.get(at.saturating_add(1)).map_or("", Arg::text)),
        };
        let letters = text.strip_prefix('-').filter(|letters| letters.bytes().all(|byte| byte.is_ascii_alphabetic()));
        flags.split('|').any(|flag| match flag.strip_prefix('-') {
            Some(letter) if letter.len() == 1 => letters.is_some_and(|letters| letters.contains(letter)),
            Some(long) if long.starts_with('-') => option == flag && !is_one_of(value, "no|false|off|0"),
            _ => text == flag || flag.contains(' ') && has_part(text, flag),
        })
    })
}

/// The behaviour of a service manager; `Direct` when `pm2-runtime` starts one app only.
fn manager(name: &str, path: &str, arguments: &[Arg<'_>]) -> Option<Behaviour> {
    if names::INIT_PATHS.contains(&path) {
        return Some(Behaviour::Manager { needs_pid1: true, is_init: true });
    }
    let manager = names::MANAGERS.iter().find(|manager| manager.name == name)?;
    // The letter is also a test server for certificates.
    if name == "pebble" && !has(arguments, "run|enter") {
        return None;
    }
    if name == "pm2-runtime" {
        let arguments: Vec<_> = arguments.iter().map(Arg::text).filter(|text| *text != "start").collect();
        let is_list = |text: &str| [".config.js", ".json", ".yml"].iter().any(|suffix| text.ends_with(suffix));
        if matches!(arguments.as_slice(), [only] if !only.starts_with('-') && !is_list(only)) {
            return Some(Behaviour::Direct);
        }
    }
    Some(Behaviour::Manager { needs_pid1: manager.needs_pid1, is_init: manager.is_init })
}

/// `sleep`, `tail -f /dev/null`, `cat` of nothing.
fn is_keep_alive(name: &str, arguments: &[Arg<'_>]) -> bool {
    match name {
        "sleep" => !arguments.is_empty(),
        "tail" => follows(arguments) && arguments.iter().any(|argument| argument.text() == "/dev/null"),
        "cat" => arguments.is_empty(),
        "pause" => true,
        _ => false,
    }
}

/// Returns `true` if `sleep` takes the text as [`LONG_SLEEP`] or more.
fn is_long_time(text: &str) -> bool {
    let (number, unit) = match text.as_bytes().last() {
        Some(b's') => (text.strip_suffix('s'), 1),
        Some(b'm') => (text.strip_suffix('m'), 60),
        Some(b'h') => (text.strip_suffix('h'), 3_600),
        Some(b'd') => (text.strip_suffix('d'), 86_400),
        _ => (Some(text), 1),
    };
    let number = number.unwrap_or_default();
    let whole = number.split('.').next().unwrap_or_default();
    let is_number = !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit());
    // A number that is none of 64 bits is larger.
    let is_long = |count: u64| count.saturating_mul(unit) >= LONG_SLEEP;
    matches!(number, "infinity" | "inf") || is_number && whole.parse().ok().is_none_or(is_long)
}

/// The command that a launcher starts: a prefix, an init, a forwarder, a runner; `None` for another program.
pub(super) fn after_launcher<'a, 'b>(name: &str, rest: &'a [Arg<'b>]) -> Option<&'a [Arg<'b>]> {
    let launchers = names::PREFIXES.iter().chain(names::INITS).chain(names::FORWARDERS).chain([&names::SUDO]);
    if let Some(launcher) = launchers.into_iter().find(|launcher| launcher.name == name) {
        let launched = skip_options(launcher, rest)?;
        return Some(if name == "env" { skip_assignments(launched) } else { launched });
    }
    match name {
        "busybox" => Some(rest),
        "setsid" => Some(after_own_options(rest)),
        _ if names::PREFIXES_WITH_DASHES.contains(&name) => after_dashes(rest),
        _ => transparent(name, rest),
    }
}

fn transparent<'a, 'b>(name: &str, arguments: &'a [Arg<'b>]) -> Option<&'a [Arg<'b>]> {
    let (subcommand, rest) = arguments.split_first()?;
    let known = |(runner, run): &(&str, &str)| *runner == name && subcommand.known() == Some(*run);
    names::TRANSPARENT_RUNNERS.iter().any(known).then_some(rest)
}

fn find(launchers: &'static [Launcher], name: &str) -> Option<&'static Launcher> {
    launchers.iter().find(|launcher| launcher.name == name)
}

/// The command after the options and operands of a launcher; `None` when an option is unknown.
fn skip_options<'a, 'b>(launcher: &Launcher, mut arguments: &'a [Arg<'b>]) -> Option<&'a [Arg<'b>]> {
    while let Some((first, rest)) = arguments.split_first() {
        let Some(option) = first.text().strip_prefix('-').filter(|option| !option.is_empty()) else {
            break;
        };
        arguments = rest;
        if option == "-" {
            break;
        }
        let takes_next = if let Some(long) = option.strip_prefix('-') {
            is_one_of(long, launcher.long_values)
        } else if option.bytes().all(|byte| byte.is_ascii_digit()) {
            // nice -5
            false
        } else {
            short_takes_next(launcher, option)?
        };
        if takes_next {
            arguments = arguments.get(1..)?;
        }
    }
    arguments.get(launcher.operands..)
}

/// Returns `true` if a cluster of short options takes the next argument; `None` for an unknown letter.
fn short_takes_next(launcher: &Launcher, cluster: &str) -> Option<bool> {
    for (at, letter) in cluster.char_indices() {
        if launcher.values.chars().any(|value| value == letter) {
            return Some(at.saturating_add(letter.len_utf8()) == cluster.len());
        }
        if !launcher.flags.chars().any(|flag| flag == letter) {
            return None;
        }
    }
    Some(false)
}

/// `env` takes assignments before its command.
fn skip_assignments<'a, 'b>(arguments: &'a [Arg<'b>]) -> &'a [Arg<'b>] {
    let count = arguments.iter().take_while(|argument| argument.text().contains('=')).count();
    arguments.get(count..).unwrap_or_default()
}

fn after_dashes<'a, 'b>(arguments: &'a [Arg<'b>]) -> Option<&'a [Arg<'b>]> {
    let dashes = arguments.iter().position(|argument| argument.text() == "--")?;
    arguments.get(dashes.saturating_add(1)..)
}

/// Skips options that stand alone, up to and with `--`.
fn after_own_options<'a, 'b>(arguments: &'a [Arg<'b>]) -> &'a [Arg<'b>] {
    let count = arguments.iter().take_while(|argument| argument.text().starts_with('-')).count();
    let dashes = arguments.iter().take(count).position(|argument| argument.text() == "--");
    arguments.get(dashes.map_or(count, |dashes| dashes.saturating_add(1))..).unwrap_or_default()
}

/// The command after `setsid` and its options, which execs unless it is the leader of a process group, as PID 1 is.
pub(super) fn after_setsid<'a, 'b>(arguments: &'a [Arg<'b>]) -> &'a [Arg<'b>] {
    match arguments.split_first() {
        Some((first, rest)) if basename(first.text()) == "setsid" => match rest {
            [option, rest @ ..] if option.text().starts_with('-') => rest,
            rest => rest,
        },
        _ => arguments,
    }
}

/// Returns `true` if an init signals the process group of its child. `launched`: how many of its arguments are the
/// command.
fn signals_group(name: &str, arguments: &[Arg<'_>], launched: usize) -> bool {
    let options = arguments.get(..arguments.len().saturating_sub(launched)).unwrap_or_default();
    if name == "dumb-init" { !has(options, "-c|--single-child") } else { has(options, "-g") }
}

/// The name of the script that a runner is given: its first word that is neither an option nor the value of one.
fn script_name<'a>(words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut is_value = false;
    for word in words {
        if !is_value && !word.starts_with('-') {
            return Some(word);
        }
        is_value = is_one_of(word, "--cwd|--dir|-C|--filter|-F|--prefix");
    }
    None
}

/// The beginning of a command up to its subcommand; the program alone if there are options before, which may hold a secret.
fn as_written<'a>(program: &str, words: impl Iterator<Item = &'a str>, subcommand: &str) -> String {
    let mut written = program.to_owned();
    for word in words {
        if word.starts_with('-') {
            return program.to_owned();
        }
        written.push(' ');
        written.push_str(word);
        if word == subcommand {
            break;
        }
    }
    written
}

/// Returns `true` if the name of a program is a whole command. The name of a directory may have a blank in it.
fn is_command_line(path: &str) -> bool {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\t');
    let mut words = path.as_bytes().split(is_blank);
    let (program, rest) = (words.next().unwrap_or_default(), words.next());
    let is_tail =
        |rest: &[u8]| rest.contains(&b'/') && !matches!(rest, [b'-' | b'/' | b'.', ..]) && words.next().is_none();
    let has_blank_in_path = program.first() == Some(&b'/') && rest.is_some_and(is_tail);
    rest.is_some() && !has_blank_in_path && !path.contains('\\')
}

/// Returns `true` if elements after the script are words of the command, which the script does not refer to. The first
/// of them is the name of the script by convention.
fn loses_words(script: &str, positional: &[Arg<'_>]) -> bool {
    let is_name = |name: &str| {
        is_one_of(name, "-|--|_") || name == script || is_one_of(basename(name), "sh|bash|dash|ash|ksh|zsh")
    };
    let has_name = positional.first().is_some_and(|first| is_name(first.text()));
    let words = positional.get(usize::from(has_name)..).unwrap_or_default();
    let is_word = !script.bytes().any(|byte| matches!(byte, b' ' | b'\n' | b'\t' | b';' | b'&' | b'|'));
    let is_option = |word: &Arg<'_>| word.text().starts_with('-');
    let may_refer = script.contains('$') || has_part(script, ". ") || has_part(script, "source ");
    !may_refer && (is_word && !words.is_empty() || words.iter().any(is_option))
}
