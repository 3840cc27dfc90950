//! The largest layers of an image, and what made them.

use shared::image::history::History;
use shared::prelude::*;

/// How many layers are named.
const NAMED: usize = 2;

/// A layer that is worth naming.
#[derive(Debug)]
pub(crate) struct Large {
    /// Its size in bytes.
    pub(crate) size: u64,
    /// The step that made it, if the image says which one did.
    pub(crate) step: Option<String>,
}

/// The largest of the layers above a size. The configuration is asked for only here: where it cannot be had, the sizes have to do.
pub(crate) fn largest(inspected: &Inspected<'_>, above: u64) -> Vec<Large> {
    let sizes: Vec<u64> = inspected.manifest.layers.iter().map(|layer| layer.size).collect();
    let mut large = Vec::new();
    let mut is_named = vec![false; sizes.len()];
    for _ in 0..NAMED {
        let rest =
            sizes.iter().zip(&mut is_named).enumerate().filter(|(_, (size, is_named))| !**is_named && **size > above);
        // Of equal ones, the lowest.
        let Some((index, (size, is_named))) =
            rest.max_by_key(|(index, (size, _))| (**size, usize::MAX.saturating_sub(*index)))
        else {
            break;
        };
        *is_named = true;
        large.push((index, *size));
    }
    let steps = steps(inspected, &sizes);
    let step = |index| steps.iter().find(|(layer, _)| *layer == index).map(|(_, step)| step.clone());
    large.into_iter().map(|(index, size)| Large { size, step: step(index) }).collect()
}

/// The step that made each layer, as far as the history says.
fn steps(inspected: &Inspected<'_>, sizes: &[u64]) -> Vec<(usize, String)> {
    let Ok(config) = inspected.configuration() else { return Vec::new() };
    let Ok(history) = History::read(&config, sizes) else { return Vec::new() };
    history
        .steps
        .iter()
        .filter_map(|step| Some((step.layer?.index, step.shown())))
        .filter(|(_, shown)| !shown.is_empty())
        .collect()
}
