//! The settings of `metrics-exposed`.

use shared::glob::{Glob, globs};
use shared::prelude::*;
use shared::text::quote;

settings! {
    /// Settings of `metrics-exposed`.
    pub struct Settings {
        /// The ways to declare metrics, of which one is enough.
        accept: Vec<Way> = vec![Way::Annotations, Way::NamedPort] => "accept"
            unless empty("nothing would be accepted; name at least one way"),
        /// Names of ports from which metrics are read, as globs.
        port_names: Vec<Glob> = globs(&["metrics", "*-metrics", "prom*"]) => "portNames"
            unless empty("no port would be accepted; name at least one"),
        /// The kinds of objects that are judged.
        kinds: Vec<String> = ["Deployment", "StatefulSet", "DaemonSet", "Rollout"].map(String::from).into() => "kinds"
            unless empty("nothing would be judged; name at least one kind"),
    }
}

settings! {
    /// A way to declare metrics.
    pub enum Way {
        /// `prometheus.io/scrape: "true"` in the annotations of the pod.
        Annotations => "annotations",
        /// A port of a container that is named for metrics.
        NamedPort => "namedPort",
    }
}

impl Settings {
    /// Adds a fault for each kind that is not the name of one.
    pub(crate) fn validate(&self, faults: &mut Faults) {
        for (index, kind) in self.kinds.iter().enumerate() {
            if !kind.as_bytes().first().is_some_and(u8::is_ascii_uppercase) {
                faults.add(&format!("kinds[{index}]"), "this must be the name of a kind, such as Deployment");
            }
        }
    }

    pub(crate) fn accepts(&self, way: Way) -> bool {
        self.accept.contains(&way)
    }

    /// Returns `true` if a port of this name is one for metrics.
    pub(crate) fn takes(&self, name: &str) -> bool {
        self.port_names.iter().any(|glob| glob.matches(name))
    }

    /// The fix where nothing is declared.
    pub(crate) fn advice(&self) -> String {
        if !self.accepts(Way::NamedPort) {
            return "set the annotations prometheus.io/scrape: \"true\" and prometheus.io/port of the pod".to_owned();
        }
        let is_whole = |name: &&str| !name.bytes().any(|byte| byte == b'*');
        let mut names = self.port_names.iter().map(Glob::as_str);
        match names.clone().find(is_whole) {
            Some(name) => ["name the port that serves metrics ", &quote(name).to_string()].concat(),
            None => ["give the port that serves metrics a name like ", names.next().unwrap_or_default()].concat(),
        }
    }
}
