//! Classifies the command of a container: the process that becomes PID 1, the way of signals to the app, and the apps.
//!
//! [`Argv::compose`] gives the argument vector that a runtime starts and [`classify`] judges it from names and shell
//! syntax alone. A claim is made only where the manifest proves it; everything else is [`Behaviour::Unknown`].

mod apps;
mod argv;
mod behaviour;
mod budget;
mod container;
mod dialect;
mod fault;
mod installers;
mod invocations;
mod model;
mod names;
mod options;
mod pid1;
mod program;
mod script;
mod text;

pub use apps::{Apps, AppsFault};
pub use argv::{Arg, Argv, Env, MAX_ARGUMENTS, MAX_EXPANDED_BYTES};
pub use behaviour::{Behaviour, Broken, Stay, Trap, Unknown};
pub use budget::Budget;
pub use dialect::Shell;
pub use fault::Fault;
pub use installers::{Installer, InstallerAction, InstallerCall, is_version_of, only_tries, words};
pub use invocations::{Invocation, invocations, step_invocations};
pub use model::{Init, MAX_PARTS, Part, PartKind, Process, Role};
pub use options::Options;
pub use pid1::{Namespace, Pid1, SignalFault};
pub use program::{classify, classify_within};
pub use text::is_one_of;

pub use crate::text::MAX_EXCERPT as MAX_EVIDENCE;
