//! The answers of one request: each question is asked once, for all policies of the module.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::call::HostCall;
use super::question::Question;
use super::words::shown;
use crate::text::has_part;

/// The most questions of one request. A policy server interrupts a policy after some seconds, whatever it waits for.
const MAX_QUESTIONS: usize = 20;
/// The most subjects, such as images, that one request asks about.
const MAX_SUBJECTS: usize = 10;

/// What the host says where the capability is not granted: the only text of it that is compared.
///
/// Source: Kubewarden, policy-evaluator, `host_capabilities`.
const NOT_GRANTED: &str = "has not been granted access";

/// An answer of the host, as text.
pub type Answer = Result<Rc<String>, Unanswered>;

/// The reason why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// The host may not give it: the capability is not granted.
    NotGranted(&'static str),
    /// The host has none, in its words as far as they may be shown.
    Failed(String),
    /// It is not text.
    NotText,
    /// It is longer than so many bytes.
    TooLong(usize),
    /// The request has asked all that it may.
    TooMany,
}

/// The host during one request.
#[derive(Debug)]
pub struct Host<'h> {
    call: &'h dyn HostCall,
    answers: RefCell<Vec<(Question, Answer)>>,
    subjects: RefCell<Vec<String>>,
    left: Cell<usize>,
}

impl<'h> Host<'h> {
    /// A host that was not asked yet.
    #[must_use]
    pub fn new(call: &'h dyn HostCall) -> Self {
        let (answers, subjects) = (RefCell::default(), RefCell::default());
        Self { call, answers, subjects, left: Cell::new(MAX_QUESTIONS) }
    }

    /// Whether the request may ask about `subject`: it has before, or about few enough others.
    #[must_use]
    pub fn admits(&self, subject: &str) -> bool {
        let mut subjects = self.subjects.borrow_mut();
        if subjects.iter().any(|known| known == subject) {
            return true;
        }
        let is_free = subjects.len() < MAX_SUBJECTS;
        if is_free {
            subjects.push(subject.to_owned());
        }
        is_free
    }

    /// The answer to a question. It is asked once.
    ///
    /// # Errors
    /// The reason why there is none.
    pub fn ask(&self, question: Question) -> Answer {
        if let Some(known) = self.known(&question) {
            return known;
        }
        let Some(left) = self.left.get().checked_sub(1) else { return Err(Unanswered::TooMany) };
        self.left.set(left);
        let answer = self.call(&question);
        self.answers.borrow_mut().push((question, answer.clone()));
        answer
    }

    /// The answer to a question that was asked.
    #[must_use]
    pub fn known(&self, question: &Question) -> Option<Answer> {
        self.answers.borrow().iter().find(|(known, _)| known == question).map(|(_, answer)| answer.clone())
    }

    fn call(&self, question: &Question) -> Answer {
        let Question { capability, payload, limit } = question;
        let (namespace, operation) = capability.split_once('/').unwrap_or((capability, ""));
        match self.call.call(namespace, operation, payload.as_bytes()) {
            Ok(answer) if answer.len() > *limit => Err(Unanswered::TooLong(*limit)),
            Ok(answer) => String::from_utf8(answer).map(Rc::new).map_err(|_| Unanswered::NotText),
            Err(words) if has_part(&words, NOT_GRANTED) => Err(Unanswered::NotGranted(capability)),
            Err(words) => Err(Unanswered::Failed(shown(&words))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A host that repeats the argument, and counts.
    #[derive(Debug, Default)]
    struct Echo(AtomicUsize);

    impl HostCall for Echo {
        fn call(&self, namespace: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
            self.0.fetch_add(1, Ordering::Relaxed);
            assert_eq!((namespace, operation), ("oci", "v1/oci_manifest"));
            match payload {
                b"\"denied\"" => {
                    Err("Policy has not been granted access to the 'oci/v1/oci_manifest' host capability. \
                                     The violation has been reported."
                        .to_owned())
                }
                b"\"down\"" => Err("connection refused".to_owned()),
                b"\"binary\"" => Ok(vec![0xff]),
                b"\"long\"" => Ok(vec![b' '; 4 * 1024 * 1024 + 1]),
                _ => Ok(payload.to_vec()),
            }
        }
    }

    #[test]
    fn a_question_is_asked_once_whatever_the_answer() {
        let echo = Echo::default();
        let host = Host::new(&echo);
        for _ in 0..3 {
            assert_eq!(host.ask(Question::manifest("a")), Ok(Rc::new("\"a\"".to_owned())));
            assert_eq!(host.ask(Question::manifest("down")), Err(Unanswered::Failed("connection refused".to_owned())));
        }
        assert_eq!(echo.0.load(Ordering::Relaxed), 2);
        assert_eq!(host.known(&Question::manifest("b")), None);
        assert!(host.known(&Question::manifest("a")).is_some_and(|known| known.is_ok()));
        assert_eq!(echo.0.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn each_reason_for_no_answer_is_told_apart() {
        let (echo, capability) = (Echo::default(), "oci/v1/oci_manifest");
        let host = Host::new(&echo);
        assert_eq!(host.ask(Question::manifest("denied")), Err(Unanswered::NotGranted(capability)));
        assert_eq!(host.ask(Question::manifest("binary")), Err(Unanswered::NotText));
        assert_eq!(host.ask(Question::manifest("long")), Err(Unanswered::TooLong(4 * 1024 * 1024)));
    }

    #[test]
    fn a_request_asks_twenty_questions_about_ten_subjects() {
        let echo = Echo::default();
        let host = Host::new(&echo);
        for index in 0..30 {
            let answer = host.ask(Question::manifest(&index.to_string()));
            assert_eq!(answer == Err(Unanswered::TooMany), index >= 20, "{index}");
            assert_eq!(host.admits(&index.to_string()), index < 10, "{index}");
        }
        assert_eq!(echo.0.load(Ordering::Relaxed), 20);
        assert!(host.admits("9") && host.ask(Question::manifest("19")).is_ok(), "what is known stays known");
    }
}
