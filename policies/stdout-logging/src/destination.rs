//! Where logs go: the names of files, and of what is not a file.

use shared::process::Invocation;

/// Endings of the names of log files.
const ENDINGS: [&str; 3] = [".log", ".out", ".err"];

/// Options of many programs whose value is a file or a directory for logs: with one dash or two, and `_` for `-`.
const OPTIONS: [&str; 7] = ["log-file", "logfile", "log-path", "logpath", "log-dir", "access-logfile", "error-logfile"];

/// Options of single programs whose value is a file for logs.
const OWN_OPTIONS: [(&str, &str); 12] = [
    ("apache2", "-E"),           // httpd(8)
    ("celery", "-f"),            // celery worker --help
    ("httpd", "-E"),             // httpd(8)
    ("mariadbd", "--log-error"), // mariadbd(8)
    ("mysqld", "--log-error"),   // mysqld(8)
    ("nginx", "-e"),             // nginx -h
    ("pg_ctl", "-l"),            // pg_ctl(1)
    ("pm2", "-e"),               // pm2 start --help
    ("pm2", "-l"),
    ("pm2", "-o"),
    ("supervisord", "-l"), // supervisord --help
    ("uwsgi", "--logto"),  // uWSGI options
];

/// Variables that many programs read for the path of their log.
const VARIABLES: [&str; 4] = ["LOG_FILE", "LOGFILE", "LOG_PATH", "LOG_DIR"];

/// Returns `true` if a file at this path looks like a log. The path may hold references to variables.
pub(crate) fn is_log(path: &str) -> bool {
    !is_stream(path)
        && (ENDINGS.iter().any(|ending| path.ends_with(ending))
            || path.split('/').any(|part| matches!(part, "log" | "logs")))
}

/// Returns `true` if the path is that of a standard stream, or of nothing.
fn is_stream(path: &str) -> bool {
    path.starts_with("/dev/") || path.starts_with("/proc/")
}

/// Returns `true` if the value of an option or a variable is a file or a directory, and not the name of a stream or a level.
pub(crate) fn is_path(value: &str) -> bool {
    let bytes = || value.bytes();
    let is_other = bytes().any(|byte| matches!(byte, b':' | b'%' | b' ' | b'{'))
        || bytes().all(|byte| byte == b'-' || byte.is_ascii_digit());
    !is_other && !is_stream(value) && bytes().any(|byte| matches!(byte, b'/' | b'.'))
}

/// Returns `true` if a variable of this name holds the path of a log.
pub(crate) fn is_variable(name: &str) -> bool {
    VARIABLES.contains(&name) || name.ends_with("_LOG_FILE")
}

/// The first option that makes a program log to a file: the option without its value, and the value.
pub(crate) fn option<'i>(invocation: &'i Invocation<'_>) -> Option<(&'i str, &'i str)> {
    let words = || (0..invocation.arguments.len()).map(|index| invocation.known(index).unwrap_or_default());
    words().enumerate().find_map(|(index, word)| {
        let (name, own) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        let value = own.or_else(|| words().nth(index.saturating_add(1)))?;
        let is_own = OWN_OPTIONS.contains(&(invocation.program, name));
        ((is_own || is_option(name)) && is_path(value)).then_some((name, value))
    })
}

fn is_option(name: &str) -> bool {
    let Some(name) = name.strip_prefix('-') else { return false };
    let name = name.strip_prefix('-').unwrap_or(name);
    let same = |known: &str| {
        known.len() == name.len() && known.bytes().zip(name.bytes()).all(|(a, b)| a == b || (a == b'-' && b == b'_'))
    };
    OPTIONS.into_iter().any(same)
}
