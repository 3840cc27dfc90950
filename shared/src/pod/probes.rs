//! The probes of a container, and the ports that they connect to.

use std::fmt::{self, Display};

use super::container::Container;
use super::fields::reads;
use super::scope::{Field, Scope, Value};
use crate::malformed::Malformed;
use json::Node;

/// A path in a container.
type Path = &'static [&'static str];

/// A port that a container declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContainerPort<'a> {
    /// Its number. Absent only where the API server does not require one, as in some custom resources.
    pub number: Option<i64>,
    /// Its name.
    pub name: Option<&'a str>,
    /// Its protocol, if it is not the default.
    protocol: Option<&'a str>,
}

impl ContainerPort<'_> {
    /// Returns `true` if it is a port for TCP, which is the default.
    #[must_use]
    pub fn is_tcp(&self) -> bool {
        matches!(self.protocol, None | Some("TCP"))
    }

    /// Returns `true` if its name says that metrics are read from it: `metrics`, `http-metrics`, `prometheus`.
    #[must_use]
    pub fn is_for_metrics(&self) -> bool {
        self.name.is_some_and(|name| name == "metrics" || name.ends_with("-metrics") || name.starts_with("prom"))
    }
}

/// The port that a probe connects to, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port<'a> {
    /// Its number.
    Number(i64),
    /// The name of a port of the same container.
    Name(&'a str),
}

impl Display for Port<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Port::Number(number) => number.fmt(f),
            Port::Name(name) => f.write_str(name),
        }
    }
}

impl<'a> Value<'a> for Port<'a> {
    const EXPECTED: &'static str = "a whole number or a string";

    fn of(node: &'a Node<'a>) -> Option<Self> {
        match node {
            Node::Integer(number) => Some(Port::Number(*number)),
            Node::String(name) => Some(Port::Name(name)),
            _ => None,
        }
    }
}

impl Port<'_> {
    /// Its number, as the kubelet resolves it: a name is that of a port of the same container, whatever its protocol.
    ///
    /// Source: Kubernetes, `ResolveContainerPort` in `pkg/probe`.
    #[must_use]
    pub fn number(self, ports: &[ContainerPort<'_>]) -> Option<i64> {
        match self {
            Port::Number(number) => Some(number),
            Port::Name(name) => ports.iter().find(|port| port.name == Some(name))?.number,
        }
    }
}

/// A number of a probe.
#[derive(Clone, Copy, Debug)]
pub struct Number<'c> {
    /// Its name, such as `periodSeconds`.
    pub name: &'static str,
    /// The number in effect.
    pub value: i64,
    /// The number as written.
    pub field: Field<'c, i64>,
}

/// A probe: what the kubelet does to see whether a container is well, and how often.
///
/// The API server accepts one handler. Where several are set, all of them count.
#[derive(Clone, Debug)]
pub struct Probe<'c> {
    /// Its handler as a text, in which the fields have their defaults and ports their numbers. No value if it has none, as in
    /// an empty probe, which is the same as none.
    pub handler: Field<'c, String>,
    /// It is there without a handler, which the API server refuses and some custom resources fill in.
    pub is_empty: bool,
    /// The words of `exec.command`, joined by NUL.
    pub command: Field<'c, String>,
    /// The port of each handler that connects to one.
    pub ports: Vec<Field<'c, Port<'c>>>,
    /// Its numbers: `initialDelaySeconds`, `periodSeconds`, `timeoutSeconds`, `successThreshold` and `failureThreshold`.
    pub numbers: [Number<'c>; 5],
    paths: &'static Paths,
}

/// Where the fields of a probe stand.
#[derive(Debug)]
struct Paths {
    whole: Path,
    command: Path,
    headers: (Path, &'static str),
    handlers: [(Path, Kind); 10],
    numbers: [(Path, i64); 5],
}

/// What a field of a handler holds.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// A port, by number or name.
    Port,
    /// A port, by number alone.
    PortNumber,
    /// A text, and its default.
    Text(&'static str),
}

/// The paths of a probe. Source of the defaults: Kubernetes, `SetDefaults_Probe` and `SetDefaults_HTTPGetAction`.
macro_rules! paths {
    ($probe:literal) => {
        &Paths {
            whole: &[$probe],
            command: &[$probe, "exec", "command"],
            headers: (&[$probe, "httpGet", "httpHeaders"], concat!($probe, ".httpGet.httpHeaders")),
            handlers: [
                (&[$probe, "httpGet", "port"], Kind::Port),
                (&[$probe, "httpGet", "scheme"], Kind::Text("HTTP")),
                (&[$probe, "httpGet", "host"], Kind::Text("")),
                (&[$probe, "httpGet", "path"], Kind::Text("/")),
                (&[$probe, "httpGet", "protocol"], Kind::Text("")),
                (&[$probe, "tcpSocket", "port"], Kind::Port),
                (&[$probe, "tcpSocket", "host"], Kind::Text("")),
                (&[$probe, "grpc", "port"], Kind::PortNumber),
                (&[$probe, "grpc", "service"], Kind::Text("")),
                (&[$probe, "grpc", "mode"], Kind::Text("Plaintext")),
            ],
            numbers: [
                (&[$probe, "initialDelaySeconds"], 0),
                (&[$probe, "periodSeconds"], 10),
                (&[$probe, "timeoutSeconds"], 1),
                (&[$probe, "successThreshold"], 1),
                (&[$probe, "failureThreshold"], 3),
            ],
        }
    };
}

/// The paths of the probes of a container.
const PROBES: [&Paths; 3] = [paths!("readinessProbe"), paths!("livenessProbe"), paths!("startupProbe")];

impl<'a> Container<'a> {
    /// The ports that it declares.
    ///
    /// # Errors
    /// `ports` is not a list of objects, or a field of a port is ill-typed.
    pub fn ports(&self) -> Result<Vec<ContainerPort<'a>>, Malformed> {
        self.scope.require(reads::named_ports(), &["ports"])?;
        let mut ports = Vec::new();
        for item in self.scope.list(&["ports"])? {
            let number = match self.scope.item_field("ports", item, "containerPort")? {
                None => None,
                Some(Node::Integer(number)) => Some(*number),
                Some(other) => {
                    let position = self.scope.position;
                    return Err(position.ill_typed_field("ports", item.0, "containerPort", other, "a whole number"));
                }
            };
            let name = self.scope.item_string("ports", item, "name")?;
            ports.push(ContainerPort { number, name, protocol: self.scope.item_string("ports", item, "protocol")? });
        }
        Ok(ports)
    }

    /// Its probes: `readinessProbe`, which keeps traffic away while it fails; `livenessProbe`, which restarts the container
    /// when it fails; and `startupProbe`, for which the others wait. `ports` are those of the container.
    ///
    /// # Errors
    /// A field of one of them is ill-typed.
    pub fn probes(&self, ports: &[ContainerPort<'_>]) -> Result<[Probe<'_>; 3], Malformed> {
        self.scope.require(reads::probes(), &["livenessProbe"])?;
        let [readiness, liveness, startup] = PROBES;
        let read = |paths| Probe::read(&self.scope, ports, paths);
        Ok([read(readiness)?, read(liveness)?, read(startup)?])
    }
}

impl<'c> Probe<'c> {
    fn read(scope: &'c Scope<'c>, own: &[ContainerPort<'_>], paths: &'static Paths) -> Result<Self, Malformed> {
        let mut handler = String::new();
        let mut ports = Vec::new();
        let words = scope.strings(paths.command)?.join("\0");
        // The object around the fields of a handler.
        let is_there = |path: Path| Ok(scope.value(path.get(..2).unwrap_or_default())?.is_some());
        if is_there(paths.command)? {
            add(&mut handler, paths.command, &words);
        }
        for (path, kind) in paths.handlers {
            if !is_there(path)? {
                continue;
            }
            let port = match kind {
                Kind::Port => scope.typed(path)?,
                Kind::PortNumber => scope.typed(path)?.map(Port::Number),
                Kind::Text(default) => {
                    let text: &str = scope.typed(path)?.unwrap_or_default();
                    add(&mut handler, path, if text.is_empty() { default } else { text });
                    continue;
                }
            };
            if let Some(port) = port {
                let resolved = port.number(own).map_or(port, Port::Number);
                add(&mut handler, path, &resolved.to_string());
                ports.push(scope.with(Some(port), path));
            }
        }
        let (path, list) = paths.headers;
        for item in scope.list(path)? {
            for field in ["name", "value"] {
                add(&mut handler, path, scope.item_string(list, item, field)?.unwrap_or_default());
            }
        }
        let number = |(path, default): (Path, i64)| {
            let written = scope.typed::<i64>(path)?;
            // As in the API, zero is unset.
            let value = written.filter(|number| *number != 0).unwrap_or(default);
            Ok(Number { name: path.last().copied().unwrap_or_default(), value, field: scope.with(written, path) })
        };
        let [delay, period, timeout, success, failure] = paths.numbers;
        let numbers = [number(delay)?, number(period)?, number(timeout)?, number(success)?, number(failure)?];
        let is_empty = handler.is_empty() && scope.value(paths.whole)?.is_some();
        let value = Some(handler).filter(|handler| !handler.is_empty());
        Ok(Self {
            handler: scope.with(value, paths.whole),
            is_empty,
            command: scope.with(Some(words).filter(|words| !words.is_empty()), paths.command),
            ports,
            numbers,
            paths,
        })
    }

    /// Its name: `livenessProbe`, `readinessProbe` or `startupProbe`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.paths.whole.first().copied().unwrap_or_default()
    }

    /// Returns `true` if it has a handler.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.handler.value.is_some()
    }
}

/// Adds a field to the text of a handler.
fn add(handler: &mut String, path: Path, value: &str) {
    for text in path.iter().skip(1).copied().chain([value, "\0"]) {
        handler.push_str(text);
    }
}
