//! The tables of images in the README of a policy, which are those of its cases.

use std::fmt::Write as _;

use crate::case::{Case, Row};
use shared::text::printable;

/// The tables of one case file.
///
/// # Errors
/// The file has none.
pub(super) fn tables(file: &str, cases: &[Case]) -> Result<String, String> {
    let mut tables = String::new();
    for case in cases.iter().filter(|case| case.name.split(": ").next() == Some(file) && !case.images.is_empty()) {
        let _ = write!(tables, "\n{}\n\n| image | verdict | why |\n|---|---|---|\n", case.about);
        for row in &case.images {
            let _ = writeln!(tables, "{}", line(row));
        }
    }
    if tables.is_empty() {
        return Err(format!("there is no table in cases/{file}.yaml"));
    }
    tables.push('\n');
    Ok(tables)
}

fn line(row: &Row) -> String {
    let (verdict, why) = match (&row.deny, &row.warn, &row.accept) {
        (Some(why), _, _) => ("denied", why),
        (None, Some(why), _) => ("warned", why),
        (None, None, why) => ("accepted", &why.clone().unwrap_or_default()),
    };
    let times = if row.times > 1 { format!(" {} times", row.times) } else { String::new() };
    // Braces and brackets of a fix are not HTML or links.
    let why = row.named(why).replace('<', "\\<").replace('[', "\\[");
    format!("| `{}`{times} | {verdict} | {why} |", printable(&row.image)).replace('\n', " ")
}
