//! The laws that no input may break, for fuzzing.
//!
//! A [`Target`] takes any bytes, makes the input of them that it is about, and checks the laws natively. Its
//! [`calls`](Target::calls) are the same input for a module, to compare the answers. The programs in `targets/` hand the
//! inputs of libFuzzer to a target; `cargo xtask fuzz` runs them.

mod answer;
mod image;
mod payload;
mod request;
mod seeds;
mod settings;
mod shell;

pub use answer::modules;
pub use seeds::{Seeds, random_bytes, seeds};

/// A fuzz target: a kind of input, and the laws that hold for it.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name of its program and of its corpus.
    pub name: &'static str,
    check: fn(&[u8]) -> Result<(), String>,
    calls: fn(&[u8]) -> Vec<Call>,
}

/// A call of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The operation: `validate` or `validate_settings`.
    pub operation: &'static str,
    /// Its argument.
    pub payload: Vec<u8>,
}

impl Target {
    /// Checks the laws for an input.
    ///
    /// # Errors
    /// Names the law that is broken.
    pub fn check(&self, input: &[u8]) -> Result<(), String> {
        (self.check)(input)
    }

    /// Checks the laws for an input, for a fuzzer.
    ///
    /// # Panics
    /// A law is broken: this is what a fuzzer looks for.
    pub fn hold(&self, input: &[u8]) {
        let outcome = self.check(input);
        assert!(outcome.is_ok(), "{}", outcome.err().unwrap_or_default());
    }

    /// The input as calls of a module.
    #[must_use]
    pub fn calls(&self, input: &[u8]) -> Vec<Call> {
        (self.calls)(input)
    }
}

/// Any text as an image reference.
pub const IMAGE: Target = Target { name: "image", check: image::check, calls: image::calls };
/// Any bytes as the payload of `validate`.
pub const PAYLOAD: Target = Target { name: "payload", check: payload::check, calls: payload::calls };
/// A well-formed request with ill-typed fields here and there.
pub const REQUEST: Target = Target { name: "request", check: request::check, calls: request::calls };
/// Any bytes as settings.
pub const SETTINGS: Target = Target { name: "settings", check: settings::check, calls: settings::calls };
/// Any text as a shell script and as an argument vector.
pub const SHELL: Target = Target { name: "shell", check: shell::check, calls: shell::calls };

/// Every target, sorted by name.
pub const TARGETS: [Target; 5] = [IMAGE, PAYLOAD, REQUEST, SETTINGS, SHELL];

/// `Ok` when `law` holds, else its `statement`.
fn law(law: bool, statement: impl FnOnce() -> String) -> Result<(), String> {
    if law { Ok(()) } else { Err(statement()) }
}
