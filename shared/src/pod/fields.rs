//! The fields that are read of a pod specification.

use json::Shape;

use Shape::{List, Object, Scalar};

/// The well-known node label that names the operating system.
pub(super) const OS_LABEL: &str = "kubernetes.io/os";

/// The fields of a pod specification that any policy judges.
pub(crate) const POD_SPEC: &[(&str, Shape)] = &[
    ("containers", List(&CONTAINER)),
    ("initContainers", List(&CONTAINER)),
    ("ephemeralContainers", List(&CONTAINER)),
    (
        "securityContext",
        Object(&[
            ("fsGroup", Scalar),
            ("readOnlyRootFilesystem", Scalar),
            ("runAsGroup", Scalar),
            ("runAsNonRoot", Scalar),
            ("runAsUser", Scalar),
            ("supplementalGroups", List(&Scalar)),
            ("windowsOptions", Object(&[("runAsUserName", Scalar)])),
        ]),
    ),
    ("hostPID", Scalar),
    ("hostUsers", Scalar),
    ("nodeSelector", Object(&[(OS_LABEL, Scalar)])),
    ("os", Object(&[("name", Scalar)])),
    ("restartPolicy", Scalar),
    ("shareProcessNamespace", Scalar),
    ("terminationGracePeriodSeconds", Scalar),
    ("volumes", List(&Object(&[("name", Scalar), ("image", Object(&[("reference", Scalar)]))]))),
];

/// The fields of a container that any policy judges.
const CONTAINER: Shape = Object(&[
    ("name", Scalar),
    ("image", Scalar),
    ("restartPolicy", Scalar),
    ("command", List(&Scalar)),
    ("args", List(&Scalar)),
    ("env", List(&Object(&[("name", Scalar), ("value", Scalar), ("valueFrom", Scalar)]))),
    ("envFrom", List(&Scalar)),
    ("ports", List(&Object(&[("containerPort", Scalar)]))),
    (
        "lifecycle",
        Object(&[
            ("preStop", Object(&[("exec", Object(&[("command", List(&Scalar))])), ("sleep", Scalar)])),
            ("stopSignal", Scalar),
        ]),
    ),
    (
        "securityContext",
        Object(&[
            ("readOnlyRootFilesystem", Scalar),
            ("runAsGroup", Scalar),
            ("runAsNonRoot", Scalar),
            ("runAsUser", Scalar),
            ("windowsOptions", Object(&[("runAsUserName", Scalar)])),
        ]),
    ),
]);
