//! What holds for every policy is tested here, of the policies as native code and of their modules.

mod answer;
pub mod generate;

pub use answer::Answer;
pub use seaworthy::POLICIES;
pub use shared::combined::Member;
