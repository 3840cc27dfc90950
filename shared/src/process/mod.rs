//! Which process of a container becomes PID 1, whether signals reach the app, and how many apps it starts.
//!
//! [`Argv::compose`] gives the argument vector that a runtime starts and [`classify`] judges it from names and shell
//! syntax alone. A claim is made only where the manifest proves it; everything else is [`Behaviour::Unknown`].

mod argv;
mod behaviour;
mod dialect;
mod model;
mod names;
mod options;
mod program;
mod script;
mod text;

pub use argv::{Arg, Argv, Env, MAX_ARGUMENTS, MAX_EXPANDED_BYTES};
pub use behaviour::{Behaviour, Broken, Stay, Unknown};
pub use dialect::Shell;
pub use model::{Init, MAX_PARTS, Part, PartKind, Process, Role};
pub use options::{MAX_STEPS, Options};
pub use text::MAX_EVIDENCE;
pub(crate) use text::has_part;

use std::cell::Cell;

/// Judges an argument vector.
#[must_use]
pub fn classify(argv: &Argv<'_>, options: &Options<'_>) -> Process {
    let own = Cell::new(MAX_STEPS);
    match &argv.0 {
        Ok(arguments) => program::Classifier::new(options, options.steps.unwrap_or(&own)).program(arguments, 0),
        Err(reason) => Process::of_unknown(*reason),
    }
}
