//! The settings of `health-probes`.

use shared::place::Class;
use shared::prelude::*;
use shared::settings::Fields;

/// The largest number of a probe. Source: Kubernetes API, core/v1 `Probe`, whose numbers have 32 bits.
const MAX: i64 = 2_147_483_647;

settings! {
    /// Settings of `health-probes`.
    pub struct Settings {
        /// The probes that containers need, by their class.
        require: Require = Require::default() => "require",
        /// How many of the required probes a container needs.
        require_mode: RequireMode = RequireMode::All => "requireMode",
        /// The kinds of objects.
        kinds: SkippedKinds = SkippedKinds::default() => "kinds",
        /// The containers that need a required readiness probe.
        readiness_only_when: ReadinessWhen = ReadinessWhen::HasPorts => "readinessOnlyWhen",
        /// The least time, in seconds, that a container without a startup probe may fail its liveness probe before it is
        /// restarted: `failureThreshold` × `periodSeconds`.
        eager_liveness: i64 = 10 => "eagerLiveness",
        /// What the numbers of every probe must be. Numbers that are not set have the defaults of Kubernetes.
        ranges: Ranges = Ranges::default() => "ranges",
        /// Programs that no probe may run, by name, such as `jcmd`.
        exec_deny: Vec<String> = Vec::new() => "execDeny",
    }
}

settings! {
    /// The required probes.
    pub struct Require {
        /// Probes of main containers.
        main: Vec<Kind> = vec![Kind::Readiness] => "main",
        /// Probes of sidecars.
        sidecar: Vec<Kind> = Vec::new() => "sidecar",
    }
}

settings! {
    /// The kind of a probe.
    pub enum Kind {
        /// `readinessProbe`: while it fails, the pod gets no traffic.
        Readiness => "readiness",
        /// `livenessProbe`: when it fails, the container is restarted.
        Liveness => "liveness",
        /// `startupProbe`: until it succeeds, the other probes wait.
        Startup => "startup",
    }
}

settings! {
    /// How many of the required probes a container needs.
    pub enum RequireMode {
        /// All of them.
        All => "all",
        /// One of them.
        Any => "any",
    }
}

settings! {
    /// The kinds of objects.
    pub struct SkippedKinds {
        /// Kinds that are not judged, such as `DaemonSet`. Pods that run to completion, as those of Jobs, never are.
        skip: Vec<String> = Vec::new() => "skip",
    }
}

settings! {
    /// The containers that need a readiness probe.
    pub enum ReadinessWhen {
        /// All.
        Always => "always",
        /// Those that declare a port, other than one that is named for metrics: `metrics`, `*-metrics`, `prom*`.
        HasPorts => "hasPorts",
    }
}

settings! {
    /// Ranges for the numbers of probes.
    pub struct Ranges {
        /// The time before the first probe, 0 by default.
        initial_delay_seconds: Option<Range> = None => "initialDelaySeconds",
        /// The time between two probes, 10 by default.
        period_seconds: Option<Range> = None => "periodSeconds",
        /// The time for an answer, 1 by default.
        timeout_seconds: Option<Range> = None => "timeoutSeconds",
        /// Successes in a row, 1 by default. Judged in readiness probes alone: Kubernetes demands 1 in the others.
        success_threshold: Option<Range> = None => "successThreshold",
        /// Failures in a row, 3 by default.
        failure_threshold: Option<Range> = None => "failureThreshold",
    }
}

settings! {
    /// Numbers from `min` to `max`, both included.
    pub struct Range {
        /// The smallest.
        min: i64 = 0 => "min",
        /// The largest.
        max: i64 = MAX => "max",
    }
    unless(range_fault)
}

fn range_fault(Range { min, max }: &Range) -> Option<String> {
    let is_sound = 0 <= *min && min <= max && *max <= MAX;
    (!is_sound).then(|| format!("{min} to {max} is not a valid range; numbers of probes go from 0 to {MAX}"))
}

impl Require {
    /// The probes that a container of this class needs; those that cannot have one need none.
    pub(crate) fn of(&self, class: Class) -> &[Kind] {
        match class {
            Class::Main => &self.main,
            Class::Sidecar => &self.sidecar,
            Class::Init | Class::Ephemeral => &[],
        }
    }
}

impl Range {
    /// The range in words.
    pub(crate) fn text(&self) -> String {
        let [min, max] = [self.min, self.max].map(|number| number.to_string());
        match *self {
            Range { min: least, max: most } if least == most => min,
            Range { max: MAX, .. } => min + " or more",
            Range { min: 0, .. } => max + " or less",
            _ => ["a number from ", &min, " to ", &max].concat(),
        }
    }
}

impl Ranges {
    /// The ranges of the numbers of a probe, in their order.
    pub(crate) fn all(&self) -> [Option<&Range>; 5] {
        [
            &self.initial_delay_seconds,
            &self.period_seconds,
            &self.timeout_seconds,
            &self.success_threshold,
            &self.failure_threshold,
        ]
        .map(Option::as_ref)
    }
}

impl Settings {
    /// Adds a fault for every value that nothing could satisfy.
    pub(crate) fn validate(&self, faults: &mut Faults) {
        if !(0..=MAX).contains(&self.eager_liveness) {
            faults.add("eagerLiveness", "this must be a number of seconds; 0 judges no probe");
        }
        for (index, kind) in self.kinds.skip.iter().enumerate() {
            if !kind.as_bytes().first().is_some_and(u8::is_ascii_uppercase) {
                faults.add(&format!("kinds.skip[{index}]"), "this must be the name of a kind, such as DaemonSet");
            }
        }
        for (name, range) in Ranges::NAMES.iter().zip(self.ranges.all()).skip(1) {
            if range.is_some_and(|range| range.max == 0) {
                faults.add(&format!("ranges.{name}.max"), "this must be above 0, which Kubernetes takes for unset");
            }
        }
        for (index, program) in self.exec_deny.iter().enumerate() {
            if program.is_empty() || program.as_bytes().contains(&b'/') {
                faults.add(&format!("execDeny[{index}]"), "this must be the name of a program, without a directory");
            }
        }
    }
}
