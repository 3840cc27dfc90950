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
            Arg::Known(text) => Some(text.clone().into_owned()),
            Arg::Opaque { text, .. } => expanded(text, has_jobs),
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
                self.stop = handles.then(action);
            }
            if name == "EXIT" {
                self.exit = handles.then(action);
            }
            self.active.retain(|active| active != name);
            if handles {
                self.active.push(name.to_owned());
            }
            self.ever |= handles;
        }
    }

    /// Whether some signal has an action.
    pub(super) fn any(&self) -> bool {
        !self.active.is_empty()
    }
}

/// A word in double quotes is expanded when the trap is set. Before there is a background job, the variables that should
/// name it are empty.
fn expanded(word: &str, has_jobs: bool) -> Action {
    let quoted = word.strip_prefix('"')?.strip_suffix('"')?;
    let mut action = String::new();
    let mut characters = quoted.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => action.extend(characters.next()),
            // An unescaped quote ends the word.
            '"' => return None,
            '$' if characters.peek() == Some(&'$') => {
                characters.next();
                action.push_str("$$");
            }
            '$' | '`' if !has_jobs => skip_expansion(character, &mut characters),
            _ => action.push(character),
        }
    }
    Some(action)
}

/// Skips the rest of an expansion that starts with `$` or a backquote.
fn skip_expansion(first: char, characters: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    let close = match (first, characters.peek()) {
        ('`', _) => '`',
        (_, Some('{')) => '}',
        (_, Some('(')) => ')',
        (_, Some('!' | '?' | '@' | '*' | '#' | '-')) => {
            characters.next();
            return;
        }
        _ => {
            while characters.next_if(|next| next.is_ascii_alphanumeric() || *next == '_').is_some() {}
            return;
        }
    };
    let open = characters.peek().copied();
    let mut depth: usize = 0;
    for character in characters.by_ref() {
        if Some(character) == open && close != '`' {
            depth = depth.saturating_add(1);
        } else if character == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return;
            }
        }
    }
}
