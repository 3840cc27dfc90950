//! The positions of the values of a document in its text.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use granit_parser::{Event, Parser, ScalarStyle};
use serde::Serialize;

use crate::documents::{self, Document};
use crate::scalar::Scalar;

/// The most aliases and merge keys that may lead to one value.
const MAX_HOPS: usize = 32;

/// The keys whose text is an image, which a report may show.
const IMAGE: &str = "image";

/// The text of a document, and its places once one is needed.
#[derive(Debug, Default)]
struct Text {
    whole: String,
    line: usize,
    column: usize,
    nodes: OnceLock<Vec<Node>>,
}

/// The origin of an object: its document, and its place in it.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    document: Arc<Text>,
    /// The path to the object, such as `items[2]`; empty for the whole document.
    inside: String,
    /// The line of its first key, from 1.
    pub line: usize,
    /// The template that it was rendered from, according to Helm.
    pub template: Option<String>,
}

/// A piece of a text. Lines and columns count from 1, columns in Unicode characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// The first line.
    pub line: usize,
    /// The column of the first character.
    pub column: usize,
    /// The last line.
    pub end_line: usize,
    /// The column after the last character.
    pub end_column: usize,
    /// `true` if the path is there; else this is the nearest of what is.
    pub exact: bool,
    /// The value, when it is a scalar that may be shown.
    #[serde(skip)]
    pub value: Option<String>,
    /// The part of the first line that may be shown.
    #[serde(skip)]
    pub excerpt: Option<Excerpt>,
}

/// A line of a document in which all but the judged key and value is blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The line.
    pub line: String,
    /// The bytes of it to point at.
    pub span: Range<usize>,
}

/// A value of a document.
#[derive(Debug)]
struct Node {
    span: Range<usize>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Scalar { text: String, plain: bool },
    Sequence(Vec<usize>),
    Mapping(Vec<Entry>),
    Alias(usize),
}

#[derive(Debug, Clone)]
enum Key {
    /// The key in the object.
    Named(String),
    /// `<<`, whose value is merged.
    Merge,
}

impl Key {
    /// A key that is a scalar; one that kubectl refuses has no name.
    fn of(scalar: Scalar<'_>) -> Self {
        if scalar.is_merge() { Self::Merge } else { Self::Named(scalar.key().unwrap_or_default()) }
    }

    /// The length of the key if a path begins with it.
    fn begins(&self, path: &str) -> Option<usize> {
        let Self::Named(key) = self else { return None };
        let rest = path.strip_prefix(key.as_str())?;
        (rest.is_empty() || rest.starts_with(['.', '['])).then_some(key.len())
    }

    fn is(&self, name: &str) -> bool {
        matches!(self, Self::Named(key) if key == name)
    }
}

#[derive(Debug)]
struct Entry {
    key: Key,
    span: Range<usize>,
    value: usize,
}

/// The end of a path as far as it is there.
struct Found<'a> {
    node: &'a Node,
    /// The key of the node, or of the sequence that it is in.
    key: Option<Range<usize>>,
    /// `true` if the key is the node's own.
    own_key: bool,
    /// The part of the path that does not exist.
    rest: &'a str,
}

impl Origin {
    /// The whole of a document, whose first value stands on this line.
    pub(crate) fn new(document: &Document<'_>, line: usize) -> Self {
        let text = Text {
            whole: document.text.to_owned(),
            line: document.line,
            column: document.column,
            nodes: OnceLock::new(),
        };
        Self { document: Arc::new(text), inside: String::new(), line, template: template(document.text) }
    }

    /// The value at a path of this one.
    pub(crate) fn at(&self, path: &str) -> Self {
        let inside = join(&self.inside, path);
        let found = self.document.find(&inside).filter(|found| found.rest.is_empty());
        let line = found.map_or(self.line, |found| self.document.place(found.node.span.start).0);
        Self { inside, line, ..self.clone() }
    }

    /// The position of a path of the object, or of the nearest of its parents.
    ///
    /// The excerpt shows the keys of the path, the name of a list entry, and a value only if it is an image, a
    /// boolean or a number, or if `told`, the text of the finding, contains it anyway.
    #[must_use]
    pub fn locate(&self, path: &str, told: &str) -> Option<Location> {
        let path = join(&self.inside, path);
        let found = self.document.find(&path)?;
        Some(self.document.location(&found, told))
    }
}

/// The path of a value in the value at another path.
pub(crate) fn join(outer: &str, inner: &str) -> String {
    let dot = if outer.is_empty() || inner.is_empty() || inner.starts_with('[') { "" } else { "." };
    format!("{outer}{dot}{inner}")
}

/// The template that Helm names in a comment before the object.
fn template(text: &str) -> Option<String> {
    let mut head = text.lines().take_while(|line| line.starts_with("---") || line.starts_with('#') || line.is_empty());
    head.find_map(|line| line.strip_prefix("# Source: ")).map(|name| name.trim().to_owned())
}

impl Text {
    /// The end of a path as far as it is there; `None` when the document has no places.
    fn find<'a>(&'a self, path: &'a str) -> Option<Found<'a>> {
        let nodes = self.nodes.get_or_init(|| read(&self.whole).unwrap_or_default());
        let mut found = Found { node: resolve(nodes, nodes.first()?), key: None, own_key: false, rest: path };
        while !found.rest.is_empty() {
            match &found.node.content {
                Content::Mapping(_) => {
                    let rest = found.rest.strip_prefix('.').unwrap_or(found.rest);
                    let Some((length, entry)) = entry(nodes, found.node, rest, MAX_HOPS) else { break };
                    let Some(node) = nodes.get(entry.value) else { break };
                    let rest = rest.get(length..).unwrap_or_default();
                    found = Found { node: resolve(nodes, node), key: Some(entry.span.clone()), own_key: true, rest };
                }
                Content::Sequence(items) => {
                    let Some((index, rest)) = found.rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
                        break;
                    };
                    let item = index.parse().ok().and_then(|index: usize| items.get(index));
                    let Some(node) = item.and_then(|item| nodes.get(*item)) else { break };
                    found = Found { node: resolve(nodes, node), own_key: false, rest, ..found };
                }
                Content::Scalar { .. } | Content::Alias(_) => break,
            }
        }
        Some(found)
    }

    fn location(&self, found: &Found<'_>, told: &str) -> Location {
        let exact = found.rest.is_empty();
        let key = found.key.clone();
        let (shown, span, value) = match &found.node.content {
            Content::Scalar { text, plain } if exact => {
                let value = found.node.span.clone();
                let own_key = key.clone().filter(|_| found.own_key);
                let is_image = own_key.as_ref().and_then(|key| self.whole.get(key.clone())).is_some_and(is_image);
                if is_image || (*plain && is_boolean_or_number(text)) || (!text.is_empty() && told.contains(text)) {
                    let begin = own_key.filter(|key| self.same_line(key.start, value.start)).map(|key| key.start);
                    (Some(begin.unwrap_or(value.start)..value.end), value, Some(text.clone()))
                } else {
                    let span = own_key.clone().unwrap_or(value.start..value.start);
                    (own_key, span, None)
                }
            }
            // An entry of a list is best known by its name.
            Content::Mapping(entries) if !found.own_key && key.is_some() => {
                let name = entries.iter().find(|entry| entry.key.is("name")).and_then(|entry| self.named(entry));
                let shown = name.or(key);
                (shown.clone(), shown.unwrap_or_default(), None)
            }
            _ => (key.clone(), key.unwrap_or(found.node.span.start..found.node.span.start), None),
        };
        let (line, column) = self.place(span.start);
        let (end_line, end_column) = self.place(span.end);
        let excerpt = shown.and_then(|shown| self.excerpt(&shown, &span));
        Location { line, column, end_line, end_column, exact, value, excerpt }
    }

    /// The key and the value of an entry whose value is a scalar on the same line.
    fn named(&self, entry: &Entry) -> Option<Range<usize>> {
        let node = self.nodes.get()?.get(entry.value)?;
        let is_name = matches!(node.content, Content::Scalar { .. }) && self.same_line(entry.span.start, node.span.end);
        is_name.then_some(entry.span.start..node.span.end)
    }

    /// The part of the first line of a piece that may be shown, pointing at the part of it that is in `span`.
    fn excerpt(&self, shown: &Range<usize>, span: &Range<usize>) -> Option<Excerpt> {
        let begin = self.whole.get(..shown.start)?.rfind('\n').map_or(0, |end| end + 1);
        let line = self.whole.get(begin..)?.lines().next()?;
        let end = shown.end.min(begin + line.len());
        let before = self.whole.get(begin..shown.start)?;
        let blank = |character: char| if matches!(character, '-' | '\t') { character } else { ' ' };
        let is_indent = before.chars().all(|character| matches!(character, ' ' | '-' | '\t'));
        let before = before.chars().map(|character| if is_indent { blank(character) } else { ' ' });
        // A document may begin in the middle of a line of its file.
        let outside = if begin == 0 { self.column - 1 } else { 0 };
        let before: String = std::iter::repeat_n(' ', outside).chain(before).collect();
        let piece = self.whole.get(shown.start..end)?;
        let shift = |at: usize| at.clamp(shown.start, end) - shown.start + before.len();
        let span = shift(span.start)..shift(span.end);
        let after = self.whole.get(end..begin + line.len())?;
        let (colon, after) = after.strip_prefix(':').map_or(("", after), |after| (":", after));
        let is_closing = |character: char| matches!(character, ',' | '}' | ']' | ' ' | '\t' | '\r');
        let more = after.trim_start_matches(is_closing);
        let rest = if more.is_empty() || more.starts_with('#') { "" } else { " …" };
        Some(Excerpt { line: format!("{before}{piece}{colon}{rest}"), span })
    }

    fn same_line(&self, one: usize, other: usize) -> bool {
        self.whole.get(one..other).is_some_and(|between| !between.contains('\n'))
    }

    /// Line and column of a byte.
    fn place(&self, at: usize) -> (usize, usize) {
        let before = self.whole.get(..at).unwrap_or(&self.whole);
        let breaks = before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (self.line + breaks, if breaks == 0 { self.column + column - 1 } else { column })
    }
}

/// Returns `true` if the text of a key, quotes and all, is that of an image.
fn is_image(key: &str) -> bool {
    key.trim_matches(['"', '\'']) == IMAGE
}

fn is_boolean_or_number(text: &str) -> bool {
    matches!(text, "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "~") || text.parse::<f64>().is_ok()
}

/// The target of an alias.
fn resolve<'a>(nodes: &'a [Node], node: &'a Node) -> &'a Node {
    let target = |node: &Node| match node.content {
        Content::Alias(target) => nodes.get(target),
        _ => None,
    };
    std::iter::successors(Some(node), |node| target(node)).take(MAX_HOPS).last().unwrap_or(node)
}

/// The entry of a mapping that a path begins with, and the length of its key. Keys may have dots in them: the longest is
/// meant. Of keys and merges the last wins.
fn entry<'a>(nodes: &'a [Node], mapping: &'a Node, path: &str, hops: usize) -> Option<(usize, &'a Entry)> {
    let Content::Mapping(entries) = &mapping.content else { return None };
    let found = entries.iter().filter_map(|entry| match entry.key {
        Key::Named(_) => entry.key.begins(path).map(|length| (length, entry)),
        Key::Merge => merged(nodes, entry, path, hops.checked_sub(1)?),
    });
    found.max_by_key(|(length, _)| *length)
}

/// The entry that a `<<` merges for a path.
fn merged<'a>(nodes: &'a [Node], merge: &'a Entry, path: &str, hops: usize) -> Option<(usize, &'a Entry)> {
    let node = resolve(nodes, nodes.get(merge.value)?);
    match &node.content {
        // The first of several wins.
        Content::Sequence(items) => {
            let items = items.iter().filter_map(|item| nodes.get(*item));
            items.map(|item| resolve(nodes, item)).find_map(|item| entry(nodes, item, path, hops))
        }
        _ => entry(nodes, node, path, hops),
    }
}

/// The collection that the parser is in, and the key that waits for its value.
struct Open {
    node: usize,
    key: Option<(Key, Range<usize>)>,
}

/// All values of a document, the outermost first; `None` when the parser fails, after it did not for the values.
fn read(text: &str) -> Option<Vec<Node>> {
    let mut nodes: Vec<Node> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut anchors = BTreeMap::new();
    for event in Parser::new_from_str_with_options(text, documents::options()) {
        let (event, span) = event.ok()?;
        // What a value would be called as a key.
        let mut key = Key::Named(String::new());
        let (content, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                key = Key::of(Scalar { text: &text, style, tag: tag.as_deref() });
                let plain = style == ScalarStyle::Plain;
                (Content::Scalar { text: text.into_owned(), plain }, anchor)
            }
            Event::SequenceStart(_, anchor, _) => (Content::Sequence(Vec::new()), anchor),
            Event::MappingStart(_, anchor, _) => (Content::Mapping(Vec::new()), anchor),
            Event::Alias(anchor) => {
                let target = *anchors.get(&anchor)?;
                if let Some(Node { content: Content::Scalar { text, .. }, .. }) = nodes.get(target) {
                    key = Key::Named(text.clone());
                }
                (Content::Alias(target), 0)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                open.pop();
                continue;
            }
            _ => continue,
        };
        let index = nodes.len();
        let span = trimmed(text, span.byte_range()?);
        if let Some(parent) = open.last_mut() {
            match (&mut nodes.get_mut(parent.node)?.content, parent.key.take()) {
                (Content::Sequence(items), _) => items.push(index),
                (Content::Mapping(entries), Some((key, span))) => entries.push(Entry { key, span, value: index }),
                (_, _) => parent.key = Some((key, span.clone())),
            }
        }
        if anchor > 0 {
            anchors.insert(anchor, index);
        }
        if matches!(content, Content::Sequence(_) | Content::Mapping(_)) {
            open.push(Open { node: index, key: None });
        }
        nodes.push(Node { span, content });
    }
    Some(nodes)
}

/// A span without the space at its end, which block scalars have.
fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let length = text.get(span.clone()).map_or(0, |text| text.trim_end().len());
    span.start..span.start + length
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The object of a document, and what is asked of a path in it: line, column, exactness and the shown line.
    fn locate(text: &str, path: &str) -> (usize, usize, bool, String) {
        let document = Document { line: 1, column: 1, text };
        let location = Origin::new(&document, 1).locate(path, "tells: nginx").unwrap();
        let shown = location.excerpt.map(|excerpt| excerpt.line).unwrap_or_default();
        (location.line, location.column, location.exact, shown)
    }

    fn at(line: usize, column: usize, exact: bool, shown: &str) -> (usize, usize, bool, String) {
        (line, column, exact, shown.to_owned())
    }

    const POD: &str = "\
kind: Pod
spec:
  containers:
  - name: web # note
    image: nginx
    securityContext:
      runAsUser: 0
  - image: 'x' # note
";

    #[test]
    fn a_path_leads_to_its_value() {
        assert_eq!(locate(POD, "spec.containers[0].image"), at(5, 12, true, "    image: nginx"));
        let user = "spec.containers[0].securityContext.runAsUser";
        assert_eq!(locate(POD, user), at(7, 18, true, "      runAsUser: 0"));
        assert_eq!(locate(POD, "spec.containers[1].image"), at(8, 12, true, "  - image: 'x'"));
    }

    #[test]
    fn a_missing_key_leads_to_the_nearest_parent() {
        let missing = "spec.containers[0].securityContext.runAsNonRoot";
        assert_eq!(locate(POD, missing), at(6, 5, false, "    securityContext:"));
        assert_eq!(locate(POD, "spec.containers[0].ports[2]"), at(4, 5, false, "  - name: web"));
        assert_eq!(locate(POD, "spec.containers[1].ports"), at(3, 3, false, "  containers:"));
        assert_eq!(locate(POD, "spec.containers[9].image"), at(3, 3, false, "  containers:"));
        assert_eq!(locate(POD, "data"), at(1, 1, false, ""));
    }

    #[test]
    fn aliases_and_merge_keys_lead_to_where_the_value_stands() {
        let text =
            "base: &base {a: 1, b: 2}\nalias: *base\nmerged:\n  <<: *base\n  b: 3\nlist:\n  <<: [{c: 4}, *base]\n";
        assert_eq!(locate(text, "alias.b"), at(1, 23, true, "                   b: 2"));
        assert_eq!(locate(text, "merged.a"), at(1, 17, true, "             a: 1 …"));
        assert_eq!(locate(text, "merged.b"), at(5, 6, true, "  b: 3"));
        assert_eq!(locate(text, "list.b"), at(1, 23, true, "                   b: 2"));
        let later = "base: &base {b: 2}\nmerged:\n  b: 3\n  <<: *base\nlist:\n  <<: [{c: 4}, {c: 5}]\nyes: 6\n";
        assert_eq!(locate(later, "merged.b").0, 1);
        assert_eq!(locate(later, "list.c").1, 12);
        assert_eq!(locate(later, "true").0, 7);
        assert_eq!(locate(text, "list.d"), at(6, 1, false, "list:"));
    }

    #[test]
    fn keys_with_dots_are_found() {
        let text = "a:\n  b.c/d: 1\n  b: {c: 2}\n";
        assert_eq!(locate(text, "a.b.c/d").0, 2);
        assert_eq!(locate(text, "a.b.c").0, 3);
    }

    #[test]
    fn json_is_placed_too_and_shows_nothing_beside_the_value() {
        let text = r#"{"env": "SECRET", "image": "nginx", "x": "SECRET"}"#;
        assert_eq!(locate(text, "image"), at(1, 28, true, r#"                  "image": "nginx" …"#));
        let document = Document { line: 7, column: 4, text };
        let location = Origin::new(&document, 7).locate("image", "").unwrap();
        assert_eq!((location.line, location.column, location.end_column), (7, 31, 38));
        assert!(location.excerpt.unwrap().line.starts_with(&" ".repeat(21)));
    }

    #[test]
    fn values_that_nobody_tells_are_not_shown() {
        let text = "command: [SECRET, nginx]\nargs:\n- |\n  SECRET\n- nginx SECRET\nuser: SECRET\n";
        assert_eq!(locate(text, "command[0]"), at(1, 11, true, ""));
        assert_eq!(locate(text, "command[1]").3, "                  nginx");
        assert_eq!(locate(text, "command"), at(1, 1, true, "command: …"));
        assert_eq!(locate(text, "args[0]"), at(4, 3, true, ""));
        assert_eq!(locate(text, "args[1]"), at(5, 3, true, ""));
        assert_eq!(locate(text, "user"), at(6, 1, true, "user: …"));
    }

    #[test]
    fn items_of_lists_are_places_of_their_own() {
        let text = "kind: List\nitems:\n- kind: Pod\n- kind: Pod\n  spec: {}\n";
        let document = Document { line: 10, column: 1, text };
        let item = Origin::new(&document, 10).at("items[1]");
        assert_eq!(item.line, 13);
        assert_eq!(item.locate("spec.containers", "").unwrap().line, 14);
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(locate("é: {ü: 1}\n", "é.ü").1, 8);
    }

    #[test]
    fn helm_names_the_template_before_the_object() {
        let name = |text: &str| template(text);
        assert_eq!(name("---\n# Source: a/b.yaml\nkind: Pod\n").as_deref(), Some("a/b.yaml"));
        assert_eq!(name("kind: Pod\n# Source: a/b.yaml\n"), None);
    }
}
