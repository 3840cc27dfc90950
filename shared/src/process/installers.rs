//! Calls of programs that install software: package managers of systems and of languages.

use super::argv::Arg;
use super::invocations::Invocation;
use super::text::is_one_of;

/// A program that installs software, by the first words of its calls. Lists are separated by `|`. Sources: the manuals.
#[derive(Debug, PartialEq, Eq)]
pub struct Installer {
    /// What its programs have in common: `apt` for `apt-get` and `aptitude`.
    pub name: &'static str,
    programs: &'static str,
    update: &'static str,
    install: &'static str,
    upgrade: &'static str,
    remove: &'static str,
    clean: &'static str,
    /// Options before and after the words, with a value of their own.
    values: &'static str,
    /// It installs without a word.
    is_alone: bool,
}

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstallerAction {
    /// Fetches the lists of packages.
    Update,
    /// Installs packages.
    Install,
    /// Upgrades what is installed.
    Upgrade,
    /// Removes packages.
    Remove,
    /// Removes what was kept from earlier calls.
    Clean,
}

/// A call of an installer.
#[derive(Debug)]
pub struct InstallerCall<'i> {
    /// The installer.
    pub installer: &'static Installer,
    /// The program: `apt-get`.
    pub program: &'i str,
    /// The word that says what it does; empty for one that does it without.
    pub verb: &'i str,
    /// What it does.
    pub action: InstallerAction,
    arguments: &'i [Arg<'i>],
}

const NONE: Installer = Installer {
    name: "",
    programs: "",
    update: "",
    install: "",
    upgrade: "",
    remove: "",
    clean: "",
    values: "",
    is_alone: false,
};

const INSTALLERS: [Installer; 18] = [
    Installer {
        name: "apt",
        programs: "apt|apt-get|aptitude",
        update: "update",
        install: "install|reinstall|build-dep|satisfy",
        upgrade: "upgrade|dist-upgrade|full-upgrade|safe-upgrade",
        remove: "remove|purge|autoremove|autopurge",
        clean: "distclean",
        values: "-o|--option|-c|--config-file|-t|--target-release|--default-release",
        ..NONE
    },
    Installer {
        name: "apk",
        programs: "apk",
        update: "update",
        install: "add",
        upgrade: "upgrade",
        remove: "del",
        clean: "cache",
        values: "-X|--repository|-p|--root|-t|--virtual|--cache-dir|--arch",
        ..NONE
    },
    Installer {
        name: "dnf",
        programs: "yum|dnf|dnf5|microdnf|tdnf",
        update: "makecache",
        install: "install|localinstall|groupinstall|reinstall",
        upgrade: "update|upgrade|distro-sync",
        remove: "remove|erase|autoremove",
        clean: "clean",
        values: "-c|--installroot|--enablerepo|--disablerepo|--releasever|--setopt",
        ..NONE
    },
    Installer {
        name: "zypper",
        programs: "zypper",
        update: "refresh|ref",
        install: "install|in",
        upgrade: "update|up|dist-upgrade|dup",
        remove: "remove|rm",
        clean: "clean|cc",
        values: "-R|--root",
        ..NONE
    },
    Installer {
        name: "pip",
        programs: "pip",
        install: "install",
        remove: "uninstall",
        clean: "cache",
        values: "--proxy|--cache-dir|--log|--python|--trusted-host|-r|--requirement|-c|--constraint|-i|--index-url|-e",
        ..NONE
    },
    Installer { name: "pipx", programs: "pipx", install: "install|run", ..NONE },
    Installer {
        name: "poetry",
        programs: "poetry",
        install: "install|add|sync",
        upgrade: "update",
        clean: "cache",
        values: "-C|--directory|-P|--project",
        ..NONE
    },
    Installer {
        name: "pipenv",
        programs: "pipenv",
        install: "install|sync",
        upgrade: "update",
        values: "--python",
        ..NONE
    },
    Installer {
        name: "conda",
        programs: "conda|mamba|micromamba",
        install: "install|create",
        upgrade: "update",
        remove: "remove",
        clean: "clean",
        values: "-n|--name|-p|--prefix|-c|--channel|-f|--file",
        ..NONE
    },
    Installer {
        name: "npm",
        programs: "npm",
        install: "install|i|ci|add",
        upgrade: "update",
        remove: "uninstall|remove|rm",
        clean: "cache",
        values: "--prefix|-C|--registry|--cache",
        ..NONE
    },
    Installer {
        name: "pnpm",
        programs: "pnpm",
        install: "install|i|add",
        upgrade: "update",
        clean: "store",
        values: "-C|--dir|--filter|-F",
        ..NONE
    },
    Installer {
        name: "yarn",
        programs: "yarn|yarnpkg",
        install: "install|add",
        clean: "cache",
        values: "--cwd|--registry|--cache-folder",
        is_alone: true,
        ..NONE
    },
    Installer { name: "bun", programs: "bun", install: "install|i|add", upgrade: "update", values: "--cwd", ..NONE },
    Installer { name: "gem", programs: "gem", install: "install", upgrade: "update", ..NONE },
    Installer {
        name: "bundle",
        programs: "bundle|bundler",
        install: "install",
        upgrade: "update",
        values: "--gemfile",
        is_alone: true,
        ..NONE
    },
    Installer {
        name: "composer",
        programs: "composer",
        install: "install|require",
        upgrade: "update",
        values: "-d|--working-dir",
        ..NONE
    },
    Installer { name: "", programs: "cargo|go", install: "install|get", values: "-C", ..NONE },
    Installer {
        name: "git",
        programs: "git",
        install: "clone",
        upgrade: "pull",
        values: "-c|-C|--git-dir|--work-tree|--namespace",
        ..NONE
    },
];

/// Options with which nothing is installed.
const HARMLESS: &str = "--help|--version|--dry-run|--simulate|--no-install";

impl Installer {
    /// Returns `true` if it installs packages of the operating system.
    #[must_use]
    pub fn is_of_system(&self) -> bool {
        matches!(self.name, "apt" | "apk" | "dnf" | "zypper")
    }
}

impl<'i> InstallerCall<'i> {
    /// The call of an installer that an invocation is.
    #[must_use]
    pub fn of(invocation: &'i Invocation<'i>) -> Option<Self> {
        let Invocation { mut program, mut arguments, .. } = *invocation;
        // `python3 -m pip install`
        if let (true, [first, second, rest @ ..]) = (is_version_of(program, "python"), arguments)
            && (first.known(), second.known()) == (Some("-m"), Some("pip"))
        {
            (program, arguments) = ("pip", rest);
        }
        if only_tries(arguments) {
            return None;
        }
        let named = |installer: &&Installer| {
            is_one_of(program, installer.programs) || installer.name == "pip" && is_version_of(program, "pip")
        };
        let installer = INSTALLERS.iter().find(named)?;
        let Some(verb) = words(arguments, installer.values).next() else {
            let action = InstallerAction::Install;
            return installer.is_alone.then_some(Self { installer, program, verb: "", action, arguments });
        };
        let actions = [
            (installer.update, InstallerAction::Update),
            (installer.install, InstallerAction::Install),
            (installer.upgrade, InstallerAction::Upgrade),
            (installer.remove, InstallerAction::Remove),
            (installer.clean, InstallerAction::Clean),
        ];
        let (_, action) = actions.into_iter().find(|(verbs, _)| is_one_of(verb, verbs))?;
        Some(Self { installer, program, verb, action, arguments })
    }

    /// What it is to install or remove: packages with their versions, files and addresses; `$` for one that is not known.
    pub fn operands(&self) -> impl Iterator<Item = &'i str> {
        words(self.arguments, self.installer.values).skip(usize::from(!self.verb.is_empty()))
    }

    /// Returns `true` if it is called with this option, alone or with a value after `=`.
    #[must_use]
    pub fn has(&self, option: &str) -> bool {
        self.option(option).is_some()
    }

    /// The value of an option: after `=`, or the next word; empty if there is none.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&'i str> {
        let mut rest = self.arguments.iter().map(Arg::text);
        while let Some(word) = rest.next() {
            match word.strip_prefix(name) {
                Some("") => return Some(rest.next().unwrap_or_default()),
                Some(value) if value.starts_with('=') => return value.get(1..),
                _ => {}
            }
        }
        None
    }
}

/// Returns `true` if a call changes nothing, whatever its words.
#[must_use]
pub fn only_tries(arguments: &[Arg<'_>]) -> bool {
    arguments.iter().filter_map(Arg::known).any(|word| is_one_of(word, HARMLESS))
}

/// Returns `true` for `pip`, `pip3` and `pip3.12`, by the name `pip`.
#[must_use]
pub fn is_version_of(program: &str, name: &str) -> bool {
    program.strip_prefix(name).is_some_and(|version| version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

/// The words of a call that are neither options nor values of these options; `$` for one that is not known.
pub fn words<'i>(arguments: &'i [Arg<'i>], values: &'static str) -> impl Iterator<Item = &'i str> {
    let mut is_value = false;
    arguments.iter().map(|word| word.known().unwrap_or("$")).filter(move |word| {
        let is_operand = !is_value && !word.starts_with('-');
        is_value = !word.is_empty() && is_one_of(word, values);
        is_operand
    })
}
