//! The user's credentials, as docker keeps them.

use docker_credential::DockerCredential;
use oci_client::secrets::RegistryAuth;

/// The host of Docker Hub, and the name by which docker keeps its credentials.
const DOCKER_HUB: (&str, &str) = ("index.docker.io", "https://index.docker.io/v1/");

/// The credentials for a host, by the file of docker's settings and its helpers; anonymous without any.
///
/// A helper is a program that may ask the user, and wait.
pub(super) async fn of(host: &str) -> RegistryAuth {
    let mut names = vec![host.to_owned()];
    if host == DOCKER_HUB.0 {
        names.insert(0, DOCKER_HUB.1.to_owned());
    }
    let find = move || names.iter().find_map(|name| docker_credential::get_credential(name).ok());
    match tokio::task::spawn_blocking(find).await {
        Ok(Some(DockerCredential::UsernamePassword(user, password))) => RegistryAuth::Basic(user, password),
        // As in Kubewarden, identity tokens are not supported.
        _ => RegistryAuth::Anonymous,
    }
}
