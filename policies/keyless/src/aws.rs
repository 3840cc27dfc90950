//! Access keys of AWS. Source: AWS IAM, "IAM identifiers": `AKIA` begins the ID of a long-lived key, `ASIA` that of a temporary one.

use shared::place::Judged;
use shared::prelude::*;

use crate::AWS_KEY;
use crate::texts::{Text, words};

/// The lengths of an ID and of a secret.
const ID: usize = 20;
const SECRET: usize = 40;

/// An ID, and in the same or another text its secret. The place is that of the secret.
pub(crate) fn found<'t, J: Judged>(texts: &[Text<'t, J>]) -> Option<(&'t J, Found)> {
    let all = || texts.iter().flat_map(|text| text.layers.iter().map(move |layer| (text, layer)));
    let id = all().find_map(|(_, layer)| words(layer).find(|word| is_id(word)))?;
    let (text, _) = all().find(|(_, layer)| words(layer).any(is_secret))?;
    let start = id.get(..6).unwrap_or_default();
    let problem =
        format!("it holds the secret of the AWS access key {start}…, which works from anywhere until it is revoked");
    let fix = "give the pod a role by EKS Pod Identity or IAM roles for service accounts, and delete the key";
    Some((text.judged, AWS_KEY.found(problem, fix)))
}

fn is_id(word: &str) -> bool {
    word.len() == ID
        && word.starts_with("AKIA")
        && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Forty letters of any case and digits: not a hash, which has letters of one case.
fn is_secret(word: &str) -> bool {
    let has = |is: fn(&u8) -> bool| word.as_bytes().iter().any(is);
    word.len() == SECRET
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'+'))
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
}
