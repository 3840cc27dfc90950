//! Sessions of kwctl: the questions of one evaluation with their answers.
//!
//! Source: `callback_handler/proxy.rs` of kwctl. kwctl replays a session strictly in order; here an answer is found by its
//! question, so that one session serves several objects and policies. Both the current format and that of kwctl before
//! 1.32, whose questions have no `field_masks`, are read.

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::question::Question;

/// The questions that only Rego policies ask; no module of waPC can.
const OF_REGO: [&str; 2] =
    ["!KubernetesGetResourcePluralName", "!HasKubernetesListResourceAllResultChangedSinceInstant"];

/// An entry of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type")]
enum Entry {
    /// A question with its answer.
    Exchange {
        /// The question: a YAML document of its own.
        request: String,
        /// The answer.
        response: Response,
    },
}

/// An answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type")]
enum Response {
    /// The bytes that the policy got.
    Success { payload: String },
    /// The error without its causes.
    Error { message: String },
}

/// A question and its answer.
pub(crate) type Exchange = (Question, Result<Vec<u8>, Failure>);

/// A recorded session.
#[derive(Debug)]
pub struct Session(Vec<Exchange>);

impl Session {
    /// Reads a session.
    ///
    /// # Errors
    ///
    /// The text is not a session, or a question in it is unknown.
    pub fn read(text: &str) -> Result<Self, String> {
        let entries: Vec<Entry> = yaml_serde::from_str(text).map_err(|error| error.to_string())?;
        let mut exchanges = Vec::new();
        for (index, Entry::Exchange { request, response }) in entries.into_iter().enumerate() {
            if OF_REGO.iter().any(|tag| request.trim_start().starts_with(tag)) {
                continue;
            }
            let question = yaml_serde::from_str(&request)
                .map_err(|error| format!("the request of entry {}: {error}", index.saturating_add(1)))?;
            let answer = match response {
                Response::Success { payload } => Ok(payload.into_bytes()),
                Response::Error { message } => Err(Failure::new(message)),
            };
            exchanges.push((question, answer));
        }
        Ok(Self(exchanges))
    }

    /// The answer to a question: the first, if it was asked more than once. `None` if the session does not hold it.
    pub(crate) fn answer(&self, question: &Question) -> Option<Result<Vec<u8>, Failure>> {
        self.0.iter().find(|(asked, _)| asked == question).map(|(_, answer)| answer.clone())
    }
}

/// The file that kwctl would have written about these exchanges.
///
/// # Errors
///
/// An answer is not UTF-8 text.
pub(crate) fn write(exchanges: &[Exchange]) -> Result<String, String> {
    let entry = |(question, answer): &Exchange| {
        let response = match answer {
            Ok(payload) => Response::Success {
                payload: String::from_utf8(payload.clone())
                    .map_err(|error| format!("an answer is not UTF-8 text: {error}"))?,
            },
            Err(failure) => Response::Error { message: failure.to_string() },
        };
        let request = yaml_serde::to_string(question).map_err(|error| error.to_string())?;
        Ok(Entry::Exchange { request, response })
    };
    let entries = exchanges.iter().map(entry).collect::<Result<Vec<_>, String>>()?;
    yaml_serde::to_string(&entries).map_err(|error| error.to_string())
}
