//! The profiles by which the kernel restricts a pod: seccomp, `AppArmor` and `SELinux`.

use shared::pod::Annotation;
use shared::prelude::*;

use crate::standard::Forbidden;
use crate::words::{Report, Values, quoted};
use crate::{APP_ARMOR, SECCOMP, SELINUX};

const SECCOMP_OF_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_OF_CONTAINER: &str = "container.seccomp.security.alpha.kubernetes.io/";
const APP_ARMOR_OF_CONTAINER: &str = "container.apparmor.security.beta.kubernetes.io/";

pub(crate) fn check_pod(report: &mut Report<'_>, pod: &Pod<'_>, annotations: &[Annotation<'_>]) -> Checked {
    check_seccomp(report, pod.seccomp_profile()?);
    let mut app_armor = AppArmor::of(pod.app_armor_profile()?);
    for annotation in annotations {
        if annotation.key == SECCOMP_OF_POD {
            check_seccomp_annotation(report, annotation, annotation.field);
        }
        let of_container = annotation.key.strip_prefix(APP_ARMOR_OF_CONTAINER);
        if of_container.is_some() && pod.containers().iter().all(|container| container.name() != of_container) {
            app_armor.add(annotation, annotation.field);
        }
    }
    app_armor.report(report);
    check_selinux(report, pod.selinux_type()?, pod.selinux_user()?, pod.selinux_role()?);
    Ok(())
}

pub(crate) fn check_container(
    report: &mut Report<'_>,
    pod: &Pod<'_>,
    container: &Container<'_>,
    annotations: &[Annotation<'_>],
) -> Checked {
    let seccomp = container.seccomp_profile()?;
    check_seccomp(report, seccomp);
    // What a pod forbids itself is found there.
    if report.standard.requires_seccomp() && seccomp.or(pod.seccomp_profile()?).value.is_none() {
        let problem = "pod or container must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\": \
            system calls may not be filtered";
        let fix = "set it to \"RuntimeDefault\"";
        report.add_as(Forbidden::InRestricted, &seccomp, &SECCOMP, &[problem], fix);
    }
    let mut app_armor = AppArmor::of(container.app_armor_profile()?);
    for annotation in annotations {
        let is_about = |begin| container.name().is_some() && annotation.key.strip_prefix(begin) == container.name();
        if is_about(SECCOMP_OF_CONTAINER) {
            check_seccomp_annotation(report, annotation, container.own(annotation.field));
        }
        if is_about(APP_ARMOR_OF_CONTAINER) {
            app_armor.add(annotation, container.own(annotation.field));
        }
    }
    app_armor.report(report);
    check_selinux(report, container.selinux_type()?, container.selinux_user()?, container.selinux_role()?);
    Ok(())
}

fn check_seccomp(report: &mut Report<'_>, field: Field<'_, &str>) {
    if let Some(profile) = field.value.filter(|profile| report.standard.forbids_seccomp(profile)) {
        let problem = ["it must not set securityContext.seccompProfile.type to ", &quoted(profile), UNFILTERED];
        report.add(&field, &SECCOMP, &problem, "set it to \"RuntimeDefault\"");
    }
}

const UNFILTERED: &str = ", which does not filter system calls";

/// The field is the annotation as one of the pod, or of the container that it is about.
fn check_seccomp_annotation(report: &mut Report<'_>, annotation: &Annotation<'_>, field: Field<'_, &str>) {
    let value = field.value.unwrap_or_default();
    let is_allowed = matches!(value, "runtime/default" | "docker/default") || value.starts_with("localhost/");
    if report.standard.has_seccomp_annotations() && !is_allowed {
        let problem = ["forbidden annotation ", &shown(annotation), UNFILTERED];
        report.add(&field, &SECCOMP, &problem, "set it to \"runtime/default\"");
    }
}

/// An annotation as Pod Security shows it.
fn shown(annotation: &Annotation<'_>) -> String {
    [&plain(annotation.key), "=", &quoted(annotation.field.value.unwrap_or_default())].concat()
}

/// The profile of `AppArmor` of a pod or a container, and annotations about it.
struct AppArmor<'a> {
    place: Field<'a, &'a str>,
    forbidden: Values,
}

impl<'a> AppArmor<'a> {
    fn of(field: Field<'a, &'a str>) -> Self {
        let mut forbidden = Values::default();
        if let Some(profile) = field.value.filter(|profile| !matches!(*profile, "RuntimeDefault" | "Localhost")) {
            forbidden.add(quoted(profile));
        }
        Self { place: field, forbidden }
    }

    fn add(&mut self, annotation: &Annotation<'_>, field: Field<'a, &'a str>) {
        let value = field.value.unwrap_or_default();
        if !matches!(value, "" | "runtime/default") && !value.starts_with("localhost/") {
            if self.forbidden.is_empty() {
                self.place = field;
            }
            self.forbidden.add(shown(annotation));
        }
    }

    fn report(&self, report: &mut Report<'_>) {
        if !self.forbidden.is_empty() {
            let without = ", which turns off the default profile";
            let problem = ["it must not set AppArmor profile type to ", &self.forbidden.shown(), without];
            report.add(&self.place.with(self.forbidden.all()), &APP_ARMOR, &problem, "remove it");
        }
    }
}

fn check_selinux(report: &mut Report<'_>, domain: Field<'_, &str>, user: Field<'_, &str>, role: Field<'_, &str>) {
    let (mut place, mut forbidden) = (None, Values::default());
    if let Some(name) = domain.value.filter(|name| report.standard.forbids_selinux_type(name)) {
        place = Some(domain);
        forbidden.add(["type ", &quoted(name)].concat());
    }
    for (field, fault) in [(user, "user may not be set"), (role, "role may not be set")] {
        if field.value.is_some_and(|value| !value.is_empty()) {
            place = place.or(Some(field));
            forbidden.add(fault.to_owned());
        }
    }
    if let Some(place) = place {
        let problem = ["it sets forbidden securityContext.seLinuxOptions: ", &forbidden.shown()];
        report.add(&place.with(forbidden.all()), &SELINUX, &problem, "remove them");
    }
}
