//! Kinds of objects: those that hold pods, and those that a policy judges as they are.

/// A kind of the Kubernetes API, without its version: versions are converted by the API server and never differ in
/// where the pod template stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupKind<'a> {
    /// The group; empty for the core group.
    pub group: &'a str,
    /// The name.
    pub kind: &'a str,
}

impl GroupKind<'_> {
    /// The kind of the core API, if it is one that holds a pod specification.
    pub(crate) fn known(self) -> Option<&'static Kind> {
        let mut kinds = KINDS.iter().chain([&EPHEMERAL_CONTAINERS]);
        kinds.find(|known| (known.group, known.name) == (self.group, self.kind))
    }
}

/// A kind of the core API that holds a pod specification.
#[derive(Debug)]
pub struct Kind {
    /// The group; empty for the core group.
    pub group: &'static str,
    /// The name.
    pub name: &'static str,
    /// The path of the pod specification; empty where it is the object itself.
    pub path: &'static str,
}

/// The kinds of the core API that hold a pod specification.
///
/// Source: Kubernetes API reference, "Workload resources".
pub const KINDS: [Kind; 9] = [
    Kind { group: "", name: "Pod", path: "spec" },
    Kind { group: "", name: "PodTemplate", path: "template.spec" },
    Kind { group: "", name: "ReplicationController", path: "spec.template.spec" },
    Kind { group: "apps", name: "DaemonSet", path: "spec.template.spec" },
    Kind { group: "apps", name: "Deployment", path: "spec.template.spec" },
    Kind { group: "apps", name: "ReplicaSet", path: "spec.template.spec" },
    Kind { group: "apps", name: "StatefulSet", path: "spec.template.spec" },
    Kind { group: "batch", name: "CronJob", path: "spec.jobTemplate.spec.template.spec" },
    Kind { group: "batch", name: "Job", path: "spec.template.spec" },
];

/// The object that the subresource `ephemeralcontainers` of a Pod received before Kubernetes 1.22: the ephemeral containers alone.
///
/// Source: kubernetes#101034, "Switch alpha Pod ephemeralcontainers API to use Pod kind".
const EPHEMERAL_CONTAINERS: Kind = Kind { group: "", name: "EphemeralContainers", path: "" };

/// The objects that a policy judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds {
    /// Pods, and what holds a template of one.
    pub workloads: bool,
    /// Objects of these kinds, as they are.
    pub objects: &'static [Resource],
}

impl Kinds {
    /// Pods, and what holds a template of one.
    pub const WORKLOADS: Self = Self { workloads: true, objects: &[] };

    /// Returns `true` if objects of this kind are judged as they are.
    pub(crate) fn has(&self, kind: GroupKind<'_>) -> bool {
        self.objects.iter().any(|object| (object.group, object.kind) == (kind.group, kind.kind))
    }
}

/// A kind of object and its resource. Source: Kubernetes API conventions, "Types (Kinds)" and "Resources".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The version, such as `v1`.
    pub version: &'static str,
    /// The kind, such as `Secret`.
    pub kind: &'static str,
    /// The resource, such as `secrets`.
    pub plural: &'static str,
}
