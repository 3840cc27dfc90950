//! The reader of manifests and a real kubectl read the same objects.
//!
//! `.ci/helm/install` puts kubectl into `target/helm`; without it, the tests say that they skipped. `kubectl annotate
//! --local` reads files as `kubectl apply` does, and prints the objects as JSON without a cluster.
#![expect(clippy::print_stdout, reason = "a skipped test says so")]
#![expect(clippy::format_collect, reason = "it is shorter, and speed does not matter")]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use manifests::Item;
use serde_json::Value;

/// A value that kubectl reads in another way.
struct Difference {
    reason: &'static str,
    /// An example, as the value of `x` in an object.
    example: &'static str,
    /// What kubectl makes of it, as JSON; `None` when it refuses it.
    kubectl: Option<&'static str>,
    /// What this project makes of it: a value, or a part of the message with which it is refused.
    ours: Result<&'static str, &'static str>,
}

/// All differences that are left.
const DIFFERENCES: &[Difference] = &[
    Difference {
        reason: "kubectl takes the last of two equal keys, and the strict validation of `kubectl apply` refuses them later",
        example: "{a: 1, a: 2}",
        kubectl: Some(r#"{"a": 2}"#),
        ours: Err("is given twice"),
    },
    Difference {
        reason: "kubectl drops what follows the end of a document; here nothing goes unjudged",
        example: "1\n...\ny: 2",
        kubectl: Some("1"),
        ours: Err("a second document begins"),
    },
    Difference {
        reason: "Kubernetes takes bytes as texts in Base64, so that a tag for bytes is a mistake in every manifest",
        example: "!!binary aGk=",
        kubectl: Some(r#""hi""#),
        ours: Err("!!binary is not read"),
    },
    Difference {
        reason: "keys of manifests are texts; numbers by reference are not worth the code",
        example: "[&a 1, {*a : b}]",
        kubectl: Some(r#"[1, {"1": "b"}]"#),
        ours: Err("the anchor of a key must be a text"),
    },
    Difference {
        reason: "the parser keeps to the standard: a lone dash in flow style would begin a list",
        example: "[-, a]",
        kubectl: Some(r#"["-", "a"]"#),
        ours: Err("cannot start with '-'"),
    },
    Difference {
        reason: "the parser keeps to the standard: a space before a comment",
        example: "'a'# b",
        kubectl: Some(r#""a""#),
        ours: Err("comments must be separated"),
    },
    Difference {
        reason: "goyaml lacks the escape for a slash, which YAML 1.2 has",
        example: r#""a\/b""#,
        kubectl: None,
        ours: Ok(r#""a/b""#),
    },
    Difference {
        reason: "goyaml lacks surrogate pairs, which JSON has",
        example: r#""\ud83d\ude00""#,
        kubectl: None,
        ours: Ok(r#""\ud83d\ude00""#),
    },
    Difference {
        reason: "goyaml breaks lines where YAML 1.1 does, at U+0085, U+2028 and U+2029; kubectl then misses a key",
        example: "a\u{2028}b",
        kubectl: None,
        ours: Ok("\"a\u{2028}b\""),
    },
];

/// Structures in which libraries for YAML differ, as the value of `x`.
const STRUCTURES: &[&str] = &[
    "{<<: {a: 1}, a: 2}",
    "{a: 2, <<: {a: 1}}",
    "{a: 2, <<: [{a: 1, b: 1}, {a: 3, b: 3, c: 3}]}",
    "{<<: {a: 1}, <<: {a: 2}}",
    "{'<<': {a: 1}}",
    "{!!merge <<: {a: 1}}",
    "{<<: 1}",
    "{<<: }",
    "{<<: [1]}",
    "{<<: {<<: {a: 1}, b: 2}, c: 3}",
    "[&a {b: 1}, *a, {<<: *a, c: 1}, {c: 1, b: 2, <<: *a}]",
    "[&a [{b: 1}], {<<: *a}]",
    "[&a 1, &a 2, *a]",
    "[*a]",
    "&a [*a]",
    "[&a b, {*a : 1}]",
    "{? {a: 1} : 2}",
    "{? [a] : 2}",
    "{a, b: , c}",
    "[a, , b]",
    "[a,]",
    "[a: 1, b]",
    "'a\nb'",
    "\"a\n  b\"",
    "\"a\n\nb\"",
    "\"a\\\nb\"",
    "\n  - 'a\n  b'",
    "a\n b\n  c",
    "|\n a\n b\n",
    "|-\n a\n b\n",
    "|+\n a\n\n\n",
    ">\n a\n b\n\n c\n   d\n e",
    "|2\n   a\n  b",
    "|1-\n a",
    "|\n a # b",
    "|\n\n\n a",
    "|\n a\n\tb",
    "a # b",
    "a#b",
    "a: b",
    "a:b",
    "'a''b'",
    "\"\\x41\\u00e9\\U0001F600\\t\\e\\_\\N\"",
    "\"\\q\"",
    "\u{e9}\u{1f600}",
    "\ta",
    "{\ta: 1}",
    "\n\ty: 1",
    "@a",
    "`a",
    "%a",
    "!a b",
    "!!str",
    "!!map {a: 1}",
    "!!seq [1]",
    "!!set {a}",
    "!!foo 12",
    "!<tag:yaml.org,2002:str> 12",
    "! 12",
    "!!int a",
    "!!int 12",
    "!!null a",
    "!!timestamp 2001-01-01",
    "!!float 1",
    "!!float 18446744073709551615",
    "!!bool 1",
    "!!bool y",
    "&a",
    "&a !!str",
    "!!str &a 1",
    "- a",
    "\n- a\n- b",
    "\n  - a\n  - - b\n    - c",
    "\n  ? a\n  : b",
    "\n  ? |\n   a\n  : b",
    "\n  a : b\n  'c' : d\n  \"e\": f",
    "\n  a:\n  b:\n   - c",
    "\n  a: 1\n b: 2",
    "\n  a: |\n  b: 1",
    "{a: [b, {c: d}], e: 'f'}",
    "{\"a\":1,'b':2,c:3}",
    "{a: b c, d: e\n f}",
    "[a\n]",
    "{\n}",
    "{a: 1}}",
    "[1",
    "'a",
    "\"a",
    "1 2",
    "- - 1",
    "? a",
    ": a",
    "null",
    "~",
    "\u{feff}a",
    "a\u{feff}b",
    "\"a\u{2028}b\"",
    "\u{a0}a",
    "\"\u{1}\"",
    "\"\u{7f}\"",
    "|\n a\r\n b\r\n",
];

/// Whole files, whose object is called `a`.
const FILES: &[&[u8]] = &[
    b"---\n\xef\xbb\xbfapiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nx: 1\n",
    b"\xef\xbb\xbf---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nx: 1\n",
    b"# c\n\xef\xbb\xbfapiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nx: 1\n",
    b"\n--- # comment\napiVersion: v1\r\nkind: ConfigMap\r\nmetadata: {name: a}\r\nx: |\r\n a\r\n b",
    b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nx: |\n a",
    b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nx: >+\n a\n ",
    br#"{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "x": [1e3, 1000.0, -0, 1.5, 1e21, 12345678901234567890]}"#,
    b" {\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"a\"},\n\t\"x\": \"\\u00e9\\ud83d\\ude00\\/\"}",
    b"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, x: {y: 0889}}",
];

/// Pieces of scalars.
const PIECES: &[&str] = &[
    "0",
    "1",
    "8",
    "9",
    "00",
    "12",
    "_",
    "__",
    ".",
    "-",
    "+",
    "e",
    "E",
    "x",
    "X",
    "o",
    "O",
    "b",
    "B",
    "0x",
    "0o",
    "0b",
    "a",
    "f",
    "F",
    "y",
    "Y",
    "n",
    "N",
    "es",
    "ES",
    "o",
    "true",
    "True",
    "TRUE",
    "RUE",
    "off",
    "On",
    "null",
    "Null",
    "~",
    ".inf",
    ".NaN",
    ":",
    "1e3",
    "e+0",
    "e-0",
    "1e400",
    "<<",
    "=",
    "9223372036854775807",
    "18446744073709551615",
    "T",
    "Z",
    "2001-01-01",
];

/// Where CI puts kubectl, if it is there.
fn kubectl() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/helm/kubectl");
    let is_there = path.is_file();
    if !is_there {
        println!("skipped: target/helm/kubectl is not there; .ci/helm/install puts it there");
    }
    is_there.then_some(path)
}

/// Numbers that are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    fn scalar(&mut self) -> String {
        (0..=self.below(4)).map(|_| self.one_of(PIECES)).collect()
    }

    fn word(&mut self) -> &'static str {
        self.one_of(&["a", "0644", "yes", "1.0", "b c", "d#e", "f:g", "-", "\u{e9}"])
    }

    /// A value after a key that is indented by `indent`.
    fn value(&mut self, depth: usize, indent: usize) -> String {
        let pad = " ".repeat(indent + 1);
        match self.below(if depth == 0 { 5 } else { 12 }) {
            0 => format!("'{}'", self.word()),
            1 => format!("\"{}\\n{}\n{}\"", self.word(), self.word(), self.word()),
            2 => format!("{}\n{pad}{}", self.word(), self.word()),
            3 => format!("{}\n{pad}{}\n{pad} {}\n", self.one_of(&["|", ">", "|-", ">+"]), self.word(), self.word()),
            5 | 6 => self.flow(depth),
            7 | 8 => (0..=self.below(3)).map(|_| format!("\n{pad}- {}", self.value(depth - 1, indent + 2))).collect(),
            9..=11 => {
                let keys = ["a", "<<", "'b'", "\"c\"", "d"];
                let first = self.below(keys.len());
                let entry = |key: &str| match key {
                    "<<" => format!("\n{pad}<<: {}", self.one_of(&["{a: 1, k: 2}", "[{a: 1}, {a: 2, b: 3}]", "{}"])),
                    key => format!("\n{pad}{key}: {}", self.value(depth - 1, indent + 1)),
                };
                keys[first..].iter().copied().map(entry).collect()
            }
            _ => self.word().to_owned(),
        }
    }

    fn flow(&mut self, depth: usize) -> String {
        match if depth == 0 { 3 } else { self.below(5) } {
            0 => format!("[{}, {}]", self.flow(depth - 1), self.flow(depth - 1)),
            1 => format!("{{{}: {}}}", self.word(), self.flow(depth - 1)),
            2 => format!("\"{}\"", self.word()),
            _ => self.word().to_owned(),
        }
    }
}

/// A manifest with a value.
fn manifest(name: &str, value: &str) -> Vec<u8> {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\nx: {value}\n").into_bytes()
}

/// What kubectl reads in each file that it accepts: the value of `x`, by the names of the files and objects.
fn read_by_kubectl(kubectl: &Path, manifests: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Value> {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in manifests {
        std::fs::write(directory.path().join(format!("{name}.yaml")), text).unwrap();
    }
    let mut command = Command::new(kubectl);
    command.args(["annotate", "--local", "--output=json", "a=b", "--filename"]).arg(directory.path());
    let output = command.env("HOME", directory.path()).output().unwrap();
    let objects = serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>();
    let named = objects.map(|object| object.unwrap()).map(|object| {
        let name = object["metadata"]["name"].as_str().unwrap().to_owned();
        (name, as_read(&object["x"]))
    });
    named.collect()
}

/// Numbers as the API server reads them: those that do not fit into 64 bits with a sign are floats. The last digits of
/// floats are left out, because the reader of this test loses them.
fn as_read(value: &Value) -> Value {
    match value {
        Value::Number(number) if number.as_i64().is_none() => format!("{:.12e}", number.as_f64().unwrap()).into(),
        Value::Array(items) => items.iter().map(as_read).collect(),
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), as_read(value))).collect(),
        other => other.clone(),
    }
}

/// What this project reads in a file: the value of `x` in its only object, or the message of its first problem.
fn read(text: &[u8]) -> Result<Value, String> {
    let text = manifests::decode(text.to_vec()).map_err(|problem| problem.message)?;
    let items: Result<Vec<Item>, _> = manifests::items(&text).into_iter().collect();
    match items.map_err(|problem| problem.message)?.pop() {
        Some(Item::Object(object)) => Ok(as_read(object.body.get("x").unwrap_or(&Value::Null))),
        _ => Err("no object".to_owned()),
    }
}

/// Compares the two readings of all files; a difference needs an entry in the list with the same outcome.
fn assert_same(manifests: &BTreeMap<String, Vec<u8>>) {
    let Some(kubectl) = kubectl() else { return };
    let by_kubectl = read_by_kubectl(&kubectl, manifests);
    let text = || manifests.values().map(|text| String::from_utf8_lossy(text)).next();
    assert!(by_kubectl.len() * 2 > manifests.len(), "kubectl read {}, such as {:?}", by_kubectl.len(), text());
    let differs = |(name, text): (&String, &Vec<u8>)| {
        let (theirs, ours) = (by_kubectl.get(name), read(text));
        let is_same = match (theirs, &ours) {
            (Some(theirs), Ok(ours)) => theirs == ours,
            (None, Err(_)) => true,
            (Some(_), Err(message)) => DIFFERENCES.iter().any(|one| one.ours.is_err_and(|part| message.contains(part))),
            (None, Ok(_)) => false,
        };
        (!is_same).then(|| format!("{:?}\n  kubectl: {theirs:?}\n  ours: {ours:?}", String::from_utf8_lossy(text)))
    };
    let found: Vec<String> = manifests.iter().filter_map(differs).collect();
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}

/// The same for values of `x`.
fn assert_same_values(values: impl Iterator<Item = String>) {
    let named = values.enumerate().map(|(number, value)| {
        let name = format!("n{number}");
        let text = manifest(&name, &value);
        (name, text)
    });
    assert_same(&named.collect());
}

#[test]
fn scalars_are_read_as_kubectl_reads_them() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    assert_same_values((0..4_000).map(|_| dice.scalar()));
}

#[test]
fn keys_are_read_as_kubectl_reads_them() {
    let mut dice = Dice(0xd1b5_4a32_d192_ed03);
    assert_same_values((0..2_000).map(|_| format!("\n  {}: 1", dice.scalar())));
}

#[test]
fn structures_are_read_as_kubectl_reads_them() {
    assert_same_values(STRUCTURES.iter().map(ToString::to_string));
}

#[test]
fn generated_structures_are_read_as_kubectl_reads_them() {
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    assert_same_values((0..4_000).map(|_| dice.value(3, 0)));
}

#[test]
fn files_are_read_as_kubectl_reads_them() {
    let wide: Vec<u16> = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nx: é\n".encode_utf16().collect();
    let little = [0xff, 0xfe].into_iter().chain(wide.iter().flat_map(|unit| unit.to_le_bytes())).collect();
    let big = [0xfe, 0xff].into_iter().chain(wide.iter().flat_map(|unit| unit.to_be_bytes())).collect();
    for file in FILES.iter().map(|file| file.to_vec()).chain([little, big]) {
        assert_same(&BTreeMap::from([("a".to_owned(), file)]));
    }
}

#[test]
fn every_difference_in_the_list_is_one() {
    let Some(kubectl) = kubectl() else { return };
    for Difference { reason, example, kubectl: theirs, ours } in DIFFERENCES {
        let manifests = BTreeMap::from([("a".to_owned(), manifest("a", example))]);
        let read_by_them = read_by_kubectl(&kubectl, &manifests).remove("a");
        assert_eq!(read_by_them, theirs.map(|value| serde_json::from_str::<Value>(value).unwrap()), "{reason}");
        match (ours, read(&manifests["a"])) {
            (Ok(value), read) => assert_eq!(read, Ok(serde_json::from_str(value).unwrap()), "{reason}"),
            (Err(part), Err(message)) => assert!(message.contains(part), "{reason}: {message}"),
            (Err(_), Ok(value)) => panic!("{reason}: {value}"),
        }
    }
}
