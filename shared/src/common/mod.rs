//! The settings that every policy has, beside its own.

mod exemption;
mod fields;
mod settings;

pub use exemption::Exemption;
pub use fields::{Action, ClassAction, ClassActions, CommonSettings, Updates};
pub use settings::Settings;
