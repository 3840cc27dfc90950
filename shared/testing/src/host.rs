//! The host of a case: what it answers, and what it was asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde_json::{Value, json};

use shared::host::HostCall;

/// The answers of a host: by the capability, and by the normalised image or the argument as JSON.
pub type Answers = BTreeMap<String, BTreeMap<String, HostAnswer>>;

/// An answer: one of the three texts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HostAnswer {
    /// The answer.
    pub answer: Option<Value>,
    /// The words of the host where it has no answer.
    pub error: Option<String>,
    /// The answer as text, for one that is not JSON.
    pub text: Option<String>,
    /// The number of repetitions of that text; for long ones.
    #[serde(default = "once")]
    pub times: usize,
}

fn once() -> usize {
    1
}

impl HostAnswer {
    /// Returns `true` if it is one answer.
    pub(super) fn is_one(&self) -> bool {
        [self.answer.is_some(), self.error.is_some(), self.text.is_some()].iter().filter(|given| **given).count() == 1
    }

    fn give(&self) -> Result<Vec<u8>, String> {
        match (&self.error, &self.text) {
            (Some(words), _) => Err(words.clone()),
            (_, Some(text)) => Ok(text.repeat(self.times).into_bytes()),
            _ => Ok(self.answer.clone().unwrap_or_default().to_string().into_bytes()),
        }
    }
}

/// A host that answers from a case, and remembers what it was asked.
#[derive(Debug, Default)]
pub struct Recorded {
    answers: Answers,
    /// Each question that was asked: the capability and the argument.
    asked: Mutex<Vec<(String, String)>>,
}

impl Recorded {
    /// A host with these answers.
    pub(super) fn new(answers: &Answers) -> Arc<Self> {
        Arc::new(Self { answers: answers.clone(), asked: Mutex::default() })
    }

    /// The answers as JSON: by the capability and the argument, each with the field `answer` or `error`, both texts.
    #[must_use]
    pub fn answers(&self) -> Value {
        let given = |answer: &HostAnswer| match answer.give() {
            Ok(answer) => json!({ "answer": String::from_utf8_lossy(&answer) }),
            Err(error) => json!({ "error": error }),
        };
        let of = |answers: &BTreeMap<String, HostAnswer>| -> Value {
            answers.iter().map(|(about, answer)| (about.clone(), given(answer))).collect()
        };
        self.answers.iter().map(|(capability, answers)| (capability.clone(), of(answers))).collect()
    }

    /// Returns `true` if the case says what the host answers. Without it, the policy may ask nothing.
    #[must_use]
    pub fn has_answers(&self) -> bool {
        !self.answers.is_empty()
    }

    /// The answer to a question: the namespace and the operation of a capability, and its argument as JSON.
    ///
    /// # Errors
    /// The words of the host, or that the case has no answer.
    pub fn answer(&self, namespace: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
        let capability = format!("{namespace}/{operation}");
        let payload = String::from_utf8_lossy(payload).into_owned();
        let about = serde_json::from_str::<String>(&payload).unwrap_or(payload);
        let answer = self.answers.get(&capability).and_then(|answers| answers.get(&about));
        let answer = answer.map_or_else(|| Err("the case has no answer".to_owned()), HostAnswer::give);
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push((capability, about));
        answer
    }

    /// How many questions were asked.
    pub(super) fn count(&self) -> usize {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Names each question that has no answer, and each answer that was never asked for.
    pub(super) fn check(&self) -> Result<(), String> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let asked: BTreeSet<(&str, &str)> = asked.iter().map(|(of, about)| (of.as_str(), about.as_str())).collect();
        let answers =
            self.answers.iter().flat_map(|(of, answers)| answers.keys().map(|about| (of.as_str(), about.as_str())));
        let answers: BTreeSet<(&str, &str)> = answers.collect();
        let lacking = asked.difference(&answers).map(|(of, about)| format!("asked without an answer: {of}: {about}"));
        let unused = answers.difference(&asked).map(|(of, about)| format!("never asked: {of}: {about}"));
        let faults: Vec<String> = lacking.chain(unused).collect();
        if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
    }
}

impl HostCall for Recorded {
    fn call(&self, namespace: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
        self.answer(namespace, operation, payload)
    }
}
