//! Texts: names of programs, and their parts.

use crate::image::redacted;
use crate::text::{cut, excerpt};

/// The last path component.
pub(super) fn basename(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// A word without the double quotes around it.
pub(super) fn unquoted(word: &str) -> &str {
    let word = word.strip_prefix('"').unwrap_or(word);
    word.strip_suffix('"').unwrap_or(word)
}

/// Returns `true` if `word` is one of the words of a list that are separated by `|`. An array of texts takes eight
/// bytes more for each.
#[must_use]
pub fn is_one_of(word: &str, list: &str) -> bool {
    list.split('|').any(|item| item == word)
}

/// The most bytes of a command that are read for a message: enough for a secret that begins in the excerpt to end.
const MAX_SHOWN: usize = 1024;

/// A command in a message: the beginning as one line, without what may be a secret.
pub(super) fn shown(command: &str) -> String {
    excerpt(&redacted(cut(command, MAX_SHOWN)))
}
