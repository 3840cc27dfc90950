//! The errors of the host.

use std::path::PathBuf;
use std::time::Duration;

/// The reason why a module could not be loaded, or gave no usable answer.
///
/// A policy server turns each of these into a rejection with code 500.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// The file cannot be read.
    #[error("{} cannot be read: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The message of the system.
        reason: String,
    },
    /// The bytes are not a valid WebAssembly module.
    #[error("not a WebAssembly module: {0}")]
    NotWasm(String),
    /// The module does not follow the waPC protocol, or wants imports that this host does not have.
    #[error("not a waPC module: {0}")]
    NotWapc(String),
    /// The section `io.kubewarden.metadata` is not what Kubewarden writes.
    #[error("the metadata of the module cannot be read: {0}")]
    Metadata(String),
    /// The engine could not be set up.
    #[error("the engine cannot run: {0}")]
    Engine(String),
    /// The code trapped, for example by a panic or a stack overflow.
    #[error("the module trapped: {0}; report it to its authors, or leave it out")]
    Trap(String),
    /// The code ran longer than allowed.
    #[error("the module did not answer within {} ms; report it to its authors, or leave it out", .0.as_millis())]
    Deadline(Duration),
    /// The code wanted more linear memory than allowed, in bytes.
    #[error("the module needs more memory than its limit of {} KiB", .0.div_ceil(1024))]
    Memory(usize),
    /// The module called a host capability that is not offered. Its answer, if any, does not count.
    #[error("the module called the host capability {namespace}/{operation}, {reason}")]
    HostCall {
        /// The namespace of the capability, such as `oci` or `kubernetes`.
        namespace: String,
        /// The operation, such as `v1/oci_manifest_config`.
        operation: String,
        /// The reason, such as `which is refused`.
        reason: String,
    },
    /// The module answered with an error of its own.
    #[error("the module failed: {0}")]
    Guest(String),
    /// The module answered something that is not the JSON of the protocol.
    #[error("the answer of the module cannot be read: {0}")]
    Answer(String),
}
