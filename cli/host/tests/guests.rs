//! The host on small modules written by hand: what a call may do, and how every failure is named.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use host::{Capabilities, HostError, Limits, Module, Unanswered};

/// The common part of every guest here: the host functions, one page of memory, and the bytes of its answer.
fn guest(memory: &str, answer: &str, call: &str, rest: &str) -> Vec<u8> {
    guest_with("", memory, answer, call, rest)
}

/// A guest with one more import.
fn guest_with(import: &str, memory: &str, answer: &str, call: &str, rest: &str) -> Vec<u8> {
    let length = answer.len();
    let answer = answer.replace('\\', "\\\\").replace('"', "\\\"");
    let text = format!(
        r#"(module
            (import "wapc" "__guest_request" (func $request (param i32 i32)))
            (import "wapc" "__guest_response" (func $response (param i32 i32)))
            (import "wapc" "__guest_error" (func $error (param i32 i32)))
            (import "wapc" "__host_call" (func $host_call (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
            (import "wapc" "__host_response_len" (func $told_length (result i32)))
            (import "wapc" "__host_response" (func $told (param i32)))
            (import "wapc" "__host_error_len" (func $failed_length (result i32)))
            (import "wapc" "__host_error" (func $failed (param i32)))
            {import}
            (memory (export "memory") {memory})
            (data (i32.const 0) "{answer}")
            (data (i32.const 1024) "bindingocimanifestkubewardentracinglog")
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
    let fault = module("", "(call 8) drop (call 9 (i32.const 0) (i32.const 0))").validate(b"{}").unwrap_err();
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

/// Calls a host capability, and answers nonetheless.
const ASK: &str = "(call $host_call (i32.const 1042) (i32.const 10) (i32.const 1031) (i32.const 3)
                                    (i32.const 1034) (i32.const 8) (i32.const 0) (i32.const 0)) drop (call $answer)";

#[test]
fn a_refused_host_call_outweighs_the_answer() {
    let fault = module(r#"{"accepted":true}"#, ASK).validate(b"{}").unwrap_err();
    assert_eq!(fault.to_string(), "the module called the host capability oci/manifest, which is refused");
}

#[test]
fn a_log_is_dropped_and_the_answer_counts() {
    let log = "(call $host_call (i32.const 1042) (i32.const 10) (i32.const 1052) (i32.const 7)
                                (i32.const 1059) (i32.const 3) (i32.const 0) (i32.const 0)) drop (call $answer)";
    assert!(module(r#"{"accepted":true}"#, log).validate(b"{}").unwrap().accepted);
}

/// A host that gives its answer after some time.
struct Slow(Duration, Result<Vec<u8>, Unanswered>);

impl Capabilities for Slow {
    fn call(&self, namespace: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, Unanswered> {
        assert_eq!((namespace, operation, payload), ("oci", "manifest", b"".as_slice()));
        std::thread::sleep(self.0);
        self.1.clone()
    }
}

/// Passes on what the host answers, or its error.
fn pass_on(ask: &str) -> String {
    format!(
        "(if (result i32) {ask}
            (then (call $told (i32.const 2048)) (call $response (i32.const 2048) (call $told_length)) (i32.const 1))
            (else (call $failed (i32.const 2048)) (call $error (i32.const 2048) (call $failed_length)) (i32.const 0)))"
    )
}

/// The call of [`ASK`] alone.
fn ask() -> &'static str {
    ASK.strip_suffix(" drop (call $answer)").unwrap()
}

fn asking(call: &str, slow: Slow) -> Module {
    module("", call).with_capabilities(Arc::new(slow)).unwrap()
}

#[test]
fn a_host_call_is_answered_by_who_was_named() {
    let told = |answer| asking(&pass_on(ask()), Slow(Duration::ZERO, answer)).call("validate", b"");
    assert_eq!(told(Ok(b"two layers".to_vec())).unwrap(), b"two layers");
    assert_eq!(told(Ok(Vec::new())).unwrap(), b"");
    let fault = told(Err(Unanswered::Failed("no such image".to_owned()))).unwrap_err();
    assert_eq!(fault, HostError::Guest("no such image".to_owned()));
    let fault = told(Err(Unanswered::NotOffered("which this host lacks".to_owned()))).unwrap_err();
    assert_eq!(fault.to_string(), "the module called the host capability oci/manifest, which this host lacks");
}

#[test]
fn only_the_binding_of_kubewarden_is_answered() {
    let ask = ask().replacen("(i32.const 1042) (i32.const 10)", "(i32.const 1024) (i32.const 7)", 1);
    for module in [module("", &pass_on(&ask)), asking(&pass_on(&ask), Slow(Duration::ZERO, Ok(Vec::new())))] {
        let fault = module.call("validate", b"").unwrap_err();
        assert_eq!(fault, HostError::Guest("unknown binding: binding".to_owned()));
    }
}

#[test]
fn the_time_of_a_host_call_is_not_that_of_the_module() {
    let short = limits(100, 1 << 20);
    let slow = || Slow(Duration::from_millis(300), Ok(b"late".to_vec()));
    let waiting = asking(&pass_on(ask()), slow()).with_limits(short).unwrap();
    assert_eq!(waiting.call("validate", b"").unwrap(), b"late");
    let forever = format!("{} drop (loop $forever (br $forever)) (i32.const 1)", ask());
    let endless = asking(&forever, slow()).with_limits(short).unwrap();
    assert_eq!(endless.call("validate", b"").unwrap_err(), HostError::Deadline(short.time));
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
fn a_module_that_wants_more_than_wapc_and_wasi_is_refused_by_the_name_of_the_import() {
    for (namespace, name) in [("env", "abort"), ("wasi_snapshot_preview1", "thread_spawn")] {
        let text = format!(
            r#"(module (import "{namespace}" "{name}" (func)) (memory (export "memory") 1)
                       (func (export "__guest_call") (param i32 i32) (result i32) (i32.const 1)))"#
        );
        let fault = Module::from_bytes(&wat::parse_str(text).unwrap()).unwrap_err();
        assert!(matches!(fault, HostError::NotWapc(_)), "{fault:?}");
        assert!(fault.to_string().contains(namespace) && fault.to_string().contains(name), "{fault}");
    }
}

/// A guest that imports what the standard library does on `wasm32-wasip1`. What it calls must answer 0, and so must
/// `call`; else it traps. Its answer is the eight bytes at 0.
fn on_wasi(call: &str, rest: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (import "wapc" "__guest_response" (func $response (param i32 i32)))
            (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))
            (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_prestat_get" (func $fd_prestat_get (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_prestat_get" (func $again (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
            (memory (export "memory") 1)
            (data (i32.const 0) "--------")
            ;; Two buffers, of 5 and of 7 bytes.
            (data (i32.const 64) "\80\00\00\00\05\00\00\00\85\00\00\00\07\00\00\00")
            (data (i32.const 128) "hello, world")
            ;; A clock and a descriptor to wait for, 48 bytes each: an identity, and the kind.
            (data (i32.const 1024) "12345678\00")
            (data (i32.const 1072) "abcdefgh\01")
            (func (export "__guest_call") (param i32 i32) (result i32)
                (if {call} (then unreachable))
                (call $response (i32.const 0) (i32.const 8))
                (i32.const 1))
            {rest})"#
    );
    wat::parse_str(text).unwrap()
}

/// The value at address 0 after a call of WASI that succeeds.
#[track_caller]
fn found(call: &str) -> [u8; 8] {
    let answer = Module::from_bytes(&on_wasi(call, "")).unwrap().call("validate", b"").unwrap();
    answer.try_into().unwrap()
}

#[test]
fn a_module_on_wasi_gets_no_arguments_and_no_environment() {
    for sizes in ["$args_sizes_get", "$environ_sizes_get"] {
        assert_eq!(found(&format!("(call {sizes} (i32.const 0) (i32.const 4))")), [0; 8], "{sizes}");
    }
    assert_eq!(&found("(call $environ_get (i32.const 0) (i32.const 4))"), b"--------");
}

#[test]
fn a_module_on_wasi_gets_the_clock() {
    let now = || u64::from_le_bytes(found("(call $clock_time_get (i32.const 0) (i64.const 1) (i32.const 0))"));
    let before = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let (first, second) = (now(), now());
    let after = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    assert!(before <= Duration::from_nanos(first) && first <= second && Duration::from_nanos(second) <= after);
    let monotonic = u64::from_le_bytes(found("(call $clock_time_get (i32.const 1) (i64.const 1) (i32.const 0))"));
    assert!(Duration::from_nanos(monotonic) < Duration::from_secs(2), "{monotonic}");
    let unknown = "(i32.ne (call $clock_time_get (i32.const 7) (i64.const 1) (i32.const 0)) (i32.const 28))";
    assert_eq!(&found(unknown), b"--------");
}

#[test]
fn a_module_on_wasi_gets_randomness() {
    let random = || found("(call $random_get (i32.const 0) (i32.const 8))");
    assert_ne!(random(), random());
}

#[test]
fn the_output_of_a_module_on_wasi_counts_as_written() {
    for stream in [1, 2] {
        let write = format!("(call $fd_write (i32.const {stream}) (i32.const 64) (i32.const 2) (i32.const 0))");
        assert_eq!(&found(&write), b"\x0c\0\0\0----");
    }
}

#[test]
fn there_are_no_descriptors_but_those_of_output() {
    for call in [
        "(call $fd_prestat_get (i32.const 3) (i32.const 0))",
        "(call $again (i32.const 4) (i32.const 0))",
        "(call $fd_read (i32.const 0) (i32.const 64) (i32.const 2) (i32.const 0))",
        "(call $fd_write (i32.const 3) (i32.const 64) (i32.const 2) (i32.const 0))",
    ] {
        assert_eq!(&found(&format!("(i32.ne {call} (i32.const 8))")), b"--------", "{call}");
    }
}

#[test]
fn a_module_on_wasi_does_not_wait() {
    let poll = "(call $poll_oneoff (i32.const 1024) (i32.const 2048) (i32.const 2) (i32.const 4))";
    // Of each event the second word: an error, then the kind.
    let events = "(i32.store16 (i32.const 0) (i32.load (i32.const 2056)))
                  (i32.store16 (i32.const 2) (i32.load (i32.const 2088)))
                  (i32.store8 (i32.const 1) (i32.load8_u (i32.const 2090)))
                  (i32.ne (i64.eq (i64.load (i32.const 1072)) (i64.load (i32.const 2080))) (i32.const 1))";
    let seen = found(&format!("(i32.or {poll} (block (result i32) {events}))"));
    assert_eq!(seen, [0, 1, 8, 0, 2, 0, 0, 0]);
}

#[test]
fn a_wrong_address_is_an_error_of_wasi() {
    for call in [
        "(call $random_get (i32.const 65530) (i32.const 8))",
        "(call $random_get (i32.const -1) (i32.const -1))",
        "(call $environ_sizes_get (i32.const 65534) (i32.const 0))",
        "(call $fd_write (i32.const 1) (i32.const 65534) (i32.const 1) (i32.const 0))",
        "(call $poll_oneoff (i32.const 0) (i32.const 0) (i32.const -1) (i32.const 0))",
    ] {
        assert_eq!(&found(&format!("(i32.ne {call} (i32.const 21))")), b"--------", "{call}");
    }
}

#[test]
fn a_module_on_wasi_may_end_its_start_but_not_a_call() {
    let exit = |code: u32| format!("(func (export \"_start\") (call $proc_exit (i32.const {code})))");
    let start = |code| Module::from_bytes(&on_wasi("(i32.const 0)", &exit(code))).unwrap().call("validate", b"");
    assert_eq!(start(0).unwrap(), b"--------");
    assert_eq!(start(1).unwrap_err(), HostError::Guest("it exited with code 1".to_owned()));
    let call = Module::from_bytes(&on_wasi("(call $proc_exit (i32.const 0)) (i32.const 0)", "")).unwrap();
    assert_eq!(call.call("validate", b"").unwrap_err(), HostError::Guest("it exited with code 0".to_owned()));
}

/// A guest that imports WASI and is otherwise as [`guest`] says.
fn beside_wasi(memory: &str, answer: &str, call: &str, rest: &str) -> Module {
    let wasi = "(import \"wasi_snapshot_preview1\" \"sched_yield\" (func (result i32)))";
    Module::from_bytes(&guest_with(wasi, memory, answer, call, rest)).unwrap()
}

#[test]
fn a_module_on_wasi_has_the_limits_of_every_module() {
    let forever = "(loop $forever (br $forever)) (i32.const 1)";
    let short = limits(50, 1 << 20);
    let slow = beside_wasi("1", "", forever, "").with_limits(short).unwrap();
    assert_eq!(slow.call("validate", b"").unwrap_err(), HostError::Deadline(short.time));
    let start = format!("(func (export \"wapc_init\") {forever} drop)");
    let slow = beside_wasi("1", "", "(call $answer)", &start).with_limits(short).unwrap();
    assert_eq!(slow.instance().unwrap_err(), HostError::Deadline(short.time));
    let grow = "(if (i32.eq (memory.grow (i32.const 64)) (i32.const -1)) (then unreachable)) (call $answer)";
    let hungry = beside_wasi("1", "\"v1\"", grow, "");
    assert_eq!(hungry.protocol_version().unwrap(), "v1");
    let hungry = hungry.with_limits(limits(2_000, 2 << 20)).unwrap();
    assert_eq!(hungry.protocol_version().unwrap_err(), HostError::Memory(2 << 20));
}

#[test]
fn a_module_on_wasi_has_the_functions_of_wapc() {
    let echo = "(call $request (i32.const 2048) (i32.add (i32.const 2048) (local.get $operation)))
                (call $response (i32.const 2048) (i32.add (local.get $operation) (local.get $payload)))
                (i32.const 1)";
    assert_eq!(beside_wasi("1", "", echo, "").call("validate", b"{}").unwrap(), b"validate{}");
    let fail = "(call $error (i32.const 0) (i32.const 7)) (i32.const 0)";
    let fault = beside_wasi("1", "no way!", fail, "").call("validate", b"").unwrap_err();
    assert_eq!(fault, HostError::Guest("no way!".to_owned()));
    let fault = beside_wasi("1", "", "unreachable", "").call("validate", b"").unwrap_err();
    assert_eq!(fault, HostError::Trap("wasm `unreachable` instruction executed".to_owned()));
    let lie = "(call $response (i32.const 65000) (i32.const -1)) (i32.const 1)";
    let fault = beside_wasi("1", "", lie, "").call("validate", b"").unwrap_err();
    assert_eq!(fault, HostError::Trap("it gave the host an address outside its memory".to_owned()));
    let fault = beside_wasi("1", "", ASK, "").call("validate", b"").unwrap_err();
    assert!(matches!(fault, HostError::HostCall { .. }), "{fault:?}");
}

#[test]
fn the_imports_are_listed() {
    let imports: Vec<_> = module("", "(call $answer)").imports().into_iter().collect();
    let names = ["guest_error", "guest_request", "guest_response", "host_call"];
    let names = names.into_iter().chain(["host_error", "host_error_len", "host_response", "host_response_len"]);
    assert_eq!(imports, names.map(|name| format!("wapc.__{name}")).collect::<Vec<_>>());
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
