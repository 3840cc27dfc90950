//! What every Seaworthy policy stands on.
