//! Tools that steps of an image install and keep.

use shared::image::history::History;
use shared::prelude::*;
use shared::process::{Arg, Budget, InstallerAction, InstallerCall, Invocation, step_invocations, words};

use crate::settings::Settings;
use crate::tools::{self, Kind};

/// The tools that own steps install and keep: the step, and the package.
pub(crate) struct Installed(Vec<(usize, Package)>);

/// A package of a tool.
struct Package {
    kind: Kind,
    name: String,
    /// The name under which apk installs several: `.build-deps`.
    group: String,
    /// A later call says that it is to stay.
    is_manual: bool,
}

/// What a step has installed so far.
struct Layer<'s> {
    settings: &'s Settings,
    packages: Vec<Package>,
    /// What the step installed goes with the next automatic removal.
    is_automatic: bool,
}

impl Installed {
    pub(crate) fn of(settings: &Settings, history: &History<'_>, budget: &Budget) -> Self {
        let mut installed = Vec::new();
        for (index, step) in history.steps.iter().enumerate().skip(history.base) {
            let Some(command) = step.command() else { continue };
            let mut layer = Layer { settings, packages: Vec::new(), is_automatic: false };
            step_invocations(&command, budget, &mut |invocation| layer.see(invocation));
            installed.extend(layer.packages.into_iter().map(|package| (index, package)));
        }
        Self(installed)
    }

    /// A finding about the tools of one kind.
    pub(crate) fn found(&self, history: &History<'_>, kind: Kind, rule: &'static Rule) -> Option<Found> {
        let mut of_kind = self.0.iter().filter(|(_, package)| package.kind == kind);
        let (first, package) = of_kind.next()?;
        let mut names = vec![&package.name];
        for (_, package) in of_kind {
            if !names.contains(&&package.name) {
                names.push(&package.name);
            }
        }
        let shown: Vec<_> = names.iter().take(3).map(|name| quote(name).to_string()).collect();
        let more = if names.len() > 3 { ", …" } else { "" };
        let problem =
            format!("{} installs {}{more}, which an intruder can use", history.named(*first), shown.join(", "));
        Some(rule.found(problem, "leave it out, and debug by kubectl debug"))
    }
}

impl Layer<'_> {
    fn see(&mut self, invocation: &Invocation<'_>) {
        match invocation.program {
            "rm" => self.remove_programs(invocation),
            "apt-mark" => self.mark(invocation),
            "dpkg" if has_option(invocation, &["-r", "-P", "--remove", "--purge"]) => {
                self.remove(words(invocation.arguments, ""));
            }
            "rpm" if has_option(invocation, &["-e", "--erase"]) => self.remove(words(invocation.arguments, "")),
            _ => {}
        }
        let Some(call) = InstallerCall::of(invocation) else { return };
        if !call.installer.is_of_system() {
            return;
        }
        match call.action {
            InstallerAction::Install => self.install(&call),
            InstallerAction::Remove => {
                self.remove(call.operands());
                let is_automatic = call.has("--auto-remove") || call.verb.starts_with("auto");
                if is_automatic && self.is_automatic {
                    self.packages.retain(|package| package.is_manual);
                }
            }
            _ => {}
        }
    }

    fn install(&mut self, call: &InstallerCall<'_>) {
        let group = call.option("-t").or(call.option("--virtual")).unwrap_or_default();
        for operand in call.operands() {
            let name = without_version(operand);
            if let Some(kind) = tools::of_package(self.settings, call.installer.name, name) {
                let (name, group) = (name.to_owned(), group.to_owned());
                self.packages.push(Package { kind, name, group, is_manual: false });
            }
        }
    }

    /// Removes packages. What is not known may be any of them.
    fn remove<'o>(&mut self, operands: impl Iterator<Item = &'o str>) {
        for operand in operands {
            let name = without_version(operand);
            let is_all = name.contains('$');
            let prefix = name.strip_suffix('*');
            self.packages.retain(|package| {
                let is_named = package.name == name || package.group == operand;
                let has_prefix = prefix.is_some_and(|prefix| package.name.starts_with(prefix));
                !is_all && !is_named && !has_prefix
            });
        }
    }

    /// Removes the packages of programs that `rm` removes.
    fn remove_programs(&mut self, invocation: &Invocation<'_>) {
        for path in invocation.arguments.iter().filter_map(Arg::known) {
            let Some((_, program)) = path.rsplit_once('/') else { continue };
            self.packages.retain(|package| !tools::has_program(&package.name, program));
        }
    }

    /// `apt-mark auto '.*'` and `apt-mark manual curl`, by which Debian's images drop what a build needed.
    fn mark(&mut self, invocation: &Invocation<'_>) {
        let mut operands = words(invocation.arguments, "");
        match operands.next() {
            Some("auto") => self.is_automatic = true,
            Some("manual") => {
                for name in operands {
                    for package in self.packages.iter_mut().filter(|package| package.name == name) {
                        package.is_manual = true;
                    }
                }
            }
            _ => {}
        }
    }
}

fn has_option(invocation: &Invocation<'_>, options: &[&str]) -> bool {
    invocation.arguments.iter().any(|word| options.contains(&word.text()))
}

/// The name of a package: of `curl=7.88`, `curl>8`, `curl@edge`, `curl:amd64` and `curl-7.61.1-34.el8`.
fn without_version(operand: &str) -> &str {
    let name = operand.split(['=', '<', '>', '~', '@', ':']).next().unwrap_or_default();
    let mut versions = name.match_indices('-').filter(|(at, _)| {
        name.get(at.saturating_add(1)..).is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    });
    versions.next().and_then(|(at, _)| name.get(..at)).unwrap_or(name)
}
