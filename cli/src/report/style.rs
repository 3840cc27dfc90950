//! The styles of text on a terminal.

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
