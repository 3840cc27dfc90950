//! How findings read: one line each, short, safe to print.

use std::borrow::Cow;
use std::fmt::{self, Display, Write as _};

use crate::findings::Finding;
use crate::pod::Owner;

/// How many findings a message names.
pub(crate) const MAX_LINES: usize = 10;
/// How long a message may be, in bytes.
const MAX_MESSAGE: usize = 2048;
/// How long a quoted value may be, in bytes, before it is cut.
const MAX_VALUE: usize = 256;
/// How long an API warning may be, in bytes. Source: k8s.io/apiserver, `warning` package.
const MAX_WARNING: usize = 256;
/// What is kept free for the line that counts what was left out.
const REMAINDER: usize = 32;

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

/// The longest prefix of at most `bytes` bytes that ends at a character boundary.
fn cut(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

/// One finding as one line: `policy: container "web": problem; fix (path)`.
pub(crate) fn line(policy: &str, finding: &Finding) -> String {
    let owner = match (&finding.at.owner, finding.at.owner.name()) {
        (Owner::Pod, _) => "pod".to_owned(),
        (owner, Some(name)) => format!("{} {}", owner.noun(), quote(name)),
        (owner, None) => format!("unnamed {}", owner.noun()),
    };
    printable(&format!("{policy}: {owner}: {}; {} ({})", finding.problem, finding.fix, finding.at.path))
}

/// `text` as one line that is safe to print.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    // Writing to a string cannot fail.
    let _ = escape(text, &mut line);
    line
}

/// The first of `all` lines as one message: at most ten, at most 2 KiB, and how many were left out.
#[must_use]
pub fn message(lines: &[String], all: usize) -> String {
    let mut message = String::new();
    let mut shown: usize = 0;
    for line in lines.iter().take(MAX_LINES) {
        let room = MAX_MESSAGE.saturating_sub(REMAINDER).saturating_sub(message.len());
        if line.len() >= room && shown > 0 {
            break;
        }
        if shown > 0 {
            message.push('\n');
        }
        message.push_str(&ellipsis(line, room));
        shown = shown.saturating_add(1);
    }
    match all.saturating_sub(shown) {
        0 => message,
        more => {
            // Writing to a string cannot fail.
            let _ = write!(message, "\n… and {more} more");
            message
        }
    }
}

/// The first of `all` lines as API warnings: at most ten, each cut to what kubectl prints, and how many were left out.
#[must_use]
pub fn warnings(lines: &[String], all: usize) -> Vec<String> {
    let mut warnings: Vec<String> =
        lines.iter().take(MAX_LINES).map(|line| ellipsis(line, MAX_WARNING).into_owned()).collect();
    if let Some(more) = all.checked_sub(MAX_LINES).filter(|more| *more > 0) {
        warnings.push(format!("… and {more} more"));
    }
    warnings
}

/// `line` in at most `bytes` bytes.
pub(crate) fn ellipsis(line: &str, bytes: usize) -> Cow<'_, str> {
    if line.len() <= bytes {
        return Cow::Borrowed(line);
    }
    Cow::Owned(format!("{}…", cut(line, bytes.saturating_sub('…'.len_utf8()))))
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
    fn ten_lines_are_shown_and_the_rest_is_counted() {
        let lines = |count| (0..count).map(|line| line.to_string()).collect::<Vec<_>>();
        assert_eq!(message(&lines(10), 10), "0\n1\n2\n3\n4\n5\n6\n7\n8\n9");
        assert_eq!(message(&lines(12), 12), "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n… and 2 more");
        assert_eq!(warnings(&lines(10), 10), lines(10));
        assert_eq!(warnings(&lines(12), 12), [lines(10), vec!["… and 2 more".to_owned()]].concat());
    }

    #[test]
    fn lines_that_do_not_fit_are_counted_as_well() {
        let lines = vec!["a".repeat(1000); 3];
        assert_eq!(message(&lines, lines.len()), format!("{0}\n{0}\n… and 1 more", "a".repeat(1000)));
    }

    #[test]
    fn a_first_line_that_does_not_fit_is_cut() {
        let message = message(&["é".repeat(2000), "b".to_owned()], 2);
        assert!(message.len() <= MAX_MESSAGE);
        assert!(message.ends_with("é…\n… and 1 more"), "{message}");
    }

    #[test]
    fn a_warning_is_cut_at_256_bytes() {
        assert_eq!(warnings(&["a".repeat(256)], 1), ["a".repeat(256)]);
        assert_eq!(warnings(&["a".repeat(257)], 1), [format!("{}…", "a".repeat(253))]);
        assert_eq!(warnings(&["é".repeat(200)], 1), [format!("{}…", "é".repeat(126))]);
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
        fn a_message_is_never_long(lines in prop::collection::vec("[aé\u{1f600}]{0,700}", 0..20)) {
            let message = message(&lines, lines.len());
            prop_assert!(message.len() <= MAX_MESSAGE);
            prop_assert!(message.lines().count() <= MAX_LINES + 1);
            prop_assert!(warnings(&lines, lines.len()).len() <= MAX_LINES + 1);
            prop_assert!(warnings(&lines, lines.len()).iter().all(|warning| warning.len() <= MAX_WARNING));
        }

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
    }
}
