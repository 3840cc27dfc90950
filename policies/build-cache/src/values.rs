//! Variables whose values are secrets.

use shared::image::SECRET_NAMES;

/// Words of a name that make it one about a secret, not of one.
const ABOUT: &[&str] = &[
    "FILE",
    "PATH",
    "DIR",
    "NAME",
    "TYPE",
    "TTL",
    "LENGTH",
    "EXPIRY",
    "EXPIRATION",
    "LIFETIME",
    "TIMEOUT",
    "ENABLED",
    "ALGORITHM",
    "POLICY",
    "PROVIDER",
    "ISSUER",
    "HEADER",
    "DUMMY",
];

/// Parts of names that only look like those of secrets. `GPG_KEY` is the fingerprint of a public key.
const HARMLESS: &[&str] = &["ALLOW_EMPTY_", "TOKENIZERS_", "GPG_KEY"];

/// Parts of values that say that there is no secret yet.
const PLACEHOLDERS: &[&str] =
    &["changeme", "change-me", "change_me", "placeholder", "replace", "dummy", "example", "your-", "your_", "redacted"];

/// Values that are none.
const NOTHING: &[&str] =
    &["0", "1", "none", "null", "nil", "undefined", "unset", "todo", "true", "false", "yes", "no", "on", "off"];

/// Beginnings of paths of files that hold a secret.
const DIRECTORIES: &[&str] =
    &["/run/", "/var/", "/etc/", "/secrets/", "/vault/", "/mnt/", "/opt/", "/home/", "/root/", "/app/"];

/// Returns `true` if a variable of this name and value holds a secret.
pub(crate) fn is_secret(name: &str, value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    has_password(value) || is_named(name) && !is_about(name) && !is_path(value) && !is_placeholder(value)
}

/// Returns `true` if a name has that of a secret as a part that ends a word, such as `PGPASSWORD` and `dbPassword`.
fn is_named(name: &str) -> bool {
    let upper = name.to_ascii_uppercase().replace(['-', '.'], "_");
    SECRET_NAMES.iter().any(|part| {
        let mut ends = upper.match_indices(part).filter_map(|(start, _)| upper.get(start.checked_add(part.len())?..));
        // Several of them, but for the tokens that models count.
        let one = |rest: &str| if *part == "TOKEN" { None } else { rest.strip_prefix('S').map(is_end) };
        ends.any(|rest| is_end(rest) || one(rest) == Some(true))
    })
}

fn is_end(rest: &str) -> bool {
    !rest.starts_with(|next: char| next.is_ascii_alphabetic())
}

/// Returns `true` if the value of such a name is not the secret itself.
fn is_about(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let last = upper.rsplit(['_', '-', '.']).next().unwrap_or_default();
    ABOUT.contains(&last) || last == "URL" || last == "URI" || HARMLESS.iter().any(|part| upper.contains(part))
}

/// Returns `true` for nothing, a variable, and what says that it stands for a secret.
fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let of_one = |character: char| matches!(character, 'x' | '*' | '.' | '-' | '_' | '?');
    lower.chars().all(of_one)
        || NOTHING.contains(&&*lower)
        || PLACEHOLDERS.iter().any(|part| lower.contains(part))
        || lower.starts_with('<') && lower.ends_with('>')
        || is_variable(value)
}

/// Returns `true` for `$NAME` and `${NAME}`.
fn is_variable(value: &str) -> bool {
    let name = value.strip_prefix('$').unwrap_or_default();
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Returns `true` for the path of a file.
fn is_path(value: &str) -> bool {
    DIRECTORIES.iter().any(|directory| value.starts_with(directory)) || value.starts_with("file:")
}

/// Returns `true` for an address with a password: `postgres://user:password@host`.
fn has_password(value: &str) -> bool {
    let Some((_, rest)) = value.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let password = authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':')).map(|(_, password)| password);
    password.is_some_and(|password| !is_placeholder(password))
}
