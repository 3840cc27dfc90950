//! The protocols by which a registry may be asked.

use std::net::IpAddr;

use oci_client::client::{ClientConfig, ClientProtocol};

/// A protocol, and how much of it is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// HTTPS with a certificate that the system trusts.
    Https,
    /// HTTPS with any certificate.
    Unverified,
    /// HTTP.
    Http,
}

impl Protocol {
    /// The protocols to try for a host, in this order. Those of an insecure host are Kubewarden's for its
    /// `insecureSources`.
    pub(super) fn of_host(host: &str, insecure: bool) -> &'static [Self] {
        if insecure {
            &[Self::Https, Self::Unverified, Self::Http]
        } else if is_loopback(host) {
            &[Self::Https, Self::Http]
        } else {
            &[Self::Https]
        }
    }

    /// The settings of a client.
    pub(super) fn config(self) -> ClientConfig {
        let protocol = if self == Self::Http { ClientProtocol::Http } else { ClientProtocol::Https };
        ClientConfig { protocol, accept_invalid_certificates: self == Self::Unverified, ..ClientConfig::default() }
    }
}

/// Returns `true` if a host, with or without a port, is this machine.
fn is_loopback(host: &str) -> bool {
    let (name, port) = host.rsplit_once(':').unwrap_or((host, ""));
    let name = if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { host };
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name == "localhost" || name.ends_with(".localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_and_insecure_hosts_are_asked_without_encryption() {
        for host in ["localhost", "localhost:5000", "127.0.0.1:5000", "127.1.2.3", "[::1]:5000", "a.localhost:80"] {
            assert_eq!(Protocol::of_host(host, false), [Protocol::Https, Protocol::Http], "{host}");
        }
        for host in ["docker.io", "registry:5000", "128.0.0.1:5000", "[::2]:5000", "localhost.example", "[fe80::1]"] {
            assert_eq!(Protocol::of_host(host, false), [Protocol::Https], "{host}");
            assert_eq!(Protocol::of_host(host, true).last(), Some(&Protocol::Http), "{host}");
        }
    }
}
