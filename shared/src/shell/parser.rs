//! A recursive-descent parser that reads bytes. Its depth is bounded by [`MAX_NESTING`].

use super::syntax::{
    AndOr, Arm, Command, CommandKind, Item, List, Opaque, Operator, Pipeline, Redirection, Script, Simple, Trailing,
    Word, is_name,
};

/// The longest script that is read, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;
/// The deepest nesting of compound commands, substitutions and parameter expansions.
pub const MAX_NESTING: u32 = 64;
/// The most words and operators of a script.
pub const MAX_TOKENS: u32 = 20_000;

type Parsed<T> = Result<T, Opaque>;

/// Reads a script.
///
/// # Errors
///
/// [`Opaque::TooBig`] beyond a limit, [`Opaque::Syntax`] for everything that is not understood.
pub fn parse(source: &str) -> Parsed<Script<'_>> {
    if source.len() > MAX_BYTES {
        return Err(Opaque::TooBig);
    }
    let mut parser = Parser { source, at: 0, nesting: 0, tokens: 0, here_documents: Vec::new() };
    let list = parser.list()?;
    if parser.peek().is_some() {
        return Err(Opaque::Syntax);
    }
    let trailing = list.last().map_or(Trailing::Nothing, |last| trailing(source.get(last.end..).unwrap_or_default()));
    Ok(Script { list, trailing })
}

/// Judges the text after the last command.
fn trailing(rest: &str) -> Trailing {
    let rest = rest.trim_start_matches([' ', '\t', ';']);
    let rest = if rest.starts_with('#') { rest.trim_start_matches(|character| character != '\n') } else { rest };
    match rest {
        "" => Trailing::Nothing,
        "\n" => Trailing::LineEnd,
        _ => Trailing::Lines,
    }
}

/// A here-document whose body starts after the next line end.
struct HereDocument {
    delimiter: String,
    strips_tabs: bool,
}

struct Parser<'a> {
    source: &'a str,
    at: usize,
    nesting: u32,
    tokens: u32,
    here_documents: Vec<HereDocument>,
}

impl<'a> Parser<'a> {
    // Bytes.

    fn peek(&self) -> Option<u8> {
        self.peek_at(0)
    }

    fn peek_at(&self, offset: usize) -> Option<u8> {
        self.source.as_bytes().get(self.at.saturating_add(offset)).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.source.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn starts_with(&self, text: &str) -> bool {
        self.rest().starts_with(text.as_bytes())
    }

    fn text_since(&self, start: usize) -> &'a str {
        self.source.get(start..self.at).unwrap_or_default().trim_end_matches([' ', '\t'])
    }

    /// Moves over `count` bytes, never beyond the end.
    fn skip(&mut self, count: usize) {
        self.at = self.source.len().min(self.at.saturating_add(count));
    }

    /// Moves to the byte, or fails.
    fn skip_until(&mut self, byte: u8) -> Parsed<()> {
        let offset = self.rest().iter().position(|&next| next == byte).ok_or(Opaque::Syntax)?;
        self.skip(offset);
        Ok(())
    }

    fn expect(&mut self, byte: u8) -> Parsed<()> {
        if self.peek() != Some(byte) {
            return Err(Opaque::Syntax);
        }
        self.skip(1);
        self.count_token()
    }

    fn count_token(&mut self) -> Parsed<()> {
        self.tokens = self.tokens.saturating_add(1);
        if self.tokens > MAX_TOKENS { Err(Opaque::TooBig) } else { Ok(()) }
    }

    fn enter(&mut self) -> Parsed<()> {
        self.nesting = self.nesting.saturating_add(1);
        if self.nesting > MAX_NESTING { Err(Opaque::TooBig) } else { Ok(()) }
    }

    fn leave(&mut self) {
        self.nesting = self.nesting.saturating_sub(1);
    }

    /// Skips blanks, line continuations and a comment.
    fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.skip(1),
                Some(b'\\') if self.peek_at(1) == Some(b'\n') => self.skip(2),
                Some(b'#') => {
                    if self.skip_until(b'\n').is_err() {
                        self.at = self.source.len();
                    }
                }
                _ => return,
            }
        }
    }

    /// Skips blanks and line ends, and the here-documents that start at a line end.
    fn lines(&mut self) {
        self.blanks();
        while self.peek() == Some(b'\n') {
            self.skip(1);
            self.here_document_bodies();
            self.blanks();
        }
    }

    fn here_document_bodies(&mut self) {
        for document in std::mem::take(&mut self.here_documents) {
            while self.peek().is_some() {
                let rest = self.source.get(self.at..).unwrap_or_default();
                let line = rest.split('\n').next().unwrap_or_default();
                self.skip(line.len().saturating_add(1));
                let line = if document.strips_tabs { line.trim_start_matches('\t') } else { line };
                if line == document.delimiter {
                    break;
                }
            }
        }
    }

    // Keywords.

    /// The word at this place when it is all plain characters; else empty.
    fn plain_word(&self) -> &'a str {
        let rest = self.rest();
        let length = rest.iter().position(|&byte| ends_word(byte) || is_special(byte)).unwrap_or(rest.len());
        if rest.get(length).is_some_and(|&byte| is_special(byte)) {
            return "";
        }
        self.source.get(self.at..self.at.saturating_add(length)).unwrap_or_default()
    }

    fn keyword(&mut self, word: &str) -> bool {
        let found = self.plain_word() == word;
        if found {
            self.skip(word.len());
        }
        found
    }

    fn expect_keyword(&mut self, word: &str) -> Parsed<()> {
        if self.keyword(word) { self.count_token() } else { Err(Opaque::Syntax) }
    }

    fn at_list_end(&self) -> bool {
        match self.peek() {
            None | Some(b')') => true,
            Some(b';') => matches!(self.peek_at(1), Some(b';' | b'&')),
            _ => {
                matches!(self.plain_word(), "then" | "elif" | "else" | "fi" | "do" | "done" | "esac" | "}")
            }
        }
    }

    // Grammar.

    fn list(&mut self) -> Parsed<List<'a>> {
        let mut items = Vec::new();
        loop {
            self.lines();
            if self.at_list_end() {
                return Ok(items);
            }
            let start = self.at;
            let and_or = self.and_or()?;
            let text = self.text_since(start);
            let end = start.saturating_add(text.len());
            self.blanks();
            let background = self.peek() == Some(b'&');
            let separated = background || self.peek() == Some(b';') && !self.at_list_end();
            if separated {
                self.skip(1);
                self.count_token()?;
                self.blanks();
            }
            let ends_line = self.peek() == Some(b'\n');
            items.push(Item { and_or, background, ends_line, text, end });
            if !separated && !ends_line {
                return Ok(items);
            }
        }
    }

    /// A list that must hold a command.
    fn commands(&mut self) -> Parsed<List<'a>> {
        let list = self.list()?;
        if list.is_empty() { Err(Opaque::Syntax) } else { Ok(list) }
    }

    fn and_or(&mut self) -> Parsed<AndOr<'a>> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.blanks();
            let operator = if self.starts_with("&&") {
                Operator::And
            } else if self.starts_with("||") {
                Operator::Or
            } else {
                return Ok(AndOr { first, rest });
            };
            self.skip(2);
            self.count_token()?;
            self.lines();
            rest.push((operator, self.pipeline()?));
        }
    }

    fn pipeline(&mut self) -> Parsed<Pipeline<'a>> {
        let mut pipeline = Pipeline { negated: false, timed: false, commands: Vec::new() };
        loop {
            self.blanks();
            if self.keyword("!") {
                pipeline.negated = true;
            } else if self.keyword("time") {
                pipeline.timed = true;
                self.blanks();
                self.keyword("-p");
            } else {
                break;
            }
            self.count_token()?;
        }
        loop {
            pipeline.commands.push(self.command()?);
            self.blanks();
            if self.peek() != Some(b'|') || self.peek_at(1) == Some(b'|') {
                return Ok(pipeline);
            }
            self.skip(if self.peek_at(1) == Some(b'&') { 2 } else { 1 });
            self.count_token()?;
            self.lines();
        }
    }

    fn command(&mut self) -> Parsed<Command<'a>> {
        let start = self.at;
        self.enter()?;
        let mut redirections = Vec::new();
        let kind = match self.compound()? {
            Some(kind) => {
                while let Some(redirection) = self.redirection()? {
                    redirections.push(redirection);
                }
                kind
            }
            None => self.simple(&mut redirections)?,
        };
        self.leave();
        Ok(Command { kind, redirections, text: self.text_since(start) })
    }

    fn compound(&mut self) -> Parsed<Option<CommandKind<'a>>> {
        if self.peek() == Some(b'(') {
            return self.parentheses().map(Some);
        }
        let keyword = self.plain_word();
        let known = matches!(keyword, "{" | "if" | "while" | "until" | "for" | "select" | "case" | "function" | "[[");
        if !known {
            return if self.at_list_end() { Err(Opaque::Syntax) } else { Ok(None) };
        }
        self.skip(keyword.len());
        self.count_token()?;
        let kind = match keyword {
            "{" => {
                let list = self.commands()?;
                self.expect_keyword("}")?;
                CommandKind::Group(list)
            }
            "if" => self.conditional()?,
            "while" | "until" => {
                let condition = self.commands()?;
                CommandKind::While { until: keyword == "until", condition, body: self.loop_body()? }
            }
            "for" | "select" => self.for_loop()?,
            "case" => self.case()?,
            "function" => {
                self.blanks();
                let name = self.plain_word();
                self.skip(name.len());
                self.blanks();
                if self.peek() == Some(b'(') {
                    self.skip(1);
                    self.blanks();
                    self.expect(b')')?;
                }
                self.function(name)?
            }
            _ => self.double_brackets()?,
        };
        Ok(Some(kind))
    }

    fn parentheses(&mut self) -> Parsed<CommandKind<'a>> {
        if self.arithmetic()? {
            return Ok(CommandKind::Test);
        }
        self.expect(b'(')?;
        let list = self.commands()?;
        self.expect(b')')?;
        Ok(CommandKind::Subshell(list))
    }

    fn conditional(&mut self) -> Parsed<CommandKind<'a>> {
        let mut branches = Vec::new();
        loop {
            let condition = self.commands()?;
            self.expect_keyword("then")?;
            branches.push((condition, self.commands()?));
            if !self.keyword("elif") {
                break;
            }
        }
        let otherwise = if self.keyword("else") { Some(self.commands()?) } else { None };
        self.expect_keyword("fi")?;
        Ok(CommandKind::If(branches, otherwise))
    }

    fn loop_body(&mut self) -> Parsed<List<'a>> {
        self.expect_keyword("do")?;
        let body = self.commands()?;
        self.expect_keyword("done")?;
        Ok(body)
    }

    fn for_loop(&mut self) -> Parsed<CommandKind<'a>> {
        self.blanks();
        let start = self.at;
        let mut end;
        if self.arithmetic()? {
            end = self.at;
        } else {
            self.word()?;
            end = self.at;
            self.lines();
            if self.keyword("in") {
                end = self.words()?;
            }
        }
        let header = self.source.get(start..end).unwrap_or_default();
        self.blanks();
        if self.peek() == Some(b';') {
            self.skip(1);
        }
        self.lines();
        Ok(CommandKind::For { header, body: self.loop_body()? })
    }

    fn case(&mut self) -> Parsed<CommandKind<'a>> {
        self.blanks();
        let subject = self.word()?;
        self.lines();
        self.expect_keyword("in")?;
        let mut arms = Vec::new();
        loop {
            self.lines();
            if self.keyword("esac") {
                return Ok(CommandKind::Case(subject, arms));
            }
            if self.peek() == Some(b'(') {
                self.skip(1);
            }
            let mut patterns = Vec::new();
            loop {
                self.blanks();
                patterns.push(self.word()?);
                self.blanks();
                if self.peek() != Some(b'|') {
                    break;
                }
                self.skip(1);
            }
            self.expect(b')')?;
            let body = self.list()?;
            arms.push(Arm { patterns, body });
            if self.starts_with(";;&") {
                self.skip(3);
            } else if self.peek() == Some(b';') {
                self.skip(2);
            } else if self.plain_word() != "esac" {
                return Err(Opaque::Syntax);
            }
        }
    }

    fn function(&mut self, name: &'a str) -> Parsed<CommandKind<'a>> {
        if name.is_empty() {
            return Err(Opaque::Syntax);
        }
        self.lines();
        Ok(CommandKind::Function(name, Box::new(self.command()?)))
    }

    /// `[[ … ]]`, of which only the end matters.
    fn double_brackets(&mut self) -> Parsed<CommandKind<'a>> {
        loop {
            self.lines();
            match self.peek() {
                None => return Err(Opaque::Syntax),
                Some(byte) if ends_word(byte) => self.skip(1),
                Some(_) => {
                    if self.word()?.text == "]]" {
                        return Ok(CommandKind::Test);
                    }
                }
            }
        }
    }

    fn simple(&mut self, redirections: &mut Vec<Redirection<'a>>) -> Parsed<CommandKind<'a>> {
        let mut simple = Simple::default();
        let mut call = None;
        loop {
            if let Some(redirection) = self.redirection()? {
                redirections.push(redirection);
                continue;
            }
            if self.at_word_end() {
                break;
            }
            let start = self.at;
            let word = self.word()?;
            if simple.words.is_empty() && word.is_assignment() {
                simple.assignments.push(word);
                continue;
            }
            if names_descriptor(word.text) && matches!(self.peek(), Some(b'<' | b'>')) {
                continue;
            }
            call.get_or_insert(start);
            simple.words.push(word);
            let first = simple.words.len() == 1 && simple.assignments.is_empty() && redirections.is_empty();
            self.blanks();
            if first && self.peek() == Some(b'(') {
                self.skip(1);
                self.blanks();
                self.expect(b')')?;
                return self.function(if word.expands { "" } else { word.text });
            }
        }
        if simple.words.is_empty() && simple.assignments.is_empty() && redirections.is_empty() {
            return Err(Opaque::Syntax);
        }
        simple.call = call.map_or("", |start| self.text_since(start));
        Ok(CommandKind::Simple(simple))
    }

    fn redirection(&mut self) -> Parsed<Option<Redirection<'a>>> {
        self.blanks();
        let start = self.at;
        let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        let operators: &[&str] = match (self.peek_at(digits), self.peek_at(digits.saturating_add(1))) {
            (Some(b'<' | b'>'), Some(b'(')) if digits == 0 => &[],
            (Some(b'<' | b'>'), _) => &["<<<", "<<-", "<<", "<&", "<>", "<", ">>", ">&", ">|", ">"],
            (Some(b'&'), Some(b'>')) if digits == 0 => &["&>>", "&>"],
            _ => &[],
        };
        self.skip(digits);
        let Some(operator) = operators.iter().find(|operator| self.starts_with(operator)) else {
            self.at = start;
            return Ok(None);
        };
        let descriptor = self.text_since(start);
        self.skip(operator.len());
        self.count_token()?;
        self.blanks();
        let target = self.word()?;
        if matches!(*operator, "<<" | "<<-") {
            // Quotes decide only whether the body expands; an unquoted `$` in a delimiter stands for itself.
            let delimiter = Word { expands: false, ..target }.literal().unwrap_or_default().into_owned();
            self.here_documents.push(HereDocument { delimiter, strips_tabs: *operator == "<<-" });
        }
        Ok(Some(Redirection { descriptor, operator, target }))
    }

    // Words.

    /// Returns `true` if no word starts here.
    fn at_word_end(&self) -> bool {
        match self.peek() {
            None => true,
            Some(b'<' | b'>') => self.peek_at(1) != Some(b'('),
            Some(byte) => ends_word(byte),
        }
    }

    /// Skips words up to something else, and returns the end of the last one.
    fn words(&mut self) -> Parsed<usize> {
        let mut end = self.at;
        loop {
            self.blanks();
            if self.at_word_end() {
                return Ok(end);
            }
            self.word()?;
            end = self.at;
        }
    }

    /// A word of at least one character.
    fn word(&mut self) -> Parsed<Word<'a>> {
        let start = self.at;
        let mut expands = false;
        let mut bracket = false;
        while let Some(byte) = self.peek() {
            match byte {
                b'<' | b'>' if self.peek_at(1) == Some(b'(') => {
                    self.skip(1);
                    self.substitution()?;
                    expands = true;
                }
                b'(' if self.text_since(start).ends_with('=') => {
                    self.array()?;
                    expands = true;
                }
                _ if ends_word(byte) => break,
                b'*' | b'?' => {
                    self.skip(1);
                    expands = true;
                }
                // A bracket that is never closed is not a pattern: `[` is a command.
                b'[' => {
                    self.skip(1);
                    bracket = true;
                }
                b']' => {
                    self.skip(1);
                    expands |= bracket;
                }
                // `{}` is a plain word, `{a,b}` is not.
                b'{' => {
                    self.skip(1);
                    expands |= self.peek() != Some(b'}');
                }
                b'~' => {
                    expands |= self.at == start;
                    self.skip(1);
                }
                _ if is_special(byte) => expands |= self.special(byte, false)?,
                _ => self.skip(1),
            }
        }
        if self.at == start {
            return Err(Opaque::Syntax);
        }
        self.count_token()?;
        Ok(Word { text: self.source.get(start..self.at).unwrap_or_default(), expands })
    }

    /// Skips a quote, an escape or an expansion, and returns whether it expands.
    fn special(&mut self, byte: u8, in_double_quotes: bool) -> Parsed<bool> {
        match byte {
            b'\\' => self.skip(2),
            b'\'' if !in_double_quotes => {
                self.skip(1);
                self.skip_until(b'\'')?;
                self.skip(1);
            }
            b'"' => return self.double_quotes(),
            b'`' => {
                self.escaped_until(b'`')?;
                return Ok(true);
            }
            b'$' => return self.dollar(in_double_quotes),
            _ => self.skip(1),
        }
        Ok(false)
    }

    /// Skips this byte and all up to and with the next one that no backslash escapes.
    fn escaped_until(&mut self, close: u8) -> Parsed<()> {
        loop {
            self.skip(1);
            match self.peek() {
                None => return Err(Opaque::Syntax),
                Some(b'\\') => self.skip(1),
                Some(byte) if byte == close => {
                    self.skip(1);
                    return Ok(());
                }
                Some(_) => {}
            }
        }
    }

    fn double_quotes(&mut self) -> Parsed<bool> {
        let mut expands = false;
        self.skip(1);
        loop {
            match self.peek() {
                None => return Err(Opaque::Syntax),
                Some(b'"') => {
                    self.skip(1);
                    return Ok(expands);
                }
                Some(byte) => expands |= self.special(byte, true)?,
            }
        }
    }

    fn dollar(&mut self, in_double_quotes: bool) -> Parsed<bool> {
        self.skip(1);
        match self.peek() {
            Some(b'(') => {
                if !self.arithmetic()? {
                    self.substitution()?;
                }
            }
            Some(b'{') => self.parameter(in_double_quotes)?,
            Some(b'\'') if !in_double_quotes => self.escaped_until(b'\'')?,
            Some(byte)
                if byte.is_ascii_alphanumeric()
                    || matches!(byte, b'_' | b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!') =>
            {
                self.skip(1);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// `( … )` of a command or process substitution.
    fn substitution(&mut self) -> Parsed<()> {
        self.enter()?;
        self.expect(b'(')?;
        self.list()?;
        self.expect(b')')?;
        self.leave();
        Ok(())
    }

    /// `{ … }` of a parameter expansion.
    fn parameter(&mut self, in_double_quotes: bool) -> Parsed<()> {
        self.enter()?;
        loop {
            match self.peek() {
                None => return Err(Opaque::Syntax),
                Some(b'}') => {
                    self.skip(1);
                    self.leave();
                    return Ok(());
                }
                Some(byte) => {
                    self.special(byte, in_double_quotes)?;
                }
            }
        }
    }

    /// `( … )` of an array.
    fn array(&mut self) -> Parsed<()> {
        self.enter()?;
        self.skip(1);
        loop {
            self.lines();
            if self.peek() == Some(b')') {
                self.skip(1);
                self.leave();
                return Ok(());
            }
            self.word()?;
        }
    }

    /// Skips `(( … ))` and returns whether it was there. It is not when the inner parenthesis closes first, as in
    /// `((a); b)`. The scan is flat, so that nested tries stay linear.
    fn arithmetic(&mut self) -> Parsed<bool> {
        if !self.starts_with("((") {
            return Ok(false);
        }
        let mut open = 0_usize;
        let mut bytes = self.rest().iter().enumerate().peekable();
        while let Some((offset, byte)) = bytes.next() {
            match byte {
                b'\\' => {
                    bytes.next();
                }
                b'(' => open = open.saturating_add(1),
                b')' => open = open.saturating_sub(1),
                _ => {}
            }
            if *byte == b')' && open == 1 {
                let closes = bytes.peek().is_some_and(|(_, next)| **next == b')');
                if closes {
                    self.skip(offset.saturating_add(2));
                    self.count_token()?;
                }
                return Ok(closes);
            }
        }
        Err(Opaque::Syntax)
    }
}

/// Returns `true` if the byte ends an unquoted word.
fn ends_word(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>')
}

/// Returns `true` if the byte starts a quote, an escape or an expansion.
fn is_special(byte: u8) -> bool {
    matches!(byte, b'\\' | b'\'' | b'"' | b'`' | b'$')
}

/// Returns `true` if the text is `{name}`, which takes a file descriptor before a redirection.
fn names_descriptor(text: &str) -> bool {
    text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).is_some_and(is_name)
}
