//! Whatever builders write into the history of an image, the policies that read it answer, and repeat no secret.
#![cfg(test)]

use conformance::{Answer, Guest};
use proptest::prelude::*;
use proptest::sample::select;
use seaworthy_images::SeaworthyImages;
use serde_json::{Value, json};
use shared::host::HostCall;

/// A host with one image.
#[derive(Debug)]
struct Registry {
    config: Value,
}

impl HostCall for Registry {
    fn call(&self, _: &str, operation: &str, _: &[u8]) -> Result<Vec<u8>, String> {
        let manifest = json!({ "schemaVersion": 2, "layers": [] });
        let answer = match operation {
            "v1/oci_manifest" => manifest,
            _ => json!({ "manifest": manifest, "config": self.config }),
        };
        Ok(answer.to_string().into_bytes())
    }
}

/// Parts of the lines of all builders, and of scripts.
const PARTS: [&str; 60] = [
    "RUN ",
    "COPY ",
    "ADD ",
    "ENV ",
    "ARG ",
    "CMD [\"bash\"]",
    "ENTRYPOINT ",
    "/bin/sh -c ",
    "#(nop) ",
    "|1 A=1 ",
    "|2 TOKEN=a b ",
    "|999999999 ",
    "# buildkit",
    " # buildkit",
    "|inheritLabels=false",
    "--mount=type=cache,target=/var/lib/apt ",
    "--from=build ",
    "apt-get update",
    "apt-get install -y ",
    "apk add --no-cache ",
    "--virtual .d ",
    "dnf -y install ",
    "pip install ",
    "npm ci",
    "rm -rf /var/lib/apt/lists/*",
    "find / -delete",
    "apt-get purge ",
    "apk del .d",
    "apt-mark auto '.*'",
    "curl ",
    "netcat ",
    "$(",
    "${A:-",
    "`",
    "\"",
    "'",
    " && ",
    " || ",
    "; ",
    "\n",
    "\t",
    " | ",
    "(",
    ")",
    "{ ",
    "}",
    "<<EOF\n",
    "EOF\n",
    "if ",
    "then ",
    "fi",
    "while ",
    "do ",
    "done",
    "[\"a\", \"b\"]",
    ". .",
    "https://a.example/x",
    "=",
    "é",
    "\u{0}",
];

/// A line that some builder may have written.
fn created_by() -> impl Strategy<Value = String> {
    let of_parts = prop::collection::vec(select(PARTS.to_vec()), 0..12).prop_map(|parts| parts.concat());
    prop_oneof![6 => of_parts, 1 => any::<String>(), 1 => "[ -~]{0,300}"]
}

fn entry() -> impl Strategy<Value = Value> {
    let comment = select(vec!["", "buildkit.dockerfile.v0", "FROM docker.io/library/debian:12"]);
    (created_by(), comment, select(vec!["", "kaniko"]), any::<bool>()).prop_map(|(created_by, comment, author, empty_layer)| {
        json!({ "created_by": created_by, "comment": comment, "author": author, "empty_layer": empty_layer })
    })
}

/// A request for a pod with the image, and its answer.
fn answer(config: &Value, settings: &Value) -> Answer {
    let host = Registry { config: config.clone() };
    let pod = json!({ "containers": [{ "name": "web", "image": "registry.example/web:1.0" }] });
    let request = json!({
        "uid": "1", "operation": "CREATE", "name": "web", "namespace": "shop", "userInfo": {},
        "kind": { "group": "", "version": "v1", "kind": "Pod" }, "oldObject": null,
        "object": { "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "web" }, "spec": pod },
    });
    Answer::of(&Guest::of::<SeaworthyImages>().with_host(&host), &request, settings).unwrap()
}

/// Steps that hold a secret where people put one.
fn steps_with(secret: &str) -> Vec<String> {
    let run = |script: &str| [format!("RUN /bin/sh -c {script} # buildkit"), format!("/bin/sh -c {script}")];
    let mut steps = vec![
        format!("ENV API_TOKEN={secret}"),
        format!("/bin/sh -c #(nop)  ENV DB_PASSWORD={secret}"),
        format!("ARG NPM_TOKEN={secret}"),
        format!("RUN |1 NPM_TOKEN={secret} /bin/sh -c apt-get update && apt-get install -y curl # buildkit"),
        format!("|1 NPM_TOKEN={secret} /bin/sh -c apt-get update"),
        format!("|2 NPM_TOKEN={secret} VERSION=1 /bin/sh -c npm ci|inheritLabels=false"),
        format!("ADD https://user:{secret}@a.example/app.tar.gz /opt/ # buildkit"),
    ];
    for before in ["apt-get update && ", "apt-get install -y nmap && ", "npm ci; "] {
        steps.extend(run(&format!("{before}curl -u bob:{secret} https://a.example")));
        steps.extend(run(&format!("{before}git clone https://{secret}@git.example/a")));
        steps.extend(run(&format!("curl -H 'Authorization: Bearer {secret}' https://a.example; {before}true")));
        steps.extend(run(&format!("NPM_TOKEN={secret} {before}true")));
        steps.extend(run(&format!("app --password={secret} && {before}true")));
    }
    steps
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_history_is_answered(entries in prop::collection::vec(entry(), 0..12), is_all in any::<bool>()) {
        let config = json!({ "history": entries, "config": { "Env": ["A=b"], "Entrypoint": ["app"] } });
        let build_cache = json!({ "scope": if is_all { "all" } else { "own" }, "rules": { "dist-upgrade": "warn" } });
        let answer = answer(&config, &json!({ "policies": { "build-cache": build_cache } }));
        prop_assert!(answer.message.unwrap_or_default().len() <= 4096);
        prop_assert!(answer.warnings.iter().all(|warning| warning.len() <= 256));
    }

    #[test]
    fn no_secret_of_a_history_is_repeated(secret in "[A-Za-z0-9]{16,40}", action in select(vec!["deny", "warn"])) {
        let settings = json!({ "action": action, "policies": { "build-cache": { "rules": { "dist-upgrade": "warn" } } } });
        for step in steps_with(&secret) {
            let config = json!({
                "history": [{ "created_by": step }, { "created_by": "RUN /bin/sh -c apt-get update # buildkit" }],
                "config": {
                    "Env": [format!("DB_PASSWORD={secret}"), format!("URL=https://bob:{secret}@a.example")],
                    "Labels": { "org.opencontainers.image.source": format!("a.example?token={secret}") },
                },
            });
            let shown = format!("{:?}", answer(&config, &settings));
            prop_assert!(shown.contains("DB_PASSWORD"), "{}", shown);
            for window in secret.as_bytes().windows(12) {
                let window = str::from_utf8(window).unwrap();
                prop_assert!(!shown.contains(window), "{}: {}", step, shown);
            }
        }
    }
}
