//! Keys of Google service accounts. Sources: Google Cloud, "Create and delete service account keys" and "Application Default
//! Credentials"; Artifact Registry, "Configure authentication for Docker".

use shared::place::Judged;
use shared::prelude::*;

use crate::texts::{Text, field, holds};
use crate::{GOOGLE_KEY, REFRESH_TOKEN, REGISTRY_KEY, SPLIT_KEY};

/// The end of the e-mail address of a service account.
const DOMAIN: &str = ".gserviceaccount.com";

/// The fix for a workload that needs an identity.
pub(crate) const IDENTITY: &str = "give the pod a service account by Workload Identity Federation, and delete the key";

/// The users by whom a key logs in to a registry, and what the base64 of `user:password` begins with.
const REGISTRY_USERS: [(&str, &str); 2] =
    [("_json_key", "X2pzb25fa2V5O"), ("_json_key_base64", "X2pzb25fa2V5X2Jhc2U2NDo")];

/// What one text holds.
pub(crate) fn found<J>(text: &Text<'_, J>) -> Option<Found> {
    text.layers
        .iter()
        .find_map(|layer| of_registry(layer))
        .or_else(|| text.layers.iter().find_map(|layer| of_account(layer)))
}

fn of_account(text: &str) -> Option<Found> {
    // Every occurrence, as a text may hold several.
    if holds(text, "service_account") && field(text, "private_key").is_some() {
        let (email, id) = (field(text, "client_email"), field(text, "private_key_id"));
        let is_account = email.as_deref().is_some_and(|email| email.ends_with(DOMAIN));
        if is_account || id.is_some() {
            let name = shown(email.as_deref().filter(|_| is_account), id.as_deref());
            let problem =
                format!("it holds a Google service-account key{name}, which works from anywhere until it is revoked");
            return Some(GOOGLE_KEY.found(problem, IDENTITY));
        }
    }
    if holds(text, "authorized_user") && field(text, "refresh_token").is_some() {
        let problem = "it holds a refresh token, by which anybody acts as a user of Google";
        return Some(REFRESH_TOKEN.found(problem, IDENTITY));
    }
    None
}

fn of_registry(text: &str) -> Option<Found> {
    let user = field(text, "username");
    let auth = field(text, "auth");
    let is_key = |(name, encoded): &&(&str, &str)| {
        user.as_deref() == Some(name) && field(text, "password").is_some()
            || auth.as_deref().is_some_and(|auth| auth.starts_with(encoded))
    };
    let (name, _) = REGISTRY_USERS.iter().rev().find(is_key)?;
    let problem = format!("it logs in to a registry as {name}, with a Google service-account key");
    Some(REGISTRY_KEY.found(problem, "let the nodes pull as their own service account, and delete the key"))
}

/// A private key, and beside it the e-mail address of a service account.
pub(crate) fn split<'t, J: Judged>(texts: &[Text<'t, J>]) -> Option<(&'t J, Found)> {
    let has = |text: &&Text<'_, J>, part: &str| text.layers.iter().any(|layer| holds(layer, part));
    let key = texts.iter().find(|text| has(text, "PRIVATE KEY-----") && found(text).is_none())?;
    texts.iter().find(|text| has(text, DOMAIN) && found(text).is_none())?;
    let problem = "it holds a private key, and beside it stands the e-mail address of a Google service account";
    Some((key.judged, SPLIT_KEY.found(problem, IDENTITY)))
}

/// What identifies a key without giving it away.
fn shown(email: Option<&str>, id: Option<&str>) -> String {
    let is_plain = |email: &&str| {
        email.len() <= 120
            && email.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'@'))
    };
    let email = email.filter(is_plain);
    let id = id.and_then(|id| id.get(..6)).filter(|id| id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    match (email, id) {
        (Some(email), Some(id)) => format!(" ({email}, id {id}…)"),
        (Some(email), None) => format!(" ({email})"),
        (None, Some(id)) => format!(" (id {id}…)"),
        (None, None) => String::new(),
    }
}
