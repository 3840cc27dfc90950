//! The documents of a text.
//!
//! A text is cut before it is parsed, as kubectl does, so that a broken document does not hide the ones after it.

use serde::de::IgnoredAny;

/// The maximum nesting of values. The policy server reads 128 levels of JSON; objects do not come near.
pub(crate) const MAX_DEPTH: usize = 100;

/// The maximum length of a key in characters; YAML allows 1,024, JSON any.
pub(crate) const MAX_KEY: usize = 64 * 1024;

/// The byte order mark that some editors put before UTF-8 text.
pub(crate) const BYTE_ORDER_MARK: char = '\u{feff}';

/// One document of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Document<'a> {
    /// The line of the text that the document begins on, from 1.
    pub(crate) line: usize,
    /// The column that it begins on, from 1.
    pub(crate) column: usize,
    /// The document, with its `---` line if it has one.
    pub(crate) text: &'a str,
}

/// The options of the parser, which by default reads what libyaml and so goyaml reads beyond YAML 1.2.
pub(crate) fn options() -> granit_parser::Options {
    let mut options = granit_parser::options! {
        bom_inside_document_as_content: true,
        simple_key_max_lookahead: MAX_KEY,
        flow_nesting_limit: MAX_DEPTH,
    };
    options.set_emit_comments(false);
    options
}

/// Cuts a text into its documents: a series of JSON objects, else YAML.
pub(crate) fn split(text: &str) -> Vec<Document<'_>> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    if text.trim_start().starts_with(['{', '['])
        && let Some(documents) = split_json(text)
    {
        return documents;
    }
    split_yaml(text)
}

/// JSON values one after the other; `None` when the text is something else, such as YAML in flow style.
fn split_json(text: &str) -> Option<Vec<Document<'_>>> {
    let mut documents = Vec::new();
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let (mut begin, mut line, mut column) = (0, 1, 1);
    while let Some(value) = values.next() {
        value.ok()?;
        let end = values.byte_offset();
        let value = text.get(begin..end)?;
        // The space before a value, with its line breaks, is not part of it.
        let document = value.trim_start();
        (line, column) = after((line, column), value.get(..value.len() - document.len())?);
        documents.push(Document { line, column, text: document });
        (line, column) = after((line, column), document);
        begin = end;
    }
    Some(documents)
}

/// Line and column after a text that begins at a line and column.
fn after((line, column): (usize, usize), text: &str) -> (usize, usize) {
    match text.rsplit_once('\n') {
        Some((before, last)) => (line + before.matches('\n').count() + 1, last.chars().count() + 1),
        None => (line, column + text.chars().count()),
    }
}

/// YAML documents: cut at every line that begins with `---`.
fn split_yaml(text: &str) -> Vec<Document<'_>> {
    let mut documents = Vec::new();
    let mut begin = (1, 0);
    let mut offset = 0;
    // Directives (`%YAML 1.1`) stand before the `---` of the document they belong to.
    let mut only_directives = false;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if is_marker(line) && !only_directives {
            push(&mut documents, text, begin, offset);
            // A byte order mark may begin a document, but not stand after its marker.
            let is_bare = text.get(offset + line.len()..).is_some_and(|rest| rest.starts_with(BYTE_ORDER_MARK));
            begin = if is_bare { (index + 2, offset + line.len()) } else { (index + 1, offset) };
        }
        only_directives = match line.as_bytes().first() {
            Some(b'%') => only_directives || offset == begin.1,
            Some(b'#' | b'\n' | b'\r') => only_directives,
            _ => false,
        };
        offset += line.len();
    }
    push(&mut documents, text, begin, offset);
    documents
}

fn push<'a>(documents: &mut Vec<Document<'a>>, text: &'a str, (line, begin): (usize, usize), end: usize) {
    let text = text.get(begin..end).map(|text| text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text));
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        documents.push(Document { line, column: 1, text });
    }
}

/// Returns `true` if a line begins a document: `---` alone or with something after a space.
fn is_marker(line: &str) -> bool {
    line.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Line and text of every document.
    fn documents(text: &str) -> Vec<(usize, &str)> {
        split(text).into_iter().map(|document| (document.line, document.text)).collect()
    }

    #[test]
    fn yaml_is_cut_at_the_markers() {
        assert_eq!(
            documents("a: 1\n---\nb: 2\n--- # c\nd: 3"),
            [(1, "a: 1\n"), (2, "---\nb: 2\n"), (4, "--- # c\nd: 3")]
        );
    }

    #[test]
    fn windows_line_ends_are_markers_too() {
        assert_eq!(documents("a: 1\r\n---\r\nb: 2\r\n"), [(1, "a: 1\r\n"), (2, "---\r\nb: 2\r\n")]);
    }

    #[test]
    fn longer_rules_and_indented_markers_are_text() {
        let text = "a: |\n  ---\n  x\nb: -----BEGIN\n";
        assert_eq!(documents(text), [(1, text)]);
    }

    #[test]
    fn directives_belong_to_the_document_after_them() {
        let text = "%YAML 1.1\n# c\n---\na: 1\n";
        assert_eq!(documents(text), [(1, text)]);
    }

    #[test]
    fn a_byte_order_mark_after_a_marker_is_dropped() {
        assert_eq!(documents("a: 1\n---\n\u{feff}b: 2\n"), [(1, "a: 1\n"), (3, "b: 2\n")]);
        assert_eq!(documents("\u{feff}a: 1\n"), [(1, "a: 1\n")]);
    }

    #[test]
    fn json_values_may_follow_each_other() {
        assert_eq!(documents("{\"a\": 1}\n\n {\"b\":\n2}\n"), [(1, "{\"a\": 1}"), (3, "{\"b\":\n2}")]);
        let column = split("{} {}").get(1).unwrap().column;
        assert_eq!(column, 4);
    }

    #[test]
    fn what_only_begins_like_json_is_yaml() {
        let text = "{a: 1}\n---\n{b: 2}\n";
        assert_eq!(documents(text), [(1, "{a: 1}\n"), (2, "---\n{b: 2}\n")]);
    }

    #[test]
    fn an_empty_text_has_no_document() {
        assert_eq!(documents(""), []);
    }
}
