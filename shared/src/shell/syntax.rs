//! The syntax tree. Every node borrows from the script it was parsed from.

use std::borrow::Cow;

/// The reason why a script has no syntax tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opaque {
    /// A limit was reached: bytes, nesting or tokens.
    TooBig,
    /// The script is wrong, or uses a form that this parser does not support.
    Syntax,
}

/// A whole script.
#[derive(Debug)]
pub struct Script<'a> {
    /// The commands in their order.
    pub list: List<'a>,
    /// The text between the last command and the end of the script.
    pub trailing: Trailing,
}

/// The text after the last command of a script. Shells decide by it whether to run their last command without a fork.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trailing {
    /// Nothing but blanks, a `;` or a comment.
    Nothing,
    /// The same and one line end.
    LineEnd,
    /// More lines: blank lines, comment lines or the body of a here-document.
    Lines,
}

/// Commands that run one after another.
pub type List<'a> = Vec<Item<'a>>;

/// One member of a list with its separator.
#[derive(Debug)]
pub struct Item<'a> {
    /// The commands.
    pub and_or: AndOr<'a>,
    /// `&` follows: the shell does not wait for it.
    pub background: bool,
    /// A line end follows, before or after the separator.
    pub ends_line: bool,
    /// The source text without the separator.
    pub text: &'a str,
    /// The end of the text in the script, in bytes.
    pub(super) end: usize,
}

/// Pipelines joined by `&&` and `||`.
#[derive(Debug)]
pub struct AndOr<'a> {
    /// The pipeline that always runs.
    pub first: Pipeline<'a>,
    /// The pipelines that run by the outcome of those before.
    pub rest: Vec<(Operator, Pipeline<'a>)>,
}

/// The operator between two pipelines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// Commands joined by `|`; one command is a pipeline too.
#[derive(Debug)]
pub struct Pipeline<'a> {
    /// It has the prefix `!`.
    pub negated: bool,
    /// It has the prefix `time`, a Bash keyword.
    pub timed: bool,
    /// At least one command.
    pub commands: Vec<Command<'a>>,
}

/// A command with the redirections of a compound command.
#[derive(Debug)]
pub struct Command<'a> {
    /// The command.
    pub kind: CommandKind<'a>,
    /// Its redirections, in their order.
    pub redirections: Vec<Redirection<'a>>,
    /// The source text.
    pub text: &'a str,
}

impl<'a> Command<'a> {
    /// The lists of commands in a compound command, in their order; those of a function run elsewhere.
    #[must_use]
    pub fn lists(&self) -> Vec<&List<'a>> {
        let mut lists = Vec::new();
        match &self.kind {
            CommandKind::Subshell(list) | CommandKind::Group(list) | CommandKind::For { body: list, .. } => {
                lists.push(list);
            }
            CommandKind::While { condition, body, .. } => {
                lists.push(condition);
                lists.push(body);
            }
            CommandKind::If(branches, otherwise) => {
                for (condition, body) in branches {
                    lists.push(condition);
                    lists.push(body);
                }
                lists.extend(otherwise);
            }
            CommandKind::Case(_, arms) => lists.extend(arms.iter().map(|arm| &arm.body)),
            CommandKind::Simple(_) | CommandKind::Function(..) | CommandKind::Test => {}
        }
        lists
    }
}

/// The forms of a command.
#[derive(Debug)]
pub enum CommandKind<'a> {
    /// Assignments and words.
    Simple(Simple<'a>),
    /// `( list )`
    Subshell(List<'a>),
    /// `{ list; }`
    Group(List<'a>),
    /// `if … then … elif … else … fi`: condition and body of each branch, then the `else` body.
    If(Vec<(List<'a>, List<'a>)>, Option<List<'a>>),
    /// `while`, or `until` when the flag is set: condition and body.
    While {
        /// `until`: the loop ends when the condition holds.
        until: bool,
        /// The commands before `do`.
        condition: List<'a>,
        /// The commands between `do` and `done`.
        body: List<'a>,
    },
    /// `for` and `select`: the text between the keyword and `do`, and the body.
    For {
        /// The variable and its words, or an arithmetic `(( … ))`.
        header: &'a str,
        /// The commands between `do` and `done`.
        body: List<'a>,
    },
    /// `case … in … esac`.
    Case(Word<'a>, Vec<Arm<'a>>),
    /// `name() command`
    Function(&'a str, Box<Command<'a>>),
    /// `[[ … ]]` or `(( … ))`: a test, which starts no program.
    Test,
}

/// One arm of a `case`.
#[derive(Debug)]
pub struct Arm<'a> {
    /// The patterns between `|`.
    pub patterns: Vec<Word<'a>>,
    /// The commands of the arm.
    pub body: List<'a>,
}

/// Assignments and words; either may be missing.
#[derive(Debug, Default)]
pub struct Simple<'a> {
    /// `NAME=value` before the command.
    pub assignments: Vec<Word<'a>>,
    /// The command and its arguments.
    pub words: Vec<Word<'a>>,
    /// The source text from the first word on, redirections included.
    pub call: &'a str,
}

/// A redirection. The body of a here-document is skipped.
#[derive(Debug)]
pub struct Redirection<'a> {
    /// The file descriptor before the operator; empty without one.
    pub descriptor: &'a str,
    /// The operator, such as `>`, `2>&1` has `>&`.
    pub operator: &'a str,
    /// File, descriptor or delimiter.
    pub target: Word<'a>,
}

/// A word as it is written, quotes included.
#[derive(Clone, Copy, Debug)]
pub struct Word<'a> {
    /// The source text.
    pub text: &'a str,
    /// The shell would change more than quotes: a variable, substitution, pattern, tilde or brace.
    pub expands: bool,
}

impl<'a> Word<'a> {
    /// The word without its quotes; `None` when its value is known only at run time.
    #[must_use]
    pub fn literal(&self) -> Option<Cow<'a, str>> {
        if self.expands {
            return None;
        }
        if !self.text.contains(['\\', '\'', '"']) {
            return Some(Cow::Borrowed(self.text));
        }
        let mut value = String::with_capacity(self.text.len());
        let mut characters = self.text.chars().peekable();
        let mut quote = None;
        while let Some(character) = characters.next() {
            match (quote, character) {
                (None, '\'' | '"') => quote = Some(character),
                (Some(open), close) if open == close => quote = None,
                (None | Some('"'), '\\') => match characters.next() {
                    Some('\n') => {}
                    Some(next) => {
                        if quote.is_some() && !matches!(next, '$' | '`' | '"' | '\\') {
                            value.push('\\');
                        }
                        value.push(next);
                    }
                    None => value.push('\\'),
                },
                _ => value.push(character),
            }
        }
        Some(Cow::Owned(value))
    }

    /// The last path component, when it is plain text after whatever else the word holds: `java` of
    /// `"$JAVA_HOME"/bin/java`.
    #[must_use]
    pub fn literal_basename(&self) -> Option<&'a str> {
        let (_, tail) = self.text.rsplit_once('/')?;
        let name = tail.strip_suffix('"').unwrap_or(tail);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+');
        (!name.is_empty() && name.bytes().all(plain)).then_some(name)
    }

    /// Returns `true` if the word is `NAME=value`, `NAME+=value` or `NAME[…]=value`.
    #[must_use]
    pub fn is_assignment(&self) -> bool {
        self.text.split_once('=').is_some_and(|(name, _)| {
            let name = name.strip_suffix('+').unwrap_or(name);
            is_name(name.strip_suffix(']').and_then(|element| element.split_once('[')).map_or(name, |(array, _)| array))
        })
    }
}

/// Returns `true` if the text is a name of the shell: letters, digits and underscores, no digit first.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
