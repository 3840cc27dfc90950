//! Containers without the health probes that they need, and probes that do harm. Reasons and settings: README.

mod health;
mod ports;
mod settings;
mod words;

use health::Health;
use ports::Declared;
use settings::Settings;
use shared::prelude::*;

policy! {
    /// The kubelet can see whether each container is well, and acts on it as intended.
    pub struct HealthProbes: Facts {
        title: "Health probes",
        category: Category::PROCESSES,
        guide: Guide::operating("Expose the health of your application", "expose_the_health_of_your_application"),
        // The API server refuses probes in the others; none is ever required of them.
        containers: ClassActions::enforce_long_running(),
        // Three probes with every field of their handlers, and settings for each of their numbers.
        kilobytes: 152,
        ..Facts::DEFAULT
    }
    reads: [probes, named_ports],
    rules: {
        /// A container has no readiness probe, and the settings require one.
        MISSING_READINESS = "missing-readiness": Warn,
        /// A container has no liveness probe, and the settings require one.
        MISSING_LIVENESS = "missing-liveness": Warn,
        /// A container has no startup probe, and the settings require one.
        MISSING_STARTUP = "missing-startup": Warn,
        /// The liveness probe is the same as the readiness probe.
        IDENTICAL_PROBES = "identical-probes": Warn,
        /// A probe names a port that its container does not declare, so it can never succeed.
        UNKNOWN_NAMED_PORT = "unknown-named-port": Deny,
        /// A probe connects to a port that no container of the pod declares.
        UNKNOWN_PORT = "unknown-port": Warn,
        /// A liveness probe restarts a container after a short hiccup, or before it has started.
        EAGER_LIVENESS = "eager-liveness": Warn,
        /// A number of a probe is outside the range in the settings.
        OUT_OF_RANGE = "out-of-range": Warn,
        /// A probe runs a command that the settings deny.
        DENIED_EXEC = "denied-exec": Deny,
    }
}

impl Policy for HealthProbes {
    type Settings = Settings;

    fn validate(settings: &Settings, faults: &mut Faults) {
        settings.validate(faults);
    }

    fn check_pod(check: &Check<'_, Settings>, findings: &mut Findings) -> Checked {
        let Check { settings, pod, .. } = *check;
        let mut containers = Vec::new();
        for container in pod.containers() {
            containers.push(Health::read(container, pod)?);
        }
        if pod.runs_to_completion()? || settings.kinds.skip.iter().any(|kind| kind == pod.kind()) {
            return Ok(());
        }
        let declared = Declared::by(&containers);
        for health in &containers {
            health.missing(settings, findings);
            health.identical(findings);
            health.eager(settings, findings);
            for probe in health.set() {
                declared.check(probe, health, findings);
                health::out_of_range(probe, &settings.ranges, findings);
                health::denied_exec(probe, &settings.exec_deny, findings);
            }
        }
        Ok(())
    }
}
