//! What is read of the configuration of an image, and of its history.

#![cfg(test)]

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde::Deserialize;
use shared::image::history::{Command, History, Step};
use shared::image::{Config, ConfigError, MAX_HISTORY, Platform, Start};

/// An image of `tests/images`; see there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Image {
    about: String,
    config: serde_json::Value,
    #[serde(default)]
    layers: Vec<u64>,
    steps: Vec<String>,
    #[serde(default)]
    shown: Vec<String>,
}

fn images() -> Vec<(String, Image)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/images");
    let mut files: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    let read = |file: &PathBuf| {
        let name = file.file_name().unwrap().display();
        let text = fs::read_to_string(file).unwrap();
        let images: Vec<Image> = serde_saphyr::from_multiple(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        images.into_iter().map(|image| (format!("{name}: {}", image.about), image)).collect::<Vec<_>>()
    };
    files.iter().flat_map(read).collect()
}

/// A step in one line.
fn line(step: &Step<'_>, is_own: bool) -> String {
    let owner = if is_own { "own" } else { "base" };
    let layer = match step.layer {
        Some(layer) => layer.size.to_string(),
        None => if step.made_layer { "layer" } else { "-" }.to_owned(),
    };
    let instruction = step.instruction.map_or("?".to_owned(), |instruction| format!("{instruction:?}"));
    let mut parts = vec![owner.to_owned(), layer, format!("{:?}", step.builder), instruction];
    if !step.flags.is_empty() {
        parts.push(format!("{{flags {}}}", step.flags));
    }
    if !step.build_args.is_empty() {
        parts.push(format!("{{args {:?}}}", step.build_args));
    }
    parts.push(match (step.command(), step.copied()) {
        (Some(Command::Script(script)), _) => format!("{{script {script:?}}}"),
        (Some(Command::Program(words)), _) => format!("{{program {words:?}}}"),
        (Some(Command::Hidden), _) => "{hidden}".to_owned(),
        (_, Some(copied)) => format!("{{{:?} to {:?}}}", copied.sources, copied.destination),
        _ => step.text.to_owned(),
    });
    parts.join(" ")
}

#[test]
fn the_history_of_every_builder_is_read_in_steps() {
    let images = images();
    assert!(images.len() >= 20, "{}", images.len());
    for (name, Image { config, layers, steps, shown, .. }) in images {
        let paste = |lines: &[String]| lines.iter().map(|line| format!("  - {line:?}")).collect::<Vec<_>>().join("\n");
        let text = config.to_string();
        let config = Config::read(&text).unwrap();
        let history = History::read(&config, &layers).unwrap();
        let number = history.steps.len() - history.own().len();
        assert_eq!(number, history.base, "{name}");
        let read: Vec<_> = history.steps.iter().enumerate().map(|(i, step)| line(step, i >= number)).collect();
        assert_eq!(read, steps, "{name}\n{}", paste(&read));
        if !shown.is_empty() {
            let read: Vec<_> = history.steps.iter().map(Step::shown).collect();
            assert_eq!(read, shown, "{name}\n{}", paste(&read));
        }
    }
}

#[test]
fn the_configuration_is_read_field_by_field() {
    let text = r#"{
        "created": "2024-01-01T00:00:00Z", "os": "linux", "architecture": "arm64", "variant": "v8",
        "config": {
            "User": "10001:10001", "Env": ["PATH=/bin", "A=b=c", "EMPTY=", "NONE"], "Entrypoint": ["tini", "--"],
            "Cmd": ["app"], "WorkingDir": "/srv", "StopSignal": "SIGQUIT", "Labels": {"b": "1", "a": null},
            "ExposedPorts": {"8080/tcp": {}, "53/udp": {}, "22": {}},
            "Healthcheck": {"Test": ["CMD-SHELL", "true"], "Interval": 30000000000}, "OnBuild": null, "Volumes": {"/data": {}}
        },
        "rootfs": {"type": "layers", "diff_ids": ["sha256:1", "sha256:2"]},
        "container_config": {"Cmd": ["replaced"]}
    }"#;
    let config = Config::read(text).unwrap();
    assert_eq!(config.user(), Ok("10001:10001"));
    assert_eq!(config.env(), Ok(vec![("PATH", "/bin"), ("A", "b=c"), ("EMPTY", ""), ("NONE", "")]));
    assert_eq!(config.entrypoint(), Ok(vec!["tini", "--"]));
    assert_eq!(config.cmd(), Ok(vec!["app"]));
    assert_eq!(config.working_dir(), Ok("/srv"));
    assert_eq!(config.stop_signal(), Ok("SIGQUIT"));
    assert_eq!(config.labels(), Ok(vec![("b", "1"), ("a", "")]));
    assert_eq!(config.exposed_ports(), Ok(vec![("8080", "tcp"), ("53", "udp"), ("22", "tcp")]));
    assert_eq!(config.platform(), Ok(Platform { os: "linux", architecture: "arm64", variant: "v8" }));
    assert_eq!(config.diff_ids(), Ok(vec!["sha256:1", "sha256:2"]));
    assert_eq!(config.history(), Ok(vec![]));
}

#[test]
fn absent_and_null_are_the_same() {
    for text in [
        "{}",
        r#"{"config": null, "rootfs": null, "history": null, "os": null}"#,
        r#"{"config": {"User": null, "Env": null, "Cmd": null, "Labels": null, "ExposedPorts": null}}"#,
    ] {
        let config = Config::read(text).unwrap();
        assert_eq!(config.user(), Ok(""));
        assert_eq!((config.env(), config.entrypoint(), config.cmd()), (Ok(vec![]), Ok(vec![]), Ok(vec![])));
        assert_eq!((config.labels(), config.exposed_ports()), (Ok(vec![]), Ok(vec![])));
        assert_eq!(config.platform(), Ok(Platform { os: "", architecture: "", variant: "" }));
        assert_eq!((config.diff_ids(), config.history()), (Ok(vec![]), Ok(vec![])));
        assert_eq!(config.start(&[], &[]), Ok(Start::default()));
    }
}

#[test]
fn names_of_fields_match_in_any_case_as_they_do_for_containerd() {
    for text in
        [r#"{"CONFIG": {"user": "0"}}"#, r#"{"config": {"uSER": "0"}}"#, "{\"config\": {\"U\u{17f}er\": \"0\"}}"]
    {
        assert_eq!(Config::read(text).unwrap().user(), Ok("0"), "{text}");
    }
    assert_eq!(Config::read(r#"{"config": {"Users": "0", "Use": "0"}}"#).unwrap().user(), Ok(""));
    let twice = r#"{"config": {"User": "10001", "user": "0"}}"#;
    assert_eq!(Config::read(twice).unwrap().user(), Err(ConfigError::Twice("config.User")));
    let labels = r#"{"config": {"Labels": {"A": "1", "a": "2"}}}"#;
    assert_eq!(Config::read(labels).unwrap().labels(), Ok(vec![("A", "1"), ("a", "2")]));
}

/// Reads one field.
type Reader<'r> = &'r dyn Fn(&Config<'_>) -> Result<(), String>;

#[test]
fn a_field_of_another_type_is_an_error_with_its_path() {
    let user = |config: &Config<'_>| config.user().map(|_| ()).map_err(|error| error.to_string());
    let cmd = |config: &Config<'_>| config.cmd().map(|_| ()).map_err(|error| error.to_string());
    let labels = |config: &Config<'_>| config.labels().map(|_| ()).map_err(|error| error.to_string());
    let ports = |config: &Config<'_>| config.exposed_ports().map(|_| ()).map_err(|error| error.to_string());
    let history = |config: &Config<'_>| config.history().map(|_| ()).map_err(|error| error.to_string());
    let ids = |config: &Config<'_>| config.diff_ids().map(|_| ()).map_err(|error| error.to_string());
    let rows: [(&str, Reader<'_>, &str); 11] = [
        (r#"{"config": {"User": 0}}"#, &user, "config.User is a number, not a string"),
        (r#"{"config": []}"#, &user, "config is a list, not an object"),
        (r#"{"config": {"Cmd": "app"}}"#, &cmd, "config.Cmd is a string, not a list"),
        (r#"{"config": {"Cmd": [1]}}"#, &cmd, "config.Cmd is a number, not a list of strings"),
        (r#"{"config": {"Labels": []}}"#, &labels, "config.Labels is a list, not an object"),
        (r#"{"config": {"Labels": {"a": {}}}}"#, &labels, "config.Labels is an object, not a string"),
        (r#"{"config": {"ExposedPorts": ["80"]}}"#, &ports, "config.ExposedPorts is a list, not an object"),
        (r#"{"history": {}}"#, &history, "history is an object, not a list"),
        (r#"{"history": ["x"]}"#, &history, "history is a string, not an object"),
        (r#"{"history": [{"empty_layer": "yes"}]}"#, &history, "history.empty_layer is a string, not a boolean"),
        (r#"{"rootfs": {"diff_ids": 1}}"#, &ids, "rootfs.diff_ids is a number, not a list"),
    ];
    for (text, read, expected) in rows {
        let config = Config::read(text).unwrap();
        assert_eq!(read(&config), Err(expected.to_owned()), "{text}");
    }
    for (text, expected) in [
        ("", "it is not valid JSON at line 1, column 0"),
        ("{\"config\"", "it is not valid JSON at line 1, column 9"),
        ("[]", "it is a list, not an object"),
        ("\"x\"", "it is a string, not an object"),
    ] {
        assert_eq!(
            Config::read(text).map(|_| ()).map_err(|error| error.to_string()),
            Err(expected.to_owned()),
            "{text}"
        );
    }
}

#[test]
fn a_history_has_at_most_1024_entries() {
    let history = |count: usize| format!("{{\"history\": [{}]}}", vec!["{}"; count].join(","));
    let (fits, long) = (history(MAX_HISTORY), history(MAX_HISTORY + 1));
    assert_eq!(Config::read(&fits).unwrap().history().unwrap().len(), MAX_HISTORY);
    let error = Config::read(&long).unwrap().history().unwrap_err();
    assert_eq!(error.to_string(), "history has more than 1024 entries");
}

/// A configuration; `command` and `args`; the words of the image, and those of the manifest.
type StartRow<'r> = (&'r str, &'r [&'r str], &'r [&'r str], &'r [&'r str], &'r [&'r str]);

#[test]
fn a_container_starts_what_the_image_says_unless_the_manifest_replaces_it() {
    let both = r#"{"config": {"Entrypoint": ["e", "1"], "Cmd": ["c", "2"]}}"#;
    let entrypoint = r#"{"config": {"Entrypoint": ["e"]}}"#;
    let cmd = r#"{"config": {"Cmd": ["c"]}}"#;
    let empty = r#"{"config": {"Entrypoint": [""], "Cmd": ["c"]}}"#;
    let words = r#"{"config": {"Entrypoint": ["", "x"], "Cmd": []}}"#;
    let none = "{}";
    let rows: [StartRow<'_>; 14] = [
        (both, &[], &[], &["e", "1", "c", "2"], &[]),
        (both, &[], &["a"], &["e", "1"], &["a"]),
        (both, &["m"], &[], &[], &["m"]),
        (both, &["m"], &["a"], &[], &["m", "a"]),
        (entrypoint, &[], &[], &["e"], &[]),
        (entrypoint, &[], &["a"], &["e"], &["a"]),
        (cmd, &[], &[], &["c"], &[]),
        (cmd, &[], &["a"], &[], &["a"]),
        (cmd, &["m"], &[], &[], &["m"]),
        (empty, &[], &[], &["c"], &[]),
        (empty, &[], &["a"], &[], &["a"]),
        (words, &[], &[], &["", "x"], &[]),
        (none, &[], &[], &[], &[]),
        (none, &[], &["a"], &[], &["a"]),
    ];
    for (text, command, args, image, manifest) in rows {
        let config = Config::read(text).unwrap();
        let expected = Start { image: image.to_vec(), manifest: manifest.to_vec() };
        assert_eq!(config.start(command, args), Ok(expected), "{text} {command:?} {args:?}");
    }
    let broken = Config::read(r#"{"config": {"Entrypoint": 1}}"#).unwrap();
    assert!(broken.start(&["m"], &[]).is_ok(), "what is replaced is not read");
    assert!(broken.start(&[], &[]).is_err());
}

/// A value of any type.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        "[ -~]{0,12}".prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map("[a-zA-Z]{1,6}", inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A line of a history, like those of builders and unlike them.
fn created_by() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("/bin/sh -c ".to_owned()),
        Just("#(nop) ".to_owned()),
        Just("RUN ".to_owned()),
        Just("COPY ".to_owned()),
        Just("ARG ".to_owned()),
        Just("|2 A=1 B=x y ".to_owned()),
        Just("|".to_owned()),
        Just("--mount=type=bind ".to_owned()),
        Just("<<EOF\n".to_owned()),
        Just("#!/bin/sh\n".to_owned()),
        Just("[\"a\",".to_owned()),
        Just(" # buildkit".to_owned()),
        Just("|a=b".to_owned()),
        Just("-o pipefail -c".to_owned()),
        Just(" in /".to_owned()),
        "[ -~]{0,8}",
        "\\PC{0,4}",
    ];
    prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}", value in json()) {
        for text in [text, value.to_string()] {
            if let Ok(config) = Config::read(&text) {
                let _ = (config.user(), config.env(), config.labels(), config.exposed_ports(), config.platform());
                let _ = (config.start(&[], &[]), config.working_dir(), config.stop_signal());
                let _ = History::read(&config, &[1, 2]);
            }
        }
    }

    #[test]
    fn any_history_is_read_in_steps(
        lines in prop::collection::vec((created_by(), any::<bool>(), "(buildkit.dockerfile.v0|FROM a|)", "(kaniko|)"), 0..8),
        layers in prop::collection::vec(any::<u64>(), 0..8),
    ) {
        let entry = |(line, empty, comment, author): &(String, bool, String, String)| {
            serde_json::json!({"created_by": line, "empty_layer": empty, "comment": comment, "author": author})
        };
        let text = serde_json::json!({"history": lines.iter().map(entry).collect::<Vec<_>>()}).to_string();
        let config = Config::read(&text).unwrap();
        let history = History::read(&config, &layers).unwrap();
        prop_assert_eq!(history.steps.len(), lines.len());
        prop_assert!(history.base <= lines.len());
        let joined = history.steps.iter().filter(|step| step.layer.is_some()).count();
        let made = history.steps.iter().filter(|step| step.made_layer).count();
        prop_assert!(joined == 0 || joined == made && made == layers.len());
        for step in &history.steps {
            let _ = (step.command(), step.copied());
            prop_assert!(step.shown().chars().count() <= 60);
        }
    }

    #[test]
    fn the_values_of_build_arguments_are_never_shown(
        names in prop::collection::vec("[A-Z]{2,8}", 1..4),
        secret in "[a-z0-9]{12}",
        mark in prop::sample::select(vec!["|", "RUN |"]),
    ) {
        let arguments: Vec<_> = names.iter().map(|name| format!("{name}={secret} {secret}")).collect();
        let line = format!("{mark}{} {} /bin/sh -c make", names.len(), arguments.join(" "));
        let argument = format!("ARG {}={secret}", names[0]);
        for line in [line, argument.clone(), format!("/bin/sh -c #(nop)  {argument}")] {
            let text = serde_json::json!({"history": [{"created_by": line, "comment": "buildkit.dockerfile.v0"}]}).to_string();
            let config = Config::read(&text).unwrap();
            let history = History::read(&config, &[]).unwrap();
            prop_assert!(!history.steps[0].shown().contains(&secret), "{}", history.steps[0].shown());
        }
    }
}
