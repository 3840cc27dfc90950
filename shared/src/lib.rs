//! What every Seaworthy policy stands on.

pub mod image;
