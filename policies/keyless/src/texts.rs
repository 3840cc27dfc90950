//! Texts that may hold keys, as they are and decoded.

use std::borrow::Cow;

use crate::base64::{decode, is_digit};

/// The largest text that is decoded, in bytes. A larger one is only searched as it is.
const MAX_DECODED: usize = 1_048_576;

/// The shortest word in base64 that is decoded: shorter ones hold no key of a service account.
const MIN_ENCODED: usize = 60;

/// The most words of a text that are decoded.
const MAX_WORDS: usize = 64;

/// A text that is judged, with what it decodes to.
pub(crate) struct Text<'t, J> {
    /// Its place.
    pub(crate) judged: &'t J,
    /// The key or the variable that it belongs to.
    pub(crate) key: &'t str,
    /// The text, then what it decodes to.
    pub(crate) layers: Vec<String>,
}

impl<'t, J> Text<'t, J> {
    pub(crate) fn new(judged: &'t J, key: &'t str, layers: Vec<String>) -> Self {
        Self { judged, key, layers }
    }

    /// The key in upper case with underscores, as variables are named: `azure-client-id` is `AZURE_CLIENT_ID`.
    pub(crate) fn name(&self) -> String {
        self.key.chars().map(|c| if matches!(c, '-' | '.') { '_' } else { c.to_ascii_uppercase() }).collect()
    }
}

/// A text and what its words decode to, twice at most.
pub(crate) fn layers(text: &str) -> Vec<String> {
    let mut layers = vec![text.to_owned()];
    for layer in 0..2 {
        let decoded: Vec<String> = layers.get(layer).map(|text| decoded(text)).unwrap_or_default();
        if decoded.is_empty() {
            break;
        }
        layers.push(decoded.join("\n"));
    }
    layers
}

/// The words of a text that are texts in base64, decoded. A text that is base64 as a whole, with lines, is one word.
fn decoded(text: &str) -> Vec<String> {
    if text.len() > MAX_DECODED {
        return Vec::new();
    }
    let as_text = |word: &str| decode(word).and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some(whole) = Some(text).filter(|text| text.len() >= MIN_ENCODED).and_then(as_text) {
        return vec![whole];
    }
    let is_between = |byte: &u8| !is_digit(*byte);
    let words = text.as_bytes().split(is_between).filter(|word| word.len() >= MIN_ENCODED);
    words.take(MAX_WORDS).filter_map(|word| as_text(str::from_utf8(word).ok()?)).collect()
}

/// The value of a field in JSON, also in JSON that stands in another text with its quotes escaped, or in YAML. The first that is
/// not empty.
pub(crate) fn field<'t>(text: &'t str, name: &str) -> Option<Cow<'t, str>> {
    let mut rest = text;
    while let Some((before, after)) = split(rest, name) {
        rest = after;
        // `"name"`, `\"name\"`, `'name'`, or the name alone at the beginning of a line.
        let quote = before.chars().next_back();
        let after = match quote {
            Some(quote @ ('"' | '\'')) => after.trim_start_matches('\\').strip_prefix(quote),
            None | Some('\n' | ' ' | '{' | ',') => Some(after),
            _ => None,
        };
        let Some(value) = after.and_then(|after| after.trim_start().strip_prefix(':')) else { continue };
        if let Some(value) = value_of(value.trim_start()) {
            return Some(value);
        }
    }
    None
}

/// The text before and after the first place of a name.
fn split<'t>(text: &'t str, name: &str) -> Option<(&'t str, &'t str)> {
    let at = text.as_bytes().windows(name.len()).position(|part| part == name.as_bytes())?;
    Some((text.get(..at)?, text.get(at.saturating_add(name.len())..)?))
}

/// A scalar at the beginning of a text: in quotes, which may be escaped, or up to the end of the line; a block of YAML as a whole.
fn value_of(text: &str) -> Option<Cow<'_, str>> {
    let bare = text.trim_start_matches('\\');
    let value = match bare.bytes().next()? {
        quote @ (b'"' | b'\'') => {
            let inner = bare.get(1..)?;
            let end = inner.bytes().position(|byte| byte == quote).unwrap_or(inner.len());
            inner.get(..end)?.trim_end_matches('\\')
        }
        b'|' | b'>' => bare.split_once('\n')?.1,
        _ => bare.lines().next()?.trim_end_matches(','),
    };
    let value = value.trim();
    (!value.is_empty()).then_some(Cow::Borrowed(value))
}

/// Returns `true` if the text holds `part`.
pub(crate) fn holds(text: &str, part: &str) -> bool {
    split(text, part).is_some()
}

/// The words of a text: what stands between characters that no key has.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_end = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '/' | '+' | '_' | '-'));
    text.split(is_end).filter(|word| !word.is_empty())
}
