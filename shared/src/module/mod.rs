//! A module: one policy or several, with the entry that a host calls.

mod declare;
#[cfg(feature = "describe")]
mod describe;
mod several;

#[cfg(feature = "describe")]
pub use describe::common_settings;
#[cfg(feature = "describe")]
pub use several::describe;
pub use several::{AS_EACH_POLICY, Member, configure, inspects, reads};

use crate::policy::{self, Checks, Described, Judge, Policy};
use crate::settings::Faults;
#[cfg(feature = "describe")]
use crate::settings::{Field, Fields as _};
use crate::verdict::Several;

/// A policy, or [several](Member), as a host loads them.
pub trait Module: Described {
    /// Additional input for a module of several policies.
    const SEVERAL: Option<&'static Several> = None;

    /// Reads the JSON text of the settings: the policies that judge, each with its own. Absent settings are the defaults.
    ///
    /// # Errors
    /// Every fault, with its path.
    fn configure(text: Option<&str>, checks: Checks) -> Result<Vec<Box<dyn Judge>>, Faults>;

    /// Its settings beside those that every module has.
    #[cfg(feature = "describe")]
    fn own_settings() -> Vec<Field>;

    /// All its settings.
    #[cfg(feature = "describe")]
    #[must_use]
    fn settings() -> Vec<Field> {
        let mut fields = Self::own_settings();
        fields.extend(common_settings::<Self>());
        fields
    }

    /// The policies that it combines; none when it is a policy itself.
    #[cfg(feature = "describe")]
    #[must_use]
    fn members() -> &'static [Member] {
        &[]
    }
}

impl<P: Policy> Module for P {
    fn configure(text: Option<&str>, checks: Checks) -> Result<Vec<Box<dyn Judge>>, Faults> {
        policy::configure::<P>(text, checks)
    }

    #[cfg(feature = "describe")]
    fn own_settings() -> Vec<Field> {
        P::Settings::fields()
    }
}
