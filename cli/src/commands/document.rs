//! JSON for programs.

use serde::Serialize;

use super::fault::Fault;
use crate::report::Unwritten;

/// A document for programs.
pub(super) fn document(content: &impl Serialize) -> Result<String, Fault> {
    let text = serde_json::to_string_pretty(content);
    text.map(|text| text + "\n").map_err(|error| Fault::Unwritten(Unwritten::new("JSON", &error.into())))
}
