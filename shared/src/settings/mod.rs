//! The declaration, reading and validation of settings.
//!
//! A policy declares its own settings with [`settings!`](crate::settings!). They stand beside the
//! [common ones](crate::common) in the same object. Unknown keys are refused with the nearest known one, `null` equals
//! absent, and every fault is reported with its path.

mod declare;
mod described;
#[cfg(feature = "describe")]
mod description;
mod duration;
mod faults;
mod quantity;
mod reader;
mod values;

#[cfg(feature = "describe")]
pub use description::{Choice, Field, Kind, Pattern, Tree};
pub use duration::Duration;
pub use faults::Faults;
pub use quantity::Quantity;
pub use reader::MAX_ENTRIES;
#[cfg(feature = "testing")]
pub use reader::MAX_TEXT;
pub use reader::{Fields, Given, Keyed, Setting};
pub(crate) use reader::{holds, parse, unknown};
pub use values::Named;
