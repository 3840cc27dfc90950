//! Parts of messages, and the findings that are made of them.

use shared::place::Judged;
use shared::prelude::*;

use crate::standard::{Forbidden, Standard};

/// The most values that a message names.
const SHOWN: usize = 8;

/// Where findings go to, and the standard that makes them deny or warn.
pub(crate) struct Report<'r> {
    pub(crate) standard: &'r Standard<'r>,
    pub(crate) findings: &'r mut Findings,
}

impl Report<'_> {
    /// Adds what both profiles forbid. Not generic, because a module has twenty calls of it.
    #[inline(never)]
    pub(crate) fn add(&mut self, judged: &dyn Judged, rule: &'static Rule, problem: &[&str], fix: &str) {
        self.add_as(Forbidden::InBoth, judged, rule, problem, fix);
    }

    /// Adds what is forbidden in these profiles. What only one of them forbids warns where none is chosen.
    #[inline(never)]
    pub(crate) fn add_as(
        &mut self,
        forbidden: Forbidden,
        judged: &dyn Judged,
        rule: &'static Rule,
        problem: &[&str],
        fix: &str,
    ) {
        let found = rule.found(problem.concat(), fix);
        let only_warns = forbidden == Forbidden::InRestricted && self.standard.settings.profile.is_none();
        self.findings.add(judged, [if only_warns { found.warns_by_default() } else { found }]);
    }
}

/// A value of the object, in quotes.
#[inline(never)]
pub(crate) fn quoted(value: &str) -> String {
    quote(value).to_string()
}

/// Values of one control, each once.
#[derive(Default)]
pub(crate) struct Values(Vec<String>);

impl Values {
    /// Adds a value as it is shown. Of many, all are kept, because they tell a finding from that of the old object.
    #[inline(never)]
    pub(crate) fn add(&mut self, value: String) {
        if self.0.iter().take(SHOWN).all(|known| *known != value) {
            self.0.push(value);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn are_several(&self) -> bool {
        self.0.len() > 1
    }

    /// At most eight of them.
    #[inline(never)]
    pub(crate) fn shown(&self) -> String {
        let shown = self.0.get(..SHOWN).unwrap_or(&self.0);
        let more = if shown.len() < self.0.len() { ", …" } else { "" };
        [&shown.join(", "), more].concat()
    }

    /// At most eight of them with a text before and after them; nothing without any.
    pub(crate) fn within(&self, before: &str, after: &str) -> String {
        if self.is_empty() { String::new() } else { [before, &self.shown(), after].concat() }
    }

    /// These and the others.
    pub(crate) fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// All of them, as what is judged.
    pub(crate) fn all(&self) -> String {
        self.0.join("\u{1f}")
    }
}

/// The name of a capability as Kubernetes spells it, if it is spelled in another way: in lower case, or with the prefix of
/// the kernel.
pub(crate) fn spelling(name: &str) -> Option<String> {
    let upper = name.to_ascii_uppercase();
    let right = upper.strip_prefix("CAP_").unwrap_or(&upper);
    (right != name).then(|| right.to_owned())
}
