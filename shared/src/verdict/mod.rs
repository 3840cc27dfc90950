//! From a request to an answer: findings, the outcome of each, and the decision that follows.

mod answer;
mod asking;
mod decision;
mod judge;
#[cfg(not(feature = "testing"))]
mod lines;
#[cfg(feature = "testing")]
pub mod lines;
mod ratchet;
mod several;

pub use answer::answer;
pub use asking::{ASKING, Asking};
pub use decision::{Outcome, Refusal, Ruling, Verdict};
pub(crate) use judge::{Parts, judge};
pub use several::{SEVERAL, Several};
