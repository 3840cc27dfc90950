//! YAML as kubectl reads it: YAML 1.1 without its rarest forms, then JSON.
//!
//! Duplicate keys are an error, as in the strict validation of the API server. What else differs from kubectl is listed
//! in `tests/kubectl.rs`. JSON is read as JSON, as kubectl does.

use std::collections::{BTreeMap, BTreeSet};

use granit_parser::{Event, Marker, Parser, ScanError, Span, StrInput};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::documents::{self, Document, MAX_DEPTH};
use crate::json;
use crate::places::Origin;
use crate::problem::Problem;
use crate::scalar::Scalar;

/// The most values of a document, aliases resolved; enough for the largest body that an API server accepts.
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
    if document.text.starts_with(['{', '['])
        && let Some(value) = json::read(document.text)
    {
        return Ok(Some(Located { value, line: document.line, column: document.column }));
    }
    match Reader::new(document.text).document() {
        Ok(None | Some((Value::Null, _))) => Ok(None),
        Ok(Some((value, begin))) => {
            let (line, column) = place(document, begin);
            Ok(Some(Located { value, line, column }))
        }
        Err(fault) => Err(problem(document, &fault)),
    }
}

/// Reads a text of one document, such as a settings file; `None` when it is empty.
///
/// # Errors
///
/// Names line and column; a second document is an error.
pub fn read_single(text: &str) -> Result<Option<Value>, Problem> {
    Ok(read_located(text)?.map(|(value, _)| value))
}

/// The same with the places of its values.
///
/// # Errors
///
/// Names line and column; a second document is an error.
pub fn read_located(text: &str) -> Result<Option<(Value, Origin)>, Problem> {
    let read = |document| Ok(read(&document)?.map(|located| (document, located)));
    let mut values = documents::split(text).into_iter().filter_map(|document| read(document).transpose());
    let first = values.next().transpose()?;
    match values.next().transpose()? {
        Some((_, second)) => Err(Problem::new("one document is enough").at(second.line, second.column)),
        None => Ok(first.map(|(document, Located { value, line, .. })| (value, Origin::new(&document, line)))),
    }
}

/// The reason why a document cannot be read, and its position in the document.
struct Fault {
    message: String,
    at: Marker,
}

impl From<ScanError> for Fault {
    fn from(error: ScanError) -> Self {
        Self { message: error.info(), at: *error.marker() }
    }
}

impl Fault {
    fn at(span: Span, message: impl Into<String>) -> Self {
        Self { message: message.into(), at: span.start }
    }
}

/// The value of an anchor.
struct Anchored {
    value: Value,
    nodes: usize,
}

/// Makes a value of the events of a document.
struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    anchors: BTreeMap<usize, Anchored>,
    /// The number of values so far.
    nodes: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let parser = Parser::new_from_str_with_options(text, documents::options());
        Self { parser, anchors: BTreeMap::new(), nodes: 0 }
    }

    /// The value of the only document, and where it begins; `None` when there is none.
    fn document(mut self) -> Result<Option<(Value, Marker)>, Fault> {
        let mut found = None;
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(found),
                (Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd, _) => {}
                (_, span) if found.is_some() => {
                    return Err(Fault::at(span, "a second document begins without `---` before it"));
                }
                (event, span) => found = Some((self.value(event, span, MAX_DEPTH)?, span.start)),
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), Fault> {
        Ok(self.parser.next().transpose()?.unwrap_or((Event::StreamEnd, Span::default())))
    }

    /// The value that an event begins, with at most `depth` levels.
    fn value(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Value, Fault> {
        let before = self.nodes;
        self.count(1, span)?;
        let (value, anchor) = match event {
            Event::Alias(anchor) => return self.alias(anchor, span),
            Event::Scalar(text, style, anchor, tag) => {
                let scalar = Scalar { text: &text, style, tag: tag.as_deref() };
                (scalar.value().map_err(|reason| Fault::at(span, reason))?, anchor)
            }
            Event::SequenceStart(_, anchor, _) => (self.sequence(below(depth, span)?)?, anchor),
            Event::MappingStart(_, anchor, _) => (self.mapping(below(depth, span)?)?, anchor),
            _ => return Err(Fault::at(span, "a value is missing")),
        };
        if anchor > 0 {
            let nodes = self.nodes - before;
            self.count(nodes, span)?;
            self.anchors.insert(anchor, Anchored { value: value.clone(), nodes });
        }
        Ok(value)
    }

    /// The value of an anchor again.
    fn alias(&mut self, anchor: usize, span: Span) -> Result<Value, Fault> {
        let inside = || Fault::at(span, "the alias stands inside the value of its own anchor");
        let Anchored { value, nodes } = self.anchors.get(&anchor).ok_or_else(inside)?;
        let (value, nodes) = (value.clone(), *nodes);
        self.count(nodes, span)?;
        Ok(value)
    }

    fn count(&mut self, nodes: usize, span: Span) -> Result<(), Fault> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES { Err(Fault::at(span, "the document has too many values")) } else { Ok(()) }
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, Fault> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(items.into()),
                (event, span) => items.push(self.value(event, span, depth)?),
            }
        }
    }

    /// Later keys win over merged ones, and later merges over earlier keys, as goyaml has it.
    fn mapping(&mut self, depth: usize) -> Result<Value, Fault> {
        let mut map = Map::new();
        // The keys that nothing but a merge has set.
        let mut merged = BTreeSet::new();
        loop {
            let (event, span) = self.next()?;
            let key = match event {
                Event::MappingEnd => return Ok(map.into()),
                Event::Scalar(text, style, _, tag) => {
                    let scalar = Scalar { text: &text, style, tag: tag.as_deref() };
                    if scalar.is_merge() {
                        for (key, value) in self.merge(depth)? {
                            if map.insert(key.clone(), value).is_none() {
                                merged.insert(key);
                            }
                        }
                        continue;
                    }
                    scalar.key().map_err(|reason| Fault::at(span, reason))?
                }
                Event::Alias(anchor) => match self.alias(anchor, span)? {
                    Value::String(key) => key,
                    _ => return Err(Fault::at(span, "the anchor of a key must be a text")),
                },
                _ => return Err(Fault::at(span, "a list or mapping is not a valid key")),
            };
            let (event, begin) = self.next()?;
            let value = self.value(event, begin, depth)?;
            if map.insert(key.clone(), value).is_some() && !merged.remove(&key) {
                return Err(Fault::at(span, format!("the key \"{key}\" is given twice; keep one of them")));
            }
        }
    }

    /// The keys and values to merge for a `<<`, in the order in which they are set.
    fn merge(&mut self, depth: usize) -> Result<Vec<(String, Value)>, Fault> {
        let (event, span) = self.next()?;
        let is_alias = matches!(event, Event::Alias(_));
        let sources = match self.value(event, span, depth)? {
            // Earlier ones win.
            Value::Array(items) if !is_alias => items.into_iter().rev().collect(),
            value => vec![value],
        };
        let mut all = Vec::new();
        for source in sources {
            let Value::Object(fields) = source else {
                return Err(Fault::at(span, "the value of `<<` must be a mapping or a list of mappings"));
            };
            all.extend(fields);
        }
        Ok(all)
    }
}

/// The levels that remain inside a collection.
fn below(depth: usize, span: Span) -> Result<usize, Fault> {
    let too_deep = || Fault::at(span, format!("it nests more than {MAX_DEPTH} levels deep"));
    depth.checked_sub(1).ok_or_else(too_deep)
}

/// The position of a place of a document in the text.
fn place(document: &Document<'_>, at: Marker) -> (usize, usize) {
    let (line, column) = (at.line().max(1), at.col() + 1);
    let column = if line == 1 { column + document.column - 1 } else { column };
    (line + document.line - 1, column)
}

fn problem(document: &Document<'_>, fault: &Fault) -> Problem {
    if let Some(problem) = json_problem(document) {
        return problem;
    }
    let (line, column) = place(document, fault.at);
    let mut message = format!("not valid YAML: {}", fault.message);
    if is_helm_template(document.text) {
        message.push_str("; it looks like a Helm template: check the output of `helm template` instead");
    }
    let problem = Problem::new(message).at(line, column);
    if claims_an_object(document.text) { problem } else { problem.of_no_object() }
}

/// The fault of a document that is written as JSON; `None` if it is written otherwise, or is valid JSON that this reader
/// refuses.
fn json_problem(document: &Document<'_>) -> Option<Problem> {
    let inside =
        document.text.strip_prefix(['{', '[']).map(|rest| rest.trim_start_matches(['[', ' ', '\t', '\r', '\n']));
    let is_json = inside.is_some_and(|inside| inside.starts_with('"') || inside.starts_with("{\""));
    let error = serde_json::from_str::<IgnoredAny>(document.text).err().filter(|_| is_json)?;
    let sentence = error.to_string();
    let reason = sentence.split(" at line ").next().unwrap_or_default();
    let column = if error.line() == 1 { error.column() + document.column - 1 } else { error.column() };
    let problem = Problem::new(format!("not valid JSON: {reason}")).at(error.line() + document.line - 1, column.max(1));
    Some(if claims_an_object(document.text) { problem } else { problem.of_no_object() })
}

/// Returns `true` for a text with an action of Helm: braces alone are in many files.
fn is_helm_template(text: &str) -> bool {
    const WORDS: [&str; 8] =
        [".Values", ".Release", ".Chart", ".Capabilities", ".Template", ".Files", "include ", "define "];
    text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")).any(|(action, _)| {
        let action = action.trim_start_matches('-').trim_start();
        WORDS.iter().any(|word| action.contains(word)) || action.starts_with("end")
    })
}

/// Returns `true` for a text that seems to be a Kubernetes object although it cannot be read: it has `apiVersion` and
/// `kind` at the beginning of a line, or is in flow style and has both.
#[must_use]
pub fn claims_an_object(text: &str) -> bool {
    let is_flow = text.trim_start().starts_with('{');
    ["apiVersion", "kind"].iter().all(|key| {
        text.split(key).zip(text.split(key).skip(1)).any(|(before, after)| {
            let before = before.trim_end_matches(['"', '\'']);
            let after = after.trim_start_matches(['"', '\'']).trim_start_matches([' ', '\t']);
            after.starts_with(':') && (is_flow || before.is_empty() || before.ends_with('\n'))
        })
    })
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
        let text = "[yes, No, on, off, true, tRUE, 'yes', 0644, 0o644, ~]";
        assert_eq!(value(text), json!([true, false, true, false, true, "tRUE", "yes", 420, 420, null]));
    }

    #[test]
    fn integers_of_64_bits_keep_their_digits() {
        let text = "[9007199254740993, 18446744073709551615, -9223372036854775808, 1.5]";
        assert_eq!(value(text), json!([9_007_199_254_740_993_u64, 18_446_744_073_709_551_615_f64, i64::MIN, 1.5]));
    }

    #[test]
    fn keys_become_strings() {
        assert_eq!(value("1: a\nyes: b\n'c': d\n"), json!({"1": "a", "true": "b", "c": "d"}));
        assert_eq!(value("a: &x b\n*x : c\n"), json!({"a": "b", "b": "c"}));
        for text in ["~: a", "? [a]\n: b", "a: &x 1\n*x : c\n"] {
            assert!(problem(text).message.starts_with("not valid YAML: "), "{text}");
        }
    }

    #[test]
    fn anchors_and_merge_keys_are_resolved() {
        assert_eq!(value("a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n"), json!({"a": {"b": 1}, "c": {"b": 1, "d": 2}}));
        assert_eq!(value("<<: [{a: 1}, {a: 2, b: 2}]"), json!({"a": 1, "b": 2}));
        assert_eq!(value("'<<': {a: 1}"), json!({"<<": {"a": 1}}));
        for text in ["<<: 1", "<<: [1]", "a: &x [{b: 1}]\n<<: *x", "a: &x {<<: *x}", "a: &x [*x]"] {
            assert!(problem(text).message.starts_with("not valid YAML: "), "{text}");
        }
    }

    #[test]
    fn of_keys_and_merges_the_last_wins() {
        assert_eq!(value("a: 1\n<<: {a: 2}"), json!({"a": 2}));
        assert_eq!(value("<<: {a: 2}\na: 1"), json!({"a": 1}));
        assert_eq!(value("<<: {a: 1}\n<<: {a: 2}"), json!({"a": 2}));
        assert!(problem("a: 1\n<<: {a: 2}\na: 3").message.contains("is given twice"));
        assert!(problem("<<: {a: 2}\na: 1\na: 3").message.contains("is given twice"));
    }

    #[test]
    fn quoted_scalars_need_no_indentation() {
        assert_eq!(value("a: 'b\nc'\nd: \"e\n  f\"\n"), json!({"a": "b c", "d": "e f"}));
    }

    #[test]
    fn aliases_that_multiply_are_refused() {
        let level = |level: usize| format!("a{}: &a{} [{}]\n", level, level, format!("*a{}, ", level - 1).repeat(10));
        let text = "a0: &a0 [x]\n".to_owned() + &(1..9).map(level).collect::<String>();
        assert!(problem(&text).message.contains("too many values"));
    }

    #[test]
    fn a_second_document_needs_a_marker() {
        assert_eq!(value("a: 1\n...\n# nothing\n"), json!({"a": 1}));
        assert_eq!(problem("a: 1\n...\nb: 2\n").line, Some(3));
    }

    #[test]
    fn json_is_read_with_tabs_escapes_and_long_keys() {
        let key = "k".repeat(2_000);
        let text = format!("{{\n\t\"a\\u00e9\\/\": \"\\ud83d\\ude00\",\n\t\"{key}\":\t[1,\t-2.5e3]\n}}");
        assert_eq!(value(&text), json!({"aé/": "😀", key: [1, -2500]}));
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
        assert!(problem.message.contains("is given twice"), "{}", problem.message);
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
    fn a_helm_template_gets_a_hint_and_other_braces_do_not() {
        for text in ["metadata:\n  name: {{ .Release.Name }}\n", "{{- if .Values.a }}\na: 1\n{{- end }}\n"] {
            assert!(problem(text).message.contains("helm template"), "{text}");
        }
        for text in ["a: {{ b\n", "a: {{ name }}: c\n", "a: [\nb: \"{{ x }}\"\n"] {
            assert!(!problem(text).message.contains("helm template"), "{text}");
        }
    }

    #[test]
    fn broken_json_is_not_called_yaml() {
        let problem = problem("{\n \"a\": [1,\n");
        assert_eq!(problem.message, "not valid JSON: EOF while parsing a value");
        assert_eq!((problem.line, problem.column), (Some(3), Some(1)));
    }

    #[test]
    fn a_text_that_names_its_type_claims_to_be_an_object() {
        for text in ["apiVersion: v1\nkind: {{ x }}\n", "kind : Pod\n'apiVersion': v1", "{apiVersion: v1, kind: Pod, a"]
        {
            assert!(claims_an_object(text), "{text}");
        }
        for text in
            ["apiVersion: v2\nname: a\n", "a:\n  apiVersion: v1\n  kind: Pod\n", "kind: x", "apiVersions: 1\nkinds: 2"]
        {
            assert!(!claims_an_object(text), "{text}");
        }
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
        let (_, origin) = read_located("---\na: 1\n---\n").unwrap().unwrap();
        assert_eq!(origin.locate("a", "").unwrap().line, 2);
        assert!(read_single("# nothing\n").unwrap().is_none());
        assert_eq!(read_single("a: 1\n---\nb: 2\n").unwrap_err().line, Some(3));
    }
}
