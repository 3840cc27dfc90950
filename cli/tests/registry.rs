//! `seaworthy check --images registry` and a real registry: Debian's `docker-registry` on the loopback interface, filled by
//! `skopeo` with images that the test makes. Where these programs are not installed, the tests print that they skipped.
#![cfg(feature = "registry")]
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that may skip"
)]

mod support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::support::oci::Layout;
use crate::support::{ACCEPTED, Outcome, POD, VALID, Workplace, asking};

/// The user `jane` with the password `secret`, as `htpasswd -nbB` writes it.
const HTPASSWD: &str = "jane:$2y$05$xG3ZznZ0ajlhBpVojdoqMOyA0Fz.kpYNeLubzd4rRpiH2q3vRYsAu\n";

/// `jane:secret` in base 64, as docker keeps it.
const CREDENTIALS: &str = "amFuZTpzZWNyZXQ=";

/// The environment that would lead requests elsewhere.
const PROXIES: [&str; 4] = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"];

/// A registry with two repositories, and the layouts that they were filled from.
struct Registry {
    server: Child,
    host: String,
    place: Workplace,
}

impl Registry {
    /// Starts a registry; `None` where the programs are missing.
    fn start(with_users: bool) -> Option<Self> {
        let is_there = |program: &str| {
            Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
        };
        if let Some(missing) = ["docker-registry", "skopeo"].into_iter().find(|program| !is_there(program)) {
            println!("skipped: {missing} is not installed");
            return None;
        }
        let place = Workplace::new(&[("pure", ACCEPTED, VALID)]).with("pod.yaml", POD).with("htpasswd", HTPASSWD);
        let auth = if with_users { "auth: {htpasswd: {realm: test, path: ./htpasswd}}\n" } else { "" };
        let settings = format!(
            "version: 0.1\nlog: {{level: info, accesslog: {{disabled: true}}}}\n\
             storage: {{filesystem: {{rootdirectory: ./data}}}}\nhttp: {{addr: '127.0.0.1:0'}}\n{auth}"
        );
        let place = place.with("registry.yaml", &settings);
        let mut command = Command::new("docker-registry");
        command.args(["serve", "registry.yaml"]).current_dir(place.path(""));
        let mut server = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(server.stderr.take().unwrap());
        let mut line = String::new();
        let host = loop {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "the registry ended");
            if let Some((_, address)) = line.split_once("listening on ") {
                break address.split(['"', ' ', '\n']).next().unwrap().to_owned();
            }
        };
        // It must not block on a log that nobody reads.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        let registry = Self { server, host, place };
        registry.fill(with_users);
        Some(registry)
    }

    /// Pushes an image for one platform, and one for two with attestations.
    fn fill(&self, with_users: bool) {
        let layouts = self.place.path("layouts").join(&self.host);
        let single = Layout::new(layouts.join("team/single"));
        single.tag(&[("v1", &single.image("amd64", "1000", &[3, 1]))]);
        let multi = Layout::new(layouts.join("team/multi"));
        let (amd, arm) = (multi.image("amd64", "", &[2]), multi.image("arm64", "0", &[2, 5]));
        let index = multi.index(&[
            ("linux", "amd64", &amd),
            ("linux", "arm64", &arm),
            ("unknown", "unknown", &multi.attestation(&amd)),
        ]);
        multi.tag(&[("v1", &index)]);
        for name in ["single", "multi"] {
            let mut skopeo = Command::new("skopeo");
            // A path with a colon would end at it.
            skopeo.current_dir(layouts.join("team").join(name));
            skopeo.args(["copy", "--quiet", "--all", "--insecure-policy", "--dest-tls-verify=false"]);
            if with_users {
                skopeo.args(["--dest-creds", "jane:secret"]);
            }
            without_proxies(&mut skopeo);
            let status = skopeo.arg("oci:.:v1").arg(format!("docker://{}/team/{name}:v1", self.host)).status().unwrap();
            assert!(status.success());
        }
    }

    /// Runs `seaworthy check` with a policy that asks one question about an image of the registry.
    fn ask(&self, operation: &str, image: &str, arguments: &[&str]) -> Outcome {
        let payload = format!("\"{}/{image}\"", self.host);
        std::fs::write(self.place.path("asks.wasm"), asking("oci", operation, &payload, None)).unwrap();
        check(&self.place, &[&["--module=asks.wasm"], arguments].concat())
    }

    /// The answer in the registry, after it was found to be the same in the layouts and in the session that was recorded.
    fn everywhere(&self, operation: &str, image: &str) -> Value {
        let live = self.ask(operation, image, &["--images=registry", "--record=session.yaml"]);
        for images in ["--images=layouts", "--images=session.yaml"] {
            assert_eq!(told(&self.ask(operation, image, &[images])), told(&live), "{images}");
        }
        assert_eq!(live.stderr, "");
        serde_json::from_str(&told(&live)).unwrap()
    }

    /// The files in which the registry keeps its blobs.
    fn blobs(&self) -> Vec<PathBuf> {
        fn files(directory: &Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { files(&path, found) } else { found.push(path) }
            }
        }
        let mut found = Vec::new();
        files(&self.place.path("data/docker/registry/v2/blobs"), &mut found);
        found
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn without_proxies(command: &mut Command) -> &mut Command {
    for name in PROXIES {
        command.env_remove(name);
    }
    command
}

/// Runs `seaworthy check` with a cache and docker settings of the place.
fn check(place: &Workplace, arguments: &[&str]) -> Outcome {
    place.run(
        |command| {
            command.args(["check", "pod.yaml", "--format=json"]).args(arguments);
            command.env("XDG_CACHE_HOME", place.path("cache")).env("DOCKER_CONFIG", place.path("docker"));
            without_proxies(command)
        },
        "",
    )
}

/// The error of the one policy that was asked, which is the answer that it got.
fn told(outcome: &Outcome) -> String {
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{}", outcome.stderr));
    let error = document["files"][0]["objects"][0]["policies"][0]["error"].as_str().unwrap();
    error.strip_prefix("the module failed: ").unwrap_or(error).to_owned()
}

const MANIFEST: &str = "v1/oci_manifest";
const CONFIG: &str = "v1/oci_manifest_config";

#[test]
fn a_registry_layouts_and_a_recorded_session_give_the_same_answers() {
    let Some(registry) = Registry::start(false) else { return };
    let index = registry.everywhere(MANIFEST, "team/multi:v1");
    let platforms: Vec<_> =
        index["manifests"].as_array().unwrap().iter().map(|entry| entry["platform"]["architecture"].clone()).collect();
    assert_eq!(platforms, ["amd64", "arm64", "unknown"]);
    let digest = registry.everywhere("v1/manifest_digest", "team/multi:v1");
    assert!(digest["digest"].as_str().unwrap().starts_with("sha256:"));
    let arm = index["manifests"][1]["digest"].as_str().unwrap();
    assert_eq!(registry.everywhere(CONFIG, &format!("team/multi@{arm}"))["config"]["config"]["User"], "0");
    let server = registry.everywhere(CONFIG, "team/multi:v1");
    assert_eq!(server["digest"], index["manifests"][0]["digest"]);
    assert_eq!(registry.everywhere(CONFIG, "team/single:v1")["manifest"]["layers"].as_array().unwrap().len(), 2);
}

#[test]
fn what_is_not_there_is_an_error_in_the_words_of_kubewarden() {
    let Some(registry) = Registry::start(false) else { return };
    let host = &registry.host;
    let outcome = registry.ask(MANIFEST, "team/single:v2", &["--images=registry"]);
    let reason = format!(
        "Registry error: url http://{host}/v2/team/single/manifests/v2, envelope: OCI API errors: [OCI API error: manifest \
         unknown]"
    );
    let expected = format!(
        "Callback evaluation failure: Fail to interact with OCI registry: {reason}\n\nCaused by:\n    {reason}"
    );
    assert_eq!((told(&outcome), outcome.stderr.as_str()), (expected, ""));
}

#[test]
fn the_credentials_of_docker_are_used() {
    let Some(registry) = Registry::start(true) else { return };
    let host = &registry.host;
    let denied = told(&registry.ask(MANIFEST, "team/single:v1", &["--images=registry"]));
    assert!(denied.contains(&format!("Not authorized: url http://{host}/v2/team/single/manifests/v1")), "{denied}");
    let docker = registry.place.path("docker");
    std::fs::create_dir(&docker).unwrap();
    let settings = format!(r#"{{"auths":{{"{host}":{{"auth":"{CREDENTIALS}"}}}}}}"#);
    std::fs::write(docker.join("config.json"), settings).unwrap();
    let answer = told(&registry.ask(CONFIG, "team/single:v1", &["--images=registry"]));
    assert_eq!(serde_json::from_str::<Value>(&answer).unwrap()["config"]["config"]["User"], "1000");
}

#[test]
fn what_was_read_once_is_in_the_cache_and_what_is_known_by_its_digest_needs_no_registry() {
    let Some(mut registry) = Registry::start(false) else { return };
    let index: Value =
        serde_json::from_str(&told(&registry.ask(MANIFEST, "team/multi:v1", &["--images=registry"]))).unwrap();
    let child = format!("team/multi@{}", index["manifests"][0]["digest"].as_str().unwrap());
    let first = told(&registry.ask(CONFIG, &child, &["--images=registry"]));
    registry.server.kill().unwrap();
    registry.server.wait().unwrap();
    let outcome = registry.ask(CONFIG, &child, &["--images=registry"]);
    assert_eq!((told(&outcome), outcome.stderr.as_str()), (first, ""));
    // A file that somebody changed is not believed.
    for entry in std::fs::read_dir(registry.place.path("cache/seaworthy/images")).unwrap() {
        std::fs::write(entry.unwrap().path(), "{}").unwrap();
    }
    let outcome = registry.ask(CONFIG, &child, &["--images=registry"]);
    let warning = format!(
        "warning: registry {}: Connection refused (os error 111); its images are not inspected\n",
        registry.host
    );
    assert_eq!(outcome.stderr, warning);
}

#[test]
fn content_that_is_not_what_its_digest_names_is_refused() {
    let Some(registry) = Registry::start(false) else { return };
    for path in registry.blobs() {
        let text = std::fs::read(&path).unwrap();
        if text.starts_with(b"{") {
            std::fs::write(&path, [&text[..], b" "].concat()).unwrap();
        }
    }
    let outcome = registry.ask(CONFIG, "team/single:v1", &["--images=registry"]);
    let fault = told(&outcome);
    assert!(fault.contains("Digest error: Invalid digest. Expected sha256:"), "{fault}");
    assert_eq!(outcome.stderr, "");
}

/// A listener on the loopback interface that does this with every connection.
fn listener(serve: impl Fn(std::net::TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || listener.incoming().flatten().for_each(serve));
    address.to_string()
}

#[test]
fn a_registry_that_does_not_answer_is_a_warning_that_names_it_and_never_a_hang() {
    let drip = |mut stream: std::net::TcpStream| {
        std::thread::spawn(move || {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            // Not TLS, so that HTTP is tried next; then one byte after the other, without an end.
            if request.starts_with(b"GET") || request.starts_with(b"HEAD") {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
                while stream.write_all(b" ").is_ok() {
                    std::thread::sleep(std::time::Duration::from_millis(100));
                }
            }
        });
    };
    let silent = |stream: std::net::TcpStream| {
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut &stream, &mut std::io::sink());
        });
    };
    for host in [listener(drip), listener(silent)] {
        let payload = format!("\"{host}/app:1\"");
        let place = Workplace::new(&[("pure", ACCEPTED, VALID)])
            .with("pod.yaml", POD)
            .with_bytes("asks.wasm", &asking("oci", MANIFEST, &payload, None));
        let outcome = check(&place, &["--module=asks.wasm", "--images=registry", "--registry-timeout=1"]);
        let reason = "Callback evaluation failure: Fail to interact with OCI registry: no answer within 1 s";
        assert_eq!(told(&outcome).lines().next(), Some(reason));
        assert_eq!(
            outcome.stderr,
            format!("warning: registry {host}: no answer within 1 s; its images are not inspected\n")
        );
    }
}

/// What a policy of the project says about a pod with both images, without the name of the registry.
fn judged(registry: &Registry, policy: &str, arguments: &[&str]) -> Vec<String> {
    let host = &registry.host;
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  containers:\n  \
         - {{name: single, image: \"{host}/team/single:v1\"}}\n  - {{name: multi, image: \"{host}/team/multi:v1\"}}\n  \
         - {{name: gone, image: \"{host}/team/gone:v1\"}}\n"
    );
    std::fs::write(registry.place.path("pod.yaml"), pod).unwrap();
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist");
    assert!(dist.join(format!("{policy}.wasm")).is_file(), "there is no {policy}: build it with `cargo xtask build`");
    let modules = format!("--modules={}", dist.display());
    let outcome =
        check(&registry.place, &[&["--settings=settings.yaml", "--policy", policy, &modules], arguments].concat());
    assert_eq!((outcome.stderr.as_str(), outcome.code), ("", 0));
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let findings = document["files"][0]["objects"][0]["policies"][0]["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["message"].as_str().unwrap().replace(host, "HOST")).collect()
}

#[test]
fn policies_say_the_same_by_a_registry_by_layouts_and_by_a_session() {
    let Some(registry) = Registry::start(false) else { return };
    let size = "{maxLayers: 1, platforms: all}";
    let others =
        "build-cache: false, image-entrypoint: false, image-labels: false, image-user: false, no-extra-tools: false";
    let of_all = format!("{{policies: {{image-size: {size}, {others}}}}}");
    let words = [
        "container \"single\": image HOST/team/single:v1 has 2 layers, more than 1; join steps, or copy the result into a last \
         stage (spec.containers[0].image)",
        "container \"multi\": on linux/arm64, image HOST/team/multi:v1 has 2 layers, more than 1; join steps, or copy the \
         result into a last stage (spec.containers[1].image)",
    ];
    for (policy, settings) in [("image-size", size), ("seaworthy-images", &of_all)] {
        std::fs::write(registry.place.path("settings.yaml"), format!("{policy}: {settings}\n")).unwrap();
        let live = judged(&registry, policy, &["--images=registry", "--record=session.yaml"]);
        let about_gone = "container \"gone\": the manifest of image HOST/team/gone:v1 cannot be fetched: ";
        assert!(live.last().unwrap().starts_with(about_gone), "{live:#?}");
        assert_eq!(live[..live.len() - 1], words);
        assert_eq!(judged(&registry, policy, &["--images=session.yaml"]), live);
        // What is not there is not there in other words.
        let by_layouts = judged(&registry, policy, &["--images=layouts"]);
        assert_eq!(by_layouts[..live.len() - 1], words);
        assert!(by_layouts.last().unwrap().contains("no OCI layout holds"), "{by_layouts:#?}");
    }
}
