//! The part of the POSIX shell language that decides which process stays: lists, pipelines, background
//! jobs, compound commands, functions, redirections and quoting.
//!
//! [`parse`] reads a script into a borrowed syntax tree. Nothing is run or expanded. Bash forms that many
//! images use are read as well: `[[ … ]]`, `(( … ))`, `function f`, `$'…'`, `<( … )`, `<<<`, `&>` and
//! arrays. A script with any other form is [`Opaque`] as a whole, so that a caller never judges half of it.
//!
//! Source: [POSIX Shell Command Language](https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html).

mod parser;
mod syntax;

pub use parser::{MAX_BYTES, MAX_NESTING, MAX_TOKENS, parse};
pub use syntax::{
    AndOr, Arm, Command, CommandKind, Item, List, Opaque, Operator, Pipeline, Redirection, Script, Simple, Trailing,
    Word,
};
