//! The expression of a policy group: which members must accept a request.
//!
//! It is the part of CEL that groups use: calls of members without arguments, `&&`, `||`, `!`, parentheses, `true` and
//! `false`. As in the policy server, a member is asked only when its answer matters.

use std::collections::BTreeSet;

/// The maximum nesting of parentheses and negations.
const MAX_DEPTH: usize = 64;

/// A parsed expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expression {
    /// `true` or `false`.
    Constant(bool),
    /// `name()`: whether the member accepts.
    Member(String),
    /// `!a`
    Not(Box<Expression>),
    /// `a && b`
    And(Box<Expression>, Box<Expression>),
    /// `a || b`
    Or(Box<Expression>, Box<Expression>),
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    ///
    /// Says what stands where something else should.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { rest: text, depth: 0 };
        let expression = parser.or()?;
        match parser.token() {
            None => Ok(expression),
            Some(token) => Err(format!("`{token}` where the expression should end")),
        }
    }

    /// The members that the expression calls.
    pub(crate) fn members(&self) -> BTreeSet<&str> {
        match self {
            Self::Constant(_) => BTreeSet::new(),
            Self::Member(name) => BTreeSet::from([name.as_str()]),
            Self::Not(inner) => inner.members(),
            Self::And(left, right) | Self::Or(left, right) => left.members().union(&right.members()).copied().collect(),
        }
    }

    /// The value, with the verdicts that `accepts` gives.
    ///
    /// # Errors
    ///
    /// Those of `accepts`.
    pub(crate) fn value<E>(&self, accepts: &mut impl FnMut(&str) -> Result<bool, E>) -> Result<bool, E> {
        Ok(match self {
            Self::Constant(value) => *value,
            Self::Member(name) => accepts(name)?,
            Self::Not(inner) => !inner.value(accepts)?,
            Self::And(left, right) => left.value(accepts)? && right.value(accepts)?,
            Self::Or(left, right) => left.value(accepts)? || right.value(accepts)?,
        })
    }
}

struct Parser<'t> {
    rest: &'t str,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn or(&mut self) -> Result<Expression, String> {
        let mut left = self.and()?;
        while self.takes("||") {
            left = Expression::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Expression, String> {
        let mut left = self.not()?;
        while self.takes("&&") {
            left = Expression::And(Box::new(left), Box::new(self.not()?));
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("it nests more than {MAX_DEPTH} levels deep"));
        }
        let expression = if self.takes("!") {
            Expression::Not(Box::new(self.not()?))
        } else if self.takes("(") {
            let inner = self.or()?;
            self.require(")")?;
            inner
        } else {
            match self.token() {
                Some("true") => Expression::Constant(true),
                Some("false") => Expression::Constant(false),
                Some(name) if name.starts_with(is_word) => {
                    self.require("(")?;
                    self.require(")")?;
                    Expression::Member(name.to_owned())
                }
                other => return Err(unexpected("the call of a policy", other)),
            }
        };
        self.depth -= 1;
        Ok(expression)
    }

    /// Takes the next token: a word, `&&`, `||`, or a single character.
    fn token(&mut self) -> Option<&'t str> {
        let text = self.rest.trim_start();
        let first = text.chars().next()?;
        let length = match first {
            word if is_word(word) => text.find(|character| !is_word(character)).unwrap_or(text.len()),
            '&' | '|' if text.chars().nth(1) == Some(first) => 2,
            other => other.len_utf8(),
        };
        let (token, rest) = text.split_at_checked(length)?;
        self.rest = rest;
        Some(token)
    }

    /// Takes the next token if it is this one.
    fn takes(&mut self, wanted: &str) -> bool {
        let before = self.rest;
        let taken = self.token() == Some(wanted);
        if !taken {
            self.rest = before;
        }
        taken
    }

    fn require(&mut self, wanted: &str) -> Result<(), String> {
        match self.token() {
            Some(token) if token == wanted => Ok(()),
            other => Err(unexpected(&format!("`{wanted}`"), other)),
        }
    }
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

fn unexpected(wanted: &str, found: Option<&str>) -> String {
    match found {
        Some(token) => format!("`{token}` where {wanted} should be"),
        None => format!("it ends where {wanted} should be"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value when only these members accept, and which were asked.
    fn value(text: &str, accepting: &[&str]) -> (bool, Vec<String>) {
        let mut asked = Vec::new();
        let value = Expression::parse(text).unwrap().value(&mut |name: &str| {
            asked.push(name.to_owned());
            Ok::<_, ()>(accepting.contains(&name))
        });
        (value.unwrap(), asked)
    }

    #[test]
    fn and_binds_closer_than_or_and_not_closer_than_and() {
        assert!(value("a() || b() && c()", &["a"]).0);
        assert!(!value("(a() || b()) && c()", &["a"]).0);
        assert!(value("!a() && b()", &["b"]).0);
        assert!(!value("!(a() || b())", &["b"]).0);
        assert!(value("a() && (b() || !c())", &["a"]).0);
        assert!(value(" true&&!false ", &[]).0);
    }

    #[test]
    fn a_member_is_asked_only_when_its_answer_matters() {
        assert_eq!(value("a() || b()", &["a"]).1, ["a"]);
        assert_eq!(value("a() && b()", &[]).1, ["a"]);
        assert_eq!(value("a() && b()", &["a"]).1, ["a", "b"]);
    }

    #[test]
    fn the_members_are_those_that_are_called() {
        let expression = Expression::parse("no_latest() && (!b() || no_latest() || true)").unwrap();
        assert_eq!(expression.members().into_iter().collect::<Vec<_>>(), ["b", "no_latest"]);
    }

    #[test]
    fn what_is_no_such_expression_is_refused_with_its_place() {
        for (text, reason) in [
            ("", "it ends where the call of a policy should be"),
            ("a", "it ends where `(` should be"),
            ("a(", "it ends where `)` should be"),
            ("a(1)", "`1` where `)` should be"),
            ("a() b()", "`b` where the expression should end"),
            ("a() & b()", "`&` where the expression should end"),
            ("a() &&", "it ends where the call of a policy should be"),
            ("(a()", "it ends where `)` should be"),
            ("a() == true", "`=` where the expression should end"),
            ("é()", "`é` where the call of a policy should be"),
        ] {
            assert_eq!(Expression::parse(text).unwrap_err(), reason, "{text}");
        }
        assert!(Expression::parse(&"(".repeat(100_000)).unwrap_err().contains("64 levels"));
    }
}
