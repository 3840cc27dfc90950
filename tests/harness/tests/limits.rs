//! The largest and the strangest payloads, through every built module: an answer within the memory that a module may
//! use, never a trap and never an acceptance of what cannot be read.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::borrow::Borrow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use host::{Limits, Module, Response};
use payloads::{Practices, strange};
use serde_json::{Map, Value, json};
use testing::Pods;
use wasmtime_provider::wasmtime::{self, Caller, Config, Engine, Extern, Linker, Store};

/// The largest payload of a policy server: about two objects of an UPDATE.
const LARGE: usize = 2 * 1024 * 1024;

const MIB: usize = 1024 * 1024;

/// The files of the built modules.
static FILES: LazyLock<Vec<PathBuf>> = LazyLock::new(|| {
    let dist = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../dist"));
    let entries = std::fs::read_dir(dist).expect("`cargo xtask build` builds the modules");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry can be read").path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "wasm"));
    assert!(!files.is_empty(), "`cargo xtask build` builds the modules");
    files
});

/// Returns `true` for a module that asks its host. What it says of a pod depends on answers, and no sample has those.
fn asks(file: &Path) -> bool {
    let entry = std::fs::read(file.with_extension("json")).expect("`cargo xtask build` writes the entry of a module");
    let entry: Value = serde_json::from_slice(&entry).expect("an entry is JSON");
    entry.get("capabilities").and_then(Value::as_array).is_some_and(|capabilities| !capabilities.is_empty())
}

/// A host that has an answer of this text for every question.
fn with_answers(module: Module, answer: &'static str) -> Module {
    let answers = |_: &str, _: &str, _: &[u8]| Ok(answer.as_bytes().to_vec());
    module.with_capabilities(Arc::new(answers)).expect("the module starts")
}

/// The name of the module in a file.
fn name(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The samples of each policy that does not ask its host.
static PODS: LazyLock<Pods> = LazyLock::new(|| {
    let workspace = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let names =
        policies::POLICIES.iter().filter(|member| member.facts.capabilities.is_empty()).map(|member| member.name);
    Pods::load(workspace, names).expect("the samples can be read")
});

/// Every built module with its name, compiled once, but those that ask their host.
static MODULES: LazyLock<Vec<(String, Module)>> = LazyLock::new(|| load(false));

/// The modules that ask their host.
static ASKING: LazyLock<Vec<(String, Module)>> = LazyLock::new(|| load(true));

fn load(are_asking: bool) -> Vec<(String, Module)> {
    let module = |file: &PathBuf| Module::from_file(file).expect("the module can be loaded");
    let files = FILES.iter().filter(|file| asks(file) == are_asking);
    files.map(|file| (name(file), module(file))).collect()
}

/// The same for an engine that counts instructions.
static COUNTING: LazyLock<Vec<(String, wasmtime::Module)>> = LazyLock::new(|| {
    let engine = Engine::new(Config::new().consume_fuel(true)).expect("this machine can run modules");
    let module = |file: &PathBuf| wasmtime::Module::from_file(&engine, file).expect("the module can be loaded");
    FILES.iter().filter(|file| !asks(file)).map(|file| (name(file), module(file))).collect()
});

/// The answers of every module to `payload`, with `memory` bytes.
fn answers(payload: &[u8], memory: usize) -> Vec<(String, Response)> {
    answers_of_each(&|_| payload.to_vec(), memory)
}

/// The answers of every module to its own payload, with `memory` bytes.
fn answers_of_each(payload: &dyn Fn(&str) -> Vec<u8>, memory: usize) -> Vec<(String, Response)> {
    // How the work grows is tested by instructions; a busy machine may take its time.
    let limits = Limits { memory, time: Duration::from_mins(1) };
    MODULES
        .iter()
        .map(|(name, module)| {
            let module = module.clone().with_limits(limits).expect("the module starts");
            let answer = module.validate(&payload(name)).unwrap_or_else(|error| panic_with(name, &error));
            (name.clone(), answer)
        })
        .collect()
}

#[expect(clippy::panic, reason = "a test fails by panicking")]
fn panic_with(name: &str, error: &host::HostError) -> ! {
    panic!("{name}: {error}")
}

#[test]
fn payloads_of_2_mib_are_answered_within_24_mib() {
    for (shape, payload) in strange::shapes(LARGE) {
        for (name, answer) in answers(&payload, 24 * MIB) {
            let message = answer.message.unwrap_or_default();
            assert!(message.len() <= 4096, "{name}: {shape}: {} bytes", message.len());
            assert!(answer.warnings.iter().all(|warning| warning.len() <= 256), "{name}: {shape}");
        }
    }
}

/// Checks that every module that asks its host answers `payload`, in few words, where each question has this answer.
fn assert_answers(payload: &[u8], answer: &'static str) {
    let limits = Limits { memory: 96 * MIB, time: Duration::from_mins(1) };
    for (name, module) in ASKING.iter() {
        let module = with_answers(module.clone().with_limits(limits).expect("the module starts"), answer);
        let response = module.validate(payload).unwrap_or_else(|error| panic_with(name, &error));
        assert!(response.message.unwrap_or_default().len() <= 4096, "{name}");
        assert!(response.warnings.iter().all(|warning| warning.len() <= 256), "{name}");
    }
}

#[test]
fn modules_that_ask_answer_payloads_of_2_mib_and_large_answers() {
    for (_, payload) in strange::shapes(LARGE) {
        assert_answers(&payload, r#"{"layers":[]}"#);
    }
    let manifest = format!(r#"{{"layers":[{}]}}"#, vec![r#"{"size":1}"#; 100_000].join(","));
    let index = format!(r#"{{"manifests":[{}]}}"#, vec![r#"{"platform":{"os":"linux"}}"#; 100_000].join(","));
    assert!(manifest.len() > MIB && index.len() > 2 * MIB);
    let payload = payloads::create(&payloads::deployment(8 * 1000, Practices::Kept));
    for answer in [manifest, index, " ".repeat(5 * MIB), "{".repeat(MIB), String::new()] {
        assert_answers(&payload, answer.leak());
    }
}

/// So many exemptions of 250 bytes, for namespaces of this pattern, that do not cover the image `shop/nginx`.
fn exemptions(count: usize, namespace: &str) -> String {
    let image = format!("docker.io/shop/n{}", "*x".repeat(60));
    let entry = format!(r#"{{"images":["{image}"],"namespaces":["{namespace}"],"reason":"{}"}}"#, "a".repeat(32));
    format!(r#"{{"exemptions":[{}]}}"#, vec![entry; count].join(","))
}

/// Returns `true` if the samples of a module hold what it denies. Others only warn.
fn denies(module: &str) -> bool {
    PODS.can_be_bad(module) || PODS.bad_object(module).is_some()
}

/// A call for an object that a module denies: a pod with so many bad containers, or for a policy that does not judge pods,
/// one of the objects that it judges.
fn bad_call(module: &str, count: usize, is_update: bool, settings: &str) -> Vec<u8> {
    let other = PODS.bad_object(module).filter(|_| !PODS.can_be_bad(module));
    let object = other.as_ref().map_or_else(|| bad_pod(module, count), ToString::to_string);
    let text = |field, default| other.as_ref().map_or(default, |object| object[field].as_str().unwrap_or_default());
    let group = text("apiVersion", "v1").rsplit_once('/').map_or("", |(group, _)| group);
    strange::call(group, text("kind", "Pod"), &object, if is_update { &object } else { "null" }, settings)
}

/// A pod with so many containers that are bad for the policies of a module.
fn bad_pod(module: &str, count: usize) -> String {
    let mut container = PODS.bad_container(module, 0, "a");
    // The exemptions match it as slowly as they can.
    let image = Map::from_iter([("image".to_owned(), json!("shop/nginx"))]);
    testing::overlay(&mut container, &image);
    let mut pod = json!({ "containers": vec![container; count] });
    testing::overlay(&mut pod, &PODS.bad_fields(module, 0));
    json!({ "spec": pod }).to_string()
}

#[test]
fn settings_at_their_limits_are_answered_within_24_mib() {
    let settings = exemptions(256, &"*o".repeat(10));
    assert!(settings.len() > 55_000 && settings.len() <= 65_536, "{}", settings.len());
    let unchanged = |name: &str| bad_call(name, 2000, true, &settings);
    for (name, answer) in answers_of_each(&unchanged, 24 * MIB) {
        assert!(answer.accepted, "{name}: {:?}", answer.message);
        if !denies(&name) {
            continue;
        }
        // One warning counts all; a pod as a whole, or another object, has a few.
        let [warning] = &answer.warnings[..] else { panic!("{name}: {:?}", answer.warnings) };
        let is_whole = PODS.are_bad_as_a_whole(&name) || !PODS.can_be_bad(&name);
        let expected = if is_whole { "there before" } else { "000 findings were there" };
        assert!(warning.contains(expected), "{name}: {warning}");
    }
}

/// The state of a call in the host.
struct Call {
    payload: Vec<u8>,
    answered: bool,
}

/// The fuel that `validate` takes: about one unit per instruction, the same on every machine.
fn fuel(module: &wasmtime::Module, payload: &[u8]) -> u64 {
    let engine = module.engine();
    let mut linker = Linker::new(engine);
    let write = |caller: &mut Caller<'_, Call>, at: u32, bytes: &[u8]| {
        let memory = caller.get_export("memory").and_then(Extern::into_memory).expect("a module has memory");
        memory.write(caller, usize::try_from(at).expect("an address fits"), bytes).expect("the guest has room");
    };
    let request = move |mut caller: Caller<'_, Call>, operation: u32, payload: u32| {
        let bytes = std::mem::take(&mut caller.data_mut().payload);
        write(&mut caller, operation, b"validate");
        write(&mut caller, payload, &bytes);
    };
    let response = |mut caller: Caller<'_, Call>, _: u32, _: u32| caller.data_mut().answered = true;
    linker.func_wrap("wapc", "__guest_request", request).expect("a function of the host");
    linker.func_wrap("wapc", "__guest_response", response).expect("a function of the host");
    linker.define_unknown_imports_as_traps(module).expect("the other functions");
    let mut store = Store::new(engine, Call { payload: payload.to_vec(), answered: false });
    store.set_fuel(u64::MAX).expect("the engine counts");
    let instance = linker.instantiate(&mut store, module).expect("the module starts");
    let length = u32::try_from(payload.len()).expect("the payload is not that long");
    instance
        .get_typed_func::<(), ()>(&mut store, "wapc_init")
        .expect("an entry")
        .call(&mut store, ())
        .expect("it starts");
    let call = instance.get_typed_func::<(u32, u32), u32>(&mut store, "__guest_call").expect("an entry");
    call.call(&mut store, (8, length)).expect("no trap");
    assert!(store.data().answered);
    u64::MAX.saturating_sub(store.get_fuel().expect("the engine counts"))
}

/// Payloads by what is large in them.
type Shapes = Vec<(&'static str, Vec<u8>)>;

/// Twice as large payloads take at most 2.3 times the instructions, in every module. Each has its own payloads.
fn assert_linear<S: Borrow<Shapes>>(smaller: impl Fn(&str) -> S + Sync, larger: impl Fn(&str) -> S + Sync) {
    thread::scope(|scope| {
        for (name, module) in COUNTING.iter() {
            let (smaller, larger) = (&smaller, &larger);
            scope.spawn(move || {
                let (smaller, larger) = (smaller(name), larger(name));
                for ((shape, smaller), (_, larger)) in smaller.borrow().iter().zip(larger.borrow()) {
                    let [less, more] = [smaller, larger].map(|payload| fuel(module, payload));
                    assert!(more.saturating_mul(10) <= less.saturating_mul(23), "{name}: {shape}: {less}, then {more}");
                }
            });
        }
    });
}

#[test]
fn instructions_grow_no_faster_than_payloads() {
    // Below the limits of what is judged, and above.
    for bytes in [24 * 1024, LARGE / 4] {
        let (smaller, larger) = (strange::shapes(bytes), strange::shapes(bytes * 2));
        assert_linear(|_| &smaller, |_| &larger);
    }
}

#[test]
fn instructions_grow_no_faster_than_settings() {
    let payload = |name: &str, containers, entries| {
        let settings = exemptions(entries, "*p");
        assert!(settings.len() <= 65_536, "{}", settings.len());
        bad_call(name, containers, false, &settings)
    };
    let few = answers_of_each(&|name| payload(name, 1, 256), 24 * MIB);
    let finds = |answer: &Response| answer.code == Some(403) || !answer.warnings.is_empty();
    assert!(few.iter().all(|(name, answer)| finds(answer) || !denies(name)), "{few:?}");
    let shapes = |containers, entries| move |name: &str| vec![("exemptions", payload(name, containers, entries))];
    assert_linear(shapes(200, 128), shapes(200, 256));
    assert_linear(shapes(200, 256), shapes(400, 256));
}

#[test]
fn a_deployment_of_8_kib_needs_at_most_4_mib() {
    let payload = payloads::create(&payloads::deployment(8 * 1000, Practices::Kept));
    assert!(payload.len() > 8 * 1000, "{}", payload.len());
    assert_eq!(answers(&payload, 4 * MIB).len(), MODULES.len());
}

#[test]
fn payloads_that_are_not_requests_are_rejected() {
    let truncated = &strange::pod(r#"{"containers":[]}"#)[..80];
    let payloads: [&[u8]; 10] =
        [b"", b" ", b"null", b"[]", b"\"x\"", b"{}", b"{\"request\":null}", b"\xff\xfe", b"\xef\xbb\xbf{}", truncated];
    for payload in payloads {
        for (name, answer) in answers(payload, 4 * MIB) {
            assert!(!answer.accepted, "{name}: {payload:?}");
            assert_eq!(answer.code, Some(400), "{name}: {payload:?}");
        }
    }
}

/// A report in the form of `SBOMscanner` with so many fixable critical vulnerabilities, which is the list of all reports too.
fn report(count: usize) -> String {
    let vulnerability = |index: usize| {
        let (id, package) = (format!("CVE-2026-{index:05}"), format!("package-{}", index % 300));
        json!({ "cve": id, "packageName": package, "severity": "CRITICAL", "fixedVersions": ["1.2.3"], "suppressed": false })
    };
    let vulnerabilities: Vec<Value> = (0..count).map(vulnerability).collect();
    let image =
        json!({ "registryURI": "docker.io", "repository": "library/nginx", "tag": "1.27", "platform": "linux/amd64" });
    let summary = json!({ "critical": count });
    let item = json!({ "metadata": { "name": "a", "namespace": "b" }, "imageMetadata": image, "report": { "summary": summary } });
    json!({ "items": [item], "report": { "results": [{ "vulnerabilities": vulnerabilities }] } }).to_string()
}

#[test]
fn a_report_of_5000_vulnerabilities_is_answered_in_few_words() {
    let (_, module) = ASKING.iter().find(|(name, _)| name == "vulnerability-scan").expect("the module is built");
    let report = report(5000).leak();
    let limits = Limits { memory: 24 * MIB, time: Duration::from_mins(1) };
    let module = with_answers(module.clone().with_limits(limits).expect("the module starts"), report);
    let pod = json!({ "spec": { "containers": [{ "name": "web", "image": "nginx:1.27" }] } }).to_string();
    let call = strange::call("", "Pod", &pod, "null", "{}");
    let started = std::time::Instant::now();
    let response = module.validate(&call).unwrap_or_else(|error| panic_with("vulnerability-scan", &error));
    println!("{} bytes of reports are judged in {:?}", report.len(), started.elapsed());
    let message = response.message.unwrap_or_default();
    assert!(message.len() <= 4096 && message.contains("5000 fixable critical vulnerabilities (limit 0)"), "{message}");
    assert!(
        message.contains("CVE-2026-00000 (package-0, fixed in 1.2.3)") && message.contains("and 4995 more"),
        "{message}"
    );
}
