//! Images: references and the tags in them, configurations, and the history in those.

mod config;
mod error;
pub mod history;
mod mistaken;
mod redact;
mod reference;
pub mod tag;

pub use config::{Config, ConfigError, Entry, MAX_HISTORY, Platform, Start};
pub use error::ParseError;
pub use redact::{SECRET_NAMES, is_secret_name, redacted};
pub(crate) use reference::is_domain;
pub use reference::{Digest, ImageRef, Repository};
