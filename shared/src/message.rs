//! How findings read: one line each, short, safe to print.

use std::borrow::Cow;
use std::fmt::{self, Display, Write as _};

use crate::findings::Finding;
use crate::pod::Owner;

/// How many findings a message names.
const MAX_LINES: usize = 10;
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
pub(crate) fn printable(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    // Writing to a string cannot fail.
    let _ = escape(text, &mut line);
    line
}

/// Lines as one message: at most ten, at most 2 KiB, and how many were left out.
pub(crate) fn message(lines: &[String]) -> String {
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
        message.push_str(cut(line, room));
        shown = shown.saturating_add(1);
    }
    match lines.len().saturating_sub(shown) {
        0 => message,
        more => {
            // Writing to a string cannot fail.
            let _ = write!(message, "\n… and {more} more");
            message
        }
    }
}

/// Lines as API warnings: at most ten, each cut to what kubectl prints, and how many were left out.
pub(crate) fn warnings(lines: &[String]) -> Vec<String> {
    let mut warnings: Vec<String> = lines.iter().take(MAX_LINES).map(|line| ellipsis(line)).collect();
    if let Some(more) = lines.len().checked_sub(MAX_LINES).filter(|more| *more > 0) {
        warnings.push(format!("… and {more} more"));
    }
    warnings
}

fn ellipsis(line: &str) -> String {
    if line.len() <= MAX_WARNING {
        return line.to_owned();
    }
    format!("{}…", cut(line, MAX_WARNING.saturating_sub('…'.len_utf8())))
}

/// A path with its indexes padded, so that texts sort as a reader does: `containers[2]` before `containers[10]`.
pub(crate) fn natural(path: &str) -> String {
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
