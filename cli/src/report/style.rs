//! The styles of text on a terminal.

use std::fmt::{self, Write as _};

use anstyle::{AnsiColor, Style};

/// Names and places.
pub(crate) const BOLD: Style = Style::new().bold();

/// A denial, or an error.
pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();

/// A warning.
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// A note on standard error.
pub(crate) const NOTE: Style = AnsiColor::Cyan.on_default().bold();

/// Nothing to complain about.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();

/// A text of others, which could hold sequences that steer a terminal: control characters are escaped.
pub(super) struct Clean<'a>(pub(super) &'a str);

impl fmt::Display for Clean<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                control if control.is_control() => write!(f, "{}", control.escape_debug())?,
                plain => f.write_char(plain)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_others_cannot_steer_the_terminal() {
        assert_eq!(Clean("a\u{1b}[2Jb\u{9b}c").to_string(), "a\\u{1b}[2Jb\\u{9b}c");
    }
}
