//! The AdmissionRequest that the API server sends for an object.

use std::str::FromStr;

use serde_json::{Value, json};

use crate::kinds;

/// The operation on an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// It is made.
    Create,
    /// It takes the place of an older one.
    Update,
    /// It is removed.
    Delete,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Create, Self::Update, Self::Delete];

    /// Its name in an AdmissionRequest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }

    /// The kind of the options that come with it.
    fn options(self) -> &'static str {
        match self {
            Self::Create => "CreateOptions",
            Self::Update => "UpdateOptions",
            Self::Delete => "DeleteOptions",
        }
    }
}

impl FromStr for Operation {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|operation| operation.name() == name);
        known.ok_or_else(|| format!("`{name}` is not an operation on an object"))
    }
}

/// The parts of an AdmissionRequest.
#[derive(Debug, Clone, PartialEq)]
pub struct AdmissionRequest {
    /// The operation.
    pub operation: Operation,
    /// `apiVersion` of the object, such as `apps/v1`.
    pub api_version: String,
    /// `kind` of the object, such as `Deployment`.
    pub kind: String,
    /// The name of the object; empty when the server is to generate it.
    pub name: String,
    /// The namespace of the object; empty when it has none.
    pub namespace: String,
    /// The requester: `userInfo`.
    pub user: Value,
    /// The object; null when it is removed.
    pub object: Value,
    /// The object before; null when there is none.
    pub old_object: Value,
    /// `true` if nothing is to be stored.
    pub dry_run: bool,
}

impl AdmissionRequest {
    /// The request as the server writes it.
    #[must_use]
    pub fn into_json(self) -> Value {
        let Self { operation, api_version, kind, name, namespace, user, object, old_object, dry_run } = self;
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", &api_version));
        let resource = kinds::kind(group, &kind).resource;
        let kind = json!({"group": group, "version": version, "kind": kind});
        let resource = json!({"group": group, "version": version, "resource": resource});
        let mut request = json!({
            "uid": "00000000-0000-0000-0000-000000000000",
            "kind": kind,
            "resource": resource,
            "requestKind": kind,
            "requestResource": resource,
            "name": name,
            "namespace": namespace,
            "operation": operation.name(),
            "userInfo": user,
            "dryRun": dry_run,
            "options": {"apiVersion": "meta.k8s.io/v1", "kind": operation.options()},
        });
        if let Value::Object(fields) = &mut request {
            // Moved, where `json!` would copy them.
            fields.extend([("object".to_owned(), object), ("oldObject".to_owned(), old_object)]);
        }
        request
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_known_by_their_names() {
        for operation in Operation::ALL {
            assert_eq!(operation.name().parse(), Ok(operation));
        }
        assert_eq!("CONNECT".parse::<Operation>(), Err("`CONNECT` is not an operation on an object".to_owned()));
    }
}
