//! Programs that install software, beside package managers.

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
