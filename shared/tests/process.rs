//! The verdicts of the classifier on argument vectors as users write them.

#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, reason = "a test that overflows fails")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use shared::process::{
    Argv, Behaviour, Broken, Budget, Env, MAX_ARGUMENTS, MAX_EVIDENCE, Options, Part, PartKind, Process, Role, Shell,
    Stay, Trap, Unknown, classify, classify_within,
};

fn judge(argv: &[&str]) -> Process {
    judge_with(argv, &Options::default())
}

fn judge_with(argv: &[&str], options: &Options<'_>) -> Process {
    classify(&Argv::compose(Some(argv), None, &|_| Env::Absent), options)
}

fn script(text: &str) -> Process {
    judge(&["sh", "-c", text])
}

/// The parts as `role:name`, with the kind when it is not a plain program.
fn parts(process: &Process) -> Vec<String> {
    let show = |part: &Part| match part.kind {
        PartKind::Program => format!("{:?}:{}", part.role, part.name),
        kind => format!("{:?}:{}:{kind:?}", part.role, part.name),
    };
    process.parts.iter().map(show).collect()
}

#[test]
fn the_golden_vectors_have_their_class_and_parts() {
    let manager = |needs_pid1| Behaviour::Manager { needs_pid1, is_init: true };
    let rows: &[(&[&str], Behaviour, &[&str])] = &[
        (&["nginx", "-g", "daemon off;"], Behaviour::Direct, &["App:nginx"]),
        (&["sh", "-c", "nginx -g 'daemon off;'"], Behaviour::Stays(Stay::NoExec), &["App:nginx"]),
        (&["sh", "-c", "exec nginx -g 'daemon off;'"], Behaviour::ExecTail, &["App:nginx"]),
        (
            &["/bin/sh", "-ec", "cp /t/* /c/ && exec app \"$@\"", "--", "--port=1"],
            Behaviour::ExecTail,
            &["Setup:cp:Utility", "App:app"],
        ),
        (&["/bin/bash", "-c", "set -e\napp --x\n"], Behaviour::Implicit(Shell::Bash), &["App:app"]),
        (&["bash", "-c", "app > /proc/1/fd/1 2>&1"], Behaviour::Stays(Stay::Redirected), &["App:app"]),
        (&["sh", "-c", "app | tee /log"], Behaviour::Stays(Stay::Pipeline), &["App:app", "Piped:tee:Utility"]),
        (
            &["sh", "-c", "exec app | tee /log"],
            Behaviour::Stays(Stay::ExecInPipeline),
            &["App:app", "Piped:tee:Utility"],
        ),
        (
            &["sh", "-c", "until nc -z db 5432; do sleep 1; done; exec app"],
            Behaviour::ExecTail,
            &["Setup:nc:Utility", "Setup:sleep:Utility", "App:app"],
        ),
        (&["sh", "-c", "if [ -f /e ]; then . /e; fi; exec app"], Behaviour::ExecTail, &["App:app"]),
        (&["sh", "-c", "[ -n \"$D\" ] && exec app -d; exec app"], Behaviour::ExecAlways, &["Setup:app", "App:app"]),
        (&["sh", "-c", "[ -n \"$D\" ] && exec app -d; app"], Behaviour::Stays(Stay::NoExec), &["Setup:app", "App:app"]),
        (
            &["bash", "-c", "[ -n \"$D\" ] && exec app -d; app"],
            Behaviour::Implicit(Shell::Bash),
            &["Setup:app", "App:app"],
        ),
        (
            &["sh", "-c", "trap 'kill $p; wait $p' TERM; app & p=$!; wait $p"],
            Behaviour::Trapped(Trap::GOOD),
            &["Background:app"],
        ),
        (
            &["sh", "-c", "trap 'kill $p' TERM; app & p=$!; wait $p"],
            Behaviour::Trapped(Trap { passes: true, waits: false }),
            &["Background:app"],
        ),
        (
            &["sh", "-c", "trap 'exit 0' TERM; app & wait"],
            Behaviour::Trapped(Trap { passes: false, waits: false }),
            &["Background:app"],
        ),
        (&["sh", "-c", "redis-server & exec app"], Behaviour::ExecTail, &["Background:redis-server", "App:app"]),
        (&["sh", "-c", "a & b & wait"], Behaviour::Stays(Stay::Background), &["Background:a", "Background:b"]),
        (
            &["sh", "-c", "service cron start && apache2-foreground"],
            Behaviour::Stays(Stay::NoExec),
            &["Daemon:service:Cron", "App:apache2-foreground"],
        ),
        (&["tini", "--", "app"], Behaviour::Direct, &["App:app"]),
        (&["dumb-init", "app"], Behaviour::Direct, &["App:app"]),
        (&["tini", "-g", "--", "sh", "-c", "app"], Behaviour::Stays(Stay::NoExec), &["App:app"]),
        (&["/init"], manager(true), &["App:init:Manager"]),
        (&["/sbin/my_init"], manager(false), &["App:my_init:Manager"]),
        (&["supervisord", "-n"], manager(false), &["App:supervisord:Manager"]),
        (&["npm", "start"], Behaviour::LossyRunner, &["App:npm"]),
        (&["tini", "--", "npm", "start"], Behaviour::LossyRunner, &["App:npm"]),
        (&["uv", "run", "uvicorn", "m:app"], Behaviour::Transparent, &["App:uvicorn"]),
        (&["poetry", "run", "gunicorn", "m:app"], Behaviour::Transparent, &["App:gunicorn"]),
        (&["uv", "run", "--with", "x", "app"], Behaviour::Transparent, &["App:uv"]),
        (&["uv", "sync"], Behaviour::Direct, &["App:uv"]),
        (&["app", "run", "npm", "start"], Behaviour::Direct, &["App:app"]),
        (&["env", "A=1", "nice", "-n5", "app"], Behaviour::Direct, &["App:app"]),
        (&["timeout", "3600", "app"], Behaviour::ForkForward, &["App:app"]),
        (&["sleep", "infinity"], Behaviour::KeepAlive, &["App:sleep:KeepAlive"]),
        (&["sleep", "3600"], Behaviour::KeepAlive, &["App:sleep:KeepAlive"]),
        (&["sleep", "60.5m"], Behaviour::KeepAlive, &["App:sleep:KeepAlive"]),
        (&["sleep", "1d"], Behaviour::KeepAlive, &["App:sleep:KeepAlive"]),
        (&["sleep", "99999999999999999999"], Behaviour::KeepAlive, &["App:sleep:KeepAlive"]),
        (&["sleep", "30"], Behaviour::KeepAlive, &["App:sleep:KeepAlive"]),
        (&["sleep", "29"], Behaviour::KeepAlive, &["App:sleep:Utility"]),
        (&["sleep", "0000000010"], Behaviour::KeepAlive, &["App:sleep:Utility"]),
        (&["sleep", "long"], Behaviour::KeepAlive, &["App:sleep:Utility"]),
        (&["sleep"], Behaviour::Direct, &["App:sleep:Utility"]),
        (&["tail", "-f", "/dev/null"], Behaviour::KeepAlive, &["App:tail:KeepAlive"]),
        (&["/docker-entrypoint.sh"], Behaviour::ScriptFile, &["App:docker-entrypoint.sh"]),
        (&["/entrypoint"], Behaviour::ScriptFile, &["App:entrypoint"]),
        (&["/etc/init.d/app"], Behaviour::ScriptFile, &["App:app"]),
        (&["bash", "run.sh"], Behaviour::ScriptFile, &["App:run.sh"]),
        (&["bash", "--norc", "run.sh", "-c"], Behaviour::ScriptFile, &["App:run.sh"]),
        (&["bash", "--rcfile", "rc", "run.sh"], Behaviour::ScriptFile, &["App:run.sh"]),
        (&["bash", "-eo", "pipefail", "run.sh"], Behaviour::ScriptFile, &["App:run.sh"]),
        (&["sh", "-s", "-es", "run.sh"], Behaviour::BareShell, &[]),
        (&["/bin/bash"], Behaviour::BareShell, &[]),
        (&["cmd", "/S", "/C", "app"], Behaviour::Windows, &[]),
    ];
    for (argv, behaviour, expected) in rows {
        let process = judge(argv);
        assert_eq!(process.behaviour, *behaviour, "{argv:?}");
        assert_eq!(parts(&process), *expected, "{argv:?}");
    }
    let opaque = classify(&Argv::compose(Some(&["sh", "-c", "$(CMD)"]), None, &|_| Env::Unknown), &Options::default());
    assert_eq!(opaque.behaviour, Behaviour::Unknown(Unknown::Opaque));
    let entrypoint = classify(&Argv::compose(None, Some(&["-c", "app"]), &|_| Env::Absent), &Options::default());
    assert_eq!(entrypoint.behaviour, Behaviour::Unknown(Unknown::ImageEntrypoint));
}

#[test]
fn an_init_is_found_by_its_exact_name() {
    for argv in [
        &["tini", "--", "app"][..],
        &["/usr/bin/dumb-init", "app"],
        &["/tmp/../sbin/tini", "app"],
        &["/sbin/docker-init", "--", "app"],
        &["dumb-init", "--rewrite", "15:3", "--", "app"],
        &["dumb-init", "-r", "15:3", "app"],
        &["tini", "-s", "-v", "-e", "143", "--", "app"],
        &["catatonit", "-P", "--", "app"],
        &["env", "TINI_SUBREAPER=1", "tini", "app"],
        &["sh", "-c", "exec tini -- app"],
        &["pm2-runtime", "app"],
        &["timeout", "9", "tini", "--", "app"],
    ] {
        let process = judge(argv);
        assert!(process.init.is_some(), "{argv:?}");
        assert_eq!(process.program, "app", "{argv:?}");
    }
    for argv in [&["/usr/bin/tinyserver"][..], &["tini.sh"], &["sh", "-c", "tini -- app"], &["/opt/init", "app"]] {
        assert_eq!(judge(argv).init, None, "{argv:?}");
    }
    let options = Options { init_binaries: &["my-init".to_owned()], ..Options::default() };
    let process = judge_with(&["/bin/my-init", "-v", "--", "sh", "-c", "app"], &options);
    assert_eq!((process.init.unwrap().name.as_str(), process.behaviour), ("my-init", Behaviour::Stays(Stay::NoExec)));
}

#[test]
fn a_command_is_composed_as_kubelet_and_runtime_do() {
    let env = |name: &str| match name {
        "APP" => Env::Literal("/bin/app"),
        "SECRET" => Env::Unknown,
        _ => Env::Absent,
    };
    let behaviour = |command: Option<&[&str]>, args: Option<&[&str]>| {
        classify(&Argv::compose(command, args, &env), &Options::default())
    };
    assert_eq!(behaviour(None, None).behaviour, Behaviour::Unknown(Unknown::ImageDefault));
    assert_eq!(behaviour(Some(&[]), Some(&[])).behaviour, Behaviour::Unknown(Unknown::ImageDefault));
    assert_eq!(behaviour(Some(&[]), Some(&["app"])).behaviour, Behaviour::Unknown(Unknown::ImageEntrypoint));
    assert_eq!(behaviour(Some(&["sh"]), Some(&["-c", "exec app"])).behaviour, Behaviour::ExecTail);
    assert_eq!(behaviour(Some(&[""]), None).behaviour, Behaviour::Broken(Broken::NoProgram));
    assert_eq!(behaviour(Some(&["/bin/sh", "-c"]), None).behaviour, Behaviour::Broken(Broken::NoScript));
    assert_eq!(behaviour(Some(&["$(APP)"]), None).program, "app");
    assert_eq!(behaviour(Some(&["$(SECRET)"]), None).behaviour, Behaviour::Unknown(Unknown::Opaque));
    assert_eq!(behaviour(Some(&["$(SECRET)/bin/app"]), None).program, "app");
    assert_eq!(behaviour(Some(&["$$(APP)"]), None).program, "$(APP)");
    assert_eq!(behaviour(Some(&["$(ABSENT)"]), None).program, "$(ABSENT)");
    assert_eq!(behaviour(Some(&["sh", "-c", "exec app --port=$(SECRET)"]), None).behaviour, Behaviour::ExecTail);
    assert_eq!(behaviour(Some(&["sh", "-c", "app --port=$(SECRET)"]), None).behaviour, Behaviour::Stays(Stay::NoExec));
    // The shell runs what kubelet leaves alone.
    assert_eq!(behaviour(Some(&["sh", "-c", "exec app $(date)"]), None).behaviour, Behaviour::ExecTail);
    assert_eq!(Env::from_sources("date"), Env::Unknown);
    assert_eq!(Env::from_sources("hostname -f"), Env::Absent);
}

#[test]
fn options_of_launchers_are_skipped_only_when_they_are_known() {
    for argv in [
        &["env", "-i", "-u", "A", "B=1", "app"][..],
        &["env", "--unset", "A", "--chdir=/", "app"],
        &["nice", "-5", "app"],
        &["gosu", "user:group", "app"],
        &["su-exec", "1000", "app"],
        &["setpriv", "--reuid", "1000", "--clear-groups", "app"],
        &["chroot", "--userspec=1", "/new", "app"],
        &["stdbuf", "-oL", "-e", "0", "app"],
        &["chamber", "exec", "service", "--", "app"],
        &["busybox", "nice", "app"],
        &["/usr/bin/env", "--", "app"],
    ] {
        assert_eq!((judge(argv).program.as_str(), judge(argv).behaviour), ("app", Behaviour::Direct), "{argv:?}");
    }
    for argv in [
        &["env", "-S", "sh -c app"][..],
        &["nice", "-x", "5", "app"],
        &["unshare", "-f", "app"],
        &["sudo", "app"],
        &["capsh", "--", "-c", "app"],
        &["chamber", "exec", "app"],
        &["tini"],
    ] {
        assert_eq!(judge(argv).behaviour, Behaviour::Unknown(Unknown::Launcher), "{argv:?}");
    }
    assert_eq!(judge(&["env", "nice", "gosu", "u", "app"]).prefixes, ["env", "nice", "gosu"]);
}

#[test]
fn what_is_known_only_at_run_time_is_unknown() {
    for text in [
        "$CMD",
        "exec $CMD",
        "eval \"$CMD\"",
        "true; . /run.inc",
        "set -- app; exec \"$@\"",
        "exec \"$(which app)\"",
        "if",
        "app )",
        "coproc app",
        "f() { f; }; f",
    ] {
        assert!(matches!(script(text).behaviour, Behaviour::Unknown(_)), "{text}: {:?}", script(text).behaviour);
    }
    assert_eq!(judge(&["zsh", "-c", "app"]).behaviour, Behaviour::Unknown(Unknown::Shell));
    assert_eq!(judge(&["zsh", "-c", "app & wait"]).behaviour, Behaviour::Stays(Stay::Background));
    assert_eq!(judge(&["zsh", "-c", "exec app"]).behaviour, Behaviour::ExecTail);
    assert_eq!(judge(&["fish", "-c", "exec app"]).behaviour, Behaviour::Unknown(Unknown::Sourced));
    assert_eq!(script("exec \"$JAVA_HOME\"/bin/java -jar x").program, "java");
}

#[test]
fn every_path_through_a_script_counts() {
    for (text, behaviour) in [
        ("if [ $A ]; then exec a; else b; fi", Behaviour::Stays(Stay::NoExec)),
        ("if [ $A ]; then exec a; else exec b; fi", Behaviour::ExecAlways),
        ("if [ $A ]; then exec a; fi", Behaviour::ExecMaybe),
        ("if [ $A ]; then a; fi; exec b", Behaviour::ExecTail),
        ("case $1 in a) exec a;; *) exec b;; esac", Behaviour::ExecAlways),
        ("case $1 in a) exec a;; b) exec b;; esac", Behaviour::ExecMaybe),
        ("case $1 in a) exec a;; esac; exec b", Behaviour::ExecAlways),
        ("[ $A ] && exec a; [ $B ] || exit 1", Behaviour::ExecMaybe),
        ("while true; do a; done; exec b", Behaviour::Stays(Stay::Loop)),
        ("while true; do a && break; done; exec b", Behaviour::ExecTail),
        ("a || exit 1; exec b", Behaviour::ExecTail),
        ("a; exit 1; exec b", Behaviour::Stays(Stay::NotLast)),
        ("f() { exec \"$@\"; }; f app", Behaviour::Unknown(Unknown::Opaque)),
        ("f() { [ $A ] && return; [ $B ] && return; exec a; }; f", Behaviour::ExecMaybe),
        ("f() { [ $A ] && return; exec a; }; f; b", Behaviour::Stays(Stay::NoExec)),
        ("f() { eval '[ $A ] && return'; exec a; }; f; b", Behaviour::Stays(Stay::NoExec)),
        ("f() { [ $A ] || exit 1; exec a; }; f; b", Behaviour::ExecTail),
        ("f() { g; exec a; }; g() { return; }; f; b", Behaviour::ExecTail),
        ("cat <<$A\n\n(\n$A\nexec a", Behaviour::ExecTail),
        ("f() { a; return; }; f; exec b", Behaviour::ExecTail),
        ("f() { while true; do a; done; }; f; exec b", Behaviour::Stays(Stay::Loop)),
        ("f() { exit 1; }; f; exec b", Behaviour::Brief),
        ("exec npm start", Behaviour::LossyRunner),
        ("exec sh -c 'exec app'", Behaviour::ExecTail),
        ("exec sh -c app", Behaviour::Stays(Stay::NoExec)),
        ("exec tini -- sh -c app", Behaviour::Stays(Stay::NoExec)),
        ("exec sleep infinity", Behaviour::KeepAlive),
        ("echo ready; sleep infinity", Behaviour::KeepAlive),
        ("while :; do sleep 30; done", Behaviour::KeepAlive),
        ("while sleep 3600; do :; done", Behaviour::KeepAlive),
        ("while true; do date; sleep 5; done", Behaviour::Stays(Stay::Loop)),
        ("while true; do work; sleep 3600; done", Behaviour::Stays(Stay::Loop)),
        ("cat", Behaviour::KeepAlive),
        ("cat <<E >f\nx\nE", Behaviour::Stays(Stay::NoExec)),
        ("app; true | cat", Behaviour::Stays(Stay::Pipeline)),
        ("$CMD | tee log", Behaviour::Stays(Stay::Pipeline)),
        ("app & sleep infinity", Behaviour::Stays(Stay::Idle)),
        ("app & exec tail -f /dev/null", Behaviour::Stays(Stay::Idle)),
        ("service nginx start; tail -f /dev/null", Behaviour::Stays(Stay::Idle)),
        ("service nginx start; exec tail -F /var/log/nginx.log", Behaviour::Stays(Stay::Idle)),
        ("sleep 30", Behaviour::KeepAlive),
        ("sleep 3600 & wait", Behaviour::KeepAlive),
        ("apt-get update; sleep infinity", Behaviour::KeepAlive),
        ("npm install; sleep infinity", Behaviour::KeepAlive),
        ("app; sleep 5", Behaviour::Stays(Stay::NotLast)),
        ("app; tail -f /dev/null", Behaviour::Stays(Stay::NotLast)),
        ("app || exec sleep infinity", Behaviour::Stays(Stay::NotLast)),
        ("if ! app; then sleep 60; fi", Behaviour::Stays(Stay::NotLast)),
        ("echo hello", Behaviour::Brief),
        ("[[ -f /x ]] && export A=1", Behaviour::Brief),
        ("app &", Behaviour::Broken(Broken::OnlyBackground)),
        ("trap 'x' TERM; app", Behaviour::Stays(Stay::TrapInForeground)),
        ("trap 'x' SIGTERM; app & wait", Behaviour::Stays(Stay::BadTrap)),
        ("trap 'exit 0' TERM; while true; do app; done", Behaviour::Stays(Stay::TrapInForeground)),
        ("trap 'exit 0' TERM; while true; do sleep 3600; done", Behaviour::Stays(Stay::TrapInSleep)),
        ("trap 'exit 0' TERM; while true; do curl x; sleep 3600; done", Behaviour::Stays(Stay::TrapInSleep)),
        ("trap 'exit 0' TERM; sleep infinity", Behaviour::Stays(Stay::TrapInSleep)),
        ("trap 'exit 0' TERM; while true; do sleep 5; done", Behaviour::Trapped(Trap::GOOD)),
        ("trap 'exit 0' TERM; while true; do curl x; sleep 5; done", Behaviour::Trapped(Trap::GOOD)),
        ("trap 'exit 0' TERM; while true; do sleep 3600 & wait $!; done", Behaviour::Trapped(Trap::GOOD)),
        ("trap : TERM; while true; do curl x; sleep 5; done", Behaviour::Stays(Stay::Loop)),
        ("trap : TERM; sleep infinity & wait", Behaviour::Trapped(Trap::GOOD)),
        ("trap \"$ACTION\" TERM; app & wait", Behaviour::Trapped(Trap { passes: false, waits: false })),
        ("trap '$ACTION' TERM; app & wait", Behaviour::Trapped(Trap::GOOD)),
        ("trap cleanup TERM; app & wait", Behaviour::Trapped(Trap::GOOD)),
        ("trap 'echo quit >/run/ctl' TERM; app & wait", Behaviour::Trapped(Trap::GOOD)),
        ("trap 'kill $p' TERM; app & p=$!; wait -n", Behaviour::Trapped(Trap { passes: true, waits: false })),
        ("trap 'echo quit >&2' TERM; app & wait", Behaviour::Trapped(Trap { passes: false, waits: false })),
        ("trap 'pkill app' TERM; app & wait", Behaviour::Trapped(Trap { passes: true, waits: false })),
        ("trap 'kill $p; wait $p' TERM; npm start & p=$!; wait $p", Behaviour::LossyRunner),
        ("trap 'kill $p; wait $p' TERM; sh -c app & p=$!; wait $p", Behaviour::Stays(Stay::NoExec)),
        ("./entrypoint.sh", Behaviour::Stays(Stay::NoExec)),
        ("exec ./entrypoint.sh", Behaviour::ScriptFile),
    ] {
        assert_eq!(script(text).behaviour, behaviour, "{text}");
    }
}

#[test]
fn of_several_programs_a_script_is_judged_by_the_worst() {
    let programs = [
        ("sh -c app", Behaviour::Stays(Stay::NoExec)),
        ("npm start", Behaviour::LossyRunner),
        ("''", Behaviour::Broken(Broken::NoProgram)),
        ("$CMD", Behaviour::Unknown(Unknown::Opaque)),
        ("./run.sh", Behaviour::ScriptFile),
        ("bash -c app", Behaviour::Implicit(Shell::Bash)),
        ("sh -c 'if [ $A ]; then exec app; fi'", Behaviour::ExecMaybe),
        ("supervisord -n", Behaviour::Manager { needs_pid1: false, is_init: true }),
        ("app", Behaviour::ExecAlways),
    ];
    for (at, (worse, behaviour)) in programs.iter().enumerate() {
        for (better, _) in programs.iter().skip(at + 1) {
            for (first, second) in [(worse, better), (better, worse)] {
                let text = format!("if [ $A ]; then exec {first}; else exec {second}; fi");
                assert_eq!(script(&text).behaviour, *behaviour, "{text}");
            }
        }
    }
    assert_eq!(script("if [ $A ]; then exec npm start; else exec yarn start; fi").program, "npm");
}

#[test]
fn commands_that_follow_matter_more_than_the_lines_behind_them() {
    for argv in [
        ["bash", "-c", "app; true\n\n"],
        ["bash", "-c", "app; true && true"],
        ["ash", "-c", "app; true\n"],
        ["zsh", "-c", "app; true"],
        ["dash", "-c", "app; true"],
        ["bash", "-c", "app >f; true"],
    ] {
        let process = judge(&argv);
        assert_eq!((process.behaviour, process.fix), (Behaviour::Stays(Stay::NotLast), None), "{argv:?}");
    }
}

#[test]
fn apps_are_counted_by_how_they_start() {
    for (text, expected) in [
        ("a & b", &["Background:a", "App:b"][..]),
        ("a; b", &["Setup:a", "App:b"]),
        ("a && b", &["Setup:a", "App:b"]),
        ("a | b", &["App:a", "Piped:b"]),
        ("echo 'a & b'", &[]),
        ("mkdir /x; app", &["Setup:mkdir:Utility", "App:app"]),
        ("(sleep 5; curl x) & exec app", &["Background:sleep:Utility", "App:app"]),
        ("(while true; do sleep 5; reload; done) & exec app", &["Background:sleep:Watcher", "App:app"]),
        ("tail -F /log & exec app", &["Background:tail:LogTailer", "App:app"]),
        ("(setup) & wait; exec app", &["Setup:setup", "App:app"]),
        ("/usr/sbin/sshd -D & exec app", &["Background:sshd:Ssh", "App:app"]),
        ("/usr/sbin/sshd; exec app", &["Daemon:sshd:Ssh", "App:app"]),
        ("cron && exec app", &["Daemon:cron:Cron", "App:app"]),
        ("crond -f", &["App:crond:Cron"]),
        ("php-fpm -D && exec nginx -g 'daemon off;'", &["Daemon:php-fpm", "App:nginx"]),
        ("service ssh start; exec app", &["Daemon:service:Ssh", "App:app"]),
        ("exec supervisord -n", &["App:supervisord:Manager"]),
        ("sh -c 'a & b' ", &["Background:a", "App:b"]),
        ("f() { a & }; f; exec b", &["Background:a", "App:b"]),
        ("app > >(tee log)", &["App:app"]),
        ("ollama serve & sleep 10; ollama pull x; wait", &["Background:ollama", "Setup:sleep:Utility", "Setup:ollama"]),
        ("a & nginx -g 'daemon off;'; wait", &["Background:a", "App:nginx"]),
        ("server & fg", &["App:server"]),
        ("server & init-db; fg %1", &["App:server", "Setup:init-db"]),
        (
            "while inotifywait x; do nginx -s reload; done & exec nginx -g 'daemon off;'",
            &["Background:inotifywait:Watcher", "App:nginx"],
        ),
        (
            "inotifywait -m x | while read f; do sync-it; done & exec app",
            &["Background:inotifywait:Watcher", "App:app"],
        ),
        ("while true; do work; done & exec app", &["Background:work", "App:app"]),
        ("php-fpm8.2 -D; exec app", &["Daemon:php-fpm8.2", "App:app"]),
        ("php-fpm8.2 -F & exec app", &["Background:php-fpm8.2", "App:app"]),
        ("php-fpm -RD; exec app", &["Daemon:php-fpm", "App:app"]),
        ("/etc/init.d/postgresql start && exec app", &["Daemon:postgresql", "App:app"]),
        ("/etc/init.d/ssh start && exec app", &["Daemon:ssh:Ssh", "App:app"]),
        ("/etc/init.d/postgresql status && exec app", &["Setup:postgresql:Utility", "App:app"]),
        ("redis-server --daemonize yes; exec app", &["Daemon:redis-server", "App:app"]),
        ("redis-server --daemonize no & exec app", &["Background:redis-server", "App:app"]),
        ("redis-server --daemonize=no & exec app", &["Background:redis-server", "App:app"]),
        ("uwsgi --daemonize=/log; exec app", &["Daemon:uwsgi", "App:app"]),
        ("httpd; exec app", &["Daemon:httpd", "App:app"]),
        ("httpd -DFOREGROUND & exec app", &["Background:httpd", "App:app"]),
        ("apachectl -D FOREGROUND", &["App:apachectl"]),
        ("apachectl configtest; exec app", &["Setup:apachectl:Utility", "App:app"]),
        ("celery -A x worker --detach; exec app", &["Daemon:celery", "App:app"]),
        ("celery multi start w; exec app", &["Daemon:celery", "App:app"]),
        ("celery -A x worker & exec app", &["Background:celery", "App:app"]),
        ("screen -dmS x work; exec app", &["Daemon:screen", "App:app"]),
        ("tmux new -d work; exec app", &["Daemon:tmux", "App:app"]),
        ("start-stop-daemon -S -b -x /bin/work; exec app", &["Daemon:work", "App:app"]),
        ("dropbear; exec app", &["Daemon:dropbear:Ssh", "App:app"]),
        ("dropbear -F -E & exec app", &["Background:dropbear:Ssh", "App:app"]),
        ("pebble run", &["App:pebble:Manager"]),
        ("pebble -config x", &["App:pebble"]),
        ("app 2>&1 &>log", &["App:app"]),
    ] {
        assert_eq!(parts(&script(text)), expected, "{text}");
    }
    let process = script("a & b & sshd -D & tail -f x & exec c");
    assert_eq!(process.apps(Role::Background).count(), 3);
    assert_eq!(process.apps(Role::App).count(), 1);
}

#[test]
fn evidence_and_fix_are_short_and_from_the_judged_command_only() {
    let process = script("export PASSWORD=hunter2; cp a b; nginx -g 'daemon off;'");
    assert_eq!(process.evidence, "nginx -g 'daemon off;'");
    assert_eq!(process.fix.as_deref(), Some("exec nginx -g 'daemon off;'"));
    assert_eq!(script("SECRET=x app >f").fix.as_deref(), Some("exec app >f"));
    let implicit = judge(&["bash", "-c", "true; app --x"]);
    assert_eq!((implicit.evidence.as_str(), implicit.fix.as_deref()), ("app --x", Some("exec app --x")));
    assert_eq!(script("npm start").fix, None);
    assert_eq!(script("app & sleep infinity").fix, None);
    assert_eq!(script("exec app | tee log").evidence, "exec app | tee log");
    assert_eq!(script("exec app | tee log").fix, None);
    assert_eq!(script("app &\nwait").evidence, "app");
    assert_eq!(judge(&["npm", "--token=x", "run", "serve"]).evidence, "npm");
    assert_eq!(judge(&["npm", "run", "serve", "--token=x"]).evidence, "npm run");
    assert_eq!(judge(&["pnpm", "-r", "prod"]).evidence, "pnpm");
    assert!(judge(&["npm", "start"]).advice().unwrap().contains("node"));
    assert_eq!(judge(&["app", "--password=x"]).evidence, "app");
    let long = script(&format!("app\t\\\n  {}", "é".repeat(100)));
    assert_eq!(long.evidence.chars().count(), MAX_EVIDENCE);
    assert!(long.evidence.starts_with("app é") && long.evidence.ends_with('…'), "{}", long.evidence);
    assert_eq!((long.fix, long.lacks_exec), (None, true));
}

#[test]
fn a_fix_can_be_copied_or_is_not_given() {
    for (text, fix) in [
        ("app --x \\\n  --y", Some("exec app --x --y")),
        ("true && app", Some("exec app")),
        ("if true; then app 'a b'; fi", Some("exec app 'a b'")),
        ("app 'a  b'", None),
        ("app 'a\nb'", None),
        ("app \"$A\" \\\n  --y", None),
    ] {
        assert_eq!((script(text).fix.as_deref(), script(text).lacks_exec), (fix, true), "{text}");
    }
    for text in [
        "date; echo Hello",
        "app >f; true",
        "! app",
        "f() { app; }; f; f",
        "eval app",
        "trap 'rm f' EXIT; app",
        "trap : USR1; app",
        "command app",
        "app || true",
        "while true; do app; done",
        "app; sleep 5",
    ] {
        assert_eq!((script(text).fix.as_deref(), script(text).lacks_exec), (None, false), "{text}");
    }
}

#[test]
fn words_of_a_command_that_are_no_script_are_lost() {
    for argv in [
        &["sh", "-c", "exec", "nginx"][..],
        &["sh", "-c", "nginx", "-g", "daemon off;"],
        &["sh", "-c", "app", "--", "--port"],
        &["bash", "-c", "exec app", "--port=80"],
        &["sh", "-c", "run.sh", "arg"],
    ] {
        assert_eq!(judge(argv).behaviour, Behaviour::Broken(Broken::SplitScript), "{argv:?}");
    }
    for argv in [
        &["sh", "-c", "exec app \"$@\"", "--", "--port"][..],
        &["sh", "-c", "exec app $0", "x"],
        &["sh", "-c", "exec app", "sh"],
        &["bash", "-c", "exec app", "/bin/bash"],
        &["sh", "-c", "exec app", "--"],
        &["sh", "-c", "exec app", "x"],
        &["sh", "-c", ". /env; exec app", "--", "-x"],
    ] {
        assert_eq!(judge(argv).behaviour, Behaviour::ExecTail, "{argv:?}");
    }
    for name in
        ["sleep 3600", "/bin/sh -c app", "python app.py", "app ", "/usr/bin/app --x=a/b", "nginx -g 'daemon off;'"]
    {
        assert_eq!(judge(&[name]).behaviour, Behaviour::Broken(Broken::SpacedProgram), "{name}");
    }
    for name in ["/opt/my app/bin/app", r"C:\Program Files\app.exe"] {
        assert_eq!(judge(&[name]).behaviour, Behaviour::Direct, "{name}");
    }
}

#[test]
fn runners_and_launchers_do_what_was_measured() {
    for (argv, behaviour) in [
        (&["yarn", "start:prod"][..], Behaviour::LossyRunner),
        (&["yarn", "--cwd", "web", "serve-it"], Behaviour::LossyRunner),
        (&["yarn", "node", "x.js"], Behaviour::LossyRunner),
        (&["pnpm", "-r", "prod"], Behaviour::LossyRunner),
        (&["yarn", "install"], Behaviour::Direct),
        (&["yarn", "--cwd", "web", "install"], Behaviour::Direct),
        (&["yarn"], Behaviour::Direct),
        (&["pnpm", "audit"], Behaviour::Direct),
        (&["npm", "start:prod"], Behaviour::Direct),
        (&["make", "run"], Behaviour::Unknown(Unknown::Launcher)),
        (&["flock", "/lock", "app"], Behaviour::LossyRunner),
        (&["flock", "-F", "/lock", "app"], Behaviour::Direct),
        (&["setsid", "app"], Behaviour::Broken(Broken::Forks)),
        (&["setsid", "--wait", "app"], Behaviour::LossyRunner),
        (&["sh", "-c", "setsid app"], Behaviour::Stays(Stay::NoExec)),
        (&["bash", "-c", "exec setsid app"], Behaviour::Broken(Broken::Forks)),
        (&["dumb-init", "sh", "-c", "trap : TERM; app; more"], Behaviour::Trapped(Trap::GOOD)),
        (&["tini", "-g", "--", "sh", "-c", "trap : TERM; app; more"], Behaviour::Trapped(Trap::GOOD)),
        (&["tini", "--", "sh", "-c", "trap : TERM; app; more"], Behaviour::Stays(Stay::TrapInForeground)),
        (&["dumb-init", "-c", "sh", "-c", "trap : TERM; app; more"], Behaviour::Stays(Stay::TrapInForeground)),
        (&["dumb-init", "sh", "-c", "trap : TERM; app & wait; wait"], Behaviour::Trapped(Trap::GOOD)),
        (&["dumb-init", "sh", "-c", "app & wait"], Behaviour::Stays(Stay::Background)),
    ] {
        assert_eq!(judge(argv).behaviour, behaviour, "{argv:?}");
    }
}

#[test]
fn another_signal_may_stop_a_container() {
    let stop =
        |stop_signal, text| judge_with(&["sh", "-c", text], &Options { stop_signal, ..Options::default() }).behaviour;
    let quit = "trap 'kill -QUIT $p; wait $p' QUIT; app & p=$!; wait $p";
    assert_eq!(stop("QUIT", quit), Behaviour::Trapped(Trap::GOOD));
    assert_eq!(stop("TERM", quit), Behaviour::Stays(Stay::Background));
    assert_eq!(stop("QUIT", "trap 'kill $p; wait $p' 3; app & p=$!; wait $p"), Behaviour::Trapped(Trap::GOOD));
    assert_eq!(stop("QUIT", "trap 'kill $p; wait $p' TERM; app & p=$!; wait $p"), Behaviour::Stays(Stay::Background));
}

#[test]
fn huge_input_is_unknown_and_quick() {
    let start = Instant::now();
    let elements = vec!["a"; 100_000];
    assert_eq!(judge(&elements).behaviour, Behaviour::Unknown(Unknown::TooBig));
    assert_eq!(judge(&vec!["env"; MAX_ARGUMENTS]).program, "env");
    let too_big = |text: &str| {
        assert_eq!(script(text).behaviour, Behaviour::Unknown(Unknown::TooBig), "{}", text.get(..20).unwrap());
    };
    too_big(&"a;".repeat(500_000));
    too_big(&"a ".repeat(21_000));
    too_big(&"( ".repeat(100));
    too_big(&"$(".repeat(100).replace("$(", "a $("));
    // Functions that call each other twice grow without bound.
    let mut calls = "f0() { a; }\n".to_owned();
    for n in 1..40 {
        writeln!(calls, "f{n}() {{ f{0}; f{0}; }}", n - 1).unwrap();
    }
    too_big(&format!("{calls} f8"));
    too_big(&format!("{calls} f39"));
    let expansion = classify(
        &Argv::compose(Some(&["app", &"$(A)".repeat(1000)]), None, &|_| {
            Env::Literal(
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
             xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            )
        }),
        &Options::default(),
    );
    assert_eq!(expansion.behaviour, Behaviour::Unknown(Unknown::TooBig));
    let many = format!("sh -c '{}'", "$@ ".repeat(5_000));
    let positional: Vec<_> = ["sh", "-c", &many, "x"].into_iter().chain(vec!["a"; 4_000]).collect();
    judge(&positional);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn a_script_of_many_kilobytes_is_read_wherever_it_stands() {
    let long = format!("exec app {}", "a".repeat(8_000));
    for text in [long.clone(), format!("eval '{long}'"), format!("exec sh -c '{long}'")] {
        assert_eq!(script(&text).behaviour, Behaviour::ExecTail);
    }
}

#[test]
fn commands_that_share_their_steps_are_unknown_when_none_is_left() {
    let budget = Budget::default();
    let script = ["sh", "-c", &"a b c;".repeat(3_000)];
    let argv = Argv::compose(Some(&script), None, &|_| Env::Absent);
    let classes: Vec<_> = (0..30).map(|_| classify_within(&budget, &argv, &Options::default()).behaviour).collect();
    assert_eq!(classes.first(), Some(&Behaviour::Stays(Stay::NoExec)));
    assert_eq!(classes.last(), Some(&Behaviour::Unknown(Unknown::TooBig)));
}
