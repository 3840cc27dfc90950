//! What every Seaworthy policy stands on.

pub mod glob;
pub mod image;
pub mod process;
pub mod shell;
