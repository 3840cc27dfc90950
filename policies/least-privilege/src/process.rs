//! What the process of a container may do beyond its capabilities.

use shared::prelude::*;

use crate::standard::Forbidden;
use crate::words::{Report, quoted};
use crate::{HOST_PROCESS, PRIVILEGE_ESCALATION, PRIVILEGED, PROC_MOUNT};

pub(crate) fn check(report: &mut Report<'_>, container: &Container<'_>) -> Checked {
    let (privileged, escalation) = (container.privileged()?, container.allow_privilege_escalation()?);
    check_privileged(report, privileged, escalation);
    let adds_admin = container.capabilities()?.add.contains(&"CAP_SYS_ADMIN");
    // The API server refuses `allowPrivilegeEscalation: false` beside them. Source: `ValidateSecurityContext` of Kubernetes.
    let fix = match (privileged.value, adds_admin) {
        (Some(true), _) => "remove privileged, and set it to false",
        (_, true) => "remove CAP_SYS_ADMIN from add, and set it to false",
        _ => "set it to false",
    };
    check_escalation(report, escalation, fix);
    check_proc_mount(report, container.proc_mount()?);
    check_host_process(report, container.host_process()?);
    Ok(())
}

fn check_privileged(report: &mut Report<'_>, privileged: Field<'_, bool>, escalation: Field<'_, bool>) {
    if privileged.value == Some(true) {
        let problem = [
            "it must not set securityContext.privileged=true, which gives it every capability and every device of its node",
            if escalation.value == Some(false) {
                ", and which the API server refuses beside allowPrivilegeEscalation=false"
            } else {
                ""
            },
        ];
        report.add(&privileged, &PRIVILEGED, &problem, "remove it, and add only the capabilities that the app needs");
    }
}

fn check_escalation(report: &mut Report<'_>, escalation: Field<'_, bool>, fix: &str) {
    if report.standard.forbids_escalation() && escalation.value != Some(false) {
        let problem = [
            "it must set securityContext.allowPrivilegeEscalation=false, but that is ",
            if escalation.value.is_some() { "true" } else { "not set" },
            ": a set-user-ID program such as sudo can make it root",
        ];
        report.add_as(Forbidden::InRestricted, &escalation, &PRIVILEGE_ESCALATION, &problem, fix);
    }
}

fn check_proc_mount(report: &mut Report<'_>, proc_mount: Field<'_, &str>) {
    if let Some(value) = proc_mount.value.filter(|value| *value != "Default")
        && let Some(forbidden) = report.standard.forbids_proc_mount()
    {
        let shows = ", which shows parts of /proc that the runtime hides";
        let problem = ["it must not set securityContext.procMount to ", &quoted(value), shows];
        report.add_as(forbidden, &proc_mount, &PROC_MOUNT, &problem, "remove it");
    }
}

/// The same for a pod and a container.
pub(crate) fn check_host_process(report: &mut Report<'_>, host_process: Field<'_, bool>) {
    if host_process.value == Some(true) {
        let problem =
            "it must not set securityContext.windowsOptions.hostProcess=true, which runs it on the node itself";
        report.add(&host_process, &HOST_PROCESS, &[problem], "remove it");
    }
}
