//! What the classifier says of argument vectors as users write them.

#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, reason = "a test that overflows fails")]

use std::cell::Cell;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use shared::process::{
    Argv, Broken, Class, Env, Kind, MAX_ARGUMENTS, MAX_EVIDENCE, MAX_STEPS, Options, Part, Process, Role, Shell, Stay,
    Unknown, classify,
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
        Kind::Program => format!("{:?}:{}", part.role, part.name),
        kind => format!("{:?}:{}:{kind:?}", part.role, part.name),
    };
    process.parts.iter().map(show).collect()
}

#[test]
fn the_golden_vectors_have_their_class_and_parts() {
    let manager = |needs_pid1| Class::Manager { needs_pid1, is_init: true };
    let rows: &[(&[&str], Class, &[&str])] = &[
        (&["nginx", "-g", "daemon off;"], Class::Direct, &["App:nginx"]),
        (&["sh", "-c", "nginx -g 'daemon off;'"], Class::Stays(Stay::NoExec), &["App:nginx"]),
        (&["sh", "-c", "exec nginx -g 'daemon off;'"], Class::ExecTail, &["App:nginx"]),
        (
            &["/bin/sh", "-ec", "cp /t/* /c/ && exec app \"$@\"", "--", "--port=1"],
            Class::ExecTail,
            &["Setup:cp:Utility", "App:app"],
        ),
        (&["/bin/bash", "-c", "set -e\napp --x\n"], Class::Implicit(Shell::Bash), &["App:app"]),
        (&["bash", "-c", "app > /proc/1/fd/1 2>&1"], Class::Stays(Stay::Redirected), &["App:app"]),
        (&["sh", "-c", "app | tee /log"], Class::Stays(Stay::Pipeline), &["App:app", "Piped:tee:Utility"]),
        (&["sh", "-c", "exec app | tee /log"], Class::Stays(Stay::ExecInPipeline), &["App:app", "Piped:tee:Utility"]),
        (
            &["sh", "-c", "until nc -z db 5432; do sleep 1; done; exec app"],
            Class::ExecTail,
            &["Setup:nc:Utility", "Setup:sleep:Utility", "App:app"],
        ),
        (&["sh", "-c", "if [ -f /e ]; then . /e; fi; exec app"], Class::ExecTail, &["App:app"]),
        (&["sh", "-c", "[ -n \"$D\" ] && exec app -d; exec app"], Class::ExecAlways, &["Setup:app", "App:app"]),
        (&["sh", "-c", "[ -n \"$D\" ] && exec app -d; app"], Class::Stays(Stay::NoExec), &["Setup:app", "App:app"]),
        (&["bash", "-c", "[ -n \"$D\" ] && exec app -d; app"], Class::Implicit(Shell::Bash), &["Setup:app", "App:app"]),
        (&["sh", "-c", "trap 'kill $p' TERM; app & p=$!; wait $p"], Class::StaysTrapped, &["Background:app"]),
        (&["sh", "-c", "redis-server & exec app"], Class::ExecTail, &["Background:redis-server", "App:app"]),
        (&["sh", "-c", "a & b & wait"], Class::Stays(Stay::Background), &["Background:a", "Background:b"]),
        (
            &["sh", "-c", "service cron start && apache2-foreground"],
            Class::Stays(Stay::NoExec),
            &["Daemon:service:Cron", "App:apache2-foreground"],
        ),
        (&["tini", "--", "app"], Class::Direct, &["App:app"]),
        (&["dumb-init", "app"], Class::Direct, &["App:app"]),
        (&["tini", "-g", "--", "sh", "-c", "app"], Class::Stays(Stay::NoExec), &["App:app"]),
        (&["/init"], manager(true), &["App:init:Manager"]),
        (&["/sbin/my_init"], manager(false), &["App:my_init:Manager"]),
        (&["supervisord", "-n"], manager(false), &["App:supervisord:Manager"]),
        (&["npm", "start"], Class::LossyRunner, &["App:npm"]),
        (&["tini", "--", "npm", "start"], Class::LossyRunner, &["App:npm"]),
        (&["uv", "run", "uvicorn", "m:app"], Class::Transparent, &["App:uvicorn"]),
        (&["poetry", "run", "gunicorn", "m:app"], Class::Transparent, &["App:gunicorn"]),
        (&["uv", "run", "--with", "x", "app"], Class::Transparent, &["App:uv"]),
        (&["uv", "sync"], Class::Direct, &["App:uv"]),
        (&["app", "run", "npm", "start"], Class::Direct, &["App:app"]),
        (&["env", "A=1", "nice", "-n5", "app"], Class::Direct, &["App:app"]),
        (&["timeout", "3600", "app"], Class::ForkForward, &["App:app"]),
        (&["sleep", "infinity"], Class::KeepAlive, &["App:sleep:KeepAlive"]),
        (&["sleep", "3600"], Class::KeepAlive, &["App:sleep:KeepAlive"]),
        (&["sleep", "60.5m"], Class::KeepAlive, &["App:sleep:KeepAlive"]),
        (&["sleep", "1d"], Class::KeepAlive, &["App:sleep:KeepAlive"]),
        (&["sleep", "99999999999999999999"], Class::KeepAlive, &["App:sleep:KeepAlive"]),
        (&["sleep", "3599"], Class::Direct, &["App:sleep:Utility"]),
        (&["sleep", "0000000010"], Class::Direct, &["App:sleep:Utility"]),
        (&["sleep", "long"], Class::Direct, &["App:sleep:Utility"]),
        (&["tail", "-f", "/dev/null"], Class::KeepAlive, &["App:tail:KeepAlive"]),
        (&["/docker-entrypoint.sh"], Class::ScriptFile, &["App:docker-entrypoint.sh"]),
        (&["/entrypoint"], Class::ScriptFile, &["App:entrypoint"]),
        (&["/etc/init.d/app"], Class::ScriptFile, &["App:app"]),
        (&["bash", "run.sh"], Class::ScriptFile, &["App:run.sh"]),
        (&["bash", "--norc", "run.sh", "-c"], Class::ScriptFile, &["App:run.sh"]),
        (&["bash", "--rcfile", "rc", "run.sh"], Class::ScriptFile, &["App:run.sh"]),
        (&["bash", "-eo", "pipefail", "run.sh"], Class::ScriptFile, &["App:run.sh"]),
        (&["sh", "-s", "-es", "run.sh"], Class::BareShell, &[]),
        (&["/bin/bash"], Class::BareShell, &[]),
        (&["cmd", "/S", "/C", "app"], Class::Windows, &[]),
    ];
    for (argv, class, expected) in rows {
        let process = judge(argv);
        assert_eq!(process.class, *class, "{argv:?}");
        assert_eq!(parts(&process), *expected, "{argv:?}");
    }
    let opaque = classify(&Argv::compose(Some(&["sh", "-c", "$(CMD)"]), None, &|_| Env::Unknown), &Options::default());
    assert_eq!(opaque.class, Class::Unknown(Unknown::Opaque));
    let entrypoint = classify(&Argv::compose(None, Some(&["-c", "app"]), &|_| Env::Absent), &Options::default());
    assert_eq!(entrypoint.class, Class::Unknown(Unknown::ImageEntrypoint));
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
    assert_eq!((process.init.unwrap().name.as_str(), process.class), ("my-init", Class::Stays(Stay::NoExec)));
}

#[test]
fn a_command_is_composed_as_kubelet_and_runtime_do() {
    let env = |name: &str| match name {
        "APP" => Env::Literal("/bin/app"),
        "SECRET" => Env::Unknown,
        _ => Env::Absent,
    };
    let class = |command: Option<&[&str]>, args: Option<&[&str]>| {
        classify(&Argv::compose(command, args, &env), &Options::default())
    };
    assert_eq!(class(None, None).class, Class::Unknown(Unknown::ImageDefault));
    assert_eq!(class(Some(&[]), Some(&[])).class, Class::Unknown(Unknown::ImageDefault));
    assert_eq!(class(Some(&[]), Some(&["app"])).class, Class::Unknown(Unknown::ImageEntrypoint));
    assert_eq!(class(Some(&["sh"]), Some(&["-c", "exec app"])).class, Class::ExecTail);
    assert_eq!(class(Some(&[""]), None).class, Class::Broken(Broken::NoProgram));
    assert_eq!(class(Some(&["/bin/sh", "-c"]), None).class, Class::Broken(Broken::NoScript));
    assert_eq!(class(Some(&["$(APP)"]), None).program, "app");
    assert_eq!(class(Some(&["$(SECRET)"]), None).class, Class::Unknown(Unknown::Opaque));
    assert_eq!(class(Some(&["$(SECRET)/bin/app"]), None).program, "app");
    assert_eq!(class(Some(&["$$(APP)"]), None).program, "$(APP)");
    assert_eq!(class(Some(&["$(ABSENT)"]), None).program, "$(ABSENT)");
    assert_eq!(class(Some(&["sh", "-c", "exec app --port=$(SECRET)"]), None).class, Class::ExecTail);
    assert_eq!(class(Some(&["sh", "-c", "app --port=$(SECRET)"]), None).class, Class::Stays(Stay::NoExec));
    // The shell runs what kubelet leaves alone.
    assert_eq!(class(Some(&["sh", "-c", "exec app $(date)"]), None).class, Class::ExecTail);
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
        assert_eq!((judge(argv).program.as_str(), judge(argv).class), ("app", Class::Direct), "{argv:?}");
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
        assert_eq!(judge(argv).class, Class::Unknown(Unknown::Launcher), "{argv:?}");
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
        assert!(matches!(script(text).class, Class::Unknown(_)), "{text}: {:?}", script(text).class);
    }
    assert_eq!(judge(&["zsh", "-c", "app"]).class, Class::Unknown(Unknown::Shell));
    assert_eq!(judge(&["zsh", "-c", "app & wait"]).class, Class::Stays(Stay::Background));
    assert_eq!(judge(&["zsh", "-c", "exec app"]).class, Class::ExecTail);
    assert_eq!(judge(&["fish", "-c", "exec app"]).class, Class::Unknown(Unknown::Sourced));
    assert_eq!(script("exec \"$JAVA_HOME\"/bin/java -jar x").program, "java");
}

#[test]
fn every_path_through_a_script_counts() {
    for (text, class) in [
        ("if [ $A ]; then exec a; else b; fi", Class::Stays(Stay::NoExec)),
        ("if [ $A ]; then exec a; else exec b; fi", Class::ExecAlways),
        ("if [ $A ]; then exec a; fi", Class::ExecMaybe),
        ("if [ $A ]; then a; fi; exec b", Class::ExecTail),
        ("case $1 in a) exec a;; *) exec b;; esac", Class::ExecAlways),
        ("case $1 in a) exec a;; b) exec b;; esac", Class::ExecMaybe),
        ("case $1 in a) exec a;; esac; exec b", Class::ExecAlways),
        ("[ $A ] && exec a; [ $B ] || exit 1", Class::ExecMaybe),
        ("while true; do a; done; exec b", Class::Stays(Stay::Loop)),
        ("while true; do a && break; done; exec b", Class::ExecTail),
        ("a || exit 1; exec b", Class::ExecTail),
        ("a; exit 1; exec b", Class::Stays(Stay::NoExec)),
        ("f() { exec \"$@\"; }; f app", Class::Unknown(Unknown::Opaque)),
        ("f() { [ $A ] && return; [ $B ] && return; exec a; }; f", Class::ExecMaybe),
        ("f() { [ $A ] && return; exec a; }; f; b", Class::Stays(Stay::NoExec)),
        ("f() { eval '[ $A ] && return'; exec a; }; f; b", Class::Stays(Stay::NoExec)),
        ("f() { [ $A ] || exit 1; exec a; }; f; b", Class::ExecTail),
        ("f() { g; exec a; }; g() { return; }; f; b", Class::ExecTail),
        ("cat <<$A\n\n(\n$A\nexec a", Class::ExecTail),
        ("f() { a; return; }; f; exec b", Class::ExecTail),
        ("f() { while true; do a; done; }; f; exec b", Class::Stays(Stay::Loop)),
        ("f() { exit 1; }; f; exec b", Class::Brief),
        ("exec npm start", Class::LossyRunner),
        ("exec sh -c 'exec app'", Class::ExecTail),
        ("exec sh -c app", Class::Stays(Stay::NoExec)),
        ("exec tini -- sh -c app", Class::Stays(Stay::NoExec)),
        ("exec sleep infinity", Class::KeepAlive),
        ("echo ready; sleep infinity", Class::KeepAlive),
        ("while :; do sleep 30; done", Class::KeepAlive),
        ("while sleep 3600; do :; done", Class::KeepAlive),
        ("while true; do date; sleep 5; done", Class::Stays(Stay::Loop)),
        ("while true; do work; sleep 3600; done", Class::Stays(Stay::Loop)),
        ("cat", Class::KeepAlive),
        ("cat <<E >f\nx\nE", Class::Stays(Stay::NoExec)),
        ("app; true | cat", Class::Stays(Stay::Pipeline)),
        ("$CMD | tee log", Class::Stays(Stay::Pipeline)),
        ("app & sleep infinity", Class::Stays(Stay::NoExec)),
        ("service nginx start; tail -f /dev/null", Class::Stays(Stay::NoExec)),
        ("sleep 30", Class::Stays(Stay::NoExec)),
        ("echo hello", Class::Brief),
        ("[[ -f /x ]] && export A=1", Class::Brief),
        ("app &", Class::Broken(Broken::OnlyBackground)),
        ("trap 'x' TERM; app", Class::Stays(Stay::TrapInForeground)),
        ("trap 'x' SIGTERM; app & wait", Class::Stays(Stay::Background)),
        ("./entrypoint.sh", Class::Stays(Stay::NoExec)),
        ("exec ./entrypoint.sh", Class::ScriptFile),
    ] {
        assert_eq!(script(text).class, class, "{text}");
    }
}

#[test]
fn of_several_programs_a_script_is_judged_by_the_worst() {
    let programs = [
        ("sh -c app", Class::Stays(Stay::NoExec)),
        ("npm start", Class::LossyRunner),
        ("''", Class::Broken(Broken::NoProgram)),
        ("$CMD", Class::Unknown(Unknown::Opaque)),
        ("./run.sh", Class::ScriptFile),
        ("bash -c app", Class::Implicit(Shell::Bash)),
        ("sh -c 'if [ $A ]; then exec app; fi'", Class::ExecMaybe),
        ("supervisord -n", Class::Manager { needs_pid1: false, is_init: true }),
        ("app", Class::ExecAlways),
    ];
    for (at, (worse, class)) in programs.iter().enumerate() {
        for (better, _) in programs.iter().skip(at + 1) {
            for (first, second) in [(worse, better), (better, worse)] {
                let text = format!("if [ $A ]; then exec {first}; else exec {second}; fi");
                assert_eq!(script(&text).class, *class, "{text}");
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
    ] {
        let process = judge(&argv);
        assert_eq!((process.class, process.fix), (Class::Stays(Stay::NotLast), None), "{argv:?}");
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
    assert_eq!(script("app &\nwait").evidence, "app & wait");
    assert_eq!(judge(&["npm", "--silent", "run", "serve", "--token=x"]).evidence, "npm run");
    assert!(judge(&["npm", "start"]).advice().unwrap().contains("node"));
    assert_eq!(judge(&["app", "--password=x"]).evidence, "app");
    let long = script(&format!("app\t\\\n  {}", "é".repeat(100)));
    assert_eq!(long.evidence.chars().count(), MAX_EVIDENCE);
    assert!(long.evidence.starts_with("app \\ é") && long.evidence.ends_with('…'), "{}", long.evidence);
}

#[test]
fn huge_input_is_unknown_and_quick() {
    let start = Instant::now();
    let elements = vec!["a"; 100_000];
    assert_eq!(judge(&elements).class, Class::Unknown(Unknown::TooBig));
    assert_eq!(judge(&vec!["env"; MAX_ARGUMENTS]).program, "env");
    let too_big = |text: &str| {
        assert_eq!(script(text).class, Class::Unknown(Unknown::TooBig), "{}", text.get(..20).unwrap());
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
    assert_eq!(expansion.class, Class::Unknown(Unknown::TooBig));
    let many = format!("sh -c '{}'", "$@ ".repeat(5_000));
    let positional: Vec<_> = ["sh", "-c", &many, "x"].into_iter().chain(vec!["a"; 4_000]).collect();
    judge(&positional);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn a_script_of_many_kilobytes_is_read_wherever_it_stands() {
    let long = format!("exec app {}", "a".repeat(8_000));
    for text in [long.clone(), format!("eval '{long}'"), format!("exec sh -c '{long}'")] {
        assert_eq!(script(&text).class, Class::ExecTail);
    }
}

#[test]
fn commands_that_share_their_steps_are_unknown_when_none_is_left() {
    let steps = Cell::new(MAX_STEPS);
    let options = Options { steps: Some(&steps), ..Options::default() };
    let script = "a b c;".repeat(3_000);
    let classes: Vec<_> = (0..30).map(|_| judge_with(&["sh", "-c", &script], &options).class).collect();
    assert_eq!(classes.first(), Some(&Class::Stays(Stay::NoExec)));
    assert_eq!(classes.last(), Some(&Class::Unknown(Unknown::TooBig)));
    assert_eq!(steps.get(), 0);
}
