//! Texts: names of programs, and excerpts of commands.

/// The longest evidence and fix, in characters.
pub const MAX_EVIDENCE: usize = 60;

/// The last path component.
pub(super) fn basename(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// Whether `part`, which is short, occurs in `text`. The search of the standard library costs a module 2 KB more.
pub(crate) fn has_part(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window == part.as_bytes())
}

/// One line of at most [`MAX_EVIDENCE`] characters, with a blank for blanks, line breaks and continued lines.
pub(super) fn excerpt(text: &str) -> String {
    let mut line = String::new();
    let mut left = MAX_EVIDENCE;
    let mut characters = text.trim().chars().peekable();
    while let Some(character) = characters.next() {
        let is_blank = character.is_control() || character == '\\' && characters.peek() == Some(&'\n');
        let character = if is_blank { ' ' } else { character };
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
