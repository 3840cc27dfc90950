//! The metadata that `kwctl annotate` and `cargo xtask build` write into a module.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The custom section that holds the metadata of a policy as JSON.
pub(crate) const SECTION: &str = "io.kubewarden.metadata";

/// The metadata of a module: the part of Kubewarden's metadata that a host acts on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// The version of the protocol between host and module, such as `v1`.
    pub protocol_version: Option<String>,
    /// The requests that a cluster sends to the policy.
    pub rules: Vec<Rule>,
    /// Title, version, description and the like.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// `true` if the policy may change the object.
    pub mutating: bool,
    /// The objects of the cluster that the policy reads.
    #[serde(default)]
    pub context_aware_resources: Vec<Resource>,
    /// The execution mode of the module; waPC when absent.
    #[serde(default = "wapc")]
    pub execution_mode: String,
}

/// A kind of objects.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// `apiVersion`, such as `apps/v1`.
    pub api_version: String,
    /// `kind`, such as `Deployment`.
    pub kind: String,
}

/// One set of requests, as in a Kubernetes webhook configuration; `*` stands for all.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// API groups; the core group is the empty string.
    pub api_groups: Vec<String>,
    /// Versions of the API groups.
    pub api_versions: Vec<String>,
    /// Resources in the plural, with the subresource after a slash.
    pub resources: Vec<String>,
    /// `CREATE`, `UPDATE`, `DELETE`, `CONNECT`.
    pub operations: Vec<String>,
}

fn wapc() -> String {
    "kubewarden-wapc".to_owned()
}
