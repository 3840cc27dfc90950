//! The permitted imports of a module, and its metadata.
//!
//! Kubewarden reads the metadata from the first custom section of the name [`SECTION`]; `kwctl annotate` appends it
//! and keeps an old one, so a module must have exactly one.

use std::collections::BTreeSet;

use serde_json::Value;
use wasmparser::{Parser, Payload};

use crate::outcome::Fault;

/// The custom section that holds the metadata of a policy.
const SECTION: &str = "io.kubewarden.metadata";

/// The magic number and the version that a module begins with.
const HEADER: &[u8] = b"\0asm\x01\0\0\0";

/// The id of a custom section.
const CUSTOM: u8 = 0;

/// Rewrites a module: every custom section is dropped, and the metadata is appended as the only one.
///
/// # Errors
///
/// Fails when the bytes are not a module, when it imports anything but the waPC functions, or when the metadata is not
/// the JSON of a waPC policy.
pub(crate) fn annotate(module: &[u8], metadata: &str) -> Result<Vec<u8>, Fault> {
    check_metadata(metadata)?;
    let mut annotated = HEADER.to_vec();
    let mut foreign = BTreeSet::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let Payload::ImportSection(imports) = &payload {
            for import in imports.clone().into_imports() {
                let import = import?;
                if import.module != "wapc" {
                    foreign.insert(format!("{}.{}", import.module, import.name));
                }
            }
        }
        if let Some((id, range)) = payload.as_section().filter(|(id, _)| *id != CUSTOM) {
            let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
            let content = module.get(range).ok_or("a section ends after the module")?;
            push_section(&mut annotated, id, content);
        }
    }
    if !foreign.is_empty() {
        let names: Vec<_> = foreign.into_iter().collect();
        return Err(format!("it imports {}; a policy may import the waPC functions only", names.join(", ")).into());
    }
    let mut content = Vec::new();
    push_length(&mut content, SECTION.len());
    content.extend_from_slice(SECTION.as_bytes());
    content.extend_from_slice(metadata.as_bytes());
    push_section(&mut annotated, CUSTOM, &content);
    Ok(annotated)
}

/// Metadata is one JSON object with the protocol version that the host needs to call the module.
fn check_metadata(metadata: &str) -> Result<(), Fault> {
    let value: Value = serde_json::from_str(metadata).map_err(|error| format!("its metadata is not JSON: {error}"))?;
    match value.get("protocolVersion").and_then(Value::as_str) {
        Some(_) => Ok(()),
        None => Err("its metadata has no protocolVersion".into()),
    }
}

fn push_section(module: &mut Vec<u8>, id: u8, content: &[u8]) {
    module.push(id);
    push_length(module, content.len());
    module.extend_from_slice(content);
}

/// Appends a length as unsigned LEB128: seven bits a byte, the lowest first.
fn push_length(bytes: &mut Vec<u8>, mut length: usize) {
    loop {
        let [low, ..] = length.to_le_bytes();
        length >>= 7;
        if length == 0 {
            bytes.push(low & 0x7f);
            return;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cargo::Cargo;
    use crate::policies;

    const METADATA: &str = r#"{"protocolVersion":"v1","rules":[]}"#;

    /// A module of the given sections.
    fn module(sections: &[(u8, &[u8])]) -> Vec<u8> {
        let mut module = HEADER.to_vec();
        for (id, content) in sections {
            push_section(&mut module, *id, content);
        }
        module
    }

    /// An import section of one function, and the type section it needs.
    fn importing(from: &str, name: &str) -> Vec<u8> {
        let mut import = vec![1, u8::try_from(from.len()).unwrap()];
        import.extend_from_slice(from.as_bytes());
        import.push(u8::try_from(name.len()).unwrap());
        import.extend_from_slice(name.as_bytes());
        import.extend_from_slice(&[0, 0]);
        module(&[(1, &[1, 0x60, 0, 0]), (2, &import)])
    }

    /// The custom sections of a module: name and content.
    fn custom_sections(module: &[u8]) -> Vec<(String, Vec<u8>)> {
        Parser::new(0)
            .parse_all(module)
            .filter_map(|payload| match payload.unwrap() {
                Payload::CustomSection(section) => Some((section.name().to_owned(), section.data().to_vec())),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn the_metadata_is_the_only_custom_section() {
        let before = module(&[
            (CUSTOM, b"\x04name\x00"),
            (1, &[1, 0x60, 0, 0]),
            (CUSTOM, b"\x16io.kubewarden.metadata{\"protocolVersion\":\"old\"}"),
            (CUSTOM, b"\x09producers\x00"),
        ]);
        let after = annotate(&before, METADATA).unwrap();
        assert_eq!(custom_sections(&after), [(SECTION.to_owned(), METADATA.as_bytes().to_vec())]);
    }

    #[test]
    fn other_sections_are_kept_byte_for_byte() {
        let before = importing("wapc", "__guest_request");
        let after = annotate(&before, METADATA).unwrap();
        assert!(after.starts_with(&before));
    }

    #[test]
    fn annotating_twice_changes_nothing() {
        let once = annotate(&importing("wapc", "__host_call"), METADATA).unwrap();
        assert_eq!(annotate(&once, METADATA).unwrap(), once);
    }

    #[test]
    fn every_built_module_carries_what_is_published_of_it_and_annotating_it_again_changes_nothing() {
        let cargo = Cargo::new();
        for policy in policies::all(&cargo).unwrap() {
            let file = cargo.dist().join(format!("{policy}.wasm"));
            let module =
                std::fs::read(file).unwrap_or_else(|_| panic!("{policy}: `cargo xtask build` builds the modules"));
            let [(name, content)] = custom_sections(&module).try_into().unwrap();
            assert_eq!(name, SECTION);
            let content = String::from_utf8(content).unwrap();
            assert!(annotate(&module, &content).unwrap() == module, "{policy} changes when it is annotated again");

            let mut carried: Value = serde_json::from_str(&content).unwrap();
            let usage = carried["annotations"].as_object_mut().unwrap().remove("io.kubewarden.policy.usage");
            assert!(usage.is_some_and(|usage| usage.as_str().unwrap().contains("## Settings")), "{policy}");
            let published = cargo
                .workspace()
                .join("artifacthub")
                .join(&policy)
                .join(env!("CARGO_PKG_VERSION"))
                .join("metadata.yml");
            let published: Value = serde_saphyr::from_str(&std::fs::read_to_string(published).unwrap()).unwrap();
            assert_eq!(carried, published, "{policy}");
        }
    }

    #[test]
    fn an_import_that_is_not_wapc_is_refused_by_name() {
        let fault = annotate(&importing("wasi_snapshot_preview1", "fd_write"), METADATA).unwrap_err();
        assert!(fault.to_string().contains("wasi_snapshot_preview1.fd_write"), "{fault}");
    }

    #[test]
    fn metadata_that_is_not_json_is_refused() {
        let fault = annotate(HEADER, "running 3 tests").unwrap_err();
        assert!(fault.to_string().starts_with("its metadata is not JSON"), "{fault}");
    }

    #[test]
    fn metadata_without_a_protocol_version_is_refused() {
        let fault = annotate(HEADER, r#"{"rules":[]}"#).unwrap_err();
        assert_eq!(fault.to_string(), "its metadata has no protocolVersion");
    }

    #[test]
    fn bytes_that_are_no_module_are_refused() {
        assert!(annotate(b"#!/bin/sh", METADATA).is_err());
    }

    #[test]
    fn lengths_are_unsigned_leb128() {
        for (length, bytes) in
            [(0, vec![0]), (127, vec![0x7f]), (128, vec![0x80, 1]), (624_485, vec![0xe5, 0x8e, 0x26])]
        {
            let mut encoded = Vec::new();
            push_length(&mut encoded, length);
            assert_eq!(encoded, bytes);
        }
    }
}
