//! The capabilities of a container.

use shared::pod::Capabilities;
use shared::prelude::*;

use crate::CAPABILITIES;
use crate::standard::{Forbidden, Standard};
use crate::words::{Report, Values, quoted, spelling};

/// The capabilities that containers have by default. Source: containerd, `defaultUnixCaps`.
const DEFAULT: [&str; 14] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// The capabilities that are not as they must be.
#[derive(Default)]
struct Faults {
    not_dropped: Values,
    added: Values,
    /// Of those added, the ones that only have to be spelled in another way.
    misspelled: Values,
    /// The other ones.
    removable: Values,
}

pub(crate) fn check(report: &mut Report<'_>, container: &Container<'_>) -> Checked {
    let Capabilities { add, drop, field } = container.capabilities()?;
    let mut faults = Faults::default();
    let forbidden = faults.find(report.standard, &add, &drop);
    let must = [
        faults.not_dropped.within("set securityContext.capabilities.drop=[", "]"),
        faults.added.within("not include ", " in securityContext.capabilities.add"),
    ];
    let must = joined(&must, " and must ");
    if !must.is_empty() {
        let fix = [
            faults.not_dropped.within(if drop.is_empty() { "set drop to [" } else { "add to drop: [" }, "]"),
            faults.removable.within("remove from add ", ""),
            faults.misspelled.within("spell ", ""),
        ];
        let runs = effective(&add, &drop, container.privileged()?.value == Some(true));
        let problem = ["it must ", &must, ": it ", &runs, &hint(&add, &drop)];
        let value = faults.not_dropped.and(faults.added);
        report.add_as(forbidden, &field.with(value.all()), &CAPABILITIES, &problem, &joined(&fix, ", and "));
    }
    Ok(())
}

impl Faults {
    /// Finds the faults, and the profiles that forbid the additions.
    fn find(&mut self, standard: &Standard<'_>, add: &[&str], drop: &[&str]) -> Forbidden {
        let mut forbidden = Forbidden::InRestricted;
        for name in add {
            let Some(by) = standard.forbids_capability(name) else { continue };
            if by == Forbidden::InBoth {
                forbidden = by;
            }
            self.added.add(quoted(name));
            match spelling(name).filter(|right| standard.forbids_capability(right).is_none()) {
                Some(right) => self.misspelled.add([&quoted(name), " as ", &*right].concat()),
                None => self.removable.add(quoted(name)),
            }
        }
        if standard.requires_drops() && !drop.contains(&"ALL") {
            let must_drop = standard.settings.capabilities.must_drop.iter().map(String::as_str);
            must_drop.filter(|name| !drop.contains(name)).for_each(|name| self.not_dropped.add(quoted(name)));
        }
        forbidden
    }
}

/// Those of the parts that are not empty.
fn joined(parts: &[String], between: &str) -> String {
    let mut text = String::new();
    for part in parts.iter().filter(|part| !part.is_empty()) {
        text = [text.as_str(), if text.is_empty() { "" } else { between }, part].concat();
    }
    text
}

/// The capabilities that a container runs with, as a sentence. Additions come after `drop: [ALL]`, and each drop after them.
/// Source: containerd, `WithCapabilities` of the CRI plugin.
fn effective(add: &[&str], drop: &[&str], is_privileged: bool) -> String {
    if is_privileged {
        return "is privileged and has all capabilities anyway".to_owned();
    }
    let has = |names: &[&str], name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    let (all, none) = (has(add, "ALL"), has(drop, "ALL"));
    let is_there = |name: &str| !none && (all || has(&DEFAULT, name));
    let (mut without, mut extra) = (Values::default(), Values::default());
    for name in drop {
        if is_there(name) && !name.eq_ignore_ascii_case("ALL") {
            without.add(plain(name).into_owned());
        }
    }
    for name in add {
        if !is_there(name) && !name.eq_ignore_ascii_case("ALL") && !has(drop, name) {
            extra.add(plain(name).into_owned());
        }
    }
    let start = match (all, none) {
        (_, true) if extra.is_empty() => "no capabilities",
        (_, true) => "",
        (true, _) => "all capabilities",
        _ => "the default 14 capabilities",
    };
    let (but, and) =
        (if without.is_empty() { "" } else { " without " }, if extra.is_empty() || none { "" } else { " and " });
    ["runs with ", start, but, &without.shown(), and, &extra.shown()].concat()
}

/// The first capability that is spelled in another way than in Kubernetes.
fn hint(add: &[&str], drop: &[&str]) -> String {
    let found = add.iter().chain(drop).find_map(|name| Some((name, spelling(name)?)));
    let say =
        |(name, right): (&&str, String)| [", and Kubernetes spells ", &quoted(name), " as ", &*plain(&right)].concat();
    found.map(say).unwrap_or_default()
}
