//! The outcome of a task.

use std::process::{ExitCode, ExitStatus};

/// The error of a task: a text that names the step and the fix.
pub(crate) type Fault = Box<dyn std::error::Error>;

/// The exit code of a child; one that was killed by a signal has none and counts as failed.
pub(crate) fn exit_code(status: ExitStatus) -> ExitCode {
    status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
}
