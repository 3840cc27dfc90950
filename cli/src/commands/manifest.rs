//! `manifest`: the manifest of a policy, to be edited and applied.

use std::fmt::Write as _;

use clap::ValueEnum as _;

use super::about::entry;
use super::fault::Fault;
use crate::args::{Changes, Purpose};
use crate::policies::{Builtin, accepted_settings};

/// The schemes of modules that a policy server can load. `registry` is meant when there is none.
const SCHEMES: [&str; 4] = ["registry", "https", "http", "file"];

/// A line of a published manifest, by its key and its value.
const DEFAULTS: &str = "settings: {}";
/// The key of the module.
const MODULE: &str = "module: ";

/// The manifest as it is published, with other settings and another module, and with a line about what to edit.
pub(super) fn manifest(builtin: &Builtin, policy: &str, changes: &Changes) -> Result<String, Fault> {
    let Changes { purpose, settings, module } = changes;
    let title = purpose.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let entry = entry(builtin, policy)?;
    let published = entry
        .manifests
        .get(&title)
        .ok_or_else(|| Fault::Missing { what: format!("manifest for {title}"), policy: policy.to_owned() })?;
    let settings = settings.as_deref().map(|file| accepted_settings(file, policy, builtin)).transpose()?;
    let settings = settings.map(|settings| serde_saphyr::to_string(&settings)).transpose();
    let settings = settings.map_err(|error| Fault::Usage(format!("--settings: {error}")))?;
    let module = module.as_deref().map(reference).transpose()?;

    let mut text = format!(
        "# Printed by `seaworthy manifest {policy} --for {title}`, version {}. Edit {} before you apply it.\n",
        entry.version,
        editable(*purpose)
    );
    // The first line says that the published file is generated.
    for line in published.lines().skip_while(|line| line.starts_with('#')) {
        let (key, indent) = (line.trim_start(), line.len() - line.trim_start().len());
        // Writing to a string cannot fail.
        let _ = match (&settings, &module) {
            (Some(settings), _) if key == DEFAULTS => {
                let below = settings.trim_end().lines().map(|line| format!("\n{:indent$}  {line}", ""));
                writeln!(text, "{:indent$}settings:{}", "", below.collect::<String>())
            }
            (_, Some(module)) if key.starts_with(MODULE) => writeln!(text, "{:indent$}{MODULE}{module}", ""),
            _ => writeln!(text, "{line}"),
        };
    }
    Ok(text)
}

/// The fields that are meant to be edited.
fn editable(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Monitor | Purpose::Protect => "`mode`, `namespaceSelector` and `settings`",
        Purpose::Namespaced => "`namespace`, `mode` and `settings`",
        Purpose::Rbac => "the name and namespace of the service account",
        Purpose::Group => "`mode`, `namespaceSelector`, `expression` and `policies`",
    }
}

/// The reference of a module, with its scheme.
fn reference(text: &str) -> Result<String, Fault> {
    let fault = |problem: &str| Err(Fault::Usage(format!("--module {text}: {problem}")));
    let is_plain = |character: char| character.is_ascii_graphic() && !"\"'`{}[],#&*!|<>".contains(character);
    if text.is_empty() || !text.chars().all(is_plain) {
        return fault("it is not a reference; write one such as registry://registry.example/policies/no-latest:v1");
    }
    match text.split_once("://") {
        None => Ok(format!("registry://{text}")),
        Some((scheme, rest)) if SCHEMES.contains(&scheme) && !rest.is_empty() => Ok(text.to_owned()),
        Some(_) => fault(&format!("a policy server loads modules by {}", SCHEMES.join("://, ") + "://")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_without_a_scheme_is_of_a_registry() {
        for (text, expected) in [
            ("registry.example:5000/p:v1", "registry://registry.example:5000/p:v1"),
            ("registry://r.example/p@sha256:00", "registry://r.example/p@sha256:00"),
            ("https://r.example/p.wasm?a=b", "https://r.example/p.wasm?a=b"),
            ("file:///srv/p.wasm", "file:///srv/p.wasm"),
        ] {
            assert_eq!(reference(text).ok().as_deref(), Some(expected));
        }
        for text in ["", "a b", "a\nspec: {}", "oci://r.example/p", "registry://", "[a]"] {
            assert!(reference(text).is_err(), "{text}");
        }
    }
}
