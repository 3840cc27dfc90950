//! Puts the files of `dist/` into the command when it is built with the feature `embedded`.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_EMBEDDED").is_none() {
        return Ok(());
    }
    let dist = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("../dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    let build = |error| format!("{}: {error}; `cargo xtask build` builds the modules", dist.display());
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(&dist).map_err(build)? {
        files.push(entry?.path().canonicalize()?);
    }
    files.retain(|file| file.extension().is_some_and(|ending| ending == "wasm" || ending == "json"));
    files.sort();

    let mut code =
        "/// Name and content of every file, sorted.\npub(crate) const FILES: &[(&str, &[u8])] = &[\n".to_owned();
    for file in &files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        println!("cargo::rerun-if-changed={}", file.display());
        writeln!(code, "    ({name:?}, include_bytes!({:?})),", file.display().to_string())?;
    }
    code.push_str("];\n");
    std::fs::write(Path::new(&std::env::var("OUT_DIR")?).join("embedded.rs"), code)?;
    Ok(())
}
