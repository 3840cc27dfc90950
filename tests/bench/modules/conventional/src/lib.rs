//! Containers need a read-only root filesystem: a policy as it is usually written with the SDK of Kubewarden.
//!
//! It reads the request with `ValidationRequest` and the object with the types of k8s-openapi, as the policies do that
//! come from the template of Kubewarden: <https://github.com/kubewarden/rust-policy-template>.

use k8s_openapi::api::core::v1::{EphemeralContainer, PodSpec, SecurityContext};
use kubewarden_policy_sdk::request::ValidationRequest;
use kubewarden_policy_sdk::wapc_guest::{CallResult, register_function};
use kubewarden_policy_sdk::{accept_request, protocol_version_guest, reject_request, settings, validate_settings};
use serde::{Deserialize, Serialize};

/// The policy has none.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Settings {}

impl settings::Validatable for Settings {
    fn validate(&self) -> Result<(), String> {
        Ok(())
    }
}

/// Registers the operations of a policy with the host.
#[unsafe(no_mangle)]
pub extern "C" fn wapc_init() {
    register_function("validate", validate);
    register_function("validate_settings", validate_settings::<Settings>);
    register_function("protocol_version", protocol_version_guest);
}

fn validate(payload: &[u8]) -> CallResult {
    let request: ValidationRequest<Settings> = ValidationRequest::new(payload)?;
    match request.extract_pod_spec_from_object() {
        Ok(pod) => match pod.as_ref().and_then(first_writable) {
            Some(name) => {
                reject_request(Some(format!("container {name} has a writable root filesystem")), None, None, None)
            }
            None => accept_request(),
        },
        Err(error) => reject_request(Some(error.to_string()), None, None, None),
    }
}

/// The name of the first container whose root filesystem is not read-only.
fn first_writable(pod: &PodSpec) -> Option<&str> {
    let init = pod.init_containers.iter().flatten();
    let containers = init.chain(&pod.containers).map(|container| (&container.name, &container.security_context));
    let ephemeral = pod.ephemeral_containers.iter().flatten();
    let ephemeral = ephemeral.map(|EphemeralContainer { name, security_context, .. }| (name, security_context));
    containers.chain(ephemeral).find(|(_, context)| is_writable(context.as_ref())).map(|(name, _)| name.as_str())
}

fn is_writable(context: Option<&SecurityContext>) -> bool {
    context.and_then(|context| context.read_only_root_filesystem) != Some(true)
}
