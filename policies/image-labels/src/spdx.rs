//! Licence expressions.
//!
//! Source: SPDX specification 2.3, annex D. Identifiers are not looked up: a list of them would be longer than the policy.

/// The deepest nesting that is read.
const MAX_DEPTH: usize = 32;
/// The longest expression that is read, in bytes.
const MAX_LENGTH: usize = 1024;

/// Returns `true` if a text is an expression.
pub(crate) fn is_expression(text: &str) -> bool {
    is_satisfied(text, &mut |_| true).is_some()
}

/// Whether whoever takes a choice of the expression needs only licences that `accepts` returns `true` for. Of a licence with
/// an exception it gets both: `GPL-2.0-only WITH Classpath-exception-2.0`. `None` if the text is not an expression.
pub(crate) fn is_satisfied(text: &str, accepts: &mut dyn FnMut(&str) -> bool) -> Option<bool> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let mut parser = Parser { rest: text.trim_ascii(), accepts };
    let is_satisfied = parser.choice(MAX_DEPTH)?;
    parser.rest.is_empty().then_some(is_satisfied)
}

struct Parser<'p> {
    rest: &'p str,
    accepts: &'p mut dyn FnMut(&str) -> bool,
}

impl<'p> Parser<'p> {
    /// Alternatives, joined by OR.
    fn choice(&mut self, depth: usize) -> Option<bool> {
        let mut is_satisfied = self.all(depth)?;
        while self.operator("OR", "or") {
            // Each is read, so that a fault in any is found.
            is_satisfied |= self.all(depth)?;
        }
        Some(is_satisfied)
    }

    /// Licences that hold together, joined by AND.
    fn all(&mut self, depth: usize) -> Option<bool> {
        let mut is_satisfied = self.one(depth)?;
        while self.operator("AND", "and") {
            is_satisfied &= self.one(depth)?;
        }
        Some(is_satisfied)
    }

    /// A licence with or without an exception, or an expression in parentheses.
    fn one(&mut self, depth: usize) -> Option<bool> {
        if let Some(rest) = self.rest.strip_prefix('(') {
            self.rest = rest.trim_ascii_start();
            let is_satisfied = self.choice(depth.checked_sub(1)?)?;
            self.rest = self.rest.strip_prefix(')')?.trim_ascii_start();
            return Some(is_satisfied);
        }
        let start = self.rest;
        let license = self.word()?;
        let is_reference = license.split_once(':').is_none_or(|(document, license)| {
            document.starts_with("DocumentRef-") && license.starts_with("LicenseRef-")
        });
        let name = license.strip_suffix('+').unwrap_or(license);
        if !is_reference || !is_identifier(&name.replacen(':', "", 1)) {
            return None;
        }
        if !self.operator("WITH", "with") {
            return Some((self.accepts)(license));
        }
        let exception = self.word()?;
        if !is_identifier(exception) {
            return None;
        }
        let length = start.len().saturating_sub(self.rest.len());
        let both = start.get(..length)?.trim_ascii_end();
        Some((self.accepts)(both))
    }

    /// Takes an operator, which other words do not begin with.
    fn operator(&mut self, upper: &str, lower: &str) -> bool {
        let rest = self.rest.strip_prefix(upper).or_else(|| self.rest.strip_prefix(lower));
        let Some(rest) = rest.filter(|rest| rest.starts_with([' ', '\t', '('])) else { return false };
        self.rest = rest.trim_ascii_start();
        true
    }

    fn word(&mut self) -> Option<&'p str> {
        let end = self.rest.find([' ', '\t', '(', ')']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest.trim_ascii_start();
        (!word.is_empty()).then_some(word)
    }
}

fn is_identifier(word: &str) -> bool {
    let is_operator = ["AND", "OR", "WITH"].iter().any(|operator| operator.eq_ignore_ascii_case(word));
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    !word.is_empty() && !is_operator && word.bytes().all(is_plain)
}
