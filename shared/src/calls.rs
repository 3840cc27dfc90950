//! The calls of a host as functions from bytes to bytes. Whatever the bytes are, there is an answer.

use crate::facts::Facts;
use crate::host::{HostCall, Refuse};
use crate::inspection::Inspects;
use crate::malformed::Malformed;
#[cfg(feature = "describe")]
use crate::module::Member;
use crate::module::Module;
use crate::pod::Model;
use crate::policy::{Checks, Configure};
use crate::request::Payload;
use crate::verdict::{self, ASKING, Asking, Parts, Refusal, Several, Verdict};

/// A module as it answers calls.
#[derive(Clone, Copy, Debug)]
pub struct Guest<'h> {
    /// The name of the module.
    pub name: &'static str,
    /// Reads its settings.
    pub configure: Configure,
    /// The fields of a pod that it reads.
    pub model: &'static Model,
    /// Its declared facts.
    pub facts: &'static Facts,
    /// Additional input for a module of several policies.
    pub several: Option<&'static Several>,
    /// Additional input for a module that inspects images.
    pub asking: Option<&'static Asking>,
    /// The host that it asks.
    pub host: &'h dyn HostCall,
}

impl<'h> Guest<'h> {
    /// The module `M`, whose questions its host refuses.
    #[must_use]
    pub const fn of<M: Module>() -> Self {
        Self {
            name: M::NAME,
            configure: M::configure,
            model: M::MODEL,
            facts: const { &M::FACTS },
            several: M::SEVERAL,
            asking: const { asking(M::INSPECTS) },
            host: &Refuse,
        }
    }

    /// The same with a host that answers.
    #[must_use]
    pub const fn with_host(self, host: &'h dyn HostCall) -> Self {
        Self { host, ..self }
    }

    /// Answers `validate`: the payload is `{"request": AdmissionRequest, "settings": …}`, the answer a
    /// `ValidationResponse` of the SDK.
    #[must_use]
    pub fn validate(self, payload: &[u8]) -> Vec<u8> {
        verdict::answer(self.name, self.several, &self.decide(payload)).into_bytes()
    }

    /// The decision on a payload of `validate`.
    ///
    /// # Errors
    /// The reason why there is none, which is a rejection.
    pub fn decide(self, payload: &[u8]) -> Result<Verdict, Refusal> {
        let text = str::from_utf8(payload).map_err(|error| {
            let problem = format!("the request cannot be read: it is not UTF-8 at byte {}", error.valid_up_to());
            Malformed::new("", problem)
        })?;
        let payload = Payload::read(text, self.model)?;
        let judges =
            (self.configure)(payload.settings(), Checks::Cheap).map_err(|faults| Refusal::of_settings(&faults))?;
        let parts = Parts { several: self.several, asking: self.asking, host: self.host };
        verdict::judge(&judges, parts, &payload.request(&self.facts.kinds)?)
    }

    /// Answers `validate_settings`: the payload is the settings, the answer a `SettingsValidationResponse` of the SDK,
    /// with one line per fault. Each names the module: a policy server of many policies prints the lines and nothing else.
    #[must_use]
    pub fn validate_settings(self, payload: &[u8]) -> Vec<u8> {
        let faults = match str::from_utf8(payload) {
            Ok(text) => {
                let text = Some(text).filter(|text| !text.is_empty());
                (self.configure)(text, Checks::All).err().map(|faults| faults.named(self.name))
            }
            Err(error) => Some(format!("{}: the settings are not UTF-8 at byte {}", self.name, error.valid_up_to())),
        };
        let answer = json::object(&[
            ("valid", Some(faults.is_none().to_string())),
            ("message", faults.as_deref().map(json::string)),
        ]);
        answer.into_bytes()
    }
}

/// What a module needs in addition that inspects this.
const fn asking(inspects: Inspects) -> Option<&'static Asking> {
    if inspects.is_nothing() { None } else { Some(&ASKING) }
}

#[cfg(feature = "describe")]
impl From<&Member> for Guest<'_> {
    /// A policy of a module of several, as its own module answers.
    fn from(member: &Member) -> Self {
        Self {
            name: member.name,
            configure: member.configure,
            model: member.model,
            facts: member.facts,
            several: None,
            asking: asking(member.inspects),
            host: &Refuse,
        }
    }
}
