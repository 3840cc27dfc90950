//! Answers as cases speak of them, and what a failing case prints: YAML that can be pasted into it.

use std::fmt::Write as _;

use crate::case::Expect;

/// The status of a rejection that a case need not name.
pub(super) const FORBIDDEN: u16 = 403;

/// An answer as far as cases speak of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answer {
    pub(super) allowed: bool,
    pub(super) code: Option<u16>,
    pub(super) message: Option<String>,
    pub(super) warnings: Vec<String>,
    /// How many questions the host is asked, where it matters.
    pub(super) questions: Option<usize>,
}

impl Answer {
    pub(super) const ACCEPTED: Answer =
        Answer { allowed: true, code: None, message: None, warnings: Vec::new(), questions: None };

    /// An acceptance without a question.
    pub(super) const UNASKED: Answer =
        Answer { allowed: true, code: None, message: None, warnings: Vec::new(), questions: Some(0) };

    /// The answer with the paths of a Pod, where the pod specification stands at `path`.
    pub(super) fn in_pod(&self, path: &str) -> Self {
        let moved = |text: &String| text.replace(&format!("({path}"), "(spec");
        let warnings = self.warnings.iter().map(moved).collect();
        Self { message: self.message.as_ref().map(moved), warnings, ..self.clone() }
    }

    /// Returns `true` if a text of the answer is cut, so that it differs from that of another kind.
    pub(super) fn is_cut(&self) -> bool {
        self.message.iter().chain(&self.warnings).flat_map(|text| text.lines()).any(|line| line.contains('…'))
    }

    /// The `expect` of a case that has this answer.
    pub(super) fn expect(&self) -> Expect {
        Expect {
            allowed: Some(self.allowed),
            message: self.message.clone(),
            code: self.code.filter(|code| *code != FORBIDDEN),
            warnings: self.warnings.clone(),
            questions: self.questions.filter(|questions| *questions > 0),
            settings_error: None,
        }
    }
}

/// The difference between what a call expects and what was found. `is_row` is for the answer in a row of a table of
/// commands.
pub(super) fn difference(call: &str, is_row: bool, expected: &Answer, found: &Answer) -> String {
    let (expected, fields) = (fields(&expected.expect(), is_row), fields(&found.expect(), is_row));
    let mut text = format!("{call}: the answer is not the expected one.\nexpected:\n");
    for (name, field) in &expected {
        if !fields.contains(&(name, field.clone())) {
            text.push_str(field);
        }
    }
    for (name, _) in &fields {
        if !expected.iter().any(|(other, _)| other == name) {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  # no {name}");
        }
    }
    let _ = write!(text, "found; paste it if it is right:\n{}", written(&fields, is_row));
    text
}

/// The text to paste into a case without `expect`.
pub(super) fn missing(expect: &Expect) -> String {
    format!("there is no `expect`; paste what was found if it is right:\n{}", written(&fields(expect, false), false))
}

/// The fields of `expect`, or of a row, as YAML.
fn written(fields: &[(&str, String)], is_row: bool) -> String {
    let head = if is_row { "" } else { "expect:\n" };
    let fields: String = fields.iter().map(|(_, field)| field.as_str()).collect();
    format!("{head}{}", fields.trim_end())
}

/// Each field with its name. A row has no `allowed`: it is rejected when it has a message.
fn fields(expect: &Expect, is_row: bool) -> Vec<(&'static str, String)> {
    let mut fields = Vec::new();
    let line = |text: &str| format!("  {text}\n");
    if let Some(allowed) = expect.allowed.filter(|_| !is_row) {
        fields.push(("allowed", line(&format!("allowed: {allowed}"))));
    }
    if let Some(code) = expect.code {
        fields.push(("code", line(&format!("code: {code}"))));
    }
    let texts = [("message", &expect.message), ("settingsError", &expect.settings_error)];
    for (name, text) in texts {
        if let Some(text) = text {
            fields.push((name, line(&format!("{name}: {}", block(text, 4)))));
        }
    }
    if !expect.warnings.is_empty() {
        let items: String = expect.warnings.iter().map(|warning| line(&format!("  - {}", block(warning, 6)))).collect();
        fields.push(("warnings", line("warnings:") + &items));
    }
    if let Some(questions) = expect.questions {
        fields.push(("questions", line(&format!("questions: {questions}"))));
    }
    fields
}

/// A text as a literal block of YAML.
fn block(text: &str, indent: usize) -> String {
    let indent = " ".repeat(indent);
    text.lines().fold("|-".to_owned(), |block, line| block + "\n" + &indent + line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejected(message: &str) -> Answer {
        Answer { allowed: false, code: Some(403), message: Some(message.to_owned()), warnings: vec![], questions: None }
    }

    #[test]
    fn a_difference_is_yaml_that_can_be_pasted() {
        let found = Answer { warnings: vec!["p: w: x; y (spec)".to_owned()], ..rejected("p: a\np: \"b\"") };
        assert_eq!(
            difference("Pod", false, &rejected("p: a"), &found),
            "Pod: the answer is not the expected one.\nexpected:\n  message: |-\n    p: a\n  # no warnings\n\
             found; paste it if it is right:\nexpect:\n  allowed: false\n  message: |-\n    p: a\n    p: \"b\"\n  \
             warnings:\n    - |-\n      p: w: x; y (spec)"
        );
        let pasted = difference("Pod", false, &Answer::ACCEPTED, &found);
        let pasted = pasted.split_once("right:\nexpect:\n").unwrap().1;
        assert_eq!(serde_saphyr::from_str::<Expect>(pasted).unwrap(), found.expect());
    }

    #[test]
    fn the_answer_of_a_row_has_no_verdict() {
        let text = difference("Pod", true, &Answer::ACCEPTED, &rejected("p: a"));
        assert!(text.ends_with("right:\n  message: |-\n    p: a"), "{text}");
    }
}
