//! The words of a command as arguments.

use std::borrow::Cow;

use super::walk::Walk;
use crate::process::argv::Arg;
use crate::process::behaviour::Unknown;
use crate::process::text::unquoted;
use crate::shell::{Simple, Word};

impl<'s> Walk<'s, '_, '_> {
    /// The words of a simple command as arguments.
    pub(super) fn arguments<'w>(&mut self, simple: &Simple<'w>) -> Vec<Arg<'w>>
    where
        's: 'w,
    {
        let mut arguments = Vec::with_capacity(simple.words.len());
        for word in &simple.words {
            let all = matches!(word.text, "$@" | "\"$@\"" | "$*");
            if all && !self.state.shifted {
                if !self.classifier.step(self.positional.len()) {
                    self.state.lost = Some(Unknown::TooBig);
                    return Vec::new();
                }
                arguments.extend(self.positional.iter().cloned());
            } else {
                arguments.push(self.argument(word));
            }
        }
        arguments
    }

    fn argument<'w>(&self, word: &Word<'w>) -> Arg<'w>
    where
        's: 'w,
    {
        if let Some(text) = word.literal() {
            return Arg::Known(text);
        }
        let bare = unquoted(word.text).strip_prefix('$').unwrap_or_default();
        let number = if self.state.shifted { None } else { bare.parse::<usize>().ok() };
        match number.and_then(|number| self.positional.get(number.checked_sub(1)?)) {
            Some(positional) => positional.clone(),
            None => Arg::Opaque { text: Cow::Borrowed(word.text), basename: word.literal_basename() },
        }
    }
}
