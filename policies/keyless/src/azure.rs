//! Client secrets of Azure. Sources: Azure SDK, `EnvironmentCredential`; Kubernetes, `azure.json` of the cloud provider; Azure CLI,
//! `az ad sp create-for-rbac`.

use shared::place::Judged;
use shared::prelude::*;

use crate::AZURE_SECRET;
use crate::texts::{Text, field};

/// The names under which a secret, its client and its tenant stand together: as fields of one text, or as keys.
const NAMES: [[&str; 3]; 5] = [
    ["AZURE_CLIENT_SECRET", "AZURE_CLIENT_ID", "AZURE_TENANT_ID"],
    ["ARM_CLIENT_SECRET", "ARM_CLIENT_ID", "ARM_TENANT_ID"],
    ["aadClientSecret", "aadClientId", "tenantId"],
    ["clientSecret", "clientId", "tenantId"],
    ["password", "appId", "tenant"],
];

/// A client secret beside its client and its tenant.
pub(crate) fn found<'t, J: Judged>(texts: &[Text<'t, J>]) -> Option<(&'t J, Found)> {
    let problem = "it holds a client secret of Azure, which works from anywhere until it expires";
    let found = || {
        AZURE_SECRET.found(problem, "give the pod an identity by Microsoft Entra Workload ID, and delete the secret")
    };
    let is_set = |text: &Text<'_, J>| text.layers.first().is_some_and(|layer| !layer.trim().is_empty());
    for names in NAMES {
        let whole = |text: &&Text<'_, J>| {
            text.layers
                .iter()
                .any(|layer| names.iter().all(|name| field(layer, name).is_some() || assigned(layer, name)))
        };
        if let Some(text) = texts.iter().find(whole) {
            return Some((text.judged, found()));
        }
        let keyed = |name: &str| texts.iter().find(|text| text.name() == name && is_set(text));
        let [secret, others @ ..] = names;
        if let Some(text) = keyed(secret).filter(|_| others.iter().all(|name| keyed(name).is_some())) {
            return Some((text.judged, found()));
        }
    }
    None
}

/// `NAME=value` on a line of its own.
fn assigned(text: &str, name: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim().strip_prefix("export ").unwrap_or(line.trim());
        line.split_once('=').is_some_and(|(left, value)| left.trim() == name && !value.trim().is_empty())
    })
}
