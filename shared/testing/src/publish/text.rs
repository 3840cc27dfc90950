//! The texts that files are made of.

use shared::settings::Tree;

/// The mark of a generated file.
pub(super) const GENERATED: &str = "Generated from the sources of the policy by `cargo xtask gen`. Do not edit.";

/// A YAML file. Texts are quoted so that YAML 1.1 readers, such as kubectl, read them as texts too.
pub(super) fn yaml(tree: &Tree) -> Result<String, String> {
    Ok(format!("# {GENERATED}\n{}", fragment(tree)?))
}

/// YAML without the line about its origin.
pub(super) fn fragment(tree: &Tree) -> Result<String, String> {
    // Readers such as awk expect a text without line breaks on one line.
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    serde_saphyr::to_string_with_options(tree, options).map_err(|error| error.to_string())
}

/// A JSON file.
pub(super) fn json(tree: &Tree) -> Result<String, String> {
    let text = serde_json::to_string_pretty(tree).map_err(|error| error.to_string())?;
    Ok(format!("{text}\n"))
}
