//! The caches of package managers, and the ways in which a step empties them.

use shared::process::{Arg, InstallerAction, InstallerCall, Invocation};

/// Where a package manager keeps what it downloads.
pub(crate) struct Cache {
    /// The installer.
    pub(crate) of: &'static str,
    /// The directories, without the home directory.
    directories: &'static [&'static str],
    /// Options with which it keeps nothing, and variables with the same effect.
    without: &'static [&'static str],
    /// The step must fetch lists for it to keep them.
    by_update: bool,
    /// What is kept.
    pub(crate) what: &'static str,
    /// How a step leaves nothing.
    pub(crate) fix: &'static str,
}

/// The caches. Sources: the manuals; Debian's images, which empty `/var/cache/apt` after every install, but keep the lists.
pub(crate) static CACHES: [Cache; 7] = [
    Cache {
        of: "apt",
        directories: &["/var/lib/apt/lists"],
        without: &[],
        by_update: true,
        what: "the lists of apt",
        fix: "append \"&& rm -rf /var/lib/apt/lists/*\"",
    },
    Cache {
        of: "apk",
        directories: &["/var/cache/apk", "/etc/apk/cache"],
        without: &["--no-cache"],
        by_update: false,
        what: "the index of apk",
        fix: "use \"apk add --no-cache\" alone",
    },
    Cache {
        of: "dnf",
        directories: &["/var/cache/dnf", "/var/cache/yum", "/var/cache/tdnf", "/var/cache/libdnf5"],
        without: &[],
        by_update: false,
        what: "the cache of dnf",
        fix: "append \"&& dnf clean all\", or the same of yum",
    },
    Cache {
        of: "zypper",
        directories: &["/var/cache/zypp"],
        without: &[],
        by_update: false,
        what: "the cache of zypper",
        fix: "append \"&& zypper clean --all\"",
    },
    Cache {
        of: "pip",
        directories: &[".cache/pip"],
        without: &["--no-cache-dir", "--no-cache", "PIP_NO_CACHE_DIR"],
        by_update: false,
        what: "the cache of pip",
        fix: "use \"pip install --no-cache-dir\"",
    },
    Cache {
        of: "npm",
        directories: &[".npm", ".npm/_cacache"],
        without: &["--cache"],
        by_update: false,
        what: "the cache of npm",
        fix: "append \"&& npm cache clean --force\"",
    },
    Cache {
        of: "yarn",
        directories: &["/usr/local/share/.cache/yarn", ".cache/yarn", ".yarn/cache"],
        without: &["--cache-folder"],
        by_update: false,
        what: "the cache of yarn",
        fix: "append \"&& yarn cache clean\"",
    },
];

/// A cache while a step runs.
pub(crate) struct State {
    pub(crate) cache: &'static Cache,
    has_lists: bool,
    pub(crate) is_kept: bool,
}

impl State {
    pub(crate) const fn of(cache: &'static Cache) -> Self {
        Self { cache, has_lists: false, is_kept: false }
    }

    /// Follows a call.
    pub(crate) fn see(&mut self, invocation: &Invocation<'_>, call: Option<&InstallerCall<'_>>) {
        let Self { cache, .. } = *self;
        if cache.is_emptied(invocation) {
            (self.has_lists, self.is_kept) = (false, false);
            return;
        }
        let Some(call) = call.filter(|call| call.installer.name == cache.of) else { return };
        match call.action {
            // Without an install, the step is one that only updates.
            InstallerAction::Update => self.has_lists = true,
            InstallerAction::Clean => (self.has_lists, self.is_kept) = (false, false),
            InstallerAction::Install | InstallerAction::Upgrade => {
                let is_without = cache.without.iter().any(|option| call.has(option));
                self.is_kept |= self.has_lists || !cache.by_update && !is_without;
            }
            InstallerAction::Remove => {}
        }
    }
}

impl Cache {
    /// Returns `true` if a cache of the build stands in for the directory, as far as the flags of the step show.
    pub(crate) fn is_mounted(&self, flags: &str) -> bool {
        flags.split_whitespace().filter_map(|flag| flag.strip_prefix("--mount=")).any(|mount| {
            let mut is_cache = false;
            let mut target = "";
            for part in mount.split(',') {
                match part.split_once('=').unwrap_or((part, "")) {
                    ("type", kind) => is_cache = matches!(kind, "cache" | "tmpfs"),
                    ("target" | "dst" | "destination", path) => target = path,
                    _ => {}
                }
            }
            is_cache && self.is_covered(target)
        })
    }

    /// Returns `true` if a variable keeps the installer from filling the cache.
    pub(crate) fn is_off(&self, env: &[(&str, &str)], script: &str) -> bool {
        self.without.iter().any(|name| {
            !name.starts_with('-')
                && (env.iter().any(|(known, value)| known == name && !value.is_empty()) || script.contains(name))
        })
    }

    /// Returns `true` for a call that removes the directory or what is in it.
    fn is_emptied(&self, invocation: &Invocation<'_>) -> bool {
        let words = || invocation.arguments.iter().map(Arg::text);
        match invocation.program {
            "rm" => words().filter(|word| !word.starts_with('-')).any(|path| self.is_covered(path)),
            "find" => {
                words().any(|word| matches!(word, "-delete" | "rm"))
                    && words().take_while(|word| !word.starts_with('-')).any(|path| self.is_covered(path))
            }
            _ => false,
        }
    }

    /// Returns `true` if a path is one of the directories, around it, or a pattern in it. One that begins with a variable may be.
    fn is_covered(&self, path: &str) -> bool {
        let path = without_home(path.trim_matches('"'));
        let Some((prefix, _)) = path.split_once(['*', '?', '[', '{', '$']) else {
            let path = path.strip_suffix('/').unwrap_or(path);
            let is_around = |rest: &str| rest.is_empty() || rest.starts_with('/');
            return self.directories.iter().any(|directory| directory.strip_prefix(path).is_some_and(is_around));
        };
        if prefix.is_empty() {
            return path.starts_with('$');
        }
        self.directories.iter().any(|directory| directory.starts_with(prefix) || prefix.starts_with(directory))
    }
}

/// A path without the home directory before it.
fn without_home(path: &str) -> &str {
    for home in ["~/", "$HOME/", "${HOME}/", "/root/"] {
        if let Some(rest) = path.strip_prefix(home) {
            return rest;
        }
    }
    let user = path.strip_prefix("/home/").and_then(|rest| rest.split_once('/'));
    user.map_or(path, |(_, rest)| rest)
}
