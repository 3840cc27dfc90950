//! The built-in kinds: their resource names and scopes.

use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope, Resource};

/// The facts about a kind, as in the API server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// The resource in the plural, such as `deployments`.
    pub resource: String,
    /// `true` if its objects live in a namespace.
    pub namespaced: bool,
}

/// `true` if a scope type means a namespace.
trait Scope {
    const NAMESPACED: bool;
}

impl Scope for NamespaceResourceScope {
    const NAMESPACED: bool = true;
}

impl Scope for ClusterResourceScope {
    const NAMESPACED: bool = false;
}

/// The stable kinds that manifests hold, each as (group, kind, resource, namespaced).
macro_rules! table {
    ($($group:ident :: $version:ident: $($kind:ident)+;)+) => {
        &[$($((
            <k8s_openapi::api::$group::$version::$kind as Resource>::GROUP,
            <k8s_openapi::api::$group::$version::$kind as Resource>::KIND,
            <k8s_openapi::api::$group::$version::$kind as Resource>::URL_PATH_SEGMENT,
            <<k8s_openapi::api::$group::$version::$kind as Resource>::Scope as Scope>::NAMESPACED,
        )),+),+]
    };
}

const KINDS: &[(&str, &str, &str, bool)] = table! {
    admissionregistration::v1: MutatingWebhookConfiguration ValidatingAdmissionPolicy
        ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration;
    apps::v1: ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet;
    autoscaling::v2: HorizontalPodAutoscaler;
    batch::v1: CronJob Job;
    certificates::v1: CertificateSigningRequest;
    coordination::v1: Lease;
    core::v1: ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume PersistentVolumeClaim Pod
        PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount;
    discovery::v1: EndpointSlice;
    flowcontrol::v1: FlowSchema PriorityLevelConfiguration;
    networking::v1: Ingress IngressClass NetworkPolicy;
    node::v1: RuntimeClass;
    policy::v1: PodDisruptionBudget;
    rbac::v1: ClusterRole ClusterRoleBinding Role RoleBinding;
    scheduling::v1: PriorityClass;
    storage::v1: CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment;
};

/// Kinds that live beside the built-in API, whose types are elsewhere or irrelevant here.
const CLUSTER_SCOPED: [(&str, &str); 2] =
    [("apiextensions.k8s.io", "CustomResourceDefinition"), ("apiregistration.k8s.io", "APIService")];

/// The resource and scope of a kind.
///
/// Kinds that are not built in are taken as namespaced, with the plural that Kubernetes itself guesses.
#[must_use]
pub fn kind(group: &str, kind: &str) -> Kind {
    let known = KINDS.iter().find(|(its_group, its_kind, ..)| (*its_group, *its_kind) == (group, kind));
    known.map_or_else(
        || Kind { resource: plural(kind), namespaced: !CLUSTER_SCOPED.contains(&(group, kind)) },
        |(_, _, resource, namespaced)| Kind { resource: (*resource).to_owned(), namespaced: *namespaced },
    )
}

/// Returns `true` if every cluster has the kind.
#[must_use]
pub fn is_built_in(group: &str, kind: &str) -> bool {
    let mut known = KINDS.iter().map(|(group, kind, ..)| (*group, *kind)).chain(CLUSTER_SCOPED);
    known.any(|known| known == (group, kind))
}

/// The names that the resource of a kind may have: one for a built-in kind; of others, the plural that Kubernetes guesses
/// and the regular one, since `Gateway` has `gateways`.
#[must_use]
pub fn plurals(group: &str, kind: &str) -> Vec<String> {
    let mut names = vec![self::kind(group, kind).resource];
    if !KINDS.iter().any(|(its_group, its_kind, ..)| (*its_group, *its_kind) == (group, kind)) {
        names.push(format!("{}s", kind.to_lowercase()));
    }
    names
}

/// The plural of a kind, as `UnsafeGuessKindToResource` of the API machinery forms it.
fn plural(kind: &str) -> String {
    let singular = kind.to_lowercase();
    if singular.ends_with('s') {
        format!("{singular}es")
    } else if let Some(stem) = singular.strip_suffix('y') {
        format!("{stem}ies")
    } else {
        format!("{singular}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(group: &str, name: &str) -> (String, bool) {
        let kind = kind(group, name);
        (kind.resource, kind.namespaced)
    }

    #[test]
    fn built_in_kinds_have_their_own_names_and_scopes() {
        assert_eq!(resource("apps", "Deployment"), ("deployments".to_owned(), true));
        assert_eq!(resource("", "Endpoints"), ("endpoints".to_owned(), true));
        assert_eq!(resource("", "Namespace"), ("namespaces".to_owned(), false));
        assert_eq!(resource("rbac.authorization.k8s.io", "ClusterRole"), ("clusterroles".to_owned(), false));
    }

    #[test]
    fn a_kind_of_the_same_name_in_another_group_is_another_kind() {
        assert_eq!(resource("serving.knative.dev", "Service"), ("services".to_owned(), true));
        assert_eq!(resource("example.com", "Namespace"), ("namespaces".to_owned(), true));
    }

    #[test]
    fn other_kinds_get_the_plural_that_kubernetes_guesses() {
        for (name, guessed) in
            [("Rollout", "rollouts"), ("Gateway", "gatewaies"), ("Canary", "canaries"), ("Redis", "redises")]
        {
            assert_eq!(plural(name), guessed);
        }
        assert_eq!(
            resource("apiextensions.k8s.io", "CustomResourceDefinition"),
            ("customresourcedefinitions".to_owned(), false)
        );
    }

    #[test]
    fn the_guess_is_right_for_every_built_in_kind_but_endpoints() {
        for (_, kind, resource, _) in KINDS.iter().filter(|(_, kind, ..)| *kind != "Endpoints") {
            assert_eq!(plural(kind), *resource);
        }
    }
}
