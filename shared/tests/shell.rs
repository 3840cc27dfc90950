//! The shell parser: trees survive printing, no input breaks it, and quotes hide operators.

#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, reason = "a test that overflows fails")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use shared::process::{Argv, Env, Options, Shell, classify};
use shared::shell::{AndOr, Command, CommandKind, Item, MAX_BYTES, Opaque, Operator, Pipeline, Redirection, parse};

/// A syntax tree that owns its text, to generate and to compare.
#[derive(Clone, Debug, PartialEq)]
enum Tree {
    Simple { assignments: Vec<String>, words: Vec<String>, redirections: Vec<String> },
    Compound { kind: Compound, redirections: Vec<String> },
    Function(String, Vec<TreeItem>),
    Test,
}

#[derive(Clone, Debug, PartialEq)]
enum Compound {
    Subshell(Vec<TreeItem>),
    Group(Vec<TreeItem>),
    If(Vec<(Vec<TreeItem>, Vec<TreeItem>)>, Option<Vec<TreeItem>>),
    While(bool, Vec<TreeItem>, Vec<TreeItem>),
    For(String, Vec<TreeItem>),
    Case(String, Vec<(Vec<String>, Vec<TreeItem>)>),
}

#[derive(Clone, Debug, PartialEq)]
struct TreeItem {
    first: TreePipeline,
    rest: Vec<(bool, TreePipeline)>,
    background: bool,
}

#[derive(Clone, Debug, PartialEq)]
struct TreePipeline {
    negated: bool,
    commands: Vec<Tree>,
}

// From the parser's tree.

fn from_list(list: &[Item<'_>]) -> Vec<TreeItem> {
    list.iter()
        .map(|Item { and_or: AndOr { first, rest }, background, .. }| TreeItem {
            first: from_pipeline(first),
            rest: rest.iter().map(|(operator, next)| (*operator == Operator::And, from_pipeline(next))).collect(),
            background: *background,
        })
        .collect()
}

fn from_pipeline(pipeline: &Pipeline<'_>) -> TreePipeline {
    TreePipeline { negated: pipeline.negated, commands: pipeline.commands.iter().map(from_command).collect() }
}

fn from_command(command: &Command<'_>) -> Tree {
    let show = |Redirection { descriptor, operator, target }: &Redirection<'_>| {
        format!("{descriptor}{operator}{}", target.text)
    };
    let redirections = command.redirections.iter().map(show).collect();
    let kind = match &command.kind {
        CommandKind::Simple(simple) => {
            let texts = |words: &[shared::shell::Word<'_>]| words.iter().map(|word| word.text.to_owned()).collect();
            return Tree::Simple { assignments: texts(&simple.assignments), words: texts(&simple.words), redirections };
        }
        CommandKind::Function(name, body) => {
            let CommandKind::Group(list) = &body.kind else { panic!("only groups are generated") };
            return Tree::Function((*name).to_owned(), from_list(list));
        }
        CommandKind::Test => return Tree::Test,
        CommandKind::Subshell(list) => Compound::Subshell(from_list(list)),
        CommandKind::Group(list) => Compound::Group(from_list(list)),
        CommandKind::If(branches, otherwise) => Compound::If(
            branches.iter().map(|(condition, body)| (from_list(condition), from_list(body))).collect(),
            otherwise.as_ref().map(|list| from_list(list)),
        ),
        CommandKind::While { until, condition, body } => Compound::While(*until, from_list(condition), from_list(body)),
        CommandKind::For { header, body } => Compound::For((*header).to_owned(), from_list(body)),
        CommandKind::Case(subject, arms) => Compound::Case(
            subject.text.to_owned(),
            arms.iter()
                .map(|arm| (arm.patterns.iter().map(|word| word.text.to_owned()).collect(), from_list(&arm.body)))
                .collect(),
        ),
    };
    Tree::Compound { kind, redirections }
}

// To text. Every optional blank, comment and line end comes from `spaces`, which is read round and round.

struct Printer<'a> {
    text: String,
    spaces: std::iter::Cycle<std::slice::Iter<'a, u8>>,
}

impl Printer<'_> {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn choose<'b>(&mut self, choices: &[&'b str]) -> &'b str {
        let choice = self.spaces.next().map_or(0, |byte| usize::from(*byte));
        choices[choice % choices.len()]
    }

    fn blank(&mut self) {
        let blank = self.choose(&[" ", "\t", "  ", " \\\n"]);
        self.push(blank);
    }

    fn lines(&mut self) {
        let lines = self.choose(&[" ", "\n", " # then & | ; done\n", "\n\n\t", " \\\n "]);
        self.push(lines);
    }

    fn list(&mut self, list: &[TreeItem]) {
        for item in list {
            self.pipeline(&item.first);
            for (and, next) in &item.rest {
                self.blank();
                self.push(if *and { "&&" } else { "||" });
                self.lines();
                self.pipeline(next);
            }
            let separator = if item.background { " & " } else { self.choose(&[";", " ; ", "\n", " # it's\n", ";\n"]) };
            self.push(separator);
            self.lines();
        }
    }

    fn pipeline(&mut self, pipeline: &TreePipeline) {
        if pipeline.negated {
            self.push("! ");
        }
        for (at, command) in pipeline.commands.iter().enumerate() {
            if at > 0 {
                let pipe = self.choose(&["|", " | ", " |\n"]);
                self.push(pipe);
                self.push(" ");
            }
            self.command(command);
        }
    }

    fn command(&mut self, tree: &Tree) {
        match tree {
            Tree::Simple { assignments, words, redirections } => {
                for text in assignments.iter().chain(words).chain(redirections) {
                    self.push(text);
                    self.blank();
                }
            }
            Tree::Test => self.push("[[ a && ( b || $c ) ]]"),
            Tree::Function(name, body) => {
                write!(self.text, "{name} ( )").unwrap();
                self.lines();
                self.push("{ ");
                self.list(body);
                self.push("}");
            }
            Tree::Compound { kind, redirections } => {
                self.compound(kind);
                for text in redirections {
                    self.blank();
                    self.push(text);
                }
            }
        }
    }

    fn compound(&mut self, compound: &Compound) {
        match compound {
            Compound::Subshell(list) => {
                // Not `((`, which is arithmetic.
                self.push("( ");
                self.list(list);
                self.push(")");
            }
            Compound::Group(list) => {
                self.push("{ ");
                self.list(list);
                self.push("}");
            }
            Compound::If(branches, otherwise) => {
                for (at, (condition, body)) in branches.iter().enumerate() {
                    self.push(if at == 0 { "if " } else { "elif " });
                    self.list(condition);
                    self.push("then ");
                    self.list(body);
                }
                if let Some(list) = otherwise {
                    self.push("else ");
                    self.list(list);
                }
                self.push("fi");
            }
            Compound::While(until, condition, body) => {
                self.push(if *until { "until " } else { "while " });
                self.list(condition);
                self.push("do ");
                self.list(body);
                self.push("done");
            }
            Compound::For(header, body) => {
                write!(self.text, "for {header}").unwrap();
                let separator = self.choose(&[";", "\n", " ; "]);
                self.push(separator);
                self.lines();
                self.push("do ");
                self.list(body);
                self.push("done");
            }
            Compound::Case(subject, arms) => {
                write!(self.text, "case {subject} in").unwrap();
                self.push("\n");
                for (patterns, body) in arms {
                    let open = self.choose(&["", "("]);
                    self.push(open);
                    self.push(&patterns.join(" | "));
                    self.push(") ");
                    self.list(body);
                    let close = self.choose(&[";;", ";;\n", ";; # x\n"]);
                    self.push(close);
                    self.push(" ");
                }
                self.push("esac");
            }
        }
    }
}

fn print(list: &[TreeItem], spaces: &[u8]) -> String {
    let mut printer = Printer { text: String::new(), spaces: spaces.iter().cycle() };
    printer.list(list);
    printer.text
}

// Generators.

fn word() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z0-9_./:,%-]{1,6}",
        1 => "[^'\\x00]{0,8}".prop_map(|text| format!("'{text}'")),
        1 => "[a-z ;&|()<>\n#']{0,8}".prop_map(|text| format!("\"{text}$x$(a | 'b)' \"c\")`d`\\\"\"")),
        1 => "[ ;&|()<>#'\"$`\\\\]".prop_map(|character| format!("\\{character}")),
        1 => Just("$'it\\'s'".to_owned()),
        1 => Just("${x:-\"a } b\"}".to_owned()),
        1 => Just("$(case x in a) b;; (c) d & esac; # )\n)".to_owned()),
        1 => Just("$((1 + (2 * 3)))".to_owned()),
        1 => Just("$((a); b)".to_owned()),
        1 => Just("$*?é".to_owned()),
    ];
    vec(piece, 1..3).prop_map(|pieces| pieces.concat())
}

/// A command name or pattern, which is not a keyword, number, assignment or function.
fn name() -> impl Strategy<Value = String> {
    "x[a-z0-9_]{0,5}"
}

fn redirection() -> impl Strategy<Value = String> {
    let operator = prop_oneof!["<", ">", ">>", ">\\|", "<>", ">&", "<&", "2>", "10<", "2>&", "&>", "<<<"];
    (operator, word()).prop_map(|(operator, target)| format!("{operator}{target}"))
}

fn simple() -> impl Strategy<Value = Tree> {
    let assignment = (name(), word()).prop_map(|(name, value)| format!("{name}={value}"));
    (vec(assignment, 0..2), name(), vec(word(), 0..3), vec(redirection(), 0..2)).prop_map(
        |(assignments, name, arguments, redirections)| Tree::Simple {
            assignments,
            words: std::iter::once(name).chain(arguments).collect(),
            redirections,
        },
    )
}

fn list(command: impl Strategy<Value = Tree> + Clone + 'static) -> impl Strategy<Value = Vec<TreeItem>> + Clone {
    let pipeline =
        (any::<bool>(), vec(command, 1..3)).prop_map(|(negated, commands)| TreePipeline { negated, commands }).boxed();
    let item = (pipeline.clone(), vec((any::<bool>(), pipeline), 0..2), any::<bool>())
        .prop_map(|(first, rest, background)| TreeItem { first, rest, background });
    vec(item, 1..3).boxed()
}

fn command() -> impl Strategy<Value = Tree> + Clone {
    prop_oneof![9 => simple(), 1 => Just(Tree::Test)]
        .boxed()
        .prop_recursive(3, 32, 12, |inner| {
            let body = list(inner);
            let arm = (vec(name(), 1..3), body.clone());
            let kind = prop_oneof![
                body.clone().prop_map(Compound::Subshell),
                body.clone().prop_map(Compound::Group),
                (vec((body.clone(), body.clone()), 1..3), proptest::option::of(body.clone()))
                    .prop_map(|(branches, otherwise)| Compound::If(branches, otherwise)),
                (any::<bool>(), body.clone(), body.clone())
                    .prop_map(|(until, condition, body)| Compound::While(until, condition, body)),
                (name(), vec(word(), 0..3), body.clone()).prop_map(|(name, words, body)| {
                    Compound::For([name, "in".to_owned()].into_iter().chain(words).collect::<Vec<_>>().join(" "), body)
                }),
                (word(), vec(arm, 0..3)).prop_map(|(subject, arms)| Compound::Case(subject, arms)),
            ];
            prop_oneof![
                6 => (kind, vec(redirection(), 0..2))
                    .prop_map(|(kind, redirections)| Tree::Compound { kind, redirections }),
                1 => (name(), body).prop_map(|(name, body)| Tree::Function(name, body)),
            ]
        })
        .boxed()
}

fn classify_in_all_shells(script: &str) {
    let argv = Argv::compose(Some(&["sh", "-c", script, "x", "app"]), None, &|_| Env::Absent);
    for shell in [Shell::Dash, Shell::Bash, Shell::Ash] {
        let _ = classify(&argv, &Options { shell, ..Options::default() });
    }
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    // Trees are slow to generate.
    #![proptest_config(cases(64))]

    #[test]
    fn a_printed_tree_parses_to_itself(tree in list(command()), spaces in vec(any::<u8>(), 1..16)) {
        let text = print(&tree, &spaces);
        let script = parse(&text);
        prop_assert!(script.is_ok(), "{:?}: {}", script, text);
        prop_assert_eq!(from_list(&script.unwrap().list), tree, "{}", text);
        classify_in_all_shells(&text);
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn any_text_is_parsed_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = parse(&text);
        classify_in_all_shells(&text);
    }

    #[test]
    fn any_mix_of_tokens_is_parsed_or_refused(tokens in vec(proptest::sample::select(TOKENS), 0..40)) {
        let text = tokens.concat();
        let _ = parse(&text);
        classify_in_all_shells(&text);
    }

    #[test]
    fn a_quoted_word_hides_its_operators(
        commands in vec((redirection(), proptest::sample::select(OPERATORS)), 1..5),
        content in "[a-z ;&|()<>{}#\"$`\\\\\n!]{0,12}",
    ) {
        let with = |word: &str| {
            let line = |(redirection, operator): &(String, &str)| ["x ", word, " ", redirection, " ", operator, " x\n"].concat();
            commands.iter().map(line).collect::<String>()
        };
        let quoted = with(&format!("'{content}'"));
        prop_assert_eq!(operators(&quoted), operators(&with("w")), "{}", quoted);
    }
}

const OPERATORS: &[&str] = &["&&", "||", "|", ";", "&", "\n"];

/// A pipeline: whether `&&` leads to it, and the number of words of each command.
type Shape = (bool, Vec<usize>);

/// The script without its words; the flag is `&`.
fn operators(script: &str) -> Vec<(Vec<Shape>, bool)> {
    let words = |tree: &Tree| match tree {
        Tree::Simple { words, .. } => words.len(),
        other => panic!("{other:?}"),
    };
    let pipeline = |and: bool, pipeline: &TreePipeline| (and, pipeline.commands.iter().map(words).collect());
    from_list(&parse(script).unwrap().list)
        .iter()
        .map(|item| {
            let rest = item.rest.iter().map(|(and, next)| pipeline(*and, next));
            (std::iter::once(pipeline(true, &item.first)).chain(rest).collect(), item.background)
        })
        .collect()
}

const TOKENS: &[&str] = &[
    "a",
    "exec ",
    "app ",
    " ",
    "\n",
    ";",
    ";;",
    "&",
    "&&",
    "||",
    "|",
    "(",
    ")",
    "((",
    "))",
    "{ ",
    "}",
    "$(",
    "$((",
    "${",
    "`",
    "'",
    "\"",
    "\\",
    "#",
    "<",
    ">",
    "<<E\n",
    "E\n",
    "<<<",
    "<(",
    "if ",
    "then ",
    "else ",
    "fi",
    "while ",
    "do ",
    "done",
    "for ",
    "in ",
    "case ",
    "esac",
    "f() ",
    "trap x TERM ",
    "wait ",
    "eval ",
    "sh -c ",
    "[[ ",
    " ]]",
    "=(",
    "!",
    "é",
    "\t",
    "\r",
    "$@",
    "function ",
];

fn syntax(text: &str) -> Vec<TreeItem> {
    from_list(&parse(text).unwrap_or_else(|error| panic!("{error:?}: {text}")).list)
}

#[test]
fn here_documents_are_skipped_with_their_operators() {
    let simple = |text: &str| syntax(text).len();
    assert_eq!(simple("cat <<E\na & b\n'\nE\nc"), 2);
    assert_eq!(simple("cat <<-'E F' >x; c\n\ta | (\n\tE F\nd"), 3);
    assert_eq!(simple("cat <<A <<B\n(\nA\n)\nB\nc"), 2);
    assert_eq!(simple("cat <<E\nno end & here"), 1);
    assert_eq!(simple("x=$(cat <<E\n)\nE\n); c"), 2);
    assert_eq!(simple("if a <<E; then\nfi &\nE\nb; fi"), 1);
}

#[test]
fn wrong_scripts_are_opaque() {
    for text in [
        "a;;",
        "a )",
        "( a",
        "{ a",
        "{ a; ",
        "if a; fi",
        "if a; then fi",
        "while a; do done",
        "for",
        "for x in a; b",
        "case x in a) b",
        "case x a) b;; esac",
        "a &&",
        "| a",
        "a | | b",
        "a >",
        "a > ;",
        "'",
        "\"",
        "`",
        "$(",
        "$(a",
        "${",
        "$((1)",
        "((1)",
        "[[ a",
        "f() ",
        "function",
        "f( x )",
        "!",
        "; a",
        "& a",
        "()",
        "a=(1",
        "done",
        "}",
        "then a",
        "a $(b; )) c",
        "case x in a) b;; (c) d",
        "coproc { a; }",
        "@(a|b)",
    ] {
        assert_eq!(parse(text).map(|_| ()), Err(Opaque::Syntax), "{text}");
    }
}

#[test]
fn words_are_literal_only_when_the_shell_changes_nothing_but_quotes() {
    for (text, literal) in [
        ("app", Some("app")),
        ("'a b'\"c d\"\\ e", Some("a bc d e")),
        ("\"a\\\"b\\n\"", Some("a\"b\\n")),
        ("a\\\nb", Some("ab")),
        ("[", Some("[")),
        ("a$", Some("a$")),
        ("a~", Some("a~")),
        ("{}", Some("{}")),
        ("''", Some("")),
        ("$a", None),
        ("\"${a}\"", None),
        ("`a`", None),
        ("~/a", None),
        ("a*", None),
        ("[ab]", None),
        ("{a,b}", None),
        ("$'a'", None),
        ("<(a)", None),
    ] {
        let script = parse(text).unwrap();
        let CommandKind::Simple(simple) = &script.list[0].and_or.first.commands[0].kind else { panic!("{text}") };
        assert_eq!(simple.words[0].literal().as_deref(), literal, "{text}");
    }
}

#[test]
fn the_longest_scripts_of_any_shape_take_no_more_than_moments() {
    for token in TOKENS.iter().copied().chain(["a ", "a;", "a|", "$x", "]", "[]", "a=", "1>", "x() ", "$(( ", "((a) "])
    {
        let script = token.repeat(MAX_BYTES / token.len());
        let start = Instant::now();
        let _ = classify(&Argv::compose(Some(&["bash", "-c", &script]), None, &|_| Env::Absent), &Options::default());
        // Unoptimised code on a busy machine; a quadratic parser takes minutes.
        assert!(start.elapsed() < Duration::from_secs(2), "{token:?}: {:?}", start.elapsed());
    }
    assert_eq!(parse(&" ".repeat(MAX_BYTES + 1)).map(|_| ()), Err(Opaque::TooBig));
}
