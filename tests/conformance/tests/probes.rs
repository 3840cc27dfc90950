//! Two opinions on `health-probes` that share no code with it: pods in the types of the Kubernetes API, judged rule by rule by
//! the tables of its README; and the rules of the API server for probes, as data.

#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, reason = "a test that overflows fails")]

use std::collections::BTreeMap;

use conformance::generate::{KINDS, Kind, POD, samples};
use conformance::{Answer, Guest, POLICIES};
use k8s_openapi::api::core::v1::{
    Container, ContainerPort, ExecAction, GRPCAction, HTTPGetAction, HTTPHeader, PodSpec, Probe, TCPSocketAction,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use manifests::Operation;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use serde::Deserialize;
use serde_json::{Value, json};

fn policy() -> &'static Guest<'static> {
    POLICIES.iter().find(|policy| policy.name == "health-probes").unwrap()
}

/// The answer to a CREATE of an object of this kind around a pod specification.
fn judge(kind: &Kind, pod: &Value, settings: &Value) -> Answer {
    let request = kind.request(Operation::Create, &kind.object(pod), &Value::Null);
    Answer::of(policy(), &request, settings).unwrap()
}

/// Typed pods.
mod typed {
    use super::*;

    fn port() -> impl Strategy<Value = IntOrString> {
        let name = |name: &str| IntOrString::String(name.to_owned());
        select(vec![
            IntOrString::Int(8080),
            IntOrString::Int(8080),
            IntOrString::Int(9090),
            name("http"),
            name("admin"),
        ])
    }

    /// Few values, so that two probes are often the same.
    pub(super) fn probe() -> impl Strategy<Value = Probe> {
        let number = |values: &[i32]| weighted(0.25, select(values.to_vec()));
        let text =
            |texts: &[&str]| weighted(0.3, select(texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()));
        let header = HTTPHeader { name: "X-Probe".into(), value: "1".into() };
        let http = (
            port(),
            text(&["", "/", "/live"]),
            text(&["", "HTTP", "HTTPS"]),
            text(&["", "127.0.0.1"]),
            (text(&["", "HTTP2"]), weighted(0.1, Just(header))),
        )
            .prop_map(|(port, path, scheme, host, (protocol, header))| Probe {
                http_get: Some(HTTPGetAction {
                    host,
                    http_headers: header.map(|header| vec![header]),
                    path,
                    port,
                    protocol,
                    scheme,
                }),
                ..Default::default()
            });
        let tcp = (port(), text(&["", "127.0.0.1"]))
            .prop_map(|(port, host)| Probe { tcp_socket: Some(TCPSocketAction { host, port }), ..Default::default() });
        let grpc = (select(vec![8080, 9090]), text(&["", "shop"]), text(&["", "Plaintext", "TLS"])).prop_map(
            |(port, service, mode)| Probe { grpc: Some(GRPCAction { mode, port, service }), ..Default::default() },
        );
        let exec = select(vec![
            vec!["/check"],
            vec!["/bin/ps"],
            vec!["sh", "-c", "ps; true"],
            vec!["ps-check", "/ps/list"],
            vec![],
        ])
        .prop_map(|command: Vec<&str>| Probe {
            exec: Some(ExecAction { command: Some(command.into_iter().map(str::to_owned).collect()) }),
            ..Default::default()
        });
        let handler = prop_oneof![4 => http, 2 => tcp, 1 => grpc, 1 => exec, 1 => Just(Probe::default())];
        let numbers = (
            number(&[0, 5, 30]),
            number(&[0, 1, 5, 10, 31]),
            number(&[0, 1, 2]),
            number(&[0, 1, 2]),
            number(&[0, 1, 3, 10]),
        );
        (handler, numbers).prop_map(|(handler, (delay, period, timeout, success, failure))| Probe {
            initial_delay_seconds: delay,
            period_seconds: period,
            timeout_seconds: timeout,
            success_threshold: success,
            failure_threshold: failure,
            ..handler
        })
    }

    fn container() -> impl Strategy<Value = Container> {
        let port = (
            select(vec![8080, 8080, 9090]),
            weighted(0.6, select(vec!["http", "http", "admin", "metrics", "prom"])),
            weighted(0.3, select(vec!["TCP", "UDP"])),
        )
            .prop_map(|(container_port, name, protocol)| ContainerPort {
                container_port,
                name: name.map(str::to_owned),
                protocol: protocol.map(str::to_owned),
                ..Default::default()
            });
        let always = weighted(0.4, select(vec!["Always", "OnFailure"]));
        (
            weighted(0.8, vec(port, 1..3)),
            weighted(0.6, probe()),
            weighted(0.6, probe()),
            weighted(0.3, probe()),
            any::<u8>(),
            always,
        )
            .prop_map(|(ports, readiness, mut liveness, startup, same, always)| {
                // Two that are drawn apart are hardly ever the same.
                if same % 3 == 0 {
                    liveness.clone_from(&readiness);
                    if let Some(probe) = &mut liveness {
                        match same % 5 {
                            0 => probe.initial_delay_seconds = Some(60),
                            1 => probe.failure_threshold = Some(20),
                            _ => {}
                        }
                    }
                }
                Container {
                    image: Some("shop/web:1.0.0".into()),
                    name: "web".into(),
                    ports,
                    liveness_probe: liveness,
                    readiness_probe: readiness,
                    restart_policy: always.map(str::to_owned),
                    startup_probe: startup,
                    ..Default::default()
                }
            })
    }

    pub(super) fn pod() -> impl Strategy<Value = PodSpec> {
        (
            vec(container(), 1..3),
            weighted(0.4, vec(container(), 1..3)),
            weighted(0.25, select(vec!["Always", "Never", "OnFailure"])),
        )
            .prop_map(|(containers, init_containers, restart_policy)| PodSpec {
                containers,
                init_containers,
                restart_policy: restart_policy.map(str::to_owned),
                ..Default::default()
            })
    }
}

/// The settings of the comparison, beside the action of rules.
fn settings() -> Value {
    json!({
        "require": { "main": ["readiness", "liveness", "startup"], "sidecar": ["liveness"] },
        "ranges": { "periodSeconds": { "min": 5, "max": 30 }, "successThreshold": { "min": 2 } },
        "execDeny": ["ps"],
    })
}

/// A container that the kubelet probes, and the ports of all containers of its pod.
struct Probed<'p> {
    container: &'p Container,
    is_main: bool,
    pod: Vec<&'p ContainerPort>,
}

/// Every container that can have probes, of pods that go on running.
fn probed(pod: &PodSpec) -> Vec<Probed<'_>> {
    if pod.restart_policy.as_ref().is_some_and(|policy| policy != "Always") {
        return Vec::new();
    }
    let init = pod.init_containers.iter().flatten();
    let all: Vec<&ContainerPort> =
        pod.containers.iter().chain(init.clone()).flat_map(|container| container.ports.iter().flatten()).collect();
    let sidecars = init.filter(|container| container.restart_policy.as_deref() == Some("Always"));
    let main = pod.containers.iter().map(|container| (container, true));
    main.chain(sidecars.map(|container| (container, false)))
        .map(|(container, is_main)| Probed { container, is_main, pod: all.clone() })
        .collect()
}

/// The probe, if it has a handler.
fn set(probe: Option<&Probe>) -> Option<&Probe> {
    probe.filter(|probe| {
        probe.http_get.is_some() || probe.tcp_socket.is_some() || probe.grpc.is_some() || probe.exec.is_some()
    })
}

impl Probed<'_> {
    fn readiness(&self) -> Option<&Probe> {
        set(self.container.readiness_probe.as_ref())
    }

    fn liveness(&self) -> Option<&Probe> {
        set(self.container.liveness_probe.as_ref())
    }

    fn startup(&self) -> Option<&Probe> {
        set(self.container.startup_probe.as_ref())
    }

    fn probes(&self) -> Vec<&Probe> {
        [self.readiness(), self.liveness(), self.startup()].into_iter().flatten().collect()
    }

    /// The ports of the container that have this name.
    fn named(&self, name: &str) -> Option<i32> {
        let ports = self.container.ports.iter().flatten();
        ports.filter(|port| port.name.as_deref() == Some(name)).map(|port| port.container_port).next()
    }

    fn resolved(&self, port: &IntOrString) -> IntOrString {
        match port {
            IntOrString::String(name) => self.named(name).map_or_else(|| port.clone(), IntOrString::Int),
            IntOrString::Int(_) => port.clone(),
        }
    }

    /// The probe with everything that the API fills in, but the delay.
    fn filled(&self, probe: &Probe) -> Probe {
        let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let number = |number: Option<i32>, default| Some(number.filter(|number| *number != 0).unwrap_or(default));
        let mut probe = probe.clone();
        if let Some(http) = &mut probe.http_get {
            http.port = self.resolved(&http.port);
            http.host = text(&http.host);
            http.path = text(&http.path).or(Some("/".into()));
            http.protocol = text(&http.protocol);
            http.scheme = text(&http.scheme).or(Some("HTTP".into()));
        }
        if let Some(tcp) = &mut probe.tcp_socket {
            tcp.port = self.resolved(&tcp.port);
            tcp.host = text(&tcp.host);
        }
        if let Some(grpc) = &mut probe.grpc {
            grpc.service = text(&grpc.service);
            grpc.mode = text(&grpc.mode).or(Some("Plaintext".into()));
        }
        Probe {
            initial_delay_seconds: None,
            period_seconds: number(probe.period_seconds, 10),
            timeout_seconds: number(probe.timeout_seconds, 1),
            success_threshold: number(probe.success_threshold, 1),
            failure_threshold: number(probe.failure_threshold, 3),
            ..probe
        }
    }

    fn ports_of(&self, probe: &Probe) -> Vec<IntOrString> {
        let http = probe.http_get.iter().map(|http| self.resolved(&http.port));
        let tcp = probe.tcp_socket.iter().map(|tcp| self.resolved(&tcp.port));
        http.chain(tcp).chain(probe.grpc.iter().map(|grpc| IntOrString::Int(grpc.port))).collect()
    }

    fn has_traffic(&self) -> bool {
        let is_for_metrics =
            |name: &String| name == "metrics" || name.ends_with("-metrics") || name.starts_with("prom");
        self.container.ports.iter().flatten().any(|port| !port.name.as_ref().is_some_and(is_for_metrics))
    }
}

/// A rule, and whether a container breaks it.
type Rule = (&'static str, fn(&Probed<'_>) -> bool);

/// The rules, by the tables of the README.
const RULES: [Rule; 9] = [
    ("missing-readiness", |it| it.is_main && it.has_traffic() && it.readiness().is_none()),
    ("missing-liveness", |it| it.liveness().is_none()),
    ("missing-startup", |it| it.is_main && it.startup().is_none()),
    ("identical-probes", |it| {
        it.liveness()
            .is_some_and(|liveness| it.readiness().is_some_and(|readiness| it.filled(liveness) == it.filled(readiness)))
    }),
    ("unknown-named-port", |it| {
        it.probes().iter().flat_map(|probe| it.ports_of(probe)).any(|port| matches!(port, IntOrString::String(_)))
    }),
    ("unknown-port", |it| {
        let is_declared = |number: i32| {
            it.pod.iter().any(|port| port.container_port == number && port.protocol.as_deref() != Some("UDP"))
        };
        let ports = it.probes().into_iter().flat_map(|probe| it.ports_of(probe));
        ports.into_iter().any(|port| matches!(port, IntOrString::Int(number) if !is_declared(number)))
    }),
    ("eager-liveness", |it| {
        it.startup().is_none()
            && it
                .liveness()
                .map(|probe| it.filled(probe))
                .is_some_and(|probe| probe.failure_threshold.unwrap() * probe.period_seconds.unwrap() < 10)
    }),
    ("out-of-range", |it| {
        let periods = it.probes().into_iter().map(|probe| it.filled(probe).period_seconds.unwrap());
        let successes = it.readiness().map(|probe| it.filled(probe).success_threshold.unwrap());
        periods.into_iter().any(|period| !(5..=30).contains(&period))
            || successes.is_some_and(|successes| successes < 2)
    }),
    ("denied-exec", |it| {
        let commands = it.probes().into_iter().filter_map(|probe| probe.exec.as_ref()?.command.as_ref());
        let denied = [vec!["/bin/ps"], vec!["sh", "-c", "ps; true"]];
        commands.into_iter().any(|command| denied.iter().any(|denied| denied == command))
    }),
];

#[test]
fn each_rule_agrees_with_a_typed_reference() {
    const OBJECTS: usize = 3_000;
    let mut broken = BTreeMap::new();
    for (index, spec) in samples(typed::pod(), 1).take(OBJECTS).enumerate() {
        let kind = &KINDS[index % KINDS.len()];
        let pod = serde_json::to_value(&spec).unwrap();
        let probed = probed(&spec);
        for (rule, is_broken) in RULES {
            let mut settings = settings();
            settings["rules"] = RULES.iter().map(|(id, _)| ((*id).to_owned(), json!("off"))).collect();
            settings["rules"][rule] = json!("deny");
            let expected = probed.iter().any(is_broken);
            let answer = judge(kind, &pod, &settings);
            assert_eq!(!answer.accepted, expected, "{rule} in a {}: {answer:?}\n{pod}", kind.name);
            assert!(answer.code.is_none_or(|code| code == 403), "{answer:?}\n{pod}");
            *broken.entry(rule).or_insert(0) += usize::from(expected);
        }
    }
    println!("{OBJECTS} typed objects: no difference; broken rules: {broken:?}");
    // Of a test in which one verdict is rare, little would follow.
    assert!(broken.values().all(|count| (OBJECTS / 50..OBJECTS * 49 / 50).contains(count)), "{broken:?}");
}

/// What the API server demands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Api {
    places: Vec<Place>,
    probes: Vec<String>,
    numbers: BTreeMap<String, i64>,
    fixed: Vec<Fixed>,
    handlers: Vec<Handler>,
    restart_policies: Vec<RestartPolicy>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Place {
    list: String,
    restart_policy: Option<String>,
    class: String,
    accepts: bool,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixed {
    probe: String,
    number: String,
    value: i64,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Handler {
    name: String,
    takes_names: bool,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RestartPolicy {
    name: String,
    of_jobs: bool,
}

fn api() -> Api {
    serde_saphyr::from_str(include_str!("probes.yaml")).unwrap()
}

impl Place {
    /// A pod in which one container stands at this place, beside a main container with every probe.
    fn pod(&self, fields: &Value) -> Value {
        let probe = json!({ "exec": { "command": ["/check"] }, "successThreshold": 1 });
        let whole = json!({ "name": "whole", "image": "shop/web:1.0.0", "livenessProbe": probe, "readinessProbe": probe, "startupProbe": probe });
        let mut container = json!({ "name": "it", "image": "shop/it:1.0.0", "ports": [{ "containerPort": 8080 }] });
        let own = container.as_object_mut().unwrap();
        own.extend(fields.as_object().unwrap().clone());
        own.extend(self.restart_policy.iter().map(|policy| ("restartPolicy".to_owned(), json!(policy))));
        if self.list == "containers" {
            return json!({ "containers": [whole, container] });
        }
        json!({ "containers": [whole], &self.list: [container] })
    }
}

/// The rules that an answer finds in the container called `it`.
fn rules(answer: &Answer) -> Vec<String> {
    let findings = answer.findings().unwrap();
    let of_it = findings.iter().filter(|finding| finding["container"] == "it");
    let mut rules: Vec<String> = of_it.map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect();
    rules.sort();
    rules
}

#[test]
fn a_probe_is_asked_of_every_container_that_can_have_one_and_of_no_other() {
    let api = api();
    let all = ["liveness", "readiness", "startup"];
    assert_eq!(api.probes, all.map(|probe| format!("{probe}Probe")));
    let enforced: Value = api.places.iter().map(|place| (place.class.clone(), json!("enforce"))).collect();
    for (place, when) in api.places.iter().flat_map(|place| ["always", "hasPorts"].map(|when| (place, when))) {
        let settings =
            json!({ "require": { "main": all, "sidecar": all }, "readinessOnlyWhen": when, "containers": enforced });
        for kind in &KINDS {
            let found = rules(&judge(kind, &place.pod(&json!({})), &settings));
            let expected =
                if place.accepts { all.map(|probe| format!("missing-{probe}")).to_vec() } else { Vec::new() };
            assert_eq!(found, expected, "{} ({}) in a {}", place.class, place.source, kind.name);
        }
    }
}

#[test]
fn what_the_settings_demand_is_what_the_api_server_accepts() {
    let api = api();
    let numbers: Vec<&String> = api.numbers.keys().collect();
    // A number, the one that is demanded of it, and one that is not.
    for (number, demanded) in numbers.iter().flat_map(|number| [2, 7].map(|demanded| (*number, demanded))) {
        let settings = json!({ "ranges": { number: { "min": demanded, "max": demanded } }, "eagerLiveness": 0 });
        for (place, probe) in api.places.iter().flat_map(|place| api.probes.iter().map(move |probe| (place, probe))) {
            let fixed = api.fixed.iter().find(|fixed| (&fixed.probe, &fixed.number) == (probe, number));
            let judged = |value: i64| {
                let fields = json!({ probe: { "exec": { "command": ["/it"] }, number: value } });
                rules(&judge(&POD, &place.pod(&fields), &settings)).contains(&"out-of-range".to_owned())
            };
            let accepted = fixed.map_or(demanded, |fixed| fixed.value);
            let context = fixed.map_or(&place.source, |fixed| &fixed.source);
            assert!(!judged(accepted), "{probe}.{number}: {accepted} of {demanded} ({context})");
            // A number that can be another is judged where there can be a probe; 0 is the default.
            let is_judged = fixed.is_none() && place.accepts;
            assert_eq!(judged(demanded + 1), is_judged, "{probe}.{number} of {} ({context})", place.class);
            assert_eq!(judged(0), is_judged && api.numbers[number] != demanded, "{probe}.{number} of {}", place.class);
        }
    }
}

#[test]
fn ports_are_names_where_the_api_server_takes_names() {
    for Handler { name, takes_names, source } in api().handlers {
        let judged = |port: Value| {
            let probe = json!({ name.as_str(): { "port": port } });
            judge(
                &POD,
                &json!({ "containers": [{ "name": "it", "image": "shop/it:1.0.0", "ports": [{ "name": "http", "containerPort": 8080 }], "readinessProbe": probe }] }),
                &Value::Null,
            )
        };
        assert_eq!(
            judged(json!(8080)),
            judged(json!(if takes_names { json!("http") } else { json!(8080) })),
            "{source}"
        );
        assert_eq!(judged(json!("http")).code, (!takes_names).then_some(400), "{name} ({source})");
        assert_eq!(judged(json!(true)).code, Some(400), "{name} ({source})");
    }
}

#[test]
fn pods_that_may_be_those_of_a_job_are_not_judged() {
    for RestartPolicy { name, of_jobs } in api().restart_policies {
        for kind in &KINDS {
            let container = json!({ "name": "it", "image": "shop/it:1.0.0", "ports": [{ "containerPort": 8080 }] });
            let answer = judge(kind, &json!({ "containers": [container], "restartPolicy": name }), &Value::Null);
            assert_eq!(rules(&answer).is_empty(), of_jobs, "{name} in a {}", kind.name);
        }
    }
}
