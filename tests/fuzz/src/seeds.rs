//! The seeds of fuzzing: the inputs of the cases.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use testing::{Recorded, cases, policies};

use crate::{Call, IMAGE, PAYLOAD, REQUEST, SETTINGS, SHELL};

/// Inputs by the name of their target.
pub type Seeds = BTreeMap<&'static str, BTreeSet<Vec<u8>>>;

/// The longest seed, in bytes: as long as the longest input that `cargo xtask fuzz` allows.
const MAX_SEED: usize = 1024;

/// The number of random seeds of a target whose inputs are made from bytes.
const RANDOM: u64 = 64;

/// The inputs for each target: what the cases of all policies call the modules with, and the images and commands in it.
///
/// # Errors
/// The cases cannot be read.
pub fn seeds(workspace: &Path) -> Result<Seeds, String> {
    let calls = RefCell::new(Vec::new());
    // The calls are wanted, not the answers: any will do.
    let engine = |operation: &str, payload: &[u8], _: &Arc<Recorded>| {
        let (operation, answer) = match operation {
            "validate" => ("validate", r#"{"accepted":true}"#),
            _ => ("validate_settings", r#"{"valid":true}"#),
        };
        calls.borrow_mut().push(Call { operation, payload: payload.to_vec() });
        Ok(answer.as_bytes().to_vec())
    };
    for name in policies(workspace)? {
        for case in cases(workspace, &name)? {
            let _ = case.replay(&name, &engine);
        }
    }
    let mut seeds = Seeds::new();
    let mut add = |target: crate::Target, input: &[u8]| {
        if input.len() <= MAX_SEED {
            seeds.entry(target.name).or_default().insert(input.to_vec());
        }
    };
    for Call { operation, payload } in calls.into_inner() {
        if operation == "validate_settings" {
            add(SETTINGS, &payload);
            continue;
        }
        add(PAYLOAD, &payload);
        let payload: Value = serde_json::from_slice(&payload).unwrap_or_default();
        strings(&payload, &mut |field, text| match field {
            "image" | "reference" => add(IMAGE, text.as_bytes()),
            "command" | "args" => add(SHELL, text.as_bytes()),
            _ => {}
        });
    }
    for seed in 0..RANDOM {
        add(REQUEST, &random_bytes(seed, 512));
    }
    Ok(seeds)
}

/// Calls `visit` with every string below `value`, and the field that it is in.
fn strings<'v>(value: &'v Value, visit: &mut dyn FnMut(&'v str, &'v str)) {
    fn descend<'v>(field: &'v str, value: &'v Value, visit: &mut dyn FnMut(&'v str, &'v str)) {
        match value {
            Value::String(text) => visit(field, text),
            Value::Array(items) => items.iter().for_each(|item| descend(field, item, visit)),
            Value::Object(fields) => fields.iter().for_each(|(field, value)| descend(field, value, visit)),
            _ => {}
        }
    }
    descend("", value, visit);
}

/// Bytes that look random and are always the same for a seed. Source: Vigna, `SplitMix64`.
#[must_use]
pub fn random_bytes(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x2545_f491_4f6c_dd1d);
    let words = std::iter::repeat_with(|| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    });
    words.flat_map(u64::to_le_bytes).take(len).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TARGETS;

    #[test]
    fn every_target_has_seeds_and_they_keep_its_laws() {
        let seeds = seeds(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))).unwrap();
        for target in TARGETS {
            let inputs = seeds.get(target.name).unwrap();
            assert!(inputs.len() >= 50, "{}: {}", target.name, inputs.len());
            // A few are enough here: fuzzing begins with all of them.
            for input in inputs.iter().step_by(inputs.len().div_ceil(50)) {
                assert_eq!(target.check(input), Ok(()), "{}: {}", target.name, String::from_utf8_lossy(input));
            }
        }
    }
}
