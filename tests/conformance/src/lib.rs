//! Tests of the laws for every policy, as native code and as modules.

pub mod adversarial;
mod answer;
pub mod generate;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use host::Module;
use shared::facts::Facts;
use testing::Pods;

pub use answer::Answer;
pub use shared::calls::Guest;

/// Every policy of the project that judges a request by itself, as native code, sorted by name. What a policy finds that asks its
/// host depends on the answers, which its cases hold.
pub static POLICIES: LazyLock<Vec<Guest<'static>>> =
    LazyLock::new(|| policies::POLICIES.iter().filter(|policy| asks_nothing(policy.facts)).map(Guest::from).collect());

/// The samples of each of them.
///
/// # Panics
/// The samples of a policy cannot be read.
pub static PODS: LazyLock<Pods> = LazyLock::new(|| {
    let names = POLICIES.iter().map(|policy| policy.name);
    #[expect(clippy::panic, reason = "a test fails by panicking")]
    Pods::load(&workspace(""), names).unwrap_or_else(|problem| panic!("{problem}"))
});

/// Returns `true` if a policy with these facts never asks its host.
#[must_use]
pub fn asks_nothing(facts: &Facts) -> bool {
    facts.capabilities.is_empty()
}

/// A file or directory of the workspace.
#[must_use]
pub fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The built module of this name.
///
/// # Errors
/// It was not built, or cannot be loaded. Says what to do.
pub fn module(name: &str) -> Result<Module, String> {
    Module::from_file(&workspace(&format!("dist/{name}.wasm")))
        .map_err(|error| format!("{error}; `cargo xtask build` builds the modules"))
}
