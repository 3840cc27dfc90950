//! An embedded Kubewarden host.
//!
//! It runs policy modules as a policy server does: on `wapc` and `wasmtime-provider`, a fresh instance for every
//! request, with a deadline and a memory limit. It gives a module nothing but the waPC functions: no files, network or
//! cluster. Calls of host capabilities are refused unless [`Module::with_capabilities`] names who answers them; logs are
//! dropped. A module that imports WASI gets the clock and randomness.

mod cache;
mod capabilities;
mod engine;
mod error;
mod instance;
mod metadata;
mod module;
mod provider;
mod response;
mod state;
mod wasi;

pub use cache::cache_in;
pub use capabilities::{Capabilities, Unanswered};
pub use error::HostError;
pub use instance::{Instance, Limits};
pub use metadata::{Metadata, Resource, Rule};
pub use module::{Module, Outline};
pub use response::{Response, SettingsResponse};
