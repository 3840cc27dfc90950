//! The largest and the strangest payloads, through every built module: an answer within the memory that a module may
//! use, never a trap and never an acceptance of what cannot be read.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use harness::{Limits, Module, Response};
use payloads::Practices;

/// What a policy server takes at most: two objects of an UPDATE, about.
const LARGE: usize = 2 * 1024 * 1024;

const MIB: usize = 1024 * 1024;

/// Every built module with the name of its file, compiled once.
static MODULES: LazyLock<Vec<(String, Module)>> = LazyLock::new(|| {
    let dist = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../dist"));
    let entries = std::fs::read_dir(dist).expect("`cargo xtask build` builds the modules");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry can be read").path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "wasm"));
    assert!(!files.is_empty(), "`cargo xtask build` builds the modules");
    files
        .iter()
        .map(|file| (file.display().to_string(), Module::from_file(file).expect("the module can be loaded")))
        .collect()
});

/// The answers of every module to `payload`, with `memory` bytes.
fn answers(payload: &[u8], memory: usize) -> Vec<(String, Response)> {
    let limits = Limits { memory, ..Limits::default() };
    MODULES
        .iter()
        .map(|(name, module)| {
            let module = module.clone().with_limits(limits).expect("the module starts");
            let answer = module.validate(payload).unwrap_or_else(|error| panic_with(name, &error));
            (name.clone(), answer)
        })
        .collect()
}

#[expect(clippy::panic, reason = "a test fails by panicking")]
fn panic_with(name: &str, error: &harness::HostError) -> ! {
    panic!("{name}: {error}")
}

/// A creation of a Pod, whose text is given where JSON cannot say it.
fn pod(spec: &str) -> Vec<u8> {
    format!(
        r#"{{"request":{{"operation":"CREATE","kind":{{"group":"","version":"v1","kind":"Pod"}},"namespace":"shop","object":{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"web"}},"spec":{spec}}}}},"settings":{{}}}}"#
    )
    .into_bytes()
}

#[test]
fn payloads_of_2_mib_are_answered_within_24_mib() {
    for (shape, payload) in payloads::strange(LARGE) {
        for (name, answer) in answers(&payload, 24 * MIB) {
            let message = answer.message.unwrap_or_default();
            assert!(message.len() <= 2048, "{name}: {shape}: {} bytes", message.len());
            assert!(answer.warnings.iter().all(|warning| warning.len() <= 256), "{name}: {shape}");
        }
    }
}

#[test]
fn a_deployment_of_8_kib_needs_at_most_4_mib() {
    let payload = payloads::create(&payloads::deployment(8 * 1000, Practices::Kept));
    assert!(payload.len() > 8 * 1000, "{}", payload.len());
    assert_eq!(answers(&payload, 4 * MIB).len(), MODULES.len());
}

#[test]
fn what_is_no_request_is_rejected() {
    let truncated = &pod(r#"{"containers":[]}"#)[..80];
    let strange: [&[u8]; 10] =
        [b"", b" ", b"null", b"[]", b"\"x\"", b"{}", b"{\"request\":null}", b"\xff\xfe", b"\xef\xbb\xbf{}", truncated];
    for payload in strange {
        for (name, answer) in answers(payload, 4 * MIB) {
            assert!(!answer.accepted, "{name}: {payload:?}");
            assert_eq!(answer.code, Some(400), "{name}: {payload:?}");
        }
    }
}
