//! What the findings say.

use std::fmt::Write as _;

use crate::layers::Large;
use shared::settings::Quantity;
use shared::text::{plain, quote};

/// The units of sizes, each with the exponent of two.
const UNITS: [(&str, u32); 3] = [("GiB", 30), ("MiB", 20), ("KiB", 10)];

/// An image above its limit.
pub(crate) fn too_large(name: &str, size: u64, limit: &Quantity, largest: &[Large]) -> String {
    let mut text = format!("image {} is {} compressed, more than {}", plain(name), shown(size), limit.as_str());
    text.push_str(if largest.len() > 1 { ", with layers of " } else { ", with a layer of " });
    add(&mut text, largest);
    text
}

/// Layers above their limit.
pub(crate) fn layer_too_large(name: &str, limit: &Quantity, largest: &[Large]) -> String {
    let mut text = format!("image {} has a layer of more than {}: ", plain(name), limit.as_str());
    add(&mut text, largest);
    text
}

/// More layers than allowed.
pub(crate) fn too_many_layers(name: &str, count: usize, limit: usize) -> String {
    format!("image {} has {count} layers, more than {limit}", plain(name))
}

/// Adds the sizes of layers with the steps that made them.
fn add(text: &mut String, layers: &[Large]) {
    for (index, Large { size, step }) in layers.iter().enumerate() {
        text.push_str(if index == 0 { "" } else { ", " });
        text.push_str(&shown(*size));
        if let Some(step) = step {
            // Writing to a string cannot fail.
            let _ = write!(text, " by {}", quote(step));
        }
    }
}

/// A size for people, with one decimal, rounded up, so that one above a limit never looks like the limit.
fn shown(bytes: u64) -> String {
    let unit = UNITS.iter().find(|(_, exponent)| bytes >> exponent > 0);
    let Some((unit, exponent)) = unit else { return format!("{bytes} B") };
    let tenths = bytes.saturating_mul(10).div_ceil(1 << exponent);
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} {unit}"),
        (whole, tenth) => format!("{whole}.{tenth} {unit}"),
    }
}
