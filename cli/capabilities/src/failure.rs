//! The reason why a question has no answer, in Kubewarden's words.

#[cfg(feature = "registry")]
use std::error::Error;
use std::fmt::Write as _;

/// The beginning of every failure of Kubewarden's client of registries.
const REGISTRY: &str = "Fail to interact with OCI registry: ";

/// An error with its causes. A session of kwctl records the first; a policy gets to see them all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    message: String,
    causes: Vec<String>,
}

impl Failure {
    /// An error without a cause.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), causes: Vec::new() }
    }

    /// The error of a registry, or of what stands in for one.
    pub(crate) fn of_registry(cause: impl Into<String>) -> Self {
        let cause = cause.into();
        Self { message: format!("{REGISTRY}{cause}"), causes: vec![cause] }
    }

    /// The same, with the causes of the error.
    #[cfg(feature = "registry")]
    pub(crate) fn of_client(error: &(dyn Error + 'static)) -> Self {
        let mut failure = Self::of_registry(error.to_string());
        let mut cause = error.source();
        while let Some(error) = cause {
            failure.causes.push(error.to_string());
            cause = error.source();
        }
        failure
    }

    /// The error itself, without what it was met at.
    #[cfg(feature = "registry")]
    pub(crate) fn reason(&self) -> String {
        self.causes.last().unwrap_or(&self.message).clone()
    }

    /// The text that a policy gets: as `anyhow` prints an error with its causes, which is what Kubewarden sends.
    pub(crate) fn told(&self) -> String {
        let mut told = format!("Callback evaluation failure: {}", self.message);
        if !self.causes.is_empty() {
            told.push_str("\n\nCaused by:");
        }
        for (index, cause) in self.causes.iter().enumerate() {
            let number = if self.causes.len() > 1 { format!("{index}: ") } else { String::new() };
            let indented = cause.replace('\n', "\n    ");
            // Writing to a string cannot fail.
            let _ = write!(told, "\n    {number}{indented}");
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_gets_the_causes_as_anyhow_prints_them() {
        assert_eq!(Failure::new("no such object").told(), "Callback evaluation failure: no such object");
        let one = Failure::of_registry("Not authorized: url https://r.example");
        assert_eq!(one.to_string(), "Fail to interact with OCI registry: Not authorized: url https://r.example");
        assert_eq!(
            one.told(),
            "Callback evaluation failure: Fail to interact with OCI registry: Not authorized: url https://r.example\n\n\
             Caused by:\n    Not authorized: url https://r.example"
        );
        let two = Failure { message: "a".to_owned(), causes: vec!["b".to_owned(), "c".to_owned()] };
        assert_eq!(two.told(), "Callback evaluation failure: a\n\nCaused by:\n    0: b\n    1: c");
    }
}
