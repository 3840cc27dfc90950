//! The lines of a message and of API warnings: few and short, with a count of what was left out.

use std::fmt::Write as _;

use crate::findings::Finding;
use crate::text::{ellipsis, printable};

/// The maximum number of findings in a message.
pub(super) const MAX_LINES: usize = 10;
/// The maximum length of a message, in bytes.
const MAX_MESSAGE: usize = 2048;
/// The maximum length of an API warning, in bytes. Source: k8s.io/apiserver, `warning` package.
pub const MAX_WARNING: usize = 256;
/// The maximum length of the line that names the owner of an object, in bytes: a kind has at most 63, a name at most 253.
const MAX_OWNER: usize = 512;
/// The words that replace a problem and a fix that are too long for a warning.
pub const SEE: &str = "see the audit annotation";
/// The space that is reserved for the line that counts the findings that were left out.
const REMAINDER: usize = 32;

/// The first of `all` lines as one message: at most ten, at most 2 KiB less what is `taken`, and how many were left out.
#[must_use]
pub fn join_lines(lines: &[String], all: usize, taken: usize) -> String {
    let mut message = String::new();
    let mut shown: usize = 0;
    for line in lines.iter().take(MAX_LINES) {
        let room = MAX_MESSAGE.saturating_sub(REMAINDER).saturating_sub(taken).saturating_sub(message.len());
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

/// The first of `all` lines as API warnings: at most ten, and how many were left out.
#[must_use]
pub fn warnings(mut lines: Vec<String>, all: usize) -> Vec<String> {
    lines.truncate(MAX_LINES);
    if let Some(more) = all.checked_sub(MAX_LINES).filter(|more| *more > 0) {
        lines.push(format!("… and {more} more"));
    }
    lines
}

/// A finding as an API warning. Nothing in it is cut: where it does not fit, it leaves out its path, and where that is not
/// enough, it names the place and the rule, and points to the audit annotation.
pub(super) fn warning(policy: &str, finding: &Finding) -> String {
    let Finding { at, problem, fix, .. } = finding;
    let (owner, path) = (&*finding.owner(), &*at.path);
    let rule = &*[policy, "/", finding.rule.id].concat();
    let forms: [&[&str]; 4] = [
        &[policy, ": ", owner, ": ", problem, "; ", fix, " (", path, ")"],
        &[policy, ": ", owner, ": ", problem, "; ", fix],
        &[rule, ": ", owner, ": ", SEE, " (", path, ")"],
        &[rule, ": ", owner, ": ", SEE],
    ];
    let fitting = forms.iter().map(|form| printable(&form.concat())).find(|line| line.len() <= MAX_WARNING);
    fitting.unwrap_or_else(|| [rule, ": ", SEE].concat())
}

/// The warning that stands for findings which the old object has too. They are nothing that this UPDATE did.
#[must_use]
pub fn existing(module: &str, count: usize) -> Option<String> {
    let words = match count {
        0 => return None,
        1 => " finding was there before and is not judged again; the audit annotation lists it",
        _ => " findings were there before and are not judged again; the audit annotation lists them",
    };
    Some([module, ": ", &count.to_string(), words].concat())
}

/// The line before the findings in an object that is created for an owner. Where it is too long, it is left out.
pub(super) fn owner_to_fix(module: &str, created_for: &str) -> Option<String> {
    let fix = "; fix that object, or its own owner if it has one (metadata.ownerReferences)";
    Some(printable(&[module, ": ", created_for, fix].concat())).filter(|line| line.len() <= MAX_OWNER)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::place::{At, Class, Owner};
    use crate::verdict::decision::tests::RULES;

    #[test]
    fn ten_lines_are_shown_and_the_rest_is_counted() {
        let lines = |count| (0..count).map(|line| line.to_string()).collect::<Vec<_>>();
        assert_eq!(join_lines(&lines(10), 10, 0), "0\n1\n2\n3\n4\n5\n6\n7\n8\n9");
        assert_eq!(join_lines(&lines(12), 12, 0), "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n… and 2 more");
        assert_eq!(warnings(lines(10), 10), lines(10));
        assert_eq!(warnings(lines(12), 12), [lines(10), vec!["… and 2 more".to_owned()]].concat());
    }

    #[test]
    fn lines_that_do_not_fit_are_counted_as_well() {
        let lines = vec!["a".repeat(1000); 3];
        assert_eq!(join_lines(&lines, lines.len(), 0), format!("{0}\n{0}\n… and 1 more", "a".repeat(1000)));
    }

    #[test]
    fn a_first_line_that_does_not_fit_is_cut() {
        let message = join_lines(&["é".repeat(2000), "b".to_owned()], 2, 300);
        assert!(message.len() <= MAX_MESSAGE - 300);
        assert!(message.ends_with("é…\n… and 1 more"), "{message}");
    }

    /// A finding with a problem of so many bytes.
    fn finding(container: &str, path: &str, problem: usize) -> Finding {
        Finding {
            rule: &RULES[0],
            at: At {
                owner: Owner::Container(Class::Main, Some(container.to_owned())),
                image: None,
                path: path.to_owned(),
            },
            value: String::new(),
            problem: "p".repeat(problem),
            fix: "mend it".to_owned(),
            only_warns: false,
            warns_by_default: false,
            set: None,
        }
    }

    #[test]
    fn a_warning_is_whole_as_long_as_it_fits() {
        let warned = |problem| warning("sample", &finding("web", "spec.x", problem));
        let whole = format!("sample: container \"web\": {}; mend it (spec.x)", "p".repeat(213));
        assert_eq!(whole.len(), 256);
        assert_eq!(warned(213), whole);
        let without_path = |problem| format!("sample: container \"web\": {}; mend it", "p".repeat(problem));
        assert_eq!(warned(214), without_path(214));
        assert_eq!(without_path(222).len(), 256);
        assert_eq!(warned(222), without_path(222));
        assert_eq!(warned(223), "sample/one: container \"web\": see the audit annotation (spec.x)");
    }

    #[test]
    fn a_warning_of_a_long_place_names_as_much_of_it_as_fits() {
        let (name, path) = ("w".repeat(190), "x".repeat(220));
        let short = format!("sample/one: container \"{name}\": see the audit annotation");
        assert_eq!(warning("sample", &finding(&name, &path, 300)), short);
        assert_eq!(warning("sample", &finding(&"w".repeat(240), &path, 300)), "sample/one: see the audit annotation");
        assert_eq!(
            warning("sample", &finding("\u{1b}", &path, 300)),
            r#"sample/one: container "\u{1b}": see the audit annotation"#
        );
    }

    #[test]
    fn what_was_there_before_is_one_warning() {
        assert_eq!(existing("sample", 0), None);
        let one = "sample: 1 finding was there before and is not judged again; the audit annotation lists it";
        assert_eq!(existing("sample", 1).as_deref(), Some(one));
        let many = "sample: 7 findings were there before and are not judged again; the audit annotation lists them";
        assert_eq!(existing("sample", 7).as_deref(), Some(many));
    }

    #[test]
    fn an_owner_is_named_in_full_or_not_at_all() {
        let line = "sample: this Pod is created for ReplicaSet \"web-1\"; fix that object, or its own owner if it has one \
                    (metadata.ownerReferences)";
        assert_eq!(owner_to_fix("sample", "this Pod is created for ReplicaSet \"web-1\"").as_deref(), Some(line));
        assert_eq!(owner_to_fix("sample", &"w".repeat(512)), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_message_is_never_long(lines in prop::collection::vec("[aé\u{1f600}]{0,700}", 0..20), taken in 0_usize..512) {
            let message = join_lines(&lines, lines.len(), taken);
            prop_assert!(message.len().saturating_add(taken) <= MAX_MESSAGE);
            prop_assert!(message.lines().count() <= MAX_LINES + 1);
            prop_assert!(warnings(lines.clone(), lines.len()).len() <= MAX_LINES + 1);
        }

        #[test]
        fn a_warning_holds_the_whole_fix_or_points_to_it(
            name in ".{0,300}",
            path in "[a-z\\[\\].é\u{1f600}]{0,300}",
            problem in 0_usize..300,
            fix in ".{0,300}",
        ) {
            let finding = Finding { fix: fix.clone(), ..finding(&name, &path, problem) };
            let warning = warning("sample", &finding);
            prop_assert!(warning.len() <= MAX_WARNING);
            prop_assert!(warning.contains(SEE) || warning.contains(&format!("; {}", printable(&fix))), "{}", warning);
        }
    }
}
