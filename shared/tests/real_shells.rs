//! Runs the shapes of `support` in real shells, each as PID 1 of a PID namespace of its own, and compares what they do
//! with what the classifier says. What is not installed or not allowed is named and skipped.

#![cfg(test)]

mod support;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use shared::process::{Argv, Behaviour, Env, Options, Shell, Stay, Trap, classify};
use support::{BROKEN, FLAGS, Outcome, SHAPES, STOPS, Stop};

/// The app: it ends with 7 on SIGTERM and writes its PID when it is ready.
const APP: &str = r#"#!/bin/sh
trap 'exit 7' TERM
[ "${0##*/}" = app ] && echo $$ >"$READY"
while :; do sleep 60 & wait; done
"#;

/// An app that needs a second to stop, and writes when it starts and ends to do so.
const SLOW_APP: &str = r#"#!/bin/sh
trap 'echo got >>"$READY.stop"; sleep 1; echo done >>"$READY.stop"; exit 7' TERM
echo $$ >"$READY"
while :; do sleep 60 & wait; done
"#;

const SHELLS: [(&str, &[&str], Shell); 3] =
    [("dash", &["dash"], Shell::Dash), ("bash", &["bash"], Shell::Bash), ("ash", &["busybox", "ash"], Shell::Ash)];

/// The time within which a process has to end on SIGTERM.
const PATIENCE: Duration = Duration::from_millis(300);
const THREADS: usize = 64;

/// A way to run a program as PID 1, and a directory with the app.
struct Stage {
    unshare: Vec<&'static str>,
    directory: PathBuf,
}

impl Stage {
    /// Sets the stage; `None` when no PID namespace can be made.
    fn new(name: &str, app_text: &str) -> Option<Self> {
        let ways = [vec!["unshare", "-pf", "--kill-child"], vec!["unshare", "-Urpf", "--kill-child"]];
        let unshare = ways.into_iter().find(|way| {
            Command::new(way[0]).args(&way[1..]).arg("true").output().is_ok_and(|output| output.status.success())
        })?;
        let directory = std::env::temp_dir().join(format!("seaworthy-{name}-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let mut app = fs::File::create(directory.join("app")).unwrap();
        app.write_all(app_text.as_bytes()).unwrap();
        app.set_permissions(fs::Permissions::from_mode(0o755)).unwrap();
        drop(app);
        symlink("app", directory.join("other")).unwrap();
        Some(Self { unshare, directory })
    }

    /// Runs an argument vector as PID 1, sends it SIGTERM when the app is ready, and tells the PID of the app and the
    /// exit status, if it ended. `None` when the app did not start.
    fn run(&self, argv: &[&str], patience: Duration) -> Option<(String, Option<i32>)> {
        self.watch(argv, patience, |_| ())
    }

    /// The same; `look` sees the directory of the run before it is removed.
    fn watch(&self, argv: &[&str], patience: Duration, look: impl FnOnce(&Path)) -> Option<(String, Option<i32>)> {
        static RUN: AtomicUsize = AtomicUsize::new(0);
        let directory = self.directory.join(RUN.fetch_add(1, Ordering::Relaxed).to_string());
        fs::create_dir(&directory).unwrap();
        let ready = directory.join("ready");
        let path = format!("{}:{}", self.directory.display(), std::env::var("PATH").unwrap());
        let mut child = Command::new(self.unshare[0])
            .args(&self.unshare[1..])
            // In a container, PID 1 leads its session and process group.
            .args(["--", "setsid"])
            .args(argv)
            .current_dir(&directory)
            .env("PATH", path)
            .env("READY", &ready)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let pid = wait_for(&mut child, Duration::from_secs(10), || read_line(&ready));
        let result = pid.and_then(|pid| {
            // A shell needs a moment to reach its `wait`.
            std::thread::sleep(Duration::from_millis(80));
            let children = format!("/proc/{0}/task/{0}/children", child.id());
            let init = fs::read_to_string(children).ok()?.split_whitespace().next()?.to_owned();
            Command::new("sh").args(["-c", "kill -TERM \"$1\"", "sh", &init]).status().unwrap();
            wait_for(&mut child, patience, || None::<()>);
            Some((pid, child.try_wait().unwrap().and_then(|status| status.code())))
        });
        child.kill().unwrap();
        child.wait().unwrap();
        look(&directory);
        fs::remove_dir_all(&directory).unwrap();
        result
    }

    /// The fate of the slow app.
    fn stop(&self, argv: &[&str], patience: Duration) -> Stop {
        let mut written = String::new();
        let run = self.watch(argv, patience, |directory| {
            written = fs::read_to_string(directory.join("ready.stop")).unwrap_or_default();
        });
        match run {
            None => Stop::Fails,
            Some(_) if written.contains("done") => Stop::Done,
            Some(_) if written.contains("got") => Stop::Cut,
            Some(_) => Stop::Deaf,
        }
    }

    fn outcome(&self, argv: &[&str], patience: Duration) -> Outcome {
        match self.run(argv, patience) {
            None => Outcome::Fails,
            Some((pid, _)) if pid == "1" => Outcome::Exec,
            Some((_, None)) => Outcome::Stays,
            Some((_, Some(_))) => Outcome::Ends,
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// Polls until there is a value, the child has ended or time is up.
fn wait_for<T>(child: &mut Child, time: Duration, mut poll: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    while start.elapsed() < time {
        let value = poll();
        if value.is_some() || child.try_wait().unwrap().is_some() {
            return value.or_else(poll);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    None
}

fn read_line(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()?.strip_suffix('\n').map(str::to_owned)
}

fn is_installed(program: &str) -> bool {
    std::env::split_paths(&std::env::var_os("PATH").unwrap()).any(|directory| directory.join(program).exists())
}

/// The verdict of the classifier on an argument vector, as a runtime starts it: the kubelet makes `$` of `$$`.
fn behaviour(argv: &[&str], shell: Shell) -> Behaviour {
    let written: Vec<String> = argv.iter().map(|element| element.replace("$$", "$$$$")).collect();
    let written: Vec<&str> = written.iter().map(String::as_str).collect();
    let argv = Argv::compose(Some(&written), None, &|_| Env::Absent);
    classify(&argv, &Options { shell, ..Options::default() }).behaviour
}

/// The verdict of the classifier on a shell that runs a script; `None` if it makes no claim.
fn predict(argv: &[&str], shell: Shell) -> Option<Outcome> {
    match behaviour(argv, shell) {
        Behaviour::Direct
        | Behaviour::ExecAlways
        | Behaviour::ExecTail
        | Behaviour::ExecMaybe
        | Behaviour::Implicit(_) => Some(Outcome::Exec),
        Behaviour::Trapped(_) | Behaviour::Stays(Stay::ExitTrap) => Some(Outcome::Ends),
        Behaviour::Stays(_) => Some(Outcome::Stays),
        _ => None,
    }
}

/// The verdict of the classifier on an app that needs a second to stop; `None` if it makes no claim.
fn predict_stop(argv: &[&str]) -> Option<Stop> {
    match behaviour(argv, Shell::Dash) {
        Behaviour::Direct
        | Behaviour::ExecAlways
        | Behaviour::ExecTail
        | Behaviour::ForkForward
        | Behaviour::Implicit(_)
        | Behaviour::Trapped(Trap::GOOD) => Some(Stop::Done),
        Behaviour::Trapped(Trap { passes: true, .. }) => Some(Stop::Cut),
        Behaviour::Trapped(_) | Behaviour::Stays(_) => Some(Stop::Deaf),
        _ => None,
    }
}

#[test]
fn the_classifier_predicts_how_a_slow_app_stops() {
    let mut wrong = Vec::new();
    for (script, stops) in STOPS {
        for ((name, argv, _), stop) in SHELLS.iter().zip(stops) {
            let predicted = predict_stop(&[*argv, &["-c", script]].concat());
            if *stop != Stop::Fails && predicted != Some(*stop) {
                wrong.push(format!("{name} -c {script:?}: predicted {predicted:?}, measured {stop:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_slow_app_stops_as_the_classifier_predicts() {
    let Some(stage) = Stage::new("stops", SLOW_APP) else {
        println!("skipped: no PID namespace can be made here");
        return;
    };
    let mut runs: Vec<(Vec<&str>, Stop)> = Vec::new();
    for (column, (name, argv, _)) in SHELLS.iter().enumerate() {
        if !is_installed(argv[0]) {
            println!("skipped: {name} is not installed");
            continue;
        }
        let scripts = STOPS.iter().filter(|(_, stops)| stops[column] != Stop::Fails);
        runs.extend(scripts.map(|(script, stops)| ([*argv, &["-c", script]].concat(), stops[column])));
    }
    run_all(&runs, |argv, expected, attempt| {
        let found = stage.stop(argv, Duration::from_millis(1500) * attempt);
        // An app that is killed while it stops may not even have begun.
        (found != expected && (expected, found) != (Stop::Cut, Stop::Deaf)).then_some(found)
    });
}

#[test]
fn what_the_classifier_takes_for_broken_starts_no_app() {
    let Some(stage) = Stage::new("broken", SLOW_APP) else {
        println!("skipped: no PID namespace can be made here");
        return;
    };
    for argv in BROKEN {
        let behaviour = behaviour(argv, Shell::Dash);
        assert!(matches!(behaviour, Behaviour::Broken(_)), "{argv:?}: {behaviour:?}");
        assert_ne!(stage.stop(argv, PATIENCE), Stop::Done, "{argv:?}");
    }
}

#[test]
fn the_classifier_predicts_every_shape_as_it_was_measured() {
    let mut wrong = Vec::new();
    for (script, outcomes) in SHAPES {
        for ((name, argv, _), outcome) in SHELLS.iter().zip(outcomes) {
            let predicted = predict(&[*argv, &["-c", script]].concat(), Shell::Dash);
            if *outcome != Outcome::Fails && predicted != Some(*outcome) {
                wrong.push(format!("{name} -c {script:?}: predicted {predicted:?}, measured {outcome:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn options_of_the_shell_change_no_prediction() {
    for flags in FLAGS {
        for (_, argv, shell) in SHELLS {
            let plain = predict(&[argv, &["-c", "true; app"]].concat(), shell);
            assert_eq!(predict(&[argv, flags, &["true; app"]].concat(), shell), plain, "{argv:?} {flags:?}");
        }
    }
}

#[test]
fn real_shells_do_what_the_classifier_predicts() {
    let Some(stage) = Stage::new("shells", APP) else {
        println!("skipped: no PID namespace can be made here");
        return;
    };
    let mut runs: Vec<(Vec<&str>, Outcome)> = Vec::new();
    for (column, (name, argv, _)) in SHELLS.iter().enumerate() {
        if !is_installed(argv[0]) {
            println!("skipped: {name} is not installed");
            continue;
        }
        for (script, outcomes) in SHAPES {
            let nests = script.contains("sh -c") && !(is_installed("dash") && is_installed("bash"));
            if outcomes[column] != Outcome::Fails && !nests {
                runs.push(([*argv, &["-c", script]].concat(), outcomes[column]));
            }
        }
        let stays = if *name == "dash" { Outcome::Stays } else { Outcome::Exec };
        runs.extend(FLAGS.iter().map(|flags| ([*argv, flags, &["true; app"]].concat(), stays)));
    }
    run_all(&runs, |argv, expected, attempt| {
        let found = stage.outcome(argv, PATIENCE * attempt);
        (found != expected).then_some(found)
    });
}

/// Makes all runs, many at once. `differs` makes one and says what was found instead of what is expected; a second attempt
/// has more patience, because a busy machine is slow to end a process.
fn run_all<T: Copy + std::fmt::Debug + Sync>(
    runs: &[(Vec<&str>, T)],
    differs: impl Fn(&[&str], T, u32) -> Option<T> + Sync,
) {
    let next = AtomicUsize::new(0);
    let failures = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((argv, expected)) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(found) = differs(argv, *expected, 1).and_then(|_| differs(argv, *expected, 10)) {
                        failures.lock().unwrap().push(format!("{argv:?}: expected {expected:?}, found {found:?}"));
                    }
                }
            });
        }
    });
    println!("{} runs", runs.len());
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn an_init_in_front_of_a_shell_loses_the_signal() {
    let Some(stage) = Stage::new("inits", APP) else {
        println!("skipped: no PID namespace can be made here");
        return;
    };
    for (init, argv) in [("tini", vec!["tini", "--"]), ("dumb-init", vec!["dumb-init"])] {
        if !is_installed(init) {
            println!("skipped: {init} is not installed");
            continue;
        }
        let direct = stage.run(&[argv.as_slice(), &["app"]].concat(), 10 * PATIENCE).unwrap();
        assert_eq!(direct.1, Some(7), "{init}: the handler of the app runs");
        assert_ne!(direct.0, "1", "{init} is PID 1");
        // dumb-init signals the whole session, so the app may win the race with its shell.
        if init == "tini" && is_installed("dash") {
            let behind_shell = stage.run(&["tini", "--", "dash", "-c", "app"], 10 * PATIENCE).unwrap();
            assert_eq!(behind_shell.1, Some(143), "the shell ends, and the app is killed without its handler");
        }
    }
}
