//! The time that the command takes to start, and the objects that a core judges per second.
//!
//! `cargo bench -p seaworthy-cli --profile host` runs it. The whole command is measured, as users run it, with all
//! built-in policies: from the start of the process to its end.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking, and prints what it found"
)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The number of objects that are judged.
const OBJECTS: u32 = 2_000;

/// The number of measurements; the median counts.
const RUNS: usize = 11;

/// A Deployment of 9 KB as JSON, in which no policy finds anything: to tell findings takes time of its own.
fn deployment(number: u32) -> Value {
    let env = |index| json!({"name": format!("VARIABLE_{index}"), "value": "a value as long as most of them are"});
    let container = |index| {
        json!({
            "name": format!("web-{index}"), "image": "registry.example/shop/web:1.4.2",
            "env": (0..26).map(env).collect::<Vec<_>>(),
            "ports": [{"name": "http", "containerPort": 8080}],
            "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}},
            "securityContext": {
                "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": true,
                "runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"},
            },
        })
    };
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": format!("web-{number}"), "namespace": "shop"},
        "spec": {"template": {"spec": {"containers": (0..4).map(container).collect::<Vec<_>>()}}},
    })
}

/// The median time of runs on a file, with one thread.
fn median(place: &Path, file: &str) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS).map(|_| time(place, file)).collect();
    times.sort();
    times.get(RUNS / 2).copied().unwrap()
}

/// The time of a run on a file, with one thread.
fn time(place: &Path, file: &str) -> Duration {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist");
    let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
    // With --fail-on, a policy that begins to find something here does not change the figures unseen.
    command
        .args(["check", file, "--quiet", "--fail-on", "warn", "--modules"])
        .arg(&dist)
        .current_dir(place)
        .env("RAYON_NUM_THREADS", "1");
    command.env("XDG_CACHE_HOME", place).stdout(Stdio::null());
    let begin = Instant::now();
    let status = command.status().unwrap();
    let time = begin.elapsed();
    assert!(status.success(), "{file}: {status}");
    time
}

fn main() {
    let place = tempfile::tempdir().unwrap();
    let one = deployment(0);
    println!("payload: {} bytes", one.to_string().len());
    std::fs::write(place.path().join("one.json"), one.to_string()).unwrap();
    let all: Vec<Value> = (0..OBJECTS).map(deployment).collect();
    let lines: Vec<String> = all.iter().map(Value::to_string).collect();
    std::fs::write(place.path().join("all.json"), lines.join("\n")).unwrap();
    let documents: Vec<String> = all.iter().map(|object| serde_saphyr::to_string(object).unwrap()).collect();
    std::fs::write(place.path().join("all.yaml"), documents.join("---\n")).unwrap();

    println!("start, without compiled modules: {} ms", time(place.path(), "one.json").as_millis());
    let start = median(place.path(), "one.json");
    println!("start, with compiled modules: {} ms", start.as_millis());
    for file in ["all.json", "all.yaml"] {
        let judging = median(place.path(), file).saturating_sub(start);
        println!("{file}: {:.0} objects per second and core", f64::from(OBJECTS) / judging.as_secs_f64());
    }
}
