//! One registry: by which protocol it is asked, with which credentials, and for how long.

use std::io;
use std::pin::Pin;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use oci_client::Reference;
use oci_client::client::{Client, ClientConfig};
use oci_client::errors::OciDistributionError;
use oci_client::manifest::OciDescriptor;
use oci_client::secrets::RegistryAuth;
use tokio::io::AsyncWrite;
use tokio::sync::OnceCell;

use super::credentials;
use super::protocol::Protocol;
use crate::failure::Failure;
use crate::images::{MAX_BLOB, MEDIA_TYPES};

/// The name by which registries know the client.
const USER_AGENT: &str = concat!("seaworthy/", env!("CARGO_PKG_VERSION"));

/// The part of the time for an answer that a connection may take.
const CONNECTING: u32 = 2;

/// What is wanted of a registry.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wish<'w> {
    /// The digest of a manifest.
    Digest,
    /// A manifest.
    Manifest,
    /// A blob of this digest.
    Blob(&'w str),
}

/// A registry.
pub(super) struct Host {
    protocols: &'static [Protocol],
    timeout: Duration,
    credentials: OnceCell<RegistryAuth>,
    /// The client that got an answer.
    client: OnceLock<Client>,
    /// The failure of a host that gave no answer.
    silence: Mutex<Option<Failure>>,
}

impl Host {
    pub(super) fn new(name: &str, insecure: bool, timeout: Duration) -> Self {
        Self {
            protocols: Protocol::of_host(name, insecure),
            timeout,
            credentials: OnceCell::new(),
            client: OnceLock::new(),
            silence: Mutex::new(None),
        }
    }

    /// The reason why the host gave no answer, if it gave none.
    pub(super) fn silence(&self) -> Option<String> {
        let silence = self.silence.lock().unwrap_or_else(PoisonError::into_inner);
        silence.as_ref().map(Failure::reason)
    }

    /// Asks the host, unless it gave no answer before.
    pub(super) async fn ask(&self, reference: &Reference, wish: Wish<'_>) -> Result<(Vec<u8>, String), Failure> {
        if let Some(failure) = self.silence.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            return Err(failure);
        }
        let silence = match tokio::time::timeout(self.timeout, self.try_all(reference, wish)).await {
            Ok(Err(OciDistributionError::RequestError(error))) if error.is_connect() || error.is_timeout() => {
                Failure::of_client(&error)
            }
            Ok(answer) => return answer.map_err(|error| Failure::of_client(&error)),
            Err(_) => {
                let seconds = self.timeout.as_secs();
                Failure::of_registry(format!("no answer within {seconds} s"))
            }
        };
        Err(self.silence.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(silence).clone())
    }

    /// Asks by the protocol that works, which is found out by the first question.
    async fn try_all(&self, reference: &Reference, wish: Wish<'_>) -> Result<(Vec<u8>, String), OciDistributionError> {
        let registry = reference.resolve_registry();
        let credentials = self.credentials.get_or_init(|| credentials::of(registry)).await;
        if let Some(client) = self.client.get() {
            return get(client, reference, credentials, wish).await;
        }
        let mut unreachable = None;
        for protocol in self.protocols {
            let timeout = self.timeout.checked_div(CONNECTING);
            let config = ClientConfig { user_agent: USER_AGENT, connect_timeout: timeout, ..protocol.config() };
            let client = Client::try_from(config)?;
            match get(&client, reference, credentials, wish).await {
                Err(OciDistributionError::RequestError(error)) => {
                    // The first is that of the protocol that should work.
                    unreachable.get_or_insert(error);
                }
                answer => {
                    let _ = self.client.set(client);
                    return answer;
                }
            }
        }
        Err(unreachable.map_or(OciDistributionError::GenericError(None), OciDistributionError::RequestError))
    }
}

async fn get(
    client: &Client,
    reference: &Reference,
    credentials: &RegistryAuth,
    wish: Wish<'_>,
) -> Result<(Vec<u8>, String), OciDistributionError> {
    match wish {
        Wish::Digest => {
            let digest = client.fetch_manifest_digest(reference, credentials).await?;
            Ok((Vec::new(), digest))
        }
        Wish::Manifest => {
            let (bytes, digest) = client.pull_manifest_raw(reference, credentials, &MEDIA_TYPES).await?;
            Ok((bytes.to_vec(), digest))
        }
        Wish::Blob(digest) => {
            client.store_auth_if_needed(reference.resolve_registry(), credentials).await;
            let mut content = Bounded(Vec::new());
            let blob = OciDescriptor { digest: digest.to_owned(), ..OciDescriptor::default() };
            client.pull_blob(reference, &blob, &mut content).await?;
            Ok((content.0, digest.to_owned()))
        }
    }
}

/// Takes as many bytes as a blob may have.
struct Bounded(Vec<u8>);

impl AsyncWrite for Bounded {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.0.len().saturating_add(bytes.len()) as u64 > MAX_BLOB {
            return Poll::Ready(Err(io::Error::other(format!("the blob is larger than {MAX_BLOB} bytes"))));
        }
        self.0.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
