//! The lines of a message and of API warnings: few and short, with a count of what was left out.

use std::fmt::Write as _;

use crate::text::ellipsis;

/// The maximum number of findings in a message.
pub(super) const MAX_LINES: usize = 10;
/// The maximum length of a message, in bytes.
const MAX_MESSAGE: usize = 2048;
/// The maximum length of an API warning, in bytes. Source: k8s.io/apiserver, `warning` package.
const MAX_WARNING: usize = 256;
/// The space that is reserved for the line that counts the findings that were left out.
const REMAINDER: usize = 32;

/// The first of `all` lines as one message: at most ten, at most 2 KiB, and how many were left out.
#[must_use]
pub fn join_lines(lines: &[String], all: usize) -> String {
    let mut message = String::new();
    let mut shown: usize = 0;
    for line in lines.iter().take(MAX_LINES) {
        let room = MAX_MESSAGE.saturating_sub(REMAINDER).saturating_sub(message.len());
        if line.len() >= room && shown > 0 {
            break;
        }
        if shown > 0 {
            message.push('\n');
        }
        message.push_str(&ellipsis(line, room));
        shown = shown.saturating_add(1);
    }
    match all.saturating_sub(shown) {
        0 => message,
        more => {
            // Writing to a string cannot fail.
            let _ = write!(message, "\n… and {more} more");
            message
        }
    }
}

/// The first of `all` lines as API warnings: at most ten, each cut to what kubectl prints, and how many were left out.
#[must_use]
pub fn warnings(lines: &[String], all: usize) -> Vec<String> {
    let mut warnings: Vec<String> =
        lines.iter().take(MAX_LINES).map(|line| ellipsis(line, MAX_WARNING).into_owned()).collect();
    if let Some(more) = all.checked_sub(MAX_LINES).filter(|more| *more > 0) {
        warnings.push(format!("… and {more} more"));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ten_lines_are_shown_and_the_rest_is_counted() {
        let lines = |count| (0..count).map(|line| line.to_string()).collect::<Vec<_>>();
        assert_eq!(join_lines(&lines(10), 10), "0\n1\n2\n3\n4\n5\n6\n7\n8\n9");
        assert_eq!(join_lines(&lines(12), 12), "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n… and 2 more");
        assert_eq!(warnings(&lines(10), 10), lines(10));
        assert_eq!(warnings(&lines(12), 12), [lines(10), vec!["… and 2 more".to_owned()]].concat());
    }

    #[test]
    fn lines_that_do_not_fit_are_counted_as_well() {
        let lines = vec!["a".repeat(1000); 3];
        assert_eq!(join_lines(&lines, lines.len()), format!("{0}\n{0}\n… and 1 more", "a".repeat(1000)));
    }

    #[test]
    fn a_first_line_that_does_not_fit_is_cut() {
        let message = join_lines(&["é".repeat(2000), "b".to_owned()], 2);
        assert!(message.len() <= MAX_MESSAGE);
        assert!(message.ends_with("é…\n… and 1 more"), "{message}");
    }

    #[test]
    fn a_warning_is_cut_at_256_bytes() {
        assert_eq!(warnings(&["a".repeat(256)], 1), ["a".repeat(256)]);
        assert_eq!(warnings(&["a".repeat(257)], 1), [format!("{}…", "a".repeat(253))]);
        assert_eq!(warnings(&["é".repeat(200)], 1), [format!("{}…", "é".repeat(126))]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_message_is_never_long(lines in prop::collection::vec("[aé\u{1f600}]{0,700}", 0..20)) {
            let message = join_lines(&lines, lines.len());
            prop_assert!(message.len() <= MAX_MESSAGE);
            prop_assert!(message.lines().count() <= MAX_LINES + 1);
            prop_assert!(warnings(&lines, lines.len()).len() <= MAX_LINES + 1);
            prop_assert!(warnings(&lines, lines.len()).iter().all(|warning| warning.len() <= MAX_WARNING));
        }
    }
}
