//! Workloads from which no metrics can be read. Reasons and settings: README.

mod endpoint;
mod settings;

use endpoint::Endpoint;
use settings::Settings;
use shared::prelude::*;

policy! {
    /// Metrics can be read from every workload that keeps running.
    pub struct MetricsExposed: Facts {
        title: "Metrics exposed",
        severity: Severity::Low,
        category: Category::PROCESSES,
        guide: Guide::operating("Monitor your application", "monitor_your_application"),
        containers: ClassActions::enforce_long_running(),
        kilobytes: 132,
        ..Facts::DEFAULT
    }
    reads: [named_ports, scrape_annotations],
    rules: {
        /// A workload declares nothing from which metrics can be read.
        NO_METRICS = "no-metrics": Warn,
        /// The annotations of a pod ask for metrics from a port that no container declares.
        UNKNOWN_METRICS_PORT = "unknown-metrics-port": Warn,
    }
}

impl Policy for MetricsExposed {
    type Settings = Settings;

    fn validate(settings: &Settings, faults: &mut Faults) {
        settings.validate(faults);
    }

    fn check_pod(check: &Check<'_, Settings>, findings: &mut Findings) -> Checked {
        let Check { settings, pod, .. } = *check;
        let endpoint = Endpoint::of(settings, pod)?;
        if !settings.kinds.iter().any(|kind| kind == pod.kind()) {
            return Ok(());
        }
        match endpoint {
            Endpoint::Declared => {}
            Endpoint::UnknownPort(annotation, problem) => {
                let fix = "declare the port that serves metrics, and name its number in prometheus.io/port";
                findings.add(&annotation, [UNKNOWN_METRICS_PORT.found(problem, fix)]);
            }
            Endpoint::NotScraped(annotation, problem) => {
                findings.add(&annotation, [NO_METRICS.found(problem, "set it to \"true\"")]);
            }
            Endpoint::None(problem) => {
                findings.add(&pod.containers_field(), [NO_METRICS.found(problem, settings.advice())]);
            }
        }
        Ok(())
    }
}
