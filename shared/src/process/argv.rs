//! The argument vector of a container, as kubelet and runtime compose it.

use std::borrow::Cow;

use super::behaviour::Unknown;

/// The most elements of an argument vector that are judged.
pub const MAX_ARGUMENTS: usize = 4096;
/// The most bytes that `$(NAME)` references may expand to, in all.
pub const MAX_EXPANDED_BYTES: usize = 64 * 1024;

/// The entry for a name in the container's own environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Env<'a> {
    /// `env[].value`.
    Literal(&'a str),
    /// `env[].valueFrom`, or a name that `envFrom` may bring.
    Unknown,
    /// Nothing sets it.
    Absent,
}

impl Env<'_> {
    /// The state of a name that `env` does not set while there is an `envFrom`: a key of a `ConfigMap` or Secret has
    /// only letters, digits, `-`, `_` and `.`, so that `$(hostname -f)` is none.
    #[must_use]
    pub fn from_sources(name: &str) -> Self {
        let is_key = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if !name.is_empty() && name.bytes().all(is_key) { Self::Unknown } else { Self::Absent }
    }
}

/// One element of an argument vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg<'a> {
    /// Its text.
    Known(Cow<'a, str>),
    /// Some of it is known only at run time.
    Opaque {
        /// The text as it is written, with its references.
        text: Cow<'a, str>,
        /// The last path component, when it does not depend on the rest.
        basename: Option<&'a str>,
    },
}

impl Arg<'_> {
    /// The text, when all of it is known.
    #[must_use]
    pub fn known(&self) -> Option<&str> {
        match self {
            Self::Known(text) => Some(text),
            Self::Opaque { .. } => None,
        }
    }

    /// The text as it is written, references included.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Known(text) | Self::Opaque { text, .. } => text,
        }
    }
}

/// The argument vector of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argv<'a>(pub(super) Result<Vec<Arg<'a>>, Unknown>);

impl<'a> Argv<'a> {
    /// Composes `command` and `args` of a container; absent and empty are equal. With a `command` the image has no
    /// say. Without one the image decides, so that the result is unknown.
    ///
    /// `$(NAME)` is replaced when `env` knows the value, `$$` is `$`, and a reference to an absent name stays as it
    /// is. Source: `kubernetes/third_party/forked/golang/expansion/expand.go`.
    #[must_use]
    pub fn compose<'e>(command: Option<&[&'a str]>, args: Option<&[&'a str]>, env: &dyn Fn(&str) -> Env<'e>) -> Self {
        let command = command.unwrap_or_default();
        let args = args.unwrap_or_default();
        if command.is_empty() {
            return Self(Err(if args.is_empty() { Unknown::ImageDefault } else { Unknown::ImageEntrypoint }));
        }
        Self::started(&[], &[command, args].concat(), env)
    }

    /// Composes the words of an image and those of a manifest that follow. The kubelet replaces references in the manifest
    /// alone.
    #[must_use]
    pub fn started<'e>(image: &[&'a str], manifest: &[&'a str], env: &dyn Fn(&str) -> Env<'e>) -> Self {
        if image.len().saturating_add(manifest.len()) > MAX_ARGUMENTS {
            return Self(Err(Unknown::TooBig));
        }
        let mut budget = MAX_EXPANDED_BYTES;
        let written = image.iter().map(|element| Ok(Arg::Known(Cow::Borrowed(*element))));
        Self(written.chain(manifest.iter().map(|element| expand(element, env, &mut budget))).collect())
    }
}

/// Replaces the references of one element; `budget` is what is left of [`MAX_EXPANDED_BYTES`].
fn expand<'a, 'e>(element: &'a str, env: &dyn Fn(&str) -> Env<'e>, budget: &mut usize) -> Result<Arg<'a>, Unknown> {
    if !element.contains('$') {
        return Ok(Arg::Known(Cow::Borrowed(element)));
    }
    // Only elements with a `$` are copied, and each copy is paid from the budget.
    let mut pay = |bytes: usize| {
        *budget = budget.checked_sub(bytes).ok_or(Unknown::TooBig)?;
        Ok(())
    };
    pay(element.len())?;
    let mut text = String::with_capacity(element.len());
    let mut opaque = false;
    let mut rest = element;
    let last_close = element.rfind(')').unwrap_or_default();
    while let Some((before, after)) = rest.split_once('$') {
        text.push_str(before);
        rest = after;
        // Without a closing parenthesis ahead there is nothing to look for, so that the scan stays linear.
        let reference =
            if element.len().saturating_sub(rest.len()) < last_close { rest.strip_prefix('(') } else { None };
        if let Some(after) = rest.strip_prefix('$') {
            text.push('$');
            rest = after;
        } else if let Some((name, after)) = reference.and_then(|name| name.split_once(')')) {
            let value = env(name);
            if let Env::Literal(value) = value {
                pay(value.len())?;
                text.push_str(value);
            } else {
                opaque |= value == Env::Unknown;
                text.push_str("$(");
                text.push_str(name);
                text.push(')');
            }
            rest = after;
        } else {
            text.push('$');
        }
    }
    text.push_str(rest);
    let text = Cow::Owned(text);
    if !opaque {
        return Ok(Arg::Known(text));
    }
    let basename =
        element.rsplit_once('/').map(|(_, tail)| tail).filter(|tail| !tail.is_empty() && !tail.contains(['$', ')']));
    Ok(Arg::Opaque { text, basename })
}
