//! Applies the fixes for commands in the cases of all policies and in the manifests of the tests, and runs them in a real
//! shell, where every program only writes down how it was called: nothing may change.

#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, reason = "a test that overflows fails")]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use shared::process::{Argv, Env, Options, Shell, classify};

/// Busybox prefers its own programs to those in PATH.
const SHELLS: [(&str, Shell); 2] = [("dash", Shell::Dash), ("bash", Shell::Bash)];

const THREADS: usize = 16;

/// The source of every program: it writes its name and its arguments to a file, in one call.
const STUB: &str = r#"#!/bin/sh
printf '<%s>' "${0##*/}" "$@" '
' >>"$LOG"
"#;

/// Further scripts, with and without a fix that can be copied.
const SCRIPTS: &[&str] = &[
    "date; echo Hello from the Kubernetes cluster",
    "if [ ! -f first ]; then touch first; exit 1; fi",
    "echo a && cat b\necho c > d",
    "sleep 5; if false; then exit 1; fi",
    "rm a; echo test > b",
    "true && app --x \\\n  --y",
    "app 'a  b'",
    "app 'a\nb' \\\n  c",
    "A=1 app \"$A\" x",
    "app >f; echo done",
    "app >f",
    "f() { app; }; f; f",
    "trap 'echo bye' EXIT; app",
    "! app",
    "command app",
    "case x in x) app;; *) other;; esac",
    "for i in 1 2; do app $i; done",
    "mkapp; app",
    "app || other",
    "false && app; other",
    "set -e; app\nother",
    "app & other",
];

/// The files below a directory.
fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
}

/// The commands of containers in a value.
fn commands(value: &Value, found: &mut Vec<Vec<String>>) {
    match value {
        Value::Array(items) => {
            for item in items {
                commands(item, found);
            }
        }
        Value::Object(fields) => {
            let words = |field: &str| -> Option<Vec<String>> {
                let Value::Array(items) = fields.get(field)? else { return None };
                items.iter().map(|item| item.as_str().map(str::to_owned)).collect()
            };
            found.extend(words("command").map(|command| [command, words("args").unwrap_or_default()].concat()));
            for field in fields.values() {
                commands(field, found);
            }
        }
        _ => {}
    }
}

/// Where a program is installed.
fn find(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|directory| directory.join(name)).find(|path| path.exists())
}

/// The arguments of the programs in a script, and its output; paths are relative to a directory of its own.
fn run(shell: &str, script: &str, number: usize) -> (String, Vec<u8>) {
    let directory = std::env::temp_dir().join(format!("seaworthy-fixes-{}-{number}", std::process::id()));
    let _ = fs::remove_dir_all(&directory);
    let stubs = directory.join("bin");
    fs::create_dir_all(&stubs).unwrap();
    fs::write(stubs.join("stub"), STUB).unwrap();
    fs::set_permissions(stubs.join("stub"), fs::Permissions::from_mode(0o755)).unwrap();
    let is_name = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.');
    for word in script.split(|character| !is_name(character)).filter(|word| !word.trim_matches('.').is_empty()) {
        let shell = if matches!(word, "sh" | "dash" | "bash") { find(word) } else { None };
        let _ = symlink(shell.unwrap_or_else(|| "stub".into()), stubs.join(word));
    }
    let script = script.replace(" /", " ./").replace(">/", ">./").replace("'/", "'./").replace("\"/", "\"./");
    let log = directory.join("log");
    let mut child = Command::new(find(shell).unwrap())
        .args(["-c", script.strip_prefix('/').unwrap_or(&script)])
        .current_dir(&directory)
        .env_clear()
        .envs([("PATH", stubs.as_os_str()), ("LOG", log.as_os_str())])
        .stdin(Stdio::null())
        .stdout(fs::File::create(directory.join("printed")).unwrap())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() && start.elapsed() < Duration::from_secs(2) {
        std::thread::sleep(Duration::from_millis(5));
    }
    // What a background job writes may come a moment later; then it ends, too.
    std::thread::sleep(Duration::from_millis(100));
    Command::new("sh").args(["-c", &format!("kill -KILL -{}", child.id())]).stderr(Stdio::null()).status().unwrap();
    child.wait().unwrap();
    let log = fs::read_to_string(&log).unwrap_or_default();
    let printed = fs::read(directory.join("printed")).unwrap();
    let _ = fs::remove_dir_all(&directory);
    // Those of a background job come in any order.
    let mut calls: Vec<&str> = log.split("<\n>").collect();
    calls.sort_unstable();
    if script.contains("while ") {
        calls.dedup();
    }
    (calls.join("\n"), printed)
}

/// A script with a fix: the command is written once more, with `exec`. Lines that a backslash continues are joined first.
fn apply(script: &str, fix: &str) -> Option<String> {
    let mut joined = String::new();
    for (at, line) in script.split("\\\n").enumerate() {
        joined.push_str(if at == 0 { line } else { line.trim_start() });
    }
    let command = fix.strip_prefix("exec ")?;
    let (before, after) = joined.rsplit_once(command)?;
    Some([before, fix, after].concat())
}

#[test]
fn a_fix_changes_nothing_that_a_script_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut paths = Vec::new();
    for directory in ["policies", "tests/manifests", "tests/adversarial"] {
        files(&root.join(directory), &mut paths);
    }
    let mut found: Vec<Vec<String>> = Vec::new();
    for path in &paths {
        let values: Vec<Value> = serde_saphyr::from_multiple(&fs::read_to_string(path).unwrap()).unwrap_or_default();
        for value in &values {
            commands(value, &mut found);
        }
    }
    assert!(found.len() > 100, "the cases hold commands");
    let scripts = SCRIPTS.iter().map(|script| vec!["sh".to_owned(), "-c".to_owned(), (*script).to_owned()]);
    found.extend(scripts);
    found.sort();
    found.dedup();
    let mut pairs = Vec::new();
    let mut wrong = Vec::new();
    for (name, dialect) in SHELLS {
        if find(name).is_none() {
            println!("skipped: {name} is not installed");
            continue;
        }
        for argv in &found {
            let Some(at) = argv.iter().position(|word| matches!(word.as_str(), "-c" | "-ec" | "-ce")) else { continue };
            let Some(script) = argv.get(at + 1) else { continue };
            let words: Vec<&str> = argv.iter().map(String::as_str).collect();
            let options = Options { shell: dialect, ..Options::default() };
            let process = classify(&Argv::compose(Some(&words), None, &|_| Env::Absent), &options);
            match process.fix.map(|fix| (apply(script, &fix), fix)) {
                None => {}
                Some((None, fix)) => wrong.push(format!("{argv:?}: the command of {fix:?} is not in the script")),
                Some((Some(fixed), _)) => pairs.push((name, script, fixed)),
            }
        }
    }
    pairs.sort();
    pairs.dedup();
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(wrong);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some((shell, script, fixed)) = pairs.get(at) else { return };
                    let differs = || {
                        let (before, after) = (run(shell, script, at), run(shell, fixed, at));
                        (before != after).then_some((before, after))
                    };
                    // A busy machine may be late.
                    let differences: Vec<_> = (0..5).map_while(|_| differs()).collect();
                    if let [.., (before, after)] = differences.as_slice()
                        && differences.len() == 5
                    {
                        let line = format!("{shell:?} {script:?} as {fixed:?}: {before:?} became {after:?}");
                        wrong.lock().unwrap().push(line);
                    }
                }
            });
        }
    });
    let (wrong, compared) = (wrong.into_inner().unwrap(), pairs.len());
    println!("{compared} scripts compared");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 30 || !Path::new("/usr/bin/dash").exists(), "{compared} scripts compared");
}
