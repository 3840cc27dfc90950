//! The policies for JavaScript, by wasm-bindgen: the playground and the npm package call these functions.
//!
//! JSON crosses the boundary as text: it looks the same whatever tool generates the bindings. The same
//! functions are tested natively; nothing here uses the network, a clock or a file.
//!
//! The waPC entry of a module is not linked in: this crate is built alone, without the feature `wapc` of `shared`.

mod check;
mod modules;

pub use check::{check, requests};
pub use modules::{call, names};

/// The functions as JavaScript sees them; their documentation becomes that of the TypeScript types. An error is an `Error`
/// whose message is the text.
#[cfg(target_family = "wasm")]
pub mod bindings {
    use wasm_bindgen::prelude::*;

    /// Judges every object of a manifest, YAML or JSON, by all policies.
    ///
    /// @param manifest The text of the manifest.
    /// @param settings The settings of the combined module as JSON; empty for the defaults.
    /// @param old The manifest of the objects as they are in the cluster: each object is then an UPDATE.
    /// @returns The report as JSON, in the form of `seaworthy check --format json`.
    /// @throws The settings are not valid; the message has one line per fault.
    #[wasm_bindgen]
    pub fn check(manifest: &str, settings: &str, old: Option<String>) -> Result<String, JsError> {
        crate::check(manifest, settings, old.as_deref()).map_err(|error| JsError::new(&error))
    }

    /// The `AdmissionRequest`s of a manifest, as an API server sends them.
    ///
    /// @param manifest The text of the manifest.
    /// @param old The manifest of the objects as they are in the cluster: each object is then an UPDATE.
    /// @returns A list of `AdmissionRequest`s as JSON. What cannot be read is left out; `check` reports it.
    #[wasm_bindgen]
    pub fn requests(manifest: &str, old: Option<String>) -> String {
        crate::requests(manifest, old.as_deref())
    }

    /// The names of all modules: each policy, and those that combine several.
    #[wasm_bindgen]
    pub fn modules() -> Vec<String> {
        crate::names().map(str::to_owned).collect()
    }

    /// Answers an operation as the published module of this name does.
    ///
    /// @param module The name of a module.
    /// @param operation `validate` or `validate_settings`.
    /// @param payload What a Kubewarden host hands over, as JSON in UTF-8.
    /// @returns The answer, as JSON in UTF-8.
    /// @throws There is no such module or operation.
    #[wasm_bindgen]
    pub fn call(module: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, JsError> {
        crate::call(module, operation, payload).map_err(|error| JsError::new(&error))
    }
}
