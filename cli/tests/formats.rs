//! Every format of `seaworthy check` on the manifests of the tutorials, compared with golden files and schemas.
//! `UPDATE=1` writes the files anew.
#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;

/// Named one by one, so that a new policy does not change these files.
const POLICIES: [&str; 6] =
    ["image-tag-format", "init-required", "no-latest", "non-root", "readonly-rootfs", "single-process"];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

const FORMATS: [&str; 8] = ["pretty", "compact", "json", "jsonl", "sarif", "junit", "github", "markdown"];

/// The output of the command in every format, without its version.
fn check(policies: &[&str], path: &str) -> BTreeMap<&'static str, String> {
    assert!(workspace().join("dist").is_dir(), "there are no modules to test: build them with `cargo xtask build`");
    let place = tempfile::tempdir().unwrap();
    let formats = FORMATS.map(|format| format!("--format={format}={}", place.path().join(format).display()));
    let output = Command::new(env!("CARGO_BIN_EXE_seaworthy"))
        .current_dir(workspace())
        .env_remove("SEAWORTHY_MODULES")
        .args(["check", path])
        .args(formats)
        .args(policies.iter().flat_map(|policy| ["--policy", policy]))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    let version = env!("CARGO_PKG_VERSION");
    let unversioned = |text: String| {
        text.replace(&format!("\"semanticVersion\": \"{version}\""), "\"semanticVersion\": \"0.0.0\"")
            .replace(&format!("/tree/v{version}/"), "/tree/v0.0.0/")
    };
    let read = |format: &str| unversioned(std::fs::read_to_string(place.path().join(format)).unwrap());
    FORMATS.map(|format| (format, read(format))).into()
}

/// The golden file of a format, after what the command writes was found to be the same.
fn golden(format: &str, file: &str) -> String {
    static WRITTEN: LazyLock<BTreeMap<&str, String>> = LazyLock::new(|| check(&POLICIES, "tests/manifests"));
    let text = &WRITTEN[format];
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(*text == expected, "{} is not what --format {format} writes; UPDATE=1 writes it", path.display());
    expected
}

fn read(file: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()).unwrap()
}

/// The validator of our own form, or of a part of it.
fn report(part: Option<&str>) -> Validator {
    let mut schema = read("schema/report.schema.json");
    jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{error}"));
    if let Some(part) = part {
        schema["$ref"] = Value::from(part);
    }
    jsonschema::validator_for(&schema).unwrap()
}

/// The validator of the standard.
fn sarif() -> Validator {
    let mut schema = read("tests/schema/sarif-2.1.0.schema.json");
    // We write no language; the pattern has a stray bracket, which the errata of the standard took out.
    for owner in ["run", "toolComponent"] {
        schema["definitions"][owner]["properties"]["language"].as_object_mut().unwrap().remove("pattern").unwrap();
    }
    jsonschema::validator_for(&schema).unwrap()
}

fn require(schema: &Validator, document: &Value) {
    let errors: Vec<_> =
        schema.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn pretty_is_golden_and_fits_in_80_columns() {
    let text = golden("pretty", "report.txt");
    let wide: Vec<_> = text.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(wide.is_empty(), "{wide:#?}");
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn compact_is_golden_and_has_a_line_per_finding() {
    let text = golden("compact", "report.compact");
    let report: Value = serde_json::from_str(&golden("json", "report.json")).unwrap();
    let number = |field: &str| usize::try_from(report["summary"][field].as_u64().unwrap()).unwrap();
    assert_eq!(text.lines().count(), number("findings") + number("warnings") + number("errors") + 1);
}

#[test]
fn json_is_golden_and_keeps_its_schema() {
    let document = serde_json::from_str(&golden("json", "report.json")).unwrap();
    require(&report(None), &document);
}

#[test]
fn jsonl_is_golden_and_every_line_keeps_its_schema() {
    let schema = report(Some("#/$defs/line"));
    for line in golden("jsonl", "report.jsonl").lines() {
        require(&schema, &serde_json::from_str(line).unwrap());
    }
}

#[test]
fn sarif_is_golden_and_keeps_the_schema_of_the_standard() {
    let document: Value = serde_json::from_str(&golden("sarif", "report.sarif")).unwrap();
    require(&sarif(), &document);
    let run = &document["runs"][0];
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        let rule = &run["tool"]["driver"]["rules"][index];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(rule["help"]["text"].as_str().is_some_and(|help| help.contains("https://")), "{rule}");
        let hint = format!("Examples: `seaworthy explain {}`.", rule["id"].as_str().unwrap());
        assert!(rule["help"]["text"].as_str().unwrap().contains(&hint), "{rule}");
    }
}

#[test]
fn junit_is_golden() {
    golden("junit", "report.xml");
}

#[test]
fn github_is_golden() {
    golden("github", "report.github");
}

#[test]
fn markdown_is_golden() {
    golden("markdown", "report.md");
}

#[test]
fn what_cannot_be_read_is_in_every_format_and_keeps_the_schemas() {
    let written = check(&["no-latest"], "cli/tests/no-such.yaml");
    for (format, text) in &written {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("no such file"), "{format}: {text}");
    }
    let document = |format: &str| serde_json::from_str(&written[format]).unwrap();
    require(&report(None), &document("json"));
    require(&report(Some("#/$defs/line")), &document("jsonl"));
    require(&sarif(), &document("sarif"));
}

#[test]
fn the_schema_refuses_what_the_command_never_writes() {
    let mut document: Value = serde_json::from_str(&golden("json", "report.json")).unwrap();
    document["files"][0]["objects"][0]["line"] = Value::from(0);
    assert!(!report(None).is_valid(&document));
}

#[test]
fn the_readme_shows_what_the_command_prints() {
    let readme = std::fs::read_to_string(workspace().join("README.md")).unwrap();
    let (_, shown) = readme.split_once("$ cargo xtask check tests/manifests/hello-app.yaml\n").unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    assert_eq!(shown, check(&POLICIES, "tests/manifests/hello-app.yaml")["pretty"], "README.md shows another output");
}
