//! The traps of a shell.

use crate::process::argv::Arg;
use crate::process::dialect::Shell;

#[derive(Default)]
pub(super) struct Traps {
    pub(super) term: bool,
    pub(super) exit: bool,
    /// Signals with an action, without those reset since.
    pub(super) active: Vec<String>,
    /// An action has been set at any time.
    pub(super) ever: bool,
}

impl Traps {
    /// The built-in command `trap`.
    pub(super) fn set(&mut self, operands: &[Arg<'_>], dialect: Option<Shell>) {
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
        for signal in signals {
            // A signal that is known only at run time may be any.
            let name = signal.known().map_or_else(|| "TERM".to_owned(), str::to_ascii_uppercase);
            let name = match name.strip_prefix("SIG") {
                // dash: "trap: SIGTERM: bad trap".
                Some(_) if dialect == Some(Shell::Dash) => continue,
                Some(plain) => plain.to_owned(),
                None => name,
            };
            match name.as_str() {
                "TERM" | "15" => self.term = handles,
                "EXIT" | "0" => self.exit = handles,
                _ => {}
            }
            self.active.retain(|active| *active != name);
            if handles {
                self.active.push(name);
            }
            self.ever |= handles;
        }
    }
}
