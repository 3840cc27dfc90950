//! Asking the host what the object does not show. Nothing here knows of images or pods.
//!
//! Source: Kubewarden, "Host capabilities".

mod call;
mod memo;
mod question;
mod words;

pub use call::{HostCall, Refuse};
pub use memo::{Answer, Host, Unanswered};
pub use question::{ApiKind, IMAGES, Question, REPORTS};
