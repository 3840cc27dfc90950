//! What a pod uses of its node.

use shared::pod::Volume;
use shared::prelude::*;

use crate::process::check_host_process;
use crate::standard::Forbidden;
use crate::words::{Report, Values, quoted};
use crate::{HOST_NAMESPACES, HOST_PATH, HOST_PORTS, PROBE_HOSTS, SYSCTLS, VOLUME_TYPES};

pub(crate) fn check_pod(report: &mut Report<'_>, pod: &Pod<'_>) -> Checked {
    check_namespaces(report, pod)?;
    check_sysctls(report, pod)?;
    check_host_process(report, pod.host_process()?);
    pod.volumes()?.iter().try_for_each(|volume| check_volume(report, volume))
}

pub(crate) fn check_container(report: &mut Report<'_>, container: &Container<'_>) -> Checked {
    check_ports(report, container)?;
    check_hosts(report, container)
}

fn check_namespaces(report: &mut Report<'_>, pod: &Pod<'_>) -> Checked {
    let namespaces = [
        (pod.host_network()?, "hostNetwork=true", "network"),
        (pod.host_pid()?, "hostPID=true", "processes"),
        (pod.host_ipc()?, "hostIPC=true", "shared memory"),
    ];
    let (mut first, mut shared, mut of_node) = (None, Values::default(), Values::default());
    for (field, name, what) in namespaces {
        if field.value == Some(true) {
            first = first.or(Some(field));
            shared.add(name.to_owned());
            of_node.add(what.to_owned());
        }
    }
    if let Some(first) = first {
        let problem = ["host namespaces (", &shared.shown(), ") give it the ", &of_node.shown(), " of its node"];
        let fix = if shared.are_several() { "remove them" } else { "remove it" };
        report.add(&first.with(shared.all()), &HOST_NAMESPACES, &problem, fix);
    }
    Ok(())
}

fn check_sysctls(report: &mut Report<'_>, pod: &Pod<'_>) -> Checked {
    let sysctls = pod.sysctls()?;
    let mut forbidden = Values::default();
    for name in sysctls.value.iter().flatten().filter(|name| report.standard.forbids_sysctl(name)) {
        forbidden.add(quoted(name));
    }
    if !forbidden.is_empty() {
        let may = ") can turn off protections of the kernel, or affect other pods of its node";
        let problem = ["forbidden sysctls (", &forbidden.shown(), may];
        report.add(&sysctls.with(forbidden.all()), &SYSCTLS, &problem, "remove them");
    }
    Ok(())
}

fn check_volume(report: &mut Report<'_>, volume: &Volume<'_>) -> Checked {
    let path = volume.host_path()?.unwrap_or_default();
    for source in volume.sources()? {
        if source.name == "hostPath" {
            let is_socket = path.strip_suffix(".sock").is_some();
            let controls = if is_socket { ", a socket by which a container may control it" } else { "" };
            let problem = ["hostPath volumes are forbidden: it mounts ", &quoted(path), " of the node", controls];
            report.add(&source, &HOST_PATH, &problem, "use a volume of another type");
        } else if report.standard.restricts_volume(source.name) {
            let problem = ["it uses restricted volume type ", &quoted(source.name)];
            let fix = "use a persistentVolumeClaim, or another type that the profile allows";
            report.add_as(Forbidden::InRestricted, &source, &VOLUME_TYPES, &problem, fix);
        }
    }
    Ok(())
}

fn check_ports(report: &mut Report<'_>, container: &Container<'_>) -> Checked {
    let ports = container.host_ports()?;
    let mut taken = Values::default();
    for port in ports.value.iter().flatten().filter(|port| !report.standard.settings.allows_port(**port)) {
        taken.add(port.to_string());
    }
    if !taken.is_empty() {
        let uses = if taken.are_several() { "it uses hostPorts " } else { "it uses hostPort " };
        let problem = [uses, &taken.shown(), ", so that it listens on its node, past network policies"];
        report.add(&ports.with(taken.all()), &HOST_PORTS, &problem, "remove hostPort, and use a Service");
    }
    Ok(())
}

fn check_hosts(report: &mut Report<'_>, container: &Container<'_>) -> Checked {
    let (mut first, mut named) = (None, Values::default());
    for host in container.hosts()? {
        if report.standard.forbids_hosts() && host.value != Some("") {
            first = first.or(Some(host));
            named.add(quoted(host.value.unwrap_or_default()));
        }
    }
    if let Some(first) = first {
        let uses =
            if named.are_several() { "it uses probe or lifecycle hosts " } else { "it uses probe or lifecycle host " };
        let problem = [uses, &named.shown(), ", to which the kubelet connects from the node"];
        report.add(
            &first.with(named.all()),
            &PROBE_HOSTS,
            &problem,
            "remove host, so that the kubelet connects to the pod",
        );
    }
    Ok(())
}
