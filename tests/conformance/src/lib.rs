//! What holds for every policy is tested here. The policies are those of the combined module, as native code.

pub use seaworthy::POLICIES;
pub use shared::combined::Member;
