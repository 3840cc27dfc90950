//! The regular expression for tags like one that is not accepted, written out in its fix.

use shared::image::tag::Hash;

/// The longest expression that is written out, in bytes: with its prefix, no setting may be longer than 256.
const MAX: usize = 250;

/// An expression that matches the tag, and others with other numbers and hashes in the same places.
pub(crate) fn of(tag: &str) -> Option<String> {
    let mut pattern = String::new();
    for part in tag.split_inclusive(['-', '_', '.']) {
        let word = part.trim_end_matches(['-', '_', '.']);
        pattern.push_str(&of_word(word));
        pattern.push_str(match part.strip_prefix(word) {
            Some(".") => "\\.",
            mark => mark.unwrap_or_default(),
        });
    }
    (pattern.len() <= MAX).then_some(pattern)
}

/// A hash is any hash of its case, and each number in another word any number.
fn of_word(word: &str) -> String {
    let (g, hash) = word.strip_prefix('g').map_or(("", word), |hash| ("g", hash));
    if let Some(hash) = Hash::read(hash).filter(|hash| hash.has_letter && hash.length > 6) {
        return format!("{g}[0-9{}]+", if hash.is_lower { "a-f" } else { "A-Fa-f" });
    }
    let mut pattern = String::new();
    for char in word.chars() {
        if !char.is_ascii_digit() {
            pattern.push(char);
        } else if !pattern.ends_with('+') {
            pattern.push_str("[0-9]+");
        }
    }
    pattern
}
