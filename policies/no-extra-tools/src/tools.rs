//! The tools, by their programs and packages.

use shared::process::is_one_of;

use crate::settings::Settings;

/// The rule that a tool breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    RemoteAccess,
    Extra,
}

/// A tool. Lists are separated by `|`.
struct Tool {
    kind: Kind,
    /// Its programs; the first is its name in settings.
    programs: &'static str,
    /// Its packages; those of one package manager with its name: `apk/openssh`. Sources: the indices of the distributions.
    packages: &'static str,
}

const fn remote(programs: &'static str, packages: &'static str) -> Tool {
    Tool { kind: Kind::RemoteAccess, programs, packages }
}

const fn extra(programs: &'static str, packages: &'static str) -> Tool {
    Tool { kind: Kind::Extra, programs, packages }
}

const TOOLS: [Tool; 20] = [
    remote("nc|netcat|nc.openbsd|nc.traditional", "nc|netcat|netcat-openbsd|netcat-traditional|gnu-netcat"),
    remote("ncat", "ncat|nmap-ncat"),
    remote("socat", "socat"),
    remote("telnet", "telnet|inetutils-telnet|busybox-extras"),
    remote("telnetd|in.telnetd|utelnetd", "telnetd|telnet-server|inetutils-telnetd|telnetd-ssl"),
    // Of other package managers, openssh is what client and server have in common.
    remote("sshd", "openssh-server|apt/ssh|apk/openssh|zypper/openssh"),
    remote("dropbear", "dropbear|dropbear-bin|dropbear-run"),
    remote("nmap", "nmap"),
    extra("curl", "curl|curl-minimal"),
    extra("wget|wget2", "wget|wget2"),
    extra("sudo", "sudo"),
    extra("gcc|cc|g++|c++", "gcc|g++|gcc-c++|build-essential|build-base|base-devel"),
    extra("clang|clang++", "clang"),
    extra("make|gmake", "make"),
    extra("vim|vim.tiny|nvim", "vim|vim-tiny|vim-minimal|vim-enhanced|vim-nox|neovim"),
    extra("nano", "nano"),
    extra("emacs", "emacs|emacs-nox"),
    extra("strace", "strace"),
    extra("gdb", "gdb"),
    extra("tcpdump", "tcpdump"),
];

/// The names of the well-known tools.
pub(crate) fn names(kind: Kind) -> impl Iterator<Item = &'static str> {
    TOOLS.iter().filter(move |tool| tool.kind == kind).map(Tool::name)
}

/// The rule that a program breaks.
pub(crate) fn of_program(settings: &Settings, program: &str) -> Option<Kind> {
    find(settings, program, &|tool| is_one_of(program, tool.programs))
}

/// The rule that a package breaks. `package` has no version; `installer` is what installs it.
pub(crate) fn of_package(settings: &Settings, installer: &str, package: &str) -> Option<Kind> {
    let known = |tool: &Tool| {
        tool.packages.split('|').any(|known| match known.split_once('/') {
            Some((of, known)) => of == installer && known == package,
            None => known == package,
        })
    };
    find(settings, package, &known)
}

/// Returns `true` if the package brings this program.
pub(crate) fn has_program(package: &str, program: &str) -> bool {
    package == program
        || TOOLS.iter().any(|tool| {
            is_one_of(program, tool.programs)
                && tool.packages.split('|').any(|known| known.rsplit('/').next() == Some(package))
        })
}

fn find(settings: &Settings, name: &str, is: &dyn Fn(&Tool) -> bool) -> Option<Kind> {
    let added = |kind: Kind| settings.changes(kind).add.iter().any(|added| added == name);
    if let Some(kind) = [Kind::RemoteAccess, Kind::Extra].into_iter().find(|kind| added(*kind)) {
        return Some(kind);
    }
    let tool = TOOLS.iter().find(|tool| is(tool))?;
    let is_removed = settings.changes(tool.kind).remove.iter().any(|removed| removed == tool.name());
    (!is_removed).then_some(tool.kind)
}

impl Tool {
    fn name(&self) -> &'static str {
        self.programs.split('|').next().unwrap_or_default()
    }
}
