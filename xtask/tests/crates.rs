//! Which crates a module is built from. Frozen: one more is a decision, because each can change what a module does.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The crates of others behind every module. `shared` asks for three: `kubewarden-policy-sdk`, `serde` and `serde_json`.
/// The others come with the SDK, most of them for types that no module uses, which the linker drops.
const CRATES: &[&str] = &[
    "aho-corasick",
    "cfg-if",
    "chrono",
    "const_format",
    "derive_builder",
    "equivalent",
    "erased-serde",
    "form_urlencoded",
    "hashbrown",
    "hex",
    "icu_collections",
    "icu_locale_core",
    "icu_normalizer",
    "icu_normalizer_data",
    "icu_properties",
    "icu_properties_data",
    "icu_provider",
    "idna",
    "idna_adapter",
    "indexmap",
    "itoa",
    "konst",
    "konst_macro_rules",
    "kubewarden-policy-sdk",
    "litemap",
    "lock_api",
    "memchr",
    "num",
    "num-bigint",
    "num-complex",
    "num-integer",
    "num-iter",
    "num-rational",
    "num-traits",
    "oci-spec",
    "once_cell",
    "parking_lot",
    "parking_lot_core",
    "percent-encoding",
    "potential_utf",
    "regex",
    "regex-automata",
    "regex-syntax",
    "ryu",
    "scopeguard",
    "serde",
    "serde_core",
    "serde_json",
    "serde_yaml",
    "slog",
    "smallvec",
    "stable_deref_trait",
    "strum",
    "thiserror",
    "tinystr",
    "unsafe-libyaml",
    "url",
    "utf8_iter",
    "utf_types",
    "wapc-guest",
    "writeable",
    "yoke",
    "zerofrom",
    "zerotrie",
    "zerovec",
    "zmij",
];

/// Those that one policy needs beside, and every policy that is built on it.
const OF_POLICIES: [(&str, &str); 1] = [("image-tag-format", "regex-lite")];

/// The crates that the module of a policy is built from: our own, and those of others. Macros run on the machine that
/// builds, and are in no module.
fn crates(policy: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--package", policy, "--target", "wasm32-unknown-unknown"])
        .args(["--features", "shared/wapc", "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"])
        .current_dir(workspace())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    // Only a crate of the workspace has a directory.
    let (own, others): (Vec<_>, Vec<_>) = tree.lines().partition(|line| line.contains('/'));
    let names = |lines: Vec<&str>| lines.iter().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    (names(own), names(others))
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn a_module_is_built_from_the_crates_that_are_known() {
    let policies = std::fs::read_dir(workspace().join("policies")).unwrap();
    let mut policies: Vec<_> = policies.map(|policy| policy.unwrap().path()).collect();
    policies.retain(|policy| policy.join("Cargo.toml").is_file());
    assert!(!policies.is_empty());
    for policy in policies {
        let name = policy.file_name().unwrap().to_str().unwrap();
        let (own, others) = crates(name);
        println!("{name}: {} crates: {others:?}", others.len());
        let beside = OF_POLICIES.iter().filter(|(policy, _)| own.contains(*policy)).map(|(_, needed)| *needed);
        let known: BTreeSet<_> = CRATES.iter().copied().chain(beside).map(str::to_owned).collect();
        let new: Vec<_> = others.difference(&known).collect();
        let gone: Vec<_> = known.difference(&others).collect();
        assert!(
            new.is_empty() && gone.is_empty(),
            "{name}: new {new:?}, gone {gone:?}: change the list if you mean it"
        );
    }
}
