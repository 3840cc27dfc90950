//! Every list of names of the classifier, with the source of each row.
//!
//! Names are compared with the last path component, exactly. A row marked *measured* was run as PID 1 of its own
//! PID namespace (Debian 12).

use super::dialect::Shell;

/// The option syntax of a program that starts another one, needed to find the other one.
pub(super) struct Launcher {
    /// Its name.
    pub(super) name: &'static str,
    /// Short options without a value.
    pub(super) flags: &'static str,
    /// Short options with a value.
    pub(super) values: &'static str,
    /// Long options that take the next argument, without `--`. All other long options stand alone.
    pub(super) long_values: &'static str,
    /// Operands before the command.
    pub(super) operands: usize,
}

const fn row(
    name: &'static str,
    flags: &'static str,
    values: &'static str,
    long_values: &'static str,
    operands: usize,
) -> Launcher {
    Launcher { name, flags, values, long_values, operands }
}

/// Programs that become the program they start (`execve`). `env` skips its assignments as well.
pub(super) const PREFIXES: &[Launcher] = &[
    row("env", "i0v", "uC", "unset|chdir", 0), // measured; GNU coreutils env(1); -S is not read
    row("nice", "", "n", "adjustment", 0),     // measured; GNU coreutils nice(1)
    row("ionice", "t", "cn", "behaviour|classdata", 0), // measured; util-linux ionice(1)
    row("nohup", "", "", "", 0),               // measured; GNU coreutils nohup(1)
    row("stdbuf", "", "ioe", "input|output|error", 0), // measured; GNU coreutils stdbuf(1)
    row("chroot", "", "", "userspec|groups", 1), // measured; GNU coreutils chroot(1)
    row("taskset", "ac", "", "", 1),           // measured; util-linux taskset(1)
    row("chrt", "abdfiorRv", "TPD", "sched-runtime|sched-period|sched-deadline", 1), // measured; util-linux chrt(1)
    row("prlimit", "", "", "", 0),             // measured; util-linux prlimit(1)
    row("setarch", "vBFILRSTXZ3", "", "", 1),  // measured; util-linux setarch(8)
    row("linux32", "vBFILRSTXZ3", "", "", 0),  // measured; util-linux setarch(8)
    row("linux64", "vBFILRSTXZ3", "", "", 0),  // measured; util-linux setarch(8)
    row(
        "setpriv", // measured; util-linux setpriv(1)
        "d",
        "",
        "ruid|euid|reuid|rgid|egid|regid|groups|inh-caps|ambient-caps|bounding-set|securebits|pdeathsig|selinux-label|apparmor-profile",
        0,
    ),
    row("numactl", "al", "iNCmPp", "interleave|cpunodebind|physcpubind|membind|preferred", 0), // numactl(8)
    row("gosu", "", "", "", 1),                        // tianon/gosu main.go: syscall.Exec
    row("su-exec", "", "", "", 1),                     // ncopa/su-exec su-exec.c: execvp
    row("chpst", "vVP012", "uUbe/nlLmdopfcrt", "", 0), // runit chpst(8)
    row("softlimit", "", "acdfmorst", "", 0),          // daemontools softlimit
    row("setuidgid", "", "", "", 1),                   // daemontools setuidgid
    row("envuidgid", "", "", "", 1),                   // daemontools envuidgid
    row("envdir", "", "", "", 1),                      // daemontools envdir
    row("s6-setuidgid", "", "", "", 1),                // skarnet s6 s6-setuidgid
    row("s6-envdir", "ifnI", "cL", "", 1),             // skarnet s6 s6-envdir
    row("with-contenv", "", "", "", 0),                // just-containers/s6-overlay
    row("cgexec", "", "g", "", 0),                     // libcgroup cgexec(1)
];

/// Programs whose command follows `--`.
pub(super) const PREFIXES_WITH_DASHES: &[&str] = &[
    "aws-vault", // 99designs/aws-vault USAGE.md: aws-vault exec PROFILE -- COMMAND
    "chamber",   // segmentio/chamber README: chamber exec SERVICE -- COMMAND
    "doppler",   // DopplerHQ/cli: doppler run -- COMMAND
];

/// Programs that start another one in a way that their arguments alone do not show.
pub(super) const OPAQUE_LAUNCHERS: &[&str] = &[
    "start-stop-daemon", // dpkg start-stop-daemon(8): with --background it leaves
    "unshare",           // util-linux unshare(1): with --fork it stays
    "sudo",              // sudo(8): forks or not, relays signals or not, by its policy
    "capsh",             // libcap capsh(1): starts bash
    "nsenter",           // util-linux nsenter(1): forks for some namespaces
    "bwrap",             // containers/bubblewrap
    "proot",             // proot-me/proot
    "firejail",          // netblue30/firejail
];

/// `sudo` with its options, for who only wants to know the command. Source: sudo(8).
pub(super) const SUDO: Launcher =
    row("sudo", "ABbEeHiKklnPSsVv", "CDghpRrTtUu", "user|group|host|prompt|chdir|chroot|role|type", 0);

/// Inits: they forward signals to their one child and reap zombies.
pub(super) const INITS: &[Launcher] = &[
    row("tini", "sgvw", "ep", "", 0),              // measured; krallin/tini README
    row("tini-static", "sgvw", "ep", "", 0),       // krallin/tini README
    row("docker-init", "sgvw", "ep", "", 0),       // moby/moby: tini under its Docker name
    row("podman-init", "Pg", "", "", 0),           // containers/podman: catatonit under its Podman name
    row("dumb-init", "cv", "r", "rewrite", 0),     // measured; Yelp/dumb-init README
    row("catatonit", "Pg", "", "", 0),             // measured; openSUSE/catatonit README
    row("pid1", "", "euw", "env|user|workdir", 0), // fpco/pid1 README
];

/// A program that runs several services.
pub(super) struct Manager {
    /// Its name.
    pub(super) name: &'static str,
    /// It is an init as well: as PID 1 it passes signals and reaps zombies.
    pub(super) is_init: bool,
    /// It refuses to run when it is not PID 1.
    pub(super) needs_pid1: bool,
}

const fn init_manager(name: &'static str, needs_pid1: bool) -> Manager {
    Manager { name, is_init: true, needs_pid1 }
}

const fn manager(name: &'static str) -> Manager {
    Manager { name, is_init: false, needs_pid1: false }
}

/// Service managers by name. `init` is judged by its path: see [`INIT_PATHS`].
pub(super) const MANAGERS: &[Manager] = &[
    init_manager("supervisord", false), // supervisord.org, Running Supervisor: reaps, stops its programs on TERM
    init_manager("s6-svscan", false),   // skarnet.org s6-svscan: designed as PID 1
    init_manager("s6-overlay-suexec", true), // just-containers/s6-overlay: "can only run as pid 1"
    init_manager("runsvdir", false),    // smarden.org runit runsvdir(8)
    init_manager("runit", false),       // smarden.org runit(8)
    init_manager("runit-init", true),   // smarden.org runit-init(8): must be PID 1
    init_manager("my_init", false),     // phusion/baseimage-docker README
    init_manager("systemd", true),      // systemd(1): system manager only as PID 1
    init_manager("openrc-init", true),  // OpenRC openrc-init(8)
    init_manager("circusd", false),     // circus-tent/circus docs
    init_manager("monit", false),       // mmonit.com manual, "monit as init"
    init_manager("pm2-runtime", false), // pm2.keymetrics.io, Docker integration
    init_manager("dinit", false),       // davmac314/dinit: as PID 1 or in a container
    init_manager("horust", false),      // FedericoPonzi/Horust: init for containers
    init_manager("pebble", false),      // canonical/pebble: `pebble run`, `pebble enter`
    manager("circus"),                  // circus-tent/circus
    manager("god"),                     // mojombo/god
    manager("bluepill"),                // bluepill-rb/bluepill
    manager("eye"),                     // kostya/eye
    manager("pm2"),                     // Unitech/pm2
    manager("foreman"),                 // ddollar/foreman
    manager("forego"),                  // ddollar/forego
    manager("honcho"),                  // nickstenning/honcho
    manager("overmind"),                // DarthSim/overmind
    manager("hivemind"),                // DarthSim/hivemind
    manager("goreman"),                 // mattn/goreman
    manager("shoreman"),                // chrismytton/shoreman
    manager("nf"),                      // strongloop/node-foreman
    manager("concurrently"),            // open-cli-tools/concurrently
    manager("npm-run-all"),             // mysticatea/npm-run-all
    manager("run-p"),                   // mysticatea/npm-run-all
    manager("parallel"),                // GNU parallel
    manager("multirun"),                // nicolas-van/multirun
    manager("procodile"),               // krystal/procodile
    manager("docker-compose"),          // docker/compose
    manager("dockerd"),                 // moby/moby: a container engine in the container
    manager("containerd"),              // containerd/containerd
];

/// Paths that are an init by convention: s6-overlay, then systemd or its peers. All of them need PID 1.
pub(super) const INIT_PATHS: &[&str] = &["/init", "/sbin/init", "/usr/sbin/init", "/lib/systemd/systemd"];

/// A program that starts the app as its child and loses signals on the way.
pub(super) struct Runner {
    /// Its name.
    pub(super) name: &'static str,
    /// The subcommands that start an app; empty when it always does. After `!`, the subcommands of its own, where every other
    /// word is a script that starts an app.
    pub(super) subcommands: &'static str,
    /// The advice.
    pub(super) advice: &'static str,
}

const fn runner(name: &'static str, subcommands: &'static str, advice: &'static str) -> Runner {
    Runner { name, subcommands, advice }
}

const NODE: &str = "start node or the program of the package script itself";
const JAVA: &str = "start the built archive with java -jar";
const PRIVILEGES: &str = "set securityContext.runAsUser, or use gosu, su-exec or setpriv, which exec";
const DIRECT: &str = "start the program itself";
const BUILT: &str = "build the program into the image and start it itself";
const SERVER: &str = "start the production server itself, without the file watcher";
const SCRIPTS: &str = "start|run|run-script|exec|test|x|dlx|dev|serve";

/// Subcommands of yarn and pnpm that start no app. yarnpkg.com/cli, pnpm.io/pnpm-cli
const PACKAGES: &str = "!add|audit|bin|cache|config|dedupe|deploy|fetch|help|i|import|info|init|install|link|list|login|logout|ls|\
    npm|outdated|owner|pack|patch|plugin|prune|publish|rebuild|remove|rm|root|set|setup|store|unlink|up|\
    update|upgrade|version|versions|why";

/// Runners that lose signals.
pub(super) const LOSSY_RUNNERS: &[Runner] = &[
    runner("npm", SCRIPTS, NODE), // measured with npm 11: the script's dash dies, the app is killed
    runner("npx", "", NODE),      // npm/cli: npm exec
    runner("yarn", PACKAGES, NODE), // measured with 1.22; yarnpkg/berry#5158: exits before its child
    runner("pnpm", PACKAGES, NODE), // measured with 9; pnpm/pnpm#15119
    runner("nodemon", "", SERVER), // remy/nodemon: a watcher with a child
    runner("ts-node-dev", "", SERVER), // wclr/ts-node-dev: a watcher with a child
    runner("su", "", PRIVILEGES), // measured; util-linux su-common.c: see KILLERS
    runner("runuser", "", PRIVILEGES), // measured; the same program as su
    runner("flock", "", DIRECT),  // measured: stays, survives TERM
    runner("script", "", DIRECT), // measured: stays as the parent
    runner("xargs", "", DIRECT),  // measured: stays, survives TERM
    runner("time", "", DIRECT),   // measured: stays, survives TERM
    runner("watch", "", DIRECT),  // measured: ends at once, its child is killed
    runner("strace", "", DIRECT), // measured: stays, survives TERM
    runner("setsid", "", DIRECT), // measured with --wait: stays, passes nothing on
    runner("xvfb-run", "", DIRECT), // Debian xvfb-run: a shell script without exec
    runner("dbus-run-session", "", DIRECT), // measured: stays, survives TERM
    runner("conda", "run", DIRECT), // conda/conda#10351
    runner("gradle", "", JAVA),   // gradle/gradle: the daemon runs the app
    runner("gradlew", "", JAVA),  // gradle/gradle wrapper
    runner("go", "run", BUILT),   // golang/go#40467
    runner("dotnet", "watch", SERVER), // dotnet/aspnetcore#20152
    runner("air", "", SERVER),    // air-verse/air: a watcher with a child
    runner("reflex", "", SERVER), // cespare/reflex: a watcher with a child
    runner("watchexec", "", SERVER), // watchexec/watchexec#140
];

/// Runners of util-linux that pass SIGTERM to their child alone, and kill it two seconds later: measured.
pub(super) const KILLERS: &str = "su|runuser|script";

/// Runners that become the app or pass its signals: name and subcommand.
pub(super) const TRANSPARENT_RUNNERS: &[(&str, &str)] = &[
    ("poetry", "run"),  // python-poetry/poetry: os.execvpe
    ("pipenv", "run"),  // pypa/pipenv: os.execve
    ("bundle", "exec"), // rubygems/rubygems: Kernel.exec
    ("dotnet", "run"),  // dotnet/cli#10781: forwards SIGTERM
    ("uv", "run"),      // astral-sh/uv crates/uv/src/child.rs: forwards signals and waits
];

/// Programs that stay, forward signals to their one child and end with it.
pub(super) const FORWARDERS: &[Launcher] = &[
    row("timeout", "v", "ks", "kill-after|signal", 1), // measured; GNU coreutils timeout(1)
];

/// Shells: name, and the dialect when it has been measured. `sh` follows [`super::options::Options::shell`].
pub(super) const SHELLS: &[(&str, Option<Shell>)] = &[
    ("dash", Some(Shell::Dash)),      // measured: 0.5.12-2
    ("bash", Some(Shell::Bash)),      // measured: 5.2.15
    ("rbash", Some(Shell::Bash)),     // bash(1): restricted
    ("ash", Some(Shell::Ash)),        // measured: BusyBox 1.35
    ("busybox-sh", Some(Shell::Ash)), // BusyBox under its link name
    ("ksh", None),                    // ksh93/ksh
    ("mksh", None),                   // mirbsd.org mksh
    ("zsh", None),                    // zsh.org
    ("yash", None),                   // magicant/yash
    ("fish", None),                   // fish-shell/fish-shell: another language
];

/// Programs of Windows containers.
pub(super) const WINDOWS_SHELLS: &[&str] = &["cmd", "cmd.exe", "powershell", "powershell.exe", "pwsh.exe"];

/// Built-in commands that end at once and start no program. POSIX 2.14 and 2.9.1, bash(1) "Shell builtin commands".
pub(super) const BRIEF_BUILTINS: &str = ":|true|false|[|test|echo|printf|cd|pwd|export|readonly|local|declare|typeset|unset|set|shift|shopt|umask|\
    ulimit|alias|unalias|hash|getopts|read|type|kill|jobs|bg|let|times|enable|break|continue|disown|mapfile|\
    readarray|pushd|popd|dirs|history|caller|complete|bind|fc";

/// Programs that serve a script rather than users: they work on files or a stream and end. They do not count as a
/// second app beside, before or after the app. GNU coreutils, procps, util-linux, package managers and common clients.
/// Sorted: every program is looked up here.
pub(super) const UTILITIES: &[&str] = &[
    "[",
    "apk",
    "apt",
    "apt-get",
    "awk",
    "base64",
    "basename",
    "cat",
    "chgrp",
    "chmod",
    "chown",
    "cksum",
    "cp",
    "curl",
    "cut",
    "date",
    "dd",
    "df",
    "dig",
    "dirname",
    "dnf",
    "du",
    "echo",
    "egrep",
    "env",
    "envsubst",
    "expr",
    "false",
    "fgrep",
    "find",
    "gawk",
    "getent",
    "git",
    "gpg",
    "grep",
    "gunzip",
    "gzip",
    "head",
    "host",
    "hostname",
    "id",
    "install",
    "ip",
    "jq",
    "kill",
    "ldconfig",
    "ln",
    "logger",
    "ls",
    "md5sum",
    "microdnf",
    "mkdir",
    "mkfifo",
    "mktemp",
    "mount",
    "mv",
    "nc",
    "ncat",
    "netcat",
    "nproc",
    "nslookup",
    "openssl",
    "paste",
    "pgrep",
    "ping",
    "pip",
    "pip3",
    "pkill",
    "printenv",
    "printf",
    "ps",
    "pwd",
    "readlink",
    "realpath",
    "rm",
    "rmdir",
    "sed",
    "seq",
    "sha256sum",
    "sleep",
    "sort",
    "ss",
    "stat",
    "stty",
    "sync",
    "sysctl",
    "tac",
    "tail",
    "tar",
    "tee",
    "test",
    "touch",
    "tr",
    "true",
    "uname",
    "uniq",
    "unzip",
    "update-ca-certificates",
    "wc",
    "wget",
    "which",
    "whoami",
    "xargs",
    "yes",
    "yq",
    "yum",
    "zcat",
    "zypper",
];

/// The condition under which a program leaves the foreground by itself.
pub(super) enum Daemonises {
    /// Unless one of these arguments is given.
    Unless(&'static str),
    /// With one of these arguments.
    With(&'static str),
}

use Daemonises::{Unless, With};

/// Words of tools that start a service.
pub(super) const START_WORDS: &str = "start|restart|--full-restart";
const START: Daemonises = With(START_WORDS);

/// Programs that daemonise, or that start a service and leave.
pub(super) const DAEMONS: &[(&str, Daemonises)] = &[
    ("service", START),                                            // init-system-helpers service(8)
    ("rc-service", START),                                         // OpenRC rc-service(8)
    ("systemctl", START),                                          // systemctl(1)
    ("invoke-rc.d", START),                                        // init-system-helpers invoke-rc.d(8)
    ("postfix", START),                                            // postfix(1)
    ("pg_ctl", START),                                             // PostgreSQL pg_ctl
    ("pg_ctlcluster", START),                                      // Debian postgresql-common
    ("pm2", START),                                                // pm2.keymetrics.io
    ("apachectl", Unless(APACHE)),                                 // httpd apachectl(8)
    ("apache2ctl", Unless(APACHE)),                                // Debian apache2ctl(8)
    ("httpd", Unless(APACHE)),                                     // httpd(8); BusyBox httpd -f
    ("apache2", Unless(APACHE)),                                   // Debian apache2(8)
    ("nginx", Unless("daemon off|-t|-T|-s|-v|-V")),                // nginx.org ngx_core_module
    ("lighttpd", Unless("-D")),                                    // lighttpd(8)
    ("cron", Unless("-f")),                                        // Debian cron(8)
    ("crond", Unless("-f|-n|-d")),                                 // BusyBox crond, cronie crond(8)
    ("sshd", Unless("-D|-d|-t|-T")),                               // OpenSSH sshd(8)
    ("dropbear", Unless("-F")),                                    // dropbear(8)
    ("rsyslogd", Unless("-n|-N1")),                                // rsyslogd(8)
    ("syslogd", Unless("-n")),                                     // BusyBox syslogd
    ("supervisord", Unless("-n|--nodaemon")),                      // supervisord.org, Running Supervisor
    ("monit", Unless("-I")),                                       // mmonit.com manual
    ("varnishd", Unless("-F")),                                    // varnishd(1)
    ("dnsmasq", Unless("-k|-d|--keep-in-foreground|--no-daemon")), // dnsmasq(8)
    ("php-fpm", With("-D|--daemonize")),                           // php-fpm(8)
    ("redis-server", With("--daemonize")),                         // redis.io configuration
    ("valkey-server", With("--daemonize")),                        // valkey.io configuration
    ("memcached", With("-d")),                                     // memcached(1)
    ("dbus-daemon", With("--fork|--system")),                      // dbus-daemon(1): system.conf forks
    ("mongod", With("--fork")),                                    // mongodb.com mongod
    ("mysqld", With("-D|--daemonize")),                            // dev.mysql.com mysqld
    ("haproxy", With("-D")),                                       // haproxy(1)
    ("gunicorn", With("-D|--daemon")),                             // docs.gunicorn.org settings
    ("uwsgi", With("-d|--daemonize|--daemonize2")),                // uwsgi-docs, Options
    ("celery", With("-D|--detach|multi")),                         // docs.celeryq.dev, Daemonization
    ("screen", With("-d")),                                        // screen(1): -dm, -d -m
    ("tmux", With("-d")),                                          // tmux(1): new-session -d
    ("start-stop-daemon", With("-b|--background")),                // dpkg start-stop-daemon(8)
];

const APACHE: &str = "-DFOREGROUND|FOREGROUND|-X|-f|-t|-v|-V|-S|graceful|graceful-stop|stop|configtest";

/// Web servers that are controlled by a program of the same name.
pub(super) const CONTROLLED: &str = "nginx|httpd|apache2|apachectl|apache2ctl";

/// Words and options of [`CONTROLLED`] servers that control a running one, check or print something, and end.
pub(super) const CONTROLS: &str = "-s|-t|-T|-v|-V|-S|graceful|graceful-stop|restart|stop|configtest";

/// The row of a program in [`DAEMONS`], by its name or that without a version: `php-fpm8.2`.
pub(super) fn daemon(name: &str) -> Option<&'static (&'static str, Daemonises)> {
    let version = name.bytes().rev().take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-')).count();
    let family = name.get(..name.len().saturating_sub(version)).unwrap_or_default();
    let find = |name: &str| DAEMONS.iter().find(|(daemon, _)| *daemon == name);
    find(name).or_else(|| find(family))
}

/// Returns `true` if the program is known to serve until it is stopped.
pub(super) fn is_server(name: &str) -> bool {
    daemon(name).is_some_and(|(_, rule)| !matches!(rule, With(START_WORDS)))
}

/// Programs that wait for events.
pub(super) const WATCHERS: &str = "inotifywait|inotifywatch|fswatch|entr"; // inotify-tools, fswatch, entr

/// Schedulers.
pub(super) const CRONS: &str = "cron|crond|supercronic|fcron|anacron|yacron|go-cron";

/// Prefixes and endings of script names; the text of a script file is not in the manifest.
pub(super) const SCRIPT_PREFIXES: &[&str] = &["docker-entrypoint", "entrypoint", "start", "run"];
pub(super) const SCRIPT_SUFFIXES: &[&str] = &[".sh", ".bash"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_utilities_are_sorted() {
        assert!(UTILITIES.is_sorted());
    }
}
