//! Programs that install software.

/// A program that installs, the first words by which it does, and its options before them that take a value.
pub(crate) struct Installer {
    pub(crate) programs: &'static [&'static str],
    pub(crate) verbs: &'static [&'static str],
    pub(crate) values: &'static [&'static str],
    /// It installs without a word.
    pub(crate) alone: bool,
}

const fn row(
    programs: &'static [&'static str],
    verbs: &'static [&'static str],
    values: &'static [&'static str],
) -> Installer {
    Installer { programs, verbs, values, alone: false }
}

const fn alone(
    programs: &'static [&'static str],
    verbs: &'static [&'static str],
    values: &'static [&'static str],
) -> Installer {
    Installer { programs, verbs, values, alone: true }
}

/// Installers. Sources: their manuals.
pub(crate) const INSTALLERS: [Installer; 18] = [
    row(&["apt", "apt-get", "aptitude"], &["install", "upgrade", "dist-upgrade", "full-upgrade"], &["-o", "-c", "-t"]),
    row(&["apk"], &["add", "upgrade"], &["-X", "--repository", "-p", "--root"]),
    row(
        &["yum", "dnf", "microdnf", "tdnf"],
        &["install", "update", "upgrade", "localinstall", "groupinstall"],
        &["-c", "--installroot", "--enablerepo", "--disablerepo"],
    ),
    row(&["zypper"], &["install", "in", "update", "up"], &["-R", "--root"]),
    row(&["pip", "pip3"], &["install"], &["--proxy", "--cache-dir", "--log", "--python", "--trusted-host"]),
    row(&["pipx"], &["install", "run"], &[]),
    row(&["poetry"], &["install", "update", "add", "sync"], &["-C", "--directory", "-P", "--project"]),
    row(&["pipenv"], &["install", "sync", "update"], &["--python"]),
    row(&["conda", "mamba", "micromamba"], &["install", "create", "update"], &[]),
    row(&["npm"], &["install", "i", "ci", "add", "update"], &["--prefix", "-C", "--registry", "--cache"]),
    row(&["pnpm"], &["install", "i", "add", "update"], &["-C", "--dir", "--filter", "-F"]),
    alone(&["yarn"], &["install", "add"], &["--cwd", "--registry"]),
    row(&["bun"], &["install", "i", "add", "update"], &["--cwd"]),
    row(&["gem"], &["install", "update"], &[]),
    alone(&["bundle"], &["install", "update"], &["--gemfile"]),
    row(&["composer"], &["install", "update", "require"], &["-d", "--working-dir"]),
    row(&["cargo", "go"], &["install", "get"], &["-C"]),
    row(&["git"], &["clone", "pull"], &["-c", "-C", "--git-dir", "--work-tree", "--namespace"]),
];

/// Two words of which the second makes the first an installer.
pub(crate) const PAIRS: [(&str, &str, &str); 7] = [
    ("uv", "pip", "install"),
    ("uv", "pip", "sync"),
    ("uv", "tool", "install"),
    ("uv", "sync", ""),
    ("uv", "add", ""),
    ("conda", "env", "create"),
    ("conda", "env", "update"),
];

/// Programs that download what they are given an address of.
pub(crate) const DOWNLOADERS: [&str; 2] = ["curl", "wget"];

/// Programs that run what they read.
pub(crate) const INTERPRETERS: [&str; 9] = ["sh", "bash", "dash", "ash", "zsh", "ksh", "python", "perl", "ruby"];

/// Options with which nothing is installed.
pub(crate) const HARMLESS: [&str; 5] = ["--help", "--version", "--dry-run", "--simulate", "--no-install"];
