//! The settings that every policy has, beside its own.

mod controllers;
mod exemption;
mod fields;
mod settings;

pub(crate) use controllers::{created_for, is_of_controller};
pub use exemption::Exemption;
pub use fields::{Action, ClassAction, ClassActions, CommonSettings, Controllers, Updates};
pub use settings::Settings;
