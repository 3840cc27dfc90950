//! Admission requests of any size: as an API server sends them, and strange ones.
//!
//! A payload is what a policy server hands to `validate`: `{"request": AdmissionRequest, "settings": {}}`. Nothing here
//! is random, so that figures of two runs speak of the same bytes.

mod server;
pub mod strange;

pub use server::{Practices, create, deployment, pod, update};
