//! The built-in controllers: what they create carries a template that was judged when its owner was written.

use crate::request::{Operation, Request};

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

/// Returns `true` if a built-in controller makes the request, and creates the object for an owner. The API server
/// authenticates the user, so that nobody who only writes manifests can look like one.
pub(crate) fn is_of_controller(request: &Request<'_>) -> bool {
    let Some(of) = request.owner().filter(|_| request.operation == Operation::Create) else { return false };
    let account = request.user.strip_prefix(ACCOUNTS);
    request.sub_resource.is_empty()
        && CONTROLLERS.iter().any(|(name, created, owner)| {
            (account == Some(*name) || request.user == MANAGER)
                && *created == (request.kind.group, request.kind.kind)
                && *owner == (of.group, of.kind)
        })
}
