//! The probes of one container.

use shared::place::Class;
use shared::pod::{ContainerPort, Probe};
use shared::prelude::*;

use crate::settings::{Kind, Ranges, ReadinessWhen, RequireMode, Settings};
use crate::words::probe_fix;
use crate::{
    DENIED_EXEC, EAGER_LIVENESS, IDENTICAL_PROBES, MISSING_LIVENESS, MISSING_READINESS, MISSING_STARTUP, OUT_OF_RANGE,
};

/// Kinds whose controllers add a readiness probe to containers without one. Sources: Knative, "Configuring Probing", and
/// `initLivenessAndReadinessProbe` of `KubeRay`.
const WITH_READINESS: [&str; 6] = ["Configuration", "RayCluster", "RayJob", "RayService", "Revision", "Service"];

/// A container, its ports and its probes.
pub(crate) struct Health<'a> {
    class: Class,
    /// Its image is set. An operator that fills it in fills in ports and probes, too.
    pub(crate) is_whole: bool,
    /// Its controller adds a readiness probe if there is none.
    gets_readiness: bool,
    pub(crate) ports: Vec<ContainerPort<'a>>,
    /// Readiness, liveness and startup.
    probes: [Probe<'a>; 3],
}

impl<'a> Health<'a> {
    pub(crate) fn read(container: &'a Container<'a>, pod: &Pod<'_>) -> Result<Self, Malformed> {
        let ports = container.ports()?;
        Ok(Self {
            class: container.class(),
            // An image that cannot be read is the concern of other policies.
            is_whole: !matches!(container.image(), Ok(None)),
            gets_readiness: WITH_READINESS.contains(&pod.kind()),
            probes: container.probes(&ports)?,
            ports,
        })
    }

    /// The probes that are set.
    pub(crate) fn set(&self) -> impl Iterator<Item = &Probe<'a>> {
        self.probes.iter().filter(|probe| probe.is_set())
    }

    /// The probes that the settings require and the container lacks.
    pub(crate) fn missing(&self, settings: &Settings, findings: &mut Findings) {
        let required = settings.require.of(self.class);
        let takes_any = settings.require_mode == RequireMode::Any;
        if !self.is_whole || takes_any && required.iter().any(|kind| self.has(*kind)) {
            return;
        }
        for kind in required {
            if self.has(*kind) || !self.needs(*kind, settings) {
                continue;
            }
            let (rule, effect) = match kind {
                Kind::Readiness => (&MISSING_READINESS, "it gets traffic before it can serve"),
                Kind::Liveness => (&MISSING_LIVENESS, "it is not restarted when it hangs"),
                Kind::Startup => (&MISSING_STARTUP, "a slow start counts as a failure"),
            };
            let probe = self.probe(*kind);
            let (has, lacks) = if probe.is_empty { ("its ", " has no handler") } else { ("it has no ", "") };
            let problem = [has, probe.name(), lacks, ", so ", effect].concat();
            findings.add(&probe.handler, [rule.found(problem, probe_fix(&self.ports))]);
            if takes_any {
                return;
            }
        }
    }

    fn probe(&self, kind: Kind) -> &Probe<'a> {
        let [readiness, liveness, startup] = &self.probes;
        match kind {
            Kind::Readiness => readiness,
            Kind::Liveness => liveness,
            Kind::Startup => startup,
        }
    }

    fn has(&self, kind: Kind) -> bool {
        self.probe(kind).is_set() || kind == Kind::Readiness && self.gets_readiness
    }

    /// `true` if a required probe of this kind is needed: a container without traffic is ready at once.
    fn needs(&self, kind: Kind, settings: &Settings) -> bool {
        kind != Kind::Readiness
            || settings.readiness_only_when == ReadinessWhen::Always
            || self.ports.iter().any(|port| !port.is_for_metrics())
    }

    /// A liveness probe that fails whenever the readiness probe does. When the first probe runs makes no difference later.
    pub(crate) fn identical(&self, findings: &mut Findings) {
        let [readiness, liveness, _] = &self.probes;
        let mut numbers = liveness.numbers.iter().zip(&readiness.numbers).skip(1);
        if liveness.is_set()
            && liveness.handler.value == readiness.handler.value
            && numbers.all(|(liveness, readiness)| liveness.value == readiness.value)
        {
            let problem =
                "its livenessProbe is the same as its readinessProbe, so it is restarted whenever it is not ready";
            findings.add(&liveness.handler, [IDENTICAL_PROBES.found(problem, "raise failureThreshold for liveness")]);
        }
    }

    /// A liveness probe that leaves less time than the settings demand.
    pub(crate) fn eager(&self, settings: &Settings, findings: &mut Findings) {
        let [_, liveness, startup] = &self.probes;
        let [_, period, _, _, failures] = &liveness.numbers;
        let seconds = failures.value.saturating_mul(period.value);
        if liveness.is_set() && !startup.is_set() && seconds < settings.eager_liveness {
            let seconds = seconds.to_string();
            let problem = [
                "its livenessProbe restarts it after ",
                &seconds,
                " s of failures (failureThreshold ",
                &failures.value.to_string(),
                " × periodSeconds ",
                &period.value.to_string(),
                ")",
            ];
            let least = settings.eager_liveness.to_string();
            let fix = ["allow ", &least, " s or more, or add a startupProbe for a slow start"];
            let judged = failures.field.with(seconds.clone());
            findings.add(&judged, [EAGER_LIVENESS.found(problem.concat(), fix.concat())]);
        }
    }
}

/// The numbers of a probe that are outside of their ranges.
pub(crate) fn out_of_range(probe: &Probe<'_>, ranges: &Ranges, findings: &mut Findings) {
    for (number, range) in probe.numbers.iter().zip(ranges.all()) {
        let Some(range) = range.filter(|range| !(range.min..=range.max).contains(&number.value)) else { continue };
        // Kubernetes demands 1 of the other probes.
        if number.name == "successThreshold" && probe.name() != "readinessProbe" {
            continue;
        }
        let value = number.value.to_string();
        let default =
            if number.field.value.is_some_and(|written| written == number.value) { "" } else { ", the default" };
        let problem = [
            "the ",
            number.name,
            " of its ",
            probe.name(),
            " is ",
            &value,
            default,
            ", outside of the range in the settings",
        ];
        findings.add(&number.field, [OUT_OF_RANGE.found(problem.concat(), ["set it to ", &range.text()].concat())]);
    }
}

/// A command of a probe that names a program which the settings deny, also in a script.
pub(crate) fn denied_exec(probe: &Probe<'_>, denied: &[String], findings: &mut Findings) {
    let command = probe.command.value.as_deref().unwrap_or_default();
    // Bytes, because to search a text for a character costs 6 KB.
    let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"\0;&|()<>`\"'\\".contains(byte);
    let mut programs = command.as_bytes().split(is_end).filter_map(|word| word.rsplit(|byte| *byte == b'/').next());
    let program = programs.find_map(|word| denied.iter().find(|denied| denied.as_bytes() == word));
    if let Some(program) = program {
        let problem =
            ["its ", probe.name(), " runs ", &quote(program).to_string(), ", which the settings deny"].concat();
        findings.add(&probe.command, [DENIED_EXEC.found(problem, "use httpGet, tcpSocket, grpc or another command")]);
    }
}
