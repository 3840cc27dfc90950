//! Where metrics can be read from.

use shared::Malformed;
use shared::pod::{Annotation, Field, Pod};
use shared::text::quote;

use crate::settings::{Settings, Way};

/// Where the metrics of a pod can be read from.
pub(crate) enum Endpoint<'p> {
    /// From a port that the pod declares.
    Declared,
    /// From a port that no container declares: the annotation, and the problem.
    UnknownPort(Field<'p, &'p str>, String),
    /// From nowhere, because of this annotation.
    NotScraped(Field<'p, &'p str>, String),
    /// From nowhere: the problem.
    None(&'static str),
}

impl<'p> Endpoint<'p> {
    pub(crate) fn of(settings: &Settings, pod: &'p Pod<'_>) -> Result<Self, Malformed> {
        let annotations = pod.scrape_annotations()?;
        let mut ports = Vec::new();
        for container in pod.containers() {
            ports.extend(container.ports()?);
        }
        let is_named = ports.iter().filter_map(|port| port.name).any(|name| settings.takes(name));
        if settings.accepts(Way::NamedPort) && is_named {
            return Ok(Self::Declared);
        }
        let annotation = |key: &str| annotations.iter().find(|annotation| annotation.key == key);
        let looked_for = match (settings.accepts(Way::Annotations), settings.accepts(Way::NamedPort)) {
            (true, true) => "no port is named for metrics, and no annotation asks Prometheus to read them",
            (true, false) => "no annotation asks Prometheus to read its metrics",
            _ => "no port is named for metrics",
        };
        let scrape = annotation("prometheus.io/scrape").filter(|_| settings.accepts(Way::Annotations));
        let Some(Annotation { field: scrape, .. }) = scrape else { return Ok(Self::None(looked_for)) };
        match scrape.value {
            Some("true") => {}
            // The pod does not want it.
            Some("false") => return Ok(Self::None(looked_for)),
            value => {
                let value = quote(value.unwrap_or_default()).to_string();
                let problem =
                    format!("the annotation prometheus.io/scrape is {value}, and Prometheus takes only \"true\"");
                return Ok(Self::NotScraped(*scrape, problem));
            }
        }
        let numbers = || ports.iter().filter_map(|port| port.number);
        Ok(match annotation("prometheus.io/port") {
            None if numbers().next().is_some() => Self::Declared,
            None => {
                let problem = "the annotation prometheus.io/scrape is \"true\", and no container declares a port";
                Self::UnknownPort(*scrape, problem.to_owned())
            }
            Some(Annotation { field: port, .. }) => {
                let text = port.value.unwrap_or_default();
                if numbers().any(|number| number.to_string() == text) {
                    return Ok(Self::Declared);
                }
                let problem =
                    format!("the annotation prometheus.io/port is {}, which no container declares", quote(text));
                Self::UnknownPort(*port, problem)
            }
        })
    }
}
