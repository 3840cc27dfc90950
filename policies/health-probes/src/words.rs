//! The wording of findings.

use shared::pod::ContainerPort;

/// The most ports that a message names.
const SHOWN_PORTS: usize = 8;

/// The advice to add a probe. It names the first TCP port, if there is one, and one for metrics only as the last resort.
pub(crate) fn probe_fix(ports: &[ContainerPort<'_>]) -> String {
    let tcp = || ports.iter().filter(|port| port.is_tcp());
    let port = tcp().find(|port| !port.is_for_metrics()).or_else(|| tcp().next()).and_then(|port| port.number);
    match port {
        Some(port) => {
            ["add one that asks the app on port ", &port.to_string(), ", by httpGet, grpc, tcpSocket or exec"].concat()
        }
        None => "add one that asks the app, by httpGet, grpc, tcpSocket or exec".to_owned(),
    }
}

/// Several texts as a list.
pub(crate) fn list(texts: &mut dyn Iterator<Item = String>) -> String {
    let mut list = String::new();
    for (index, text) in texts.enumerate() {
        if index == SHOWN_PORTS {
            list.push_str(", …");
            break;
        }
        list.push_str(if index == 0 { "" } else { ", " });
        list.push_str(&text);
    }
    list
}
