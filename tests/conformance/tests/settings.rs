//! The policy accepts the settings that its schema accepts, or a policy server would refuse to start with settings that
//! Helm and Rancher took.
//!
//! Settings are generated from the schema: mostly of the right types, with values at and beyond every limit, where those of
//! [`conformance::generate`] are mostly sound.

#![cfg(test)]
#![expect(clippy::arithmetic_side_effects, reason = "a test that overflows fails")]

use std::collections::BTreeSet;

use conformance::{POLICIES, workspace};
use serde_json::{Map, Value, json};
use shared::calls::Guest;

/// The number of settings that are generated for each module.
const SETTINGS: u32 = 10_000;

/// Parts of the faults that no schema can refuse, each with the reason. The template of the charts refuses these.
const BEYOND_A_SCHEMA: [(&str, &str); 4] = [
    ("is longer than 256 bytes", "a schema counts characters"),
    ("is not a valid range", "a schema does not compare two fields"),
    ("the regular expression is not valid", "a schema does not compile one"),
    ("is not a registry host", "a schema does not normalise names"),
];

/// Texts at the limits of what settings may be: globs, patterns of images, formats of tags, names.
const TEXTS: [&str; 70] = [
    "",
    " ",
    "\t",
    "a",
    "A",
    "*",
    "**",
    "a*",
    "*a",
    "* a",
    "a *",
    " a",
    "a ",
    "a\nb",
    "a\u{7f}b",
    "a\u{9f}",
    "é",
    "a/b",
    "*/*",
    "/",
    "kube-system/*",
    "*/web",
    "0",
    "500Mi",
    "1.5Gi",
    "1.2345G",
    "1234567",
    "500 Mi",
    "auto",
    "linux/amd64",
    "linux/arm64/v8",
    "linux/",
    "nginx",
    "localhost",
    "localhost/a",
    "ghcr.io",
    "ghcr.io/**",
    "ghcr.io/*",
    "GHCR.io/a",
    "ghcr.io/A",
    "**/a",
    "**/*",
    "*.corp.example/**",
    "corp*/a",
    "ghcr.*/a",
    "ghcr.io*/a",
    "a.b:5000/c",
    "a.b:*/c",
    "*:5000/c",
    ":5000/c",
    "[::1]:5000/c",
    "a.b/c:d",
    "a/b@c",
    "https://a.b/c",
    "a//b",
    "a/",
    "/a",
    "a**b/c",
    "a/b**",
    "a_b/c-d.e",
    "docker.io/*",
    "index.docker.io/a",
    "semver",
    "any",
    "calver1",
    "regex:",
    "regex:v[0-9]+",
    "regex:[",
    "regex:a)|(b",
    "sha-",
];

/// Numbers at the limits of what settings may be.
const NUMBERS: [i64; 16] =
    [0, 1, -1, 3, 4, 6, 7, 8, 40, 64, 65, 2_147_483_647, 2_147_483_648, 9_007_199_254_740_991, -5, 1000];

/// Random choices, the same in every run (splitmix64).
struct Choices(u64);

impl Choices {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn of<'v, T>(&mut self, values: &'v [T]) -> &'v T {
        &values[self.below(values.len())]
    }
}

fn text(choices: &mut Choices) -> String {
    match choices.below(40) {
        0 => "a".repeat(256),
        1 => "a".repeat(257),
        2 => "é".repeat(129),
        _ => (*choices.of(&TEXTS)).to_owned(),
    }
}

/// A value that the schema may accept.
fn value(schema: &Value, choices: &mut Choices) -> Value {
    if choices.once_in(200) {
        return choices.of(&[json!(null), json!({}), json!([]), json!(""), json!(0), json!(true)]).clone();
    }
    if let Some(constant) = schema.get("const") {
        return constant.clone();
    }
    if let Some(alternatives) = schema.get("oneOf").and_then(Value::as_array) {
        return value(choices.of(alternatives), choices);
    }
    if let Some(names) = schema.get("enum").and_then(Value::as_array) {
        return choices.of(names).clone();
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("boolean") => json!(choices.once_in(2)),
        Some("integer") => json!(choices.of(&NUMBERS)),
        Some("string") => json!(text(choices)),
        Some("array") => {
            let count = if choices.once_in(500) { 257 } else { choices.below(4) };
            (0..count).map(|_| value(&schema["items"], choices)).collect()
        }
        _ => {
            let mut fields = Map::new();
            // A map, whose keys are free.
            if let (Some(of), None) = (schema.get("additionalProperties"), schema.get("properties")) {
                for _ in 0..choices.below(3) {
                    fields.insert(text(choices), value(of, choices));
                }
                return Value::Object(fields);
            }
            let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
            // Few at a time, or hardly any settings would be sound.
            let properties = schema["properties"].as_object().unwrap();
            for (name, schema) in properties {
                let often = if required.contains(&json!(name)) { 12 } else { 3 };
                if choices.below(properties.len() * 3) < often * 3 / 2 {
                    fields.insert(name.clone(), value(schema, choices));
                }
            }
            if choices.once_in(100) {
                fields.insert("unknown".to_owned(), json!(1));
            }
            Value::Object(fields)
        }
    }
}

/// The faults that the policy finds in settings, by lines.
fn faults(guest: Guest, settings: &Value) -> Vec<String> {
    let answer: Value = serde_json::from_slice(&guest.validate_settings(settings.to_string().as_bytes())).unwrap();
    answer["message"].as_str().map(|message| message.lines().map(str::to_owned).collect()).unwrap_or_default()
}

/// Returns `true` if the settings hold `null`, which equals an absent field for a policy, and is refused by a schema.
fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(has_null),
        Value::Object(fields) => fields.values().any(has_null),
        _ => false,
    }
}

#[test]
fn what_a_schema_accepts_the_policy_accepts() {
    let mut beyond = BTreeSet::new();
    let combined = [Guest::of::<seaworthy::Seaworthy>(), Guest::of::<seaworthy_images::SeaworthyImages>()];
    for guest in POLICIES.iter().copied().chain(seaworthy_images::POLICIES.iter().map(Guest::from)).chain(combined) {
        let path = format!("artifacthub/{}/{}/settings.schema.json", guest.name, env!("CARGO_PKG_VERSION"));
        let schema: Value = serde_json::from_str(&std::fs::read_to_string(workspace(&path)).unwrap()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let (mut accepted, mut refused) = (0, 0);
        let mut choices = Choices(7);
        for _ in 0..SETTINGS {
            let settings = value(&schema, &mut choices);
            let faults = faults(guest, &settings);
            if !validator.is_valid(&settings) {
                refused += 1;
                assert!(
                    !faults.is_empty() || has_null(&settings),
                    "{}: only the schema refuses {settings}",
                    guest.name
                );
                continue;
            }
            accepted += 1;
            for fault in faults {
                let known = BEYOND_A_SCHEMA.iter().find(|(known, _)| fault.contains(known));
                let (known, _) = known.unwrap_or_else(|| panic!("{}: {fault}\n{settings}", guest.name));
                beyond.insert(*known);
            }
        }
        println!("{}: {accepted} settings accepted, {refused} refused", guest.name);
        // Of a test in which one verdict is rare, little would follow.
        assert!(accepted > SETTINGS / 10 && refused > SETTINGS / 10, "{}: {accepted}, {refused}", guest.name);
    }
    let listed: BTreeSet<&str> = BEYOND_A_SCHEMA.iter().map(|(fault, _)| *fault).collect();
    assert_eq!(beyond, listed, "a fault is listed that never occurs");
}
