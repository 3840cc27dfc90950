//! Answers of this run: nothing is asked twice, and nobody asks what another thread is asking.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::failure::Failure;
use crate::question::Question;

/// An answer, once it is there.
type Slot = Arc<OnceLock<Result<Vec<u8>, Failure>>>;

/// The answers by their questions.
#[derive(Debug, Default)]
pub(crate) struct Memo(Mutex<BTreeMap<Question, Slot>>);

impl Memo {
    /// The answer to a question, which is asked if it was not yet.
    pub(crate) fn answer(
        &self,
        question: &Question,
        ask: impl FnOnce() -> Result<Vec<u8>, Failure>,
    ) -> Result<Vec<u8>, Failure> {
        let slot = {
            let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry(question.clone()).or_default())
        };
        slot.get_or_init(ask).clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn the_same_question_is_asked_once_even_at_the_same_time() {
        let (memo, asked) = (Memo::default(), AtomicUsize::new(0));
        let question = |image: &str| Question::OciManifest { image: image.to_owned() };
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let ask = || {
                        asked.fetch_add(1, Ordering::SeqCst);
                        thread::yield_now();
                        Err(Failure::new("no"))
                    };
                    assert_eq!(memo.answer(&question("a"), ask), Err(Failure::new("no")));
                });
            }
        });
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        assert_eq!(memo.answer(&question("b"), || Ok(vec![1])), Ok(vec![1]));
    }
}
