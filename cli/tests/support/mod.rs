//! Shared by the tests of the command: a place to run it in, with modules written by hand.
#![allow(dead_code, reason = "not every test uses all of it")]
#![expect(clippy::arithmetic_side_effects, clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(unreachable_pub, missing_docs, reason = "a module of tests")]

pub mod oci;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

pub const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\n";
pub const NODE: &str = "apiVersion: v1\nkind: Node\nmetadata: {name: one}\n";

pub const ACCEPTED: &str = r#"{"accepted":true}"#;
pub const VALID: &str = r#"{"valid":true}"#;

/// The outcome of the command.
pub struct Outcome {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// A directory with modules and manifests.
pub struct Workplace(tempfile::TempDir);

impl Workplace {
    /// A place with these modules: name, answer to `validate`, answer to `validate_settings`.
    pub fn new(modules: &[(&str, &str, &str)]) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(place.path("dist")).unwrap();
        for (name, verdict, settings) in modules {
            std::fs::write(place.path(&format!("dist/{name}.wasm")), module(verdict, settings)).unwrap();
        }
        place
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    /// Adds a file.
    pub fn with(self, file: &str, text: &str) -> Self {
        let path = self.path(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// Adds a file of bytes.
    pub fn with_bytes(self, file: &str, bytes: &[u8]) -> Self {
        std::fs::write(self.path(file), bytes).unwrap();
        self
    }

    /// Adds an entry to the catalogue, of version 1.2.3.
    pub fn with_entry(self, policy: &str, fields: &Value) -> Self {
        let mut entry = json!({
            "title": "A policy", "description": "Rejects much.", "why": "Much is too much.", "severity": "high", "version": "1.2.3",
            "schema": {"type": "object"}, "manifests": {"monitor": "kind: ClusterAdmissionPolicy\n"},
        });
        entry.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.with(&format!("dist/{policy}.json"), &entry.to_string())
    }

    /// Runs `seaworthy check` in the place.
    pub fn check(&self, arguments: &[&str]) -> Outcome {
        self.run(|command| command.arg("check").args(arguments), "")
    }

    pub fn run(&self, prepare: impl Fn(&mut Command) -> &mut Command, input: &str) -> Outcome {
        let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
        command.current_dir(self.0.path()).env_remove("SEAWORTHY_MODULES").env_remove("NO_COLOR");
        command.env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"));
        command.env_remove("CLICOLOR_FORCE").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = prepare(&mut command).spawn().unwrap();
        // A command that does not read its input has gone by now.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Outcome {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A module with fixed answers; it knows the operation by the length of its name. `trap` as an answer traps, and `loop` as
/// a verdict never ends.
pub fn module(verdict: &str, settings: &str) -> Vec<u8> {
    annotated(verdict, settings, None)
}

/// A module with fixed answers and metadata.
pub fn annotated(verdict: &str, settings: &str, metadata: Option<&Value>) -> Vec<u8> {
    let data = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let validate = match verdict {
        "trap" => "unreachable".to_owned(),
        "loop" => "(loop $forever (br $forever))".to_owned(),
        _ => format!("(call $response (i32.const 0) (i32.const {}))", verdict.len()),
    };
    let validate_settings = match settings {
        "trap" => "unreachable".to_owned(),
        _ => format!("(call $response (i32.const 8192) (i32.const {}))", settings.len()),
    };
    wat::parse_str(format!(
        r#"(module
            (import "wapc" "__guest_response" (func $response (param i32 i32)))
            (memory (export "memory") 1)
            (data (i32.const 0) "{}")
            (data (i32.const 8192) "{}")
            (func (export "__guest_call") (param $operation i32) (param $payload i32) (result i32)
                (if (i32.eq (local.get $operation) (i32.const {}))
                    (then {validate})
                    (else {validate_settings}))
                (i32.const 1)){})"#,
        data(verdict),
        data(settings),
        "validate".len(),
        metadata
            .map(|metadata| format!(r#"(@custom "io.kubewarden.metadata" "{}")"#, data(&metadata.to_string())))
            .unwrap_or_default(),
    ))
    .unwrap()
}

/// A module that asks its host one question, and fails with the answer or the error that it gets.
pub fn asking(namespace: &str, operation: &str, payload: &str, metadata: Option<&Value>) -> Vec<u8> {
    let data = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let metadata =
        metadata.map(|metadata| format!(r#"(@custom "io.kubewarden.metadata" "{}")"#, data(&metadata.to_string())));
    let text = format!("kubewarden{namespace}{operation}{payload}");
    let begin = |length: usize| 1024 + length;
    let (of_operation, of_payload) = (10 + namespace.len(), 10 + namespace.len() + operation.len());
    wat::parse_str(format!(
        r#"(module
            (import "wapc" "__guest_response" (func $response (param i32 i32)))
            (import "wapc" "__guest_error" (func $error (param i32 i32)))
            (import "wapc" "__host_call" (func $ask (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
            (import "wapc" "__host_response_len" (func $told_length (result i32)))
            (import "wapc" "__host_response" (func $told (param i32)))
            (import "wapc" "__host_error_len" (func $failed_length (result i32)))
            (import "wapc" "__host_error" (func $failed (param i32)))
            (memory (export "memory") 4)
            (data (i32.const 0) "{}")
            (data (i32.const 1024) "{}")
            (func (export "__guest_call") (param $operation i32) (param $payload i32) (result i32)
                (if (i32.ne (local.get $operation) (i32.const 8))
                    (then (call $response (i32.const 0) (i32.const {})) (return (i32.const 1))))
                (if (call $ask (i32.const {}) (i32.const 10) (i32.const {}) (i32.const {}) (i32.const {}) (i32.const {})
                               (i32.const {}) (i32.const {}))
                    (then (call $told (i32.const 65536)) (call $error (i32.const 65536) (call $told_length)))
                    (else (call $failed (i32.const 65536)) (call $error (i32.const 65536) (call $failed_length))))
                (i32.const 0)){})"#,
        data(VALID),
        data(&text),
        VALID.len(),
        begin(0),
        begin(10),
        namespace.len(),
        begin(of_operation),
        operation.len(),
        begin(of_payload),
        payload.len(),
        metadata.unwrap_or_default(),
    ))
    .unwrap()
}

/// A rejection as our modules answer it.
pub fn rejection() -> String {
    let finding = json!({
        "rule": "non-root", "action": "deny", "class": "main", "container": "web",
        "path": "spec.containers[0].securityContext.runAsNonRoot",
        "found": "may run as root", "fix": "set runAsNonRoot to true",
    });
    json!({
        "accepted": false, "code": 403, "message": "may run as root",
        "audit_annotations": {"findings": json!([finding]).to_string()},
    })
    .to_string()
}

pub const SENTENCE: &str = "container \"web\": may run as root; set runAsNonRoot to true \
                        (spec.containers[0].securityContext.runAsNonRoot)";
