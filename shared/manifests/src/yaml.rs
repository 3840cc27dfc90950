//! YAML as the API server's clients read it.
//!
//! kubectl reads YAML 1.1: plain `yes`, `no`, `on` and `off` are booleans, `0644` is octal and `<<` merges. The
//! library does the same, with these options. Duplicate keys are an error, as in kubectl's strict validation.
//! JSON is read as JSON, as kubectl does.

use serde_json::Value;
use serde_saphyr::{Error, MessageFormatter as _, Options, Spanned, UserMessageFormatter};

use crate::documents::{self, Document, MAX_DEPTH, MAX_KEY};
use crate::json;
use crate::problem::Problem;

/// The most values of a document; enough for the largest body that an API server accepts.
const MAX_NODES: usize = 4_000_000;

/// A value and where it begins in the text.
#[derive(Debug)]
pub(crate) struct Located {
    pub(crate) value: Value,
    /// From 1.
    pub(crate) line: usize,
    /// From 1.
    pub(crate) column: usize,
}

/// Reads a document; `None` when it is empty or null.
///
/// # Errors
///
/// Names line and column, and gives a hint when the document is a Helm template.
pub(crate) fn read(document: &Document<'_>) -> Result<Option<Located>, Problem> {
    if is_blank(document.text) {
        return Ok(None);
    }
    if document.text.starts_with(['{', '['])
        && let Some(value) = json::read(document.text)
    {
        return Ok(Some(Located { value, line: document.line, column: document.column }));
    }
    match serde_saphyr::from_str_with_options::<Spanned<Value>>(document.text, options()) {
        Ok(Spanned { value: Value::Null, .. }) => Ok(None),
        Ok(Spanned { value, referenced, .. }) => {
            let (line, column) = place(document, referenced.line(), referenced.column());
            Ok(Some(Located { value, line, column }))
        }
        Err(error) => Err(problem(document, &error)),
    }
}

/// Reads a text of one document, such as a settings file; `None` when it is empty.
///
/// # Errors
///
/// Names line and column; a second document is an error.
pub fn read_single(text: &str) -> Result<Option<Value>, Problem> {
    let mut values = documents::split(text).into_iter().filter_map(|document| read(&document).transpose());
    let first = values.next().transpose()?;
    match values.next().transpose()? {
        Some(second) => Err(Problem::new("one document is enough").at(second.line, second.column)),
        None => Ok(first.map(|located| located.value)),
    }
}

fn options() -> Options {
    serde_saphyr::options! {
        legacy_octal_numbers: true,
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            simple_key_max_lookahead: MAX_KEY,
            flow_nesting_limit: MAX_DEPTH,
            max_nodes: MAX_NODES,
            max_events: MAX_NODES * 2,
        },
    }
}

/// Nothing but comments and markers.
fn is_blank(text: &str) -> bool {
    text.lines().all(|line| {
        let line = line.strip_prefix("---").unwrap_or(line).trim();
        line.is_empty() || line.starts_with('#') || line == "..."
    })
}

/// The position of a place of a document in the text.
fn place(document: &Document<'_>, line: u64, column: u64) -> (usize, usize) {
    let line = usize::try_from(line).unwrap_or(usize::MAX).max(1);
    let column = usize::try_from(column).unwrap_or(usize::MAX).max(1);
    let column = if line == 1 { column + document.column - 1 } else { column };
    (line + document.line - 1, column)
}

fn problem(document: &Document<'_>, error: &Error) -> Problem {
    let location = error.location();
    let (line, column) =
        location.map_or((document.line, document.column), |at| place(document, at.line(), at.column()));
    let original = match error.without_snippet() {
        Error::AliasError { error, .. } => error,
        original => original,
    };
    let mut message = format!("invalid YAML: {}", UserMessageFormatter.format_message(original));
    if document.text.contains("{{") {
        message.push_str("; it looks like a Helm template: check the output of `helm template` instead");
    }
    Problem::new(message).at(line, column)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(text: &str) -> Document<'_> {
        Document { line: 1, column: 1, text }
    }

    fn value(text: &str) -> Value {
        read(&document(text)).unwrap().unwrap().value
    }

    fn problem(text: &str) -> Problem {
        read(&document(text)).unwrap_err()
    }

    #[test]
    fn booleans_and_octal_numbers_are_those_of_yaml_1_1() {
        let text = "[yes, No, on, off, true, 'yes', 0644, 0o644, ~]";
        assert_eq!(value(text), json!([true, false, true, false, true, "yes", 420, 420, null]));
    }

    #[test]
    fn large_integers_keep_their_form() {
        let text = "[9007199254740993, 18446744073709551615, -9223372036854775808, 1.5]";
        assert_eq!(value(text), json!([9_007_199_254_740_993_u64, u64::MAX, i64::MIN, 1.5]));
    }

    #[test]
    fn keys_become_strings() {
        assert_eq!(value("1: a\ntrue: b\n"), json!({"1": "a", "true": "b"}));
    }

    #[test]
    fn anchors_and_merge_keys_are_resolved() {
        assert_eq!(value("a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n"), json!({"a": {"b": 1}, "c": {"b": 1, "d": 2}}));
    }

    #[test]
    fn json_is_read_with_tabs_escapes_and_long_keys() {
        let key = "k".repeat(2_000);
        let text = format!("{{\n\t\"a\\u00e9\\/\": \"\\ud83d\\ude00\",\n\t\"{key}\":\t[1,\t-2.5e3]\n}}");
        assert_eq!(value(&text), json!({"aé/": "😀", key: [1, -2500.0]}));
    }

    #[test]
    fn deep_documents_are_read_and_deeper_ones_refused() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let reading = move || {
            assert!(read(&document(&nested(MAX_DEPTH))).is_ok());
            for too_deep in [MAX_DEPTH + 1, 100_000] {
                assert!(read(&document(&nested(too_deep))).is_err());
            }
        };
        // As the command gives it.
        let thread = std::thread::Builder::new().stack_size(16 * 1024 * 1024);
        thread.spawn(reading).unwrap().join().unwrap();
    }

    #[test]
    fn duplicate_keys_are_an_error_where_the_second_stands() {
        let problem = problem("a: 1\nb: 2\na: 3\n");
        assert_eq!((problem.line, problem.column), (Some(3), Some(1)));
        assert!(problem.message.contains("duplicate"), "{}", problem.message);
    }

    #[test]
    fn an_error_is_placed_in_the_whole_text() {
        let later = Document { line: 10, column: 1, text: "---\na: [1\n" };
        let problem = read(&later).unwrap_err();
        assert!(problem.line.unwrap() >= 11, "{problem:?}");
        let aside = Document { line: 4, column: 7, text: "{\"a\": 1, \"a\": 2}" };
        let problem = read(&aside).unwrap_err();
        assert_eq!((problem.line, problem.column), (Some(4), Some(16)));
    }

    #[test]
    fn a_helm_template_gets_a_hint() {
        let problem = problem("metadata:\n  name: {{ .Release.Name }}\n");
        assert!(problem.message.contains("helm template"), "{}", problem.message);
    }

    #[test]
    fn empty_documents_are_nothing() {
        for text in ["", "\n# note\n", "---\n", "--- # note\n...\n", "---\nnull\n", "~"] {
            assert!(read(&document(text)).unwrap().is_none(), "{text:?}");
        }
    }

    #[test]
    fn the_place_of_a_value_is_where_its_first_key_stands() {
        let located = read(&Document { line: 5, column: 1, text: "---\n# note\nkind: Pod\n" }).unwrap().unwrap();
        assert_eq!((located.line, located.column), (7, 1));
    }

    #[test]
    fn a_settings_file_has_one_document() {
        assert_eq!(read_single("---\na: 1\n---\n").unwrap(), Some(json!({"a": 1})));
        assert_eq!(read_single("# nothing\n").unwrap(), None);
        assert_eq!(read_single("a: 1\n---\nb: 2\n").unwrap_err().line, Some(3));
    }
}
