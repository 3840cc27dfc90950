//! Documents with parts that are generated.

use std::fmt::Write as _;

/// The beginning of a part; its name follows.
const BEGIN: &str = "<!-- generated: ";
/// The end of the marker with the name.
const NAMED: &str = " -->";
/// The end of a part.
const END: &str = "<!-- end -->";

/// The text with every part between `<!-- generated: NAME -->` and `<!-- end -->` made anew.
///
/// # Errors
/// A part is unknown to `part`, does not end, or is `required` and missing.
pub(super) fn fill(
    text: &str,
    required: &[&str],
    part: &dyn Fn(&str) -> Result<String, String>,
) -> Result<String, String> {
    let mut missing = required.to_vec();
    let mut fresh = String::new();
    let mut rest = text;
    while let Some((before, marked)) = rest.split_once(BEGIN) {
        let (name, old) = marked.split_once(NAMED).ok_or("a marker does not end")?;
        let (_, after) = old.split_once(END).ok_or_else(|| format!("the part {name} has no {END}"))?;
        missing.retain(|wanted| *wanted != name);
        // Writing to a string cannot fail.
        let _ = write!(fresh, "{before}{BEGIN}{name}{NAMED}\n{}{END}", part(name)?);
        rest = after;
    }
    fresh.push_str(rest);
    match missing.first() {
        Some(name) => Err(format!("the part {BEGIN}{name}{NAMED} is missing")),
        None => Ok(fresh),
    }
}

#[cfg(test)]
mod tests {
    fn fill(text: &str) -> Result<String, String> {
        super::fill(text, &["table"], &|name| match name {
            "table" => Ok("new\n".to_owned()),
            unknown => Err(format!("there is no part {unknown}")),
        })
    }

    #[test]
    fn a_part_is_made_anew_and_the_prose_stays() {
        let filled = fill("before\n<!-- generated: table -->\nold\n<!-- end -->\nafter\n").unwrap();
        assert_eq!(filled, "before\n<!-- generated: table -->\nnew\n<!-- end -->\nafter\n");
        assert_eq!(fill(&filled).unwrap(), filled);
    }

    #[test]
    fn a_document_that_cannot_be_filled_is_refused() {
        assert_eq!(fill("prose\n").unwrap_err(), "the part <!-- generated: table --> is missing");
        assert_eq!(fill("<!-- generated: table -->\n").unwrap_err(), "the part table has no <!-- end -->");
        assert_eq!(fill("<!-- generated: other --><!-- end -->").unwrap_err(), "there is no part other");
        assert_eq!(fill("<!-- generated: table").unwrap_err(), "a marker does not end");
    }
}
