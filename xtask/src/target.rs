//! The wasm target of the pinned toolchain.

use std::path::Path;
use std::process::Command;

use crate::cargo::Cargo;
use crate::outcome::Fault;

/// The target of every module: nothing but what the host gives can be called from it.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Installs the wasm target when the toolchain does not have it.
///
/// # Errors
///
/// Prints the fix when rustup is missing or fails.
pub(crate) fn install(cargo: &Cargo) -> Result<(), Fault> {
    let libraries = cargo.rustc(&["--print", "target-libdir", "--target", WASM])?;
    if Path::new(libraries.trim()).is_dir() {
        return Ok(());
    }
    eprintln!("      the toolchain has no {WASM}: `rustup target add {WASM}`");
    // Run in the workspace, so that rustup sees the pinned toolchain.
    let status = Command::new("rustup").args(["target", "add", WASM]).current_dir(cargo.workspace()).status().map_err(
        |error| {
            format!(
                "the target {WASM} is missing and rustup cannot be run ({error}); install rustup \
                 (https://rustup.rs), or add the target with the tool that installed Rust"
            )
        },
    )?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`rustup target add {WASM}` failed; is there a network?").into())
    }
}
