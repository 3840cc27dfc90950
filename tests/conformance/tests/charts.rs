//! The charts, by real Helms: they pass its lint, and what they render is what Kubewarden and the policies accept.
//!
//! `.ci/helm/install` puts Helm 3 and 4 where they are looked for. Without them the tests say that they skipped.

#![cfg(test)]

use std::path::PathBuf;
use std::process::Command;

use conformance::{POLICIES, workspace};
use jsonschema::Validator;
use serde_json::{Value, json};
use shared::calls::Guest;

/// The chart of all policies.
const BUNDLE: &str = "seaworthy-policies";

const PRESETS: [&str; 3] = ["audit", "baseline", "strict"];

/// The Helms that are there and run.
fn helms() -> Vec<PathBuf> {
    let runs = |path: &PathBuf| Command::new(path).arg("version").output().is_ok_and(|output| output.status.success());
    let all = ["3", "4"].map(|version| workspace(&format!("target/helm/{version}/helm")));
    let found: Vec<PathBuf> = all.into_iter().filter(runs).collect();
    if found.len() < 2 {
        println!("skipped: {} of 2 versions of Helm are there; .ci/helm/install installs them", found.len());
    }
    found
}

/// The names of the charts.
fn charts() -> Vec<String> {
    let entries = std::fs::read_dir(workspace("artifacthub/charts")).unwrap();
    let mut charts: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    charts.sort();
    assert!(charts.len() > 2, "{charts:?}");
    charts
}

/// The output of Helm, or its error. Values are given as JSON.
fn run(helm: &PathBuf, command: &[&str], chart: &str, values: &[(&str, Value)]) -> Result<String, String> {
    let mut process = Command::new(helm);
    process.args(command).arg(workspace(&format!("artifacthub/charts/{chart}")));
    for (name, value) in values {
        process.args(["--set-json", &format!("{name}={value}")]);
    }
    let output = process.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stdout) + &text(output.stderr)) }
}

/// The objects that a chart renders for the release `prod`.
fn render(helm: &PathBuf, chart: &str, values: &[(&str, Value)]) -> Result<Vec<Value>, String> {
    let rendered = run(helm, &["template", "prod"], chart, values)?;
    Ok(serde_saphyr::from_multiple(&rendered).unwrap_or_else(|error| panic!("{chart}: {error}\n{rendered}")))
}

/// The custom resources of Kubewarden.
fn kubewarden() -> Validator {
    let text = include_str!("kubewarden.yaml");
    let schema: Value = serde_saphyr::from_str(text).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

fn assert_accepted(kubewarden: &Validator, object: &Value, of: &str) {
    let faults: Vec<String> =
        kubewarden.iter_errors(object).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{of}: {}\n{object}", faults.join("\n"));
}

/// The module of this name as native code.
fn module(name: &str) -> Guest<'static> {
    let combined = [Guest::of::<seaworthy::Seaworthy>(), Guest::of::<seaworthy_images::SeaworthyImages>()];
    let mut all = policies::POLICIES.iter().map(Guest::from).chain(combined);
    all.find(|guest| guest.name == name).unwrap_or_else(|| panic!("there is no module {name}"))
}

/// Checks the laws for a policy that a chart renders.
fn assert_sound(kubewarden: &Validator, object: &Value, of: &str) {
    assert_accepted(kubewarden, object, of);
    let name = object["metadata"]["labels"]["app.kubernetes.io/name"].as_str().unwrap();
    assert_eq!(object["metadata"]["name"], json!(format!("prod-{name}")), "{of}");
    let settings = object["spec"]["settings"].to_string();
    let answer: Value = serde_json::from_slice(&module(name).validate_settings(settings.as_bytes())).unwrap();
    assert_eq!(answer["valid"], json!(true), "{of}: {name}: {answer}: {settings}");
}

#[test]
fn every_published_manifest_is_a_resource_of_kubewarden() {
    let kubewarden = kubewarden();
    let mut count = 0;
    for name in charts().into_iter().filter(|chart| chart != BUNDLE) {
        let manifests = workspace(&format!("artifacthub/{name}/{}/manifests", env!("CARGO_PKG_VERSION")));
        for entry in std::fs::read_dir(manifests).unwrap() {
            let path = entry.unwrap().path();
            // A role, and what binds it.
            if path.ends_with("rbac.yaml") {
                continue;
            }
            let object: Value = serde_saphyr::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            assert_accepted(&kubewarden, &object, &path.display().to_string());
            count += 1;
        }
    }
    assert!(count > 20, "{count}");
}

#[test]
fn every_chart_passes_the_strict_lint() {
    for helm in helms() {
        for chart in charts() {
            run(&helm, &["lint", "--strict"], &chart, &[]).unwrap_or_else(|problem| panic!("{chart}: {problem}"));
        }
        for (preset, modules) in
            PRESETS.iter().flat_map(|preset| ["combined", "single"].map(|modules| (preset, modules)))
        {
            let values = [("preset", json!(preset)), ("modules", json!(modules))];
            run(&helm, &["lint", "--strict"], BUNDLE, &values).unwrap_or_else(|problem| panic!("{preset}: {problem}"));
        }
    }
}

#[test]
fn a_chart_of_a_policy_loads_it() {
    let kubewarden = kubewarden();
    for helm in helms() {
        for chart in charts().into_iter().filter(|chart| chart != BUNDLE) {
            for mode in ["monitor", "protect"] {
                let values = [("mode", json!(mode)), ("settings", json!({ "action": "warn" }))];
                let objects = render(&helm, &chart, &values).unwrap();
                let is_policy = |object: &&Value| object["kind"] == "ClusterAdmissionPolicy";
                let policy = objects.iter().find(is_policy).unwrap();
                let count = if policy["spec"]["contextAwareResources"].is_null() { 1 } else { 3 };
                assert_eq!(objects.len(), count, "{chart}");
                assert_sound(&kubewarden, policy, &chart);
                assert_eq!(policy["spec"]["mode"], json!(mode));
                assert_eq!(policy["spec"]["settings"], json!({ "action": "warn" }));
            }
        }
    }
}

#[test]
fn every_preset_loads_every_policy_in_one_module_or_each_in_its_own() {
    let kubewarden = kubewarden();
    let mut before: Option<Vec<Vec<Value>>> = None;
    for helm in helms() {
        let mut all = Vec::new();
        for preset in PRESETS {
            let mode = if preset == "audit" { "monitor" } else { "protect" };
            for (modules, count) in [("combined", 1), ("single", seaworthy::POLICIES.len())] {
                let of = format!("{preset}, {modules}");
                let objects = render(&helm, BUNDLE, &[("preset", json!(preset)), ("modules", json!(modules))]).unwrap();
                assert_eq!(objects.len(), count, "{of}");
                for object in &objects {
                    assert_sound(&kubewarden, object, &of);
                    assert_eq!(object["spec"]["mode"], json!(mode), "{of}");
                    let failure = if mode == "monitor" { "Ignore" } else { "Fail" };
                    assert_eq!(object["spec"]["failurePolicy"], json!(failure), "{of}");
                }
                all.push(objects);
            }
        }
        if let Some(before) = &before {
            assert_eq!(*before, all, "two versions of Helm render differently");
        }
        before = Some(all);
    }
}

#[test]
fn policies_on_images_are_off_and_share_a_second_module() {
    let kubewarden = kubewarden();
    for helm in helms() {
        for (modules, name) in [("combined", "prod-seaworthy-images"), ("single", "prod-image-size")] {
            let values = [
                ("modules", json!(modules)),
                ("preset", json!("strict")),
                ("policies.image-size.enabled", json!(true)),
                ("policies.image-size.settings", json!({ "maxLayers": 20 })),
            ];
            let objects = render(&helm, BUNDLE, &values).unwrap();
            for object in &objects {
                assert_sound(&kubewarden, object, modules);
            }
            let object = objects.iter().find(|object| object["metadata"]["name"] == name).unwrap();
            let spec = &object["spec"];
            assert_eq!((&spec["backgroundAudit"], &spec["timeoutEvalSeconds"]), (&json!(false), &json!(10)));
            let settings =
                if modules == "single" { &spec["settings"] } else { &spec["settings"]["policies"]["image-size"] };
            assert_eq!((&settings["maxLayers"], &settings["rules"]["too-large"]), (&json!(20), &json!("deny")));
            let others = objects.iter().filter(|object| object["spec"]["backgroundAudit"] == true).count();
            assert_eq!(others, objects.len() - 1);
        }
    }
}

#[test]
fn a_policy_on_secrets_is_off_and_a_resource_of_its_own() {
    let kubewarden = kubewarden();
    for helm in helms() {
        for modules in ["combined", "single"] {
            let values = [("modules", json!(modules)), ("policies.keyless.enabled", json!(true))];
            let objects = render(&helm, BUNDLE, &values).unwrap();
            let judges_secrets = |object: &&Value| object["spec"]["rules"].to_string().contains("\"secrets\"");
            let [keyless] = objects.iter().filter(judges_secrets).collect::<Vec<_>>()[..] else {
                panic!("{objects:?}")
            };
            assert_sound(&kubewarden, keyless, modules);
            assert_eq!(keyless["metadata"]["name"], "prod-keyless");
            let without = render(&helm, BUNDLE, &[("modules", json!(modules))]).unwrap();
            assert_eq!(without.len() + 1, objects.len(), "{modules}");
            assert!(!without.iter().any(|object| judges_secrets(&object)), "{modules}");
        }
    }
}

#[test]
fn a_policy_that_reads_the_cluster_brings_a_role_for_the_policy_server() {
    let kubewarden = kubewarden();
    for helm in helms() {
        for modules in ["combined", "single"] {
            let enabled = ("policies.vulnerability-scan.enabled", json!(true));
            let values = vec![("modules", json!(modules)), enabled, ("rbac.serviceAccount", json!("scanner"))];
            let objects = render(&helm, BUNDLE, &values).unwrap();
            let named = |kind: &str| {
                let is =
                    |object: &&Value| object["metadata"]["name"] == "prod-vulnerability-scan" && object["kind"] == kind;
                objects.iter().find(is).unwrap_or_else(|| panic!("no {kind}: {objects:?}"))
            };
            let policy = named("ClusterAdmissionPolicy");
            assert_sound(&kubewarden, policy, modules);
            let read = policy["spec"]["contextAwareResources"].as_array().unwrap();
            let rules = named("ClusterRole")["rules"].as_array().unwrap();
            assert_eq!(read.len(), rules.len());
            for (resource, rule) in read.iter().zip(rules) {
                let group = rule["apiGroups"][0].as_str().unwrap();
                assert!(resource["apiVersion"].as_str().unwrap().starts_with(&format!("{group}/")));
                assert_eq!(rule["verbs"], json!(["get", "list", "watch"]));
            }
            let binding = named("ClusterRoleBinding");
            let subject = json!({ "kind": "ServiceAccount", "name": "scanner", "namespace": "kubewarden" });
            assert_eq!(
                (&binding["subjects"][0], &binding["roleRef"]["name"]),
                (&subject, &json!("prod-vulnerability-scan"))
            );

            let others = [values, vec![("rbac.create", json!(false))]].concat();
            let without = render(&helm, BUNDLE, &others).unwrap();
            assert_eq!(without.len() + 2, objects.len(), "{modules}");
        }
    }
}

#[test]
fn values_come_before_those_of_the_preset() {
    let kubewarden = kubewarden();
    // Helm reads an unquoted `off` as false.
    let moving = ("policies.no-latest.settings", json!({ "rules": { "moving-tag": false } }));
    let values = |modules: &str| {
        vec![
            ("preset", json!("strict")),
            ("modules", json!(modules)),
            ("settings", json!({ "updates": "full" })),
            ("exemptions", json!([{ "namespaces": ["legacy"], "reason": "OPS-1" }])),
            ("policies.non-root.enabled", json!(false)),
            moving.clone(),
        ]
    };
    for helm in helms() {
        let objects = render(&helm, BUNDLE, &values("combined")).unwrap();
        assert_sound(&kubewarden, &objects[0], "combined");
        let settings = &objects[0]["spec"]["settings"];
        assert_eq!(settings["updates"], json!("full"));
        assert_eq!(settings["exemptions"][0]["reason"], json!("OPS-1"));
        assert_eq!(settings["policies"]["non-root"], json!(false));
        let rules = &settings["policies"]["no-latest"]["rules"];
        assert_eq!((&rules["moving-tag"], &rules["latest-with-digest"]), (&json!(false), &json!("deny")));

        let objects = render(&helm, BUNDLE, &values("single")).unwrap();
        assert_eq!(objects.len(), seaworthy::POLICIES.len() - 1);
        for object in &objects {
            assert_sound(&kubewarden, object, "single");
            assert_eq!(object["spec"]["settings"]["updates"], json!("full"));
            assert_eq!(object["spec"]["settings"]["exemptions"][0]["reason"], json!("OPS-1"));
        }
        let no_latest = objects.iter().find(|object| object["metadata"]["name"] == "prod-no-latest").unwrap();
        let rules = &no_latest["spec"]["settings"]["rules"];
        assert_eq!((&rules["moving-tag"], &rules["latest-with-digest"]), (&json!(false), &json!("deny")));
    }
}

/// Values that a chart must refuse, and what it says. The last are faults that its schema cannot see: those that
/// `tests/settings.rs` lists.
fn faulty() -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let formats = |pattern: &str| json!({ "formats": [format!("regex:{pattern}")] });
    let long = "é".repeat(129);
    let much: Vec<Value> = (0..256).map(|_| json!({ "namespaces": ["legacy"], "reason": "r".repeat(256) })).collect();
    let off: Value = POLICIES.iter().map(|policy| (policy.name.to_owned(), json!({ "enabled": false }))).collect();
    vec![
        (BUNDLE, "policies", json!(null), "policies"),
        (BUNDLE, "policies.no-latest", json!(null), "no-latest"),
        (BUNDLE, "policies.no-latest.module", json!(null), "module"),
        (BUNDLE, "preset", json!("all"), "preset"),
        (BUNDLE, "modules", json!("both"), "modules"),
        (BUNDLE, "policies.no-such-policy", json!({}), "no-such-policy"),
        (BUNDLE, "policies.no-latest.settings", json!({ "actoin": "warn" }), "actoin"),
        (BUNDLE, "policies", off, "no policy is enabled"),
        (BUNDLE, "policies.no-latest.mode", json!("monitor"), "one module has one mode"),
        (BUNDLE, "matchConditions", json!([{ "name": "a" }]), "expression"),
        (BUNDLE, "exemptions", json!([{ "namespaces": ["legacy"] }]), "reason"),
        (BUNDLE, "exemptions", json!([{ "reason": "OPS-1" }]), "exemptions"),
        (BUNDLE, "exemptions", json!([{ "reason": "OPS-1", "containers": ["web"] }]), "exemptions"),
        (BUNDLE, "exemptions", json!([{ "reason": "OPS-1", "namespaces": ["*"] }]), "namespaces"),
        (BUNDLE, "policies.no-latest.settings", json!({ "digest": { "algorithms": [] } }), "algorithms"),
        ("init-required", "settings", json!({ "requireInit": true, "acceptedSolutions": ["exec"] }), "settings"),
        ("no-latest", "settings", json!({ "exemptions": [{ "reason": "OPS-1" }] }), "exemptions"),
        ("no-latest", "mode", json!("audit"), "mode"),
        (BUNDLE, "exemptions", json!([{ "namespaces": ["a"], "reason": long }]), "is longer than 256 bytes"),
        ("no-latest", "settings", json!({ "exemptions": much }), "is longer than 65536 bytes"),
        ("non-root", "settings", json!({ "uidRanges": [{ "min": 5, "max": 4 }] }), "5 to 4 is not a valid range"),
        (BUNDLE, "policies.image-tag-format.settings", json!({ "gitHash": { "min": 40, "max": 8 } }), "40 to 8"),
        ("image-tag-format", "settings", formats("["), "the regular expression"),
        ("image-tag-format", "settings", formats("a)|(b"), "the regular expression"),
        ("image-tag-format", "settings", formats(r"a\"), "the regular expression"),
        ("image-tag-format", "settings", formats(r"\p{L}+"), "the regular expression"),
        (BUNDLE, "policies.image-tag-format.settings", formats("v("), "the regular expression"),
    ]
}

#[test]
fn faulty_values_are_refused_with_their_place() {
    for helm in helms() {
        for (chart, name, value, expected) in faulty() {
            let problem = match render(&helm, chart, &[(name, value.clone())]) {
                Ok(objects) => panic!("{chart}: {name}={value} renders {objects:?}"),
                Err(problem) => problem,
            };
            assert!(problem.contains(expected), "{chart}: {name}: {problem}");
            // That would be an error of the template, and not of the values.
            for raw in ["error calling", "nil pointer", "can't evaluate", "wrong type"] {
                assert!(!problem.contains(raw), "{chart}: {name}: {problem}");
            }
        }
        for pattern in ["v[0-9]+", "(?:a|b)-[0-9]{4}", r"a\.b", "a|b"] {
            let settings = json!({ "formats": [format!("regex:{pattern}")] });
            render(&helm, "image-tag-format", &[("settings", settings)]).unwrap();
        }
    }
}
