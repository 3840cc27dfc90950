//! Texts: names of programs, and excerpts of commands.

/// The longest evidence and fix, in characters.
pub const MAX_EVIDENCE: usize = 60;

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
pub(super) fn is_one_of(word: &str, list: &str) -> bool {
    list.split('|').any(|item| item == word)
}

/// One line of at most [`MAX_EVIDENCE`] characters, with a blank for blanks, line breaks and continued lines.
pub(super) fn excerpt(text: &str) -> String {
    let mut line = String::new();
    let mut left = MAX_EVIDENCE;
    for character in text.trim().chars() {
        // The line goes on after a backslash.
        if character == '\n' && line.ends_with('\\') {
            line.pop();
            left = left.saturating_add(1);
        }
        let character = if character.is_control() { ' ' } else { character };
        if character == ' ' && line.ends_with(' ') {
            continue;
        }
        if left == 0 {
            line.pop();
            line.push('…');
            break;
        }
        left = left.saturating_sub(1);
        line.push(character);
    }
    line
}
