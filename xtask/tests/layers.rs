//! The rule on imports, which no compiler checks: files import downwards only, in the order that ARCHITECTURE.md lists, and never
//! in a circle.
//!
//! An import is every path, in a `use` or elsewhere, that leads to another file: the one that defines the name, whatever
//! re-exports it. What a macro names counts where the macro is called, and what only tests use does not count.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The sources whose layers ARCHITECTURE.md lists.
const SOURCES: [&str; 7] = [
    "cli/capabilities/src",
    "cli/host/src",
    "cli/src",
    "shared/manifests/src",
    "shared/src",
    "shared/testing/src",
    "xtask/src",
];

/// The files that begin a crate: above all layers.
const ROOTS: [&str; 2] = ["lib.rs", "main.rs"];

/// The maximum number of re-exports that lead to a name.
const MAX_HOPS: usize = 8;

/// The names that lead to a module, or to something in one.
type Names = Vec<String>;

/// The files of a crate by their path from `src`, with their text.
type Files = BTreeMap<String, String>;

/// One file that imports from another.
type Import<'s> = (&'s str, &'s str);

/// The names that the files of a crate define and use.
#[derive(Default)]
struct Sources {
    /// The file of every module, by its path from the root of the crate.
    modules: BTreeMap<Names, String>,
    /// The path behind each name that a `use` brings into a module.
    imported: BTreeMap<(Names, String), Names>,
    /// The file of every macro, and the paths that it writes where it is called.
    macros: BTreeMap<String, (String, Vec<Names>)>,
    /// Every path that is written in a module. That of a macro call ends with `!`.
    paths: Vec<(Names, Names)>,
}

impl Sources {
    fn read(files: &Files) -> Self {
        let mut sources = Self::default();
        for (file, text) in files {
            let mut module: Names = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
            module.pop_if(|last| last == "mod" || ROOTS.contains(&file.as_str()));
            sources.modules.insert(module.clone(), file.clone());
            sources.add(&module, file, text.parse().unwrap());
        }
        sources
    }

    /// Adds what is written in a module, or in a part of it.
    fn add(&mut self, module: &Names, file: &str, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut rest = tokens.as_slice();
        while let [token, after @ ..] = rest {
            rest = match (token, after) {
                (TokenTree::Punct(hash), [TokenTree::Group(attribute), after @ ..])
                    if hash.as_char() == '#' && is_of_tests(&attribute.stream()) =>
                {
                    after_item(after)
                }
                (TokenTree::Ident(word), [TokenTree::Ident(name), TokenTree::Group(body), after @ ..])
                    if word == "mod" =>
                {
                    let inner = [module.as_slice(), &[name.to_string()]].concat();
                    self.modules.insert(inner.clone(), file.to_owned());
                    self.add(&inner, file, body.stream());
                    after
                }
                (TokenTree::Ident(word), [_, TokenTree::Ident(name), TokenTree::Group(body), after @ ..])
                    if word == "macro_rules" =>
                {
                    let mut inner = Self::default();
                    inner.add(module, file, body.stream());
                    let (_, paths) = self.macros.entry(name.to_string()).or_insert((file.to_owned(), Vec::new()));
                    paths.extend(inner.paths.into_iter().map(|(_, path)| path));
                    after
                }
                (TokenTree::Ident(word), _) if word == "use" => {
                    let (named, after) = read_paths(after, &[]);
                    for (path, name) in named {
                        self.imported.insert((module.clone(), name), path.clone());
                        self.paths.push((module.clone(), path));
                    }
                    after
                }
                (TokenTree::Ident(_), _) => {
                    let (named, after) = read_paths(rest, &[]);
                    // A word alone leads nowhere, as in `pub(crate)`, unless it is a macro.
                    let paths = named.into_iter().map(|(path, _)| path);
                    let paths = paths.filter(|path| path.len() > 1 || path.iter().any(|name| name.ends_with('!')));
                    self.paths.extend(paths.map(|path| (module.clone(), path)));
                    after
                }
                (TokenTree::Group(group), _) => {
                    self.add(module, file, group.stream());
                    after
                }
                _ => after,
            };
        }
    }

    /// The imports of every file.
    fn imports(&self) -> BTreeSet<Import<'_>> {
        let mut imports = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut paths: Vec<(&Names, &Names)> = self.paths.iter().map(|(module, path)| (module, path)).collect();
        while let Some((module, path)) = paths.pop() {
            if seen.insert((module, path)) {
                let called = path.last().and_then(|name| self.macros.get(name.strip_suffix('!')?));
                paths.extend(called.iter().flat_map(|(_, written)| written).map(|path| (module, path)));
                let from = self.modules.get(module).map(String::as_str);
                imports.extend(from.zip(self.file(module, path, MAX_HOPS)).filter(|(from, to)| from != to));
            }
        }
        imports
    }

    /// The file that defines what a path in a module leads to; `None` if it is not a file of this crate.
    fn file(&self, module: &[String], path: &[String], hops: usize) -> Option<&str> {
        let hops = hops.checked_sub(1)?;
        let (first, rest) = path.split_first()?;
        if let Some(name) = first.strip_suffix('!') {
            return self.macros.get(name).map(|(file, _)| file.as_str());
        }
        match first.as_str() {
            "crate" => self.defines(&[], rest, hops),
            "self" => self.defines(module, rest, hops),
            "super" => {
                let (_, parent) = module.split_last()?;
                let inside = rest.first().is_some_and(|name| name == "super");
                if inside { self.file(parent, rest, hops) } else { self.defines(parent, rest, hops) }
            }
            _ if self.modules.contains_key(&[module, std::slice::from_ref(first)].concat()) => {
                self.defines(module, path, hops)
            }
            _ => {
                let behind = self.imported.get(&(module.to_vec(), first.clone()))?;
                self.file(module, &[behind, rest].concat(), hops)
            }
        }
    }

    /// The file that defines what a path leads to that begins in a module.
    fn defines(&self, module: &[String], path: &[String], hops: usize) -> Option<&str> {
        let Some((first, rest)) = path.split_first() else { return self.modules.get(module).map(String::as_str) };
        if let Some(name) = first.strip_suffix('!') {
            return self.macros.get(name).map(|(file, _)| file.as_str());
        }
        let inner = [module, std::slice::from_ref(first)].concat();
        if self.modules.contains_key(&inner) {
            return self.defines(&inner, rest, hops);
        }
        match self.imported.get(&(module.to_vec(), first.clone())) {
            Some(behind) => self.file(module, &[behind, rest].concat(), hops),
            None => self.modules.get(module).map(String::as_str),
        }
    }
}

/// Returns `true` if an attribute keeps what follows it for tests.
fn is_of_tests(attribute: &TokenStream) -> bool {
    let text: String = attribute.to_string().split_whitespace().collect();
    text == "cfg(test)" || text.starts_with("cfg(all(test,")
}

/// The tokens after an item: after its body or its semicolon.
fn after_item(tokens: &[TokenTree]) -> &[TokenTree] {
    let is_end = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        token => is(Some(token), ';'),
    };
    let end = tokens.iter().position(is_end).and_then(|end| tokens.get(end..));
    end.and_then(|end| end.get(1..)).unwrap_or_default()
}

/// Reads a path, or the tree of a `use`: each path with the name that it brings in, and what follows.
fn read_paths<'t>(tokens: &'t [TokenTree], before: &[String]) -> (Vec<(Names, String)>, &'t [TokenTree]) {
    let mut path = before.to_vec();
    let rest = match tokens {
        // In braces, `self` stands for what is before them.
        [TokenTree::Ident(word), rest @ ..] if word == "self" && !before.is_empty() => rest,
        [TokenTree::Ident(name), rest @ ..] => {
            path.push(name.to_string());
            rest
        }
        [TokenTree::Group(group), rest @ ..] if group.delimiter() == Delimiter::Brace && !before.is_empty() => {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            let trees = inner.split(|token| is(Some(token), ',')).filter(|tree| !tree.is_empty());
            return (trees.flat_map(|tree| read_paths(tree, before).0).collect(), rest);
        }
        // A star, or the types of a generic name.
        rest => rest,
    };
    let name = path.last().cloned().unwrap_or_default();
    match rest {
        [one, other, rest @ ..] if is(Some(one), ':') && is(Some(other), ':') => return read_paths(rest, &path),
        [TokenTree::Ident(word), TokenTree::Ident(name), rest @ ..] if word == "as" => {
            return (vec![(path, name.to_string())], rest);
        }
        [mark, next, ..] if is(Some(mark), '!') && !is(Some(next), '=') => {
            path.pop();
            path.push(format!("{name}!"));
        }
        _ => {}
    }
    (vec![(path, name)], rest)
}

fn is(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

/// The imports that are part of a circle: what they import leads back to where they stand.
fn circles<'s>(imports: &BTreeSet<Import<'s>>) -> Vec<Import<'s>> {
    let leads = |from: &str, to: &str| {
        let (mut reached, mut files) = (BTreeSet::new(), vec![from]);
        while let Some(file) = files.pop() {
            if reached.insert(file) {
                files.extend(imports.iter().filter(|(importing, _)| *importing == file).map(|(_, imported)| imported));
            }
        }
        reached.contains(to)
    };
    imports.iter().copied().filter(|(from, to)| leads(to, from)).collect()
}

/// The imports that break the layers, from the top.
fn faults(files: &Files, layers: &[Vec<&str>]) -> Vec<String> {
    let layer = |room: &str| layers.iter().position(|layer| layer.contains(&room));
    let sources = Sources::read(files);
    let imports = sources.imports();
    let rooms: BTreeSet<&str> =
        files.keys().filter(|file| !ROOTS.contains(&file.as_str())).map(|it| room(it)).collect();
    let listed: Vec<&str> = layers.iter().flatten().copied().collect();
    let unlisted = rooms.iter().filter(|room| !listed.contains(room)).map(|room| format!("{room} is in no layer"));
    let gone = listed.iter().filter(|room| !rooms.contains(*room)).map(|room| format!("{room} is not there"));
    let upwards = imports.iter().filter(|(from, to)| {
        let (from, to) = (room(from), room(to));
        from != to && !ROOTS.contains(&from) && (layer(from) >= layer(to) || ROOTS.contains(&to))
    });
    let upwards = upwards.map(|(from, to)| format!("{from} imports from {to}, which is not below it"));
    let circles = circles(&imports).into_iter().map(|(from, to)| format!("{from} imports from {to}, in a circle"));
    unlisted.chain(gone).chain(upwards).chain(circles).collect()
}

/// The name of a file in the layers: its name without the ending, or the directory that it is in.
fn room(file: &str) -> &str {
    match file.find('/') {
        Some(slash) => file.get(..=slash).unwrap(),
        None if ROOTS.contains(&file) => file,
        None => file.trim_end_matches(".rs"),
    }
}

/// The files of a directory, and of those in it.
fn files(directory: &Path, before: &str, files: &mut Files) {
    for entry in fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{before}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            self::files(&entry.path(), &format!("{name}/"), files);
        } else if entry.path().extension().is_some_and(|ending| ending == "rs") {
            files.insert(name, fs::read_to_string(entry.path()).unwrap());
        }
    }
}

/// The layers that a document lists for a directory of sources.
fn layers<'t>(text: &'t str, sources: &str) -> Vec<Vec<&'t str>> {
    let (_, row) = text.split_once(&format!("\n| `{sources}` |")).unwrap();
    let (row, _) = row.split_once('|').unwrap();
    row.split('·').map(|layer| layer.split_whitespace().collect()).collect()
}

#[test]
fn files_import_downwards_in_the_order_that_is_written_down() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let text = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    for sources in SOURCES {
        let mut found = Files::new();
        files(&root.join(sources), "", &mut found);
        let faults = faults(&found, &layers(&text, sources));
        assert!(faults.is_empty(), "{sources}:\n  {}", faults.join("\n  "));
    }
}

/// The faults of a crate with a module `low` that is to import nothing, and of this text in it.
fn faults_of(low: &str) -> Vec<String> {
    let texts = [
        ("lib.rs", "mod high; mod low; mod middle; mod side; pub use crate::high::High;"),
        ("high.rs", "pub struct High; macro_rules! high { () => {} } pub fn high() {}"),
        ("low.rs", low),
        ("middle/mod.rs", "mod inner; pub use self::inner::Inner; pub use crate::high::High as Lent; pub fn own() {}"),
        ("middle/inner.rs", "pub struct Inner;"),
        ("side.rs", "pub fn side() { crate::middle::own() } macro_rules! lends { () => { $crate::high::high() } }"),
    ];
    let files = texts.map(|(file, text)| (file.to_owned(), text.to_owned())).into();
    faults(&files, &[vec!["side"], vec!["middle/"], vec!["high", "low"]])
}

#[test]
fn every_way_to_name_another_file_counts() {
    for (code, file) in [
        ("use crate::high::High;", "high.rs"),
        ("use crate::{side, high::{self, High}};", "high.rs"),
        ("use super::high as other;", "high.rs"),
        ("fn low() -> crate::high::High { todo!() }", "high.rs"),
        ("fn low() { vec![crate::high::high()] }", "high.rs"),
        ("fn low() { high!() }", "high.rs"),
        ("fn low() { crate::high!() }", "high.rs"),
        ("macro_rules! low { () => { $crate::high::high() } } fn low() { low!() }", "high.rs"),
        ("fn low() { crate::lends!() }", "high.rs"),
        ("use crate::middle; fn low() { middle::Lent; }", "high.rs"),
        ("use crate::High;", "high.rs"),
        ("use crate::middle::Inner;", "middle/inner.rs"),
        ("use crate::middle; fn low() { middle::own() }", "middle/mod.rs"),
        ("mod inner { use super::super::high::High; }", "high.rs"),
        ("fn low() { crate::high::high::<u8>() }", "high.rs"),
        ("#[cfg(test)] mod tests { } use crate::high::High;", "high.rs"),
    ] {
        let expected = format!("low.rs imports from {file}, which is not below it");
        assert!(faults_of(code).contains(&expected), "{code}: {:?}", faults_of(code));
    }
}

#[test]
fn what_is_no_import_does_not_count() {
    for code in [
        "",
        "// use crate::high::High;",
        "/// [`crate::high::High`]\npub(crate) fn low() { \"crate::high::High\"; }",
        "#[cfg(test)] mod tests { use crate::high::High; }",
        "#[cfg(all(test, unix))] use crate::high::{self, High};",
        "impl Low { #[cfg(test)] fn low() { crate::high::high() } }",
        "use high::High; fn low(high: u8) { high != 1; std::high::high() }",
        "mod high {} use self::high::High;",
        "macro_rules! low { () => { $crate::high::high() } }",
    ] {
        assert_eq!(faults_of(code), Vec::<String>::new(), "{code}");
    }
}

#[test]
fn what_the_layers_leave_out_or_invent_is_named() {
    let files = [("a.rs", ""), ("b.rs", "")].map(|(file, text)| (file.to_owned(), text.to_owned())).into();
    assert_eq!(faults(&files, &[vec!["a", "c"]]), ["b is in no layer", "c is not there"]);
}

#[test]
fn circles_inside_a_directory_are_named() {
    let texts = [("a/mod.rs", "mod b; use b::B; pub struct A;"), ("a/b.rs", "use super::A; pub struct B;")];
    let files = texts.map(|(file, text)| (file.to_owned(), text.to_owned())).into();
    assert_eq!(
        faults(&files, &[vec!["a/"]]),
        ["a/b.rs imports from a/mod.rs, in a circle", "a/mod.rs imports from a/b.rs, in a circle"]
    );
}
