//! The cache of compiled modules. A test program of its own, because a process has one engine and one cache.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

use host::Module;

/// Names the directory of the cache to the second process of the test.
const DIRECTORY: &str = "SEAWORTHY_TEST_CACHE";

/// The entries of a cache, sorted.
fn entries(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.append(&mut entries(&path));
        } else if path.extension().is_none() {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Loads a module in another process.
fn load(directory: &Path) {
    let mut again = Command::new(std::env::current_exe().unwrap());
    let status = again.args(["--exact", "a_module_is_loaded"]).env(DIRECTORY, directory).status().unwrap();
    assert!(status.success());
}

/// The work of the other process.
#[test]
fn a_module_is_loaded() {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    host::cache_in(Path::new(&directory)).unwrap();
    let text = r#"(module (memory (export "memory") 1)
                          (func (export "__guest_call") (param i32 i32) (result i32) (i32.const 0)))"#;
    let module = Module::from_bytes(&wat::parse_str(text).unwrap()).unwrap();
    assert!(module.validate(b"{}").is_err());
}

#[test]
fn a_module_is_compiled_once_and_anew_when_its_entry_is_broken() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cache-{}", std::process::id()));
    load(&directory);
    let [entry] = entries(&directory).try_into().unwrap();
    let whole = std::fs::read(&entry).unwrap();
    let written = || std::fs::metadata(&entry).unwrap().modified().unwrap();

    let first = written();
    load(&directory);
    assert_eq!(written(), first, "the entry is used as it is");

    let half = whole.get(..whole.len() / 2).unwrap();
    for broken in [b"".as_slice(), b"broken", half] {
        std::fs::write(&entry, broken).unwrap();
        load(&directory);
        assert!(std::fs::read(&entry).unwrap() == whole, "the entry is written anew");
    }
    std::fs::remove_dir_all(&directory).unwrap();
}
