//! A check that no lint can make: nobody turned one off.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

/// The Rust files that git would keep, with their text.
fn sources() -> Vec<(PathBuf, String)> {
    fn walk(directory: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let is_built = path.file_name().is_some_and(|name| name == "target");
            if path.is_dir() && !is_built {
                walk(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    for part in ["cli", "policies", "shared", "tests", "xtask"] {
        walk(&root.join(part), &mut files);
    }
    // The references of the benchmark are written as others write policies. None is published.
    files.retain(|file| !file.starts_with(root.join("tests/bench/modules")));
    let text = |file: PathBuf| (file.strip_prefix(root).unwrap().to_owned(), fs::read_to_string(&file).unwrap());
    files.into_iter().map(text).collect()
}

#[test]
fn the_export_of_a_module_is_all_that_lints_let_pass() {
    // Put together, so that this file has none.
    let word = ["un", "safe"].concat();
    let is_code = |line: &str| [" ", "_code", "("].iter().any(|next| line.contains(&format!("{word}{next}")));
    let mut found = Vec::new();
    for (file, text) in sources() {
        let lines = text.lines().map(str::trim).filter(|line| is_code(line) && !line.starts_with("//"));
        found.extend(lines.map(|line| format!("{}: {line}", file.display())));
    }
    let allowed = format!("#[allow({word}_code, reason = \"waPC hosts look for an export of this name\")]");
    let export = format!("#[{word}(no_mangle)]");
    let file = Path::new("shared/src/module/declare.rs").display();
    found.sort();
    assert_eq!(found, [format!("{file}: {allowed}"), format!("{file}: {export}")]);
}
