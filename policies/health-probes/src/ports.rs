//! Ports of probes that nobody declares.

use shared::pod::{ContainerPort, Port, Probe};
use shared::prelude::*;

use crate::health::Health;
use crate::words::list;
use crate::{UNKNOWN_NAMED_PORT, UNKNOWN_PORT};

/// The ports that the containers of a pod declare.
pub(crate) struct Declared<'a> {
    ports: Vec<ContainerPort<'a>>,
    /// Nobody fills in others.
    are_all: bool,
}

impl<'a> Declared<'a> {
    pub(crate) fn by(containers: &[Health<'a>]) -> Self {
        let ports = containers.iter().flat_map(|health| &health.ports).copied().collect();
        Self { ports, are_all: containers.iter().all(|health| health.is_whole) }
    }

    /// Judges the ports of a probe: names by the ports of its own container, numbers by those of the pod, whose containers
    /// share a network.
    pub(crate) fn check(&self, probe: &Probe<'_>, health: &Health<'_>, findings: &mut Findings) {
        let own = &health.ports;
        for port in &probe.ports {
            let Some(value) = port.value else { continue };
            let found = match value {
                Port::Name(name) if own.iter().all(|port| port.name != Some(name)) => {
                    health.is_whole.then(|| self.unknown_name(probe, name, own))
                }
                _ => value.number(own).filter(|_| self.are_all).and_then(|number| self.unknown_number(probe, number)),
            };
            findings.add(port, found);
        }
    }

    fn unknown_name(&self, probe: &Probe<'_>, name: &str, own: &[ContainerPort<'_>]) -> Found {
        let effect = match probe.name() {
            "readinessProbe" => "it never becomes ready",
            "livenessProbe" => "it is never restarted",
            _ => "it never counts as started",
        };
        let elsewhere = self.ports.iter().find(|port| port.name == Some(name)).and_then(|port| port.number);
        let number = elsewhere.map(|number| number.to_string()).unwrap_or_default();
        let names = list(&mut own.iter().filter_map(|port| Some(quote(port.name?).to_string())));
        let is_number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
        let (whose, fix): (_, &[&str]) = if is_number {
            ("a name because of its quotes", &["write it without quotes"])
        } else if elsewhere.is_some() {
            ("which only another container declares", &["use its number, ", &number])
        } else if names.is_empty() {
            ("which it does not declare", &["declare the port, or use its number"])
        } else {
            ("which it does not declare", &["use one that it declares, such as ", &names])
        };
        let name = quote(name).to_string();
        let problem = ["its ", probe.name(), " names port ", &name, ", ", whose, ", so ", effect].concat();
        UNKNOWN_NAMED_PORT.found(problem, fix.concat())
    }

    /// Probes connect by TCP.
    fn unknown_number(&self, probe: &Probe<'_>, number: i64) -> Option<Found> {
        let mut lack = "declared by any container of the pod";
        for port in self.ports.iter().filter(|port| port.number == Some(number)) {
            if port.is_tcp() {
                return None;
            }
            lack = "declared for TCP";
        }
        let tcp = self.ports.iter().filter(|port| port.is_tcp());
        let ports = list(&mut tcp.filter_map(|port| Some(port.number?.to_string())));
        let fix: &[&str] = if ports.is_empty() {
            &["declare it, or use the port that the app listens on"]
        } else {
            &["declare it, or use a declared one: ", &ports]
        };
        let number = number.to_string();
        let problem = ["its ", probe.name(), " connects to port ", &number, ", which is not ", lack].concat();
        Some(UNKNOWN_PORT.found(problem, fix.concat()))
    }
}
