//! What holds for every policy is tested here, of the policies as native code and of their modules.

pub mod adversarial;
mod answer;
pub mod generate;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use host::Module;
use testing::Pods;

pub use answer::Answer;
pub use shared::calls::Guest;

/// Every policy of the project as native code, sorted by name.
pub static POLICIES: LazyLock<Vec<Guest<'static>>> =
    LazyLock::new(|| seaworthy::POLICIES.iter().map(Guest::from).collect());

/// What is good and bad for each of them.
///
/// # Panics
/// The samples of a policy cannot be read.
pub static PODS: LazyLock<Pods> = LazyLock::new(|| {
    let names = seaworthy::POLICIES.iter().map(|policy| policy.name);
    #[expect(clippy::panic, reason = "a test fails by panicking")]
    Pods::load(&workspace(""), names).unwrap_or_else(|problem| panic!("{problem}"))
});

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
