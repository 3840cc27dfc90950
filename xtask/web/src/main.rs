//! Makes the JavaScript bindings of a module that was built with wasm-bindgen: `bindgen MODULE DIRECTORY`.
//!
//! What the program `wasm-bindgen` does, without its download: `cargo xtask web` builds this one.
#![expect(clippy::print_stderr, reason = "a command talks to its user")]

use std::path::Path;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [module, directory] = arguments.as_slice() else {
        eprintln!("usage: bindgen MODULE DIRECTORY");
        return ExitCode::from(2);
    };
    // One form for browsers and Node: an ES module whose `initSync` takes the bytes.
    let generated = Bindgen::new()
        .web(true)
        .map(|bindgen| {
            bindgen
                .input_path(module)
                .out_name("engine")
                .typescript(true)
                .omit_default_module_path(false)
                .remove_name_section(true)
                .remove_producers_section(true)
        })
        .and_then(|bindgen| bindgen.generate(Path::new(directory)));
    match generated {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {module}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
