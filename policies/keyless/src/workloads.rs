//! Keys in the variables of containers.

use shared::pod::{Container, Entry, EnvVar};
use shared::prelude::*;

use crate::judge;
use crate::texts::{Text, layers};

/// The longest value into which references are expanded, in bytes.
const MAX_EXPANDED: usize = 65_536;

pub(crate) fn check(container: &Container<'_>, findings: &mut Findings) -> Checked {
    let env = container.env()?;
    let literal: Vec<&EnvVar<'_>> =
        env.iter().filter(|variable| !variable.has_source && !variable.value.is_empty()).collect();
    let places: Vec<Entry<'_>> = literal.iter().map(|variable| container.env_value(variable)).collect();
    let texts: Vec<Text<'_, Entry<'_>>> = literal
        .iter()
        .zip(&places)
        .enumerate()
        .map(|(index, (variable, place))| {
            let before = literal.get(..index).unwrap_or_default();
            Text::new(place, variable.name, layers(&expanded(variable.value, before)))
        })
        .collect();
    judge(&texts, findings);
    Ok(())
}

/// A value in which references to the variables before it are replaced, as the kubelet does. Others stay.
fn expanded(value: &str, before: &[&EnvVar<'_>]) -> String {
    let mut text = String::new();
    let mut rest = value;
    while let Some((start, after)) = rest.split_once("$(") {
        text.push_str(start);
        let reference = after.split_once(')');
        let known = reference.and_then(|(name, _)| before.iter().rev().find(|variable| variable.name == name));
        match (known, reference) {
            (Some(variable), Some((_, after))) if text.len() < MAX_EXPANDED => {
                text.push_str(variable.value);
                rest = after;
            }
            _ => {
                text.push_str("$(");
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}
