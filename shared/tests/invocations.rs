//! The programs that command lines start, each as its name, its words, and `> file`, `| file` and `< program` for its output, copies
//! and input.

use shared::process::{Budget, Invocation, invocations};

fn seen(command: &[&str], args: &[&str]) -> Vec<String> {
    let mut all = Vec::new();
    let mut see = |invocation: &Invocation<'_>| {
        let mut text = invocation.program.to_owned();
        for argument in invocation.arguments {
            text.push(' ');
            text.push_str(if argument.known().is_some() { argument.text() } else { "?" });
        }
        let marks = invocation.outputs.iter().map(|file| (" > ", &**file));
        let marks = marks.chain(invocation.copies.iter().map(|file| (" | ", &**file)));
        for (mark, name) in marks.chain(invocation.input.map(|program| (" < ", program))) {
            text.push_str(mark);
            text.push_str(name);
        }
        all.push(text);
    };
    invocations(command, args, &Budget::default(), &mut see);
    all
}

/// Scripts of `sh -c`, with what they start. The shell itself is left out.
const SCRIPTS: [(&str, &[&str]); 27] = [
    ("app", &["app"]),
    ("/usr/bin/app --port 80", &["app --port 80"]),
    ("exec app > /var/log/app.log 2>&1", &["app > /var/log/app.log"]),
    ("app 2>&1 > out.log", &["app > out.log"]),
    ("app &> \"/logs/a b.log\"", &["app > /logs/a b.log"]),
    ("app >& all.log", &["app > all.log"]),
    ("app 2>> err.log", &["app > err.log"]),
    ("app < in.log", &["app"]),
    ("app > $LOG_DIR/app.log", &["app > $LOG_DIR/app.log"]),
    ("{ app > a.log; } > b.log", &["app > a.log"]),
    ("{ a; b; } > c.log", &["a > c.log", "b > c.log"]),
    ("( a; b ) 2> c.log; d", &["a > c.log", "b > c.log", "d"]),
    ("exec > s.log 2>&1; app", &["app > s.log"]),
    ("( exec > s.log ); app", &["app"]),
    ("a | b", &["a", "b < a"]),
    ("a > f.log | b", &["a > f.log", "b < a"]),
    ("app 2>&1 | tee -a /var/log/app.log", &["app | -a | /var/log/app.log", "tee -a /var/log/app.log < app"]),
    ("if a; then b; else c; fi", &["a", "b", "c"]),
    ("for x in 1 2; do a $x; done", &["a ?"]),
    ("case $1 in x) a;; y) b;; esac", &["a", "b"]),
    ("f() { a; }; f", &["a", "f"]),
    ("cat <<EOF > /etc/app.conf\npip install x\nEOF\napp", &["cat > /etc/app.conf", "app"]),
    ("sh -c 'a; b' > x.log", &["sh a; b > x.log", "a > x.log", "b > x.log"]),
    ("nohup env A=1 timeout 5 app &", &["app"]),
    ("sudo -u web app --x", &["app --x"]),
    ("eval 'a b'", &["a b"]),
    ("echo \"pip install x\" && a # b", &["echo pip install x", "a"]),
];

#[test]
fn every_program_of_a_script_is_seen_with_its_output() {
    for (script, expected) in SCRIPTS {
        let all = seen(&["sh", "-c", script], &[]);
        let (shell, rest) = all.split_first().unwrap();
        assert!(shell.starts_with("sh "), "{script}: {shell}");
        assert_eq!(rest, expected, "{script}");
    }
}

#[test]
fn argument_vectors_are_followed_to_their_program() {
    assert_eq!(seen(&["/sbin/tini", "--", "app", "--x"], &["y"]), ["app --x y"]);
    assert_eq!(seen(&[], &["--log-file=/x"]), [" --log-file=/x"], "the image names the program");
    assert_eq!(seen(&[], &["sh", "-c", "app"]), ["sh app", "app"], "a shell is one without a command, too");
    assert_eq!(seen(&["app"], &["$(X)"]), ["app ?"]);
    assert_eq!(seen(&["sh"], &["-c", "a 'unclosed"]), ["sh a 'unclosed"], "a script with a fault starts nothing");
    assert_eq!(seen(&[], &[]), Vec::<String>::new());
}

#[test]
fn scripts_that_never_end_take_no_more_than_the_budget() {
    let nested = (0..40).fold("a".to_owned(), |script, _| format!("eval {}", script.replace('\'', "")));
    assert!(seen(&["sh", "-c", &nested], &[]).len() < 10);
    let long = "a; ".repeat(100_000);
    assert!(seen(&["sh", "-c", &long], &[]).len() < 100_000);
}
