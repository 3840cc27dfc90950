//! `inspect`: what a module says of itself, what it needs, and whether this command can run it.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

use host::{Metadata, Module, Outline, Rule};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::document::document;
use super::fault::Fault;
use crate::args::{self, Form};
use crate::policies::{Builtin, require};

/// The annotations that are told, in this order, with how they are called here.
const ANNOTATIONS: [(&str, &str); 9] = [
    ("title", "io.kubewarden.policy.title"),
    ("version", "io.kubewarden.policy.version"),
    ("about", "io.kubewarden.policy.description"),
    ("severity", "io.kubewarden.policy.severity"),
    ("author", "io.kubewarden.policy.author"),
    ("license", "io.kubewarden.policy.license"),
    ("url", "io.kubewarden.policy.url"),
    ("source", "io.kubewarden.policy.source"),
    ("image", "io.kubewarden.policy.ociUrl"),
];

/// What is known of a module.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Known {
    metadata: Option<Metadata>,
    bytes: usize,
    digest: String,
    imports: Vec<String>,
    runs_here: bool,
    /// The reason why it does not run here.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<String>,
}

/// Tells about the module in a file, or of a built-in policy.
pub(super) fn inspect(module: &str, form: Form, builtin: &args::Builtin) -> Result<String, Fault> {
    let fault = |reason: String| Fault::Module { name: module.to_owned(), reason };
    let bytes = bytes(module, builtin)?;
    let outline = Outline::of(&bytes).map_err(|error| fault(error.to_string()))?;
    let refusal = Module::from_bytes(&bytes).err().map(|error| error.to_string());
    let known = Known {
        metadata: outline.metadata,
        bytes: bytes.len(),
        digest: format!("sha256:{:x}", Sha256::digest(&bytes)),
        imports: outline.imports.into_iter().collect(),
        runs_here: refusal.is_none(),
        refusal,
    };
    match form {
        Form::Text => Ok(known.text()),
        Form::Json => document(&known),
    }
}

impl Known {
    /// What is known, for people.
    fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let mut line = |key: &str, value: &str| {
            let _ = writeln!(text, "{key:10}{value}");
        };
        match &self.metadata {
            Some(metadata) => tell(metadata, &mut line),
            None => line("metadata", "none"),
        }
        line("size", &format!("{} bytes", self.bytes));
        line("digest", &self.digest);
        line("imports", self.imports.first().map_or("nothing", String::as_str));
        for import in self.imports.iter().skip(1) {
            line("", import);
        }
        line("runs here", &self.refusal.as_ref().map_or("yes".to_owned(), |reason| format!("no: {reason}")));
        text
    }
}

fn tell(metadata: &Metadata, line: &mut impl FnMut(&str, &str)) {
    for (key, annotation) in ANNOTATIONS {
        if let Some(value) = metadata.annotations.get(annotation) {
            // Texts of others could hold sequences that steer a terminal.
            line(key, &value.replace(char::is_control, " "));
        }
    }
    line("protocol", metadata.protocol_version.as_deref().unwrap_or("unknown"));
    line("execution", &metadata.execution_mode);
    line("mutating", if metadata.mutating { "yes" } else { "no" });
    for (index, rule) in metadata.rules.iter().enumerate() {
        let Rule { api_groups, api_versions, resources, operations } = rule;
        let groups: Vec<&str> =
            api_groups.iter().map(|group| if group.is_empty() { "core" } else { group.as_str() }).collect();
        let rule = format!(
            "{} {}/{}: {}",
            operations.join(","),
            groups.join(","),
            api_versions.join(","),
            resources.join(", ")
        );
        line(if index == 0 { "rules" } else { "" }, &rule);
    }
    for resource in &metadata.context_aware_resources {
        line("reads", &format!("{} {} of the cluster", resource.api_version, resource.kind));
    }
}

/// The bytes of a module: of a file, or of a built-in policy where there is no such file.
fn bytes(module: &str, builtin: &args::Builtin) -> Result<Cow<'static, [u8]>, Fault> {
    let fault = |reason: String| Fault::Module { name: module.to_owned(), reason };
    let path = Path::new(module);
    if path.is_file() || path.extension().is_some() || path.components().count() > 1 {
        return std::fs::read(path).map(Cow::Owned).map_err(|error| fault(error.to_string()));
    }
    let builtin = Builtin::open(builtin)?;
    require(module, builtin.names())?;
    builtin.bytes(module).map_err(fault)
}
