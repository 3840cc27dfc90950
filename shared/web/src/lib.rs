//! The policies for JavaScript, by wasm-bindgen: the playground and the npm package call these functions.
//!
//! What crosses the boundary is JSON as text, which looks the same whatever the tool that generated the bindings. The same
//! functions are tested natively; nothing here uses the network, a clock or a file.
//!
//! The waPC entry of a module is not linked in: this crate is built alone, without the feature `wapc` of `shared`.

mod check;
mod modules;

pub use check::check;
pub use modules::{names, validate, validate_settings};

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

    /// The names of all modules: each policy, and those that combine several.
    #[wasm_bindgen]
    pub fn modules() -> Vec<String> {
        crate::names().map(str::to_owned).collect()
    }

    /// Answers the operation `validate` as the published module does.
    ///
    /// @param module The name of a module.
    /// @param settings Its settings as JSON; empty for the defaults.
    /// @param request An AdmissionRequest as JSON.
    /// @returns A ValidationResponse of Kubewarden as JSON.
    /// @throws There is no module of this name.
    #[wasm_bindgen]
    pub fn validate(module: &str, settings: &str, request: &str) -> Result<String, JsError> {
        crate::validate(module, settings, request).map_err(|error| JsError::new(&error))
    }

    /// Answers the operation `validate_settings` as the published module does.
    ///
    /// @param module The name of a module.
    /// @param settings Its settings as JSON; empty for the defaults.
    /// @returns A SettingsValidationResponse of Kubewarden as JSON.
    /// @throws There is no module of this name.
    #[wasm_bindgen(js_name = validateSettings)]
    pub fn validate_settings(module: &str, settings: &str) -> Result<String, JsError> {
        crate::validate_settings(module, settings).map_err(|error| JsError::new(&error))
    }
}
