//! Images that are expected to hold nothing but an app.

use shared::image::Start;
use shared::image::history::{Command, History};
use shared::prelude::*;

use crate::NOT_MINIMAL;

/// Shells.
const SHELLS: &[&str] = &["sh", "bash", "ash", "dash", "zsh", "ksh", "busybox"];

/// A finding if the image holds a shell: it starts one, or one has run in it.
pub(crate) fn check(history: &History<'_>, start: &Start<'_>) -> Option<Found> {
    let fix = "copy the app into scratch or a distroless base in a last stage";
    let first = start.image.first().or(start.manifest.first()).map(|path| path.rsplit('/').next().unwrap_or_default());
    if let Some(shell) = first.filter(|name| SHELLS.contains(name)) {
        let problem = format!("its image is expected to hold nothing but an app, but {} starts it", quote(shell));
        return Some(NOT_MINIMAL.found(problem, fix));
    }
    let ran = |command: Option<Command<'_>>| matches!(command, Some(Command::Script(_) | Command::Hidden));
    let index = history.steps.iter().position(|step| ran(step.command()))?;
    let problem =
        format!("its image is expected to hold nothing but an app, but {} ran in a shell", history.named(index));
    Some(NOT_MINIMAL.found(problem, fix))
}
