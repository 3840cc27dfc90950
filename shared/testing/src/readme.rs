//! The tables of images in the README of a policy, which are those of its cases.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

use crate::case::{Case, Row};
use shared::text::printable;

/// Checks each block between `<!-- begin: NAME -->` and `<!-- end -->` against the tables of the case file `NAME.yaml`.
/// With `UPDATE=1` in the environment, writes them instead.
pub(super) fn check(readme: &Path, cases: &[Case]) -> Result<(), String> {
    let text = match fs::read_to_string(readme) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(format!("{}: {error}", readme.display())),
    };
    let fresh = fill(&text, cases)?;
    if fresh == text {
        return Ok(());
    }
    if env::var_os("UPDATE").is_some_and(|update| update == "1") {
        return fs::write(readme, fresh).map_err(|error| format!("{}: {error}", readme.display()));
    }
    Err(format!("{} has tables other than its cases; run this test with UPDATE=1", readme.display()))
}

/// The text with every block made anew.
fn fill(text: &str, cases: &[Case]) -> Result<String, String> {
    let (begin, end) = ("<!-- begin: ", "<!-- end -->");
    let mut fresh = String::new();
    let mut rest = text;
    while let Some((before, block)) = rest.split_once(begin) {
        let (name, block) = block.split_once(" -->").ok_or("a begin marker of a table does not end")?;
        let (_, after) = block.split_once(end).ok_or_else(|| format!("the table {name} has no end marker"))?;
        // Writing to a string cannot fail.
        let _ = write!(fresh, "{before}{begin}{name} -->\n{}{end}", tables(name, cases));
        rest = after;
    }
    fresh.push_str(rest);
    Ok(fresh)
}

/// The tables of one case file.
fn tables(file: &str, cases: &[Case]) -> String {
    let mut tables = format!("<!-- From cases/{file}.yaml; write it with UPDATE=1 and the tests of the policy. -->\n");
    for case in cases.iter().filter(|case| case.name.split(": ").next() == Some(file)) {
        let _ = write!(tables, "\n{}\n\n| image | verdict | why |\n|---|---|---|\n", case.about);
        for row in &case.images {
            let _ = writeln!(tables, "{}", line(row));
        }
    }
    tables.push('\n');
    tables
}

fn line(row: &Row) -> String {
    let (verdict, why) = match (&row.deny, &row.warn, &row.accept) {
        (Some(why), _, _) => ("denied", why),
        (None, Some(why), _) => ("warned", why),
        (None, None, why) => ("accepted", &why.clone().unwrap_or_default()),
    };
    let times = if row.times > 1 { format!(" {} times", row.times) } else { String::new() };
    // Braces and brackets of a fix are no HTML and no links.
    let why = row.named(why).replace('<', "\\<").replace('[', "\\[");
    format!("| `{}`{times} | {verdict} | {why} |", printable(&row.image)).replace('\n', " ")
}
