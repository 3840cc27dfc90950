//! Everything but `seaworthy check`, as its users run it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::path::{Path, PathBuf};
#[cfg(target_os = "linux")]
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{ACCEPTED, Outcome, POD, VALID, Workplace, annotated, module};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Runs the command with the policies of this project.
fn ours(arguments: &[&str]) -> Outcome {
    let dist = workspace().join("dist");
    assert!(dist.is_dir(), "there are no modules to test: build them with `cargo xtask build`");
    Workplace::new(&[]).run(|command| command.args(arguments).env("SEAWORTHY_MODULES", &dist), "")
}

/// Runs the command in a place with policies made up.
fn run(place: &Workplace, arguments: &[&str]) -> Outcome {
    place.run(|command| command.args(arguments), "")
}

/// A place with a policy that has one rule, and one that combines it with others.
fn place() -> Workplace {
    let rule = json!({
        "id": "called-bob", "about": "A container is called `bob`.", "default": "deny",
        "bad": {"about": "He is called Bob.", "input": "pod:\n  containers:\n  - name: bob\n", "says": "no-bob: container \"bob\": it is called bob"},
        "good": {"about": "She is not.", "input": "pod:\n  containers:\n  - name: eve\n", "says": ""},
    });
    let schema = json!({"properties": {
        "names": {"description": "Names that are refused.", "default": ["bob"]},
        "case": {"description": "Case.", "properties": {"fold": {"description": "Whether it matters not.", "default": false}}},
        "action": {"description": "What to do."},
    }});
    let entry = json!({
        "guide": {"title": "Avoid Bob", "url": "https://example.com/bob"}, "rules": [rule], "schema": schema,
    });
    Workplace::new(&[("no-bob", ACCEPTED, VALID), ("all", ACCEPTED, VALID), ("bare", ACCEPTED, VALID)])
        .with_entry("no-bob", &entry)
        .with_entry("all", &json!({"combines": ["no-bob"]}))
}

#[track_caller]
fn assert_refused(outcome: &Outcome, reason: &str) {
    assert_eq!(outcome.stderr, format!("error: {reason}\n"));
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
}

#[test]
fn list_has_a_line_for_every_policy() {
    let expected = "all               Rejects much. Only with `--policy all`.\n\
                    bare    no description beside its module\n\
                    no-bob  high      Rejects much.\n";
    assert_eq!(run(&place(), &["list"]).stdout, expected);
}

#[test]
fn explain_tells_why_with_rules_settings_and_the_guide() {
    let expected = "\
no-bob 1.2.3: A policy (high)

Much is too much.

Rules (`seaworthy explain no-bob/RULE` shows examples)
  called-bob  deny  A container is called `bob`.

Settings
  case: Case.
  case.fold: Whether it matters not. [default: false]
  names: Names that are refused. [default: [\"bob\"]]

  The settings of every policy: action, containers, controllers, exemptions, rules, updates.

Avoid Bob
https://example.com/bob
";
    assert_eq!(run(&place(), &["explain", "no-bob"]).stdout, expected);
}

#[test]
fn explain_shows_a_rule_by_a_bad_and_a_good_example() {
    let expected = "\
no-bob/called-bob (deny)

A container is called `bob`.

Bad: He is called Bob.

    pod:
      containers:
      - name: bob

    no-bob: container \"bob\": it is called bob

Good: She is not.

    pod:
      containers:
      - name: eve

Settings to change it

    rules:
      called-bob: \"off\"

Avoid Bob
https://example.com/bob
";
    assert_eq!(run(&place(), &["explain", "no-bob/called-bob"]).stdout, expected);
    assert_eq!(run(&place(), &["explain", "called-bob"]).stdout, expected);
}

#[test]
fn explain_finds_a_rule_of_several_policies_and_the_one_of_all() {
    let several = ours(&["explain", "missing-tag"]).stdout;
    let [one, other] = ["image-tag-format", "no-latest"].map(|policy| format!("{policy}/missing-tag (deny)\n"));
    assert!(several.starts_with(&one) && several.contains(&format!("\n\n{other}")), "{several}");
    let malformed = ours(&["explain", "malformed-object"]).stdout;
    assert!(malformed.starts_with("malformed-object (deny)\n"), "{malformed}");
}

#[test]
#[cfg(target_os = "linux")]
fn what_cannot_be_written_exits_with_3() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let process =
        Command::new(env!("CARGO_BIN_EXE_seaworthy")).args(["completions", "bash"]).stdout(full).output().unwrap();
    assert_eq!(process.status.code(), Some(3));
    assert!(
        String::from_utf8_lossy(&process.stderr)
            .starts_with("error: the result cannot be written to standard output: ")
    );
}

#[test]
fn what_is_not_there_is_refused_with_what_is() {
    let place = place();
    let unknown = "unknown policy `nobob` (did you mean `no-bob`?); the policies are: all, bare, no-bob";
    for arguments in [["explain", "nobob"], ["schema", "nobob"], ["manifest", "nobob"], ["inspect", "nobob"]] {
        assert_refused(&run(&place, &arguments), unknown);
    }
    assert_refused(&run(&place, &["explain", "no-bob/bob"]), "no-bob has no rule `bob`; its rules are: called-bob");
    assert_refused(
        &run(&place, &["schema", "bare"]),
        "bare.json is missing beside the module of bare; `cargo xtask build` writes it",
    );
    assert_refused(&run(&place, &["manifest", "no-bob", "--for", "group"]), "no-bob has no manifest for group");
    let commands = "check, list, explain, schema, manifest, inspect, test, completions, man, help";
    assert_refused(&run(&place, &["man", "chekc"]), &format!("unknown command `chekc`; the commands are: {commands}"));
    let broken = place.with("dist/no-bob.json", "{");
    let outcome = run(&broken, &["list"]);
    assert!(outcome.stderr.contains("no-bob.json is not a valid description of a policy: "), "{}", outcome.stderr);
    assert_eq!(outcome.code, 2);
}

#[test]
fn every_rule_of_our_policies_is_shown_by_a_bad_and_a_good_example() {
    for name in ours(&["list"]).stdout.lines().filter_map(|line| line.split(' ').next()) {
        let entry = std::fs::read_to_string(workspace().join("dist").join(format!("{name}.json"))).unwrap();
        let entry: Value = serde_json::from_str(&entry).unwrap();
        assert!(entry["why"].as_str().unwrap().len() > 100, "{name}: {}", entry["why"]);
        // What a policy finds that inspects images depends on what registries answer: its README has the examples.
        if entry["capabilities"] != serde_json::json!([]) {
            continue;
        }
        for rule in entry["rules"].as_array().into_iter().flatten() {
            let id = format!("{name}/{}", rule["id"].as_str().unwrap());
            assert!(rule["bad"]["says"].as_str().is_some_and(|says| says.starts_with(name)), "{id}: {rule:#}");
            assert_eq!(rule["good"]["says"], "", "{id}: {rule:#}");
            let outcome = ours(&["explain", &id]);
            assert!(outcome.stdout.contains("\nBad: ") && outcome.stdout.contains("\nGood: "), "{}", outcome.stdout);
        }
    }
}

#[test]
fn the_schema_and_the_manifests_are_those_that_are_published() {
    let published = workspace().join("artifacthub/no-latest").join(env!("CARGO_PKG_VERSION"));
    let read = |file: &str| std::fs::read_to_string(published.join(file)).unwrap();
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(json(&ours(&["schema", "no-latest"]).stdout), json(&read("settings.schema.json")));
    let monitor = ours(&["manifest", "no-latest"]).stdout;
    for purpose in ["monitor", "protect", "namespaced", "group"] {
        let outcome = ours(&["manifest", "no-latest", "--for", purpose]);
        assert!(purpose != "monitor" || outcome.stdout == monitor);
        let (head, printed) = outcome.stdout.split_once('\n').unwrap();
        assert_eq!(Some(printed), read(&format!("manifests/{purpose}.yaml")).split_once('\n').map(|(_, text)| text));
        // What is to be edited is there.
        let named: Vec<&str> = head.split('`').skip(3).step_by(2).collect();
        assert!(named.len() > 1 && named.iter().all(|field| printed.contains(&format!(" {field}:"))), "{head}");
    }
}

#[test]
fn a_manifest_has_the_settings_and_the_module_of_the_user() {
    const SETTINGS: &str = "no-latest:\n  movingTags: ['on', '1e3', '0889', '~']\n  digest: {satisfies: false}\n  exemptions:\n  - images: ['x/*']\n    reason: |\n      two\n      lines\nnon-root: {}\n";
    let place = Workplace::new(&[]).with("settings.yaml", SETTINGS);
    let dist = workspace().join("dist");
    let run = |arguments: &[&str]| place.run(|command| command.args(arguments).env("SEAWORTHY_MODULES", &dist), "");
    let value = |text: &str| serde_saphyr::from_str::<Value>(text).unwrap();
    let module = "registry.example:5000/no-latest@sha256:00";
    for purpose in ["monitor", "protect", "namespaced", "group"] {
        let arguments = ["manifest", "no-latest", "--for", purpose, "--settings", "settings.yaml", "--module", module];
        let outcome = run(&arguments);
        let (changed, mut published) = (value(&outcome.stdout), value(&run(&arguments[..4]).stdout));
        let member = if purpose == "group" { "/spec/policies/no_latest" } else { "/spec" };
        let member = published.pointer_mut(member).unwrap();
        member["settings"] = value(SETTINGS)["no-latest"].clone();
        member["module"] = format!("registry://{module}").into();
        assert_eq!(changed, published, "{}", outcome.stderr);
    }
}

#[test]
fn a_manifest_is_refused_for_settings_that_the_policy_refuses() {
    let place = Workplace::new(&[])
        .with("wrong.yaml", "no-latest:\n  deniedTgas: []\n  movingTags: 1\n")
        .with("others.yaml", "non-root: {}\n");
    let dist = workspace().join("dist");
    for (arguments, lines) in [
        (
            ["--settings", "wrong.yaml"],
            &[
                "error: wrong.yaml:2:3: settings of policy no-latest: deniedTgas: ",
                "error: wrong.yaml:3:15: settings of policy no-latest: movingTags: ",
            ][..],
        ),
        (
            ["--settings", "others.yaml"],
            &["error: others.yaml: there are no settings of no-latest; write them below the key no-latest"],
        ),
        (
            ["--module", "oci://r.example/p"],
            &["error: --module oci://r.example/p: a policy server loads modules by registry://, "],
        ),
    ] {
        let outcome = place
            .run(|command| command.args(["manifest", "no-latest"]).args(arguments).env("SEAWORTHY_MODULES", &dist), "");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{}", outcome.stderr);
        let told: Vec<&str> = outcome.stderr.lines().collect();
        assert_eq!(told.len(), lines.len(), "{}", outcome.stderr);
        assert!(told.iter().zip(lines).all(|(told, line)| told.starts_with(line)), "{}", outcome.stderr);
    }
}

#[test]
fn programs_get_what_people_read() {
    let json = |arguments: &[&str]| {
        let outcome = run(&place().with_bytes("no.wasm", &module(ACCEPTED, VALID)), arguments);
        serde_json::from_str::<Value>(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {}", outcome.stderr))
    };
    let policy = json(&["explain", "no-bob", "--format", "json"]);
    assert_eq!((&policy["name"], &policy["rules"][0]["bad"]["about"]), (&json!("no-bob"), &json!("He is called Bob.")));
    assert_eq!((policy.get("schema"), policy.get("manifests")), (None, None));
    let rules = json(&["explain", "called-bob", "-o", "json"]);
    assert_eq!(rules, json(&["explain", "no-bob/called-bob", "-o", "json"]));
    assert_eq!((&rules[0]["policy"], &rules[0]["id"]), (&json!("no-bob"), &json!("called-bob")));
    assert_eq!(rules[0]["guide"]["url"], "https://example.com/bob");
    assert_eq!(json(&["explain", "malformed-object", "-o", "json"])[0]["policy"], Value::Null);
    let inspected = json(&["inspect", "no.wasm", "-o", "json"]);
    assert_eq!((&inspected["runsHere"], &inspected["imports"]), (&json!(true), &json!(["wapc.__guest_response"])));
    let all: Value = serde_json::from_str(&ours(&["list", "--format", "json"]).stdout).unwrap();
    let names: Vec<&str> = all.as_array().unwrap().iter().map(|policy| policy["name"].as_str().unwrap()).collect();
    let told = ours(&["list"]).stdout;
    assert!(names.iter().eq(&told.lines().map(|line| line.split(' ').next().unwrap()).collect::<Vec<_>>()), "{told}");
}

#[test]
fn our_manifests_are_policies_that_check_takes() {
    for purpose in ["monitor", "protect", "namespaced", "group"] {
        let manifest = ours(&["manifest", "no-latest", "--for", purpose]).stdout;
        let dist = workspace().join("dist");
        let place = Workplace::new(&[]).with("policy.yaml", &manifest);
        let check = |image: &str| {
            let pod = format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{containers: [{{name: web, image: {image}}}]}}\n"
            );
            let arguments = ["check", "--policies", "policy.yaml", "--fail-on", "warn", "-"];
            place.run(|command| command.args(arguments).env("SEAWORTHY_MODULES", &dist), &pod)
        };
        assert_eq!(check("nginx").code, 1, "{purpose}");
        let clean = check("nginx:1.27.3");
        assert_eq!(clean.code, 0, "{purpose}: {}{}", clean.stdout, clean.stderr);
    }
}

#[test]
fn inspect_tells_metadata_size_digest_imports_and_whether_the_module_runs() {
    let rules =
        json!([{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE", "UPDATE"]}]);
    let metadata = json!({
        "protocolVersion": "v1", "mutating": false, "rules": rules,
        "annotations": {"io.kubewarden.policy.title": "no-bob", "io.kubewarden.policy.description": "Rejects\u{1b}[2J Bob."},
        "contextAwareResources": [{"apiVersion": "v1", "kind": "Namespace"}],
    });
    let bytes = annotated(ACCEPTED, VALID, Some(&metadata));
    let place = Workplace::new(&[]).with_bytes("no-bob.wasm", &bytes);
    let outcome = run(&place, &["inspect", "no-bob.wasm"]);
    let (before, after) = outcome.stdout.split_once("digest    sha256:").unwrap();
    let expected = format!(
        "title     no-bob\nabout     Rejects [2J Bob.\nprotocol  v1\nexecution kubewarden-wapc\nmutating  no\n\
         rules     CREATE,UPDATE core/v1: pods\nreads     v1 Namespace of the cluster\nsize      {} bytes\n",
        bytes.len()
    );
    assert_eq!(before, expected);
    assert_eq!(after.get(64..), Some("\nimports   wapc.__guest_response\nruns here yes\n"));
}

#[test]
fn inspect_tells_why_a_module_does_not_run_here() {
    let wat = r#"(module (import "other" "open" (func)) (memory (export "memory") 1)
                         (func (export "__guest_call") (param i32 i32) (result i32) (i32.const 1)))"#;
    let place = Workplace::new(&[]).with_bytes("foreign.wasm", &wat::parse_str(wat).unwrap()).with("text.wasm", "no");
    let outcome = run(&place, &["inspect", "foreign.wasm"]);
    assert!(outcome.stdout.contains("metadata  none\n"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("runs here no: not a waPC module: it imports other.open; "), "{}", outcome.stdout);
    assert_refused(
        &run(&place, &["inspect", "text.wasm"]),
        "text.wasm: not a WebAssembly module: it does not begin as one",
    );
    assert_eq!(run(&place, &["inspect", "none.wasm"]).code, 2);
}

#[test]
fn inspect_knows_our_policies_by_name() {
    let outcome = ours(&["inspect", "no-latest"]);
    assert!(outcome.stdout.starts_with("title     no-latest\n"), "{}", outcome.stdout);
    assert!(outcome.stdout.ends_with("runs here yes\n"), "{}", outcome.stdout);
}

const CASES: &str = "about: All is well.\npod: {containers: []}\nexpect: {allowed: true}\n";

#[test]
fn cases_of_others_are_replayed_through_their_module() {
    let denial = r#"{"accepted":false,"message":"never"}"#;
    let place = Workplace::new(&[])
        .with_bytes("yes.wasm", &module(ACCEPTED, VALID))
        .with_bytes("no.wasm", &module(denial, VALID))
        .with("cases/well.yaml", CASES)
        .with("cases/never.yaml", "about: Never.\nobject: {kind: Pod}\nexpect: {allowed: false, message: never}\n");
    let yes = run(&place, &["test", "cases", "--module", "yes.wasm"]);
    assert!(
        yes.stdout.starts_with("FAIL  never\n      object: the answer is not the expected one.\n"),
        "{}",
        yes.stdout
    );
    assert!(yes.stdout.ends_with("\nok    well\n1 passed, 1 failed\n"), "{}", yes.stdout);
    assert_eq!(yes.code, 1);
    let place = place.with("cases/well.yaml", "about: Never.\nobject: {}\nexpect: {allowed: false, message: never}\n");
    let no = run(&place, &["test", "cases", "--module", "no.wasm"]);
    assert_eq!((no.code, no.stdout.as_str()), (0, "ok    never\nok    well\n2 passed, 0 failed\n"));
}

#[test]
fn our_cases_find_their_module_by_the_name_of_their_directory() {
    let cases = workspace().join("policies/no-latest/cases");
    let outcome = ours(&["test", cases.to_str().unwrap()]);
    assert!(outcome.stdout.ends_with(" passed, 0 failed\n"), "{}", outcome.stdout);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
}

#[test]
fn cases_that_cannot_be_read_exit_with_3() {
    let place = Workplace::new(&[]).with_bytes("yes.wasm", &module(ACCEPTED, VALID)).with("bad/a.yaml", "about: [\n");
    std::fs::create_dir(place.path("empty")).unwrap();
    for (directory, reason) in [
        ("none", "error: none: "),
        ("empty", "error: empty: no case file (*.yaml) found\n"),
        ("bad", "error: bad/a.yaml: "),
    ] {
        let outcome = run(&place, &["test", directory, "--module", "yes.wasm"]);
        assert!(outcome.stderr.starts_with(reason), "{}", outcome.stderr);
        assert_eq!(outcome.code, 3);
    }
}

#[test]
fn shells_complete_every_command() {
    let place = Workplace::new(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let outcome = run(&place, &["completions", shell]);
        for command in commands() {
            assert!(outcome.stdout.contains(&command), "{shell}: {command}");
        }
    }
}

#[test]
fn bash_completes_policies_rules_formats_and_commands() {
    let script = ours(&["completions", "bash"]).stdout;
    let place = Workplace::new(&[]).with("seaworthy.bash", &script);
    // What a shell offers after these words.
    let offered = |words: &[&str]| -> Option<Vec<String>> {
        let last = words.len() - 1;
        let asked = format!(
            "source seaworthy.bash; COMP_WORDS=({}); COMP_CWORD={last}; _seaworthy seaworthy '{}' '{}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
            words[last],
            words[last - 1],
        );
        let shell =
            std::process::Command::new("bash").args(["--norc", "-c", &asked]).current_dir(place.path("")).output();
        Some(String::from_utf8(shell.ok()?.stdout).unwrap().lines().map(str::to_owned).collect())
    };
    for (words, expected) in [
        (&["seaworthy", "check", "--policy", "no-l"][..], &["no-latest"][..]),
        (&["seaworthy", "check", "--format", "j"], &["json", "jsonl", "junit"]),
        (&["seaworthy", "check", "-o", "sar"], &["sarif"]),
        (&["seaworthy", "explain", "no-latest/missing-t"], &["no-latest/missing-tag"]),
        (&["seaworthy", "explain", "missing-t"], &["missing-tag"]),
        (&["seaworthy", "schema", "non"], &["non-root"]),
        (&["seaworthy", "manifest", "no-latest", "--for", "p"], &["protect"]),
        (&["seaworthy", "inspect", "readonly"], &["readonly-rootfs"]),
        (&["seaworthy", "man", "ch"], &["check"]),
        (&["seaworthy", "list", "--format", "j"], &["json"]),
    ] {
        let Some(offered) = offered(words) else {
            println!("skipped: bash is not installed");
            return;
        };
        assert_eq!(offered, expected, "{words:?}");
    }
    let fish = ours(&["completions", "fish"]).stdout;
    assert!(
        fish.lines().any(|line| line.contains("using_subcommand explain") && line.contains("no-latest/missing-tag"))
    );
}

#[test]
fn completions_work_without_modules() {
    let place = Workplace::new(&[]);
    let outcome = run(&place, &["completions", "bash", "--modules", "none"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    assert!(outcome.stdout.contains("json jsonl"), "{}", outcome.stdout);
}

#[test]
fn a_case_that_cannot_be_read_is_one_error() {
    let place = Workplace::new(&[])
        .with_bytes("yes.wasm", &module(ACCEPTED, VALID))
        .with("cases/b.yaml", "about: A.\nexpct: {}\n");
    let outcome = run(&place, &["test", "cases", "--module", "yes.wasm"]);
    assert_eq!(outcome.stderr.matches("error").count(), 1, "{}", outcome.stderr);
    assert!(outcome.stderr.starts_with("error: cases/b.yaml: "), "{}", outcome.stderr);
}

#[test]
fn check_takes_the_short_options_of_kubectl_and_may_be_quiet() {
    let dist = workspace().join("dist");
    let pod = |image: &str| format!("{POD}spec: {{containers: [{{name: web, image: '{image}'}}]}}\n");
    let place = Workplace::new(&[])
        .with("bad.yaml", &pod("nginx"))
        .with("good.yaml", &pod("nginx:1.27.3"))
        .with("chart/Chart.yaml", "name: chart\n");
    let check = |arguments: &[&str]| {
        let arguments = [&["check", "--policy", "no-latest"], arguments].concat();
        place.run(|command| command.args(&arguments).env("SEAWORTHY_MODULES", &dist), "")
    };
    assert_eq!(check(&["-f", "good.yaml"]).stdout, check(&["good.yaml"]).stdout);
    assert_eq!(check(&["-f", "good.yaml", "-f", "bad.yaml"]).stdout, check(&["good.yaml", "bad.yaml"]).stdout);
    assert_eq!(check(&["good.yaml", "-f", "bad.yaml"]).code, 1);
    assert_eq!(check(&["bad.yaml", "-o", "json"]).stdout, check(&["bad.yaml", "--format", "json"]).stdout);
    assert_eq!(check(&[]).code, 2);
    let (loud, quiet) = (check(&[".", "-o", "compact"]), check(&[".", "-o", "compact", "-q"]));
    assert!(loud.stderr.contains("note: "), "{}", loud.stderr);
    assert_eq!((quiet.code, quiet.stderr.as_str()), (1, ""));
    let sum = loud.stdout.strip_prefix(&quiet.stdout).unwrap();
    assert!(sum.starts_with("2 objects in 2 files: 1 finding"), "{sum}");
    let good = check(&["good.yaml", "--quiet"]);
    assert_eq!((good.code, good.stdout + &good.stderr), (0, String::new()));
    // JSON is for programs: it always has the summary.
    assert_eq!(check(&["good.yaml", "-q", "-o", "json"]).stdout, check(&["good.yaml", "-o", "json"]).stdout);
}

/// The commands that the help lists.
fn commands() -> Vec<String> {
    let help = run(&Workplace::new(&[]), &["--help"]).stdout;
    let list = help.split_once("Commands:\n").unwrap().1.split_once("\n\n").unwrap().0;
    let names: Vec<String> =
        list.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
    assert!(names.iter().any(|name| name == "check"), "{help}");
    names.into_iter().filter(|name| name != "help").collect()
}

/// The long options that the help of a command lists.
fn options(command: &str) -> Vec<String> {
    let help = run(&Workplace::new(&[]), &[command, "--help"]).stdout;
    let words = help.lines().filter(|line| line.trim_start().starts_with('-')).flat_map(str::split_whitespace);
    let mut options: Vec<String> =
        words.filter(|word| word.starts_with("--")).map(|word| word.trim_end_matches(',').to_owned()).collect();
    options.sort();
    options.dedup();
    options
}

#[test]
fn the_manual_page_and_the_readme_know_every_command_and_option() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let overview = run(&Workplace::new(&[]), &["man"]).stdout;
    for command in commands() {
        assert!(overview.contains(&format!("seaworthy\\-{command}")), "{command}: {overview}");
        assert!(readme.contains(&format!("`seaworthy {command}")), "{command} is not in the README");
        let page = run(&Workplace::new(&[]), &["man", &command]).stdout;
        for option in options(&command) {
            assert!(page.contains(&option.replace('-', "\\-")), "{option}: {page}");
            let common = ["--help", "--modules"].contains(&option.as_str());
            assert!(common || readme.contains(&format!("`{option}")), "{option} of {command} is not in the README");
        }
    }
}

#[test]
fn the_short_help_of_check_fits_a_screen() {
    let outcome = Workplace::new(&[]).run(|command| command.args(["check", "-h"]).env("COLUMNS", "80"), "");
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert!(lines.len() <= 50, "{} lines:\n{}", lines.len(), outcome.stdout);
    assert!(lines.iter().all(|line| line.chars().count() <= 80), "{}", outcome.stdout);
}

#[test]
#[cfg(unix)]
fn as_a_plugin_of_kubectl_the_command_is_called_so() {
    let place = Workplace::new(&[]);
    let plugin = place.path("kubectl-seaworthy");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_seaworthy"), &plugin).unwrap();
    let output = std::process::Command::new(&plugin).args(["check", "--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(help.contains("Usage: kubectl seaworthy check "), "{help}");
}

#[test]
fn the_modules_of_the_checkout_are_found_from_any_directory() {
    let elsewhere = tempfile::tempdir().unwrap();
    let process = std::process::Command::new(env!("CARGO_BIN_EXE_seaworthy"))
        .current_dir(elsewhere.path())
        .env_remove("SEAWORTHY_MODULES")
        .args(["test", workspace().join("policies/readonly-rootfs").to_str().unwrap()])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&process.stdout);
    assert!(told.ends_with(" passed, 0 failed\n"), "{told}{}", String::from_utf8_lossy(&process.stderr));
}
