//! The built-in controllers: what they create carries a template that was judged when its owner was written.

use super::exemption::SERVICE_ACCOUNT;
use crate::request::{Operation, Request};
use crate::text::quote;

/// The user of a controller's service account, without the name.
const ACCOUNTS: &str = "system:serviceaccount:kube-system:";

/// The user of all controllers where they share one identity.
const MANAGER: &str = "system:kube-controller-manager";

/// A controller: its service account, the group and kind of what it creates, and those of the owner.
type Controller = (&'static str, (&'static str, &'static str), (&'static str, &'static str));

/// The controllers that create pods, and what holds templates of them.
///
/// Source: recorded requests of kube-controller-manager 1.37; Kubernetes, "Using RBAC Authorization", "Controller roles".
const CONTROLLERS: [Controller; 7] = [
    ("deployment-controller", ("apps", "ReplicaSet"), ("apps", "Deployment")),
    ("replicaset-controller", ("", "Pod"), ("apps", "ReplicaSet")),
    ("replication-controller", ("", "Pod"), ("", "ReplicationController")),
    ("statefulset-controller", ("", "Pod"), ("apps", "StatefulSet")),
    ("daemon-set-controller", ("", "Pod"), ("apps", "DaemonSet")),
    ("job-controller", ("", "Pod"), ("batch", "Job")),
    ("cronjob-controller", ("batch", "Job"), ("batch", "CronJob")),
];

/// The words for an object that a controller creates for an owner, such as `this Pod is created for ReplicaSet "web-1"`.
/// Controllers of any kind have a service account, which a person who copies a Pod with its owner has not.
pub(crate) fn created_for(request: &Request<'_>) -> Option<String> {
    let is_controller = request.user == MANAGER || request.user.starts_with(SERVICE_ACCOUNT);
    let (owner, name) =
        request.owner().filter(|(_, name)| is_controller && is_creation(request) && !name.is_empty())?;
    Some(["this ", request.kind.kind, " is created for ", owner.kind, " ", &quote(name).to_string()].concat())
}

/// Returns `true` if the request creates the object itself, not a subresource.
fn is_creation(request: &Request<'_>) -> bool {
    request.operation == Operation::Create && request.sub_resource.is_empty()
}

/// Returns `true` if a built-in controller makes the request, and creates the object for an owner. The API server
/// authenticates the user, so that nobody who only writes manifests can look like one.
pub(crate) fn is_of_controller(request: &Request<'_>) -> bool {
    let Some((of, _)) = request.owner().filter(|_| is_creation(request)) else { return false };
    let account = request.user.strip_prefix(ACCOUNTS);
    CONTROLLERS.iter().any(|(name, created, owner)| {
        (account == Some(*name) || request.user == MANAGER)
            && *created == (request.kind.group, request.kind.kind)
            && *owner == (of.group, of.kind)
    })
}
