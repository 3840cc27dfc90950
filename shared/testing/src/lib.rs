//! Replays the cases of a policy, and makes its metadata and what is published of it. For tests only; no module is built
//! with it.
//!
//! [`policy!`](shared::policy!) makes the test executable of a policy crate run [`main`]. The harness replays the same
//! cases through the built module with [`load`] and [`Case::replay`].

// `policy!` calls this crate by its name, here too.
#[cfg(test)]
extern crate self as testing;

mod answer;
mod case;
mod combined;
mod corpus;
mod host;
mod native;
mod objects;
mod overlay;
mod policies;
mod program;
mod publish;
mod replay;
mod samples;

pub use case::{Case, load};
pub use combined::alone;
pub use host::{Answers, HostAnswer, Recorded};
pub use overlay::overlay;
pub use policies::{cases, policies};
pub use program::main;
pub use publish::examples::check_examples;
pub use publish::project::project;
pub use publish::published::{Publish, Published, publish};
pub use replay::{Subject, request, workloads};
pub use samples::{Pods, check_samples};
