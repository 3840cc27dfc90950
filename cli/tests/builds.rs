//! `seaworthy check --images` with the built modules: images as four builders make them, and the reports of scanners.
#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::oci::Layout;

const BUILDKIT: &str = "buildkit.dockerfile.v0";
const BUILDAH: &str = "FROM docker.io/library/debian:12";

/// The findings of the built modules in a pod with an image, as `policy/rule`, and the whole report.
fn findings(place: &Path, image: &str, options: &[&str]) -> (Vec<String>, String) {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist");
    assert!(dist.is_dir(), "there are no modules to test: build them with `cargo xtask build`");
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"containers": [{"name": "web", "image": image}]},
    });
    std::fs::write(place.join("pod.json"), pod.to_string()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_seaworthy"))
        .args(["check", "pod.json", "--format", "json", "--modules"])
        .arg(dist)
        .args(options)
        .current_dir(place)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    let report: Value = serde_json::Deserializer::from_str(&text)
        .into_iter()
        .next()
        .unwrap()
        .unwrap_or_else(|error| panic!("{error}: {text}"));
    let policies = report["files"][0]["objects"][0]["policies"].as_array().unwrap();
    let names = policies.iter().flat_map(|policy| {
        let findings = policy["findings"].as_array().cloned().unwrap_or_default();
        let name = policy["policy"].as_str().or(policy["name"].as_str()).unwrap().to_owned();
        findings.into_iter().map(move |finding| format!("{name}/{}", finding["rule"].as_str().unwrap()))
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    (names, text)
}

/// The name of an image, its steps with the comments of their builder, and what is found.
type Image<'i> = (&'i str, Vec<(String, &'i str)>, &'i [&'i str]);

const POLICIES: [&str; 6] = ["--policy", "build-cache", "--policy", "no-extra-tools", "--policy", "image-labels"];

#[test]
fn images_of_four_builders_are_judged_by_their_steps_and_no_secret_is_repeated() {
    let place = tempfile::tempdir().unwrap();
    let secret = "kJ8sQ2vX0pLw4RtY";
    let token = |form: &str| form.replace("@@", secret);
    let labels = json!({
        "org.opencontainers.image.source": "https://git.example/app", "org.opencontainers.image.licenses": "MIT",
        "org.opencontainers.image.version": "1.0.0",
    });
    let rows: [Image<'_>; 8] = [
        (
            "classic",
            vec![
                ("/bin/sh -c #(nop) ADD file:0b1d7e0a5f1e in / ".to_owned(), ""),
                ("/bin/sh -c #(nop)  CMD [\"bash\"]".to_owned(), ""),
                (token("|1 NPM_TOKEN=@@ /bin/sh -c apt-get update && apt-get install -y netcat-openbsd"), ""),
            ],
            &[
                "build-cache/package-cache-kept",
                "build-cache/secret-in-build-argument",
                "no-extra-tools/remote-access-tool",
            ],
        ),
        (
            "classic-twin",
            vec![
                ("/bin/sh -c #(nop) ADD file:0b1d7e0a5f1e in / ".to_owned(), ""),
                ("/bin/sh -c #(nop)  CMD [\"bash\"]".to_owned(), ""),
                (
                    "|1 VERSION=1 /bin/sh -c apt-get update && apt-get install -y git && rm -rf /var/lib/apt/lists/*"
                        .to_owned(),
                    "",
                ),
            ],
            &[],
        ),
        (
            "buildkit",
            vec![
                ("RUN /bin/sh -c apt-get update # buildkit".to_owned(), BUILDKIT),
                ("COPY . /app # buildkit".to_owned(), BUILDKIT),
                (token("RUN /bin/sh -c curl -u bob:@@ https://a.example; npm ci # buildkit"), BUILDKIT),
            ],
            &["build-cache/copy-before-install", "build-cache/package-cache-kept", "build-cache/update-alone"],
        ),
        (
            "buildkit-twin",
            vec![
                ("COPY package.json package-lock.json ./ # buildkit".to_owned(), BUILDKIT),
                ("RUN /bin/sh -c npm ci && npm cache clean --force # buildkit".to_owned(), BUILDKIT),
                ("COPY . /app # buildkit".to_owned(), BUILDKIT),
            ],
            &[],
        ),
        (
            "buildah",
            vec![(token("|1 TOKEN=@@ /bin/sh -c dnf install -y gcc|inheritLabels=false"), BUILDAH)],
            &["build-cache/package-cache-kept", "build-cache/secret-in-build-argument", "no-extra-tools/extra-tool"],
        ),
        (
            "buildah-twin",
            vec![(
                "/bin/sh -c --mount=type=cache,target=/var/cache/dnf dnf install -y git|inheritLabels=false".to_owned(),
                BUILDAH,
            )],
            &[],
        ),
        (
            "kaniko",
            vec![(token("ADD https://bob:@@@a.example/app.tar.gz /opt/"), ""), ("RUN apk add git".to_owned(), "")],
            &["build-cache/package-cache-kept", "build-cache/remote-add"],
        ),
        (
            "kaniko-twin",
            vec![("RUN apk add --no-cache git".to_owned(), ""), ("COPY --from=build /app /app".to_owned(), "")],
            &[],
        ),
    ];
    for (name, steps, expected) in rows {
        let layout = Layout::new(place.path().join("images/registry.example").join(name));
        let steps: Vec<(&str, &str)> = steps.iter().map(|(step, comment)| (&**step, *comment)).collect();
        layout.tag(&[("1.0.0", &layout.built(&steps, &json!({"Labels": labels, "Entrypoint": ["/app"]})))]);
        let options = [&["--images", "images"], &POLICIES[..]].concat();
        let (found, report) = findings(place.path(), &format!("registry.example/{name}:1.0.0"), &options);
        assert_eq!(found, expected, "{name}: {report}");
        for window in secret.as_bytes().windows(12) {
            assert!(!report.contains(str::from_utf8(window).unwrap()), "{name}: {report}");
        }
    }
}

#[test]
fn a_secret_in_env_and_labels_of_another_image_are_found() {
    let place = tempfile::tempdir().unwrap();
    let layout = Layout::new(place.path().join("images/registry.example/app"));
    let config = json!({
        "Env": ["DB_PASSWORD=kJ8sQ2vX0pLw4RtY"],
        "Labels": {"org.opencontainers.image.licenses": "GPL-3.0-only", "org.opencontainers.image.version": "24.04"},
    });
    layout.tag(&[("1.0.0", &layout.built(&[], &config))]);
    std::fs::write(place.path().join("settings.yaml"), "image-labels: { licenses: { deny: ['GPL-*'] } }\n").unwrap();
    let options = [&["--images", "images", "--settings", "settings.yaml"], &POLICIES[..]].concat();
    let (found, report) = findings(place.path(), "registry.example/app:1.0.0", &options);
    let expected = [
        "build-cache/secret-in-env",
        "image-labels/denied-license",
        "image-labels/missing-label",
        "image-labels/version-mismatch",
    ];
    assert_eq!(found, expected, "{report}");
    assert!(!report.contains("kJ8sQ2vX0pLw"), "{report}");
}

#[test]
fn reports_of_scanners_are_read_from_files() {
    let place = tempfile::tempdir().unwrap();
    let report = |digest: &str, critical: u64| {
        json!({
            "apiVersion": "storage.sbomscanner.kubewarden.io/v1alpha1", "kind": "VulnerabilityReport",
            "metadata": {"name": digest, "namespace": "sbomscanner"},
            "imageMetadata": {
                "registry": "workload", "registryURI": "registry.example", "repository": "app", "tag": digest,
                "platform": "linux/amd64", "digest": format!("sha256:{}", digest.repeat(64)),
            },
            "report": {
                "summary": {"critical": critical, "high": 0, "medium": 0, "low": 0, "unknown": 0, "suppressed": 0},
                "results": [{"target": "debian", "class": "os-pkgs", "vulnerabilities": [{
                    "cve": "CVE-2026-1001", "packageName": "openssl", "fixedVersions": ["3.0.15"], "severity": "CRITICAL",
                    "suppressed": false,
                }]}],
            },
        })
    };
    let trivy = json!({
        "apiVersion": "aquasecurity.github.io/v1alpha1", "kind": "VulnerabilityReport",
        "metadata": {"name": "replicaset-web", "namespace": "shop"},
        "report": {
            "updateTimestamp": "2026-08-17T09:30:00Z", "registry": {"server": "registry.example"},
            "artifact": {"repository": "app", "tag": "b"}, "os": {"family": "debian", "name": "10", "eosl": true},
            "summary": {"criticalCount": 0, "highCount": 1, "mediumCount": 0, "lowCount": 0, "unknownCount": 0}, "vulnerabilities": [],
        },
    });
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [report("a", 1), report("b", 0), trivy]});
    std::fs::write(place.path().join("reports.json"), list.to_string()).unwrap();
    let options = ["--policy", "vulnerability-scan", "--cluster", "reports.json"];
    for (image, expected) in [
        ("registry.example/app:a", &["vulnerability-scan/too-many"][..]),
        ("registry.example/app:b", &[]),
        ("registry.example/app:c", &["vulnerability-scan/no-report"]),
        (&format!("mirror.example/app@sha256:{}", "a".repeat(64)), &["vulnerability-scan/too-many"]),
    ] {
        let (found, report) = findings(place.path(), image, &options);
        assert_eq!(found, expected, "{image}: {report}");
    }
    let recording = [&options[..], &["--record", "session.yaml"]].concat();
    let (recorded, _) = findings(place.path(), "registry.example/app:a", &recording);
    let replaying = ["--policy", "vulnerability-scan", "--images", "session.yaml"];
    let (replayed, report) = findings(place.path(), "registry.example/app:a", &replaying);
    assert_eq!((&recorded, recorded.len()), (&replayed, 1), "{report}");
    std::fs::write(place.path().join("settings.yaml"), "vulnerability-scan: { providers: [trivyOperator] }\n").unwrap();
    let options = [&options[..], &["--settings", "settings.yaml"]].concat();
    let (found, report) = findings(place.path(), "registry.example/app:b", &options);
    assert_eq!(found, ["vulnerability-scan/end-of-life"], "{report}");
}
