//! The traps of a shell.

use crate::process::argv::Arg;
use crate::process::dialect::Shell;

/// Numbers of the signals that stop containers.
const NUMBERS: [(&str, &str); 7] =
    [("0", "EXIT"), ("1", "HUP"), ("2", "INT"), ("3", "QUIT"), ("10", "USR1"), ("12", "USR2"), ("15", "TERM")];

#[derive(Default)]
pub(super) struct Traps {
    /// The action for the signal that stops the container.
    pub(super) stop: Option<Action>,
    /// The action for the end of the shell.
    pub(super) exit: Option<Action>,
    /// Signals with an action, without those reset since.
    active: Vec<String>,
    /// An action has been set at any time.
    pub(super) ever: bool,
    /// Dash was given the name of the signal with SIG, and sets no trap.
    pub(super) is_misnamed: bool,
}

/// The commands of a trap; `None` when they are known only at run time.
pub(super) type Action = Option<String>;

impl Traps {
    /// The built-in command `trap` with its operands. `has_jobs`: a background job has been started before.
    pub(super) fn set(&mut self, operands: &[Arg<'_>], (dialect, stop_signal): (Option<Shell>, &str), has_jobs: bool) {
        let mut rest = operands;
        if rest.first().and_then(Arg::known) == Some("--") {
            rest = rest.get(1..).unwrap_or_default();
        }
        let Some((action, signals)) = rest.split_first() else {
            return;
        };
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let (handles, signals) = match action.known() {
            Some("-" | "") => (false, signals),
            Some(text) if is_number(text) => (false, rest),
            Some(_) | None => (true, signals),
        };
        let action = || match action {
            _ if !handles => None,
            Arg::Known(text) => Some(Some(text.to_string())),
            Arg::Opaque { text, .. } => Some(expanded(text, has_jobs)),
        };
        for signal in signals {
            // A signal that is known only at run time may be any.
            let name = signal.known().map_or_else(|| stop_signal.to_owned(), str::to_ascii_uppercase);
            let plain = name.strip_prefix("SIG");
            // dash: "trap: SIGTERM: bad trap".
            if plain.is_some() && dialect == Some(Shell::Dash) {
                self.is_misnamed |= handles && plain == Some(stop_signal);
                continue;
            }
            let name = plain.unwrap_or(&name);
            let name = NUMBERS.iter().find(|(number, _)| *number == name).map_or(name, |(_, name)| *name);
            if name == stop_signal {
                self.stop = action();
            }
            if name == "EXIT" {
                self.exit = action();
            }
            self.active.retain(|active| active != name);
            if handles {
                self.active.push(name.to_owned());
            }
            self.ever |= handles;
        }
    }

    /// Returns `true` if some signal has an action.
    pub(super) fn any(&self) -> bool {
        !self.active.is_empty()
    }
}

/// A word in double quotes is expanded when the trap is set. Before there is a background job, the variables that should
/// name it are empty.
fn expanded(word: &str, has_jobs: bool) -> Action {
    let mut rest = word.strip_prefix('"')?.strip_suffix('"')?;
    let mut action = String::new();
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'\\' | b'"' | b'$' | b'`')) {
        let (before, special) = rest.split_at_checked(at)?;
        action.push_str(before);
        let kept = match special.as_bytes() {
            // The next character as it is.
            [b'\\', ..] => {
                rest = special.get(1..)?;
                1
            }
            // The end of the word.
            [b'"', ..] => return None,
            [b'$', b'$', ..] => {
                rest = special;
                2
            }
            _ if has_jobs => {
                rest = special;
                1
            }
            _ => {
                rest = special.get(expansion(special.as_bytes())..)?;
                0
            }
        };
        let (next, after) = rest.split_at_checked(kept)?;
        action.push_str(next);
        rest = after;
    }
    action.push_str(rest);
    Some(action)
}

/// The length of an expansion that starts with `$` or a backquote.
fn expansion(text: &[u8]) -> usize {
    let end = |close| text.iter().skip(1).position(|byte| *byte == close).map_or(text.len(), |at| at.saturating_add(2));
    match text {
        [b'`', ..] => end(b'`'),
        [_, b'{', ..] => end(b'}'),
        [_, b'(', ..] => end(b')'),
        // A special parameter has one character.
        _ => {
            let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
            text.iter().skip(1).take_while(is_name).count().max(1).saturating_add(1)
        }
    }
}
