//! Text that is short and safe to print, and its order.

use std::borrow::Cow;
use std::collections::BinaryHeap;
use std::fmt::{self, Display, Write as _};

/// The maximum length of a quoted value, in bytes, before it is cut.
const MAX_VALUE: usize = 256;

/// The maximum length of an excerpt, in characters.
pub const MAX_EXCERPT: usize = 60;

/// A value of the object in a message: in quotes, control characters escaped, cut at 256 bytes.
#[must_use]
pub fn quote(value: &str) -> Quoted<'_> {
    Quoted(value)
}

/// A value that holds nothing but plainly printable characters, as a valid image name does: as it is, cut at 256 bytes.
#[must_use]
pub fn plain(value: &str) -> Cow<'_, str> {
    let kept = cut(value, MAX_VALUE);
    if kept.len() < value.len() { Cow::Owned(format!("{kept}…")) } else { Cow::Borrowed(value) }
}

/// See [`quote`].
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = cut(self.0, MAX_VALUE);
        f.write_char('"')?;
        escape(kept, f)?;
        f.write_str(if kept.len() < self.0.len() { "…\"" } else { "\"" })
    }
}

/// Writes `text` without what a terminal acts on: control characters, and those that hide or reorder text.
fn escape(text: &str, out: &mut dyn fmt::Write) -> fmt::Result {
    // Nearly every text.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return out.write_str(text);
    }
    text.chars().try_for_each(|char| match char {
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {
            write!(out, "\\u{{{:x}}}", u32::from(char))
        }
        char if char.is_control() => write!(out, "\\u{{{:x}}}", u32::from(char)),
        char => out.write_char(char),
    })
}

/// Returns `true` if `part`, which is short, occurs in `text`. The search of the standard library costs a module 2 KB
/// more.
pub(crate) fn has_part(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window == part.as_bytes())
}

/// The text before and after a `part`, which is short, where it occurs first.
pub(crate) fn split_part<'t>(text: &'t str, part: &str) -> Option<(&'t str, &'t str)> {
    around(text, part, text.as_bytes().windows(part.len()).position(|window| window == part.as_bytes())?)
}

/// The same where it occurs last.
pub(crate) fn rsplit_part<'t>(text: &'t str, part: &str) -> Option<(&'t str, &'t str)> {
    around(text, part, text.as_bytes().windows(part.len()).rposition(|window| window == part.as_bytes())?)
}

fn around<'t>(text: &'t str, part: &str, start: usize) -> Option<(&'t str, &'t str)> {
    Some((text.get(..start)?, text.get(start.checked_add(part.len())?..)?))
}

/// The longest prefix of at most `bytes` bytes that ends at a character boundary.
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

/// `text` as one line that is safe to print.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    // Writing to a string cannot fail.
    let _ = escape(text, &mut line);
    line
}

/// `line` in at most `bytes` bytes.
pub(crate) fn ellipsis(line: &str, bytes: usize) -> Cow<'_, str> {
    if line.len() <= bytes {
        return Cow::Borrowed(line);
    }
    Cow::Owned(format!("{}…", cut(line, bytes.saturating_sub('…'.len_utf8()))))
}

/// One line of at most [`MAX_EXCERPT`] characters, with a blank for blanks, line breaks and continued lines.
#[must_use]
pub fn excerpt(text: &str) -> String {
    let mut line = String::new();
    let mut left = MAX_EXCERPT;
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

/// A path with its indexes padded, so that texts sort as a reader does: `containers[2]` before `containers[10]`.
#[must_use]
pub fn natural(path: &str) -> String {
    let mut natural = String::with_capacity(path.len().saturating_add(32));
    for part in path.split_inclusive('[') {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            natural.extend(std::iter::repeat_n('0', 10_usize.saturating_sub(digits)));
        }
        natural.push_str(part);
    }
    natural
}

/// The keys of texts in order, each with the index of its text. A heap, because it costs a module a tenth of what
/// `sort` does.
pub(crate) fn sorted(texts: impl Iterator<Item = String>) -> Vec<(Vec<u64>, usize)> {
    let keys: Vec<_> = texts.enumerate().map(|(index, text)| (key(&text), index)).collect();
    BinaryHeap::from(keys).into_sorted_vec()
}

/// A sort key that compares like the text, seven bytes per step. Comparing bytes one by one dominated large answers.
fn key(text: &str) -> Vec<u64> {
    let chunks = text.as_bytes().chunks(7);
    let mut key = Vec::with_capacity(chunks.len());
    for chunk in chunks {
        // The length after the bytes distinguishes zeros from nothing.
        let length = u64::try_from(chunk.len()).unwrap_or_default() << 56;
        key.push(chunk.iter().rfold(length, |word, byte| word >> 8 | u64::from(*byte) << 56));
    }
    key
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_value_is_quoted_and_cut_at_a_character() {
        assert_eq!(quote("web").to_string(), "\"web\"");
        assert_eq!(quote(&"a".repeat(256)).to_string(), format!("\"{}\"", "a".repeat(256)));
        assert_eq!(quote(&"a".repeat(257)).to_string(), format!("\"{}…\"", "a".repeat(256)));
        assert_eq!(quote(&format!("{}é", "a".repeat(255))).to_string(), format!("\"{}…\"", "a".repeat(255)));
    }

    #[test]
    fn what_hides_or_reorders_text_is_escaped() {
        let text = "a\n\r\t\u{0}\u{1b}\u{7f}\u{9b}\u{200b}\u{202e}\u{2066}\u{feff}ä";
        let escaped = r"a\n\r\t\u{0}\u{1b}\u{7f}\u{9b}\u{200b}\u{202e}\u{2066}\u{feff}ä";
        assert_eq!(printable(text), escaped);
        assert_eq!(quote(text).to_string(), format!("\"{escaped}\""));
    }

    #[test]
    fn paths_are_in_the_order_of_readers() {
        let mut paths = ["a[10].x", "a[9].x", "a[2]", "a", "b[0]", "a[10][2]", "a[10][11]"];
        paths.sort_by_key(|path| natural(path));
        assert_eq!(paths, ["a", "a[2]", "a[9].x", "a[10].x", "a[10][2]", "a[10][11]", "b[0]"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_quoted_value_is_one_printable_line(value in any::<String>()) {
            let quoted = quote(&value).to_string();
            prop_assert!(!quoted.chars().any(char::is_control));
            prop_assert!(quoted.starts_with('"') && quoted.ends_with('"'));
        }

        #[test]
        fn indexes_are_ordered_as_numbers(left in any::<u32>(), right in any::<u32>()) {
            let natural = |index: u32| natural(&format!("containers[{index}].image"));
            prop_assert_eq!(natural(left).cmp(&natural(right)), left.cmp(&right));
        }

        #[test]
        fn keys_compare_like_their_texts(left in "[ab é]{0,17}", right in "[ab é]{0,17}", text in any::<String>()) {
            prop_assert_eq!(key(&left).cmp(&key(&right)), left.cmp(&right));
            prop_assert_ne!(key(&text), key(&format!("{text}\0")));
        }
    }
}
