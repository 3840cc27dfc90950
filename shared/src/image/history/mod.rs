//! The history of an image: the steps that built it, with the layers that they made.
//!
//! Builders write a step in forms of their own, see [`Builder`]. Only its presence proves anything: stages whose files are
//! copied into an image, and images that are squashed into one layer, leave no trace of their steps.

mod command;
mod step;

pub use command::Command;
pub use step::{Builder, Copied, Instruction, Layer, Step};

use super::config::{Config, ConfigError};
use crate::text::quote;

/// The history of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History<'c> {
    /// The steps, the oldest first.
    pub steps: Vec<Step<'c>>,
    /// The number of steps that are taken for those of the base image: up to the last `CMD` or `ENTRYPOINT` after which
    /// a layer was made. An image says nowhere where its base ends.
    pub base: usize,
}

impl<'c> History<'c> {
    /// Reads the history of a configuration, and joins it with the compressed sizes of the layers in the manifest. If
    /// the history does not account for each of them, no step has a layer.
    ///
    /// # Errors
    /// A field of the configuration that is needed cannot be read.
    pub fn read(config: &'c Config<'_>, sizes: &[u64]) -> Result<Self, ConfigError> {
        let mut steps: Vec<_> = config.history()?.into_iter().map(Step::of).collect();
        let is_complete = |count| steps.iter().filter(|step| step.made_layer).count() == count;
        let diff_ids = config.diff_ids()?.len();
        if is_complete(sizes.len()) && (diff_ids == 0 || diff_ids == sizes.len()) {
            let layers = sizes.iter().enumerate().map(|(index, size)| Layer { index, size: *size });
            for (step, layer) in steps.iter_mut().filter(|step| step.made_layer).zip(layers) {
                step.layer = Some(layer);
            }
        }
        let base = base(&steps);
        Ok(Self { steps, base })
    }

    /// The steps that are not those of the base image.
    #[must_use]
    pub fn own(&self) -> &[Step<'c>] {
        self.steps.get(self.base..).unwrap_or_default()
    }

    /// A step for messages, with the steps that are taken for those of the base: `step 3 of 8 (base: 1 to 2), "RUN make",`.
    #[must_use]
    pub fn named(&self, index: usize) -> String {
        let shown = self.steps.get(index).map(Step::shown).unwrap_or_default();
        let base = match self.base {
            0 => String::new(),
            1 => " (base: 1)".to_owned(),
            last => format!(" (base: 1 to {last})"),
        };
        format!("step {} of {}{base}, {},", index.saturating_add(1), self.steps.len(), quote(&shown))
    }
}

/// The number of steps of the base image.
fn base(steps: &[Step<'_>]) -> usize {
    let Some(top) = steps.iter().rposition(|step| step.made_layer) else { return 0 };
    let ends = |step: &Step<'_>| matches!(step.instruction, Some(Instruction::Cmd | Instruction::Entrypoint));
    let last = steps.iter().take(top).rposition(ends);
    last.map_or(0, |last| last.saturating_add(1))
}
