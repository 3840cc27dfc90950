//! The host on small modules written by hand: what a call may do, and how every failure is named.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::time::{Duration, Instant};

use harness::{HostError, Limits, Module};

/// What every guest here stands on: the host functions, one page of memory, and the bytes that it answers with.
fn guest(memory: &str, answer: &str, call: &str, rest: &str) -> Vec<u8> {
    let length = answer.len();
    let answer = answer.replace('\\', "\\\\").replace('"', "\\\"");
    let text = format!(
        r#"(module
            (import "wapc" "__guest_request" (func $request (param i32 i32)))
            (import "wapc" "__guest_response" (func $response (param i32 i32)))
            (import "wapc" "__guest_error" (func $error (param i32 i32)))
            (import "wapc" "__host_call" (func $host_call (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
            (memory (export "memory") {memory})
            (data (i32.const 0) "{answer}")
            (data (i32.const 1024) "bindingocimanifest")
            (func $answer (result i32) (call $response (i32.const 0) (i32.const {length})) (i32.const 1))
            (func (export "__guest_call") (param $operation i32) (param $payload i32) (result i32) {call})
            {rest})"#
    );
    wat::parse_str(text).unwrap()
}

fn module(answer: &str, call: &str) -> Module {
    Module::from_bytes(&guest("1", answer, call, "")).unwrap()
}

/// A guest that takes 4 MiB more memory, traps when it gets none, and answers.
fn hungry() -> Module {
    let grow = "(if (i32.eq (memory.grow (i32.const 64)) (i32.const -1)) (then unreachable)) (call $answer)";
    Module::from_bytes(&guest("1", "\"v1\"", grow, "")).unwrap()
}

fn limits(time: u64, memory: usize) -> Limits {
    Limits { time: Duration::from_millis(time), memory }
}

#[test]
fn a_verdict_is_read() {
    let module = module(r#"{"accepted":false,"message":"no","code":403}"#, "(call $answer)");
    let response = module.validate(b"{}").unwrap();
    assert!(!response.accepted);
    assert_eq!(response.message.as_deref(), Some("no"));
    assert_eq!(response.code, Some(403));
}

#[test]
fn the_verdict_on_settings_and_the_protocol_version_are_read() {
    let settings = module(r#"{"valid":false,"message":"bad"}"#, "(call $answer)").validate_settings(b"{}").unwrap();
    assert_eq!((settings.valid, settings.message.as_deref()), (false, Some("bad")));
    assert_eq!(module("\"v1\"", "(call $answer)").protocol_version().unwrap(), "v1");
}

#[test]
fn a_module_gets_the_operation_and_the_payload() {
    let echo = "(call $request (i32.const 2048) (i32.add (i32.const 2048) (local.get $operation)))
                (call $response (i32.const 2048) (i32.add (local.get $operation) (local.get $payload)))
                (i32.const 1)";
    assert_eq!(module("", echo).call("validate", b"{}").unwrap(), b"validate{}");
}

#[test]
fn every_request_gets_a_fresh_instance() {
    let count = "(i32.store8 (i32.const 0) (i32.add (i32.load8_u (i32.const 0)) (i32.const 1))) (call $answer)";
    let module = module("0", count);
    assert_eq!(module.call("validate", b"").unwrap(), b"1");
    assert_eq!(module.call("validate", b"").unwrap(), b"1");
    let instance = module.instance().unwrap();
    assert_eq!(instance.call("validate", b"").unwrap(), b"1");
    assert_eq!(instance.call("validate", b"").unwrap(), b"2");
}

#[test]
fn a_trap_is_named_with_its_reason() {
    let fault = module("", "unreachable").validate(b"{}").unwrap_err();
    assert_eq!(fault, HostError::Trap("wasm `unreachable` instruction executed".to_owned()));
}

#[test]
fn endless_recursion_is_a_trap() {
    let fault = module("", "(call 4) drop (call 5 (i32.const 0) (i32.const 0))").validate(b"{}").unwrap_err();
    assert_eq!(fault, HostError::Trap("call stack exhausted".to_owned()));
}

#[test]
fn an_endless_loop_is_stopped_at_the_deadline() {
    let module = module("", "(loop $forever (br $forever)) (i32.const 1)").with_limits(limits(50, 1 << 20)).unwrap();
    let begin = Instant::now();
    assert_eq!(module.validate(b"{}").unwrap_err(), HostError::Deadline(Duration::from_millis(50)));
    assert!(begin.elapsed() >= Duration::from_millis(50), "{:?}", begin.elapsed());
}

#[test]
fn an_endless_start_is_stopped_at_the_deadline() {
    let start = "(func (export \"wapc_init\") (loop $forever (br $forever)))";
    let module = Module::from_bytes(&guest("1", "", "(call $answer)", start)).unwrap();
    let fault = module.with_limits(limits(50, 1 << 20)).unwrap().instance().unwrap_err();
    assert_eq!(fault, HostError::Deadline(Duration::from_millis(50)));
}

#[test]
fn a_call_that_needs_more_memory_than_allowed_is_named_so() {
    assert_eq!(hungry().protocol_version().unwrap(), "v1");
    let short = hungry().with_limits(limits(2_000, 2 << 20)).unwrap();
    assert_eq!(short.protocol_version().unwrap_err(), HostError::Memory(2 << 20));
}

#[test]
fn a_module_that_begins_with_more_memory_than_allowed_is_refused() {
    let module = Module::from_bytes(&guest("32", "", "(call $answer)", "")).unwrap();
    assert_eq!(module.with_limits(limits(2_000, 1 << 20)).unwrap_err(), HostError::Memory(1 << 20));
}

#[test]
fn a_refused_host_call_outweighs_the_answer() {
    let ask = "(call $host_call (i32.const 1024) (i32.const 7) (i32.const 1031) (i32.const 3)
                                (i32.const 1034) (i32.const 8) (i32.const 0) (i32.const 0)) drop (call $answer)";
    let fault = module(r#"{"accepted":true}"#, ask).validate(b"{}").unwrap_err();
    assert_eq!(fault.to_string(), "the module called the host capability oci/manifest, which is refused");
}

#[test]
fn an_error_of_the_guest_is_passed_on() {
    let fail = "(call $error (i32.const 0) (i32.const 7)) (i32.const 0)";
    assert_eq!(module("no way!", fail).validate(b"{}").unwrap_err(), HostError::Guest("no way!".to_owned()));
}

#[test]
fn an_answer_that_is_no_verdict_is_an_error() {
    let fault = module("yes", "(call $answer)").validate(b"{}").unwrap_err();
    assert!(matches!(fault, HostError::Answer(_)), "{fault:?}");
}

#[test]
fn an_address_outside_the_memory_does_not_bring_the_host_down() {
    let lie = "(call $response (i32.const 65000) (i32.const 100000)) (i32.const 1)";
    let fault = module("", lie).validate(b"{}").unwrap_err();
    assert!(matches!(fault, HostError::Trap(_)), "{fault:?}");
}

#[test]
fn bytes_that_are_no_module_are_refused() {
    for bytes in [b"".as_slice(), b"(module)", b"\0asm\x01\0\0\0garbage", b"\0asm\x0d\0\x01\0"] {
        let fault = Module::from_bytes(bytes).unwrap_err();
        assert!(matches!(fault, HostError::NotWasm(_)), "{fault:?}");
    }
}

#[test]
fn a_module_without_the_guest_function_is_refused() {
    let fault = Module::from_bytes(&wat::parse_str("(module)").unwrap()).unwrap_err();
    assert_eq!(fault.to_string(), "not a waPC module: it exports no function __guest_call");
}

#[test]
fn a_module_that_wants_more_than_wapc_is_refused_by_the_name_of_the_import() {
    let text = r#"(module (import "wasi_snapshot_preview1" "fd_write" (func)) (memory (export "memory") 1)
                          (func (export "__guest_call") (param i32 i32) (result i32) (i32.const 1)))"#;
    let fault = Module::from_bytes(&wat::parse_str(text).unwrap()).unwrap_err();
    assert!(fault.to_string().contains("wasi_snapshot_preview1.fd_write"), "{fault}");
}

#[test]
fn the_imports_are_listed() {
    let imports: Vec<_> = module("", "(call $answer)").imports().into_iter().collect();
    assert_eq!(imports, ["wapc.__guest_error", "wapc.__guest_request", "wapc.__guest_response", "wapc.__host_call"]);
}

#[test]
fn metadata_is_read_and_may_be_absent() {
    let section = concat!(
        r#"(@custom "io.kubewarden.metadata" "{\"protocolVersion\":\"v1\",\"mutating\":false,\"rules\":["#,
        r#"{\"apiGroups\":[\"\"],\"apiVersions\":[\"v1\"],\"resources\":[\"pods\"],\"operations\":[\"CREATE\"]}]}")"#,
    );
    let annotated = Module::from_bytes(&guest("1", "", "(call $answer)", section)).unwrap();
    let metadata = annotated.metadata().unwrap();
    assert_eq!(metadata.protocol_version.as_deref(), Some("v1"));
    assert_eq!(metadata.execution_mode, "kubewarden-wapc");
    assert_eq!(metadata.rules.first().unwrap().resources, ["pods"]);
    assert_eq!(module("", "(call $answer)").metadata(), None);
}

#[test]
fn metadata_that_cannot_be_read_is_refused() {
    let section = r#"(@custom "io.kubewarden.metadata" "{}")"#;
    let fault = Module::from_bytes(&guest("1", "", "(call $answer)", section)).unwrap_err();
    assert!(matches!(fault, HostError::Metadata(_)), "{fault:?}");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let fault = Module::from_file(Path::new("no/such.wasm")).unwrap_err();
    assert!(fault.to_string().starts_with("no/such.wasm cannot be read"), "{fault}");
}
