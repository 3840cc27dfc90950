//! The errors that prevent judging.

/// An error that prevents judging.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The directory of the modules cannot be read.
    #[error(
        "{0} cannot be read: {1}; build the modules with `cargo xtask build`, or name their directory with --modules"
    )]
    Modules(String, String),
    /// The directory holds no module.
    #[error("{0} holds no module; build them with `cargo xtask build`, or name their directory with --modules")]
    NoModules(String),
    /// An entry of the catalogue cannot be read.
    #[error("{0} is not a valid description of a policy: {1}; `cargo xtask build` writes it")]
    Catalogue(String, String),
    /// A policy was named that is not there.
    #[error("unknown policy `{name}`{hint}; the policies are: {known}")]
    Unknown {
        /// As it was given.
        name: String,
        /// The nearest name, as a question.
        hint: String,
        /// All names.
        known: String,
    },
    /// A policy was chosen that inspects images.
    #[error("policy {0} inspects images; add --images registry, a directory of OCI layouts, or a session of kwctl")]
    NeedsImages(String),
    /// A policy was chosen that reads the cluster.
    #[error(
        "policy {0} reads objects of the cluster; add --cluster with their files, or --images with a session of kwctl"
    )]
    NeedsCluster(String),
    /// Two modules have the same name, so that settings cannot tell them apart.
    #[error("there are two policies `{0}`; rename the file of one of them")]
    Twice(String),
    /// A module cannot be run.
    #[error("policy {0}: {1}")]
    Module(String, String),
    /// The settings file cannot be read.
    #[error("{0}: {1}")]
    SettingsFile(String, String),
    /// A policy refused its settings.
    #[error("{0}settings of policy {1}: {2}")]
    Settings(String, String, String),
    /// Several at once, one in each line.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    All(Vec<Fault>),
    /// A custom resource cannot be read, or not be honoured.
    #[error("{0}")]
    Resource(String),
    /// There are no policies in a file or directory.
    #[error(
        "{0} defines no policy; it needs a ClusterAdmissionPolicy, an AdmissionPolicy, or a group of {group}",
        group = "policies.kubewarden.io"
    )]
    NoResources(String),
}
