//! Recognises what a text that is not an image reference was meant to be.

use super::error::ParseError;

/// The longest text that is examined, in bytes. No text that someone took for a reference is longer, and a long one takes
/// time.
const MAX: usize = 4096;

/// Transports, which name images for tools and not for nodes. Those with slashes stand before what would be a reference.
/// Source: containers-transports(5), and the schemes of Helm and `BuildKit`.
const TRANSPORTS: [&str; 13] = [
    "docker://",
    "docker-image://",
    "oci://",
    "containerd://",
    "containers-storage:",
    "dir:",
    "docker-archive:",
    "docker-daemon:",
    "oci:",
    "oci-archive:",
    "oci-layout:",
    "ostree:",
    "sif:",
];

/// A better explanation of the text than the rule of the grammar that it breaks first, if there is one.
pub(super) fn mistaken(text: &str, broken: ParseError) -> ParseError {
    if text.len() > MAX {
        return broken;
    }
    if text.trim_ascii().is_empty() {
        return ParseError::Empty;
    }
    if text.starts_with("ko://") {
        return ParseError::Ko;
    }
    if let Some(transport) = TRANSPORTS.iter().find(|transport| text.starts_with(**transport)) {
        return ParseError::Transport(transport);
    }
    let has = |marks: &[u8]| text.bytes().any(|byte| marks.contains(&byte));
    if text.as_bytes().windows(2).any(|pair| pair == b"{{" || pair == b"[[") {
        ParseError::Template
    } else if has(b"$") {
        ParseError::Variable
    } else if has(b"{}") {
        ParseError::Template
    } else if has(b"<>()") || has_placeholder(text) {
        ParseError::Placeholder
    } else if text.split_once(':').is_some_and(|(_, rest)| rest.starts_with("//")) {
        ParseError::Scheme
    } else if matches!(broken, ParseError::NameUppercase | ParseError::Host) && parts(text).any(is_in_capitals) {
        ParseError::NameCapitals
    } else {
        let strange = text.bytes().filter_map(strange).max_by_key(|(rank, _)| *rank);
        strange.map_or(broken, |(_, error)| error)
    }
}

/// The texts between the marks of a reference.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let is_mark = |char| matches!(char, '/' | ':' | '@');
    // A pointer, so that a module has the code of splitting once.
    text.split(is_mark as fn(char) -> bool)
}

/// Returns `true` if a name stands between marks that say that it is to be replaced.
fn has_placeholder(text: &str) -> bool {
    let is_underlined = |word: &str| word.len() > 4 && word.starts_with("__") && word.ends_with("__");
    // What stands between two @ is a digest, with a colon, or a placeholder.
    let at = text.split_once('@').and_then(|(_, rest)| rest.split_once('@'));
    let bracket = text.split_once('[').and_then(|(before, rest)| Some((before, rest.split_once(']')?.0)));
    parts(text).any(is_underlined)
        || text.bytes().filter(|byte| *byte == b'%').count() > 1
        || at.is_some_and(|(between, _)| !between.is_empty() && !between.contains(':'))
        || bracket.is_some_and(|(before, between)| !before.is_empty() || is_in_capitals(between))
}

/// Returns `true` if a word is written as placeholders are: `PROJECT_ID`.
fn is_in_capitals(word: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    word.len() > 1 && word.bytes().all(is_part) && word.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// The error for a byte that no reference has, with its rank: the most telling one is reported.
fn strange(byte: u8) -> Option<(u8, ParseError)> {
    Some(match byte {
        0x80.. => (4, ParseError::NotAscii),
        b'\n' | b'\r' => (3, ParseError::LineBreak),
        0..b' ' | 0x7f => (2, ParseError::Control),
        b' ' => (1, ParseError::Space),
        _ => return None,
    })
}
